//! The engine: [`step`] applies one [`Input`] to a [`State`] and returns what follows from it.
//!
//! Theory of operation. Observations update the state. Only [`Observation::Wake`] runs the verdicts
//! that depend on elapsed time ("no successor came", "the load is thirty seconds old"), so all
//! observations of one scan are in before anything is concluded from an absence. The engine
//! requests the next such wake with [`Effect::WakeAt`]. There is no periodic tick:
//! `docs/decisions/0005-no-periodic-tick.md` says why.
//!
//! A wake does not judge everything. It judges what was scheduled for its moment and what
//! observations have changed since the last wake; with hundreds of lineages, judging the rest would
//! cost more than all observations together. Code that changes the basis of a verdict must
//! therefore call `touch`, and a verdict that depends on time alone must `schedule` its moment.
//!
//! This file dispatches observations to the modules. State is kept in modules whose contents are
//! private or plain data. The rules that draw conclusions from it are methods of [`State`] in
//! modules of their own:
//!
//! | subject | state in | rules in |
//! |---|---|---|
//! | processes | `processes`, `lineage`, `ends`, `usage` | `lifecycle`, `restarts`, `verdicts` |
//! | loads | `loads` | `loads` |
//! | incidents | `incidents` | `incidents`, `causes`, `offers`, `pressure_remedies` |
//! | notifications, suppression | `alerts`, `suppression` | the same |
//! | readings and thresholds | `gauges`, `pressure` | `readings`, `pressure`, `growth` |
//! | costly readings | `probe_requests` | `probe_requests` |
//! | usual values of a client in a folder | `baselines` | `learning` |
//! | fixes | `fixes` | `fixes` |
//! | what the next wake judges | `agenda` | `verdicts` |
//!
//! In addition, `subject` defines what an incident can be about, `table` is the map and set used
//! throughout, `gaps` handles periods without monitoring, `checkpoint` restores a saved state,
//! `migrate` converts states saved by earlier versions, and `snapshot` builds what is shown to
//! users.
//!
//! A state can be saved and restored (a *checkpoint*). It holds everything that past inputs have
//! left, so later inputs have the same effects with and without the round trip.

mod agenda;
mod alerts;
mod baselines;
mod causes;
mod checkpoint;
mod ends;
mod fixes;
mod gaps;
mod gauges;
mod growth;
mod incidents;
mod learning;
mod lifecycle;
mod lineage;
mod loads;
mod migrate;
mod offers;
mod pressure;
mod pressure_remedies;
mod probe_requests;
mod processes;
mod readings;
mod restarts;
mod snapshot;
mod subject;
mod suppression;
mod table;
mod usage;
mod verdicts;

use serde::{Deserialize, Serialize};

use crate::capability::Capability;
use crate::config::Config;
use crate::event::{Event, EventName, IncidentView, Subject as About};
use crate::gauge::ProbeRequest;
use crate::input::{Input, Observation};
use crate::message::Count;
use crate::time::{Moment, Uptime};
use crate::types::Seq;

use agenda::Agenda;
use alerts::Alerts;
use baselines::Baselines;
use fixes::Fixes;
use gauges::Tracks;
use incidents::Incidents;
use loads::Loads;
use pressure::{Holders, Levels};
use probe_requests::ProbeRequests;
use processes::Processes;
pub use snapshot::{
    Alive, DisplayThresholds, MachineStatus, PastServer, Robust, Series, ServerStatus, Snapshot, Trend, Usual,
};
use suppression::Suppression;
use table::Table;

/// What one input leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Report this event.
    Event(Event),
    /// Take this reading, which is too costly to take unasked, and report the result as an
    /// observation.
    Ask(ProbeRequest),
    /// Send [`Observation::Wake`] at this time of the continuous clock. Replaces any
    /// earlier request.
    WakeAt(Uptime),
}

/// About seventy years on the continuous clock. A recording may hold any number; later
/// times are clamped to this one, so that sums of a few times and thresholds (see
/// [`Config::within_reason`]) cannot overflow.
const LATEST: Uptime = Uptime::from_nanos(1 << 61);

/// Everything the engine knows. Its size is bounded by what is alive, not by what has ever been
/// seen.
///
/// A field added later gets its own serde default. The struct as a whole has none: otherwise a
/// renamed field would silently be read as empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    config: Config,
    /// The boot during which monitoring last started; `None` in a recording that does not say.
    boot: Option<String>,
    capabilities: Table<String, Capability>,
    processes: Processes,
    loads: Loads,
    incidents: Incidents,
    #[serde(rename = "quiet")]
    suppression: Suppression,
    #[serde(default)]
    alerts: Alerts,
    #[serde(default)]
    fixes: Fixes,
    #[serde(default)]
    baselines: Baselines,
    #[serde(default)]
    machine: Tracks,
    #[serde(default)]
    levels: Levels,
    #[serde(default)]
    holders: Holders,
    #[serde(default)]
    #[serde(rename = "asks")]
    probe_requests: ProbeRequests,
    #[serde(rename = "awake_since_ns")]
    awake_since: Option<Uptime>,
    agenda: Agenda,
    last: Seq,
    /// Time of the last input.
    #[serde(default)]
    #[serde(rename = "last_ns")]
    last_at: Uptime,
}

