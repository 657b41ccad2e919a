//! The reason why a change is not carried out.

use goplswatch_core::message::{Message, SharedMessage};

/// The reason why something is not done. Nothing was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, as a fragment that begins lowercase.
    pub why: SharedMessage,
    /// What to do instead, line by line.
    pub instead: Vec<Message>,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<SharedMessage>, instead: Message) -> Self {
        Self { why: why.into(), instead: vec![instead] }
    }
}
