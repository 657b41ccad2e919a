//! The children that load packages (`go list`, a package driver): stuck, slow, or orphaned.
//!
//! While the initial load hangs, gopls answers no request at all. From outside this shows as a
//! child that stays alive while the whole process tree is idle. A stopped tree (SIGSTOP, a
//! debugger) is idle too, but the load is not at fault.

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::subject::LineageId;
use super::subject::Subject;
use super::table::{Set, Table, pairs};
use super::{Effect, LATEST_NS, MS, Now, State};
use crate::code::Code;
use crate::codes::End;
use crate::input::LoadSeen;
use crate::message::{Location, Message, Millis, Process, SharedMessage, Verbatim};
use crate::types::{Activity, LoadKind, ProcessKey, Seq};

/// A load child that is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) server: Option<ProcessKey>,
    pub(super) lineage: Option<LineageId>,
    kind: LoadKind,
    pub(super) label: String,
    started_ns: u64,
    seen: Seq,
    waits: Option<(SharedMessage, Seq)>,
    /// When its server was found to be gone, nanoseconds.
    orphan_since_ns: Option<u64>,
    evidence: Vec<Seq>,
    /// Its age when it was reported as stuck, milliseconds; kept because an incident does not
    /// change merely as time passes.
    told_age_ms: Option<u64>,
    /// When a fix asked it to end.
    #[serde(default)]
    pub(super) asked_ns: Option<u64>,
    /// Waiting counts only from this time on, nanoseconds: sleep and stops do not count.
    not_before_ns: u64,
}

impl Load {
    /// What it waits for, as a phrase, and the input that reported it.
    pub(super) fn waits(&self) -> Option<(&SharedMessage, Seq)> {
        self.waits.as_ref().map(|(on, seq)| (on, *seq))
    }
}

/// The load children that are alive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Loads(#[serde(with = "pairs")] Table<ProcessKey, Box<Load>>);

impl Loads {
    pub(super) fn get(&self, key: ProcessKey) -> Option<&Load> {
        self.0.get(&key).map(AsRef::as_ref)
    }

    pub(super) fn get_mut(&mut self, key: ProcessKey) -> Option<&mut Load> {
        self.0.get_mut(&key).map(AsMut::as_mut)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = ProcessKey> {
        self.0.keys().copied()
    }

    /// The machine slept until now, which does not count as waiting.
    pub(super) fn slept(&mut self, now: Now) {
        self.0.values_mut().for_each(|load| load.not_before_ns = now.ns());
    }
}

impl State {
    pub(super) fn load_seen(&mut self, now: Now, seen: LoadSeen, out: &mut Vec<Effect>) {
        self.judge_translated_toolchain(now, &seen, out);
        let server = seen.server.known().copied().filter(|s| self.processes.server(*s).is_some());
        let lineage = server.and_then(|s| self.processes.server(s)).map(|s| s.lineage);
        let started_ns = seen.started_ns.known().map_or_else(|| now.ns(), |start| (*start).min(LATEST_NS));
        let load = Load {
            server,
            lineage,
            kind: seen.kind,
            label: seen.label,
            started_ns,
            seen: now.seq,
            waits: None,
            orphan_since_ns: server.is_none().then(|| now.ns()),
            evidence: vec![now.seq],
            told_age_ms: None,
            asked_ns: None,
            not_before_ns: 0,
        };
        let config = &self.config;
        let slow = self.slow_after_ms(load.kind) * MS;
        let due = [started_ns + config.stuck_load_ms * MS, started_ns + slow, now.ns() + config.orphan_after_ms * MS];
        if self.loads.get(seen.load).is_none() {
            self.loads.0.insert(seen.load, Box::new(load));
            if let Some(server) = server.and_then(|s| self.processes.server_mut(s)) {
                if server.loads.is_empty() {
                    // Activity of the tree during an earlier load says nothing about this one.
                    server.activity = None;
                }
                server.loads.insert(seen.load);
            }
            if let Some(server) = server {
                self.learn_load(server, seen.load);
                self.load_changes_pressure(now, server, out);
            }
        }
        self.agenda.touch(Due::Load(seen.load));
        for at in due {
            self.agenda.schedule(at, Due::Load(seen.load));
        }
    }

    fn slow_after_ms(&self, kind: LoadKind) -> u64 {
        match kind {
            LoadKind::GoList => self.config.slow_load_ms,
            LoadKind::Driver => self.config.slow_driver_ms,
        }
    }

    pub(super) fn load_waits(&mut self, now: Now, key: ProcessKey, on: SharedMessage, out: &mut Vec<Effect>) {
        let Some(load) = self.loads.get_mut(key) else { return };
        self.agenda.touch(Due::Load(key));
        load.waits = Some((on, now.seq));
        if self.incidents.is_open(Code::StuckLoad, Subject::Load(key)) {
            self.tell_stuck(now, key, out);
        }
    }

    pub(super) fn tree_activity(&mut self, now: Now, server: ProcessKey, activity: Activity, out: &mut Vec<Effect>) {
        let Some(known) = self.processes.server_mut(server) else { return };
        if known.activity.is_some_and(|(level, _)| level == activity) {
            return;
        }
        let stopped = known.activity.is_some_and(|(level, _)| level == Activity::Stopped);
        known.activity = Some((activity, now.ns()));
        for key in known.loads.clone() {
            if let Some(load) = self.loads.get_mut(key).filter(|_| stopped) {
                // While it was stopped, it could neither work nor wait.
                load.not_before_ns = now.ns();
            }
            let due = Due::Load(key);
            self.agenda.touch(due);
            self.agenda.schedule(now.ns() + self.config.stuck_quiet_ms * MS, due);
            // The last change of activity is the evidence; of earlier ones a few are enough.
            if let Some(load) = self.loads.get_mut(key) {
                load.evidence.truncate(7);
                load.evidence.push(now.seq);
            }
            if activity != Activity::Quiet {
                let by = if activity == Activity::Stopped { End::LoadStopped } else { End::LoadMoves };
                self.end_all(now, Subject::Load(key), by, out);
                if let Some(load) = self.loads.get_mut(key) {
                    load.told_age_ms = None;
                }
            }
        }
    }

