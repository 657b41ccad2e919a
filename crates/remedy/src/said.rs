//! What is said, on its way into a plan or a receipt and back.
//!
//! Words that another version wrote as plain text stay that when they are written again: the hash of its plan is over
//! them. A message of another version that is not known here is said by its name.

use goplswatch_core::message::{Count, Message, Part, Said, Verbatim};
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use serde_json::Value;

/// Foreign words, to be said as they are.
pub(crate) fn verbatim(words: &(impl ToString + ?Sized)) -> Verbatim {
    Verbatim(words.to_string())
}

/// A path, to be said as it is.
pub(crate) fn path(path: &std::path::Path) -> Verbatim {
    Verbatim(path.display().to_string())
}

pub(crate) fn count(n: impl Into<u64>) -> Count {
    Count::new(n.into())
}

/// How many of a list.
pub(crate) fn number(n: usize) -> Count {
    Count::new(n as u64)
}

/// Foreign words as a part of a message.
pub(crate) fn part(words: &(impl ToString + ?Sized)) -> Part {
    Part::new(Message::reported(words.to_string()))
}

/// Text as messages, line by line.
pub(crate) fn lines(text: &str) -> Vec<Message> {
    text.split('\n').map(Message::reported).collect()
}

/// Puts messages into one, with a word between each two that comes from `between`; `None`: there are none.
pub(crate) fn joined(all: impl IntoIterator<Item = Message>, between: fn(Part, Part) -> Message) -> Option<Message> {
    all.into_iter().reduce(|first, then| between(Part::new(first), Part::new(then)))
}

fn of_json<E: serde::de::Error>(value: &Value) -> Result<Said, E> {
    Said::deserialize(value).or_else(|error| match value.get("message").and_then(Value::as_str) {
        Some(name) => Ok(Message::Recorded { text: verbatim(name) }.into()),
        None => Err(E::custom(error)),
    })
}

/// For serde: one that is always there.
pub(crate) fn write<S: Serializer>(said: &Said, to: S) -> Result<S::Ok, S::Error> {
    match &*said.message {
        Message::Recorded { text } if said.text.is_empty() => to.serialize_str(&text.0),
        _ => said.serialize(to),
    }
}

/// The way back.
pub(crate) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Said, D::Error> {
    of_json(&Value::deserialize(from)?)
}

/// For serde: one that may be missing, which is the empty text.
pub(crate) fn write_or_nothing<S: Serializer>(said: &Option<Said>, to: S) -> Result<S::Ok, S::Error> {
    match said {
        Some(said) => write(said, to),
        None => to.serialize_str(""),
    }
}

/// The way back.
pub(crate) fn read_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Said>, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) if text.is_empty() => Ok(None),
        value => of_json(&value).map(Some),
    }
}

/// For serde: several are read.
pub(crate) fn read_each<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Said>, D::Error> {
    Vec::<Value>::deserialize(from)?.iter().map(of_json).collect()
}

/// What one that may be missing looks like.
#[cfg(feature = "testing")]
pub(crate) fn schema_or_nothing(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let said = generator.subschema_for::<Said>();
    schemars::json_schema!({ "anyOf": [said, { "const": "" }] })
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Told {
        #[serde(serialize_with = "write", deserialize_with = "read")]
        one: Said,
        #[serde(serialize_with = "write_or_nothing", deserialize_with = "read_or_nothing")]
        other: Option<Said>,
        #[serde(deserialize_with = "read_each")]
        more: Vec<Said>,
    }

    #[test]
    fn what_another_version_wrote_is_read_and_written_as_it_was() {
        let old = r#"{"one":"Write it","other":"","more":[]}"#;
        let told: Told = serde_json::from_str(old).unwrap();
        assert_eq!((&*told.one.message, &told.other), (&Message::Recorded { text: verbatim("Write it") }, &None));
        assert_eq!(serde_json::to_string(&told).unwrap(), old);

        let new =
            r#"{"one":{"message":"did-done","args":{}},"other":"x","more":[{"message":"of-tomorrow","args":{}}]}"#;
        let told: Told = serde_json::from_str(new).unwrap();
        assert_eq!(*told.one.message, Message::DidDone);
        assert_eq!(*told.more[0].message, Message::Recorded { text: verbatim("of-tomorrow") });
        for wrong in [r#"{"one":7,"other":"","more":[]}"#, r#"{"one":{"args":{}},"other":"","more":[]}"#] {
            assert!(serde_json::from_str::<Told>(wrong).is_err(), "{wrong}");
        }
    }
}
