//! Reading and writing the types that cross crates as JSON.
//!
//! serde's code for a type is compiled in every crate that asks serde_json for it. For the types
//! below and those of a recording, which are most of what the program reads and writes, that made
//! up a fifth of the binary's code. This crate therefore compiles it once, in functions that are
//! not generic.

use serde_json::Result;

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
                serde_json::to_vec(self)
            }
        })+
    };
}

pub(crate) use {from_json, to_json};

from_json!(Input, UserCommand, Line, Snapshot, State);
to_json!(Input, UserCommand, Line, Snapshot, serde_json::Value);
