//! What is seen of processes: the watcher above a world written by hand, and the contract of every system's world, tried
//! on the system that runs the tests. What needs root stands in `real`.

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
