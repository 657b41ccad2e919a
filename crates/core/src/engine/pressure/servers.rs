//! The rules for one server: its descriptors, watches, memory, CPU, and waits in the kernel.

use std::time::Duration;

use super::detectors::{Detector, DetectorKind, Share, Trigger, triggered_by};
use super::levels::{Finding, LevelReport, Reach, ThresholdState, percent, reach, share};
use crate::code::Code;
use crate::engine::gauges::is_nearly_all;
use crate::engine::growth::{per_minute, slow_growth, sustained_growth};
use crate::engine::processes::Server;
use crate::engine::subject::Subject;
use crate::engine::{Effect, Now, State};
use crate::gauge::{Amount, Gauge};
use crate::message::{
    About, Bytes, Cores, Count, Location, Measured, Message, Millis, Number, OptionalMessage, Process, SharedMessage,
};
use crate::time::{DAY, HOUR, SECOND, Uptime};
use crate::types::{ProcessKey, Seq, ServerClass};

/// The growth of descriptors is computed over this much of the past.
const DESCRIPTORS_OVER: Duration = Duration::from_secs(300);
/// Slow growth is reported only of a server that holds more than one part in this many of the
/// machine's memory (a quarter).
const CREEPING_PART: u64 = 4;
/// Slow growth is reported only if it has lasted this long.
const CREEPING_OVER: Duration = Duration::from_secs(1200);
/// Slow growth is reported only if the limit is less than this ahead: a heap grows
/// slowly all day.
const CREEPING_AHEAD: Duration = HOUR;

/// How long it takes to use up what is left, at so much a minute.
fn time_to_fill(left: u64, per_minute: u64) -> Duration {
    Duration::from_millis(u64::try_from(u128::from(left) * 60_000 / u128::from(per_minute)).unwrap_or(u64::MAX))
}

/// How the memory of a server grows.
#[derive(Clone, Copy)]
struct Growth {
    per_minute: u64,
    /// Time until it reaches the limit.
    ahead: Duration,
    /// Whether that is soon enough to be reported.
    soon: bool,
}

impl State {
    /// Runs a detector for a server, if it is one for servers.
    pub(super) fn run_server_detector(
        &mut self,
        now: Now,
        detector: &Detector,
        key: ProcessKey,
        out: &mut Vec<Effect>,
    ) {
        let DetectorKind::Server(find) = detector.kind else { return };
        let Some(server) = self.processes.long_running_server(key) else { return };
        let finding = find(self, server);
        self.record_finding(now, detector.code, Subject::Server(key), finding, out);
    }

    /// The open descriptors of a server: the gauge, the number, and the input that reported it. The
    /// upper bound is used only if descriptors cannot be counted, or if it is below the last count:
    /// on macOS it is the size of a table that grows by doubling and never shrinks.
    pub(super) fn open_descriptors(server: &Server) -> Option<(Gauge, u64, Seq)> {
        let counted = server.gauges.get(Gauge::Descriptors)?.last()?;
        let bound = server.gauges.known(Gauge::DescriptorBound).map(|(most, seq)| (Gauge::DescriptorBound, most, seq));
        match counted.value.known().map(|amount| amount.least()) {
            // A bound below the count means that some were closed since.
            Some(count) => {
                Some(bound.filter(|(_, most, _)| *most < count).unwrap_or((Gauge::Descriptors, count, counted.seq)))
            }
            None => bound,
        }
    }

    /// Whether a server has hardly any descriptors left; if so, the inputs that show it.
    pub(in crate::engine) fn out_of_descriptors(server: &Server) -> Option<[Seq; 2]> {
        let (_, used, seq) = Self::open_descriptors(server)?;
        let (most, limit_seq) = server.gauges.known(Gauge::DescriptorLimit)?;
        is_nearly_all(used, most).then_some([limit_seq, seq])
    }

    pub(super) fn descriptors_as_cause(server: &Server) -> Message {
        let gauge = Self::open_descriptors(server).map_or(Gauge::Descriptors, |(gauge, _, _)| gauge);
        let numbers = server.gauges.numbers(gauge, Gauge::DescriptorLimit);
        match Self::out_of_descriptors(server) {
            Some(_) => Message::CauseOutOfDescriptors { numbers },
            None => Message::CauseManyDescriptors { numbers },
        }
    }

