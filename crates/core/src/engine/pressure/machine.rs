//! The rules for the machine: its table of open files, the user's file watches, memory, Spotlight,
//! and lost file events.

use std::time::Duration;

use super::detectors::{Detector, DetectorKind, Trigger, triggered_by};
use super::levels::{Finding, LevelReport, Reach, ThresholdState, percent, reach, share};
use crate::code::Code;
use crate::engine::gauges::within_reason;
use crate::engine::subject::LineageId;
use crate::engine::subject::Subject;
use crate::engine::table::Table;
use crate::engine::{Effect, Now, State};
use crate::gauge::{Amount, Gauge, Holder, ProbeRequest};
use crate::message::{Bytes, Cores, Count, Location, Measured, Message, Number, Process, SharedMessage};
use crate::time::MINUTE;
use crate::types::Seq;

/// Lost file events are reported for this long after the last loss.
const EVENTS_LOST_FOR: Duration = Duration::from_secs(600);
/// Minimum interval between probe requests for a code that is over its threshold.
const ASKED_AGAIN: Duration = MINUTE;
/// Maximum number of holders kept.
const MOST_HOLDERS: usize = 8;

/// The processes that hold most of a resource, by its gauge, and the input that reported them.
pub(in crate::engine) type Holders = Table<Gauge, (Vec<Holder>, Seq)>;

impl State {
    /// Runs a detector for the machine, if it is one.
    pub(super) fn run_machine_detector(&mut self, now: Now, detector: &Detector, out: &mut Vec<Effect>) {
        let DetectorKind::Machine(find) = detector.kind else { return };
        let code = detector.code;
        let finding = find(self);
        let over = finding.reach == Reach::Over;
        let request = code.row().probe_request;
        if over
            && let Some(gauge) = request.and_then(ProbeRequest::holders)
            && self.levels.get(code, Subject::Machine).is_none()
        {
            // The holders at an earlier shortage do not explain this one, and may be gone.
            self.holders.remove(&gauge);
        }
        self.record_finding(now, code, Subject::Machine, finding, out);
        if let Some(request) = request.filter(|_| over) {
            self.schedule_probe_again(now, request, ASKED_AGAIN);
        }
    }

    pub(super) fn find_open_files(&self) -> Finding {
        self.find_share(Gauge::FileTable, Gauge::FileTableLimit, self.config.file_table_percent)
    }

    pub(super) fn find_user_watches(&self) -> Finding {
        self.find_share(Gauge::UserWatches, Gauge::UserWatchLimit, self.config.watch_percent)
    }

    fn find_share(&self, gauge: Gauge, limit: Gauge, percent: u32) -> Finding {
        match (self.machine.known(gauge), self.machine.known(limit)) {
            (Some((count, _)), Some((limit, _))) => Finding::new(share(count, limit, percent), count),
            _ => Finding::NOTHING,
        }
    }

    pub(super) fn find_memory_pressure(&self) -> Finding {
        let level = self.machine.known(Gauge::PressureLevel).map_or(0, |(level, _)| level);
        if level >= Gauge::SHORT_OF_MEMORY {
            return Finding::new(Reach::Over, level);
        }
        let stall = self.machine.known(Gauge::MemoryStall).map_or(0, |(permille, _)| permille);
        Finding::new(reach(stall.into(), self.config.memory_stall_permille.into()), stall)
    }

    /// Spotlight is irrelevant while no gopls runs.
    pub(super) fn find_indexing(&self) -> Finding {
        if !self.processes.runs_any() {
            return Finding::NOTHING;
        }
        let births = self.machine.known(Gauge::IndexerBirths).map_or(0, |(births, _)| births);
        let cpu = self.machine.known(Gauge::IndexerCpu).map_or(0, |(permille, _)| permille);
        let by_births = reach(births.into(), self.config.indexer_births.into());
        let by_cpu = reach(cpu.into(), self.config.indexer_cpu_permille.into());
        // The exact activity is not kept: it goes up and down all the time.
        match (by_births, by_cpu) {
            (Reach::Over, _) | (_, Reach::Over) => Finding::new(Reach::Over, 0),
            (Reach::Near, _) | (_, Reach::Near) => Finding::new(Reach::Near, 0),
            _ => Finding::NOTHING,
        }
    }

