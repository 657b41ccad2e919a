//! Views of a state: the reply to `status`, and what a restarted agent has to look for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::State;
use super::processes::Server;
use super::table::Set;
use crate::capability::Capability;
use crate::config::Config;
use crate::event::{ClientView, IncidentView, NotificationView, ServerView, SuppressionView};
use crate::gauge::{Amount, Gauge};
use crate::message::{Message, MessageText};
use crate::policy::LivesLeft;
use crate::reading::Reading;
use crate::remedy::Remedy;
use crate::time::{Moment, Ms, OptionalMs};
use crate::types::{ProcessKey, ServerClass};

/// What `status` shows of a state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// What can be observed on this machine.
    pub capabilities: Vec<Capability>,
    /// Running servers.
    pub servers: Vec<ServerStatus>,
    /// Open incidents.
    pub incidents: Vec<IncidentView>,
    /// Pause, muted folders and snoozed incidents.
    pub alerts: SuppressionView,
    /// The notifications that should be visible now.
    pub told: Vec<NotificationView>,
    /// End of the warm-up, during which nothing is notified, RFC 3339; null: no warm-up.
    pub warming_until: Option<String>,
    /// The last half hour of each lineage with an open incident, by lineage.
    pub trends: BTreeMap<String, Trend>,
    /// Measurements of the machine.
    #[serde(default)]
    pub machine: MachineStatus,
    /// The numbers from which on a value is worth showing.
    #[serde(default)]
    pub worth: DisplayThresholds,
}

/// The numbers from which on a value is worth showing, well before it is a problem. They follow
/// from the thresholds of the detectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DisplayThresholds {
    /// Open files of the machine, in percent of its limit.
    pub file_table_percent: u32,
    /// File watches of the user, in percent of the limit.
    pub watch_percent: u32,
    /// CPU usage of Spotlight, in thousandths of one core.
    pub indexer_cpu_permille: u64,
    /// Open descriptors of a gopls process.
    pub descriptors: u64,
    /// Open descriptors of a gopls process among those that hold most of the machine's open files.
    pub held_descriptors: u64,
    /// CPU usage of a gopls process, in thousandths of one core; below it the process is idle.
    pub cpu_permille: u64,
    /// What a gopls process reads and writes, bytes per second.
    pub io_bytes_per_s: u64,
}

impl DisplayThresholds {
    /// The numbers that follow from these thresholds.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            file_table_percent: config.file_table_percent * 5 / 8,
            watch_percent: config.watch_percent * 5 / 6,
            indexer_cpu_permille: config.indexer_cpu_permille,
            descriptors: config.descriptors / 2,
            held_descriptors: config.descriptors / 20,
            // Whatever the user configures as quiet, a process that uses a tenth of a core is not
            // called idle.
            cpu_permille: (5 * u64::from(config.quiet_cpu_permille)).min(100),
            io_bytes_per_s: config.quiet_io_bytes_per_s.saturating_mul(16),
        }
    }
}

impl Default for DisplayThresholds {
    fn default() -> Self {
        Self::of(&Config::default())
    }
}

/// Measurements of the machine, as last reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct MachineStatus {
    /// By gauge; a gauge that was never reported is absent.
    pub gauges: BTreeMap<Gauge, Reading<Amount>>,
}

impl MachineStatus {
    /// The number of a gauge, if it is known.
    #[must_use]
    pub fn get(&self, gauge: Gauge) -> Option<u64> {
        self.gauges.get(&gauge).and_then(Reading::known).map(|amount| amount.least())
    }
}

/// The last half hour of a lineage by the minute, oldest first, the current minute last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Trend {
    /// Peak resident memory in each minute of all its servers together, bytes; null: none ran, or
    /// it is not known.
    pub memory: Vec<Option<u64>>,
    /// How many of its servers ended in each minute, for any reason.
    pub ends: Vec<u32>,
}