    /// Learns the duration of a load.
    pub(super) fn learn_from_load(&mut self, now: Now, key: ProcessKey) {
        if let Some((server, started_ns)) = self.loads.get(key).and_then(|load| Some((load.server?, load.started_ns))) {
            self.learn_load_end(now, server, key, started_ns);
        }
    }

    pub(super) fn load_ended(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        if let Some(load) = self.loads.0.remove(&key) {
            self.agenda.unmark(Due::Load(key));
            if let Some(server) = load.server.and_then(|s| self.processes.server_mut(s)) {
                server.loads.remove(&key);
                server.loaded_ns = Some(now.ns());
            }
            if let Some(server) = load.server {
                self.load_changes_pressure(now, server, out);
            }
            self.end_all(now, Subject::Load(key), End::LoadEnded, out);
        }
    }

    pub(super) fn server_ended_loads(&mut self, now: Now, loads: &Set<ProcessKey>, out: &mut Vec<Effect>) {
        for &key in loads {
            let Some(load) = self.loads.get_mut(key) else { continue };
            load.server = None;
            load.orphan_since_ns = Some(now.ns());
            load.evidence.push(now.seq);
            self.end_all(now, Subject::Load(key), End::LoadLost, out);
            self.agenda.touch(Due::Load(key));
            self.agenda.schedule(now.ns() + self.config.orphan_after_ms * MS, Due::Load(key));
        }
    }

    /// Judges a load at this time.
    pub(super) fn judge_load(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(load) = self.loads.get(key) else { return };
        let age = now.ns().saturating_sub(load.started_ns);
        if let Some(since) = load.orphan_since_ns {
            let due = since + self.config.orphan_after_ms * MS;
            if now.ns() >= due {
                self.tell_orphan(now, key, out);
            } else {
                self.agenda.schedule(due, Due::Load(key));
            }
            return;
        }
        let Some((activity, since)) = load.server.and_then(|s| self.processes.server(s)).and_then(|s| s.activity)
        else {
            return;
        };
        let slow = load.started_ns.max(load.not_before_ns) + self.slow_after_ms(load.kind) * MS;
        match activity {
            Activity::Quiet => {
                let quiet = since.max(load.not_before_ns) + self.config.stuck_quiet_ms * MS;
                let due = quiet.max(load.started_ns.max(load.not_before_ns) + self.config.stuck_load_ms * MS);
                if now.ns() >= due {
                    self.end_all(now, Subject::Load(key), End::LoadStands, out);
                    self.tell_stuck(now, key, out);
                } else {
                    self.agenda.schedule(due, Due::Load(key));
                }
            }
            Activity::Busy if now.ns() >= slow => {
                let (label, place) = (Verbatim(load.label.clone()), self.place_of_load(load.lineage));
                let age = Millis::new(age / MS);
                let usual = load.server.and_then(|server| self.usual_load(server, key));
                let usual = usual.map(|usual| Millis::new(usual.median));
                let said = match load.kind {
                    LoadKind::GoList => Message::SlowGoList { label, place, age, usual },
                    LoadKind::Driver => Message::SlowDriver { label, place, age, usual },
                };
                let (seen, lineage) = (load.seen, load.lineage);
                if !self.incidents.is_open(Code::SlowLoad, Subject::Load(key)) {
                    self.open(now, Code::SlowLoad, Subject::Load(key), lineage, said, vec![seen], out);
                    self.schedule_indexer_probe(now);
                }
            }
            Activity::Busy => self.agenda.schedule(slow, Due::Load(key)),
            Activity::Stopped => {}
        }
    }

    fn place_of_load(&self, lineage: Option<LineageId>) -> Location {
        lineage.map_or(Location(None), |id| self.processes.location(id))
    }

    fn tell_stuck(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(load) = self.loads.get_mut(key) else { return };
        let age = *load.told_age_ms.get_or_insert(now.ns().saturating_sub(load.started_ns) / MS);
        let waits = load.waits.as_ref().map(|(on, _)| Message::WaitsFor { what: on.clone() });
        let waits = SharedMessage::new(waits.unwrap_or(Message::WaitsUnknown));
        let mut evidence = load.evidence.clone();
        evidence.extend(load.waits.as_ref().map(|(_, seq)| *seq));
        let (label, lineage, kind) = (Verbatim(load.label.clone()), load.lineage, load.kind);
        let (place, age) = (self.place_of_load(lineage), Millis::new(age));
        let said = match kind {
            LoadKind::GoList => Message::StuckGoList { label, place, age, waits },
            LoadKind::Driver => Message::StuckDriver { label, place, age, waits },
        };
        self.open(now, Code::StuckLoad, Subject::Load(key), lineage, said, evidence, out);
    }

    fn tell_orphan(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(load) = self.loads.get(key) else { return };
        if self.incidents.is_open(Code::OrphanGoList, Subject::Load(key)) {
            return;
        }
        let lineage = load.lineage.filter(|id| self.processes.lineage(*id).is_some());
        let label = Process { name: load.label.clone(), pid: key.pid };
        let said = Message::LeftOver { label, place: self.place_of_load(lineage) };
        let evidence = load.evidence.clone();
        self.open(now, Code::OrphanGoList, Subject::Load(key), lineage, said, evidence, out);
    }
}
