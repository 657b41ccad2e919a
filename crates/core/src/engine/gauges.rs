//! Measurements: the latest value of every gauge and, for some gauges, their history over the last
//! minutes.
//!
//! Theory of operation. A [`SampleHistory`] holds the reports of one gauge over a window; between two
//! reports the value was constant. The detectors that use tracks are in `pressure`. Gauges whose
//! history no detector uses keep only their latest value.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::growth::Point;
use super::table::Table;
use super::{LATEST, Now};
use crate::gauge::{Amount, Gauge};
use crate::message::{Message, Number, OptionalMessage};
use crate::reading::Reading;
use crate::time::Uptime;
use crate::types::Seq;

/// How much history of a gauge is kept.
const WINDOW: Duration = Duration::from_secs(900);
/// This many reports are kept however old they are: those of a large value that grows slowly are
/// far apart.
const MIN_SAMPLES: usize = 8;
/// Maximum number of reports kept; when there are more, every second one of the older half is
/// dropped.
const MAX_SAMPLES: usize = 64;

/// One report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    #[serde(rename = "at_ns")]
    pub(super) at: Uptime,
    pub(super) seq: Seq,
    pub(super) value: Reading<Amount>,
}

/// The reports of one gauge, latest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SampleHistory(VecDeque<Sample>);

impl SampleHistory {
    pub(super) fn last(&self) -> Option<&Sample> {
        self.0.back()
    }

    /// All kept reports, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Sample> {
        self.0.iter()
    }

    /// The numbers from `from` on; an earlier value counts as the value at that time. Reports
    /// before `watched_from`, when continuous monitoring began, are ignored. An unknown value
    /// discards all numbers before it.
    pub(super) fn points(&self, watched_from: Uptime, from: Uptime) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for sample in self.0.iter().filter(|sample| sample.at >= watched_from) {
            let Some(value) = sample.value.known() else {
                points.clear();
                continue;
            };
            let at = sample.at.max(from);
            if points.last().is_some_and(|(before, _)| *before == at) {
                points.pop();
            }
            points.push((at, value.least()));
        }
        points
    }

    /// Adds a report. A gauge that is not followed keeps only the latest one.
    fn push(&mut self, sample: Sample, followed: bool) {
        if !followed {
            self.0.clear();
        }
        let old = sample.at - WINDOW;
        self.0.push_back(sample);
        // The last report before the window gives the value at its beginning.
        while self.0.len() > MIN_SAMPLES && self.0.get(1).is_some_and(|second| second.at <= old) {
            self.0.pop_front();
        }
        if self.0.len() > MAX_SAMPLES {
            let mut i = 0;
            self.0.retain(|_| {
                i += 1;
                i > MAX_SAMPLES / 2 || i % 2 == 1
            });
        }
    }
}

/// Whether a gauge keeps its history: those judged by growth or by recent values. Other gauges go
/// up and down all the time, and their history would only enlarge every checkpoint.
const fn is_followed(gauge: Gauge) -> bool {
    matches!(gauge, Gauge::Memory | Gauge::Descriptors | Gauge::DescriptorBound | Gauge::PressureLevel)
}

/// The tracks of a process or of the machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tracks(Table<Gauge, SampleHistory>);

impl Tracks {
    pub(super) fn get(&self, gauge: Gauge) -> Option<&SampleHistory> {
        self.0.get(&gauge)
    }

    /// The known number of a gauge, and the input that reported it.
    pub(super) fn known(&self, gauge: Gauge) -> Option<(u64, Seq)> {
        let sample = self.0.get(&gauge)?.last()?;
        Some((sample.value.known()?.least(), sample.seq))
    }

    /// A gauge and its limit, worded as far as they are known.
    pub(super) fn numbers(&self, gauge: Gauge, limit: Gauge) -> OptionalMessage {
        let known = |gauge| self.known(gauge).map(|(number, _)| Number::new(number));
        let numbers = match (known(gauge), known(limit)) {
            (Some(count), Some(limit)) => Some(Message::InNumbersOf { count, limit }),
            (Some(count), None) => Some(Message::InNumbers { count }),
            (None, _) => None,
        };
        numbers.into()
    }

    /// Whether a gauge is nearly at its limit.
    pub(super) fn is_nearly_all(&self, gauge: Gauge, limit: Gauge) -> bool {
        let numbers = self.known(gauge).zip(self.known(limit));
        numbers.is_some_and(|((used, _), (most, _))| is_nearly_all(used, most))
    }

    /// The latest value of each gauge.
    pub(super) fn values(&self) -> BTreeMap<Gauge, Reading<Amount>> {
        self.0.iter().filter_map(|(gauge, track)| Some((*gauge, track.last()?.value.clone()))).collect()
    }

    pub(super) fn record(&mut self, now: Now, gauge: Gauge, value: Reading<Amount>) {
        self.0.get_or_default(gauge).push(Sample { at: now.uptime(), seq: now.seq, value }, is_followed(gauge));
    }
}

/// From this percentage of its limit on, a resource counts as exhausted.
const NEARLY_ALL: u64 = 90;

/// Whether the used amount is so close to the limit that the resource counts as exhausted.
pub(super) const fn is_nearly_all(used: u64, most: u64) -> bool {
    used.saturating_mul(100) >= most.saturating_mul(NEARLY_ALL)
}

/// Clamps an amount to the latest time, which is also the limit for numbers of a restored state,
/// since a recording may hold any number.
pub(super) fn within_reason(amount: Amount) -> Amount {
    match amount {
        Amount::Exactly(n) => Amount::Exactly(n.min(LATEST.as_nanos())),
        Amount::AtLeast(n) => Amount::AtLeast(n.min(LATEST.as_nanos())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Moment;
    use crate::time::SECOND;

    #[test]
    fn a_busy_hour_of_every_gauge_is_kept_small() {
        let mut tracks = Tracks::default();
        for i in 0..720u32 {
            let now = Now { seq: Seq(i.into()), at: Moment { wall_ms: 0, uptime: Uptime::BOOT + i * 5 * SECOND } };
            for gauge in Gauge::ALL {
                tracks.record(now, *gauge, Reading::Known(Amount::Exactly(1 << (i % 40))));
            }
        }
        let kept = |gauge| tracks.get(gauge).map_or(0, |track| track.iter().count());
        assert!(
            Gauge::ALL
                .iter()
                .all(|gauge| kept(*gauge) <= MAX_SAMPLES && tracks.known(*gauge) == Some((1 << 39, Seq(719))))
        );
        assert_eq!(Gauge::ALL.iter().filter(|gauge| kept(**gauge) > 1).count(), 4, "those that are followed");
        assert!(serde_json::to_string(&tracks).unwrap().len() < 20_000);
    }
}
