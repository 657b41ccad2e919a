//! End-to-end tests with a real gopls and real editors.
//!
//!     cargo xtask parts
//!     cargo test -p goplswatch --features real-parts --test real
//!
//! `parts` finds what was installed, `scratch` makes a small world, `editors` and `session` put a gopls
//! into it, `watch` runs the goplswatch under test. `harness` proves those without goplswatch.
//! Other gopls may run on the machine: every assertion is about pids and folders of its own test.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod agent;
mod calm;
mod causes;
mod editors;
mod harness;
mod loads;
mod parts;
mod procs;
mod records;
mod scratch;
mod session;
mod watch;