    /// The latest value of a gauge, worded for a fragment.
    pub(super) fn in_measure(server: Option<&Server>, gauge: Gauge) -> OptionalMessage {
        let reported = server.and_then(|server| server.gauges.get(gauge)?.last()?.value.known().copied());
        reported.map(|amount| Message::InMeasure { value: Measured::new(gauge, amount) }).into()
    }

    pub(super) fn growth_as_cause(server: Option<&Server>) -> Message {
        let bytes = server.and_then(|server| server.memory).map(|bytes| Message::InBytes { bytes: Bytes::new(bytes) });
        Message::CauseGrowth { bytes: bytes.into() }
    }

    /// How many of a server's descriptors, and so of the machine's open files, its file watches
    /// take: none where watches are counted per user (inotify).
    pub(in crate::engine) fn watches_share(&self, server: Option<&Server>) -> Share {
        if self.machine.known(Gauge::UserWatchLimit).is_some() {
            return Share::Nothing;
        }
        let known = server.and_then(|server| server.gauges.known(Gauge::Watches));
        known.map_or(Share::Unknown, |(watches, _)| Share::Amount(watches))
    }

    /// How a number of descriptors relates to the thresholds.
    pub(in crate::engine) fn descriptors_reach(&self, server: &Server, count: u64) -> Reach {
        let config = &self.config;
        let many = reach(count.into(), config.descriptors.into());
        let limit = server.gauges.known(Gauge::DescriptorLimit).map_or(0, |(limit, _)| limit);
        match share(count, limit, config.descriptor_percent) {
            part if count >= config.descriptors / 10 && (part == Reach::Over || many == Reach::Under) => part,
            _ => many,
        }
    }

    pub(super) fn find_descriptors(&self, server: &Server) -> Finding {
        let Some((_, count, _)) = Self::open_descriptors(server) else { return Finding::NOTHING };
        Finding::new(self.descriptors_reach(server, count), count)
    }

    pub(super) fn find_watches(&self, server: &Server) -> Finding {
        let Some((count, _)) = server.gauges.known(Gauge::Watches) else { return Finding::NOTHING };
        Finding::new(reach(count.into(), self.config.own_watches.into()), count)
    }

    /// Usage before this time is excused by loading; `None` if the server is loading
    /// now, for an unknown time.
    fn forgiven_until(&self, server: &Server) -> Option<Uptime> {
        let last = server.since.max(server.loaded.unwrap_or(Uptime::BOOT));
        server.loads.is_empty().then(|| last + self.config.load_forgiven)
    }

    /// How much more memory a server can get, bytes: what the machine has available or, if that is
    /// not known, all memory that the server does not hold.
    fn memory_ahead(&self, memory: u64) -> Option<u64> {
        let available = self.machine.known(Gauge::MemoryAvailable).map(|(bytes, _)| bytes);
        available.or_else(|| Some(self.machine.known(Gauge::MachineMemory)?.0.saturating_sub(memory)))
    }

    /// How the memory of a server grows: fast over the last minutes, or slowly for a long time.
    fn growth(&self, server: &Server) -> Option<Growth> {
        let track = server.gauges.get(Gauge::Memory)?;
        let last = track.last()?;
        let memory = last.value.known()?.least();
        if memory < self.config.memory_least_bytes {
            return None;
        }
        let ahead = self.memory_ahead(memory)?;
        let within = |rate: u64, within: Duration| {
            let ahead = time_to_fill(ahead, rate);
            Growth { per_minute: rate, ahead, soon: ahead <= within }
        };
        let holds = |part: u64| self.machine.known(Gauge::MachineMemory).is_some_and(|(all, _)| memory > all / part);
        // Loading does not excuse holding more than half of the machine's memory.
        let from = if holds(2) { Some(Uptime::BOOT) } else { self.forgiven_until(server) };
        let fast = from
            .filter(|from| last.at >= *from)
            .and_then(|from| {
                sustained_growth(&track.points(self.levels.watched_from(), from), self.config.memory_trend)
            })
            .map(|rate| within(rate, self.config.memory_ahead));
        if fast.is_some_and(|fast| fast.soon) || !holds(CREEPING_PART) {
            return fast;
        }
        let slow = slow_growth(&track.points(self.levels.watched_from(), Uptime::BOOT), CREEPING_OVER);
        slow.map(|rate| within(rate, CREEPING_AHEAD)).filter(|slow| slow.soon).or(fast)
    }

