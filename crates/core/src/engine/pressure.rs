//! Thresholds: what exceeds one, since when, and when that ends.
//!
//! Theory of operation. A detector (`detectors`) evaluates the tracks of one server or of the
//! machine and returns how a reading relates to its threshold ([`Finding`]). It runs whenever one
//! of its gauges is reported, never for all servers at once. The result is kept as a *level*
//! ([`ThresholdState`]); there is one per code and subject that is over its threshold, or that was
//! reported and is not over yet. Everything else has no level. Levels also change by time alone: a
//! level must last as long as its code demands before an incident opens, and the incident closes
//! when the level has been below nine tenths of the threshold for a while, or could not be read any
//! more. The text of an open incident is updated when its number has risen by an eighth.
//!
//! Submodules: `levels` holds the data, `detectors` the list of detectors, `servers` the rules for
//! one server, `machine` those for the machine, `killed` the reasons of kills, `translated`
//! translated processes. In addition, `growth` distinguishes growth from a peak, and
//! `probe_requests` requests costly readings.

mod detectors;
mod killed;
mod levels;
mod machine;
mod servers;
mod translated;

pub(super) use detectors::{Share, detector_of};
pub(super) use levels::{Finding, Levels, Reach, ThresholdState};
pub(super) use machine::Holders;

use std::time::Duration;

use detectors::{DETECTORS, DetectorKind, primary_detector, secondary_detector};
use levels::LevelReport;

use super::agenda::Due;
use super::subject::Subject;
use super::{Effect, Now, State};
use crate::code::Code;
use crate::codes::End;
use crate::gauge::Gauge;
use crate::message::{Message, MessageText, SharedMessage};
use crate::reading::Reading;
use crate::types::ProcessKey;

/// A restarted agent has by then seen every process that still waits in the kernel.
const SEEN_WAITING: Duration = Duration::from_secs(300);

impl State {
    /// A gauge of a server was reported.
    pub(super) fn server_gauge_moved(&mut self, now: Now, gauge: Gauge, key: ProcessKey, out: &mut Vec<Effect>) {
        if let Some(detector) = primary_detector(gauge) {
            self.run_server_detector(now, detector, key, out);
        }
    }

    /// A gauge of the machine was reported.
    pub(super) fn machine_gauge_moved(&mut self, now: Now, gauge: Gauge, out: &mut Vec<Effect>) {
        if let Some(detector) = primary_detector(gauge) {
            self.run_machine_detector(now, detector, out);
        }
        if let Some(detector) = secondary_detector(gauge) {
            self.run_detector_on_large_servers(now, detector, out);
        }
    }

    /// Runs all detectors, after thresholds were changed.
    pub(super) fn run_all_detectors(&mut self, now: Now, out: &mut Vec<Effect>) {
        for key in self.processes.server_keys().collect::<Vec<_>>() {
            for detector in &DETECTORS {
                self.run_server_detector(now, detector, key, out);
            }
        }
        for detector in &DETECTORS {
            self.run_machine_detector(now, detector, out);
        }
    }

    /// Records the result of a detector.
    fn record_finding(&mut self, now: Now, code: Code, subject: Subject, finding: Finding, out: &mut Vec<Effect>) {
        let key = (subject, code);
        match self.levels.of.get_mut(&key) {
            None if finding.reach != Reach::Over => return,
            None => {
                let level = ThresholdState {
                    reach: Reach::Over,
                    amount: finding.amount,
                    since: now.uptime().max(finding.from),
                    first: now.seq,
                    lapses: finding.lapses,
                    reported: None,
                    relieved: None,
                    note: finding.note,
                };
                self.levels.of.insert(key, level);
            }
            Some(level) => {
                level.reach = finding.reach;
                level.amount = finding.amount;
                level.lapses = finding.lapses;
                if finding.note.is_some() && level.note != finding.note {
                    level.note = finding.note;
                    if level.reported.is_some() {
                        self.tell_level(now, code, subject, out);
                    }
                }
            }
        }
        self.judge_level(now, code, subject, out);
    }