/// Measurements of a lineage over a day in equal steps, oldest first, the current step last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Series {
    /// Length of a step, milliseconds.
    #[serde(rename = "step_ms", with = "Ms")]
    pub step: Duration,
    /// The peak of each gauge in each step, of all its servers together; null: none ran, or it is
    /// not known.
    pub gauges: BTreeMap<Gauge, Vec<Option<u64>>>,
    /// How many of its servers ended in each step.
    pub ends: Vec<u32>,
}

/// A robust summary of usual values: half of all values lie within `mad` of `median`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Robust {
    /// The median of all values.
    pub median: u64,
    /// The median absolute deviation from that.
    pub mad: u64,
    /// How many values there are.
    pub of: u32,
}

/// The usual values of a client in a folder, learned from earlier servers there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Usual {
    /// Duration of the first load, milliseconds.
    pub load_ms: Option<Robust>,
    /// Peak memory of a server, bytes.
    pub memory_bytes: Option<Robust>,
    /// Unexplained ends per day.
    pub restarts_per_day: Option<Robust>,
}

/// A server that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct PastServer {
    /// Its generation in its lineage.
    pub generation: u32,
    /// When it ended, RFC 3339.
    pub ended: String,
    /// How long it lived, milliseconds; null: not known.
    #[serde(rename = "lived_ms", with = "OptionalMs", default)]
    #[cfg_attr(feature = "testing", schemars(with = "Option<u64>", !default))]
    pub lived: Option<Duration>,
    /// Why it ended, as a fragment.
    #[serde(flatten)]
    pub said: MessageText,
}

impl Snapshot {
    /// Calls `each` for every text of the snapshot except those of its incidents.
    pub fn each_message(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        self.capabilities.iter_mut().for_each(|capability| each(&mut capability.said));
        self.machine.gauges.values_mut().for_each(|value| value.each_message(each));
        for server in &mut self.servers {
            server.server.each_message(each);
            server.gauges.values_mut().for_each(|value| value.each_message(each));
            server.lives_left.why_mut().into_iter().for_each(&mut *each);
            server.past.iter_mut().for_each(|past| each(&mut past.said));
        }
    }

    /// Whether the process table can be read. If not, the absence of incidents means nothing.
    #[must_use]
    pub fn can_see_processes(&self) -> bool {
        Capability::sees_processes(&self.capabilities)
    }
}

/// One server in a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ServerStatus {
    /// The server.
    pub server: ServerView,
    /// Resident memory, bytes, if known.
    pub memory_bytes: Option<u64>,
    /// Further measurements of it, as last reported.
    #[serde(default)]
    pub gauges: BTreeMap<Gauge, Reading<Amount>>,
    /// The usual values for its place; null where not known yet.
    #[serde(default)]
    pub usual: Usual,
    /// The restart-loop state of its lineage: `stable`, `suspect`, `looping`, `recovering` or
    /// `gave-up`.
    pub state: String,
    /// How many more exits its client tolerates, the last one included: at 1 the next exit is
    /// final.
    pub lives_left: LivesLeft,
    /// When it started, RFC 3339, by the wall clock at the time of the query; null: not known.
    pub since: Option<String>,
    /// The remedies offered for it. Their texts are in the table of remedies.
    pub offers: Vec<Remedy>,
    /// The command of its client that restarts it; null: none is known.
    pub restart_command: Option<String>,
    /// The servers before it in its lineage, latest first, at most three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<PastServer>,
}

/// The processes that a state believes to be alive, ordered by pid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alive {
    /// Clients.
    pub clients: Vec<ProcessKey>,
    /// Servers of every class.
    pub servers: Vec<ProcessKey>,
    /// Children that load packages.
    pub loads: Vec<ProcessKey>,
}

