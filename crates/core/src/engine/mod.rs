//! The engine: [`step`] over one [`State`].
//!
//! Theory of operation. Facts change what is known; only [`Fact::Wake`] runs the verdicts that wait for a moment
//! ("no successor came", "the load is thirty seconds old"), so that all facts of one look at the world are in before
//! anything is concluded from an absence. The engine names the next such moment with [`Effect::WakeAt`].
//!
//! A wake judges what asked for its moment and what a fact has touched since the last wake, not everything: with
//! hundreds of lineages the rest would cost more than all facts together. So whoever changes what a verdict rests on
//! says so with `touch`, and a verdict that rests on time alone asks for its moment with `schedule`.
//!
//! This file routes facts to the parts. What the parts keep stands in files whose insides are private or plain data, and
//! what is concluded from it in files of rules, which are methods of [`State`]:
//!
//! | part | kept in | rules in |
//! |---|---|---|
//! | clients, servers, lineages | `processes`, `lineage`, `ends`, `usage` | `lifecycle`, `restarts`, `verdicts` |
//! | loads | `loads` | `loads` |
//! | open problems, their causes, what can be done | `incidents` | `incidents`, `causes`, `offers`, `relief` |
//! | notifications, what is not to be told | `alerts`, `quiet` | the same |
//! | readings, thresholds, costly readings | `gauges`, `pressure`, `asks` | `readings`, `pressure`, `growth`, `asks` |
//! | what is usual in a place | `baselines` | `learning` |
//! | fixes | `fixes` | `fixes` |
//! | what the next wake judges | `agenda` | `verdicts` |
//!
//! Beside them `subject` says what anything can be about, `table` is the map and the set of all parts, `gaps` knows the
//! times in which nobody watched, `checkpoint` reads a state again and `former` one that an earlier version wrote, and
//! `snapshot` makes what others see.
//!
//! A state can be written down and read back (a *checkpoint*): it is everything that past inputs have left, so what
//! follows from later ones is the same with and without the writing.

mod agenda;
mod alerts;
mod asks;
mod baselines;
mod causes;
mod checkpoint;
mod ends;
mod fixes;
mod former;
mod gaps;
mod gauges;
mod growth;
mod incidents;
mod learning;
mod lifecycle;
mod lineage;
mod loads;
mod offers;
mod pressure;
mod processes;
mod quiet;
mod readings;
mod relief;
mod restarts;
mod snapshot;
mod subject;
mod table;
mod usage;
mod verdicts;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::event::{Event, EventName, IncidentView, Subject as About};
use crate::gauge::Ask;
use crate::input::{Fact, Input};
use crate::message::Count;
use crate::words::{Capability, Moment, Seq};

use agenda::Agenda;
use alerts::Alerts;
use asks::Asks;
use baselines::Baselines;
use fixes::Fixes;
use gauges::Tracks;
use incidents::Incidents;
use loads::Loads;
use pressure::{Holders, Levels};
use processes::Processes;
use quiet::Quiet;
pub use snapshot::{Alive, MachineStatus, PastServer, Robust, Series, ServerStatus, Snapshot, Trend, Usual, Worth};
use table::Table;

/// What the engine answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Show this.
    Event(Event),
    /// Read this, which costs too much to be read unasked, and tell what came of it.
    Ask(Ask),
    /// Send [`Fact::Wake`] at this moment of the continuous clock, nanoseconds. Replaces the former wish.
    WakeAt(u64),
}

const MS: u64 = 1_000_000;

/// Seventy years of the continuous clock. A recording may hold any number; later moments count as this one, so that
/// sums of a few moments and thresholds (see [`Config::within_reason`]) always fit.
const LATEST_NS: u64 = 1 << 61;

