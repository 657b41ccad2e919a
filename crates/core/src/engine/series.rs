//! The last day of a lineage, in steps of ten minutes: memory, CPU and descriptors of its servers together, and how many
//! of them ended. What a report and a sparkline show.
//!
//! Theory of operation. As in `trends`: a step is one of the continuous clock, only steps in which something changed are
//! kept, each with what it left behind, and between them a value stood still, since the probe tells of it whenever it
//! moves. Nothing is said of times in which nobody watched.
//!
//! Bounded: of a lineage at most [`STEPS`] + 1 steps of each of the [`KEPT`] gauges, about 32 bytes each, so below 20 kB
//! also where everything moves all day; a server at rest costs a few steps.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::table::{Set, Table};
use super::{MS, Now, Series, Server, State};
use crate::gauge::Gauge;
use crate::words::{Moment, ProcessKey};

const STEP_MS: u64 = 600_000;
const STEP_NS: u64 = STEP_MS * MS;
/// A day.
const STEPS: u64 = 144;
/// What is kept.
const KEPT: [Gauge; 4] = [Gauge::Memory, Gauge::Cpu, Gauge::Descriptors, Gauge::DescriptorBound];

/// A step in which a value changed: its number since the machine's start, the most in it, and what it was at its end and
/// from there on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Step(u64, Option<u64>, Option<u64>);

/// The steps of one gauge, the last one at the end; what is older than a day only as far as it reaches into it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Row(VecDeque<Step>);

impl Row {
    /// The value is this from now on.
    fn note(&mut self, now_ns: u64, value: Option<u64>) {
        if let Some(Step(_, most, left)) = self.step(now_ns) {
            *most = (*most).max(value);
            *left = value;
        }
    }

    /// Between these moments nobody watched; from the second one on it is this.
    fn gap(&mut self, from_ns: u64, now_ns: u64, value: Option<u64>) {
        let Some(last) = self.0.back().map(|step| step.0.saturating_mul(STEP_NS)) else { return };
        if let Some(Step(_, _, left)) = self.step(from_ns.max(last)) {
            *left = None;
        }
        self.note(now_ns, value);
    }

    /// The step of this moment, which begins with what the one before it left. Time does not run backwards here.
    fn step(&mut self, now_ns: u64) -> Option<&mut Step> {
        let at = now_ns / STEP_NS;
        let last = self.0.back().copied();
        if last.is_none_or(|step| step.0 < at) {
            let left = last.and_then(|step| step.2);
            self.0.push_back(Step(at, left, left));
            let first = (at + 1).saturating_sub(STEPS);
            while self.0.get(1).is_some_and(|second| second.0 <= first) {
                self.0.pop_front();
            }
        }
        self.0.back_mut()
    }

