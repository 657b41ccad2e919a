//! What is found about one server: its descriptors, its watches, its memory, its CPU, and what it waits for.

use super::detectors::{Detector, Hears, Look, Share, hearing};
use super::levels::{Finding, Level, Reach, Told, percent, reach, share};
use crate::codes::Code;
use crate::engine::gauges::is_nearly_all;
use crate::engine::growth::{creeps, keeps_growing, per_minute};
use crate::engine::processes::Server;
use crate::engine::subject::Subject;
use crate::engine::{Effect, MS, Now, State};
use crate::gauge::{Amount, Gauge};
use crate::message::{About, Also, Bytes, Cores, Count, Measured, Message, Millis, Number, Part, Place, Process};
use crate::words::{ProcessKey, Seq, ServerClass};

/// The growth of descriptors is reckoned over so much of the past, nanoseconds.
const DESCRIPTORS_OVER_NS: u64 = 300_000 * MS;
/// That descriptors run out is said if they would do so within this time.
const TOLD_AHEAD_MS: u64 = 86_400_000;
/// What grows slowly is told once it holds this part of the machine's memory …
const CREEPING_PART: u64 = 4;
/// … has grown for so long …
const CREEPING_OVER_NS: u64 = 1_200_000 * MS;
/// … and would reach the limit within this time: slow is what a heap does all day.
const CREEPING_AHEAD_MS: u64 = 3_600_000;

/// How memory grows.
#[derive(Clone, Copy)]
struct Growth {
    per_minute: u64,
    /// When it meets the limit.
    ahead_ms: u64,
    /// Whether that is soon enough to be told.
    soon: bool,
}

impl State {
    /// Asks a detector about a server, if it is one about servers.
    pub(super) fn look_at_server(&mut self, now: Now, detector: &Detector, key: ProcessKey, out: &mut Vec<Effect>) {
        let Look::Server(find) = detector.look else { return };
        let Some(server) = self.processes.staying(key) else { return };
        let finding = find(self, server);
        self.found(now, detector.code, Subject::Server(key), finding, out);
    }

    /// How many descriptors a server has open: by which gauge, how many, and the input that told it. What they cannot be
    /// above stands for that only where they cannot be counted, or where it is less: on macOS it is the size of a table
    /// that grows by doubling and never shrinks.
    pub(super) fn open_descriptors(server: &Server) -> Option<(Gauge, u64, Seq)> {
        let counted = server.gauges.get(Gauge::Descriptors)?.last()?;
        let bound = server.gauges.known(Gauge::DescriptorBound).map(|(most, seq)| (Gauge::DescriptorBound, most, seq));
        match counted.value.known().map(|amount| amount.least()) {
            // It has closed some since they were counted.
            Some(count) => {
                Some(bound.filter(|(_, most, _)| *most < count).unwrap_or((Gauge::Descriptors, count, counted.seq)))
            }
            None => bound,
        }
    }

    /// Whether a server has next to no descriptors left: the inputs that say so.
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

    /// The last value of a gauge, for a fragment.
    pub(super) fn in_measure(server: Option<&Server>, gauge: Gauge) -> Also {
        let told = server.and_then(|server| server.gauges.get(gauge)?.last()?.value.known().copied());
        told.map(|amount| Message::InMeasure { value: Measured::new(gauge, amount) }).into()
    }

    pub(super) fn growth_as_cause(server: Option<&Server>) -> Message {
        let bytes = server.and_then(|server| server.memory).map(|bytes| Message::InBytes { bytes: Bytes::new(bytes) });
        Message::CauseGrowth { bytes: bytes.into() }
    }

    /// What its file watches take of a server's descriptors, and of the machine's open files: nothing where a user's watches
    /// are counted (inotify).
    pub(in crate::engine) fn watches_share(&self, server: Option<&Server>) -> Share {
        if self.machine.known(Gauge::UserWatchLimit).is_some() {
            return Share::Nothing;
        }
        let known = server.and_then(|server| server.gauges.known(Gauge::Watches));
        known.map_or(Share::Unknown, |(watches, _)| Share::Amount(watches))
    }

    /// How so many descriptors stand to the thresholds.
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

    /// Until when what it uses is forgiven, because it loads; none: it loads now, and nobody knows for how long.
    fn forgiven_until_ns(&self, server: &Server) -> Option<u64> {
        let last = server.since_ns.max(server.loaded_ns.unwrap_or(0));
        server.loads.is_empty().then(|| last.saturating_add(self.config.load_forgiven_ms * MS))
    }

    /// The memory that a server may come to have: what it has, and what the machine could still give.
    fn memory_ahead(&self, memory: u64) -> Option<u64> {
        let available = self.machine.known(Gauge::MemoryAvailable).map(|(bytes, _)| bytes);
        available.or_else(|| Some(self.machine.known(Gauge::MachineMemory)?.0.saturating_sub(memory)))
    }

