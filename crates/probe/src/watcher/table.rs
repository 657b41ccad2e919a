//! Remembers what each pid was at its last look, so that a scan of a thousand pids looks at only a
//! handful.

use std::collections::HashMap;

use goplswatch_core::time::Uptime;
use goplswatch_core::{Pid, ProcessKey};

use super::YOUNG;
use crate::platform::ProcessInfo;

/// Every pid is looked at again within about this many scans, whatever it was: programs may call
/// exec late, and pids are reused.
const RECHECK_SCANS: usize = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not of interest, or not yet.
    Ignored,
    /// Reported to the engine.
    Reported,
}

#[derive(Clone, Debug)]
pub(super) struct TableEntry {
    pub(super) key: Option<ProcessKey>,
    pub(super) parent: Pid,
    pub(super) comm: Vec<u8>,
    pub(super) kind: Kind,
    first_seen: Uptime,
    mark: u32,
}

impl TableEntry {
    pub(super) fn new(glimpse: &ProcessInfo, kind: Kind, now: Uptime) -> Self {
        Self {
            key: Some(glimpse.key),
            parent: glimpse.parent,
            comm: glimpse.comm.clone(),
            kind,
            first_seen: now,
            mark: 0,
        }
    }

    /// Belongs to another user, or is gone already.
    pub(super) const fn foreign(now: Uptime) -> Self {
        Self { key: None, parent: Pid(0), comm: Vec::new(), kind: Kind::Ignored, first_seen: now, mark: 0 }
    }
}

#[derive(Default)]
pub(super) struct Table {
    known: HashMap<Pid, TableEntry>,
    vanished: Vec<ProcessKey>,
    mark: u32,
    recheck_slot: usize,
}

impl Table {
    /// Which of these pids need a look. Forgets pids that are gone; see [`Self::vanished`].
    pub(super) fn due(&mut self, pids: &[Pid], now: Uptime) -> Vec<Pid> {
        self.mark = self.mark.wrapping_add(1);
        self.recheck_slot = (self.recheck_slot + 1) % RECHECK_SCANS;
        let (mark, turn) = (self.mark, self.recheck_slot);
        let mut due = Vec::new();
        for (i, pid) in pids.iter().enumerate() {
            match self.known.get_mut(pid) {
                Some(known) => {
                    known.mark = mark;
                    let young = known.kind != Kind::Reported && now.since(known.first_seen) < YOUNG;
                    if young || i % RECHECK_SCANS == turn {
                        due.push(*pid);
                    }
                }
                None => due.push(*pid),
            }
        }
        let vanished = &mut self.vanished;
        self.known.retain(|_, known| {
            let here = known.mark == mark;
            if let (false, Kind::Reported, Some(key)) = (here, known.kind, known.key) {
                vanished.push(key);
            }
            here
        });
        due
    }

    /// Reported processes that are no longer listed.
    pub(super) fn vanished(&mut self) -> Vec<ProcessKey> {
        std::mem::take(&mut self.vanished)
    }

    pub(super) fn get(&self, pid: Pid) -> Option<&TableEntry> {
        self.known.get(&pid)
    }

    pub(super) fn put(&mut self, pid: Pid, mut new: TableEntry) {
        new.mark = self.mark;
        if let Some(old) = self.known.get(&pid) {
            if old.key == new.key {
                new.first_seen = old.first_seen;
            } else if let (Kind::Reported, Some(key)) = (old.kind, old.key) {
                self.vanished.push(key);
            }
        }
        self.known.insert(pid, new);
    }

    pub(super) fn update_parent(&mut self, pid: Pid, parent: Pid) {
        if let Some(known) = self.known.get_mut(&pid) {
            known.parent = parent;
        }
    }

    /// A process called exec: treat it as a new one.
    pub(super) fn rejuvenate(&mut self, key: ProcessKey, now: Uptime) {
        if let Some(known) = self.known.get_mut(&key.pid).filter(|k| k.key == Some(key) && k.kind != Kind::Reported) {
            known.first_seen = now;
        }
    }

    /// A process ended; its pid may belong to another one at the next scan.
    pub(super) fn forget(&mut self, key: ProcessKey) {
        if self.known.get(&key.pid).is_some_and(|k| k.key == Some(key)) {
            self.known.remove(&key.pid);
        }
    }

    pub(super) fn has_child(&self, pid: Pid) -> bool {
        self.known.values().any(|k| k.parent == pid)
    }

    /// All processes below `root`, without `root` itself: nearest first, deepest last, by pid
    /// within a level.
    pub(super) fn descendants(&self, root: Pid) -> Vec<(ProcessKey, Vec<u8>)> {
        let mut children: HashMap<Pid, Vec<&TableEntry>> = HashMap::new();
        for known in self.known.values() {
            children.entry(known.parent).or_default().push(known);
        }
        let mut found = Vec::new();
        let mut level = vec![root];
        while !level.is_empty() {
            // Removing the children also breaks a cycle of parents, which reuse of pids can create.
            let mut next: Vec<&TableEntry> = level.iter().filter_map(|pid| children.remove(pid)).flatten().collect();
            next.sort_unstable_by_key(|known| known.key);
            level = next.iter().filter_map(|known| Some(known.key?.pid)).collect();
            found.extend(next.into_iter().filter_map(|known| Some((known.key?, known.comm.clone()))));
        }
        found
    }
}
