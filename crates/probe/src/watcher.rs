//! Turns process scans into observations for the engine. The same on every platform.
//!
//! Theory of operation. A *scan* lists the pids and looks closer only at new ones, at young ones (a
//! fork looks like its parent until it has called exec, and a shim becomes the real program), and
//! at a few old ones in turn. A process that turns out to be a gopls is classified, attributed to a
//! client by walking up its parents, watched for its end, and reported. Ends arrive from the
//! platform without polling. After an end or the start of a client, scans are frequent for a while,
//! because that is when successors start; at rest there is one scan a second.
//!
//! Modules: `table` remembers what each pid was, `inherited` finds processes left by an earlier
//! run, `classify` says what a process is and whose, `sample` measures how busy a loading process
//! tree is, `gauges` measures servers and the machine, `kernel_wait` finds servers that wait in the
//! kernel, `pending_requests` serves the engine's probe requests, and `last_reported` decides which
//! values are news. This file ties them together.

mod classify;
mod gauges;
mod inherited;
mod kernel_wait;
mod last_reported;
mod pending_requests;
mod sample;
mod table;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::input::LoadSeen;
use goplswatch_core::message::{Message, SharedMessage};
use goplswatch_core::time::{SECOND, Uptime};
use goplswatch_core::types::{BinaryChange, LoadKind, ServerClass};
use goplswatch_core::{Config, Moment, Observation, Pid, ProcessKey, Reading};

use crate::platform::{Platform, PlatformEvent, ProcessInfo, RunState, WatchOutcome};
use gauges::{Gauges, Machine};
use inherited::Inherited;
use pending_requests::PendingRequests;
use sample::Tree;
use table::{Kind, Table, TableEntry};

/// How many ancestors are examined at most.
const MAX_ANCESTORS: usize = 24;
/// A load younger than this is not reported: most loads have ended by then.
const LOAD_REPORT_DELAY: Duration = Duration::from_secs(2);
/// A script named gopls that has not called exec by this age is taken for a server itself.
const SCRIPT_IS_ITSELF_AFTER: Duration = SECOND;
/// A process counts as young until this long after it was first seen.
const YOUNG: Duration = Duration::from_secs(5);

/// Settings of a new watcher.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The user's home folder, which is never a workspace.
    pub home: Option<Vec<u8>>,
    /// If set, only servers below this process are reported (the demo monitors only its own
    /// processes).
    pub below: Option<Pid>,
    /// The engine's thresholds; the watcher needs the ones for quiet and busy.
    pub config: Config,
}

/// An observation and the time at which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedObservation {
    /// When it was made.
    pub at: Moment,
    /// What was observed.
    pub observation: Observation,
}

struct Client {
    /// Whether the engine knows it: it has run a gopls.
    reported: bool,
    watched: bool,
}

struct Server {
    client: Option<ProcessKey>,
    class: ServerClass,
    /// The workspace folder last reported.
    workspace: Option<String>,
    /// Whether the folder of its first `go list` was compared with the reported workspace.
    learned: bool,
    driver: Option<Vec<u8>>,
    watched: bool,
    gauges: Gauges,
    binary: Option<BinaryChange>,
    tree: Tree,
}

struct Load {
    server: Option<ProcessKey>,
    kind: LoadKind,
    label: String,
    started: Reading<Uptime>,
    first_seen: Uptime,
    /// Whether to report it now, however young it is.
    overdue: bool,
    reported: bool,
    waits: Option<SharedMessage>,
    described: Uptime,
    watched: bool,
}

/// Scans processes and reports observations; see the module.
pub struct Watcher<W> {
    platform: W,
    options: Options,
    table: Table,
    clients: HashMap<ProcessKey, Client>,
    servers: HashMap<ProcessKey, Server>,
    machine: Machine,
    pending_requests: PendingRequests,
    loads: HashMap<ProcessKey, Load>,
    queue: VecDeque<TimedObservation>,
    /// Platform events that were received but not processed yet. They are kept here so that
    /// dropping the future of [`Self::next`] loses none.
    platform_events: Vec<PlatformEvent>,
    pids: Vec<Pid>,
    began: Uptime,
    next_scan: Uptime,
    scanned: Uptime,
    fast_until: Uptime,
    /// Times of scans besides the regular ones: a successor may live for a tenth of a second only.
    extra: VecDeque<Uptime>,
    asleep: Duration,
    list_failed: bool,
    first_scan_done: bool,
    /// Processes that an earlier run left as alive and that are neither found again nor known to be
    /// gone. Clients first.
    inherited: Vec<Inherited>,
    /// Whether it was reported that ends cannot be watched for.
    watch_refused: bool,
    /// Throttle: intervals are this many times as long as planned.
    throttle: u32,
}

