//! Turns looks at the world into facts for the engine. The same on every system.
//!
//! Theory of operation. A *scan* lists the pids and looks closer only at new ones, at young ones (a fork looks like its
//! parent until it has exec'd, a shim becomes the real program), and at a few old ones in turn. What turns out to be a
//! gopls is classified, attributed to a client by walking up its parents, watched for its end, and told. Ends come by
//! themselves as signs. After an end or the birth of a client the scans are fast for a while, because that is when
//! successors come; at rest there is one a second.
//!
//! Rooms: `table` remembers what the pids were, `inherited` finds what an earlier watch left, `judge` says what a process
//! is and whose, `sample` how busy a loading tree is, `gauges` measures servers and the machine, `inside` finds those that
//! wait in the kernel, `asks` reads what the engine wants to know, `told` knows what is news. This file ties them together.

mod asks;
mod gauges;
mod inherited;
mod inside;
mod judge;
mod sample;
mod table;
mod told;

use std::collections::{HashMap, VecDeque};

use goplswatch_core::input::LoadSeen;
use goplswatch_core::message::{Message, Part};
use goplswatch_core::words::{BinaryChange, Capability, CapabilityState, EndDetail, ExitStatus, LoadKind, ServerClass};
use goplswatch_core::{Config, Fact, Moment, Pid, ProcessKey, Reading};

use crate::world::{Glimpse, RunState, Sign, Watched, World};
use asks::Asks;
use gauges::{Gauges, Machine};
use inherited::Inherited;
use sample::Tree;
use table::{Kind, Known, Table};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// How far up a parent chain is walked.
const MOST_ANCESTORS: usize = 24;
/// A load younger than this is not told: most are over by then.
const LOAD_TOLD_AFTER_NS: u64 = 2 * SECOND;
/// A script named gopls that has not become the real one by then is taken for a server itself.
const SCRIPT_IS_ITSELF_AFTER_NS: u64 = SECOND;
/// How long a process counts as young.
const YOUNG_NS: u64 = 5 * SECOND;

/// What the watcher is told at its construction.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The user's home folder, which is nobody's workspace.
    pub home: Option<Vec<u8>>,
    /// Only servers below this process are seen (the demo watches nothing but itself).
    pub below: Option<Pid>,
    /// The engine's thresholds; the watcher needs those of quiet and busy.
    pub config: Config,
}

/// A fact and the moment at which it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// When.
    pub at: Moment,
    /// What.
    pub fact: Fact,
}

struct Client {
    /// Whether the engine knows it: it has run a gopls.
    told: bool,
    watched: bool,
}

struct Server {
    client: Option<ProcessKey>,
    class: ServerClass,
    /// Its folder as told.
    workspace: Option<String>,
    /// Whether the folder of its first `go list` was compared with that.
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
    started_ns: Reading<u64>,
    first_seen_ns: u64,
    /// Its age no longer matters: tell it now.
    overdue: bool,
    told: bool,
    waits: Option<Part>,
    described_ns: u64,
    watched: bool,
}

/// See the module.
pub struct Watcher<W> {
    world: W,
    options: Options,
    table: Table,
    clients: HashMap<ProcessKey, Client>,
    servers: HashMap<ProcessKey, Server>,
    machine: Machine,
    asks: Asks,
    loads: HashMap<ProcessKey, Load>,
    queue: VecDeque<Observed>,
    /// What the world has said and was not taken yet: kept here, so that nobody loses it who stops waiting.
    signs: Vec<Sign>,
    pids: Vec<Pid>,
    began_ns: u64,
    next_scan_ns: u64,
    scanned_ns: u64,
    fast_until_ns: u64,
    /// Scans at these moments besides the regular ones: a successor may live for a tenth of a second only.
    extra: VecDeque<u64>,
    asleep_ns: u64,
    list_failed: bool,
    first_scan_done: bool,
    /// What an earlier watch left as alive, and is neither found nor known to be gone yet. Clients first.
    inherited: Vec<Inherited>,
    /// Whether it was said that ends cannot be watched for.
    watch_refused: bool,
    /// How many times less often than planned it looks.
    pace: u32,
}

