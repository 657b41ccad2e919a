//! Usage of a lineage's servers and the number of their ends: the last half hour by the minute, the
//! last day in steps of ten minutes. Reports and sparklines are drawn from it.
//!
//! Theory of operation. Steps are counted on the continuous clock, so a series has no breaks when
//! the wall clock is set. Only steps in which a value changed are stored, each with its final
//! value; between them the value was constant, since the probe reports each notable change. Times
//! without monitoring have no value. The total of all servers of a lineage is kept up to date as a
//! sum, since each reading needs it.
//!
//! Bounds: per lineage at most [`DAY`] + 1 steps of each of the [`KEPT`] gauges and the half hour
//! of one, about 32 bytes per step, so less than 20 kB even if everything changes all day; a server
//! at rest takes a few steps.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::table::Table;
use super::{Series, Trend};
use crate::gauge::Gauge;
use crate::time::Uptime;

/// The lengths of the steps, seconds.
const ONE_MINUTE: u64 = 60;
const TEN_MINUTES: u64 = 600;
/// Half an hour, in minutes.
const HALF_HOUR: u64 = 30;
/// A day, in steps of ten minutes.
const DAY_STEPS: u64 = 144;
/// The gauges kept for the day; the half hour has only the first.
const KEPT: [Gauge; 4] = [Gauge::Memory, Gauge::Cpu, Gauge::Descriptors, Gauge::DescriptorBound];

/// A step in which a value changed: its number since the start of the clock, the peak in it, and
/// the value at its end and from there on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Step(u64, Option<u64>, Option<u64>);

/// The steps of one gauge, each of `SECONDS` seconds, latest last. Kept are the last `STEPS`
/// of them, and one older step that gives the value at their beginning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Steps<const SECONDS: u64, const STEPS: u64>(VecDeque<Step>);

impl<const SECONDS: u64, const STEPS: u64> Steps<SECONDS, STEPS> {
    const STEP: Duration = Duration::from_secs(SECONDS);

    /// Sets the value from this time on.
    fn note(&mut self, now: Uptime, value: Option<u64>) {
        if value.is_none() && self.0.is_empty() {
            return;
        }
        if let Some(Step(_, most, left)) = self.step(now) {
            *most = (*most).max(value);
            *left = value;
        }
    }

    /// There was no monitoring between these times; from the second one on the value is this.
    fn gap(&mut self, from: Uptime, now: Uptime, value: Option<u64>) {
        let Some(last) = self
            .0
            .back()
            .map(|step| Uptime::BOOT + Self::STEP.saturating_mul(u32::try_from(step.0).unwrap_or(u32::MAX)))
        else {
            return;
        };
        if let Some(Step(_, _, left)) = self.step(from.max(last)) {
            *left = None;
        }
        self.note(now, value);
    }

    /// The step of this time, which starts with the final value of the one before it. Time must not
    /// run backwards.
    fn step(&mut self, now: Uptime) -> Option<&mut Step> {
        let at = now.steps(Self::STEP);
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

    /// The peak in each step up to this time, oldest first.
    fn until(&self, now: Uptime) -> Vec<Option<u64>> {
        let last = now.steps(Self::STEP);
        let mut changes = self.0.iter().peekable();
        let mut left = None;
        let mut row = Vec::new();
        for ago in (0..STEPS).rev() {
            let Some(at) = last.checked_sub(ago) else {
                row.push(None);
                continue;
            };
            while let Some(before) = changes.next_if(|step| step.0 < at) {
                left = before.2;
            }
            let here = changes.next_if(|step| step.0 == at);
            row.push(here.map_or(left, |step| step.1));
            left = here.map_or(left, |step| step.2);
        }
        row
    }
}

/// The steps in which servers ended, and how many did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Counts<const SECONDS: u64, const STEPS: u64>(VecDeque<(u64, u32)>);

impl<const SECONDS: u64, const STEPS: u64> Counts<SECONDS, STEPS> {
    const STEP: Duration = Duration::from_secs(SECONDS);

