//! Figures of a benchmark: one line each, and a verdict over all of them.
//!
//! A machine may be slow, busy or both, so no time has a budget. What has one is a ratio: the cost
//! of some work of ours over the cost of a reference workload ([`crate::yardstick`]), both measured
//! in the same run, alternately, round after round. The figure is the median of the rounds' ratios.
//! One ratio over its budget fails the benchmark, and so does one that could not be measured.
//!
//! A budget that cannot be missed is worth nothing. With `GOPLSWATCH_BENCH_SLOWDOWN=2` the measured
//! work, and only that, is really done twice for each measurement ([`ours`]), and the benchmark
//! succeeds only if every budget is missed. Hence a budget lies halfway between the usual ratio and
//! its double: about 1.4 times the usual one.

use std::process::ExitCode;
use std::time::Instant;

use rustix::time::{ClockId, Timespec, clock_gettime};

/// The environment variable that says how often the measured work is done; see the module.
const SLOWDOWN: &str = "GOPLSWATCH_BENCH_SLOWDOWN";

/// How often the measured work is done for each measurement.
///
/// # Panics
/// If the variable holds anything but a number above zero.
#[must_use]
pub fn repeats() -> usize {
    let Some(value) = std::env::var_os(SLOWDOWN) else { return 1 };
    let number = value.to_str().and_then(|text| text.parse().ok()).filter(|number| *number > 0);
    number.unwrap_or_else(|| panic!("{SLOWDOWN} is no number above zero: {value:?}"))
}

/// What each round cost us and the reference workload, in one unit.
#[derive(Debug, Default)]
pub struct Rounds(Vec<(f64, f64)>);

impl Rounds {
    /// Measures this many rounds; each measures our work first, then the reference workload.
    pub fn of(rounds: usize, mut ours: impl FnMut() -> f64, mut yardstick: impl FnMut() -> f64) -> Self {
        Self((0..rounds).map(|_| (ours(), yardstick())).collect())
    }

    /// Adds a round.
    pub fn push(&mut self, ours: f64, yardstick: f64) {
        self.0.push((ours, yardstick));
    }

    /// The median of the rounds' ratios; NaN without rounds.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        median(&mut self.0.iter().map(|(ours, yardstick)| ours / yardstick).collect::<Vec<_>>())
    }

    /// The median cost of doing our work once.
    #[must_use]
    pub fn ours(&self) -> f64 {
        median(&mut self.0.iter().map(|(ours, _)| *ours).collect::<Vec<_>>()) / repeats() as f64
    }

    /// The median cost of the reference workload.
    #[must_use]
    pub fn yardstick(&self) -> f64 {
        median(&mut self.0.iter().map(|(_, yardstick)| *yardstick).collect::<Vec<_>>())
    }
}

/// Prints the figures and counts the verdicts; see the module.
pub struct Sheet {
    /// Whether every budget has to be missed.
    slowed: bool,
    met: usize,
    missed: usize,
    unknown: usize,
}

impl Default for Sheet {
    /// An empty sheet of this run, slowed down or not.
    fn default() -> Self {
        Self { slowed: repeats() > 1, met: 0, missed: 0, unknown: 0 }
    }
}

impl Sheet {
    /// Prints the ratio of our work to the reference workload, which must not exceed its budget.
    pub fn at_most(&mut self, what: &str, yardstick: &str, rounds: &Rounds, budget: f64) {
        let ratio = rounds.ratio();
        let verdict = if !ratio.is_finite() || ratio <= 0.0 {
            self.unknown += 1;
            "NOT MEASURED"
        } else if ratio <= budget {
            self.met += 1;
            if self.slowed { "MET, AT HALF THE SPEED" } else { "ok" }
        } else {
            self.missed += 1;
            if self.slowed { "ok, missed" } else { "OVER" }
        };
        let name = format!("{what} / {yardstick}");
        println!("{name:<74} {:>9} x <= {:>7}  {verdict}", number(ratio), number(budget));
    }

    /// Prints a figure without a budget, for information.
    pub fn note(&self, name: &str, measured: f64, unit: &str) {
        self.note_beside(name, measured, unit, "");
    }

    /// The same, with what it should be on a machine that does nothing else, as text.
    pub fn note_beside(&self, name: &str, measured: f64, unit: &str, design: &str) {
        let design = if design.is_empty() { String::new() } else { format!("  (design: {design})") };
        println!("  {name:<72} {:>9} {unit}{design}", number(measured));
    }

