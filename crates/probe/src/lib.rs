//! Observes processes on the local machine: which run, how they end and what they use.
//!
//! Theory of operation: [`Platform`] is the interface to the operating system, with one implementation
//! per platform. [`Watcher`] is built on top of it and is the same on every platform. It scans the
//! process table, classifies processes by the rules of the `gopls` crate, attributes servers to
//! clients, and turns changes into observations for the engine. It makes no decisions about health.
//! [`Process`] is a handle to one process through which a signal reaches that process and no other.
//! It is the only type in this crate that can change the state of the machine, and only `remedy`
//! uses it.

mod bounded_call;
pub mod file_event_loss;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
pub mod platform;
pub mod procargs;
pub mod process;
pub mod scripted;
pub mod wait_status;
mod wall_clock;
mod watcher;
pub mod xnu;

#[cfg(target_os = "linux")]
use linux::file_events;
#[cfg(target_os = "linux")]
pub use linux::{LinuxPlatform as SystemPlatform, Process, lower_thread_priority, peer_uid};
#[cfg(target_os = "macos")]
use macos::file_events;
#[cfg(target_os = "macos")]
pub use macos::{MacPlatform as SystemPlatform, Process, lower_thread_priority, peer_uid};
pub use platform::Platform;
pub use wall_clock::wall_ms;
pub use watcher::{Options, TimedObservation, Watcher};
