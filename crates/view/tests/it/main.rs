//! What is shown of a state.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod any_snapshot;
mod stories;
mod support;
