//! What the tests of the executable share.

pub(crate) mod agent;
pub(crate) mod stage;
