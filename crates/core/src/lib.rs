//! The domain types, the table of problem codes and the engine.
//!
//! Theory of operation: everything that is observed on the platform becomes an [`Input`] with a
//! sequence number and a timestamp. The engine is one pure function, [`step`], over one [`State`].
//! It returns [`Effect`]s: events to show, costly readings to take, and the time at which it wants
//! to be woken. It reads no clock, no file and no environment, so a recording of inputs
//! ([`recording`]) reproduces every verdict on any machine.
//!
//! Deliberately absent: names of editors (they arrive as data, together with their restart
//! policies), operating systems (signal names arrive as data too), and any I/O.
#![forbid(unsafe_code)]

// The unit tests share a stream of inputs with the benchmarks, which refer to this crate by its
// external name.
#[cfg(test)]
extern crate self as goplswatch_core;

pub mod capability;
pub mod cause;
pub mod checks;
pub mod clean;
pub mod code;
pub mod codes;
pub mod config;
mod engine;
pub mod event;
pub mod exit_status;
pub mod gauge;
pub mod input;
pub mod json;
#[macro_use]
pub mod message;
pub mod path_names;
pub mod policy;
pub mod reading;
pub mod recording;
pub mod remedy;
pub mod replay;
pub mod shell;
pub mod time;
pub mod types;

pub use code::Code;
pub use config::Config;
pub use engine::{
    Alive, DisplayThresholds, Effect, MachineStatus, PastServer, Robust, Series, ServerStatus, Snapshot, State, Trend,
    Usual, step, step_into,
};
pub use event::{Event, Line};
pub use gauge::{Amount, Gauge, Holder, ProbeRequest};
pub use input::{Input, Observation, UserCommand};
pub use reading::Reading;
pub use remedy::Remedy;
pub use time::{Moment, Uptime};
pub use types::{Pid, ProcessKey, Seq};