    /// How the memory of a server grows: fast over the last minutes, or slowly for a long time already.
    fn growth(&self, server: &Server) -> Option<Growth> {
        let track = server.gauges.get(Gauge::Memory)?;
        let last = track.last()?;
        let memory = last.value.known()?.least();
        if memory < self.config.memory_least_bytes {
            return None;
        }
        let ahead = self.memory_ahead(memory)?;
        let within = |rate: u64, within_ms: u64| {
            let ahead_ms = u64::try_from(u128::from(ahead) * 60_000 / u128::from(rate)).unwrap_or(u64::MAX);
            Growth { per_minute: rate, ahead_ms, soon: ahead_ms <= within_ms }
        };
        let holds = |part: u64| self.machine.known(Gauge::MachineMemory).is_some_and(|(all, _)| memory > all / part);
        // Such a part of the machine's memory is no matter of loading any more.
        let from = if holds(2) { Some(0) } else { self.forgiven_until_ns(server) };
        let fast = from
            .filter(|from| last.at_ns >= *from)
            .and_then(|from| {
                keeps_growing(&track.points(self.levels.watched_ns(), from), self.config.memory_trend_ms * MS)
            })
            .map(|rate| within(rate, self.config.memory_ahead_ms));
        if fast.is_some_and(|fast| fast.soon) || !holds(CREEPING_PART) {
            return fast;
        }
        let slow = creeps(&track.points(self.levels.watched_ns(), 0), CREEPING_OVER_NS);
        slow.map(|rate| within(rate, CREEPING_AHEAD_MS)).filter(|slow| slow.soon).or(fast)
    }

    pub(super) fn find_growth(&self, server: &Server) -> Finding {
        let memory = server.gauges.known(Gauge::Memory).map_or(0, |(bytes, _)| bytes);
        let told = self.levels.get(Code::RunawayMemory, Subject::Server(server.seen.server)).is_some();
        match self.growth(server) {
            Some(growth) if growth.soon || told => Finding {
                // Memory that grew no further is told no more, so it is over if nothing is told for a while.
                lapses_ns: Some(self.growth_lapses_ns(server)),
                ..Finding::new(if growth.soon { Reach::Over } else { Reach::Near }, memory)
            },
            _ => Finding::NOTHING,
        }
    }

    /// What the machine could still give moved, so memory runs out sooner or later than it did.
    pub(super) fn look_at_large_servers(&mut self, now: Now, detector: &Detector, out: &mut Vec<Effect>) {
        let large = |server: &Server| server.memory.is_some_and(|bytes| bytes >= self.config.memory_least_bytes);
        let keys: Vec<_> =
            self.processes.servers().filter(|server| large(server)).map(|server| server.seen.server).collect();
        for key in keys {
            self.look_at_server(now, detector, key, out);
        }
    }

    fn growth_lapses_ns(&self, server: &Server) -> u64 {
        let mut last = server.gauges.get(Gauge::Memory).into_iter().flat_map(|track| track.iter().rev());
        let at = last.next().map_or(0, |told| told.at_ns);
        let before = last.next().map_or(at, |told| told.at_ns);
        let patience = (self.config.memory_trend_ms * MS).max(at.saturating_sub(before).saturating_mul(2));
        at.saturating_add(patience)
    }

    pub(super) fn find_cpu(&self, server: &Server) -> Finding {
        let Some((cpu, _)) = server.gauges.known(Gauge::Cpu) else { return Finding::NOTHING };
        let Some(from_ns) = self.forgiven_until_ns(server) else { return Finding::NOTHING };
        Finding { from_ns, ..Finding::new(reach(cpu.into(), self.config.busy_cpu_permille.into()), cpu) }
    }

    /// A load child came or went: what the server uses is judged by other rules.
    pub(in crate::engine) fn load_changes_pressure(&mut self, now: Now, server: ProcessKey, out: &mut Vec<Effect>) {
        for detector in hearing(Hears::Loads) {
            self.look_at_server(now, detector, server, out);
        }
    }

    /// A server that is told of, with where it works.
    pub(super) fn told_server(&self, subject: Subject) -> Option<(&Server, Process, Place)> {
        let Subject::Server(key) = subject else { return None };
        let server = self.processes.server(key)?;
        let name = if server.seen.class == ServerClass::Mcp { "gopls mcp" } else { "gopls" };
        Some((server, Process { name: name.into(), pid: key.pid }, self.processes.place(server.lineage)))
    }

    pub(super) fn tell_of_watches(&self, _: Now, subject: Subject, _: &Level) -> Option<Told> {
        let (server, who, place) = self.told_server(subject)?;
        let told = server.gauges.get(Gauge::Watches)?.last()?;
        let count = Measured::new(Gauge::Watches, *told.value.known()?);
        Some(Told { said: Message::WatchesItself { who, count, place }, evidence: vec![told.seq] })
    }

