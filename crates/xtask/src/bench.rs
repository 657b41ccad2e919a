//! Runs every benchmark of the workspace and fails if a figure is over its budget.
//!
//! Budgets are ratios to a yardstick in the same run, so that a slow machine is no failure: a benchmark judges itself, and
//! says so with its exit code (`goplswatch_testing::figures`). All of them run, also behind one that fails, one after the
//! other, since each wants the machine for itself. A budget that cannot be missed is worth nothing: a second run of each
//! does its work twice, and there every budget has to be missed.

use anyhow::{Result, bail};

use crate::run;
use crate::steps::Steps;

/// A package and its benchmark.
const BENCHES: [(&str, &str); 8] = [
    ("goplswatch-core", "engine"),
    ("goplswatch-probe", "replay"),
    ("goplswatch-probe", "sample"),
    ("goplswatch-probe", "scan"),
    ("goplswatch-view", "scene"),
    ("goplswatch-tray", "open"),
    ("goplswatch", "latency"),
    ("goplswatch", "rest"),
];

/// Has a benchmark do its work so many times, and succeed only if it misses every budget.
const SLOWDOWN: &str = "GOPLSWATCH_BENCH_SLOWDOWN";

/// Runs the whole chore; see the module.
pub(crate) fn run(steps: &Steps) -> Result<()> {
    let mut failed = Vec::new();
    for (package, bench) in BENCHES {
        for (slowdown, what) in [("1", "budgets"), ("2", "budgets missed at half the speed")] {
            let outcome = steps.step(&format!("bench {bench}: {what}"), || {
                let mut cargo = run::cargo()?;
                cargo.args(["bench", "--quiet", "--locked", "--package", package, "--bench", bench]);
                run::run(cargo.env(SLOWDOWN, slowdown))
            });
            if outcome.is_err() {
                failed.push(bench);
            }
        }
    }
    failed.dedup();
    if !failed.is_empty() {
        bail!("over budget, under it at half the speed, or not measured: {}", failed.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benchmark_of_the_workspace_is_run() {
        let crates = run::repo_root().unwrap().join("crates");
        let mut there = Vec::new();
        for folder in std::fs::read_dir(crates).unwrap() {
            let Ok(files) = std::fs::read_dir(folder.unwrap().path().join("benches")) else { continue };
            let files = files.map(|file| file.unwrap().path());
            let names = files.filter(|path| path.extension().is_some_and(|e| e == "rs"));
            there.extend(names.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()));
        }
        there.sort_unstable();
        let mut ours = BENCHES.map(|(_, bench)| bench);
        ours.sort_unstable();
        assert_eq!(there, ours);
    }
}