impl<W: World> Watcher<W> {
    /// A watcher that has not looked yet.
    pub fn new(world: W, options: Options) -> Self {
        let began_ns = world.now().cont_ns;
        let asleep_ns = world.asleep_ns();
        Self {
            world,
            options,
            table: Table::default(),
            clients: HashMap::new(),
            servers: HashMap::new(),
            machine: Machine::default(),
            asks: Asks::default(),
            loads: HashMap::new(),
            queue: VecDeque::new(),
            signs: Vec::new(),
            pids: Vec::new(),
            began_ns,
            next_scan_ns: 0,
            scanned_ns: 0,
            fast_until_ns: 0,
            extra: VecDeque::new(),
            asleep_ns,
            list_failed: false,
            first_scan_done: false,
            inherited: Vec::new(),
            watch_refused: false,
            pace: 1,
        }
    }

    /// How many times less often than planned it looks, from the next scan on. 1 if never set.
    pub fn set_pace(&mut self, pace: u32) {
        self.pace = pace.max(1);
    }

    /// The thresholds from here on.
    pub fn set_config(&mut self, config: Config) {
        self.options.config = config;
    }

    /// The world underneath.
    pub const fn world(&mut self) -> &mut W {
        &mut self.world
    }

    /// Proves what can be seen, and takes the first look: servers that run already are adopted.
    pub fn begin(&mut self) {
        for capability in self.world.prove() {
            self.tell(Fact::Capability(capability));
        }
        self.scan();
    }

    /// One look at everything now, whether it is due or not. What it finds is [`Self::ready`].
    pub fn look_now(&mut self) {
        self.scan();
    }

    /// The next fact that was found already.
    pub fn ready(&mut self) -> Option<Observed> {
        self.queue.pop_front()
    }

    /// The same for the benchmark, which cannot wait a second for each scan and wants to measure exactly what
    /// [`Self::next`] does when a scan is due. What it finds is thrown away.
    #[doc(hidden)]
    pub fn scan_once(&mut self) {
        self.scan();
        self.queue.clear();
    }

    /// The next fact, or `None` once `until_ns` has come; before that answer one more look is taken, so that nothing
    /// is concluded from an absence that a look would have filled. Cancel-safe.
    pub async fn next(&mut self, until_ns: u64) -> Option<Observed> {
        let mut last_look = false;
        loop {
            if let Some(observed) = self.queue.pop_front() {
                return Some(observed);
            }
            if !self.signs.is_empty() {
                // Whatever else has happened by now: ends that came together are told in a sensible order.
                while let Some(sign) = self.world.next(0).await {
                    self.signs.push(sign);
                }
                let signs = std::mem::take(&mut self.signs);
                self.take_signs(signs);
                continue;
            }
            if last_look {
                return None;
            }
            let scan_ns = self.extra.front().copied().unwrap_or(u64::MAX).min(self.next_scan_ns);
            match self.world.next(scan_ns.min(until_ns)).await {
                Some(sign) => self.signs.push(sign),
                None => {
                    let now = self.world.now().cont_ns;
                    if now >= scan_ns || now >= until_ns {
                        self.scan();
                    }
                    last_look = now >= until_ns;
                }
            }
        }
    }

    fn take_signs(&mut self, signs: Vec<Sign>) {
        // An end right after a night is judged as such only if the night is told first.
        self.notice_sleep();
        let mut ended = Vec::new();
        for sign in signs {
            match sign {
                Sign::Ended { key, status, detail } => ended.push((key, status, detail)),
                Sign::Forked(_) => self.look_soon(&[0, 50 * MS]),
                Sign::Execed(key) => {
                    self.table.rejuvenate(key, self.world.now().cont_ns);
                    self.look_soon(&[0]);
                }
            }
        }
        // A client before its server: then the server's end is explained as soon as it is told.
        ended.sort_by_key(|(key, ..)| !self.clients.contains_key(key));
        for (key, status, detail) in ended {
            self.end(key, status, detail);
        }
    }

