//! What a lineage has behind it: its last servers, and its last half hour.
//!
//! Theory of operation. A minute is one of the continuous clock, so a row of them has no seams when the wall clock is
//! set. Only minutes in which something changed are kept, each with what it left behind; between them memory stood
//! still, since the probe tells of it whenever it moves. While the machine slept or nobody watched it may have done
//! anything, and nothing is said of those minutes.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{MS, Now, PastServer, State, Trend};
use crate::event::EndView;
use crate::message::{Message, Said};
use crate::words::{Moment, ProcessKey, Seq};

const MINUTE_NS: u64 = 60_000 * MS;
/// Half an hour.
const MINUTES: u64 = 30;
const MOST_SERVERS: usize = 3;

/// A server that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ended {
    seq: Seq,
    at_ns: u64,
    generation: u32,
    lived_ms: Option<u64>,
    #[serde(flatten)]
    said: Said,
}

/// A minute in which something changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Minute {
    /// Its number since the machine's start.
    at: u64,
    /// The most memory in it, bytes.
    most: Option<u64>,
    /// The memory at its end, and from there on.
    left: Option<u64>,
    ends: u32,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Trail {
    /// The last one at the end.
    servers: VecDeque<Ended>,
    /// The last one at the end; what is older than half an hour only as far as it reaches into it.
    minutes: VecDeque<Minute>,
    /// Resident bytes of all servers together, as far as they are known …
    bytes: u64,
    /// … which they are of so many.
    known: u32,
}

impl Trail {
    /// The memory of one server moved: known before, known now.
    pub(super) fn memory(&mut self, now_ns: u64, before: Option<u64>, after: Option<u64>) {
        if before == after {
            return;
        }
        if let Some(bytes) = before {
            self.bytes = self.bytes.saturating_sub(bytes);
            self.known = self.known.saturating_sub(1);
        }
        if let Some(bytes) = after {
            self.bytes = self.bytes.saturating_add(bytes);
            self.known = self.known.saturating_add(1);
        }
        self.note(now_ns);
    }

    /// A server ended, with so much memory.
    pub(super) fn end(&mut self, now: Now, memory: Option<u64>, end: &EndView) {
        self.memory(now.ns(), memory, None);
        if let Some(minute) = self.minute(now.ns()) {
            minute.ends = minute.ends.saturating_add(1);
        }
        if self.servers.len() == MOST_SERVERS {
            self.servers.pop_front();
        }
        self.servers.push_back(Ended {
            seq: now.seq,
            at_ns: now.ns(),
            generation: end.generation,
            lived_ms: end.lived_ms,
            said: end.cause.said.clone(),
        });
    }

    /// It turned out why a server had ended.
    pub(super) fn revise(&mut self, seq: Seq, why: &Message) {
        if let Some(ended) = self.servers.iter_mut().find(|ended| ended.seq == seq) {
            ended.said = why.clone().into();
        }
    }

    /// Between these moments nobody watched.
    pub(super) fn gap(&mut self, from_ns: u64, now_ns: u64) {
        let Some(last) = self.minutes.back().map(|minute| minute.at.saturating_mul(MINUTE_NS)) else { return };
        if let Some(minute) = self.minute(from_ns.max(last)) {
            minute.left = None;
        }
        self.note(now_ns);
    }

    /// The servers before, the last one first, dated by the wall clock of this moment.
    pub(super) fn past(&self, at: Moment) -> Vec<PastServer> {
        let view = |ended: &Ended| PastServer {
            generation: ended.generation,
            ended: at.back_to(ended.at_ns).rfc3339(),
            lived_ms: ended.lived_ms,
            said: ended.said.clone(),
        };
        self.servers.iter().rev().map(view).collect()
    }

    /// The half hour until this moment.
    pub(super) fn trend(&self, now_ns: u64) -> Trend {
        let last = now_ns / MINUTE_NS;
        let mut changes = self.minutes.iter().peekable();
        let mut left = None;
        let mut trend = Trend::default();
        for ago in (0..MINUTES).rev() {
            let Some(at) = last.checked_sub(ago) else {
                trend.memory.push(None);
                trend.ends.push(0);
                continue;
            };
            while let Some(before) = changes.next_if(|minute| minute.at < at) {
                left = before.left;
            }
            let here = changes.next_if(|minute| minute.at == at);
            trend.memory.push(here.map_or(left, |minute| minute.most));
            trend.ends.push(here.map_or(0, |minute| minute.ends));
            left = here.map_or(left, |minute| minute.left);
        }
        trend
    }

