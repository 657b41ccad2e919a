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
//! Rooms: `lineage` holds the two counters and the restart-loop states; `loads` the children that load packages;
//! `incidents` the open problems, at most one per code and subject; `offers` what can be done about them, which is never
//! stored, and `relief` of them what is about pressure; `causes` what they come from; `baselines` what is usual in a place;
//! `ends` how its servers ended, and `usage` what they used; `fixes` what was done, and whether it helped; `alerts` when a
//! problem is told; `gauges` what was measured, `pressure` what is over a threshold, `asks` which costly readings are wanted;
//! `quiet` what the user does not want to be told; `gaps` the times in which nobody watched; `checkpoint` how a
//! state is read again; `snapshot` what others see of it; this file routes facts to them.
//!
//! A state can be written down and read back (a *checkpoint*): it is everything that past inputs have left, so what
//! follows from later ones is the same with and without the writing.

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
mod lineage;
mod loads;
mod offers;
mod pressure;
mod quiet;
mod relief;
mod snapshot;
mod table;
mod usage;
mod verdicts;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cause::{Circumstances, judge};
use crate::codes::{Code, Topic};
use crate::config::Config;
use crate::event::{Event, EventName, IncidentView, SpendsLife, Subject as About};
use crate::gauge::Ask;
use crate::input::{ClientSeen, Fact, Input, ServerSeen};
use crate::message::{self, Message, Place};
use crate::policy::RestartPolicy;
use crate::words::{BinaryChange, Capability, EndDetail, ExitStatus, Moment, ProcessKey, Reading, Seq, ServerClass};

use alerts::Alerts;
use asks::Asks;
use baselines::{Baselines, Learning};
use fixes::Fixes;
use gauges::Tracks;
use incidents::{Incidents, Subject};
use lineage::{EndKnown, Lineage, LineageId, LineageKey};
use loads::Load;
use pressure::{Holders, Level};
use quiet::Quiet;
pub use snapshot::{Alive, MachineStatus, PastServer, Robust, Series, ServerStatus, Snapshot, Trend, Usual, Worth};
use table::{Set, Table, pairs};

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

/// A client that is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Client {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
    policy: RestartPolicy,
    whole_life: bool,
    restart_command: Option<String>,
    #[serde(default = "not_told")]
    translated: Reading<bool>,
}

fn not_told() -> Reading<bool> {
    Reading::unknown(Message::NobodyTold)
}

/// A server that is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Server {
    seen: Box<ServerSeen>,
    /// Since when it runs, or was first seen to run.
    since_ns: u64,
    lineage: LineageId,
    generation: u32,
    memory: Option<u64>,
    #[serde(default)]
    gauges: Tracks,
    binary: Option<BinaryChange>,
    /// The folder in which its `go list` works. One client may run servers for several modules from one folder.
    loads_in: Option<String>,
    own_fix: bool,
    /// When a fix asked it to end.
    #[serde(default)]
    asked_ns: Option<u64>,
    activity: Option<(crate::words::Activity, u64)>,
    loads: Set<ProcessKey>,
    #[serde(default)]
    learning: Learning,
    /// When its last load child ended.
    #[serde(default)]
    loaded_ns: Option<u64>,
}

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
    #[serde(with = "pairs")]
    clients: Table<ProcessKey, Client>,
    /// Clients that ended within the grace: their servers' ends are explained by it.
    #[serde(with = "pairs")]
    ended_clients: Table<ProcessKey, u64>,
    #[serde(with = "pairs")]
    servers: Table<ProcessKey, Box<Server>>,
    #[serde(with = "pairs")]
    // Boxed: a lineage is large, and they come and go.
    lineages: Table<LineageId, Box<Lineage>>,
    #[serde(with = "pairs")]
    by_key: Table<LineageKey, LineageId>,
    #[serde(with = "pairs")]
    loads: Table<ProcessKey, Box<Load>>,
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
    /// What is over its threshold.
    #[serde(default, with = "pairs")]
    levels: Table<(Subject, Code), Level>,
    #[serde(default)]
    holders: Holders,
    #[serde(default)]
    asks: Asks,
    /// Since when gauges are watched without a break.
    #[serde(default)]
    watched_ns: u64,
    awake_since_ns: Option<u64>,
    /// Moments at which a verdict may have become true, and about what.
    moments: BTreeSet<(u64, Due)>,
    /// What facts have touched since the last wake.
    touched: Set<Due>,
    wake_at_ns: Option<u64>,
    last: Seq,
    /// When that was.
    #[serde(default)]
    last_ns: u64,
}