impl State {
    pub(super) fn server_view(&self, server: &Server) -> ServerView {
        let seen = &server.seen;
        let client = match &seen.client {
            Reading::Known(key) => match self.processes.client(*key) {
                Some(client) => {
                    Reading::Known(ClientView { id: client.id.clone(), name: client.name.clone(), pid: key.pid })
                }
                None => Reading::unknown(Message::ClientEnded),
            },
            Reading::Unknown { unknown } => Reading::Unknown { unknown: unknown.clone() },
        };
        ServerView {
            pid: seen.server.pid,
            start: seen.server.start,
            class: seen.class,
            exe: seen.exe.clone(),
            arch: seen.arch.clone(),
            translated: seen.translated.clone(),
            slices: seen.slices.clone(),
            workspace: seen.workspace.clone(),
            adopted: seen.adopted,
            client,
            lineage: server.lineage.word(),
            generation: server.generation,
        }
    }

    fn lives_of(&self, server: &Server, at: Moment) -> LivesLeft {
        match self.processes.lineage(server.lineage) {
            _ if server.seen.class != ServerClass::Lsp => LivesLeft::Unknown(Message::LivesOfNoServer.into()),
            Some(lineage) if lineage.client_alive => lineage.ledger.left(at),
            _ => LivesLeft::Unknown(Message::LivesWithoutClient.into()),
        }
    }

    fn server_status(&self, server: &Server, at: Moment) -> ServerStatus {
        let (offers, restart_command) = self.offers_with(server, at);
        let lineage = self.processes.lineage(server.lineage);
        ServerStatus {
            server: self.server_view(server),
            memory_bytes: server.memory,
            gauges: server.gauges.values(),
            usual: self.usual_of(server, at.wall_ms),
            state: lineage.map_or("unknown", |l| l.state.word()).to_owned(),
            lives_left: self.lives_of(server, at),
            since: server.seen.started.known().map(|start| at.back_to(*start).rfc3339()),
            offers,
            restart_command,
            past: lineage.map_or_else(Vec::new, |l| l.ends.past(at)),
        }
    }

    /// The reply to `status`, as of this time.
    #[must_use]
    pub fn snapshot(&self, at: Moment) -> Snapshot {
        Snapshot {
            capabilities: self.capabilities.values().cloned().collect(),
            servers: self
                .processes
                .servers()
                .filter(|s| s.seen.class.is_long_running())
                .map(|s| self.server_status(s, at))
                .collect(),
            incidents: self.incidents_now(at),
            alerts: self.suppression.view(at),
            told: self.visible_notifications(),
            warming_until: self.warming_until(at),
            trends: self.trends(at),
            machine: MachineStatus { gauges: self.machine.values() },
            worth: DisplayThresholds::of(&self.config),
        }
    }

    /// The last half hour of each lineage with an open incident.
    fn trends(&self, at: Moment) -> BTreeMap<String, Trend> {
        let ids = self.incidents.iter().filter_map(|((_, subject), _)| self.lineage_about(subject));
        let known = ids.filter_map(|id| Some((id, self.processes.lineage(id)?)));
        known.map(|(id, lineage)| (id.word(), lineage.usage.trend(at.uptime))).collect()
    }

    /// The last day of each lineage that has a server, by lineage.
    #[must_use]
    pub fn series(&self, at: Moment) -> BTreeMap<String, Series> {
        let staying = self.processes.servers().filter(|server| server.seen.class.is_long_running());
        let ids: Set<_> = staying.map(|server| server.lineage).collect();
        let known = ids.into_iter().filter_map(|id| Some((id, self.processes.lineage(id)?)));
        known.map(|(id, lineage)| (id.word(), lineage.usage.series(at.uptime))).collect()
    }

    /// Everything believed to be alive, which a restarted agent has to look for.
    #[must_use]
    pub fn alive(&self) -> Alive {
        Alive {
            clients: self.processes.client_keys().collect(),
            servers: self.processes.server_keys().collect(),
            loads: self.loads.keys().collect(),
        }
    }
}
