//! Thresholds: what is over one, since when, and when that is over.
//!
//! Theory of operation. A detector (`detectors`) looks at the tracks of a server or of the machine; it says how a
//! reading stands to its threshold ([`Finding`]). It is asked whenever one of its readings moves, never for all servers
//! at once. What it found is a [`Level`], of which there is one for each code and subject that is over its threshold, or
//! was told and is not yet over; what is quiet has none. Time alone moves a level too: it has to last for as long as its
//! code asks, and what was told closes when it has been below nine tenths of its threshold for a while, or could not be
//! read any more. The words of an open incident follow its number when that has risen by an eighth.
//!
//! Rooms below: `servers` what is found about one server, `machine` about the machine, `killed` why something was ended, `translated` what runs
//! translated; beside it `growth` tells growth from a peak, `asks` has costly readings made.

mod detectors;
mod killed;
mod machine;
mod servers;
mod translated;

pub(super) use detectors::{Share, of as detector_of};
pub(super) use machine::Holders;

use detectors::{DETECTORS, Detector, Hears, Look, hearing, hears_of_machine, listens_to};

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::subject::Subject;
use super::table::{Table, pairs};
use super::{Effect, MS, Now, State};
use crate::codes::{Code, End};
use crate::gauge::Gauge;
use crate::message::{Message, Part, Said};
use crate::words::{ProcessKey, Reading, Seq};

/// Whoever begins to watch has seen by then what still waits inside the kernel.
const SEEN_WAITING_MS: u64 = 300_000;
/// File events that were lost are told for so long after the last ones.
const EVENTS_LOST_FOR_MS: u64 = 600_000;

/// How a reading stands to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reach {
    /// At it or above.
    Over,
    /// Less than a tenth below: no reason to tell, and none to withdraw what was told.
    Near,
    /// Below, or not known.
    Under,
}

/// How a number stands to another one; wide, so that percentages of any numbers fit.
fn reach(value: u128, threshold: u128) -> Reach {
    if value >= threshold {
        Reach::Over
    } else if value * 10 >= threshold * 9 {
        Reach::Near
    } else {
        Reach::Under
    }
}

/// The same for a share of something, in percent. Of nothing there is no share.
fn share(value: u64, of: u64, percent: u32) -> Reach {
    if of == 0 {
        return Reach::Under;
    }
    reach(u128::from(value) * 100, u128::from(of) * u128::from(percent))
}

/// A share in whole percent, as it is said.
fn percent(value: u64, of: u64) -> u64 {
    u64::try_from(u128::from(value) * 100 / u128::from(of.max(1))).unwrap_or(u64::MAX)
}

/// What a detector found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    reach: Reach,
    /// The number that is told.
    amount: u64,
    /// What was before this moment is forgiven.
    from_ns: u64,
    /// If nothing is found by then, it is over.
    lapses_ns: Option<u64>,
    /// What goes with it: what is waited for, how events were lost.
    note: Option<Part>,
}

impl Finding {
    const NOTHING: Self = Self::new(Reach::Under, 0);

    const fn new(reach: Reach, amount: u64) -> Self {
        Self { reach, amount, from_ns: 0, lapses_ns: None, note: None }
    }
}

/// What is told of a level.
pub(super) struct Told {
    said: Message,
    evidence: Vec<Seq>,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    reach: Reach,
    amount: u64,
    /// Over without a break, from then on.
    since_ns: u64,
    /// The input that showed it first.
    first: Seq,
    lapses_ns: Option<u64>,
    /// The number in the incident's text; none while there is no incident.
    told: Option<u64>,
    /// Below without a break, from then on.
    relieved_ns: Option<u64>,
    note: Option<Part>,
}

/// What is over its threshold, and what was told of it and is not yet over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Levels {
    #[serde(with = "pairs")]
    of: Table<(Subject, Code), Level>,
    /// Since when gauges are watched without a break.
    #[serde(default)]
    watched_ns: u64,
}

impl Levels {
    pub(super) fn get(&self, code: Code, subject: Subject) -> Option<&Level> {
        self.of.get(&(subject, code))
    }

    pub(super) fn watched_ns(&self) -> u64 {
        self.watched_ns
    }

    #[cfg(test)]
    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.of.keys().map(|(subject, _)| *subject)
    }

    fn one_of(&self, subject: Subject) -> Option<Code> {
        let first = (subject, Code::ALL.first().copied()?);
        self.of.from(&first).next().filter(|((of, _), _)| *of == subject).map(|((_, code), _)| *code)
    }
}

impl State {
    /// A gauge of a server was told.
    pub(super) fn server_gauge_moved(&mut self, now: Now, gauge: Gauge, key: ProcessKey, out: &mut Vec<Effect>) {
        if let Some(detector) = listens_to(gauge) {
            self.look_at_server(now, detector, key, out);
        }
    }

    /// A gauge of the machine was told.
    pub(super) fn machine_gauge_moved(&mut self, now: Now, gauge: Gauge, out: &mut Vec<Effect>) {
        if let Some(detector) = listens_to(gauge) {
            self.look_at_machine(now, detector, out);
        }
        if let Some(detector) = hears_of_machine(gauge) {
            self.look_at_large_servers(now, detector, out);
        }
    }

    /// The thresholds are other ones.
    pub(super) fn look_at_everything(&mut self, now: Now, out: &mut Vec<Effect>) {
        for key in self.processes.server_keys().collect::<Vec<_>>() {
            for detector in &DETECTORS {
                self.look_at_server(now, detector, key, out);
            }
        }
        for detector in &DETECTORS {
            self.look_at_machine(now, detector, out);
        }
    }