    /// The first gopls started, or the last one ended.
    pub(in crate::engine) fn servers_change_pressure(&mut self, now: Now, out: &mut Vec<Effect>) {
        for detector in triggered_by(Trigger::Servers) {
            let known = detector.code.row().gauges.iter().any(|gauge| self.machine.known(*gauge).is_some());
            if known || self.levels.get(detector.code, Subject::Machine).is_some() {
                self.run_machine_detector(now, detector, out);
            }
        }
    }

    /// The reply to a request for the holders of a resource.
    pub(in crate::engine) fn holders(
        &mut self,
        now: Now,
        gauge: Gauge,
        mut holders: Vec<Holder>,
        out: &mut Vec<Effect>,
    ) {
        let (code, request) = match gauge {
            Gauge::Descriptors => (Code::FileTableFull, ProbeRequest::DescriptorHolders),
            Gauge::Watches => (Code::WatchLimit, ProbeRequest::WatchHolders),
            _ => return,
        };
        self.reply_received(request);
        holders.truncate(MOST_HOLDERS);
        for holder in &mut holders {
            holder.amount = within_reason(holder.amount);
        }
        let first = |holders: &[Holder]| holders.first().map(|holder| (holder.process, holder.amount.least()));
        let most = first(&holders);
        let before = self.holders.insert(gauge, (holders, now.seq)).and_then(|(holders, _)| first(&holders));
        let reported = self
            .levels
            .get(code, Subject::Machine)
            .is_some_and(|level| level.reported.is_some() && level.reach == Reach::Over);
        let same = match (before, most) {
            (Some((before, held)), Some((most, holds))) => before == most && held.abs_diff(holds) <= held / 8,
            (before, most) => before == most,
        };
        if reported && !same {
            self.tell_level(now, code, Subject::Machine, out);
        }
    }

    /// The system lost file events of a folder.
    pub(in crate::engine) fn file_events_lost(
        &mut self,
        now: Now,
        workspace: &str,
        how: &SharedMessage,
        out: &mut Vec<Effect>,
    ) {
        let theirs: Vec<LineageId> = self
            .processes
            .lineages()
            .filter(|(_, lineage)| {
                lineage.key.class.is_long_running() && (lineage.client_alive || lineage.key.client.is_none())
            })
            .filter(|(_, lineage)| lineage.workspace.known().is_some_and(|folder| folder == workspace))
            .map(|(id, _)| id)
            .collect();
        let subjects: Vec<Subject> =
            if theirs.is_empty() { vec![Subject::Machine] } else { theirs.into_iter().map(Subject::Lineage).collect() };
        for subject in subjects {
            // The text says how the first events were lost; further losses only extend the
            // incident.
            let first = self.levels.get(Code::FileEventsLost, subject).is_none();
            let finding = Finding {
                lapses: Some(now.uptime() + EVENTS_LOST_FOR),
                note: first.then(|| SharedMessage::clone(how)),
                ..Finding::new(Reach::Over, 0)
            };
            self.record_finding(now, Code::FileEventsLost, subject, finding, out);
        }
    }

    pub(super) fn tell_of_events_lost(&self, subject: Subject, level: &ThresholdState) -> Option<LevelReport> {
        let place = self.lineage_about(subject).map_or(Location(None), |id| self.processes.location(id));
        let how = level.note.clone().map(|what| Message::Namely { what });
        Some(LevelReport { said: Message::EventsLost { place, how: how.into() }, evidence: Vec::new() })
    }

