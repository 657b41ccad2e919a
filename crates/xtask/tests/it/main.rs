//! Tests of the repository as a whole.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod generated;
mod imports;
mod tidy;