    pub(super) fn find_growth(&self, server: &Server) -> Finding {
        let memory = server.gauges.known(Gauge::Memory).map_or(0, |(bytes, _)| bytes);
        let reported = self.levels.get(Code::RunawayMemory, Subject::Server(server.seen.server)).is_some();
        match self.growth(server) {
            Some(growth) if growth.soon || reported => Finding {
                // Memory that has stopped growing is not reported again, so the finding expires if
                // no report comes for a while.
                lapses: Some(self.growth_lapses(server)),
                ..Finding::new(if growth.soon { Reach::Over } else { Reach::Near }, memory)
            },
            _ => Finding::NOTHING,
        }
    }

    /// The machine's available memory changed, so servers reach the limit earlier or later than
    /// computed.
    pub(super) fn run_detector_on_large_servers(&mut self, now: Now, detector: &Detector, out: &mut Vec<Effect>) {
        let large = |server: &Server| server.memory.is_some_and(|bytes| bytes >= self.config.memory_least_bytes);
        let keys: Vec<_> =
            self.processes.servers().filter(|server| large(server)).map(|server| server.seen.server).collect();
        for key in keys {
            self.run_server_detector(now, detector, key, out);
        }
    }

    fn growth_lapses(&self, server: &Server) -> Uptime {
        let mut last = server.gauges.get(Gauge::Memory).into_iter().flat_map(|track| track.iter().rev());
        let at = last.next().map_or(Uptime::BOOT, |sample| sample.at);
        let before = last.next().map_or(at, |sample| sample.at);
        at + self.config.memory_trend.max(2 * at.since(before))
    }

    pub(super) fn find_cpu(&self, server: &Server) -> Finding {
        let Some((cpu, _)) = server.gauges.known(Gauge::Cpu) else { return Finding::NOTHING };
        let Some(from) = self.forgiven_until(server) else { return Finding::NOTHING };
        Finding { from, ..Finding::new(reach(cpu.into(), self.config.busy_cpu_permille.into()), cpu) }
    }

    /// A load child started or ended, which changes the rules for the server's usage.
    pub(in crate::engine) fn load_changes_pressure(&mut self, now: Now, server: ProcessKey, out: &mut Vec<Effect>) {
        for detector in triggered_by(Trigger::Loads) {
            self.run_server_detector(now, detector, server, out);
        }
    }

    /// The server that an incident is about, with its name and place for the text.
    pub(super) fn reported_server(&self, subject: Subject) -> Option<(&Server, Process, Location)> {
        let Subject::Server(key) = subject else { return None };
        let server = self.processes.server(key)?;
        let name = if server.seen.class == ServerClass::Mcp { "gopls mcp" } else { "gopls" };
        Some((server, Process { name: name.into(), pid: key.pid }, self.processes.location(server.lineage)))
    }

    pub(super) fn tell_of_watches(&self, _: Now, subject: Subject, _: &ThresholdState) -> Option<LevelReport> {
        let (server, who, place) = self.reported_server(subject)?;
        let sample = server.gauges.get(Gauge::Watches)?.last()?;
        let count = Measured::new(Gauge::Watches, *sample.value.known()?);
        Some(LevelReport { said: Message::WatchesItself { who, count, place }, evidence: vec![sample.seq] })
    }

    pub(super) fn tell_of_growth(&self, _: Now, subject: Subject, _: &ThresholdState) -> Option<LevelReport> {
        let (server, who, place) = self.reported_server(subject)?;
        let (bytes, seq) = server.gauges.known(Gauge::Memory)?;
        let ahead = self.growth(server).map(|Growth { per_minute, ahead, .. }| {
            let rate = Bytes::new(per_minute);
            if ahead < SECOND {
                Message::GrowsToTheEnd { rate }
            } else {
                Message::GrowsUntil { rate, left: About::from(ahead) }
            }
        });
        let available = self.machine.known(Gauge::MemoryAvailable).map(|(_, seq)| seq);
        let said = Message::UsesMemory { who, bytes: Bytes::new(bytes), place, ahead: ahead.into() };
        Some(LevelReport { said, evidence: [Some(seq), available].into_iter().flatten().collect() })
    }