impl<W: Platform> Watcher<W> {
    /// A watcher that has not scanned yet.
    pub fn new(platform: W, options: Options) -> Self {
        let began = platform.now().uptime;
        let asleep = platform.asleep();
        Self {
            platform,
            options,
            table: Table::default(),
            clients: HashMap::new(),
            servers: HashMap::new(),
            machine: Machine::default(),
            pending_requests: PendingRequests::default(),
            loads: HashMap::new(),
            queue: VecDeque::new(),
            platform_events: Vec::new(),
            pids: Vec::new(),
            began,
            next_scan: Uptime::BOOT,
            scanned: Uptime::BOOT,
            fast_until: Uptime::BOOT,
            extra: VecDeque::new(),
            asleep,
            list_failed: false,
            first_scan_done: false,
            inherited: Vec::new(),
            watch_refused: false,
            throttle: 1,
        }
    }

    /// Sets the throttle: from the next scan on, intervals are this many times as long as planned.
    /// 1 by default.
    pub fn set_pace(&mut self, pace: u32) {
        self.throttle = pace.max(1);
    }

    /// Replaces the thresholds from now on.
    pub fn set_config(&mut self, config: Config) {
        self.options.config = config;
    }

    /// The platform underneath.
    pub const fn platform(&mut self) -> &mut W {
        &mut self.platform
    }

    /// Runs the self-test and the first scan. Servers that run already are adopted.
    pub fn begin(&mut self) {
        for capability in self.platform.self_test() {
            self.report(Observation::Capability(capability));
        }
        self.scan();
    }

    /// Scans now, whether or not a scan is due. [`Self::ready`] returns what it observes.
    pub fn scan_now(&mut self) {
        self.scan();
    }

    /// The next observation that is already queued.
    pub fn ready(&mut self) -> Option<TimedObservation> {
        self.queue.pop_front()
    }

    /// Scans once, for the benchmark: it cannot wait a second for each scan, and it measures
    /// exactly what [`Self::next`] does when a scan is due. The observations are discarded.
    #[doc(hidden)]
    pub fn scan_once(&mut self) {
        self.scan();
        self.queue.clear();
    }

    /// The next observation, or `None` once `until` has come. Before it returns `None` it scans
    /// once more, so that no conclusion is drawn from the absence of something that a scan would
    /// have found. Cancel-safe.
    pub async fn next(&mut self, until: Uptime) -> Option<TimedObservation> {
        let mut last_look = false;
        loop {
            if let Some(observed) = self.queue.pop_front() {
                return Some(observed);
            }
            if !self.platform_events.is_empty() {
                // Collect the other events that have arrived by now, so that simultaneous ends are
                // reported in a sensible order.
                while let Some(sign) = self.platform.next(Uptime::BOOT).await {
                    self.platform_events.push(sign);
                }
                let signs = std::mem::take(&mut self.platform_events);
                self.handle_platform_events(signs);
                continue;
            }
            if last_look {
                return None;
            }
            let scan = self.extra.front().copied().unwrap_or(Uptime::MAX).min(self.next_scan);
            match self.platform.next(scan.min(until)).await {
                Some(sign) => self.platform_events.push(sign),
                None => {
                    let now = self.platform.now().uptime;
                    if now >= scan || now >= until {
                        self.scan();
                    }
                    last_look = now >= until;
                }
            }
        }
    }

    fn handle_platform_events(&mut self, signs: Vec<PlatformEvent>) {
        // Report sleep first: the engine recognizes an end right after sleep only if it knows of
        // the sleep.
        self.notice_sleep();
        let mut ended = Vec::new();
        for sign in signs {
            match sign {
                PlatformEvent::Ended { key, status, detail } => ended.push((key, status, detail)),
                PlatformEvent::Forked(_) => self.scan_soon(&[Duration::ZERO, Duration::from_millis(50)]),
                PlatformEvent::Execed(key) => {
                    self.table.rejuvenate(key, self.platform.now().uptime);
                    self.scan_soon(&[Duration::ZERO]);
                }
            }
        }
        // A client before its server: the engine can then explain the server's end as soon as it is
        // reported.
        ended.sort_by_key(|(key, ..)| !self.clients.contains_key(key));
        for (key, status, detail) in ended {
            self.end(key, status, detail);
        }
    }

    fn scan_soon(&mut self, after: &[Duration]) {
        let now = self.platform.now().uptime;
        // A build forks hundreds of times a second; do not scan that often.
        let floor = self.scanned + self.throttle * Duration::from_millis(15);
        let soon = after.iter().map(|wait| (now + *wait).max(floor));
        let mut moments: Vec<Uptime> = self.extra.iter().copied().chain(soon).collect();
        moments.sort_unstable();
        moments.dedup_by_key(|at| at.steps(Duration::from_millis(10)));
        self.extra = moments.into();
    }

