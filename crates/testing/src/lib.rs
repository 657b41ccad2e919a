//! What the tests and benchmarks of several crates share. It knows none of our other crates, so that each of them may
//! test with it, and it is never part of the program.

#![expect(clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod checked_in;

pub use checked_in::checked_in;
