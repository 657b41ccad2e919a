//! What an incident can be about, and what it is known by.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::words::{ProcessKey, Seq};

/// Made of the number of the input that showed its first server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct LineageId(pub(super) Seq);

impl fmt::Display for LineageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "l{}", self.0)
    }
}

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Subject {
    /// A row of servers.
    Lineage(LineageId),
    /// One server.
    Server(ProcessKey),
    /// One load child.
    Load(ProcessKey),
    /// One fix, by the input that began it.
    Fix(Seq),
    /// The machine as a whole.
    Machine,
    /// One client, itself.
    Client(ProcessKey),
}

/// What an incident is known by while it is open.
pub(super) type Key = (Code, Subject);
