//! Every threshold, typed, with its default (the restart-loop states and delays as the user sees
//! them).
//!
//! The effective config is recorded as one input, so a replay judges by the numbers that were in
//! force.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{MINUTE, Ms, SECOND, YEAR};

/// No time is longer than a year.
#[cfg(feature = "testing")]
const LONGEST_MS: u64 = YEAR.as_secs() * 1_000;
/// How much history of a gauge is kept (`engine/gauges.rs`). Nothing can be concluded over a longer
/// time.
#[cfg(feature = "testing")]
const REMEMBERED_MS: u64 = 900_000;
/// Counting more ends than this does not improve a verdict.
#[cfg(feature = "testing")]
const MOST_ENDS: u32 = 1_000;

/// Thresholds of the detectors. Times are milliseconds of the continuous clock unless the name says
/// otherwise.
// The ranges are those of a config file: they are part of its schema, from which the config reader
// takes them. The engine itself accepts any number, since a recording may hold one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Config {
    /// The time window in which unexplained ends are counted.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 86_400_000)))]
    #[serde(rename = "churn-window-ms", with = "Ms")]
    pub churn_window: Duration,
    /// This many unexplained ends in the window make a lineage suspect; no more than `loop-ends`.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = MOST_ENDS)))]
    pub suspect_ends: u32,
    /// This many unexplained ends in the window make a restart loop.
    #[cfg_attr(feature = "testing", schemars(range(min = 2, max = MOST_ENDS)))]
    pub loop_ends: u32,
    /// Two successive servers that each lived for less than this make a restart loop as well.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "short-life-ms", with = "Ms")]
    pub short_life: Duration,
    /// A lineage is recovering once a server has run for this long after a restart loop.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "recovering-after-ms", with = "Ms")]
    pub recovering_after: Duration,
    /// A recovering lineage is stable again after this long.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "stable-after-ms", with = "Ms")]
    pub stable_after: Duration,
    /// A server's end is attributed to the end of its client if the two are at most this far apart.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "client-end-grace-ms", with = "Ms")]
    pub client_end_grace: Duration,
    /// How long to wait for a successor before concluding that none comes, for a client that by its
    /// restart policy does not restart gopls this time.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "no-successor-ms", with = "Ms")]
    pub no_successor: Duration,
    /// How long to wait for a successor of a client that may restart gopls, or whose restart policy
    /// is not known. Three times the median gap observed so far applies instead if it is longer.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "no-successor-unknown-ms", with = "Ms")]
    pub no_successor_unknown: Duration,
    /// A server that ended earlier than this after its start, without a successor, is taken to have
    /// ended during `initialize`. gopls replies to `initialize` within 0.1 s, even without a go
    /// command.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "initialize-ms", with = "Ms")]
    pub initialize: Duration,
    /// Exit 2 of a server that lived at least this long is probably a crash; earlier it is more
    /// likely a bad flag.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "crash-min-life-ms", with = "Ms")]
    pub crash_min_life: Duration,
    /// Two ends by SIGKILL within this time are reported as an advice.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "kill-repeat-ms", with = "Ms")]
    pub kill_repeat: Duration,
    /// A child that loads packages is stuck if it is older than this and the process tree is quiet.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "stuck-load-ms", with = "Ms")]
    pub stuck_load: Duration,
    /// How long the process tree must have been quiet before a load counts as stuck.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "stuck-quiet-ms", with = "Ms")]
    pub stuck_quiet: Duration,
    /// A busy `go list` that is older than this is slow.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "slow-load-ms", with = "Ms")]
    pub slow_load: Duration,
    /// A busy package driver that is older than this is slow.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    #[serde(rename = "slow-driver-ms", with = "Ms")]
    pub slow_driver: Duration,
    /// A process tree is quiet if it uses less CPU than this, in thousandths of one core, and less
    /// I/O than `quiet-io-bytes-per-s`.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub quiet_cpu_permille: u32,
    /// A process tree is quiet if it reads and writes fewer bytes per second than this and uses
    /// less CPU than `quiet-cpu-permille`. A language client's own requests stay far below.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_u64 << 40)))]
    pub quiet_io_bytes_per_s: u64,
    /// A child that loads packages is an orphan this long after its server is gone. gopls itself
    /// gives a cancelled child 5 s.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "orphan-after-ms", with = "Ms")]
    pub orphan_after: Duration,
    /// This many lsp servers of one client on one root are too many.
    #[cfg_attr(feature = "testing", schemars(range(min = 2, max = 10_000)))]
    pub too_many_servers: u32,
    /// Two or more servers of one client on one root are too many as well if together they use more
    /// memory than this, in bytes.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_u64 << 20, max = 1_u64 << 50)))]
    pub too_many_bytes: u64,
    /// How long there must be too many servers before that is reported. A client may start the new
    /// one before the old one is gone.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "too-many-after-ms", with = "Ms")]
    pub too_many_after: Duration,
    /// An end this soon after the machine woke up does not count as instability.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "wake-grace-ms", with = "Ms")]
    pub wake_grace: Duration,
    /// A gopls with at least this many open descriptors uses too many.
    #[cfg_attr(feature = "testing", schemars(range(min = 64, max = 1_u64 << 32)))]
    pub descriptors: u64,
    /// A gopls also uses too many descriptors if it has this percentage of what it is allowed, and
    /// at least a tenth of `descriptors`.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 100)))]
    pub descriptor_percent: u32,
    /// The machine's table of open files counts as nearly full from this percentage on.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 100)))]
    pub file_table_percent: u32,
    /// A user's file watches count as nearly used up from this percentage on.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 100)))]
    pub watch_percent: u32,
    /// How often the file watches of all processes are counted while a gopls runs. Counting takes
    /// some milliseconds.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = LONGEST_MS)))]
    #[serde(rename = "watch-look-ms", with = "Ms")]
    pub watch_look: Duration,
    /// A gopls that itself watches at least this many files is reported as an advice.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_u64 << 32)))]
    pub own_watches: u64,
    /// CPU use and memory growth this soon after the start of a gopls, or after the last go command
    /// that worked for it, are attributed to loading packages and not reported. Memory growth is
    /// reported all the same if the gopls holds more than half of the machine's memory.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "load-forgiven-ms", with = "Ms")]
    pub load_forgiven: Duration,
    /// Memory counts as growing, rather than as a peak, if it has grown over all of this time.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = REMEMBERED_MS)))]
    #[serde(rename = "memory-trend-ms", with = "Ms")]
    pub memory_trend: Duration,
    /// Memory growth is reported if memory would reach its limit within this time.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = LONGEST_MS)))]
    #[serde(rename = "memory-ahead-ms", with = "Ms")]
    pub memory_ahead: Duration,
    /// Below this many bytes no memory growth is reported.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_u64 << 20, max = 1_u64 << 50)))]
    pub memory_least_bytes: u64,
    /// A gopls is busy if it uses at least this much CPU, in thousandths of one core, for
    /// `busy-cpu-ms`.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub busy_cpu_permille: u64,
    /// How long a gopls must be busy, without a go command that works for it, before that is
    /// reported.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = REMEMBERED_MS)))]
    #[serde(rename = "busy-cpu-ms", with = "Ms")]
    pub busy_cpu: Duration,
    /// A gopls that has waited inside the kernel for this long is blocked.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "blocked-ms", with = "Ms")]
    pub blocked: Duration,
    /// The machine is short of memory if programs waited for memory for this share of a minute, in
    /// thousandths (Linux).
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000)))]
    pub memory_stall_permille: u64,
    /// Spotlight is busy if it starts at least this many new workers a minute.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub indexer_births: u64,
    /// Spotlight is also busy if it uses at least this much CPU, in thousandths of one core.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub indexer_cpu_permille: u64,
    /// What exceeded a threshold must be back below nine tenths of it for this long before it
    /// counts as over.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    #[serde(rename = "relieved-after-ms", with = "Ms")]
    pub relieved_after: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            churn_window: Duration::from_secs(180),
            suspect_ends: 2,
            loop_ends: 3,
            short_life: Duration::from_secs(10),
            recovering_after: MINUTE,
            stable_after: Duration::from_secs(600),
            client_end_grace: Duration::from_secs(2),
            no_successor: Duration::from_secs(3),
            no_successor_unknown: Duration::from_secs(30),
            initialize: Duration::from_secs(2),
            crash_min_life: SECOND,
            kill_repeat: Duration::from_secs(600),
            stuck_load: Duration::from_secs(30),
            stuck_quiet: Duration::from_secs(10),
            slow_load: Duration::from_secs(300),
            slow_driver: Duration::from_secs(900),
            quiet_cpu_permille: 10,
            quiet_io_bytes_per_s: 65_536,
            orphan_after: Duration::from_secs(10),
            too_many_servers: 3,
            too_many_bytes: 4 << 30,
            too_many_after: Duration::from_secs(10),
            wake_grace: MINUTE,
            descriptors: 20_000,
            descriptor_percent: 25,
            file_table_percent: 80,
            watch_percent: 90,
            watch_look: Duration::from_secs(300),
            own_watches: 5_000,
            load_forgiven: Duration::from_secs(180),
            memory_trend: Duration::from_secs(120),
            memory_ahead: Duration::from_secs(600),
            memory_least_bytes: 2 << 30,
            busy_cpu_permille: 900,
            busy_cpu: Duration::from_secs(300),
            blocked: Duration::from_secs(30),
            memory_stall_permille: 200,
            indexer_births: 20,
            indexer_cpu_permille: 500,
            relieved_after: MINUTE,
        }
    }
}

