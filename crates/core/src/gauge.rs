//! What can be measured of a process or of the machine: its unit, and when a change of it is news.
//!
//! Theory of operation. A gauge is a whole number. The probe reads it as often as it is cheap, and tells the engine only
//! what is news ([`Gauge::is_news`]), with the exact value of that moment; so a recording stays small and a rate that is
//! reckoned from it stays true. Between two tellings a value stood still, as far as its quantum goes.

use serde::{Deserialize, Serialize};

use crate::words::ProcessKey;

/// A measured number; some counts end at a number above which the system does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Amount {
    /// So many.
    Exactly(u64),
    /// So many or more.
    AtLeast(u64),
}

impl Amount {
    /// The number, which is the least that it can be.
    #[must_use]
    pub const fn least(self) -> u64 {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Thousandths of one core, over the time since the reading before.
    Permille,
    /// Bytes per second, over the same time.
    BytesPerSecond,
    /// Things.
    Count,
    /// Things per minute.
    PerMinute,
    /// 1 normal, 2 warning, 4 critical (`kern.memorystatus_vm_pressure_level`).
    Level,
    /// 1 yes, 0 no.
    Flag,
}

macro_rules! gauges {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $unit:ident, $floor:literal;)+) => {
        /// What is measured.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
        pub enum Gauge { $($(#[doc = $doc])* #[serde(rename = $word)] $name),+ }

        impl Gauge {
    /// The level of [`Self::PressureLevel`] from which on the machine is short of memory, and may end programs
    /// (`kern.memorystatus_vm_pressure_level`: warning).
    pub const SHORT_OF_MEMORY: u64 = 2;

    /// What a limit has to be below to be one: a system that allows more allows as many as one likes (Linux:
    /// `fs.file-max` is often 2^63 - 1).
    pub const NO_LIMIT: u64 = 1 << 40;

            /// Every gauge, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// What its number counts.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit),+ }
            }

            /// A smaller difference than this is never news.
            const fn floor(self) -> u64 {
                match self { $(Self::$name => $floor),+ }
            }
        }
    };
}

gauges! {
    /// Memory of a process: on macOS its physical footprint, as Activity Monitor shows it (`ri_phys_footprint`), on
    /// Linux what is resident (proc_pid_stat(5), field 24).
    Memory = "memory", Bytes, 4_194_304;
    /// Memory of a process with what it shares divided among those that share it (PSS, proc_pid_smaps(5)). Asked.
    SharedMemory = "shared-memory", Bytes, 4_194_304;
    /// CPU of a process.
    Cpu = "cpu", Permille, 100;
    /// Threads of a process.
    Threads = "threads", Count, 16;
    /// What a process reads and writes; Linux counts every call, macOS only what reached a disk.
    Io = "io", BytesPerSecond, 1_048_576;
    /// No more descriptors than this are open in a process. Cheap: on macOS the size of its table, on Linux the number.
    DescriptorBound = "fd-table-bound", Count, 64;
    /// Open descriptors of a process, counted. Asked.
    Descriptors = "fd-count", Count, 64;
    /// How many descriptors a process may have open.
    DescriptorLimit = "fd-limit", Count, 1;
    /// Files and folders that a process itself watches for changes: kqueue knotes on files, inotify watches. Asked.
    Watches = "watches", Count, 64;
    /// Whether a signal has stopped a process (SIGSTOP, SIGTSTP …) while its client goes on. What a debugger or a frozen
    /// control group holds is not stopped by a signal, and with a client that is stopped too nothing is wrong.
    StoppedAlone = "stopped-alone", Flag, 1;
    /// Open files of the whole machine.
    FileTable = "file-table", Count, 1_024;
    /// How many open files the machine allows.
    FileTableLimit = "file-table-limit", Count, 1;
    /// File nodes that the kernel could give away at once: free, dead and deallocable (macOS). That nearly all are
    /// taken is normal, since they are a cache.
    VnodesFree = "vnodes-free", Count, 4_096;
    /// File nodes that were taken from one file for another.
    VnodesRecycled = "vnodes-recycled", PerMinute, 10_000;
    /// File watches that all processes of this user hold (inotify). Asked.
    UserWatches = "user-watches", Count, 256;
    /// How many a user may hold.
    UserWatchLimit = "user-watch-limit", Count, 1;
    /// Memory of the machine, or of the group that limits us.
    MachineMemory = "machine-memory", Bytes, 1;
    /// What of it could be given to a program now.
    MemoryAvailable = "memory-available", Bytes, 268_435_456;
    /// Swap in use.
    SwapUsed = "swap-used", Bytes, 268_435_456;
    /// How short of memory the machine is (macOS).
    PressureLevel = "pressure-level", Level, 1;
    /// For how much of the last minute something waited for memory (Linux, `some avg60` of /proc/pressure/memory).
    MemoryStall = "memory-stall", Permille, 20;
    /// Spotlight's workers.
    IndexerWorkers = "indexer-workers", Count, 2;
    /// How many of them are new.
    IndexerBirths = "indexer-births", PerMinute, 4;
    /// What all of Spotlight uses: its workers and the two programs of the system. Asked.
    IndexerCpu = "indexer-cpu", Permille, 100;
}

impl Gauge {
    /// Whether it is measured of one process.
    #[must_use]
    pub const fn is_of_a_process(self) -> bool {
        matches!(
            self,
            Self::Memory
                | Self::SharedMemory
                | Self::Cpu
                | Self::Threads
                | Self::Io
                | Self::DescriptorBound
                | Self::Descriptors
                | Self::DescriptorLimit
                | Self::Watches
                | Self::StoppedAlone
        )
    }

    /// Whether a value is worth telling after another one was told so many nanoseconds ago: at once if it moved by a
    /// quarter, after half a minute if by an eighth, and never below the gauge's own floor. That something is there no
    /// more at all is news like a quarter.
    #[must_use]
    pub const fn is_news(self, told: Amount, now: Amount, since_ns: u64) -> bool {
        let (old, new) = (told.least(), now.least());
        let moved = old.abs_diff(new);
        if matches!(told, Amount::AtLeast(_)) != matches!(now, Amount::AtLeast(_)) {
            return true;
        }
        if moved < self.floor() {
            return false;
        }
        if self.floor() == 1 || new == 0 || moved >= old / 4 {
            return true;
        }
        moved >= old / 8 && since_ns >= SETTLED_NS
    }
}

/// After so long a smaller change is news too.
const SETTLED_NS: u64 = 30_000_000_000;

/// Who holds how much of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Holder {
    /// The process.
    pub process: ProcessKey,
    /// Its program's file name, without arguments.
    pub name: String,
    /// How much it holds.
    pub amount: Amount,
}

