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
#[cfg(target_os = "linux")]
#[path = "../../../tray/tests/support/bus.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with tests that use the rest")]
mod bus;
mod calm;
mod causes;
#[cfg(target_os = "linux")]
mod desktop;
mod editors;
mod harness;
mod loads;
#[cfg(target_os = "linux")]
#[path = "../../../tray/tests/support/notifications.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with tests that use the rest")]
mod notifications;
#[cfg(target_os = "linux")]
#[path = "../../../tray/tests/support/panel.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with tests that use the rest")]
mod panel;
mod parts;
#[cfg(target_os = "linux")]
mod pressure;
mod procs;
mod records;
mod scratch;
mod session;
mod settings;
#[cfg(target_os = "linux")]
mod silent_mount;
/// What the shared desktop wants to know of whoever tests with it.
#[cfg(target_os = "linux")]
mod surface {
    pub(crate) const SOON: std::time::Duration = std::time::Duration::from_secs(30);
}
mod watch;
