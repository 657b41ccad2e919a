//! An incident as the cause of another one: a fragment with the one number that shows it.

use crate::codes::Code;
use crate::engine::State;
use crate::engine::alerts::Key;
use crate::engine::gauges::Tracks;
use crate::engine::incidents::Subject;
use crate::event::IncidentView;
use crate::gauge::Gauge;
use crate::message::{Also, Bytes, Count, Measured, Message, Number, Title};
use crate::words::Seq;

/// From this share of what it may have, in percent, a process is as good as out of descriptors.
const NEARLY_ALL: u64 = 90;

/// A gauge and its limit, as far as they are known.
fn numbers(tracks: &Tracks, gauge: Gauge, limit: Gauge) -> Also {
    let known = |gauge| tracks.known(gauge).map(|(number, _)| Number::new(number));
    let numbers = match (known(gauge), known(limit)) {
        (Some(count), Some(limit)) => Some(Message::InNumbersOf { count, limit }),
        (Some(count), None) => Some(Message::InNumbers { count }),
        (None, _) => None,
    };
    numbers.into()
}

/// How many descriptors a process has open. What they cannot be above stands for that only where they cannot be counted,
/// or where it is less: on macOS it is the size of a table that grows by doubling and never shrinks.
fn descriptors(tracks: &Tracks) -> Option<(Gauge, u64, Seq)> {
    let counted = tracks.get(Gauge::Descriptors)?.last()?;
    let bound = tracks.known(Gauge::DescriptorBound).map(|(most, seq)| (Gauge::DescriptorBound, most, seq));
    match counted.value.known().map(|amount| amount.least()) {
        Some(count) => {
            Some(bound.filter(|(_, most, _)| *most < count).unwrap_or((Gauge::Descriptors, count, counted.seq)))
        }
        None => bound,
    }
}

/// Whether a process has next to no descriptors left: how many, and the inputs that say so.
pub(in crate::engine) fn is_out_of_descriptors(tracks: &Tracks) -> Option<[Seq; 2]> {
    let (_, used, seq) = descriptors(tracks)?;
    let (most, limit_seq) = tracks.known(Gauge::DescriptorLimit)?;
    (used.saturating_mul(100) >= most.saturating_mul(NEARLY_ALL)).then_some([limit_seq, seq])
}

/// Whether something is a cost so far and not what ends a server: many descriptors, or open files of the machine, while
/// more are to be had.
pub(in crate::engine) fn is_mild(code: Code, tracks: &Tracks, machine: &Tracks) -> bool {
    match code {
        Code::DescriptorPressure => is_out_of_descriptors(tracks).is_none(),
        Code::FileTableFull => {
            let numbers = machine.known(Gauge::FileTable).zip(machine.known(Gauge::FileTableLimit));
            numbers.is_none_or(|((used, _), (most, _))| used.saturating_mul(100) < most.saturating_mul(NEARLY_ALL))
        }
        _ => false,
    }
}

/// Whether a part is what takes most of something: half of it or more.
const fn is_most(part: u64, of: u64) -> bool {
    part >= of.div_ceil(2)
}

/// A code as a cause, by what is measured of the server that it is about.
pub(in crate::engine) fn fragment_of_server(code: Code, tracks: &Tracks, memory: Option<u64>) -> Message {
    let one = |gauge: Gauge| -> Also {
        let told = tracks.get(gauge).and_then(|track| track.last()).and_then(|told| told.value.known().copied());
        told.map(|amount| Message::InMeasure { value: Measured::new(gauge, amount) }).into()
    };
    match code {
        Code::DescriptorPressure => {
            let gauge = descriptors(tracks).map_or(Gauge::Descriptors, |(gauge, _, _)| gauge);
            let numbers = numbers(tracks, gauge, Gauge::DescriptorLimit);
            if is_out_of_descriptors(tracks).is_some() {
                Message::CauseOutOfDescriptors { numbers }
            } else {
                Message::CauseManyDescriptors { numbers }
            }
        }
        Code::OwnWatcher => Message::CauseWatches { value: one(Gauge::Watches) },
        Code::RunawayMemory => {
            let bytes = memory.map(|bytes| Message::InBytes { bytes: Bytes::new(bytes) });
            Message::CauseGrowth { bytes: bytes.into() }
        }
        Code::RunawayCpu => Message::CauseBusy { value: one(Gauge::Cpu) },
        Code::BlockedIo => Message::CauseDisk,
        Code::TranslatedServer => Message::CauseTranslated,
        other => titled(other),
    }
}