    fn scan_often(&mut self) {
        let now = self.platform.now().uptime;
        self.fast_until = now + 20 * SECOND;
        self.next_scan = self.next_scan.min(now + Duration::from_millis(100));
        self.scan_soon(&[Duration::from_millis(15), Duration::from_millis(40)]);
    }

    fn report(&mut self, observation: Observation) {
        let at = self.platform.now();
        self.queue.push_back(TimedObservation { at, observation });
    }

    fn end(&mut self, key: ProcessKey, status: ExitStatus, detail: Option<EndDetail>) {
        if let Some(server) = self.servers.remove(&key) {
            self.end_client_first(server.client);
            if server.class.is_long_running() {
                self.scan_often();
            }
            for load in self.loads.values_mut().filter(|l| l.server == Some(key) && !l.reported) {
                // It becomes an orphan. The engine must know of it before its server's end, however
                // young it is.
                load.overdue = true;
            }
            self.report_due_loads();
            self.report(Observation::Ended { process: key, status, detail });
        } else if let Some(load) = self.loads.remove(&key) {
            if load.reported {
                self.report(Observation::Ended { process: key, status, detail });
            }
            let another = self.loads.values().any(|l| l.reported && l.server == load.server);
            if let Some(server) = load.server.and_then(|s| self.servers.get_mut(&s)).filter(|_| !another) {
                // When the last load ends, the engine forgets the activity of the process tree.
                // Forget it here as well, or the same activity would not be reported again.
                server.tree = Tree::default();
            }
        } else if let Some(known) = self.clients.remove(&key) {
            self.scan_often();
            if known.reported {
                self.report(Observation::Ended { process: key, status, detail });
            }
        }
        self.inherited.retain(|one| one.key != key);
        self.table.forget(key);
    }

    /// If the client of an ended server is dead already, reports the client's end first.
    fn end_client_first(&mut self, client: Option<ProcessKey>) {
        let Some(client) = client.filter(|c| self.clients.contains_key(c) && !self.servers.contains_key(c)) else {
            return;
        };
        if self.is_gone(client) && self.clients.remove(&client).is_some() {
            let status = ExitStatus::unknown(Message::FoundGone);
            self.report(Observation::Ended { process: client, status, detail: None });
        }
    }

    /// Scans the process table and takes all readings that are due.
    fn scan(&mut self) {
        let now = self.platform.now().uptime;
        self.notice_sleep();
        while self.extra.front().is_some_and(|at| *at <= now) {
            self.extra.pop_front();
        }
        self.look_for_inherited();
        let mut pids = std::mem::take(&mut self.pids);
        match self.platform.pids(&mut pids) {
            Ok(()) => {
                if std::mem::replace(&mut self.list_failed, false) {
                    self.report_process_table(CapabilityState::Ok, Message::TableReadAgain);
                }
                self.update_processes(&pids, now);
            }
            Err(why) => {
                if !std::mem::replace(&mut self.list_failed, true) {
                    self.report_process_table(CapabilityState::Unsupported, why);
                }
            }
        }
        self.pids = pids;
        self.first_scan_done = true;
        self.look_at_unwatched();
        self.report_due_loads();
        self.sample(now);
        let interval = self.throttle * if now < self.fast_until { Duration::from_millis(100) } else { SECOND };
        self.scanned = now;
        self.next_scan = now + interval;
    }

    /// Watches a process for its end, and reports it when the system begins to refuse that.
    fn watch(&mut self, key: ProcessKey) -> WatchOutcome {
        let watched = self.platform.watch(key);
        if let WatchOutcome::Refused(why) = &watched
            && !std::mem::replace(&mut self.watch_refused, true)
        {
            let why = SharedMessage::new(why.clone());
            self.report_end_events(CapabilityState::Denied, Message::EndsPartly { why });
        }
        watched
    }

    fn report_end_events(&mut self, state: CapabilityState, said: Message) {
        self.report(Observation::Capability(Capability::new("end-events", state, said)));
    }

    fn report_process_table(&mut self, state: CapabilityState, said: Message) {
        self.report(Observation::Capability(Capability::new("process-table", state, said)));
    }

    fn notice_sleep(&mut self) {
        let asleep = self.platform.asleep();
        let slept = asleep.saturating_sub(self.asleep);
        if slept > 2 * SECOND {
            self.asleep = asleep;
            // No rate may be computed over a time in which nothing could be used.
            self.servers.values_mut().for_each(|server| server.gauges.slept());
            self.report(Observation::Slept { length: slept });
        }
    }

