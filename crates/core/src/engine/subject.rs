//! What an incident can be about, and how it is identified.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::types::{ProcessKey, Seq};

/// The number of the input that reported the first server of a lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct LineageId(pub(super) Seq);

impl LineageId {
    /// The id as it is shown.
    pub(super) fn word(self) -> String {
        numbered("l", "", self.0)
    }
}

/// A word followed by a number. Every event contains one or two, so this avoids the cost of
/// `format!`.
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
    /// The successive servers of a client and folder.
    Lineage(LineageId),
    /// One server.
    Server(ProcessKey),
    /// One load child.
    Load(ProcessKey),
    /// One fix, by the input that began it.
    Fix(Seq),
    /// The machine as a whole.
    Machine,
    /// One client.
    Client(ProcessKey),
}

/// The key of an open incident.
pub(super) type Key = (Code, Subject);