    pub(super) fn tell_of_growth(&self, _: Now, subject: Subject, _: &Level) -> Option<Told> {
        let (server, who, place) = self.told_server(subject)?;
        let (bytes, seq) = server.gauges.known(Gauge::Memory)?;
        let ahead = self.growth(server).map(|Growth { per_minute, ahead_ms, .. }| {
            let rate = Bytes::new(per_minute);
            match ahead_ms {
                0..1_000 => Message::GrowsToTheEnd { rate },
                ms => Message::GrowsUntil { rate, left: About::new(ms) },
            }
        });
        let available = self.machine.known(Gauge::MemoryAvailable).map(|(_, seq)| seq);
        let said = Message::UsesMemory { who, bytes: Bytes::new(bytes), place, ahead: ahead.into() };
        Some(Told { said, evidence: [Some(seq), available].into_iter().flatten().collect() })
    }

    pub(super) fn tell_of_cpu(&self, now: Now, subject: Subject, level: &Level) -> Option<Told> {
        let (server, who, place) = self.told_server(subject)?;
        let (cpu, seq) = server.gauges.known(Gauge::Cpu)?;
        let span = Millis::new(now.ns().saturating_sub(level.since_ns) / MS);
        Some(Told { said: Message::UsesCpu { who, cpu: Cores::new(cpu), place, span }, evidence: vec![seq] })
    }

    pub(super) fn tell_of_waiting(&self, now: Now, subject: Subject, level: &Level) -> Option<Told> {
        let (_, who, place) = self.told_server(subject)?;
        let span = Millis::new(now.ns().saturating_sub(level.since_ns) / MS);
        let waits = level.note.clone().map(|what| Message::WaitsFor { what });
        let waits = Part::new(waits.unwrap_or(Message::WaitsUnknown));
        Some(Told { said: Message::StuckInKernel { who, place, span, waits }, evidence: Vec::new() })
    }

    pub(super) fn tell_of_descriptors(&self, now: Now, subject: Subject, _: &Level) -> Option<Told> {
        let (server, who, place) = self.told_server(subject)?;
        let (count, seq) = Self::open_descriptors(server).map(|(_, count, seq)| (count, seq)).unwrap_or_default();
        let counted = server.gauges.known(Gauge::Descriptors);
        let own = server.gauges.known(Gauge::DescriptorLimit);
        let table = self.machine.known(Gauge::FileTableLimit);
        let evidence = [Some(seq), own.map(|(_, seq)| seq), table.map(|(_, seq)| seq)];
        // A part that rounds to nothing is no news.
        let part = |limit: Option<(u64, Seq)>| Some(percent(count, limit?.0)).filter(|part| *part > 0).map(Count::new);
        let share = match (part(own), part(table)) {
            (Some(own), Some(machine)) => Some(Message::ShareOfBoth { own, machine }),
            (Some(percent), None) => Some(Message::ShareOfOwn { percent }),
            (None, Some(percent)) => Some(Message::ShareOfMachine { percent }),
            (None, None) => None,
        };
        let share = share.into();
        let track = if counted.is_some() { Gauge::Descriptors } else { Gauge::DescriptorBound };
        let from = now.ns().saturating_sub(DESCRIPTORS_OVER_NS);
        let points = server.gauges.get(track).map(|track| track.points(self.levels.watched_ns().max(from), 0));
        let rate = points.and_then(|points| per_minute(&points)).filter(|rate| *rate > 0);
        let more = rate.map(|per_minute| {
            // Whichever ends first: its own, or the machine's, from which everybody takes.
            let left = own.map(|(limit, _)| limit.saturating_sub(count));
            let open = self.machine.known(Gauge::FileTable).map_or(count, |(open, _)| open);
            let left = left.into_iter().chain(table.map(|(limit, _)| limit.saturating_sub(open))).min();
            let ms = |left| u64::try_from(u128::from(left) * 60_000 / u128::from(per_minute)).unwrap_or(u64::MAX);
            let rate = Number::new(per_minute);
            match left.map(ms) {
                Some(0..1_000) => Message::TakesTheLast { rate },
                // Nothing goes on like that for days.
                Some(ms) if ms < TOLD_AHEAD_MS => Message::TakesUntil { rate, left: About::new(ms) },
                _ => Message::TakesMore { rate },
            }
        });
        let more = more.map(Part::new);
        let at_most = counted.is_none();
        let count = Measured::new(Gauge::Descriptors, Amount::Exactly(count));
        let said = if at_most {
            Message::HoldsDescriptorsAtMost { who, count, place, share, more }
        } else {
            Message::HoldsDescriptors { who, count, place, share, more }
        };
        Some(Told { said, evidence: evidence.into_iter().flatten().collect() })
    }
}