    fn update_processes(&mut self, pids: &[Pid], now: Uptime) {
        let due = self.table.due(pids, now);
        // Where parent and child are both new, the parent mostly has the lower pid and so comes
        // first.
        for pid in due {
            self.update_process(pid, now);
        }
        for key in self.table.vanished() {
            // The ends of watched processes are reported by the platform, which knows how they
            // ended.
            if self.is_unwatched(key) {
                self.end(key, ExitStatus::unknown(Message::Vanished), None);
            }
        }
    }

    fn is_unwatched(&self, key: ProcessKey) -> bool {
        self.servers.get(&key).is_some_and(|s| !s.watched) || self.loads.get(&key).is_some_and(|l| !l.watched)
    }

    /// Polls the processes that the system refused to watch, to find zombies and reused pids.
    fn look_at_unwatched(&mut self) {
        for key in self.unwatched() {
            if self.is_gone(key) {
                self.end(key, ExitStatus::unknown(Message::NotReported), None);
            } else if self.watch_refused && self.watch(key) == WatchOutcome::Attached {
                // A watch that was refused for lack of descriptors may be granted now.
                self.set_watched(key);
            }
        }
        if self.watch_refused && self.unwatched().is_empty() {
            self.watch_refused = false;
            self.report_end_events(CapabilityState::Ok, Message::EndsWatchedAgain);
        }
    }

    fn unwatched(&self) -> Vec<ProcessKey> {
        let servers = self.servers.iter().filter(|(_, s)| !s.watched).map(|(k, _)| *k);
        let loads = self.loads.iter().filter(|(_, l)| !l.watched).map(|(k, _)| *k);
        let clients = self.clients.iter().filter(|(_, c)| !c.watched).map(|(k, _)| *k);
        servers.chain(loads).chain(clients).collect()
    }

    fn set_watched(&mut self, key: ProcessKey) {
        if let Some(server) = self.servers.get_mut(&key) {
            server.watched = true;
        }
        if let Some(load) = self.loads.get_mut(&key) {
            load.watched = true;
        }
        if let Some(client) = self.clients.get_mut(&key) {
            client.watched = true;
        }
    }

    fn update_process(&mut self, pid: Pid, now: Uptime) {
        let glimpse = match self.platform.process_info(pid) {
            Reading::Known(Some(glimpse)) => glimpse,
            Reading::Known(None) => return self.table.put(pid, TableEntry::foreign(now)),
            // The next scan will look at it again.
            Reading::Unknown { .. } => return,
        };
        if let Some(known) = self.table.get(pid)
            && known.key == Some(glimpse.key)
            && matches!(known.kind, Kind::Reported)
        {
            // Already reported. Only an exec could make it another program (a later look would then
            // show another image), and a gopls does not call exec.
            self.table.update_parent(pid, glimpse.parent);
            return;
        }
        let kind = if glimpse.state == RunState::Zombie { Kind::Ignored } else { self.classify(&glimpse, now) };
        self.table.put(pid, TableEntry::new(&glimpse, kind, now));
    }

    /// The result of a look, if it succeeded and the process exists.
    fn existing_process(&mut self, pid: Pid) -> Option<ProcessInfo> {
        self.platform.process_info(pid).known().cloned().flatten()
    }

    /// Whether a look proves that a process has ended. A look that failed proves nothing.
    fn is_gone(&mut self, key: ProcessKey) -> bool {
        match self.platform.process_info(key.pid) {
            Reading::Known(look) => look.is_none_or(|g| g.key != key || g.state == RunState::Zombie),
            Reading::Unknown { .. } => false,
        }
    }

    fn report_due_loads(&mut self) {
        let now = self.platform.now().uptime;
        let born = |l: &Load| l.started.known().copied().unwrap_or(l.first_seen);
        let due: Vec<ProcessKey> = self
            .loads
            .iter()
            .filter(|(_, l)| !l.reported && (l.overdue || now.since(born(l)) >= LOAD_REPORT_DELAY))
            .map(|(key, _)| *key)
            .collect();
        for key in due {
            let translated = self.platform.arch(key).translated;
            let Some(load) = self.loads.get_mut(&key) else { continue };
            load.reported = true;
            let seen = LoadSeen {
                load: key,
                server: load.server.map_or_else(|| Reading::unknown(Message::ParentEnded), Reading::Known),
                kind: load.kind,
                label: load.label.clone(),
                started: load.started.clone(),
                translated,
            };
            self.report(Observation::LoadSeen(Box::new(seen)));
        }
    }
}