    /// The day until this moment.
    fn day(&self, now_ns: u64) -> Vec<Option<u64>> {
        let last = now_ns / STEP_NS;
        let mut changes = self.0.iter().peekable();
        let mut left = None;
        let mut day = Vec::new();
        for ago in (0..STEPS).rev() {
            let Some(at) = last.checked_sub(ago) else {
                day.push(None);
                continue;
            };
            while let Some(before) = changes.next_if(|step| step.0 < at) {
                left = before.2;
            }
            let here = changes.next_if(|step| step.0 == at);
            day.push(here.map_or(left, |step| step.1));
            left = here.map_or(left, |step| step.2);
        }
        day
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Day {
    rows: Table<Gauge, Row>,
    /// Steps in which servers ended, and how many.
    ends: VecDeque<(u64, u32)>,
}

impl Day {
    /// A server ended, for whatever reason.
    pub(super) fn end(&mut self, now_ns: u64) {
        let at = now_ns / STEP_NS;
        match self.ends.back_mut().filter(|(step, _)| *step >= at) {
            Some((_, ends)) => *ends = ends.saturating_add(1),
            None => self.ends.push_back((at, 1)),
        }
        while self.ends.front().is_some_and(|(step, _)| step + STEPS <= at) {
            self.ends.pop_front();
        }
    }

    fn series(&self, now_ns: u64) -> Series {
        let last = now_ns / STEP_NS;
        let ends = (0..STEPS).rev().map(|ago| {
            let at = last.checked_sub(ago);
            self.ends.iter().find(|(step, _)| Some(*step) == at).map_or(0, |(_, ends)| *ends)
        });
        let mut gauges: BTreeMap<Gauge, Vec<Option<u64>>> =
            self.rows.iter().map(|(gauge, row)| (*gauge, row.day(now_ns))).collect();
        // What was counted says more than what it cannot be above; of both the counted ones are shown.
        if gauges.get(&Gauge::Descriptors).is_some_and(|row| row.iter().any(Option::is_some)) {
            gauges.remove(&Gauge::DescriptorBound);
        }
        gauges.retain(|_, row| row.iter().any(Option::is_some));
        Series { step_ms: STEP_MS, gauges, ends: ends.collect() }
    }
}

/// The number of a server's gauge, which recordings of before told of memory in another way.
fn value(server: &Server, gauge: Gauge) -> Option<u64> {
    match gauge {
        Gauge::Memory => server.memory,
        _ => server.gauges.known(gauge).map(|(value, _)| value),
    }
}

impl State {
    /// A gauge of a server was told.
    pub(super) fn day_told(&mut self, now: Now, process: ProcessKey, gauge: Gauge) {
        let Some(server) = self.servers.get(&process).filter(|server| server.seen.class.stays()) else { return };
        self.day_note(now, server.lineage, &[gauge]);
    }

    /// What the servers of a lineage use together changed.
    pub(super) fn day_note(&mut self, now: Now, id: super::LineageId, gauges: &[Gauge]) {
        for &gauge in gauges.iter().filter(|gauge| KEPT.contains(gauge)) {
            let together = self.together(id, gauge);
            let Some(lineage) = self.lineages.get_mut(&id) else { return };
            if together.is_some() || lineage.day.rows.contains_key(&gauge) {
                lineage.day.rows.get_or_default(gauge).note(now.ns(), together);
            }
        }
    }

    /// A server of a lineage ended.
    pub(super) fn day_end(&mut self, now: Now, id: super::LineageId) {
        if let Some(lineage) = self.lineages.get_mut(&id) {
            lineage.day.end(now.ns());
        }
        self.day_note(now, id, &KEPT);
    }

    /// Nobody watched from then on until now.
    pub(super) fn days_unwatched(&mut self, from_ns: u64, now: Now) {
        let ids: Vec<_> = self.lineages.keys().copied().collect();
        for id in ids {
            let values = KEPT.map(|gauge| (gauge, self.together(id, gauge)));
            let Some(lineage) = self.lineages.get_mut(&id) else { continue };
            for (gauge, value) in values {
                if let Some(row) = lineage.day.rows.get_mut(&gauge) {
                    row.gap(from_ns, now.ns(), value);
                }
            }
        }
    }

    /// The sum over the servers of a lineage of which it is known.
    fn together(&self, id: super::LineageId, gauge: Gauge) -> Option<u64> {
        let alive = self.lineages.get(&id)?.alive.iter().filter_map(|key| self.servers.get(key));
        alive.filter_map(|server| value(server, gauge)).reduce(u64::saturating_add)
    }

    /// The day of each lineage that has a server, by lineage.
    #[must_use]
    pub fn series(&self, at: Moment) -> BTreeMap<String, Series> {
        let staying = self.servers.values().filter(|server| server.seen.class.stays());
        let ids: Set<_> = staying.map(|server| server.lineage).collect();
        let known = ids.into_iter().filter_map(|id| Some((id, self.lineages.get(&id)?)));
        known.map(|(id, lineage)| (id.to_string(), lineage.day.series(at.cont_ns))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u64) -> u64 {
        step * STEP_NS + STEP_NS / 2
    }

    /// The last of a day.
    fn last<const N: usize>(row: &Row, step: u64) -> [Option<u64>; N] {
        let day = row.day(at(step));
        assert_eq!(day.len(), 144);
        day[144 - N..].try_into().unwrap()
    }

    #[test]
    fn a_step_shows_its_most_and_leaves_its_last() {
        let mut row = Row::default();
        row.note(at(1_000), Some(5));
        row.note(at(1_000), Some(3));
        row.note(at(1_003), Some(4));
        row.note(at(1_004), None);
        assert_eq!(last(&row, 1_006), [None, Some(5), Some(3), Some(3), Some(4), Some(4), None, None]);
    }

    #[test]
    fn a_day_is_kept_and_no_more() {
        let mut row = Row::default();
        for step in 0..10_000 {
            row.note(at(step), Some(step));
            assert!(row.0.len() <= 145);
        }
        assert_eq!(row.day(at(9_999))[0], Some(9_856));
        assert_eq!(last(&row, 9_999), [Some(9_997), Some(9_998), Some(9_999)]);
        assert_eq!(row.day(at(20_000)), [Some(9_999); 144], "it stood still since");
        let mut day = Day::default();
        for step in 0..1_000 {
            day.end(at(step));
            day.end(at(step));
        }
        assert!(day.ends.len() <= 144);
        assert_eq!(day.series(at(1_000)).ends[142..], [2, 0]);
    }

    #[test]
    fn nothing_is_said_of_times_in_which_nobody_watched() {
        let mut row = Row::default();
        row.note(at(10), Some(1));
        row.gap(at(12), at(15), Some(1));
        assert_eq!(last(&row, 16), [Some(1), Some(1), Some(1), None, None, Some(1), Some(1)]);
        let mut never = Row::default();
        never.gap(at(12), at(15), Some(1));
        assert_eq!(never, Row::default());
    }

    #[test]
    fn what_was_counted_stands_before_what_bounds_it() {
        let mut day = Day::default();
        day.rows.get_or_default(Gauge::DescriptorBound).note(at(1), Some(4_096));
        assert!(day.series(at(1)).gauges.contains_key(&Gauge::DescriptorBound));
        day.rows.get_or_default(Gauge::Descriptors).note(at(1), Some(3_000));
        assert_eq!(day.series(at(1)).gauges.keys().collect::<Vec<_>>(), [&Gauge::Descriptors]);
    }
}