/// The input that is being processed.
#[derive(Clone, Copy, Debug)]
struct Now {
    seq: Seq,
    at: Moment,
}

impl Now {
    const fn uptime(self) -> Uptime {
        self.at.uptime
    }
}

/// Applies one input and returns its effects. An input whose number is not above the last one
/// changes nothing, so each observation counts once.
pub fn step(state: &mut State, input: Input) -> Vec<Effect> {
    let mut out = Vec::new();
    step_into(state, input, &mut out);
    out
}

/// Like [`step`], but appends the effects to `out`, so that a caller with many inputs can reuse the
/// allocation.
pub fn step_into(state: &mut State, input: Input, out: &mut Vec<Effect>) {
    if input.seq <= state.last {
        return;
    }
    state.last = input.seq;
    let at = Moment { uptime: input.at.uptime.min(LATEST), ..input.at };
    let now = Now { seq: input.seq, at };
    state.take(now, input.observation, out);
    state.schedule_alerts(now);
    state.last_at = now.uptime();
    if let Some(at) = state.agenda.next_wake() {
        out.push(Effect::WakeAt(at.max(now.uptime())));
    }
}

impl State {
    fn take(&mut self, now: Now, observation: Observation, out: &mut Vec<Effect>) {
        match observation {
            Observation::Config(config) => {
                self.config = config.within_reason();
                self.touch_all();
                self.run_all_detectors(now, out);
            }
            Observation::AlertPolicy(policy) => self.alert_policy(*policy),
            Observation::Capability(capability) => {
                if self.capabilities.get(&capability.name) != Some(&capability) {
                    self.capabilities.insert(capability.name.clone(), capability.clone());
                    emit(out, now, EventName::Capability, About::Capability(Box::new(capability)));
                }
            }
            Observation::ClientSeen(seen) => self.client_seen(now, *seen, out),
            Observation::ServerSeen(seen) => self.server_seen(now, seen, out),
            Observation::WorkspaceLearned { server, workspace } => self.workspace_learned(now, server, workspace, out),
            Observation::BinaryChanged { server, change } => self.binary_changed(now, server, change, out),
            Observation::Memory { server, bytes } => self.memory(now, server, bytes),
            Observation::Gauge { gauge, process, value } => {
                self.gauge(now, gauge, process, value, out);
            }
            Observation::Holders { gauge, holders } => self.holders(now, gauge, holders, out),
            Observation::Blocked { process, on } => self.blocked(now, process, on, out),
            Observation::FileEventsLost { workspace, how } => self.file_events_lost(now, &workspace, &how.message, out),
            Observation::Ended { process, status, detail } => self.ended(now, process, &status, detail, out),
            Observation::LoadSeen(seen) => self.load_seen(now, *seen, out),
            Observation::LoadWaits { load, on } => self.load_waits(now, load, on.message, out),
            Observation::TreeActivity { server, activity } => self.tree_activity(now, server, activity, out),
            Observation::OwnFix { process } => {
                if let Some(server) = self.processes.server_mut(process) {
                    server.own_fix = true;
                }
            }
            Observation::Slept { length } => self.slept(now, length),
            Observation::Began { boot } => self.monitoring_began(now, boot, out),
            Observation::UserCommand(user_command) => self.user_command(now, user_command, out),
            Observation::Wake => self.run_verdicts(now, out),
        }
    }

    /// The last reported state of a capability.
    #[must_use]
    pub fn capability(&self, name: &str) -> Option<&Capability> {
        self.capabilities.get(name)
    }

    /// The thresholds in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The number of the last input.
    #[must_use]
    pub const fn last(&self) -> Seq {
        self.last
    }

    /// The open incident with this id, as last reported. Of its remedies it holds only those that
    /// stay valid while the incident is open.
    #[must_use]
    pub fn incident(&self, id: &str) -> Option<&IncidentView> {
        self.incidents.views().find(|view| view.id == id)
    }
}

fn count(n: usize) -> Count {
    Count::new(u64::try_from(n).unwrap_or(u64::MAX))
}

fn emit(out: &mut Vec<Effect>, now: Now, name: EventName, subject: About) {
    out.push(Effect::Event(Event { seq: now.seq, at: now.at, name, subject }));
}

#[cfg(test)]
mod tests;
