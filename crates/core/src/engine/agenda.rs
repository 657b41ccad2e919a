//! What the next wakes have to judge, and when the next wake is due.
//!
//! Observations mark the verdicts whose basis they change, and verdicts that depend on time alone
//! schedule their moment; a wake handles both. A superfluous entry does no harm, since every
//! verdict checks the state itself.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::subject::LineageId;
use super::subject::Subject;
use super::table::Set;
use crate::code::Code;
use crate::time::Uptime;
use crate::types::ProcessKey;

/// Scheduled times are rounded up to a multiple of this, so that close ones share one wake.
const WAKE_GRANULARITY: Duration = Duration::from_millis(10);

/// What a wake judges. Lineages come before loads, each in order of birth; then what depends on
/// both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Due {
    Lineage(LineageId),
    Load(ProcessKey),
    /// Whether fixes helped.
    Fixes,
    /// Whether a pause or snooze has expired.
    Quiet,
    /// No verdict: only the wake itself is wanted.
    Nothing,
    /// Whether to notify the user of one incident.
    Alert(Code, Subject),
    /// Whether to notify the user of any incident that was marked.
    Alerts,
    /// Whether a level has been over, or below, its threshold for long enough.
    Level(Code, Subject),
    /// Which costly readings to request.
    Asks,
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Agenda {
    /// Times at which a verdict may have become true, each with its verdict.
    moments: BTreeSet<(Uptime, Due)>,
    /// Verdicts marked by observations since the last wake.
    touched: Set<Due>,
    /// An empty set that keeps the allocation of the last wake's list for the next one.
    #[serde(skip)]
    spare: Set<Due>,
    /// The wake time requested last.
    #[serde(rename = "wake_at_ns")]
    wake_at: Option<Uptime>,
}

impl Agenda {
    /// Schedules a wake at this time, or up to ten milliseconds later, to judge `due`.
    pub(super) fn schedule(&mut self, at: Uptime, due: Due) {
        self.moments.insert((at.rounded_up(WAKE_GRANULARITY), due));
    }

    /// Marks a verdict whose basis has changed.
    pub(super) fn touch(&mut self, due: Due) {
        self.touched.insert(due);
    }

    pub(super) fn touch_all(&mut self, due: impl IntoIterator<Item = Due>) {
        self.touched.extend(due);
    }

    /// Unmarks a verdict whose subject no longer exists.
    pub(super) fn unmark(&mut self, due: Due) {
        self.touched.remove(&due);
    }

    /// Called on a wake: takes out what it has to judge. The caller returns the set through
    /// `give_back`.
    pub(super) fn take_due(&mut self, now: Uptime) -> Set<Due> {
        self.wake_at = None;
        let mut due = std::mem::replace(&mut self.touched, std::mem::take(&mut self.spare));
        while self.moments.first().is_some_and(|(at, _)| *at <= now) {
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

    /// A runner that has just started does not know the requested wake, so it must be requested
    /// again.
    pub(super) fn forget_wake(&mut self) {
        self.wake_at = None;
    }

    /// The wake time to request, if it differs from the one requested last.
    pub(super) fn next_wake(&mut self) -> Option<Uptime> {
        let next = self.moments.first().map(|(at, _)| *at);
        if next == self.wake_at {
            return None;
        }
        self.wake_at = next;
        next
    }
}