    fn look_soon(&mut self, after_ns: &[u64]) {
        let now = self.world.now().cont_ns;
        // A build forks hundreds of times a second; that is no reason to look as often.
        let floor = self.scanned_ns.saturating_add(u64::from(self.pace) * 15 * MS);
        let soon = after_ns.iter().map(|ns| now.saturating_add(*ns).max(floor));
        let mut moments: Vec<u64> = self.extra.iter().copied().chain(soon).collect();
        moments.sort_unstable();
        moments.dedup_by_key(|at| *at / (10 * MS));
        self.extra = moments.into();
    }

    fn hurry(&mut self) {
        let now = self.world.now().cont_ns;
        self.fast_until_ns = now + 20 * SECOND;
        self.next_scan_ns = self.next_scan_ns.min(now + 100 * MS);
        self.look_soon(&[15 * MS, 40 * MS]);
    }

    fn tell(&mut self, fact: Fact) {
        let at = self.world.now();
        self.queue.push_back(Observed { at, fact });
    }

    fn end(&mut self, key: ProcessKey, status: ExitStatus, detail: Option<EndDetail>) {
        if let Some(server) = self.servers.remove(&key) {
            self.end_client_first(server.client);
            if server.class.stays() {
                self.hurry();
            }
            for load in self.loads.values_mut().filter(|l| l.server == Some(key) && !l.told) {
                // It will be an orphan: the engine must hear of it before its server's end, however young it is.
                load.overdue = true;
            }
            self.tell_loads();
            self.tell(Fact::Ended { process: key, status, detail });
        } else if let Some(load) = self.loads.remove(&key) {
            if load.told {
                self.tell(Fact::Ended { process: key, status, detail });
            }
            let another = self.loads.values().any(|l| l.told && l.server == load.server);
            if let Some(server) = load.server.and_then(|s| self.servers.get_mut(&s)).filter(|_| !another) {
                // The engine forgets with its last load what a tree did, and so must we, or we would not tell it again.
                server.tree = Tree::default();
            }
        } else if let Some(known) = self.clients.remove(&key) {
            self.hurry();
            if known.told {
                self.tell(Fact::Ended { process: key, status, detail });
            }
        }
        self.inherited.retain(|one| one.key != key);
        self.table.forget(key);
    }

    /// If the client of an ended server is dead already, that is told first.
    fn end_client_first(&mut self, client: Option<ProcessKey>) {
        let Some(client) = client.filter(|c| self.clients.contains_key(c) && !self.servers.contains_key(c)) else {
            return;
        };
        if self.is_gone(client) && self.clients.remove(&client).is_some() {
            let status = ExitStatus::unknown(Message::FoundGone);
            self.tell(Fact::Ended { process: client, status, detail: None });
        }
    }

    /// One look at everything.
    fn scan(&mut self) {
        let now = self.world.now().cont_ns;
        self.notice_sleep();
        while self.extra.front().is_some_and(|at| *at <= now) {
            self.extra.pop_front();
        }
        self.look_for_inherited();
        let mut pids = std::mem::take(&mut self.pids);
        match self.world.pids(&mut pids) {
            Ok(()) => {
                if std::mem::replace(&mut self.list_failed, false) {
                    self.tell_table(CapabilityState::Ok, Message::TableReadAgain);
                }
                self.look_at(&pids, now);
            }
            Err(why) => {
                if !std::mem::replace(&mut self.list_failed, true) {
                    self.tell_table(CapabilityState::Unsupported, why);
                }
            }
        }
        self.pids = pids;
        self.first_scan_done = true;
        self.look_at_unwatched();
        self.tell_loads();
        self.sample(now);
        let interval = u64::from(self.pace) * if now < self.fast_until_ns { 100 * MS } else { SECOND };
        self.scanned_ns = now;
        self.next_scan_ns = now.saturating_add(interval);
    }

    /// Watches for an end, and says when the system begins to refuse that.
    fn watch(&mut self, key: ProcessKey) -> Watched {
        let watched = self.world.watch(key);
        if let Watched::No(why) = &watched
            && !std::mem::replace(&mut self.watch_refused, true)
        {
            let why = Part::new(why.clone());
            self.tell_ends(CapabilityState::Denied, Message::EndsPartly { why });
        }
        watched
    }

    fn tell_ends(&mut self, state: CapabilityState, said: Message) {
        self.tell(Fact::Capability(Capability::new("end-events", state, said)));
    }