    fn add(&mut self, now: Uptime) {
        let at = now.steps(Self::STEP);
        match self.0.back_mut().filter(|(step, _)| *step >= at) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.0.push_back((at, 1)),
        }
        while self.0.front().is_some_and(|(step, _)| step + STEPS <= at) {
            self.0.pop_front();
        }
    }

    fn until(&self, now: Uptime) -> Vec<u32> {
        let last = now.steps(Self::STEP);
        let count = |at: u64| self.0.iter().find(|(step, _)| *step == at).map_or(0, |(_, count)| *count);
        (0..STEPS).rev().map(|ago| last.checked_sub(ago).map_or(0, count)).collect()
    }
}

/// The total of one gauge over the servers of a lineage, and for how many of them it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    total: u128,
    known: u32,
}

impl Sum {
    fn change(&mut self, before: Option<u64>, after: Option<u64>) {
        if let Some(before) = before {
            self.total = self.total.saturating_sub(before.into());
            self.known = self.known.saturating_sub(1);
        }
        if let Some(after) = after {
            self.total = self.total.saturating_add(after.into());
            self.known = self.known.saturating_add(1);
        }
    }

    fn value(self) -> Option<u64> {
        (self.known > 0).then(|| u64::try_from(self.total).unwrap_or(u64::MAX))
    }
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    /// In the order of [`KEPT`]. After a restore the sums are computed again.
    #[serde(skip)]
    sums: [Sum; KEPT.len()],
    /// Memory only.
    half_hour: Steps<ONE_MINUTE, HALF_HOUR>,
    half_hour_ends: Counts<ONE_MINUTE, HALF_HOUR>,
    day: Table<Gauge, Steps<TEN_MINUTES, DAY_STEPS>>,
    day_ends: Counts<TEN_MINUTES, DAY_STEPS>,
}

impl Usage {
    /// The usage of one server changed; ignored for gauges that are not kept.
    pub(super) fn change(&mut self, now: Uptime, gauge: Gauge, before: Option<u64>, after: Option<u64>) {
        let Some(sum) = KEPT.iter().position(|kept| *kept == gauge).and_then(|at| self.sums.get_mut(at)) else {
            return;
        };
        if before == after {
            return;
        }
        sum.change(before, after);
        let value = sum.value();
        if gauge == Gauge::Memory {
            self.half_hour.note(now, value);
        }
        if value.is_some() || self.day.contains_key(&gauge) {
            self.day.get_or_default(gauge).note(now, value);
        }
    }

    /// A server with this last usage ended.
    pub(super) fn end(&mut self, now: Uptime, used: impl Fn(Gauge) -> Option<u64>) {
        self.half_hour_ends.add(now);
        self.day_ends.add(now);
        for gauge in KEPT {
            self.change(now, gauge, used(gauge), None);
        }
    }

    /// Adds a server to the sums, which are not part of a saved state.
    pub(super) fn sum_up(&mut self, used: impl Fn(Gauge) -> Option<u64>) {
        for (gauge, sum) in KEPT.into_iter().zip(&mut self.sums) {
            sum.change(None, used(gauge));
        }
    }

    /// There was no monitoring between these times.
    pub(super) fn gap(&mut self, from: Uptime, now: Uptime) {
        for (gauge, sum) in KEPT.into_iter().zip(self.sums) {
            if gauge == Gauge::Memory {
                self.half_hour.gap(from, now, sum.value());
            }
            if let Some(row) = self.day.get_mut(&gauge) {
                row.gap(from, now, sum.value());
            }
        }
    }

    pub(super) fn trend(&self, now: Uptime) -> Trend {
        Trend { memory: self.half_hour.until(now), ends: self.half_hour_ends.until(now) }
    }