/// What nothing is measured of is called as its incident is.
const fn titled(code: Code) -> Message {
    Message::Titled { title: Title { code, client: None } }
}

impl State {
    /// A code as a cause, by what is measured of the machine.
    pub(in crate::engine) fn fragment_of_machine(&self, code: Code) -> Message {
        let machine = &self.machine;
        let over = |gauge: Gauge, least: u64| {
            let amount = machine.get(gauge)?.last()?.value.known().copied()?;
            (amount.least() >= least).then(|| Measured::new(gauge, amount))
        };
        match code {
            Code::FileTableFull => {
                Message::CauseFileTable { numbers: numbers(machine, Gauge::FileTable, Gauge::FileTableLimit) }
            }
            Code::WatchLimit => {
                Message::CauseWatchLimit { numbers: numbers(machine, Gauge::UserWatches, Gauge::UserWatchLimit) }
            }
            // A number that is back to normal explains nothing, and the incident closes a while after.
            Code::MemoryPressure => {
                let level = over(Gauge::PressureLevel, 2).map(|level| Message::InPressure { level });
                let stall = over(Gauge::MemoryStall, self.config.memory_stall_permille);
                let stall = stall.map(|share| Message::InStall { share });
                Message::CauseMachineMemory { detail: level.or(stall).into() }
            }
            Code::SpotlightBusy => {
                let births = over(Gauge::IndexerBirths, self.config.indexer_births);
                let births = births.map(|births| Message::InWorkers { births });
                let cpu = over(Gauge::IndexerCpu, self.config.indexer_cpu_permille);
                let cpu = cpu.map(|value| Message::InMeasure { value });
                Message::CauseSpotlight { detail: cpu.or(births).into() }
            }
            other => titled(other),
        }
    }

    /// Whether what a server takes is too little of what runs out to be called the likely cause: watches that are not
    /// most of its descriptors, and what is not most of the open files.
    pub(in crate::engine) fn is_minor(&self, (cause, subject): Key, effect: Code) -> bool {
        let Subject::Server(key) = subject else { return false };
        let Some(tracks) = self.servers.get(&key).map(|server| &server.gauges) else { return false };
        let known = |tracks: &Tracks, gauge| tracks.known(gauge).map(|(number, _)| number);
        let own = descriptors(tracks).map(|(_, count, _)| count);
        let open = known(&self.machine, Gauge::FileTable);
        let (part, of) = match (cause, effect) {
            (Code::OwnWatcher, Code::DescriptorPressure) => (known(tracks, Gauge::Watches), own),
            (Code::OwnWatcher, Code::FileTableFull) => (known(tracks, Gauge::Watches), open),
            (Code::DescriptorPressure, Code::FileTableFull) => (own, open),
            _ => return false,
        };
        !part.zip(of).is_none_or(|(part, of)| is_most(part, of))
    }

    /// Whether a cause takes nothing of what runs out: a file watch takes no descriptor where a user's watches are counted
    /// (inotify).
    pub(in crate::engine) fn is_free(&self, cause: Code, effect: Code) -> bool {
        cause == Code::OwnWatcher
            && matches!(effect, Code::DescriptorPressure | Code::FileTableFull)
            && self.machine.known(Gauge::UserWatchLimit).is_some()
    }

    /// An open incident as the cause of another one.
    pub(in crate::engine) fn fragment(&self, (code, subject): Key, view: &IncidentView) -> Message {
        match subject {
            Subject::Machine => self.fragment_of_machine(code),
            Subject::Server(key) => self
                .servers
                .get(&key)
                .map_or_else(|| titled(code), |server| fragment_of_server(code, &server.gauges, server.memory)),
            Subject::Load(key) if code == Code::OrphanGoList => {
                Message::CauseLeftOver { pid: Count::new(key.pid.0.into()) }
            }
            Subject::Lineage(_) if code == Code::OutOfMemoryKill => Message::CauseEndedForMemory,
            Subject::Lineage(_) if code == Code::TooManyServers => Message::CauseSeveral,
            _ if code == Code::TranslatedToolchain => Message::CauseTranslatedToolchain,
            _ => Message::Titled { title: view.titled() },
        }
    }
}
