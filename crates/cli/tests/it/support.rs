//! Support code shared by the tests of the executable.

pub(crate) mod agent;
pub(crate) mod stage;
