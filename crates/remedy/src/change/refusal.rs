//! Why something is not done.

use goplswatch_core::message::{Message, Part};

/// Why something is not done. Nothing was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands in the way, as a fragment that begins lowercase.
    pub why: Part,
    /// What to do instead, line by line.
    pub instead: Vec<Message>,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<Part>, instead: Message) -> Self {
        Self { why: why.into(), instead: vec![instead] }
    }
}
