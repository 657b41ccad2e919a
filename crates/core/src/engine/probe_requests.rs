//! Requests for costly readings: why they are made, how often, and at what maximum rate.
//!
//! Theory of operation. Code with a reason for a reading registers it from a certain time on
//! ([`State::schedule_probe`]). When that time has come the reason is checked again
//! ([`State::interval`]). If it still holds, the reading is requested, and registered again one
//! interval later; so an entry that became pointless costs only the check. For each kind and
//! process at most one reply is outstanding, and an unanswered request may be repeated after
//! [`REPLY_TIMEOUT`]. In any minute at most [`MAX_PER_MINUTE`] readings are requested, those
//! that have waited longest first.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::pressure::Reach;
use super::processes::Server;
use super::subject::Subject;
use super::table::{Table, pairs};
use super::{Effect, Now, State};
use crate::code::Code;
use crate::gauge::{Gauge, ProbeRequest};
use crate::time::{MINUTE, Uptime};
use crate::types::{ProcessKey, ServerClass};

/// A request without a reply may be repeated after this time.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum number of requests in any minute, of all kinds together.
const MAX_PER_MINUTE: usize = 6;
/// Minimum interval between descriptor counts of a process whose upper bound keeps changing.
const MIN_DESCRIPTOR_COUNT_INTERVAL: Duration = Duration::from_secs(15);
/// Delay between the first server and the first reading of who holds file watches.
const FIRST_WATCH_LOOK: Duration = MINUTE;
/// Delay before a server's own watches are first counted, so that it has had time to set them:
/// `gopls mcp` does so at its start, other servers only if they are configured to.
const WATCHES_OF_MCP: Duration = MINUTE;
const WATCHES_OF_OTHERS: Duration = Duration::from_secs(120);
/// An unreadable value is tried again after this many of the usual intervals: the system will
/// hardly become able to report it meanwhile.
const UNREADABLE_BACKOFF: u32 = 12;

/// A reading that was requested.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct SentRequest {
    #[serde(rename = "at_ns")]
    at: Uptime,
    answered: bool,
}

/// The state of one reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct RequestState {
    /// The time from which it is wanted.
    from: Option<Uptime>,
    /// The last request for it.
    last_request: Option<SentRequest>,
}

/// The wanted readings, and the requests made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(super) struct ProbeRequests {
    /// Wanted readings by the time from which they are wanted, oldest first.
    wanted: BTreeSet<(Uptime, ProbeRequest)>,
    /// The same times and the last requests, by reading.
    states: Table<ProbeRequest, RequestState>,
    /// Times of the last [`MAX_PER_MINUTE`] requests.
    recent: VecDeque<Uptime>,
    /// The time for which a wake is scheduled.
    #[serde(rename = "armed_ns")]
    armed: Option<Uptime>,
}

/// The serialized form of [`ProbeRequests`].
#[derive(Serialize, Deserialize)]
struct Written {
    wanted: BTreeSet<(Uptime, ProbeRequest)>,
    #[serde(with = "pairs")]
    #[serde(rename = "from_ns")]
    from: Table<ProbeRequest, Uptime>,
    #[serde(with = "pairs")]
    asked: Table<ProbeRequest, SentRequest>,
    recent: VecDeque<Uptime>,
    #[serde(rename = "armed_ns")]
    armed: Option<Uptime>,
}

impl From<Written> for ProbeRequests {
    fn from(written: Written) -> Self {
        let mut states = Table::<ProbeRequest, RequestState>::default();
        for (request, from) in written.from {
            states.get_or_default(request).from = Some(from);
        }
        for (request, asked) in written.asked {
            states.get_or_default(request).last_request = Some(asked);
        }
        Self { wanted: written.wanted, states, recent: written.recent, armed: written.armed }
    }
}

impl From<ProbeRequests> for Written {
    fn from(requests: ProbeRequests) -> Self {
        let states = || requests.states.iter();
        Self {
            from: states().filter_map(|(request, state)| Some((*request, state.from?))).collect(),
            asked: states().filter_map(|(request, state)| Some((*request, state.last_request?))).collect(),
            wanted: requests.wanted,
            recent: requests.recent,
            armed: requests.armed,
        }
    }
}

impl ProbeRequests {
    fn schedule(&mut self, request: ProbeRequest, at: Uptime) {
        let state = self.states.get_or_default(request);
        if state.from.is_some_and(|from| from <= at) {
            return;
        }
        if let Some(before) = state.from.replace(at) {
            self.wanted.remove(&(before, request));
        }
        self.wanted.insert((at, request));
    }

    fn forget(&mut self, request: ProbeRequest) {
        if let Some(from) = self.states.remove(&request).and_then(|state| state.from) {
            self.wanted.remove(&(from, request));
        }
    }