/// The most notifications an hour that a config file may allow. A recording may hold any number.
const MOST_AN_HOUR: u32 = 60;

/// The alert policy: when problems are reported by notifications. It never affects detection.
// The engine decides what is reported, so a replay has to know these numbers. The ranges are used
// like those of [`Config`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Alerts {
    /// Whether notifications are sent at all. The icon and the menu always show everything.
    pub enabled: bool,
    /// No notifications are sent for this long after the start of the agent, a login and a wake-up.
    /// What is still open then is reported.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = 3_600_000)))]
    #[serde(rename = "warm-up-ms", with = "Ms")]
    pub warm_up: Duration,
    /// No notifications are sent for this long after the executable of a running gopls was
    /// replaced.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = 3_600_000)))]
    #[serde(rename = "after-upgrade-ms", with = "Ms")]
    pub after_upgrade: Duration,
    /// The most notifications in any hour. Everything beyond that shares one more notification, the
    /// digest.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = MOST_AN_HOUR)))]
    pub per_hour: u32,
    /// The shortest time before the same problem in the same place, or the digest, asks for
    /// attention again.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = 86_400_000)))]
    #[serde(rename = "again-after-ms", with = "Ms")]
    pub again_after: Duration,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            enabled: true,
            warm_up: MINUTE,
            after_upgrade: Duration::from_secs(120),
            per_hour: 3,
            again_after: Duration::from_secs(600),
        }
    }
}