/// Everything the engine knows. Grows with what is alive, not with what has been.
///
/// What is added to it later gets a serde default of its own; the whole has none, or a part that was renamed would be
/// taken for an empty one in silence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    config: Config,
    /// The boot in which the watch last began; none in a recording that does not say.
    boot: Option<String>,
    capabilities: Table<String, Capability>,
    processes: Processes,
    loads: Loads,
    incidents: Incidents,
    quiet: Quiet,
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
    asks: Asks,
    awake_since_ns: Option<u64>,
    agenda: Agenda,
    last: Seq,
    /// When that was.
    #[serde(default)]
    last_ns: u64,
}

/// The causing input of whatever is being done.
#[derive(Clone, Copy, Debug)]
struct Now {
    seq: Seq,
    at: Moment,
}

impl Now {
    const fn ns(self) -> u64 {
        self.at.cont_ns
    }
}

/// Takes one input and says what follows from it. Inputs whose number is not above the last one change nothing: a
/// fact counts once.
pub fn step(state: &mut State, input: Input) -> Vec<Effect> {
    let mut out = Vec::new();
    step_into(state, input, &mut out);
    out
}

/// The same, behind what `out` holds: whoever takes many inputs keeps its memory.
pub fn step_into(state: &mut State, input: Input, out: &mut Vec<Effect>) {
    if input.seq <= state.last {
        return;
    }
    state.last = input.seq;
    let at = Moment { cont_ns: input.at.cont_ns.min(LATEST_NS), ..input.at };
    let now = Now { seq: input.seq, at };
    state.take(now, input.fact, out);
    state.schedule_alerts(now);
    state.last_ns = now.ns();
    if let Some(at) = state.agenda.next_wake() {
        out.push(Effect::WakeAt(at.max(now.ns())));
    }
}

impl State {
    fn take(&mut self, now: Now, fact: Fact, out: &mut Vec<Effect>) {
        match fact {
            Fact::Config(config) => {
                self.config = config.within_reason();
                self.touch_all();
                self.look_at_everything(now, out);
            }
            Fact::AlertPolicy(policy) => self.alert_policy(*policy),
            Fact::Capability(capability) => {
                if self.capabilities.get(&capability.name) != Some(&capability) {
                    self.capabilities.insert(capability.name.clone(), capability.clone());
                    emit(out, now, EventName::Capability, About::Capability(Box::new(capability)));
                }
            }
            Fact::ClientSeen(seen) => self.client_seen(now, *seen, out),
            Fact::ServerSeen(seen) => self.server_seen(now, seen, out),
            Fact::WorkspaceLearned { server, workspace } => self.workspace_learned(now, server, workspace, out),
            Fact::BinaryChanged { server, change } => self.binary_changed(now, server, change, out),
            Fact::Memory { server, bytes } => self.memory(now, server, bytes),
            Fact::Gauge { gauge, process, value } => {
                self.gauge(now, gauge, process, value, out);
            }
            Fact::Holders { gauge, holders } => self.holders(now, gauge, holders, out),
            Fact::Blocked { process, on } => self.blocked(now, process, on, out),
            Fact::FileEventsLost { workspace, how } => self.file_events_lost(now, &workspace, &how.message, out),
            Fact::Ended { process, status, detail } => self.ended(now, process, &status, detail, out),
            Fact::LoadSeen(seen) => self.load_seen(now, *seen, out),
            Fact::LoadWaits { load, on } => self.load_waits(now, load, on.message, out),
            Fact::TreeActivity { server, activity } => self.tree_activity(now, server, activity, out),
            Fact::OwnFix { process } => {
                if let Some(server) = self.processes.server_mut(process) {
                    server.own_fix = true;
                }
            }
            Fact::Slept { ns } => self.slept(now, ns),
            Fact::Began { boot } => self.began(now, boot, out),
            Fact::Intent(intent) => self.intent(now, intent, out),
            Fact::Wake => self.run_verdicts(now, out),
        }
    }

    /// What is known of a capability.
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

    /// The open incident with this id, as it was last told; of its remedies what a person does.
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