    /// The verdict over all figures. A sheet without a budget is a failure too.
    #[must_use]
    pub fn verdict(&self) -> ExitCode {
        if self.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn holds(&self) -> bool {
        let (right, wrong) = if self.slowed { (self.missed, self.met) } else { (self.met, self.missed) };
        right > 0 && wrong == 0 && self.unknown == 0
    }
}

/// The cost of our work by this clock, done as often as this run demands. What `prepare` does is
/// not counted.
pub fn ours<T>(clock: impl Fn() -> f64, mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> f64 {
    let once = |_| {
        let prepared = prepare();
        took(&clock, || work(prepared))
    };
    (0..repeats()).map(once).sum()
}

/// The cost of some work by this clock.
pub fn took(clock: impl Fn() -> f64, work: impl FnOnce()) -> f64 {
    let before = clock();
    work();
    clock() - before
}

/// A clock: CPU time of the calling thread, kernel time included; milliseconds.
#[must_use]
pub fn thread_cpu() -> f64 {
    ms(clock_gettime(ClockId::ThreadCPUTime))
}

/// A clock: the same for all threads of this process.
#[must_use]
pub fn process_cpu() -> f64 {
    ms(clock_gettime(ClockId::ProcessCPUTime))
}

/// A clock: the same for all threads that another process has now; milliseconds. The time of
/// threads that have ended is not included, so the difference of two readings is a cost only if
/// none ends between them. `/proc/PID/stat` counts in hundredths of a second; `schedstat`
/// (Documentation/scheduler/sched-stats.rst) counts nanoseconds.
///
/// # Panics
/// If there is no such process.
#[cfg(target_os = "linux")]
#[must_use]
pub fn cpu_of(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a process that lives");
    // A thread that ends between the listing and the reading is not counted, like those that have
    // ended before.
    let texts = threads.flatten().filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok());
    texts.map(|text| text.split_ascii_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e6).sum()
}

/// Starts a program and waits for its end. Returns its exit code and the CPU time of its main
/// thread, exec and exit included; milliseconds. The kernel provides that of an ended process until
/// it is reaped.
///
/// # Panics
/// If it cannot be started or waited for.
#[cfg(target_os = "linux")]
pub fn cpu_until_end(command: &mut std::process::Command) -> (Option<i32>, f64) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let mut child = command.spawn().expect("a program that can be started");
    let ended = waitid(WaitId::Pid(Pid::from_child(&child)), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    ended.expect("a child of ours");
    let used = cpu_of(child.id());
    (child.wait().expect("a child of ours").code(), used)
}

/// A clock: elapsed time; milliseconds since the first call.
#[must_use]
pub fn wall() -> f64 {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGIN.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}

fn ms(time: Timespec) -> f64 {
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// The median.
pub fn median(values: &mut [f64]) -> f64 {
    quantile(values, 50)
}

/// The value that this percentage of all values does not exceed; NaN without values.
pub fn quantile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(slowed: bool, ratios: &[f64]) -> bool {
        let mut sheet = Sheet { slowed, met: 0, missed: 0, unknown: 0 };
        for ratio in ratios {
            sheet.at_most("work", "yardstick", &Rounds(vec![(*ratio, 1.0)]), 1.5);
        }
        sheet.holds()
    }

    #[test]
    fn one_ratio_over_its_budget_fails() {
        assert!(holds(false, &[1.0, 1.5]));
        assert!(!holds(false, &[1.0, 1.51, 1.0]));
    }

    #[test]
    fn what_was_not_measured_fails() {
        for slowed in [false, true] {
            let good = if slowed { 2.0 } else { 1.0 };
            assert!(holds(slowed, &[good]));
            for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
                assert!(!holds(slowed, &[good, bad]), "{bad}");
            }
            assert!(!holds(slowed, &[]), "a sheet without a budget");
        }
        let mut sheet = Sheet { slowed: false, met: 1, missed: 0, unknown: 0 };
        sheet.at_most("work", "yardstick", &Rounds::default(), 1.5);
        assert!(!sheet.holds(), "no rounds");
    }

    #[test]
    fn at_half_the_speed_a_budget_that_is_met_fails() {
        assert!(holds(true, &[2.0, 1.51]));
        assert!(!holds(true, &[2.0, 1.5]));
    }

    #[test]
    fn the_figure_is_the_median_of_the_ratios_of_the_rounds() {
        // A machine that became slower by ten, and one round in which only our work was disturbed.
        let rounds = Rounds(vec![(2.0, 1.0), (20.0, 10.0), (90.0, 1.0)]);
        assert!((rounds.ratio() - 2.0).abs() < f64::EPSILON);
    }
}
