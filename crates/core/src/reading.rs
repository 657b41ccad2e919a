//! A value that the platform may not provide, and how JSON tells the value from the reason for its
//! absence.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};

use crate::message::MessageText;

/// A value read from the platform. An unknown value is data with a reason, never an error or a
/// guess.
///
/// In JSON a known value is written as itself, and an unknown one as `{"unknown": …}` with a
/// message; up to schema 4 it held a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Reading<T> {
    /// The value could not be read.
    Unknown {
        /// The reason, as a fragment that fits after "unknown: ".
        unknown: Box<MessageText>,
    },
    /// The value.
    Known(T),
}

impl<T> Reading<T> {
    /// An unknown value with its reason.
    pub fn unknown(why: impl Into<MessageText>) -> Self {
        Self::Unknown { unknown: Box::new(why.into()) }
    }

    /// Converts a known value and keeps the reason of an unknown one.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Known(known) => Reading::Known(value(known)),
            Self::Unknown { unknown } => Reading::Unknown { unknown },
        }
    }

    /// Visits the reason, so that it can be rendered as text.
    pub fn each_message(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        if let Self::Unknown { unknown } = self {
            each(unknown);
        }
    }

    /// The value if it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown { .. } => None,
        }
    }
}

/// Written by hand: the code that `untagged` derives first copies every value and then tries one
/// form after the other, and half of a recording consists of readings. A value that is a map is
/// distinguished from a reason by its first key, since `unknown` is the only key that is written
/// for a reason.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Reading<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ReadingVisitor(PhantomData))
    }
}

struct ReadingVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ReadingVisitor<T> {
    type Value = Reading<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or a map with the key `unknown`")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Self::Value, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(values)).map(Reading::Known)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(first) = map.next_key::<Cow<'de, str>>()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        if first != "unknown" {
            return T::deserialize(MapAccessDeserializer::new(PeekedMap { first: Some(first), rest: map }))
                .map(Reading::Known);
        }
        let unknown = map.next_value()?;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Reading::Unknown { unknown })
    }
}

/// A map whose first key has already been read.
struct PeekedMap<'de, A> {
    first: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for PeekedMap<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(CowStrDeserializer::new(first)).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Message, Verbatim};
    use crate::types::ProcessKey;

    fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Option<Reading<T>> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_reading_is_its_value_or_a_reason() {
        assert_eq!(read(r#""/w/api""#), Some(Reading::Known("/w/api".to_owned())));
        assert_eq!(read(r#""a\"b\u00e9""#), Some(Reading::Known("a\"b\u{e9}".to_owned())));
        assert_eq!(read("true"), Some(Reading::Known(true)));
        assert_eq!(read("18446744073709551615"), Some(Reading::Known(u64::MAX)));
        assert_eq!(read("-7"), Some(Reading::Known(-7i64)));
        assert_eq!(read("[1,2]"), Some(Reading::Known(vec![1u8, 2])));
        assert_eq!(read(r#"{"pid":7,"start":9}"#), Some(Reading::Known(ProcessKey::new(7, 9))));
        let gone = Message::Recorded { text: Verbatim("gone".to_owned()) };
        assert_eq!(read::<ProcessKey>(r#"{"unknown":"gone"}"#), Some(Reading::unknown(gone.clone())));
        assert_eq!(read::<u64>(r#"{"unknown":"gone","more":[1]}"#), Some(Reading::unknown(gone)));
        let ended = r#"{"unknown":{"message":"has-ended","args":{}}}"#;
        assert_eq!(read::<u64>(ended), Some(Reading::unknown(Message::HasEnded)));
        // As an earlier or a later version recorded it: without a text.
        let unread = r#"{"unknown":{"message":"not-of-this-version","args":{"path":"/w"}}}"#;
        let name = Message::Recorded { text: Verbatim("not-of-this-version".to_owned()) };
        assert_eq!(read::<u64>(unread), Some(Reading::unknown(name)));
        for wrong in ["null", "{}", r#"{"pid":7}"#, r#"{"unknown":7}"#, "1.5", r#"{"unknown":"a""#] {
            assert_eq!(read::<ProcessKey>(wrong), None, "{wrong}");
        }
        assert_eq!(read::<u64>("-1"), None);
        assert_eq!(read::<bool>(r#""true""#), None);
    }

    #[test]
    fn a_reading_reads_back() {
        for reading in [Reading::Known(ProcessKey::new(1, 2)), Reading::unknown("its \"parent\" has ended")] {
            let json = serde_json::to_string(&reading).unwrap();
            assert_eq!(read(&json), Some(reading));
        }
    }
}
