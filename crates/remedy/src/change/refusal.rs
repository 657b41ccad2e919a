//! Why something is not done.

use goplswatch_core::message::Message;

/// Why something is not done. Nothing was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands in the way, as a fragment that begins lowercase.
    pub why: Message,
    /// What to do instead, line by line.
    pub instead: Vec<Message>,
}

impl Refusal {
    pub(crate) fn new(why: Message, instead: Message) -> Self {
        Self { why, instead: vec![instead] }
    }
}
