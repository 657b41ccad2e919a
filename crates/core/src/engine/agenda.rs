//! What the next wakes have to judge, and when the next one has to come.
//!
//! Facts touch what verdicts rest on, and verdicts that rest on time alone ask for their moment; a wake takes both. An extra
//! look never does harm, since every verdict looks at the state itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::MS;
use super::subject::LineageId;
use super::subject::Subject;
use super::table::Set;
use crate::codes::Code;
use crate::words::ProcessKey;

/// Moments so close together share one wake.
const STEP_NS: u64 = 10 * MS;

/// What a wake judges. Lineages before loads, each in the order of their birth; then what rests on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Due {
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

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Agenda {
    /// Moments at which a verdict may have become true, and about what.
    moments: BTreeSet<(u64, Due)>,
    /// What facts have touched since the last wake.
    touched: Set<Due>,
    /// Empty: the memory of the list that the last wake judged, for the next one.
    #[serde(skip)]
    spare: Set<Due>,
    /// The moment that was asked for last.
    wake_at_ns: Option<u64>,
}

impl Agenda {
    /// Asks to be woken at this moment, or up to ten milliseconds later, to judge this.
    pub(super) fn schedule(&mut self, at_ns: u64, due: Due) {
        self.moments.insert((at_ns.div_ceil(STEP_NS).saturating_mul(STEP_NS), due));
    }

    /// Something changed that this verdict rests on.
    pub(super) fn touch(&mut self, due: Due) {
        self.touched.insert(due);
    }

    pub(super) fn touch_all(&mut self, due: impl IntoIterator<Item = Due>) {
        self.touched.extend(due);
    }

    /// What it is about is no more.
    pub(super) fn leave(&mut self, due: Due) {
        self.touched.remove(&due);
    }

    /// A wake came: what it has to judge. It gives the list back when that is done.
    pub(super) fn take_due(&mut self, now_ns: u64) -> Set<Due> {
        self.wake_at_ns = None;
        let mut due = std::mem::replace(&mut self.touched, std::mem::take(&mut self.spare));
        while self.moments.first().is_some_and(|(at, _)| *at <= now_ns) {
            due.extend(self.moments.pop_first().map(|(_, what)| what));
        }
        due
    }

    pub(super) fn give_back(&mut self, mut due: Set<Due>) {
        due.clear();
        self.spare = due;
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.touched.len() + self.moments.len()
    }

    /// Whoever wakes us has not been told when.
    pub(super) fn forget_wake(&mut self) {
        self.wake_at_ns = None;
    }

    /// The moment to ask for, if it is another one than was asked for last.
    pub(super) fn next_wake(&mut self) -> Option<u64> {
        let next = self.moments.first().map(|(at, _)| *at);
        if next == self.wake_at_ns {
            return None;
        }
        self.wake_at_ns = next;
        next
    }
}