    pub(super) fn series(&self, now: Uptime) -> Series {
        let mut gauges: BTreeMap<Gauge, Vec<Option<u64>>> =
            self.day.iter().map(|(gauge, row)| (*gauge, row.until(now))).collect();
        // A count is more exact than an upper bound, so only the count is shown if both exist.
        if gauges.get(&Gauge::Descriptors).is_some_and(|row| row.iter().any(Option::is_some)) {
            gauges.remove(&Gauge::DescriptorBound);
        }
        gauges.retain(|_, row| row.iter().any(Option::is_some));
        Series { step: Duration::from_secs(TEN_MINUTES), gauges, ends: self.day_ends.until(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::MINUTE;

    type Day = Steps<TEN_MINUTES, DAY_STEPS>;

    fn at(step: u32) -> Uptime {
        Uptime::BOOT + step * Day::STEP + Day::STEP / 2
    }

    /// The last `N` steps of a day.
    fn last<const N: usize>(row: &Day, step: u32) -> [Option<u64>; N] {
        let day = row.until(at(step));
        assert_eq!(day.len(), 144);
        day[144 - N..].try_into().unwrap()
    }

    #[test]
    fn a_step_shows_its_most_and_leaves_its_last() {
        let mut row = Day::default();
        row.note(at(1_000), Some(5));
        row.note(at(1_000), Some(3));
        row.note(at(1_003), Some(4));
        row.note(at(1_004), None);
        assert_eq!(last(&row, 1_006), [None, Some(5), Some(3), Some(3), Some(4), Some(4), None, None]);
    }

    #[test]
    fn a_day_is_kept_and_no_more() {
        let mut row = Day::default();
        for step in 0..10_000 {
            row.note(at(step), Some(step.into()));
            assert!(row.0.len() <= 145);
        }
        assert_eq!(row.until(at(9_999))[0], Some(9_856));
        assert_eq!(last(&row, 9_999), [Some(9_997), Some(9_998), Some(9_999)]);
        assert_eq!(row.until(at(20_000)), [Some(9_999); 144], "it stood still since");
        assert_eq!(last(&row, 3), [None; 144], "what was then is not known any more");
        let mut ends = Counts::<TEN_MINUTES, DAY_STEPS>::default();
        for step in 0..1_000 {
            ends.add(at(step));
            ends.add(at(step));
        }
        assert!(ends.0.len() <= 144);
        assert_eq!(ends.until(at(1_000))[142..], [2, 0]);
    }

    #[test]
    fn nothing_is_said_of_times_in_which_nobody_watched() {
        let mut row = Day::default();
        row.note(at(10), Some(1));
        row.gap(at(12), at(15), Some(1));
        assert_eq!(last(&row, 16), [Some(1), Some(1), Some(1), None, None, Some(1), Some(1)]);
        // The sleep began before the last reading.
        row.gap(Uptime::BOOT, at(18), Some(1));
        assert_eq!(last(&row, 18), [Some(1), Some(1), Some(1), None, None, Some(1), None, None, Some(1)]);
        let mut never = Day::default();
        never.gap(at(12), at(15), Some(1));
        assert_eq!(never, Day::default());
    }

    #[test]
    fn what_several_servers_use_is_one_sum() {
        let mut usage = Usage::default();
        let mut memory =
            |minute: u32, before, after| usage.change(Uptime::BOOT + minute * MINUTE, Gauge::Memory, before, after);
        memory(100, None, Some(300));
        memory(100, Some(300), Some(200));
        memory(102, Some(200), Some(250));
        memory(102, None, Some(100));
        memory(103, Some(250), None);
        memory(105, Some(100), None);
        let row = usage.trend(Uptime::BOOT + 107 * MINUTE).memory;
        assert_eq!(row.len(), 30);
        assert_eq!(row[22..], [Some(300), Some(200), Some(350), Some(350), Some(100), Some(100), None, None]);
    }

    #[test]
    fn what_was_counted_stands_before_what_bounds_it() {
        let mut usage = Usage::default();
        usage.change(at(1), Gauge::DescriptorBound, None, Some(4_096));
        assert!(usage.series(at(1)).gauges.contains_key(&Gauge::DescriptorBound));
        usage.change(at(1), Gauge::Descriptors, None, Some(3_000));
        assert_eq!(usage.series(at(1)).gauges.keys().collect::<Vec<_>>(), [&Gauge::Descriptors]);
    }
}
