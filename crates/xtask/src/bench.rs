//! Runs every benchmark of the workspace and fails if one of them is far over its budget.
//!
//! A benchmark judges itself: it prints its figures beside their budgets and fails when one is over by a factor of two.
//! All of them run, also behind one that fails, so that one noisy figure does not hide the others. They run one after
//! the other, since each wants the machine for itself.

use anyhow::{Result, bail};

use crate::run;

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

/// Runs the whole chore; see the module. The short form is for machines that are shared.
pub(crate) fn run(short: bool) -> Result<()> {
    let mut failed = Vec::new();
    for (package, bench) in BENCHES {
        let name = format!("{package}: {bench}");
        let outcome = run::step(&name, || {
            let mut cargo = run::cargo()?;
            cargo.args(["bench", "--quiet", "--locked", "--package", package, "--bench", bench]);
            if short {
                cargo.env("GOPLSWATCH_BENCH_SHORT", "1");
            }
            run::run(&mut cargo)
        });
        if outcome.is_err() {
            failed.push(bench);
        }
    }
    if !failed.is_empty() {
        bail!(
            "far over budget, or not measured: {}. Run it alone, on a machine that does nothing else, before you \
             believe it",
            failed.join(", ")
        );
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
