//! What is found about one server: its descriptors, its watches, its memory, its CPU, and what it waits for.

use super::{Finding, Level, Reach, Words, percent, reach, share};
use crate::codes::Code;
use crate::engine::growth::{creeps, keeps_growing, per_minute};
use crate::engine::incidents::Subject;
use crate::engine::{Effect, MS, Now, Server, State};
use crate::gauge::{Amount, Gauge};
use crate::say;
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
    /// Asks the detector of a code about a server.
    pub(super) fn look_at_server(&mut self, now: Now, code: Code, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(server) = self.staying(key) else { return };
        let finding = match code {
            Code::DescriptorPressure => self.find_descriptors(server),
            Code::OwnWatcher => self.find_watches(server),
            Code::RunawayMemory => self.find_growth(server),
            Code::RunawayCpu => self.find_cpu(server),
            _ => return,
        };
        self.found(now, code, Subject::Server(key), finding, out);
    }

    /// How many descriptors a server has open, and the input that told it. The cheap bound is no number of open
    /// descriptors; it stands for one only where they cannot be counted.
    fn descriptors(server: &Server) -> Option<(u64, Seq)> {
        let counted = server.gauges.get(Gauge::Descriptors)?.last()?;
        let bound = server.gauges.known(Gauge::DescriptorBound);
        match counted.value.known().map(|amount| amount.least()) {
            // It has closed some since they were counted.
            Some(count) => Some(bound.filter(|(most, _)| *most < count).unwrap_or((count, counted.seq))),
            None => bound,
        }
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

    fn find_descriptors(&self, server: &Server) -> Finding {
        let Some((count, _)) = Self::descriptors(server) else { return Finding::NOTHING };
        Finding::new(self.descriptors_reach(server, count), count)
    }

    fn find_watches(&self, server: &Server) -> Finding {
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
            .and_then(|from| keeps_growing(&track.points(self.watched_ns, from), self.config.memory_trend_ms * MS))
            .map(|rate| within(rate, self.config.memory_ahead_ms));
        if fast.is_some_and(|fast| fast.soon) || !holds(CREEPING_PART) {
            return fast;
        }
        let slow = creeps(&track.points(self.watched_ns, 0), CREEPING_OVER_NS);
        slow.map(|rate| within(rate, CREEPING_AHEAD_MS)).filter(|slow| slow.soon).or(fast)
    }

    fn find_growth(&self, server: &Server) -> Finding {
        let memory = server.gauges.known(Gauge::Memory).map_or(0, |(bytes, _)| bytes);
        let told = self.level_of(Code::RunawayMemory, Subject::Server(server.seen.server)).is_some();
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
    pub(super) fn look_at_growth(&mut self, now: Now, out: &mut Vec<Effect>) {
        let large = |server: &Server| server.memory.is_some_and(|bytes| bytes >= self.config.memory_least_bytes);
        let keys: Vec<_> = self.servers.iter().filter(|(_, server)| large(server)).map(|(key, _)| *key).collect();
        for key in keys {
            self.look_at_server(now, Code::RunawayMemory, key, out);
        }
    }

    fn growth_lapses_ns(&self, server: &Server) -> u64 {
        let mut last = server.gauges.get(Gauge::Memory).into_iter().flat_map(|track| track.iter().rev());
        let at = last.next().map_or(0, |told| told.at_ns);
        let before = last.next().map_or(at, |told| told.at_ns);
        let patience = (self.config.memory_trend_ms * MS).max(at.saturating_sub(before).saturating_mul(2));
        at.saturating_add(patience)
    }

    fn find_cpu(&self, server: &Server) -> Finding {
        let Some((cpu, _)) = server.gauges.known(Gauge::Cpu) else { return Finding::NOTHING };
        let Some(from_ns) = self.forgiven_until_ns(server) else { return Finding::NOTHING };
        Finding { from_ns, ..Finding::new(reach(cpu.into(), self.config.busy_cpu_permille.into()), cpu) }
    }

    /// A load child came or went: what the server uses is judged by other rules.
    pub(in crate::engine) fn load_changes_pressure(&mut self, now: Now, server: ProcessKey, out: &mut Vec<Effect>) {
        self.look_at_server(now, Code::RunawayCpu, server, out);
    }

    pub(super) fn words_of_server(&self, now: Now, code: Code, key: ProcessKey, level: &Level) -> Option<Words> {
        let server = self.servers.get(&key)?;
        let folder = self.in_folder(server.lineage);
        let who = if server.seen.class == ServerClass::Mcp { "gopls mcp" } else { "gopls" };
        let who = format!("{who} (pid {})", key.pid);
        match code {
            Code::DescriptorPressure => Some(self.words_of_descriptors(now, server, &format!("{who} holds"), &folder)),
            Code::OwnWatcher => {
                let told = server.gauges.get(Gauge::Watches)?.last()?;
                let count = Gauge::Watches.say(*told.value.known()?);
                let text = format!("{who} itself watches {count} files and folders{folder}.");
                Some(Words { text, evidence: vec![told.seq] })
            }
            Code::RunawayMemory => {
                let (bytes, seq) = server.gauges.known(Gauge::Memory)?;
                let ahead = self.growth(server).map_or_else(
                    String::new,
                    |Growth { per_minute: rate, ahead_ms: ms, .. }| {
                        let when = if ms < 1_000 { "at once".into() } else { format!("in about {}", say::about(ms)) };
                        format!(" and grows by {} a minute; if that goes on, memory runs out {when}", say::bytes(rate))
                    },
                );
                let text = format!("{who} uses {}{folder}{ahead}.", say::bytes(bytes));
                let available = self.machine.known(Gauge::MemoryAvailable).map(|(_, seq)| seq);
                Some(Words { text, evidence: [Some(seq), available].into_iter().flatten().collect() })
            }
            Code::RunawayCpu => {
                let (cpu, seq) = server.gauges.known(Gauge::Cpu)?;
                let lasted = say::duration(now.ns().saturating_sub(level.since_ns) / MS);
                let text =
                    format!("{who} has used {}{folder} for {lasted}, and no go command works for it.", say::cores(cpu));
                Some(Words { text, evidence: vec![seq] })
            }
            Code::BlockedIo => {
                let lasted = say::duration(now.ns().saturating_sub(level.since_ns) / MS);
                let on = level
                    .note
                    .as_ref()
                    .map_or_else(|| "What it waits for is not known.".into(), |on| format!("It waits for {on}."));
                let text = format!("{who} has been stuck inside the kernel{folder} for {lasted}. {on}");
                Some(Words { text, evidence: Vec::new() })
            }
            _ => None,
        }
    }

    fn words_of_descriptors(&self, now: Now, server: &Server, who: &str, folder: &str) -> Words {
        let (count, seq) = Self::descriptors(server).unwrap_or_default();
        let mut evidence = vec![seq];
        let counted = server.gauges.known(Gauge::Descriptors);
        let most = if counted.is_some() { "" } else { "up to " };
        let mut text =
            format!("{who} {most}{} file descriptors{folder}", Gauge::Descriptors.say(Amount::Exactly(count)));
        let own = server.gauges.known(Gauge::DescriptorLimit);
        let table = self.machine.known(Gauge::FileTableLimit);
        let shares: Vec<String> = [(own, "what it may have"), (table, "what this machine may have")]
            .into_iter()
            .filter_map(|(limit, of)| {
                let (limit, seq) = limit?;
                evidence.push(seq);
                // A part that rounds to nothing is no news.
                Some(percent(count, limit)).filter(|part| *part > 0).map(|part| format!("{part} % of {of}"))
            })
            .collect();
        if !shares.is_empty() {
            text = format!("{text}, {}", shares.join(" and "));
        }
        text.push('.');
        let track = if counted.is_some() { Gauge::Descriptors } else { Gauge::DescriptorBound };
        let from = now.ns().saturating_sub(DESCRIPTORS_OVER_NS);
        let points = server.gauges.get(track).map(|track| track.points(self.watched_ns.max(from), 0));
        if let Some(rate) = points.and_then(|points| per_minute(&points)).filter(|rate| *rate > 0) {
            text = format!("{text} It takes {} more a minute", say::number(rate));
            // Whichever ends first: its own, or the machine's, from which everybody takes.
            let left = own.map(|(limit, _)| limit.saturating_sub(count));
            let open = self.machine.known(Gauge::FileTable).map_or(count, |(open, _)| open);
            let left = left.into_iter().chain(table.map(|(limit, _)| limit.saturating_sub(open))).min();
            let left = left.map(|left| u64::try_from(u128::from(left) * 60_000 / u128::from(rate)).unwrap_or(u64::MAX));
            match left {
                Some(0..1_000) => text.push_str("; next to none is left"),
                // Nothing goes on like that for days.
                Some(ms) if ms < TOLD_AHEAD_MS => text = format!("{text}; none is left in about {}", say::about(ms)),
                _ => {}
            }
            text.push('.');
        }
        Words { text, evidence }
    }
}
