//! Tests of how processes are observed: the watcher on the scripted platform, and the contract of
//! the platform interface, tested on the system that runs the tests. Tests that need root are in
//! `real`.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too, and may wait"
)]

mod contract;
mod contract_macos;
mod gauges;
mod measurements;
mod no_descriptors;
mod process;
mod real;
mod watcher;
