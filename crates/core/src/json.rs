//! What crosses crates as JSON is read and written here.
//!
//! serde's code for a type is compiled wherever somebody asks serde_json for it, anew in each crate. For the types below,
//! which are most of what the program reads and writes, that was a fifth of its code; so their crate does it once, in
//! functions that are not generic.

use serde_json::Result;

use crate::engine::{Snapshot, State};
use crate::event::Line;
use crate::input::{Input, Intent};
use crate::recording::{Checkpoint, Header};

/// A type that reads itself from JSON.
pub trait FromJson: Sized {
    /// Reads one value from all of these bytes.
    ///
    /// # Errors
    /// If they are not JSON, or not of this type.
    fn from_json(json: &[u8]) -> Result<Self>;
}

/// A type that writes itself as JSON.
pub trait ToJson {
    /// The value as compact JSON.
    ///
    /// # Errors
    /// Only if a value cannot be JSON, which none of ours can cause.
    fn to_json(&self) -> Result<Vec<u8>>;
}

macro_rules! from_json {
    ($($type:ty),+) => {
        $(impl FromJson for $type {
            fn from_json(json: &[u8]) -> Result<Self> {
                serde_json::from_slice(json)
            }
        })+
    };
}

macro_rules! to_json {
    ($($type:ty),+) => {
        $(impl ToJson for $type {
            fn to_json(&self) -> Result<Vec<u8>> {
                serde_json::to_vec(self)
            }
        })+
    };
}

from_json!(Header, Input, Intent, Line, Snapshot, State);
to_json!(Checkpoint<'_>, Header, Input, Intent, Line, Snapshot, serde_json::Value);
