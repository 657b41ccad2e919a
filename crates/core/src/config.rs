//! Every threshold, typed, with the defaults of the house (the restart-loop states and delays as the user sees them).
//!
//! The effective config is an input, whole, so a replay judges by the numbers that were in force.

use serde::{Deserialize, Serialize};

/// No time is longer than a year, which is as good as never: nanoseconds must not overflow.
const LONGEST_MS: u64 = 366 * 86_400_000;
/// So much of the past of a gauge is remembered (`engine/gauges.rs`): over a longer time nothing can be said.
#[cfg(feature = "testing")]
const REMEMBERED_MS: u64 = 900_000;
/// More ends than this make no better verdict.
#[cfg(feature = "testing")]
const MOST_ENDS: u32 = 1_000;

/// Thresholds of the detectors. Times are milliseconds of the continuous clock unless the name says otherwise.
// The ranges are those of a config file: they stand in its schema, from which the reader of the file takes them. The
// engine itself takes any number, since a recording may hold one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Config {
    /// Unexplained ends are counted within this window.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 86_400_000)))]
    pub churn_window_ms: u64,
    /// So many unexplained ends in the window make a lineage suspect; no more than `loop-ends`.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = MOST_ENDS)))]
    pub suspect_ends: u32,
    /// So many make a restart loop.
    #[cfg_attr(feature = "testing", schemars(range(min = 2, max = MOST_ENDS)))]
    pub loop_ends: u32,
    /// Two lives in a row that are shorter than this make a restart loop as well.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub short_life_ms: u64,
    /// A server that lives this long after a loop is recovering.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub recovering_after_ms: u64,
    /// A recovering lineage is stable again after this long.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub stable_after_ms: u64,
    /// An end belongs to the client's own end if both are within this.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub client_end_grace_ms: u64,
    /// How long a verdict that rests on "no successor" waits where the client's habit is known.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub no_successor_ms: u64,
    /// The least wait where it is not known; else three times the median gap seen.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub no_successor_unknown_ms: u64,
    /// An end earlier than this in a life is taken for one during `initialize` if no successor comes: `initialize`
    /// is answered within 0.1 s even by a gopls that has no go command.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub initialize_ms: u64,
    /// Exit 2 of a server that lived at least this long is probably a crash; earlier it is more likely a bad flag.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub crash_min_life_ms: u64,
    /// Two ends by SIGKILL within this make an advice.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub kill_repeat_ms: u64,
    /// A load child older than this, in a quiet tree, is stuck.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub stuck_load_ms: u64,
    /// The tree must have been quiet for this long.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub stuck_quiet_ms: u64,
    /// A busy `go list` older than this is slow.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub slow_load_ms: u64,
    /// A busy driver older than this is slow.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = LONGEST_MS)))]
    pub slow_driver_ms: u64,
    /// Quiet means less CPU than this, in thousandths of one core …
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub quiet_cpu_permille: u32,
    /// … and fewer bytes per second read and written (a language client's own requests stay far below).
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_u64 << 40)))]
    pub quiet_io_bytes_per_s: u64,
    /// A load child without its server is an orphan after this (gopls itself gives a cancelled child 5 s).
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub orphan_after_ms: u64,
    /// So many lsp servers on one root within one client are too many.
    #[cfg_attr(feature = "testing", schemars(range(min = 2, max = 10_000)))]
    pub too_many_servers: u32,
    /// Two or more servers on one root within one client with more memory than this are too many as well.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_u64 << 20, max = 1_u64 << 50)))]
    pub too_many_bytes: u64,
    /// The surplus must last this long (a client may start the new one before the old one is gone).
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub too_many_after_ms: u64,
    /// Ends this soon after the machine woke are not churn.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub wake_grace_ms: u64,
    /// A gopls with so many open descriptors uses too many …
    #[cfg_attr(feature = "testing", schemars(range(min = 64, max = 1_u64 << 32)))]
    pub descriptors: u64,
    /// … and so does one with this share of what it is allowed, in percent, and at least a tenth of `descriptors`.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 100)))]
    pub descriptor_percent: u32,
    /// The machine's table of open files is nearly full above this, in percent.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 100)))]
    pub file_table_percent: u32,
    /// A user's file watches are nearly used up above this, in percent.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 100)))]
    pub watch_percent: u32,
    /// How often the file watches of all processes are counted while a gopls runs. That costs some milliseconds.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = LONGEST_MS)))]
    pub watch_look_ms: u64,
    /// A gopls that itself watches so many files is worth an advice.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_u64 << 32)))]
    pub own_watches: u64,
    /// What a gopls uses this soon after its start, or after the last go command that worked for it, is its first load.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub load_forgiven_ms: u64,
    /// Memory that has grown over all of this time is growth, and no peak.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = REMEMBERED_MS)))]
    pub memory_trend_ms: u64,
    /// It is told if it would reach the limit within this time.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = LONGEST_MS)))]
    pub memory_ahead_ms: u64,
    /// Below so many bytes no growth is told.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_u64 << 20, max = 1_u64 << 50)))]
    pub memory_least_bytes: u64,
    /// Busy means at least so much CPU, in thousandths of one core …
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub busy_cpu_permille: u64,
    /// … for this long without a go command.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = REMEMBERED_MS)))]
    pub busy_cpu_ms: u64,
    /// A gopls that waits inside the kernel for this long is blocked.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub blocked_ms: u64,
    /// The machine is short of memory if programs waited for it for this share of a minute, in thousandths (Linux).
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000)))]
    pub memory_stall_permille: u64,
    /// Spotlight is busy with so many new workers a minute …
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub indexer_births: u64,
    /// … or with so much CPU, in thousandths of one core.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub indexer_cpu_permille: u64,
    /// What was over a threshold must be back below nine tenths of it for this long before it counts as over.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = LONGEST_MS)))]
    pub relieved_after_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            churn_window_ms: 180_000,
            suspect_ends: 2,
            loop_ends: 3,
            short_life_ms: 10_000,
            recovering_after_ms: 60_000,
            stable_after_ms: 600_000,
            client_end_grace_ms: 2_000,
            no_successor_ms: 3_000,
            no_successor_unknown_ms: 30_000,
            initialize_ms: 2_000,
            crash_min_life_ms: 1_000,
            kill_repeat_ms: 600_000,
            stuck_load_ms: 30_000,
            stuck_quiet_ms: 10_000,
            slow_load_ms: 300_000,
            slow_driver_ms: 900_000,
            quiet_cpu_permille: 10,
            quiet_io_bytes_per_s: 65_536,
            orphan_after_ms: 10_000,
            too_many_servers: 3,
            too_many_bytes: 4 << 30,
            too_many_after_ms: 10_000,
            wake_grace_ms: 60_000,
            descriptors: 20_000,
            descriptor_percent: 25,
            file_table_percent: 80,
            watch_percent: 90,
            watch_look_ms: 300_000,
            own_watches: 5_000,
            load_forgiven_ms: 180_000,
            memory_trend_ms: 120_000,
            memory_ahead_ms: 600_000,
            memory_least_bytes: 2 << 30,
            busy_cpu_permille: 900,
            busy_cpu_ms: 300_000,
            blocked_ms: 30_000,
            memory_stall_permille: 200,
            indexer_births: 20,
            indexer_cpu_permille: 500,
            relieved_after_ms: 60_000,
        }
    }
}

