//! What can be measured of a process or of the machine: the unit, and which changes are worth
//! reporting.
//!
//! Theory of operation. A gauge is a whole number. The probe reads it as often as it is cheap, and
//! reports it to the engine only when [`Gauge::is_reportable`] says so, with the exact value of
//! that moment. A recording therefore stays small, and a rate computed from it stays correct.
//! Between two reports the value can be taken as constant, within that threshold.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::types::ProcessKey;

/// A measured number. Some counts stop at a number above which the system does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Amount {
    /// Exactly this many.
    Exactly(u64),
    /// This many or more.
    AtLeast(u64),
}

impl Amount {
    /// The number itself, which is a lower bound.
    #[must_use]
    pub const fn least(self) -> u64 {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }
}

/// The unit of a gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Thousandths of one core, averaged since the previous reading.
    Permille,
    /// Bytes per second, averaged since the previous reading.
    BytesPerSecond,
    /// A number of items.
    Count,
    /// Items per minute.
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
    /// The level of [`Self::PressureLevel`] from which on the machine is short of memory and may
    /// end programs (`kern.memorystatus_vm_pressure_level`: warning).
    pub const SHORT_OF_MEMORY: u64 = 2;

    /// A limit at or above this number counts as no limit at all (Linux: `fs.file-max` is often
    /// 2^63 - 1).
    pub const NO_LIMIT: u64 = 1 << 40;

            /// Every gauge, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case name.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The unit of its value.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit),+ }
            }

            /// The smallest difference that is ever reported.
            const fn floor(self) -> u64 {
                match self { $(Self::$name => $floor),+ }
            }
        }
    };
}

gauges! {
    /// Memory of a process: on macOS its physical footprint, as Activity Monitor shows it
    /// (`ri_phys_footprint`), on Linux its resident memory (proc_pid_stat(5), field 24).
    Memory = "memory", Bytes, 4_194_304;
    /// Memory of a process in which shared pages are divided by the number of processes that share
    /// them (PSS, proc_pid_smaps(5)). Read only on request.
    SharedMemory = "shared-memory", Bytes, 4_194_304;
    /// CPU use of a process.
    Cpu = "cpu", Permille, 100;
    /// Threads of a process.
    Threads = "threads", Count, 16;
    /// What a process reads and writes. Linux counts every call, macOS only what reached a disk.
    Io = "io", BytesPerSecond, 1_048_576;
    /// An upper bound on the open descriptors of a process. Cheap to read: on macOS the size of its
    /// descriptor table, on Linux the number itself.
    DescriptorBound = "fd-table-bound", Count, 64;
    /// Open descriptors of a process, counted. Read only on request.
    Descriptors = "fd-count", Count, 64;
    /// How many descriptors a process may have open.
    DescriptorLimit = "fd-limit", Count, 1;
    /// Files and folders that a process itself watches for changes: kqueue knotes on files, inotify
    /// watches. Read only on request.
    Watches = "watches", Count, 64;
    /// Whether a process is stopped by a signal (SIGSTOP, SIGTSTP …) while its client keeps
    /// running. A process held by a debugger or a frozen control group does not count, since no
    /// signal stopped it. Nothing is wrong if the client is stopped too.
    StoppedAlone = "stopped-alone", Flag, 1;
    /// Open files of the whole machine.
    FileTable = "file-table", Count, 1_024;
    /// How many open files the machine allows.
    FileTableLimit = "file-table-limit", Count, 1;
    /// Vnodes (file nodes of the kernel) that it could give away at once: free, dead and
    /// deallocable (macOS). It is normal that nearly all are taken, since they are a cache.
    VnodesFree = "vnodes-free", Count, 4_096;
    /// Vnodes that were taken from one file for another.
    VnodesRecycled = "vnodes-recycled", PerMinute, 10_000;
    /// File watches that all processes of this user hold (inotify). Read only on request.
    UserWatches = "user-watches", Count, 256;
    /// How many file watches a user may hold.
    UserWatchLimit = "user-watch-limit", Count, 1;
    /// Memory of the machine, or of the control group that limits us.
    MachineMemory = "machine-memory", Bytes, 1;
    /// How much of that memory could be given to a program now.
    MemoryAvailable = "memory-available", Bytes, 268_435_456;
    /// Swap space in use.
    SwapUsed = "swap-used", Bytes, 268_435_456;
    /// The memory pressure level of the machine (macOS).
    PressureLevel = "pressure-level", Level, 1;
    /// The share of the last minute in which some task waited for memory (Linux, `some avg60` of
    /// /proc/pressure/memory).
    MemoryStall = "memory-stall", Permille, 20;
    /// Number of Spotlight's worker processes.
    IndexerWorkers = "indexer-workers", Count, 2;
    /// How many Spotlight workers were started.
    IndexerBirths = "indexer-births", PerMinute, 4;
    /// CPU use of all of Spotlight: its workers and the two system programs. Read only on request.
    IndexerCpu = "indexer-cpu", Permille, 100;
}

impl Gauge {
    /// Whether it is measured per process.
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

    /// Whether a value is worth reporting after another one that was reported this long ago. A
    /// change by a quarter is reported at once, a change by an eighth after half a minute, and a
    /// change below the gauge's own floor never. A drop to zero counts as a change by a quarter.
    #[must_use]
    pub const fn is_reportable(self, reported: Amount, now: Amount, ago: Duration) -> bool {
        let (old, new) = (reported.least(), now.least());
        let moved = old.abs_diff(new);
        if matches!(reported, Amount::AtLeast(_)) != matches!(now, Amount::AtLeast(_)) {
            return true;
        }
        if moved < self.floor() {
            return false;
        }
        if self.floor() == 1 || new == 0 || moved >= old / 4 {
            return true;
        }
        moved >= old / 8 && ago.as_nanos() >= SMALL_CHANGE_AFTER.as_nanos()
    }
}

/// After this time a smaller change is reported too.
const SMALL_CHANGE_AFTER: Duration = Duration::from_secs(30);

/// A process and how much of something it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Holder {
    /// The process.
    pub process: ProcessKey,
    /// The file name of its program, without arguments.
    pub name: String,
    /// How much it holds.
    pub amount: Amount,
}

/// A costly reading that the engine requests. The reply is a series of observations, with an
/// unknown reading for whatever cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeRequest {
    /// [`Gauge::Descriptors`] of a process.
    Descriptors(ProcessKey),
    /// [`Gauge::Watches`] of a process.
    Watches(ProcessKey),
    /// [`Gauge::SharedMemory`] of a process.
    SharedMemory(ProcessKey),
    /// The processes of this user that hold most descriptors.
    DescriptorHolders,
    /// [`Gauge::UserWatches`], and the processes that hold most of them.
    WatchHolders,
    /// [`Gauge::IndexerCpu`].
    Indexer,
}

impl ProbeRequest {
    /// The gauge whose largest holders it requests, if any.
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
        let news = |gauge: Gauge, reported: u64, now: u64, s: u64| {
            gauge.is_reportable(Amount::Exactly(reported), Amount::Exactly(now), Duration::from_secs(s))
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
        assert!(Gauge::Watches.is_reportable(Amount::Exactly(131_072), Amount::AtLeast(131_072), Duration::ZERO));
    }
}
