//! What the tests and benchmarks of several crates share: waiting, reporting what a machine cannot
//! test, checked-in generated files, a desktop, and the figures of a benchmark with the reference
//! workloads that they are compared with.
//!
//! It depends on none of our other crates, so that each of them can use it in tests, and it is
//! never part of the program.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test waits, speaks, and fails by panicking, in its helpers too"
)]

mod checked_in;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod figures;
mod names;
mod not_shown;
#[cfg(target_os = "linux")]
mod own_table;
mod plain;
mod role;
mod wait;
pub mod yardstick;

pub use checked_in::checked_in;
pub use names::odd_names;
pub use not_shown::not_shown;
#[cfg(target_os = "linux")]
pub use own_table::own_process_table;
pub use plain::plain_words;
pub use role::role;
pub use wait::{DEADLINE, wait_for, wait_until};
