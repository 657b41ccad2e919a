//! The state of the agent that others may see, made by its owner and replaced as a whole at each
//! change.

use std::collections::BTreeMap;

use goplswatch_core::{Seq, Snapshot};

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
    }
}

/// What an agent says about itself before anything was observed or read.
pub(crate) fn initial_status(options: &Options) -> AgentStatus {
    let places = &options.paths;
    AgentStatus {
        version: options.version.clone(),
        pid: std::process::id(),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
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
