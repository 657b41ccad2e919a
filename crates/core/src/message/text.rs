//! A message with its text, and the form of both in JSON: what is written, and what of other
//! versions can still be read.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::args::{Arg, Localizable, Measured, Verbatim};
use super::messages::{Message, SharedMessage};

impl Serialize for Arg<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Name(text) | Self::Folder(text) | Self::Verbatim(text) | Self::Text(text) => to.serialize_str(text),
            Self::Location(text) | Self::Client(text) => text.serialize(to),
            Self::Process(process) => process.serialize(to),
            Self::Amount(gauge, amount) => Measured { gauge, amount }.serialize(to),
            Self::Gauge(gauge) => to.serialize_str(gauge.word()),
            Self::Count(n)
            | Self::Number(n)
            | Self::Times(n)
            | Self::Millis(n)
            | Self::About(n)
            | Self::Bytes(n)
            | Self::Cores(n) => to.serialize_u64(n),
            Self::Message(message) => message.map(Said).serialize(to),
            Self::Help(code) => to.serialize_str(code.word()),
            Self::Deed(remedy) | Self::Undo(remedy) => to.serialize_str(remedy.word()),
            Self::Title(title) => title.serialize(to),
            Self::OfCode(words) => words.serialize(to),
            Self::Absent => to.serialize_none(),
        }
    }
}

/// The arguments of a message, as a map.
struct Args<'a>(&'a dyn Localizable);

impl Serialize for Args<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let mut result = Ok(());
        self.0.each_arg(&mut |name, arg| {
            if result.is_ok() && !matches!(arg, Arg::Absent) {
                result = map.serialize_entry(name, &arg);
            }
        });
        result?;
        map.end()
    }
}

/// A message without a text.
struct Said<'a>(&'a dyn Localizable);

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("message", self.0.name())?;
        map.serialize_entry("args", &Args(self.0))?;
        map.end()
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Said(self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        MessageText::deserialize(from).map(|said| Arc::unwrap_or_clone(said.message))
    }
}

/// A message with its text, once it is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText {
    /// The message.
    pub message: SharedMessage,
    /// The rendered text; empty in the engine's state and in recordings.
    pub text: String,
}

/// Text that a test writes by hand.
#[cfg(any(test, feature = "testing"))]
impl From<&str> for MessageText {
    fn from(words: &str) -> Self {
        Message::reported(words).into()
    }
}

impl From<Message> for MessageText {
    fn from(message: Message) -> Self {
        SharedMessage::new(message).into()
    }
}

impl From<SharedMessage> for MessageText {
    fn from(message: SharedMessage) -> Self {
        Self { message, text: String::new() }
    }
}

/// The text, if it is rendered; otherwise the message's name.
impl fmt::Display for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.message {
            _ if !self.text.is_empty() => &self.text,
            Message::Reported { words: Verbatim(words) } | Message::Recorded { text: Verbatim(words) } => words,
            message => message.name(),
        })
    }
}

impl Serialize for MessageText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("message", self.message.name())?;
        map.serialize_entry("args", &Args(&*self.message))?;
        if !self.text.is_empty() {
            map.serialize_entry("text", &self.text)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for MessageText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct SaidVisitor;

        impl<'de> Visitor<'de> for SaidVisitor {
            type Value = MessageText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a map with a message or a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<MessageText, E> {
                Ok(Message::Recorded { text: Verbatim(text.to_owned()) }.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MessageText, A::Error> {
                let (mut name, mut args, mut text) = (None::<String>, serde_json::Map::new(), None::<String>);
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match key.as_ref() {
                        "message" => name = map.next_value()?,
                        "args" => args = map.next_value()?,
                        // Up to schema 4 some texts were called `why`.
                        "text" | "why" => text = map.next_value()?,
                        _ => drop(map.next_value::<de::IgnoredAny>()?),
                    }
                }
                let message = name.as_ref().and_then(|name| Message::read(name, &mut args));
                if let Some(message) = message {
                    let message = SharedMessage::new(message);
                    return Ok(MessageText { message, text: text.unwrap_or_default() });
                }
                // Recordings hold no texts: of a message that only another version knows, its name
                // is left.
                match text.or(name) {
                    Some(text) => Ok(Message::Recorded { text: Verbatim(text) }.into()),
                    None => Err(de::Error::custom("neither a message nor a text")),
                }
            }
        }

        from.deserialize_any(SaidVisitor)
    }
}
