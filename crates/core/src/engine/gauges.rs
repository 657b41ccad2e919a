//! What was measured: the last value of every gauge, and how it came there over the last minutes.
//!
//! Theory of operation. A [`Track`] holds the tellings of one gauge over a window; between two of them the value stood
//! still. What concludes from tracks stands in `pressure`; of what nothing is concluded from but its last value only that
//! is kept.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::growth::Point;
use super::table::Table;
use super::{LATEST_NS, Now};
use crate::gauge::{Amount, Gauge};
use crate::message::{Also, Message, Number};
use crate::words::{Reading, Seq};

/// So much of the past is kept of a gauge, nanoseconds.
const WINDOW_NS: u64 = 900 * 1_000_000_000;
/// So many tellings are kept, however old: those of something large that grows slowly lie far apart.
const LEAST: usize = 8;
/// So many tellings at most; of more every second one of the older half goes.
const MOST: usize = 64;

/// One telling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) at_ns: u64,
    pub(super) seq: Seq,
    pub(super) value: Reading<Amount>,
}

/// The tellings of one gauge, the last one at the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Track(VecDeque<Told>);

impl Track {
    pub(super) fn last(&self) -> Option<&Told> {
        self.0.back()
    }

    /// All that are kept, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Told> {
        self.0.iter()
    }

    /// The numbers from a moment on, from which on it was watched without a break. What was told before that moment
    /// held at it; of what was told before the watch nothing is known.
    pub(super) fn points(&self, watched_ns: u64, from_ns: u64) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for told in self.0.iter().filter(|told| told.at_ns >= watched_ns) {
            let Some(value) = told.value.known() else {
                points.clear();
                continue;
            };
            let at = told.at_ns.max(from_ns);
            if points.last().is_some_and(|(before, _)| *before == at) {
                points.pop();
            }
            points.push((at, value.least()));
        }
        points
    }

    /// Of what is not followed only the last telling is kept.
    fn tell(&mut self, told: Told, followed: bool) {
        if !followed {
            self.0.clear();
        }
        let old = told.at_ns.saturating_sub(WINDOW_NS);
        self.0.push_back(told);
        // The last one before the window says what was at its beginning.
        while self.0.len() > LEAST && self.0.get(1).is_some_and(|second| second.at_ns <= old) {
            self.0.pop_front();
        }
        if self.0.len() > MOST {
            let mut i = 0;
            self.0.retain(|_| {
                i += 1;
                i > MOST / 2 || i % 2 == 1
            });
        }
    }
}

/// Whether it matters how a value came about: what grows, and what was so a moment ago. Others go up and down all the
/// time, and would only make every checkpoint large.
const fn is_followed(gauge: Gauge) -> bool {
    matches!(gauge, Gauge::Memory | Gauge::Descriptors | Gauge::DescriptorBound | Gauge::PressureLevel)
}

/// The tracks of a process or of the machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tracks(Table<Gauge, Track>);

impl Tracks {
    pub(super) fn get(&self, gauge: Gauge) -> Option<&Track> {
        self.0.get(&gauge)
    }

    /// The number of a gauge and the input that told it, where it is known.
    pub(super) fn known(&self, gauge: Gauge) -> Option<(u64, Seq)> {
        let told = self.0.get(&gauge)?.last()?;
        Some((told.value.known()?.least(), told.seq))
    }

    /// A gauge and its limit, as far as they are known.
    pub(super) fn numbers(&self, gauge: Gauge, limit: Gauge) -> Also {
        let known = |gauge| self.known(gauge).map(|(number, _)| Number::new(number));
        let numbers = match (known(gauge), known(limit)) {
            (Some(count), Some(limit)) => Some(Message::InNumbersOf { count, limit }),
            (Some(count), None) => Some(Message::InNumbers { count }),
            (None, _) => None,
        };
        numbers.into()
    }

    /// Whether a gauge is as good as at its limit.
    pub(super) fn is_nearly_all(&self, gauge: Gauge, limit: Gauge) -> bool {
        let numbers = self.known(gauge).zip(self.known(limit));
        numbers.is_some_and(|((used, _), (most, _))| is_nearly_all(used, most))
    }

    /// The last value of each.
    pub(super) fn values(&self) -> BTreeMap<Gauge, Reading<Amount>> {
        self.0.iter().filter_map(|(gauge, track)| Some((*gauge, track.last()?.value.clone()))).collect()
    }

    pub(super) fn tell(&mut self, now: Now, gauge: Gauge, value: Reading<Amount>) {
        self.0.get_or_default(gauge).tell(Told { at_ns: now.ns(), seq: now.seq, value }, is_followed(gauge));
    }
}

/// From this share of what it may have, in percent, somebody is as good as out of something.
const NEARLY_ALL: u64 = 90;

/// Whether so much of something is as good as all of it.
pub(super) const fn is_nearly_all(used: u64, most: u64) -> bool {
    used.saturating_mul(100) >= most.saturating_mul(NEARLY_ALL)
}

/// A recording may hold any number, and a state that is read again none that is larger than the latest moment.
pub(super) fn within_reason(amount: Amount) -> Amount {
    match amount {
        Amount::Exactly(n) => Amount::Exactly(n.min(LATEST_NS)),
        Amount::AtLeast(n) => Amount::AtLeast(n.min(LATEST_NS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Moment;

    #[test]
    fn a_busy_hour_of_every_gauge_is_kept_small() {
        let mut tracks = Tracks::default();
        for i in 0..720 {
            let now = Now { seq: Seq(i), at: Moment { wall_ms: 0, cont_ns: i * 5_000_000_000 } };
            for gauge in Gauge::ALL {
                tracks.tell(now, *gauge, Reading::Known(Amount::Exactly(1 << (i % 40))));
            }
        }
        let kept = |gauge| tracks.get(gauge).map_or(0, |track| track.iter().count());
        assert!(
            Gauge::ALL.iter().all(|gauge| kept(*gauge) <= MOST && tracks.known(*gauge) == Some((1 << 39, Seq(719))))
        );
        assert_eq!(Gauge::ALL.iter().filter(|gauge| kept(**gauge) > 1).count(), 4, "those that are followed");
        assert!(serde_json::to_string(&tracks).unwrap().len() < 20_000);
    }
}