    /// Takes down what the memory is now.
    fn note(&mut self, now_ns: u64) {
        let bytes = (self.known > 0).then_some(self.bytes);
        if let Some(minute) = self.minute(now_ns) {
            minute.most = minute.most.max(bytes);
            minute.left = bytes;
        }
    }

    /// The minute of this moment, which begins with what the one before it left. Time does not run backwards here.
    fn minute(&mut self, now_ns: u64) -> Option<&mut Minute> {
        let at = now_ns / MINUTE_NS;
        let last = self.minutes.back();
        if last.is_none_or(|minute| minute.at < at) {
            let left = last.and_then(|minute| minute.left);
            self.minutes.push_back(Minute { at, most: left, left, ends: 0 });
            let first = (at + 1).saturating_sub(MINUTES);
            while self.minutes.get(1).is_some_and(|second| second.at <= first) {
                self.minutes.pop_front();
            }
        }
        self.minutes.back_mut()
    }
}

impl State {
    /// The memory of a server moved.
    pub(super) fn memory(&mut self, now: Now, server: ProcessKey, bytes: u64) {
        let Some(known) = self.servers.get_mut(&server) else { return };
        let before = known.memory.replace(bytes);
        let id = known.lineage;
        if let Some(lineage) = self.lineages.get_mut(&id).filter(|_| known.seen.class.stays()) {
            lineage.trail.memory(now.ns(), before, Some(bytes));
        }
        self.learn_memory(server, bytes);
        self.count_servers_of(now, id);
    }

    /// Nobody watched from then on until now.
    pub(super) fn trends_unwatched(&mut self, from_ns: u64, now: Now) {
        for lineage in self.lineages.values_mut() {
            lineage.trail.gap(from_ns, now.ns());
        }
    }

    /// The last half hour of each lineage about which an incident is open.
    pub(super) fn trends(&self, at: Moment) -> BTreeMap<String, Trend> {
        let ids = self.incidents.iter().filter_map(|((_, subject), _)| self.lineage_about(subject));
        let known = ids.filter_map(|id| Some((id, self.lineages.get(&id)?)));
        known.map(|(id, lineage)| (id.to_string(), lineage.trail.trend(at.cont_ns))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn at(minute: u64) -> u64 {
        minute * MINUTE_NS + MINUTE_NS / 2
    }

    /// The trend without the empty minutes at its beginning.
    fn memory(trail: &Trail, minute: u64) -> Vec<Option<u64>> {
        let memory = trail.trend(at(minute)).memory;
        assert_eq!(memory.len(), 30);
        memory.into_iter().map(|bytes| bytes.map(|b| b / MB)).skip_while(Option::is_none).collect()
    }

    #[test]
    fn a_minute_shows_its_most_and_leaves_its_last() {
        let mut trail = Trail::default();
        assert_eq!(memory(&trail, 100), []);
        trail.memory(at(100), None, Some(300 * MB));
        trail.memory(at(100), Some(300 * MB), Some(200 * MB));
        trail.memory(at(102), Some(200 * MB), Some(250 * MB));
        trail.memory(at(102), None, Some(100 * MB));
        trail.memory(at(103), Some(250 * MB), None);
        assert_eq!(memory(&trail, 104), [300, 200, 350, 350, 100].map(Some));
        trail.memory(at(105), Some(100 * MB), None);
        assert_eq!(memory(&trail, 107), [Some(300), Some(200), Some(350), Some(350), Some(100), Some(100), None, None]);
    }

    #[test]
    fn half_an_hour_is_kept_and_what_reaches_into_it() {
        let mut trail = Trail::default();
        trail.memory(at(1), None, Some(MB));
        assert_eq!(memory(&trail, 200), [Some(1); 30], "it stood still since");
        for minute in 2..=100 {
            trail.memory(at(minute), Some((minute - 1) * MB), Some(minute * MB));
            assert!(trail.minutes.len() <= 31);
        }
        assert_eq!(memory(&trail, 100), (71..=100).map(Some).collect::<Vec<_>>());
        assert_eq!(memory(&trail, 3), [], "what was then is not known any more");
    }

    #[test]
    fn nothing_is_said_of_minutes_in_which_nobody_watched() {
        let mut trail = Trail::default();
        trail.memory(at(10), None, Some(MB));
        trail.gap(at(12), at(15));
        assert_eq!(memory(&trail, 16), [Some(1), Some(1), Some(1), None, None, Some(1), Some(1)]);
        let mut never = Trail::default();
        never.gap(at(12), at(15));
        assert_eq!(never, Trail::default());
        // A machine that slept for longer than its last reading is old.
        trail.gap(0, at(18));
        assert_eq!(memory(&trail, 18), [Some(1), Some(1), Some(1), None, None, Some(1), None, None, Some(1)]);
    }
}
