//! End-to-end tests with a real gopls and real editors.
//!
//!     cargo xtask parts
//!     cargo test -p goplswatch --features real-parts --test real
//!
//! `parts` finds what was installed, `scratch` makes a small world, `editors` and `session` put a gopls
//! into it, `watch` runs the goplswatch under test. `harness` proves those without goplswatch.
//! Other gopls may run on the machine: every assertion is about pids and folders of its own test.

mod editors;
mod harness;
mod parts;
mod procs;
mod scratch;
mod session;
