//! Runs every benchmark of the workspace and fails if a figure is over its budget.
//!
//! Budgets are ratios to a yardstick in the same run, so that a slow machine is no failure. A
//! benchmark judges itself and reports the result by its exit code (`goplswatch_testing::figures`).
//! All benchmarks run even if one fails, one after the other, since each needs the machine for
//! itself. A budget that cannot be missed is worthless: in a second run each benchmark does its
//! work twice, and must then miss every budget.

use std::process::Command;

use anyhow::{Result, bail};

use crate::steps::Steps;
use crate::{programs, run};

/// Makes a benchmark do its work this many times, and succeed only if it misses every budget.
const SLOWDOWN: &str = "GOPLSWATCH_BENCH_SLOWDOWN";

/// Runs the whole task; see the module.
pub(crate) fn run(steps: &Steps) -> Result<()> {
    let benches = steps.step("build of all benchmarks", programs::benches)?;
    let mut failed = Vec::new();
    for bench in &benches {
        for (slowdown, what) in [("1", "budgets"), ("2", "budgets missed at half the speed")] {
            let mut command = Command::new(&bench.file);
            command.arg("--bench").current_dir(&bench.folder).env(SLOWDOWN, slowdown);
            if steps.step(&format!("bench {}: {what}", bench.name), || run::run(&mut command)).is_err() {
                failed.push(bench.name.as_str());
            }
        }
    }
    failed.dedup();
    if !failed.is_empty() {
        bail!("over budget, under it at half the speed, or not measured: {}", failed.join(", "));
    }
    Ok(())
}