    /// A detector found this.
    fn found(&mut self, now: Now, code: Code, subject: Subject, finding: Finding, out: &mut Vec<Effect>) {
        let key = (subject, code);
        match self.levels.of.get_mut(&key) {
            None if finding.reach != Reach::Over => return,
            None => {
                let level = Level {
                    reach: Reach::Over,
                    amount: finding.amount,
                    since_ns: now.ns().max(finding.from_ns),
                    first: now.seq,
                    lapses_ns: finding.lapses_ns,
                    told: None,
                    relieved_ns: None,
                    note: finding.note,
                };
                self.levels.of.insert(key, level);
            }
            Some(level) => {
                level.reach = finding.reach;
                level.amount = finding.amount;
                level.lapses_ns = finding.lapses_ns;
                if finding.note.is_some() && level.note != finding.note {
                    level.note = finding.note;
                    if level.told.is_some() {
                        self.tell_level(now, code, subject, out);
                    }
                }
            }
        }
        self.judge_level(now, code, subject, out);
    }

    /// What a level comes to at this moment.
    pub(super) fn judge_level(&mut self, now: Now, code: Code, subject: Subject, out: &mut Vec<Effect>) {
        let row = code.row();
        let [lasts, relieved_after] = [row.lasts_ms, row.relieved_ms].map(|time| time(&self.config) * MS);
        let Some(level) = self.levels.of.get_mut(&(subject, code)) else { return };
        let lapsed = level.lapses_ns.is_some_and(|at| now.ns() >= at);
        let reach = if lapsed { Reach::Under } else { level.reach };
        let mut due = if lapsed { None } else { level.lapses_ns };
        match (reach, level.told) {
            (Reach::Over, None) => {
                let at = level.since_ns.saturating_add(lasts);
                if now.ns() >= at {
                    self.tell_level(now, code, subject, out);
                } else {
                    due = Some(due.map_or(at, |other| other.min(at)));
                }
            }
            (Reach::Over, Some(told)) => {
                level.relieved_ns = None;
                // Only upwards: what goes up and down would change it all the time.
                if level.amount >= told.saturating_add((told / 8).max(1)) {
                    self.tell_level(now, code, subject, out);
                }
            }
            (_, None) => {
                self.levels.of.remove(&(subject, code));
                return;
            }
            (Reach::Near, Some(_)) => level.relieved_ns = None,
            (Reach::Under, Some(_)) => {
                let at = level.relieved_ns.get_or_insert(now.ns()).saturating_add(relieved_after);
                if now.ns() >= at {
                    self.levels.of.remove(&(subject, code));
                    self.end(now, (code, subject), End::Relieved, out);
                    return;
                }
                due = Some(at);
            }
        }
        if let Some(at) = due {
            self.agenda.schedule(at, Due::Level(code, subject));
        }
    }

    fn tell_level(&mut self, now: Now, code: Code, subject: Subject, out: &mut Vec<Effect>) {
        let Some(level) = self.levels.of.get(&(subject, code)) else { return };
        let told = detector_of(code).and_then(|detector| (detector.tell)(self, now, subject, level));
        let lineage = self.lineage_about(subject);
        let Some(Told { said, mut evidence }) = told else { return };
        evidence.push(level.first);
        evidence.sort_unstable();
        evidence.dedup();
        let amount = level.amount;
        if let Some(level) = self.levels.of.get_mut(&(subject, code)) {
            level.told = Some(amount);
        }
        self.open(now, code, subject, lineage, said, evidence, out);
    }

    /// The subject is no more, and with it whatever was over a threshold.
    pub(super) fn forget_levels(&mut self, now: Now, subject: Subject, why: &Message, out: &mut Vec<Effect>) {
        while let Some(code) = self.levels.one_of(subject) {
            self.levels.of.remove(&(subject, code));
            self.close(now, (code, subject), why.clone(), out);
        }
    }

    pub(super) fn touch_levels(&mut self) {
        self.agenda.touch_all(self.levels.of.keys().map(|(subject, code)| Due::Level(*code, *subject)));
    }

    /// Until now nobody watched: what lasted before may not have lasted throughout, and no rate is reckoned across.
    pub(super) fn pressure_unwatched(&mut self, now: Now) {
        self.levels.watched_ns = now.ns();
        for level in self.levels.of.values_mut() {
            level.since_ns = level.since_ns.max(now.ns());
            level.relieved_ns = level.relieved_ns.map(|_| now.ns());
        }
        self.touch_levels();
    }

    /// The same, by another process than the one that told what was read: what it does not tell again is not known.
    pub(super) fn pressure_told_anew(&mut self, now: Now) {
        self.levels.of.retain(|_, level| level.told.is_some());
        // Unlike a gauge, that something waits no more is not told by one who never saw it wait.
        let by_a_fact = |code| detector_of(code).is_some_and(|detector| matches!(detector.look, Look::Fact));
        for (_, level) in self.levels.of.iter_mut().filter(|((_, code), _)| by_a_fact(*code)) {
            level.lapses_ns.get_or_insert(now.ns().saturating_add(SEEN_WAITING_MS * MS));
        }
        self.pressure_unwatched(now);
        self.asks_unanswered();
    }

    /// A server waits inside the kernel, or does so no more.
    pub(super) fn blocked(&mut self, now: Now, process: ProcessKey, on: Option<Reading<Said>>, out: &mut Vec<Effect>) {
        if !self.processes.server(process).is_some_and(|server| server.seen.class.stays()) {
            return;
        }
        let subject = Subject::Server(process);
        let finding = match on {
            None => Finding::NOTHING,
            Some(on) => {
                Finding { note: on.known().map(|on| Box::new(on.message.clone())), ..Finding::new(Reach::Over, 0) }
            }
        };
        self.found(now, Code::BlockedIo, subject, finding, out);
    }
}