    fn is_wanted(&self, request: ProbeRequest) -> bool {
        self.states.get(&request).is_some_and(|state| state.from.is_some())
    }

    fn last_request(&self, request: ProbeRequest) -> Option<SentRequest> {
        self.states.get(&request)?.last_request
    }

    /// How many readings of single processes are wanted or were requested.
    #[cfg(test)]
    pub(super) fn of_processes(&self) -> usize {
        let of_one = |request: &&ProbeRequest| {
            matches!(request, ProbeRequest::Descriptors(_) | ProbeRequest::Watches(_) | ProbeRequest::SharedMemory(_))
        };
        self.states.keys().filter(of_one).count()
    }

    /// When the first wanted reading may be requested.
    fn due(&self) -> Option<Uptime> {
        let (at, _) = self.wanted.first()?;
        let room =
            self.recent.front().filter(|_| self.recent.len() >= MAX_PER_MINUTE).map_or(Uptime::BOOT, |at| *at + MINUTE);
        Some(room.max(*at))
    }

    /// Takes out the next reading that may be requested now.
    fn next(&mut self, now: Uptime) -> Option<ProbeRequest> {
        self.due().filter(|at| *at <= now)?;
        let (_, request) = self.wanted.pop_first()?;
        if let Some(state) = self.states.get_mut(&request) {
            state.from = None;
            if state.last_request.is_none() {
                self.states.remove(&request);
            }
        }
        Some(request)
    }

    fn record_request(&mut self, request: ProbeRequest, now: Uptime) {
        self.states.get_or_default(request).last_request = Some(SentRequest { at: now, answered: false });
        self.recent.push_back(now);
        if self.recent.len() > MAX_PER_MINUTE {
            self.recent.pop_front();
        }
    }
}

impl State {
    /// Registers a reading as wanted from this time on, unless it is wanted earlier already.
    pub(super) fn schedule_probe(&mut self, request: ProbeRequest, at: Uptime) {
        self.probe_requests.schedule(request, at);
        self.arm();
    }

    /// Like [`State::schedule_probe`], but at least `least` after the last request.
    pub(super) fn schedule_probe_again(&mut self, now: Now, request: ProbeRequest, least: Duration) {
        let last = self.probe_requests.last_request(request).map_or(Uptime::BOOT, |asked| asked.at + least);
        self.schedule_probe(request, now.uptime().max(last));
    }

    /// Schedules a wake for the time at which the first wanted reading may be requested.
    fn arm(&mut self) {
        let Some(at) = self.probe_requests.due() else { return };
        if self.probe_requests.armed.is_none_or(|armed| at < armed) {
            self.probe_requests.armed = Some(at);
            self.agenda.schedule(at, Due::Asks);
        }
    }

    /// Requests the readings that are due and still have a reason.
    pub(super) fn send_due_requests(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.probe_requests.armed.is_none_or(|at| now.uptime() < at) {
            return;
        }
        self.probe_requests.armed = None;
        while let Some(request) = self.probe_requests.next(now.uptime()) {
            let Some(interval) = self.interval(request) else {
                self.probe_requests.forget(request);
                continue;
            };
            let awaited = self
                .probe_requests
                .last_request(request)
                .filter(|asked| !asked.answered)
                .map(|asked| asked.at + REPLY_TIMEOUT);
            if let Some(deadline) = awaited.filter(|at| now.uptime() < *at) {
                self.probe_requests.schedule(request, deadline);
                continue;
            }
            self.probe_requests.record_request(request, now.uptime());
            self.probe_requests.schedule(request, now.uptime() + interval);
            out.push(Effect::Ask(request));
        }
        self.arm();
    }

    pub(super) fn reply_received(&mut self, request: ProbeRequest) {
        if let Some(asked) = self.probe_requests.states.get_mut(&request).and_then(|state| state.last_request.as_mut())
        {
            asked.answered = true;
        }
    }