/// The most notifications an hour that can be asked for; a recording may hold any number.
const MOST_AN_HOUR: u32 = 60;

/// When problems are told by notifications. Detection never stops, whatever stands here.
// What is told is decided by the engine, so a replay has to know by which numbers. The ranges are used as those above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Alerts {
    /// Whether anything is told by notifications at all; the icon and the menu show everything in any case.
    pub enabled: bool,
    /// Nothing is told for this long after the start of the agent, a login and a wake; what is still open then is.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = 3_600_000)))]
    pub warm_up_ms: u64,
    /// The same after the executable of a running gopls was replaced.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = 3_600_000)))]
    pub after_upgrade_ms: u64,
    /// So many notifications in any hour; whatever else there is to tell shares one more, the digest.
    #[cfg_attr(feature = "testing", schemars(range(min = 0, max = MOST_AN_HOUR)))]
    pub per_hour: u32,
    /// The same problem in the same place, and the digest, ask for attention again after this long at the earliest.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000, max = 86_400_000)))]
    pub again_after_ms: u64,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { enabled: true, warm_up_ms: 60_000, after_upgrade_ms: 120_000, per_hour: 3, again_after_ms: 600_000 }
    }
}

impl Alerts {
    /// The same with no number that would do harm, as with [`Config::within_reason`].
    pub(crate) fn within_reason(mut self) -> Self {
        for time in [&mut self.warm_up_ms, &mut self.after_upgrade_ms, &mut self.again_after_ms] {
            *time = (*time).min(LONGEST_MS);
        }
        self.per_hour = self.per_hour.min(MOST_AN_HOUR);
        self
    }
}

impl Config {
    /// The same with no time longer than a year, which is as good as never: a recording may hold any number, and
    /// nanoseconds must not overflow.
    pub(crate) fn within_reason(mut self) -> Self {
        for time in [
            &mut self.churn_window_ms,
            &mut self.short_life_ms,
            &mut self.recovering_after_ms,
            &mut self.stable_after_ms,
            &mut self.client_end_grace_ms,
            &mut self.no_successor_ms,
            &mut self.no_successor_unknown_ms,
            &mut self.initialize_ms,
            &mut self.crash_min_life_ms,
            &mut self.kill_repeat_ms,
            &mut self.stuck_load_ms,
            &mut self.stuck_quiet_ms,
            &mut self.slow_load_ms,
            &mut self.slow_driver_ms,
            &mut self.orphan_after_ms,
            &mut self.too_many_after_ms,
            &mut self.wake_grace_ms,
            &mut self.watch_look_ms,
            &mut self.load_forgiven_ms,
            &mut self.memory_trend_ms,
            &mut self.memory_ahead_ms,
            &mut self.busy_cpu_ms,
            &mut self.blocked_ms,
            &mut self.relieved_after_ms,
        ] {
            *time = (*time).min(LONGEST_MS);
        }
        self
    }
}
