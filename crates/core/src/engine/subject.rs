//! What an incident can be about, and what it is known by.

use serde::{Deserialize, Serialize};

use crate::codes::Code;
use crate::words::{ProcessKey, Seq};

/// Made of the number of the input that showed its first server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct LineageId(pub(super) Seq);

impl LineageId {
    /// As it is told.
    pub(super) fn word(self) -> String {
        numbered("l", "", self.0)
    }
}

/// A word with a number behind it. Each event has one or two, so it is put together without `format!`.
pub(super) fn numbered(word: &str, joint: &str, number: Seq) -> String {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(number.0);
    let mut text = String::with_capacity(word.len() + joint.len() + digits.len());
    [word, joint, digits].iter().for_each(|part| text.push_str(part));
    text
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
