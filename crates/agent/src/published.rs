//! The state of the agent that others may see, made by its owner and replaced as a whole at each
//! change.

use std::collections::BTreeMap;
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::{Message, Millis, SharedMessage};
use goplswatch_core::time::{Moment, Uptime};
use goplswatch_core::{Seq, Snapshot};
use goplswatch_probe::wall_ms;
use goplswatch_view::Catalogue;

use crate::api::{AgentStatus, ConfigStatus, HistoryStatus, Status};
use crate::budget::Budget;
use crate::history::Extent;
use crate::log::Log;
use crate::options::Options;

/// The published state.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The answer of `status`.
    pub status: Status,
    /// What was counted since the agent started.
    pub counts: Counts,
    /// Whether the first scan is over, or is known to be impossible.
    pub scanned: bool,
    /// The last input of the previous run. Events up to here have been shown already.
    pub previous_last: Seq,
    /// How long ago it was true, if the engine has stood still since; zero: it is the present.
    pub age: Duration,
}

/// The engine stands still (see `watchdog.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stall {
    /// For how long: what was published is true as of that long ago.
    pub(crate) length: Duration,
    /// Whether it waits for the disk.
    pub(crate) on_disk: bool,
}

impl Published {
    /// The same, told as what it is after the engine has stood still for a while: what happens now
    /// is not seen.
    #[must_use]
    pub(crate) fn as_of(&self, stall: Stall) -> Self {
        let why = if stall.on_disk { Message::AgentWaitsForDisk } else { Message::AgentStandsStill };
        let said = Message::AgentAsOf { ago: Millis::from(stall.length), why: SharedMessage::new(why) };
        Self { age: stall.length, ..self.blind(said) }
    }

    /// The same, with the capability `process-table` denied for this reason.
    #[must_use]
    pub(crate) fn blind(&self, why: Message) -> Self {
        let mut blind = Self { age: Duration::ZERO, ..self.clone() };
        blind.scanned = true;
        let capabilities = &mut blind.status.snapshot.capabilities;
        capabilities.retain(|c| c.name != "process-table");
        capabilities.push(Capability::new("process-table", CapabilityState::Denied, why));
        blind.status.render(Catalogue::english());
        blind
    }
}

/// What was counted since the agent started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of events by kind.
    pub events: BTreeMap<&'static str, u64>,
    /// Number of opened incidents by code.
    pub opened: BTreeMap<&'static str, u64>,
}

/// What is published before anything was observed.
pub(crate) fn nothing_yet(options: &Options) -> Published {
    let seen = Snapshot::default();
    let agent = Some(initial_status(options));
    Published {
        status: Status { snapshot: seen, agent },
        counts: Counts::default(),
        scanned: false,
        previous_last: Seq(0),
        age: Duration::ZERO,
    }
}

/// What an agent says about itself before anything was observed or read.
pub(crate) fn initial_status(options: &Options) -> AgentStatus {
    let places = &options.paths;
    AgentStatus {
        version: options.version.clone(),
        pid: std::process::id(),
        started: Moment { wall_ms: wall_ms(), uptime: Uptime::BOOT }.rfc3339(),
        last: Seq(0),
        config: ConfigStatus { file: places.config.display().to_string(), problems: Vec::new() },
        history: HistoryStatus {
            folder: places.history.display().to_string(),
            extent: Extent::default(),
            trouble: None,
        },
        cost: Budget::default().said(),
        log: Log::file_in(&places.log).display().to_string(),
    }
}