/// What a wake judges. Lineages before loads, each in the order of their birth; then what rests on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Due {
    Lineage(LineageId),
    Load(ProcessKey),
    /// Whether fixes helped.
    Fixes,
    /// What the user does not want to be told.
    Quiet,
    /// Nothing in particular: the wake itself is wanted.
    Nothing,
    /// Whether the user is to be told of an incident.
    Alert(Code, Subject),
    /// Whether the user is to be told of anything that was touched.
    Alerts,
    /// Whether something has been over its threshold for long enough, or below it.
    Level(Code, Subject),
    /// Which costly readings are wanted.
    Asks,
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
    if input.seq <= state.last {
        return Vec::new();
    }
    state.last = input.seq;
    let at = Moment { cont_ns: input.at.cont_ns.min(LATEST_NS), ..input.at };
    let now = Now { seq: input.seq, at };
    let mut out = Vec::new();
    state.take(now, input.fact, &mut out);
    state.schedule_alerts(now);
    state.last_ns = now.ns();
    state.ask_to_be_woken(now, &mut out);
    out
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
                    emit(out, now, EventName::Capability, About::Capability(capability));
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
                if let Some(server) = self.servers.get_mut(&process) {
                    server.own_fix = true;
                }
            }
            Fact::Slept { ns } => self.slept(now, ns),
            Fact::Began { boot } => self.began(now, boot, out),
            Fact::Intent(intent) => self.intent(now, intent, out),
            Fact::Wake => {
                self.wake_at_ns = None;
                self.run_verdicts(now, out);
            }
        }
    }

    fn client_seen(&mut self, now: Now, seen: ClientSeen, out: &mut Vec<Effect>) {
        let key = seen.client;
        self.ended_clients.remove(&key);
        self.clients.get_or_insert_with(key, || Client {
            id: seen.id,
            name: seen.name,
            policy: seen.policy,
            whole_life: seen.whole_life,
            restart_command: seen.restart_command,
            translated: seen.translated,
        });
        self.judge_translated_client(now, key, out);
    }

    fn server_seen(&mut self, now: Now, mut seen: Box<ServerSeen>, out: &mut Vec<Effect>) {
        if let Reading::Known(start) = &mut seen.started_ns {
            *start = (*start).min(LATEST_NS);
        }
        let key = seen.server;
        if self.servers.contains_key(&key) {
            return;
        }
        let id = self.lineage_of(now, &seen);
        let Some(lineage) = self.lineages.get_mut(&id) else { return };
        self.touched.insert(Due::Lineage(id));
        lineage.generation += 1;
        lineage.alive.insert(key);
        lineage.idle_since_ns = None;
        if let (Reading::Known(folder), true) = (&seen.workspace, lineage.workspace.known().is_none()) {
            lineage.workspace = Reading::Known(folder.clone());
        }
        let generation = lineage.generation;
        let server = Server {
            since_ns: seen.started_ns.known().copied().unwrap_or_else(|| now.ns()),
            seen,
            lineage: id,
            generation,
            memory: None,
            gauges: Tracks::default(),
            binary: None,
            loads_in: None,
            own_fix: false,
            asked_ns: None,
            activity: None,
            loads: Set::default(),
            learning: Learning::default(),
            loaded_ns: None,
        };
        let view = self.server_view(&server);
        self.servers.insert(key, Box::new(server));
        emit(out, now, EventName::ServerStarted, About::Server(Box::new(view)));
        self.await_offers(key);
        self.learning_begins(now, key);
        self.fixes_see_start(now, id);
        self.successor_came(now, id, key, out);
        self.count_servers(now, key);
        self.asks_about_new(now, key);
        self.judge_translated_server(now, key, out);
        self.servers_change_pressure(now, out);
    }

    fn server(&self, key: ProcessKey) -> Option<&Server> {
        self.servers.get(&key).map(AsRef::as_ref)
    }

    fn lineage_of(&mut self, now: Now, seen: &ServerSeen) -> LineageId {
        // A client's ledger is meaningless for processes that no living client we know runs.
        let client = seen.client.known().copied().filter(|c| self.clients.contains_key(c));
        let key = LineageKey { client, root: seen.workspace.known().cloned(), class: seen.class };
        if let (Some(id), true) = (self.by_key.get(&key), client.is_some() || seen.class == ServerClass::Daemon) {
            return *id;
        }
        let id = LineageId(now.seq);
        let (policy, whole_life) = client
            .and_then(|c| self.clients.get(&c))
            .map_or((RestartPolicy::Unknown, false), |c| (c.policy, c.whole_life));
        let lineage = Lineage::new(key.clone(), seen.workspace.clone(), policy, whole_life, now.at);
        self.lineages.insert(id, Box::new(lineage));
        self.by_key.insert(key, id);
        id
    }

    fn workspace_learned(&mut self, now: Now, server: ProcessKey, folder: String, out: &mut Vec<Effect>) {
        let Some(known) = self.servers.get_mut(&server) else { return };
        known.loads_in = Some(folder.clone());
        let id = known.lineage;
        self.touched.insert(Due::Lineage(id));
        if known.seen.workspace.known().is_some() {
            self.count_servers(now, server);
            return;
        }
        known.seen.workspace = Reading::Known(folder.clone());
        // The lineage keeps the key it was born with: its next generation is born without a workspace too.
        if let Some(lineage) = self.lineages.get_mut(&id)
            && lineage.workspace.known().is_none()
        {
            lineage.workspace = Reading::Known(folder.clone());
            self.place_incidents(now, id, &folder, out);
        }
        self.count_servers(now, server);
    }

    fn binary_changed(&mut self, now: Now, server: ProcessKey, change: BinaryChange, out: &mut Vec<Effect>) {
        let Some(known) = self.servers.get_mut(&server) else { return };
        // Whoever begins to watch anew tells of it again.
        let news = known.binary.replace(change) != Some(change);
        let (class, id) = (known.seen.class, known.lineage);
        if news && change == BinaryChange::Replaced {
            self.gopls_replaced(now);
        }
        if !matches!(class, ServerClass::Lsp | ServerClass::Daemon | ServerClass::Mcp) {
            return;
        }
        let place = self.place_of_lineage(id);
        let said = match change {
            BinaryChange::Replaced => Message::FileReplaced { place },
            BinaryChange::Deleted => Message::FileDeleted { place },
        };
        self.open(now, Code::StaleBinary, Subject::Server(server), Some(id), said, vec![now.seq], out);
    }

    fn ended(
        &mut self,
        now: Now,
        process: ProcessKey,
        status: &ExitStatus,
        detail: Option<EndDetail>,
        out: &mut Vec<Effect>,
    ) {
        if let Some(server) = self.servers.remove(&process) {
            self.server_ended(now, process, &server, status, detail, out);
        } else if self.loads.contains_key(&process) {
            // One that failed says nothing of how long loading takes.
            let done = matches!(status, ExitStatus::Exited(0) | ExitStatus::Unknown(_));
            if done && detail != Some(EndDetail::Unwatched) {
                self.learn_from_load(now, process);
            }
            self.load_ended(now, process, out);
        } else if let Some(client) = self.clients.remove(&process) {
            self.client_ended(now, process, &client.name, out);
        }
    }

    fn server_ended(
        &mut self,
        now: Now,
        key: ProcessKey,
        server: &Server,
        status: &ExitStatus,
        detail: Option<EndDetail>,
        out: &mut Vec<Effect>,
    ) {
        let client = server.seen.client.known().copied();
        let client_ended = client.is_some_and(|c| {
            self.ended_clients
                .get(&c)
                .is_some_and(|t| now.ns().saturating_sub(*t) <= self.config.client_end_grace_ms * MS)
        });
        // Of an end that nobody watched it is not known when it was.
        let started = server.seen.started_ns.known().filter(|_| detail != Some(EndDetail::Unwatched));
        let lived_ms = started.map(|start| now.ns().saturating_sub(*start) / MS);
        let cause = judge(
            status,
            detail,
            Circumstances {
                class: server.seen.class,
                lived_ms,
                crash_min_life_ms: self.config.crash_min_life_ms,
                client_ended,
                binary_replaced: server.binary == Some(BinaryChange::Replaced),
                own_fix: server.own_fix,
                under_pressure: self.memory_under_pressure(now, server),
            },
        );
        let unusual = self.remember_pressures(now, key, server, &cause);
        self.learn_end(server, lived_ms);
        // Levels with what is open about them come behind.
        let levels = |code: &&Code| pressure::detector_of(**code).is_some();
        for code in Code::ALL.iter().filter(|code| code.row().about == Topic::Server && !levels(code)) {
            self.close(now, (*code, Subject::Server(key)), Message::OverServerEnded, out);
        }
        self.forget_levels(now, Subject::Server(key), &Message::OverServerEnded, out);
        self.forget_asks(key);
        self.server_ended_loads(now, &server.loads, out);
        self.account_end(now, key, server, cause, EndKnown { lived_ms, client_ended, detail, unusual }, out);
        self.count_servers_of(now, server.lineage);
        self.servers_change_pressure(now, out);
    }

    fn client_ended(&mut self, now: Now, client: ProcessKey, name: &str, out: &mut Vec<Effect>) {
        self.ended_clients.insert(client, now.ns());
        self.fixes_lose_client(now, client, out);
        for code in Code::ALL.iter().filter(|code| code.row().about == Topic::Client) {
            self.close(now, (*code, Subject::Client(client)), Message::OverClientEnded, out);
        }
        for id in self.lineages_of(client) {
            self.touched.insert(Due::Lineage(id));
            self.revise_for_client_end(now, id, name, out);
            self.close_all_of(now, id, &Message::OverClientEnded, out);
            // Servers that outlive their client still belong to the lineage; an empty one is done.
            if self.lineages.get(&id).is_some_and(|l| l.alive.is_empty()) {
                self.forget_lineage(id);
            } else if let Some(lineage) = self.lineages.get_mut(&id) {
                lineage.pending = None;
                lineage.client_alive = false;
            }
        }
    }

    /// The lineages of a client, oldest first. Each of them stands in `by_key`, since a key with a client is never
    /// given to a second lineage while the first one is known.
    fn lineages_of(&self, client: ProcessKey) -> Vec<LineageId> {
        let least = LineageKey { client: Some(client), root: None, class: ServerClass::Lsp };
        let mut ids: Vec<LineageId> =
            self.by_key.from(&least).take_while(|(key, _)| key.client == Some(client)).map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids
    }

    fn forget_lineage(&mut self, id: LineageId) {
        self.touched.remove(&Due::Lineage(id));
        if let Some(lineage) = self.lineages.remove(&id)
            && self.by_key.get(&lineage.key) == Some(&id)
        {
            self.by_key.remove(&lineage.key);
        }
    }

    /// The workspace folder of a lineage.
    fn folder(&self, id: LineageId) -> Option<&str> {
        self.lineages.get(&id)?.workspace.known().map(String::as_str)
    }

    /// The same for a message.
    fn place_of_lineage(&self, id: LineageId) -> Place {
        Place(self.folder(id).map(str::to_owned))
    }

    /// The client of a lineage for a message.
    fn client_of(&self, id: LineageId) -> message::Client {
        message::Client(self.client_name(id).map(str::to_owned))
    }

    fn client_name(&self, id: LineageId) -> Option<&str> {
        let client = self.lineages.get(&id)?.key.client?;
        self.clients.get(&client).map(|c| c.name.as_str())
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

    fn ask_to_be_woken(&mut self, now: Now, out: &mut Vec<Effect>) {
        let next = self.next_deadline();
        if next != self.wake_at_ns {
            self.wake_at_ns = next;
            if let Some(at) = next {
                out.push(Effect::WakeAt(at.max(now.ns())));
            }
        }
    }
}

fn emit(out: &mut Vec<Effect>, now: Now, name: EventName, subject: About) {
    out.push(Effect::Event(Event { seq: now.seq, at: now.at, name, subject }));
}

/// Whether an end spent a life, from the class of server and the client's policy.
const fn spends(class: ServerClass, policy: RestartPolicy, clean: bool) -> SpendsLife {
    match (class, policy) {
        (ServerClass::Lsp, RestartPolicy::Unknown) => SpendsLife::Unknown,
        (ServerClass::Lsp, _) if clean => SpendsLife::Unknown,
        (ServerClass::Lsp, _) => SpendsLife::Yes,
        (ServerClass::Forwarder | ServerClass::Mcp, _) => SpendsLife::Unknown,
        (ServerClass::Daemon | ServerClass::OneShot | ServerClass::Sidecar, _) => SpendsLife::No,
    }
}

#[cfg(test)]
mod tests;
