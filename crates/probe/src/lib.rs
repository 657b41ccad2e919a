//! Reads the world: processes, their ends, what they use.
//!
//! Theory of operation: [`World`] is the seam to the system, one implementation per system behind it. [`Watcher`]
//! stands above it, the same on all of them: it scans, classifies by the `gopls` room's rules, attributes, and turns
//! what changed into facts for the engine. It decides nothing about health. [`Process`] is one process held so that a
//! signal reaches it and no other: the only thing here that can change the world, and only `remedy` uses it.

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