    /// The text for a used-up resource: how much of the limit is in use, and who holds most of it.
    pub(super) fn tell_of_share(&self, gauge: Gauge, limit: Gauge, held: Gauge) -> Option<LevelReport> {
        let ((count, seq), (limit, of)) = (self.machine.known(gauge)?, self.machine.known(limit)?);
        let mut evidence = vec![seq, of];
        let holder = self.holders.get(&held).and_then(|(holders, seq)| Some((holders.first()?, *seq)));
        evidence.extend(holder.map(|(_, seq)| seq));
        let holder = holder.map(|(holder, _)| Message::HeldBy {
            who: Process { name: holder.name.clone(), pid: holder.process.pid },
            amount: Measured::new(held, holder.amount),
        });
        let percent = Count::new(percent(count, limit));
        let (count, limit) = (Number::new(count), Number::new(limit));
        Some(LevelReport {
            said: Message::UsedUp { count, what: gauge, percent, limit, holder: holder.into() },
            evidence,
        })
    }

    pub(super) fn tell_of_memory(&self) -> Option<LevelReport> {
        let available = self.machine.known(Gauge::MemoryAvailable);
        let still = available.map(|(bytes, _)| Message::StillAvailable { bytes: Bytes::new(bytes) }).into();
        let exactly = |gauge, n| Measured::new(gauge, Amount::Exactly(n));
        let level = self.machine.known(Gauge::PressureLevel).filter(|(level, _)| *level >= Gauge::SHORT_OF_MEMORY);
        let (said, seq) = match level {
            Some((level, seq)) => {
                (Message::PressureLevel { level: exactly(Gauge::PressureLevel, level), available: still }, seq)
            }
            None => {
                let (stall, seq) = self.machine.known(Gauge::MemoryStall)?;
                (Message::PressureStall { share: exactly(Gauge::MemoryStall, stall), available: still }, seq)
            }
        };
        Some(LevelReport { said, evidence: std::iter::once(seq).chain(available.map(|(_, seq)| seq)).collect() })
    }

    /// All that can be said is that both were busy at the same time.
    pub(super) fn tell_of_indexing(&self) -> Option<LevelReport> {
        let config = &self.config;
        let births = self.machine.known(Gauge::IndexerBirths).filter(|(births, _)| *births >= config.indexer_births);
        let cpu = self.machine.known(Gauge::IndexerCpu).filter(|(cpu, _)| *cpu >= config.indexer_cpu_permille);
        let evidence: Vec<Seq> = births.into_iter().chain(cpu).map(|(_, seq)| seq).collect();
        let doing = match (births.map(|(n, _)| Number::new(n)), cpu.map(|(n, _)| Cores::new(n))) {
            (Some(births), Some(cpu)) => Message::IndexerBoth { births, cpu },
            (Some(births), None) => Message::IndexerWorkers { births },
            (None, Some(cpu)) => Message::IndexerCpu { cpu },
            (None, None) => return None,
        };
        let doing = SharedMessage::new(doing);
        let loading = self.processes.servers().any(|server| !server.loads.is_empty());
        let said = if loading { Message::IndexingDuringLoad { doing } } else { Message::IndexingBeside { doing } };
        Some(LevelReport { said, evidence })
    }

    /// The latest value of a gauge of the machine, if it is still at least `least`. A value that is
    /// back to normal explains nothing, and its incident closes soon.
    fn measured_at_least(&self, gauge: Gauge, least: u64) -> Option<Measured> {
        let amount = self.machine.get(gauge)?.last()?.value.known().copied()?;
        (amount.least() >= least).then(|| Measured::new(gauge, amount))
    }

    pub(super) fn memory_as_cause(&self) -> Message {
        let level = self
            .measured_at_least(Gauge::PressureLevel, Gauge::SHORT_OF_MEMORY)
            .map(|level| Message::InPressure { level });
        let stall = self.measured_at_least(Gauge::MemoryStall, self.config.memory_stall_permille);
        let stall = stall.map(|share| Message::InStall { share });
        Message::CauseMachineMemory { detail: level.or(stall).into() }
    }

    pub(super) fn indexing_as_cause(&self) -> Message {
        let births = self.measured_at_least(Gauge::IndexerBirths, self.config.indexer_births);
        let births = births.map(|births| Message::InWorkers { births });
        let cpu = self.measured_at_least(Gauge::IndexerCpu, self.config.indexer_cpu_permille);
        let cpu = cpu.map(|value| Message::InMeasure { value });
        Message::CauseSpotlight { detail: cpu.or(births).into() }
    }
}