    pub(super) fn tell_of_cpu(&self, now: Now, subject: Subject, level: &ThresholdState) -> Option<LevelReport> {
        let (server, who, place) = self.reported_server(subject)?;
        let (cpu, seq) = server.gauges.known(Gauge::Cpu)?;
        let span = Millis::from(now.uptime().since(level.since));
        Some(LevelReport { said: Message::UsesCpu { who, cpu: Cores::new(cpu), place, span }, evidence: vec![seq] })
    }

    pub(super) fn tell_of_waiting(&self, now: Now, subject: Subject, level: &ThresholdState) -> Option<LevelReport> {
        let (_, who, place) = self.reported_server(subject)?;
        let span = Millis::from(now.uptime().since(level.since));
        let waits = level.note.clone().map(|what| Message::WaitsFor { what });
        let waits = SharedMessage::new(waits.unwrap_or(Message::WaitsUnknown));
        Some(LevelReport { said: Message::StuckInKernel { who, place, span, waits }, evidence: Vec::new() })
    }

    pub(super) fn tell_of_descriptors(&self, now: Now, subject: Subject, _: &ThresholdState) -> Option<LevelReport> {
        let (server, who, place) = self.reported_server(subject)?;
        let (count, seq) = Self::open_descriptors(server).map(|(_, count, seq)| (count, seq)).unwrap_or_default();
        let counted = server.gauges.known(Gauge::Descriptors);
        let own = server.gauges.known(Gauge::DescriptorLimit);
        let table = self.machine.known(Gauge::FileTableLimit);
        let evidence = [Some(seq), own.map(|(_, seq)| seq), table.map(|(_, seq)| seq)];
        // A share that rounds to zero is not mentioned.
        let part = |limit: Option<(u64, Seq)>| Some(percent(count, limit?.0)).filter(|part| *part > 0).map(Count::new);
        let share = match (part(own), part(table)) {
            (Some(own), Some(machine)) => Some(Message::ShareOfBoth { own, machine }),
            (Some(percent), None) => Some(Message::ShareOfOwn { percent }),
            (None, Some(percent)) => Some(Message::ShareOfMachine { percent }),
            (None, None) => None,
        };
        let share = share.into();
        let track = if counted.is_some() { Gauge::Descriptors } else { Gauge::DescriptorBound };
        let from = now.uptime() - DESCRIPTORS_OVER;
        let points =
            server.gauges.get(track).map(|track| track.points(self.levels.watched_from().max(from), Uptime::BOOT));
        let rate = points.and_then(|points| per_minute(&points)).filter(|rate| *rate > 0);
        let more = rate.map(|per_minute| {
            // Whichever is exhausted first: the server's own limit, or that of the machine, which
            // all processes share.
            let left = own.map(|(limit, _)| limit.saturating_sub(count));
            let open = self.machine.known(Gauge::FileTable).map_or(count, |(open, _)| open);
            let left = left.into_iter().chain(table.map(|(limit, _)| limit.saturating_sub(open))).min();
            let rate = Number::new(per_minute);
            match left.map(|left| time_to_fill(left, per_minute)) {
                Some(left) if left < SECOND => Message::TakesTheLast { rate },
                // No process keeps growing like that for days.
                Some(left) if left < DAY => Message::TakesUntil { rate, left: About::from(left) },
                _ => Message::TakesMore { rate },
            }
        });
        let more = more.map(SharedMessage::new);
        let at_most = counted.is_none();
        let count = Measured::new(Gauge::Descriptors, Amount::Exactly(count));
        let said = if at_most {
            Message::HoldsDescriptorsAtMost { who, count, place, share, more }
        } else {
            Message::HoldsDescriptors { who, count, place, share, more }
        };
        Some(LevelReport { said, evidence: evidence.into_iter().flatten().collect() })
    }
}