/// A costly reading that the engine wants. Each is answered by facts, with an unknown reading where it cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// [`Gauge::Descriptors`] of a process.
    Descriptors(ProcessKey),
    /// [`Gauge::Watches`] of a process.
    Watches(ProcessKey),
    /// [`Gauge::SharedMemory`] of a process.
    SharedMemory(ProcessKey),
    /// Who of this user holds most descriptors.
    DescriptorHolders,
    /// [`Gauge::UserWatches`], and who holds most of them.
    WatchHolders,
    /// [`Gauge::IndexerCpu`].
    Indexer,
}

impl Ask {
    /// Of what it asks who holds most.
    pub(crate) const fn holders(self) -> Option<Gauge> {
        match self {
            Self::DescriptorHolders => Some(Gauge::Descriptors),
            Self::WatchHolders => Some(Gauge::Watches),
            Self::Descriptors(_) | Self::Watches(_) | Self::SharedMemory(_) | Self::Indexer => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gauge_has_a_word_of_its_own() {
        let words: std::collections::BTreeSet<_> = Gauge::ALL.iter().map(|gauge| gauge.word()).collect();
        assert_eq!(words.len(), Gauge::ALL.len());
        for gauge in Gauge::ALL {
            let json = serde_json::to_string(gauge).unwrap();
            assert_eq!(json, format!("{:?}", gauge.word()));
        }
    }

    #[test]
    fn news_is_what_a_person_would_mention() {
        let news = |gauge: Gauge, told: u64, now: u64, s: u64| {
            gauge.is_news(Amount::Exactly(told), Amount::Exactly(now), s * 1_000_000_000)
        };
        let mb = 1_000_000;
        assert!(!news(Gauge::Memory, 1_000 * mb, 1_100 * mb, 3_600), "a tenth");
        assert!(!news(Gauge::Memory, 1_000 * mb, 1_130 * mb, 29));
        assert!(news(Gauge::Memory, 1_000 * mb, 1_130 * mb, 30));
        assert!(news(Gauge::Memory, 1_000 * mb, 1_250 * mb, 0));
        assert!(news(Gauge::Memory, 1_000 * mb, 750 * mb, 0));
        assert!(!news(Gauge::Memory, mb, 5 * mb, 60), "below the floor");
        assert!(!news(Gauge::Cpu, 0, 99, 60) && news(Gauge::Cpu, 0, 100, 0) && news(Gauge::Cpu, 950, 0, 0));
        assert!(news(Gauge::DescriptorLimit, 256, 257, 0));
        assert!(Gauge::Watches.is_news(Amount::Exactly(131_072), Amount::AtLeast(131_072), 0));
    }
}