impl Alerts {
    /// A copy in which no number does harm, as with [`Config::within_reason`].
    pub(crate) fn clamped(mut self) -> Self {
        for time in [&mut self.warm_up, &mut self.after_upgrade, &mut self.again_after] {
            *time = (*time).min(YEAR);
        }
        self.per_hour = self.per_hour.min(MOST_AN_HOUR);
        self
    }
}

impl Config {
    /// A copy in which no time is longer than a year, which is as good as never. A recording may
    /// hold any number.
    pub(crate) fn within_reason(mut self) -> Self {
        for time in [
            &mut self.churn_window,
            &mut self.short_life,
            &mut self.recovering_after,
            &mut self.stable_after,
            &mut self.client_end_grace,
            &mut self.no_successor,
            &mut self.no_successor_unknown,
            &mut self.initialize,
            &mut self.crash_min_life,
            &mut self.kill_repeat,
            &mut self.stuck_load,
            &mut self.stuck_quiet,
            &mut self.slow_load,
            &mut self.slow_driver,
            &mut self.orphan_after,
            &mut self.too_many_after,
            &mut self.wake_grace,
            &mut self.watch_look,
            &mut self.load_forgiven,
            &mut self.memory_trend,
            &mut self.memory_ahead,
            &mut self.busy_cpu,
            &mut self.blocked,
            &mut self.relieved_after,
        ] {
            *time = (*time).min(YEAR);
        }
        self
    }
}
