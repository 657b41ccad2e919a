//! What was measured: the last value of every gauge, and how it came there over the last minutes.
//!
//! Theory of operation. A [`Track`] holds the tellings of one gauge over a window; between two of them the value stood
//! still. What concludes from tracks stands in `pressure`.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Effect, Now, State};
use crate::gauge::{Amount, Gauge, Holder};
use crate::words::{ProcessKey, Reading, Seq};

/// So much of the past is kept of a gauge, nanoseconds.
const WINDOW_NS: u64 = 900 * 1_000_000_000;
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

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Told> {
        self.0.iter()
    }

    fn tell(&mut self, told: Told) {
        let old = told.at_ns.saturating_sub(WINDOW_NS);
        self.0.push_back(told);
        // The last one before the window says what was at its beginning.
        while self.0.get(1).is_some_and(|second| second.at_ns <= old) {
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

/// The tracks of a process or of the machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tracks(BTreeMap<Gauge, Track>);

impl Tracks {
    pub(super) fn get(&self, gauge: Gauge) -> Option<&Track> {
        self.0.get(&gauge)
    }

    /// The number of a gauge and the input that told it, where it is known.
    pub(super) fn known(&self, gauge: Gauge) -> Option<(u64, Seq)> {
        let told = self.0.get(&gauge)?.last()?;
        Some((told.value.known()?.least(), told.seq))
    }

    /// The last value of each.
    pub(super) fn values(&self) -> BTreeMap<Gauge, Reading<Amount>> {
        self.0.iter().filter_map(|(gauge, track)| Some((*gauge, track.last()?.value.clone()))).collect()
    }

    fn tell(&mut self, now: Now, gauge: Gauge, value: Reading<Amount>) {
        self.0.entry(gauge).or_default().tell(Told { at_ns: now.ns(), seq: now.seq, value });
    }
}

impl State {
    pub(super) fn gauge(
        &mut self,
        now: Now,
        gauge: Gauge,
        process: Option<ProcessKey>,
        value: Reading<Amount>,
        _out: &mut Vec<Effect>,
    ) {
        let Some(process) = process else {
            self.machine.tell(now, gauge, value);
            return;
        };
        let Some(server) = self.servers.get_mut(&process) else { return };
        let memory = value.known().map(|amount| amount.least()).filter(|_| gauge == Gauge::Memory);
        server.gauges.tell(now, gauge, value);
        if let Some(bytes) = memory {
            self.memory(now, process, bytes);
        }
    }

    pub(super) fn holders(&mut self, _now: Now, _gauge: Gauge, _holders: Vec<Holder>, _out: &mut Vec<Effect>) {}

    pub(super) fn blocked(
        &mut self,
        _now: Now,
        _process: ProcessKey,
        _on: Option<Reading<String>>,
        _out: &mut Vec<Effect>,
    ) {
    }

    pub(super) fn file_events_lost(&mut self, _now: Now, _workspace: &str, _how: String, _out: &mut Vec<Effect>) {}
}
