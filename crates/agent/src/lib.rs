//! The agent: what the `agent` command of the executable runs, and the client library with which
//! the other commands talk to a running agent.
//!
//! Theory of operation. One thread owns the engine, and no other thread touches it. It waits for an
//! observation from the platform, for a request, or for the wake-up time that the engine asked for,
//! whichever comes first. Each input is numbered, recorded on disk, judged by the engine, and
//! reported, in this order ([`live`]). Then the whole externally visible state is published at once
//! ([`owner`]). A second thread does everything that faces outward: the socket, signals, and the
//! detection of lost file events. It only reads the published state and the history on disk, and
//! puts requests into a single queue. A third one looks for changes of the config file. The main
//! thread is left to the surface; without a surface it only waits.
//!
//! Every failure is contained where it occurs, reported as the state of a capability, and retried
//! with growing backoff.
//!
//! Deliberately absent: a second writer of anything, and a lock around the engine. Paths are passed
//! in; nothing is read from the environment. Nothing is printed except the lines of the log, if the
//! agent runs in a terminal ([`log`]).

mod agent;
pub mod api;
mod budget;
pub mod bus;
pub mod client;
pub mod config;
mod file_events;
pub mod history;
pub mod live;
mod lock;
pub mod log;
mod metrics;
#[cfg(feature = "testing")]
pub mod openapi;
mod options;
mod owner;
mod page;
mod published;
mod request;
pub mod runtime;
mod server;
pub mod socket;
mod watchdog;

pub use agent::{Agent, AgentHandle, Ended, StartError};
pub use options::{Options, Paths};
pub use published::{Counts, Published};