    /// The interval at which a reading is repeated; `None` if there is no reason for
    /// it any more.
    fn interval(&self, request: ProbeRequest) -> Option<Duration> {
        let unreadable = |track: Option<&super::gauges::SampleHistory>| {
            track.and_then(super::gauges::SampleHistory::last).is_some_and(|told| told.value.known().is_none())
        };
        match request {
            ProbeRequest::Descriptors(key) => {
                let server = self.processes.server(key)?;
                let over = self.levels.get(Code::DescriptorPressure, Subject::Server(key)).is_some();
                self.bound_is_large(server).then_some(if over { MINUTE } else { 5 * MINUTE })
            }
            ProbeRequest::Watches(key) => {
                let server = self.processes.server(key)?;
                let times = if unreadable(server.gauges.get(Gauge::Watches)) { UNREADABLE_BACKOFF } else { 1 };
                Some(10 * MINUTE * times)
            }
            ProbeRequest::SharedMemory(key) => {
                let server = self.processes.server(key)?;
                let beside = self.processes.lineage(server.lineage).is_some_and(|lineage| lineage.alive.len() > 1);
                beside.then_some(30 * MINUTE)
            }
            ProbeRequest::DescriptorHolders => {
                self.levels.get(Code::FileTableFull, Subject::Machine).map(|_| 2 * MINUTE)
            }
            ProbeRequest::WatchHolders => {
                let times = if unreadable(self.machine.get(Gauge::UserWatches)) { UNREADABLE_BACKOFF } else { 1 };
                // A reported incident must be able to close even after the last gopls has ended,
                // perhaps together with the holders of the watches.
                let told = self.levels.get(Code::WatchLimit, Subject::Machine).is_some();
                (told || self.processes.runs_any()).then_some(self.config.watch_look * times)
            }
            ProbeRequest::Indexer => {
                let busy = self.levels.get(Code::SpotlightBusy, Subject::Machine).is_some();
                let slow = || self.incidents.of(Code::SlowLoad).next().is_some();
                let times = if unreadable(self.machine.get(Gauge::IndexerCpu)) { UNREADABLE_BACKOFF } else { 1 };
                (busy || (self.has_an_indexer() && slow())).then_some(MINUTE * times)
            }
        }
    }

    /// Spotlight gauges exist, and are measured, only on macOS.
    fn has_an_indexer(&self) -> bool {
        [Gauge::IndexerBirths, Gauge::IndexerWorkers].iter().any(|gauge| self.machine.known(*gauge).is_some())
    }

    /// Whether a server may have so many open descriptors that counting them is worthwhile. The
    /// upper bound costs nothing to read, but on macOS it is the size of a table, any part of which
    /// may be empty.
    fn bound_is_large(&self, server: &Server) -> bool {
        let Some((bound, _)) = server.gauges.known(Gauge::DescriptorBound) else { return false };
        self.descriptors_reach(server, bound) == Reach::Over || bound >= self.config.descriptors / 10
    }

    /// A server started.
    pub(super) fn schedule_probes_for_new_server(&mut self, now: Now, key: ProcessKey) {
        let Some(server) = self.processes.server(key) else { return };
        let watches = match server.seen.class {
            ServerClass::Mcp => WATCHES_OF_MCP,
            ServerClass::Lsp | ServerClass::Daemon => WATCHES_OF_OTHERS,
            ServerClass::Forwarder | ServerClass::OneShot | ServerClass::Sidecar => return,
        };
        // Memory shared by the servers of one lineage must count once. It is read once a second
        // server has started: then for both, and for each later server as it starts.
        let beside: Vec<ProcessKey> = match self.processes.lineage(server.lineage).map(|lineage| &lineage.alive) {
            Some(alive) if alive.len() == 2 => alive.iter().copied().collect(),
            Some(alive) if alive.len() > 2 => vec![key],
            _ => Vec::new(),
        };
        self.schedule_probe(ProbeRequest::Watches(key), now.uptime() + watches);
        for key in beside {
            self.schedule_probe(ProbeRequest::SharedMemory(key), now.uptime() + MINUTE);
        }
        if !self.probe_requests.is_wanted(ProbeRequest::WatchHolders) {
            let first = now.uptime() + FIRST_WATCH_LOOK;
            let usual = self.config.watch_look;
            let again = self
                .probe_requests
                .last_request(ProbeRequest::WatchHolders)
                .map_or(Uptime::BOOT, |asked| asked.at + usual);
            self.schedule_probe(ProbeRequest::WatchHolders, first.max(again));
        }
    }

    pub(super) fn forget_probe_requests(&mut self, key: ProcessKey) {
        for request in [ProbeRequest::Descriptors(key), ProbeRequest::Watches(key), ProbeRequest::SharedMemory(key)] {
            self.probe_requests.forget(request);
        }
    }

    /// The upper bound of a server's descriptors changed.
    pub(super) fn descriptor_bound_changed(&mut self, now: Now, key: ProcessKey) {
        let Some(server) = self.processes.server(key) else { return };
        if self.bound_is_large(server) {
            self.schedule_probe_again(now, ProbeRequest::Descriptors(key), MIN_DESCRIPTOR_COUNT_INTERVAL);
            self.schedule_probe_again(now, ProbeRequest::Watches(key), 2 * MINUTE);
        }
    }

    pub(super) fn schedule_indexer_probe(&mut self, now: Now) {
        if self.has_an_indexer() {
            self.schedule_probe_again(now, ProbeRequest::Indexer, MINUTE);
        }
    }

    /// The agent was restarted and has lost the requests, so no reply is outstanding any more.
    pub(super) fn forget_pending_replies(&mut self) {
        for asked in self.probe_requests.states.values_mut().filter_map(|state| state.last_request.as_mut()) {
            asked.answered = true;
        }
    }
}
