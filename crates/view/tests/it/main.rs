//! Tests of what is shown for a state.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod any_name;
mod any_snapshot;
mod catalogue;
mod each_in_pseudo;
mod pseudo;
mod recorded;
mod stories;
mod support;
