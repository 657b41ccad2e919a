//! Why something is not done.

use thiserror::Error;

/// Why something is not done. Nothing was touched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Refusal {
    /// What stands in the way, as a fragment that begins lowercase.
    pub why: String,
    /// What to do instead.
    pub instead: String,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { why: why.into(), instead: instead.into() }
    }
}
