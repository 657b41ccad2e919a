//! Observes processes on the local machine: which run, how they end and what they use.
//!
//! Theory of operation: [`World`] is the interface to the operating system, with one implementation
//! per platform. [`Watcher`] is built on top of it and is the same on every platform. It scans the
//! process table, classifies processes by the rules of the `gopls` crate, attributes servers to
//! clients, and turns changes into observations for the engine. It makes no decisions about health.
//! [`Process`] is a handle to one process through which a signal reaches that process and no other.
//! It is the only type in this crate that can change the state of the machine, and only `remedy`
//! uses it.

mod aside;
pub mod canary;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
pub mod procargs;
pub mod process;
pub mod replay;
pub mod scripted;
pub mod wait_status;
mod watcher;
pub mod world;
pub mod xnu;

#[cfg(target_os = "linux")]
pub use linux::{LinuxWorld as SystemWorld, Process, calm_thread, file_events, peer_uid};
#[cfg(target_os = "macos")]
pub use macos::{MacWorld as SystemWorld, Process, calm_thread, file_events, peer_uid};
pub use watcher::{Observed, Options, Watcher};
pub use world::World;
