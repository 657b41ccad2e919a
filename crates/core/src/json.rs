//! Reading and writing the types that cross crates as JSON.
//!
//! serde's code for a type is compiled in every crate that asks serde_json for it. For the types
//! below and those of a recording, which are most of what the program reads and writes, that made
//! up a fifth of the binary's code. This crate therefore compiles it once, in functions that are
//! not generic.
//!
//! Names from outside may hold characters that a terminal obeys or a reader does not see. They are
//! escaped (`\u202e`), so that JSON on a terminal or in a log is what it looks like.

use std::io;

use serde::Serialize;
use serde_json::Result;
use serde_json::ser::{Formatter, Serializer};

use crate::clean::is_hidden;
use crate::engine::{Snapshot, State};
use crate::event::Line;
use crate::input::{Input, UserCommand};

/// A type that can be read from JSON.
pub trait FromJson: Sized {
    /// Reads one value from all of these bytes.
    ///
    /// # Errors
    /// If they are not JSON, or not of this type.
    fn from_json(json: &[u8]) -> Result<Self>;
}

/// A type that can be written as JSON.
pub trait ToJson {
    /// The value as compact JSON.
    ///
    /// # Errors
    /// Only if a value cannot be represented as JSON, which cannot happen with the types of this
    /// crate.
    fn to_json(&self) -> Result<Vec<u8>>;
}

/// The value as compact JSON, for a type that is written in one place only.
///
/// # Errors
/// As for [`ToJson::to_json`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut json = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut json, Escaping))?;
    Ok(json)
}

/// Like [`to_vec`], as text.
///
/// # Errors
/// As for [`ToJson::to_json`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    to_vec(value).map(|json| String::from_utf8_lossy(&json).into_owned())
}

/// Compact JSON with hidden characters escaped.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, to: &mut W, fragment: &str) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        // serde_json escapes what is below U+0020.
        if fragment.is_ascii() && memchr::memchr(0x7f, bytes).is_none() {
            return to.write_all(bytes);
        }
        let mut rest = 0;
        for (at, hidden) in fragment.char_indices().filter(|(_, c)| is_hidden(*c)) {
            to.write_all(&bytes[rest..at])?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(to, "\\u{unit:04x}")?;
            }
            rest = at + hidden.len_utf8();
        }
        to.write_all(&bytes[rest..])
    }
}

macro_rules! from_json {
    ($($type:ty),+) => {
        $(impl $crate::json::FromJson for $type {
            fn from_json(json: &[u8]) -> serde_json::Result<Self> {
                serde_json::from_slice(json)
            }
        })+
    };
}

macro_rules! to_json {
    ($($type:ty),+) => {
        $(impl $crate::json::ToJson for $type {
            fn to_json(&self) -> serde_json::Result<Vec<u8>> {
                $crate::json::to_vec(self)
            }
        })+
    };
}

pub(crate) use {from_json, to_json};

from_json!(Input, UserCommand, Line, Snapshot, State);
to_json!(Input, UserCommand, Line, Snapshot, serde_json::Value);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let json = to_string("a\u{1b}[2J\u{7f}\u{9b}\u{202e}b\u{e0041}é👩‍💻").unwrap();
        assert_eq!(json, r#""a\u001b[2J\u007f\u009b\u202eb\udb40\udc41é👩‍💻""#);
    }

    proptest! {
        #[test]
        fn it_is_read_back_as_it_was(text: String) {
            let json = to_string(&text).unwrap();
            prop_assert!(!json.contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
