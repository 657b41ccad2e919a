//! Integration tests of the executable: as a command, as an agent, and in `real` with real editors,
//! desktops and disks.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too, and may wait"
)]

mod agent;
mod clients;
mod config;
mod doctor;
mod file_events;
mod fix;
mod language;
mod menu;
mod night;
mod program;
mod real;
mod service;
mod support;