    fn tell_table(&mut self, state: CapabilityState, said: Message) {
        self.tell(Fact::Capability(Capability::new("process-table", state, said)));
    }

    fn notice_sleep(&mut self) {
        let asleep = self.world.asleep_ns();
        let slept = asleep.saturating_sub(self.asleep_ns);
        if slept > 2 * SECOND {
            self.asleep_ns = asleep;
            // No rate is reckoned over a time in which nothing could be used.
            self.servers.values_mut().for_each(|server| server.gauges.slept());
            self.tell(Fact::Slept { ns: slept });
        }
    }

    fn look_at(&mut self, pids: &[Pid], now: u64) {
        let due = self.table.due(pids, now);
        // Parents before children where both are new: lower pids mostly are.
        for pid in due {
            self.look(pid, now);
        }
        for key in self.table.vanished() {
            // Watched ones are reported by their watch, which knows how they ended.
            if self.is_unwatched(key) {
                self.end(key, ExitStatus::unknown(Message::Vanished), None);
            }
        }
    }

    fn is_unwatched(&self, key: ProcessKey) -> bool {
        self.servers.get(&key).is_some_and(|s| !s.watched) || self.loads.get(&key).is_some_and(|l| !l.watched)
    }

    /// Where the system would not watch, zombies and reused pids have to be found by looking.
    fn look_at_unwatched(&mut self) {
        for key in self.unwatched() {
            if self.is_gone(key) {
                self.end(key, ExitStatus::unknown(Message::NotReported), None);
            } else if self.watch_refused && self.watch(key) == Watched::Yes {
                // What was refused for want of descriptors may be granted now.
                self.set_watched(key);
            }
        }
        if self.watch_refused && self.unwatched().is_empty() {
            self.watch_refused = false;
            self.tell_ends(CapabilityState::Ok, Message::EndsWatchedAgain);
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

    fn look(&mut self, pid: Pid, now: u64) {
        let glimpse = match self.world.glimpse(pid) {
            Reading::Known(Some(glimpse)) => glimpse,
            Reading::Known(None) => return self.table.put(pid, Known::foreign(now)),
            // It will be looked at again at the next scan.
            Reading::Unknown { .. } => return,
        };
        if let Some(known) = self.table.get(pid)
            && known.key == Some(glimpse.key)
            && matches!(known.kind, Kind::Told)
        {
            // Already told; it cannot become something else without an exec, which the rolling look would show as
            // another image, but a gopls does not exec.
            self.table.update_parent(pid, glimpse.parent);
            return;
        }
        let kind = if glimpse.state == RunState::Zombie { Kind::Dull } else { self.judge(&glimpse, now) };
        self.table.put(pid, Known::new(&glimpse, kind, now));
    }

    /// What a look shows, if it shows anything.
    fn seen(&mut self, pid: Pid) -> Option<Glimpse> {
        self.world.glimpse(pid).known().cloned().flatten()
    }

    /// Whether a look proves that a process has ended; a look that failed proves nothing.
    fn is_gone(&mut self, key: ProcessKey) -> bool {
        match self.world.glimpse(key.pid) {
            Reading::Known(look) => look.is_none_or(|g| g.key != key || g.state == RunState::Zombie),
            Reading::Unknown { .. } => false,
        }
    }

    fn tell_loads(&mut self) {
        let now = self.world.now().cont_ns;
        let born = |l: &Load| l.started_ns.known().copied().unwrap_or(l.first_seen_ns);
        let due: Vec<ProcessKey> = self
            .loads
            .iter()
            .filter(|(_, l)| !l.told && (l.overdue || now.saturating_sub(born(l)) >= LOAD_TOLD_AFTER_NS))
            .map(|(key, _)| *key)
            .collect();
        for key in due {
            let translated = self.world.arch(key).translated;
            let Some(load) = self.loads.get_mut(&key) else { continue };
            load.told = true;
            let seen = LoadSeen {
                load: key,
                server: load.server.map_or_else(|| Reading::unknown(Message::ParentEnded), Reading::Known),
                kind: load.kind,
                label: load.label.clone(),
                started_ns: load.started_ns.clone(),
                translated,
            };
            self.tell(Fact::LoadSeen(Box::new(seen)));
        }
    }
}