    /// Opens, updates or closes the incident of a level, as of now.
    pub(super) fn judge_level(&mut self, now: Now, code: Code, subject: Subject, out: &mut Vec<Effect>) {
        let row = code.row();
        let [lasts, relieved_after] = [row.open_after, row.close_after].map(|time| time(&self.config));
        let Some(level) = self.levels.of.get_mut(&(subject, code)) else { return };
        let lapsed = level.lapses.is_some_and(|at| now.uptime() >= at);
        let reach = if lapsed { Reach::Under } else { level.reach };
        let mut due = if lapsed { None } else { level.lapses };
        match (reach, level.reported) {
            (Reach::Over, None) => {
                let at = level.since + lasts;
                if now.uptime() >= at {
                    self.tell_level(now, code, subject, out);
                } else {
                    due = Some(due.map_or(at, |other| other.min(at)));
                }
            }
            (Reach::Over, Some(reported)) => {
                level.relieved = None;
                // Only upwards: a value that goes up and down would change the text all the time.
                if level.amount >= reported.saturating_add((reported / 8).max(1)) {
                    self.tell_level(now, code, subject, out);
                }
            }
            (_, None) => {
                self.levels.of.remove(&(subject, code));
                return;
            }
            (Reach::Near, Some(_)) => level.relieved = None,
            (Reach::Under, Some(_)) => {
                let at = *level.relieved.get_or_insert(now.uptime()) + relieved_after;
                if now.uptime() >= at {
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
        let reported = detector_of(code).and_then(|detector| (detector.report)(self, now, subject, level));
        let lineage = self.lineage_about(subject);
        let Some(LevelReport { said, mut evidence }) = reported else { return };
        evidence.push(level.first);
        evidence.sort_unstable();
        evidence.dedup();
        let amount = level.amount;
        if let Some(level) = self.levels.of.get_mut(&(subject, code)) {
            level.reported = Some(amount);
        }
        self.open(now, code, subject, lineage, said, evidence, out);
    }

    /// The subject is gone: drops its levels and closes their incidents.
    pub(super) fn forget_levels(&mut self, now: Now, subject: Subject, why: &Message, out: &mut Vec<Effect>) {
        while let Some(code) = self.levels.one_of(subject) {
            self.levels.of.remove(&(subject, code));
            self.close(now, (code, subject), why.clone(), out);
        }
    }

    pub(super) fn touch_levels(&mut self) {
        self.agenda.touch_all(self.levels.of.keys().map(|(subject, code)| Due::Level(*code, *subject)));
    }

    /// Monitoring was interrupted until now: a level need not have lasted throughout, and no rate
    /// is computed across the gap.
    pub(super) fn pressure_unwatched(&mut self, now: Now) {
        self.levels.watched_from = now.uptime();
        for level in self.levels.of.values_mut() {
            level.since = level.since.max(now.uptime());
            level.relieved = level.relieved.map(|_| now.uptime());
        }
        self.touch_levels();
    }

    /// The same, after the agent was restarted: what it does not report again is not known.
    pub(super) fn pressure_agent_restarted(&mut self, now: Now) {
        self.levels.of.retain(|_, level| level.reported.is_some());
        // Unlike a gauge, the end of a wait is not reported by an agent that never saw the wait.
        let by_a_fact =
            |code| detector_of(code).is_some_and(|detector| matches!(detector.kind, DetectorKind::Observed));
        for (_, level) in self.levels.of.iter_mut().filter(|((_, code), _)| by_a_fact(*code)) {
            level.lapses.get_or_insert(now.uptime() + SEEN_WAITING);
        }
        self.pressure_unwatched(now);
        self.forget_pending_replies();
    }

    /// A server waits inside the kernel, or has stopped waiting.
    pub(super) fn blocked(
        &mut self,
        now: Now,
        process: ProcessKey,
        on: Option<Reading<MessageText>>,
        out: &mut Vec<Effect>,
    ) {
        if !self.processes.server(process).is_some_and(|server| server.seen.class.is_long_running()) {
            return;
        }
        let subject = Subject::Server(process);
        let finding = match on {
            None => Finding::NOTHING,
            Some(on) => {
                Finding { note: on.known().map(|on| SharedMessage::clone(&on.message)), ..Finding::new(Reach::Over, 0) }
            }
        };
        self.record_finding(now, Code::BlockedIo, subject, finding, out);
    }
}
