//! What others may see of the agent, made by its owner and swapped whole at each change.

use std::collections::BTreeMap;

use goplswatch_core::{Seq, Snapshot};

use crate::api::{AgentStatus, ConfigStatus, HistoryStatus, Status};
use crate::budget::Budget;
use crate::history::Extent;
use crate::log::Log;
use crate::options::Options;

/// What others may see, swapped whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// What `status` says.
    pub status: Status,
    /// What was counted since the agent started.
    pub counts: Counts,
    /// Whether anything was looked at yet, or is known to be impossible.
    pub looked: bool,
    /// The last input of the run before this one: what was told up to here, somebody else has shown.
    pub before: Seq,
}

/// What was counted since the agent started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events by their kind.
    pub events: BTreeMap<&'static str, u64>,
    /// Incidents that were opened, by their code.
    pub opened: BTreeMap<&'static str, u64>,
}

/// Before anything was seen.
pub(crate) fn nothing_yet(options: &Options) -> Published {
    let seen = Snapshot::default();
    let agent = Some(beginning(options));
    Published { status: Status { seen, agent }, counts: Counts::default(), looked: false, before: Seq(0) }
}

/// What an agent says of itself before anything was seen or read.
pub(crate) fn beginning(options: &Options) -> AgentStatus {
    let places = &options.places;
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
