//! What the tests and benchmarks of several crates share: how they wait, what they say when a machine cannot show
//! something, files that are made from their sources, a desktop to stand on, and the sheet of a benchmark's figures with
//! the yardsticks beside them.
//!
//! It knows none of our other crates, so that each of them may test with it, and it is never part of the program.

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
