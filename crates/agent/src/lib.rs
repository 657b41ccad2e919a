//! The running thing: what the executable's `agent` command does, and the library with which commands ask it.
//!
//! Theory of operation. One thread owns the engine and nobody else touches it: it waits for the world, for a request,
//! or for the moment that the engine asked for, whichever comes first. What it takes is numbered, recorded on disk,
//! judged, and told, in this order ([`live`]); then the whole state as others may see it is published at once
//! ([`owner`]). A second thread runs everything that others do to us: the socket, signals, the config file's watch,
//! listening for lost file events. It only reads what was published, and the history on disk, and puts requests into the one queue. The main thread is
//! left to whoever shows something; without a surface it waits.
//!
//! Whatever fails is contained where it fails, said as a capability, and tried again with growing patience.
//!
//! What is deliberately absent: a second writer of anything, and a lock around the engine. Paths come in, nothing is read
//! from the environment. Nothing is printed but the lines of the log, where somebody sits before it ([`log`]).

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

pub use agent::{Agent, Desk, Ended, StartError};
pub use options::{Options, Places};
pub use published::{Counts, Published};
