//! The children that load packages (`go list`, a package driver): stuck, slow, or orphaned.
//!
//! While the initial load hangs, gopls answers no request at all. From outside this shows as a
//! child that stays alive while the whole process tree is idle. A stopped tree (SIGSTOP, a
//! debugger) is idle too, but the load is not at fault.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::subject::LineageId;
use super::subject::Subject;
use super::table::{Set, Table, pairs};
use super::{Effect, LATEST, Now, State};
use crate::code::Code;
use crate::codes::End;
use crate::input::LoadSeen;
use crate::message::{Location, Message, Millis, Process, SharedMessage, Verbatim};
use crate::time::{OptionalMs, Uptime};
use crate::types::{Activity, LoadKind, ProcessKey, Seq};

/// A load child that is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) server: Option<ProcessKey>,
    pub(super) lineage: Option<LineageId>,
    kind: LoadKind,
    pub(super) label: String,
    #[serde(rename = "started_ns")]
    started: Uptime,
    seen: Seq,
    waits: Option<(SharedMessage, Seq)>,
    /// When its server was found to be gone.
    #[serde(rename = "orphan_since_ns")]
    orphan_since: Option<Uptime>,
    evidence: Vec<Seq>,
    /// Its age when it was reported as stuck; kept because an incident does not
    /// change merely as time passes.
    #[serde(rename = "told_age_ms", with = "OptionalMs", default)]
    told_age: Option<Duration>,
    /// When a fix asked it to end.
    #[serde(default)]
    #[serde(rename = "asked_ns")]
    pub(super) asked: Option<Uptime>,
    /// Waiting counts only from this time on: sleep and stops do not count.
    #[serde(rename = "not_before_ns")]
    not_before: Uptime,
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
        self.0.values_mut().for_each(|load| load.not_before = now.uptime());
    }
}

impl State {
    pub(super) fn load_seen(&mut self, now: Now, seen: LoadSeen, out: &mut Vec<Effect>) {
        self.judge_translated_toolchain(now, &seen, out);
        let server = seen.server.known().copied().filter(|s| self.processes.server(*s).is_some());
        let lineage = server.and_then(|s| self.processes.server(s)).map(|s| s.lineage);
        let started = seen.started.known().map_or_else(|| now.uptime(), |start| (*start).min(LATEST));
        let load = Load {
            server,
            lineage,
            kind: seen.kind,
            label: seen.label,
            started,
            seen: now.seq,
            waits: None,
            orphan_since: server.is_none().then(|| now.uptime()),
            evidence: vec![now.seq],
            told_age: None,
            asked: None,
            not_before: Uptime::BOOT,
        };
        let config = &self.config;
        let slow = self.slow_after(load.kind);
        let due = [started + config.stuck_load, started + slow, now.uptime() + config.orphan_after];
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

    fn slow_after(&self, kind: LoadKind) -> Duration {
        match kind {
            LoadKind::GoList => self.config.slow_load,
            LoadKind::Driver => self.config.slow_driver,
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
        known.activity = Some((activity, now.uptime()));
        for key in known.loads.clone() {
            if let Some(load) = self.loads.get_mut(key).filter(|_| stopped) {
                // While it was stopped, it could neither work nor wait.
                load.not_before = now.uptime();
            }
            let due = Due::Load(key);
            self.agenda.touch(due);
            self.agenda.schedule(now.uptime() + self.config.stuck_quiet, due);
            // The last change of activity is the evidence; of earlier ones a few are enough.
            if let Some(load) = self.loads.get_mut(key) {
                load.evidence.truncate(7);
                load.evidence.push(now.seq);
            }
            if activity != Activity::Quiet {
                let by = if activity == Activity::Stopped { End::LoadStopped } else { End::LoadMoves };
                self.end_all(now, Subject::Load(key), by, out);
                if let Some(load) = self.loads.get_mut(key) {
                    load.told_age = None;
                }
            }
        }
    }

    /// Learns the duration of a load.
    pub(super) fn learn_from_load(&mut self, now: Now, key: ProcessKey) {
        if let Some((server, started)) = self.loads.get(key).and_then(|load| Some((load.server?, load.started))) {
            self.learn_load_end(now, server, key, started);
        }
    }

    pub(super) fn load_ended(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        if let Some(load) = self.loads.0.remove(&key) {
            self.agenda.unmark(Due::Load(key));
            if let Some(server) = load.server.and_then(|s| self.processes.server_mut(s)) {
                server.loads.remove(&key);
                server.loaded = Some(now.uptime());
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
            load.orphan_since = Some(now.uptime());
            load.evidence.push(now.seq);
            self.end_all(now, Subject::Load(key), End::LoadLost, out);
            self.agenda.touch(Due::Load(key));
            self.agenda.schedule(now.uptime() + self.config.orphan_after, Due::Load(key));
        }
    }

    /// Judges a load at this time.
    pub(super) fn judge_load(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(load) = self.loads.get(key) else { return };
        let age = now.uptime().millis_since(load.started);
        if let Some(since) = load.orphan_since {
            let due = since + self.config.orphan_after;
            if now.uptime() >= due {
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
        let slow = load.started.max(load.not_before) + self.slow_after(load.kind);
        match activity {
            Activity::Quiet => {
                let quiet = since.max(load.not_before) + self.config.stuck_quiet;
                let due = quiet.max(load.started.max(load.not_before) + self.config.stuck_load);
                if now.uptime() >= due {
                    self.end_all(now, Subject::Load(key), End::LoadStands, out);
                    self.tell_stuck(now, key, out);
                } else {
                    self.agenda.schedule(due, Due::Load(key));
                }
            }
            Activity::Busy if now.uptime() >= slow => {
                let (label, place) = (Verbatim(load.label.clone()), self.place_of_load(load.lineage));
                let age = Millis::from(age);
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
        let age = *load.told_age.get_or_insert(now.uptime().millis_since(load.started));
        let waits = load.waits.as_ref().map(|(on, _)| Message::WaitsFor { what: on.clone() });
        let waits = SharedMessage::new(waits.unwrap_or(Message::WaitsUnknown));
        let mut evidence = load.evidence.clone();
        evidence.extend(load.waits.as_ref().map(|(_, seq)| *seq));
        let (label, lineage, kind) = (Verbatim(load.label.clone()), load.lineage, load.kind);
        let (place, age) = (self.place_of_load(lineage), Millis::from(age));
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
