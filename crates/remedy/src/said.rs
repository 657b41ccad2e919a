//! Messages in plans and receipts: construction and (de)serialization.
//!
//! Plain text that an earlier version wrote is written back as plain text, because the hash of its
//! plan covers it. A message that another version wrote and this one does not know is represented
//! by its name.

use goplswatch_core::message::{Count, Message, MessageText, SharedMessage, Verbatim};
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use serde_json::Value;

/// Foreign text, shown as it is.
pub(crate) fn verbatim(words: &(impl ToString + ?Sized)) -> Verbatim {
    Verbatim(words.to_string())
}

/// A path, shown as it is.
pub(crate) fn path(path: &std::path::Path) -> Verbatim {
    Verbatim(path.display().to_string())
}

pub(crate) fn count(n: impl Into<u64>) -> Count {
    Count::new(n.into())
}

/// A `usize` as a count, such as the length of a list.
pub(crate) fn number(n: usize) -> Count {
    Count::new(n as u64)
}

/// Foreign text as a part of a message.
pub(crate) fn part(words: &(impl ToString + ?Sized)) -> SharedMessage {
    SharedMessage::new(Message::reported(words.to_string()))
}

/// Text as messages, one per line.
pub(crate) fn lines(text: &str) -> Vec<Message> {
    text.split('\n').map(Message::reported).collect()
}

/// Joins messages pairwise with `between`, from the left; `None` if there are none.
pub(crate) fn joined(
    all: impl IntoIterator<Item = Message>,
    between: fn(SharedMessage, SharedMessage) -> Message,
) -> Option<Message> {
    all.into_iter().reduce(|first, then| between(SharedMessage::new(first), SharedMessage::new(then)))
}

fn of_json<E: serde::de::Error>(value: &Value) -> Result<MessageText, E> {
    MessageText::deserialize(value).or_else(|error| match value.get("message").and_then(Value::as_str) {
        Some(name) => Ok(Message::Recorded { text: verbatim(name) }.into()),
        None => Err(E::custom(error)),
    })
}

/// For serde: a required message.
pub(crate) fn write<S: Serializer>(said: &MessageText, to: S) -> Result<S::Ok, S::Error> {
    match &*said.message {
        Message::Recorded { text } if said.text.is_empty() => to.serialize_str(&text.0),
        _ => said.serialize(to),
    }
}

/// The inverse of [`write()`].
pub(crate) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<MessageText, D::Error> {
    of_json(&Value::deserialize(from)?)
}

/// For serde: an optional message; none is written as the empty string.
pub(crate) fn write_or_nothing<S: Serializer>(said: &Option<MessageText>, to: S) -> Result<S::Ok, S::Error> {
    match said {
        Some(said) => write(said, to),
        None => to.serialize_str(""),
    }
}

/// The inverse of [`write_or_nothing`].
pub(crate) fn read_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<MessageText>, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) if text.is_empty() => Ok(None),
        value => of_json(&value).map(Some),
    }
}

/// For serde: reads a list of messages.
pub(crate) fn read_each<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<MessageText>, D::Error> {
    Vec::<Value>::deserialize(from)?.iter().map(of_json).collect()
}

/// The JSON schema of an optional message.
#[cfg(feature = "testing")]
pub(crate) fn schema_or_nothing(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let said = generator.subschema_for::<MessageText>();
    schemars::json_schema!({ "anyOf": [said, { "const": "" }] })
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Messages {
        #[serde(serialize_with = "write", deserialize_with = "read")]
        one: MessageText,
        #[serde(serialize_with = "write_or_nothing", deserialize_with = "read_or_nothing")]
        other: Option<MessageText>,
        #[serde(deserialize_with = "read_each")]
        more: Vec<MessageText>,
    }

    #[test]
    fn what_another_version_wrote_is_read_and_written_as_it_was() {
        let old = r#"{"one":"Write it","other":"","more":[]}"#;
        let read: Messages = serde_json::from_str(old).unwrap();
        assert_eq!((&*read.one.message, &read.other), (&Message::Recorded { text: verbatim("Write it") }, &None));
        assert_eq!(serde_json::to_string(&read).unwrap(), old);

        let new =
            r#"{"one":{"message":"did-done","args":{}},"other":"x","more":[{"message":"of-tomorrow","args":{}}]}"#;
        let read: Messages = serde_json::from_str(new).unwrap();
        assert_eq!(*read.one.message, Message::DidDone);
        assert_eq!(*read.more[0].message, Message::Recorded { text: verbatim("of-tomorrow") });
        for wrong in [r#"{"one":7,"other":"","more":[]}"#, r#"{"one":{"args":{}},"other":"","more":[]}"#] {
            assert!(serde_json::from_str::<Messages>(wrong).is_err(), "{wrong}");
        }
    }
}
