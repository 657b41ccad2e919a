//! Fuzzes the parsers of foreign data with cargo-fuzz.
//!
//! The fuzzed functions are in `crates/fuzz`; the targets are in a separate workspace below it.
//! They run without a sanitizer: sanitizers need a nightly compiler, and there is next to no
//! `unsafe` code behind the targets, so panics are what can be found. Findings are left in
//! `crates/fuzz/cargo-fuzz/artifacts`, tried inputs in `…/corpus`; both are kept for the next run.
//! An input worth keeping goes into `crates/fuzz/seeds`, which plain tests use too.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run;
use crate::steps::Steps;

/// The targets; each is a file of `crates/fuzz/cargo-fuzz/fuzz_targets`.
const TARGETS: [&str; 5] = ["classify", "engine", "procargs", "recording", "xnu"];

/// The version that is installed if there is none.
const CARGO_FUZZ: &str = "0.13.1";

/// Runs the whole task; see the module. The targets share `seconds`, one after the other.
pub(crate) fn run(seconds: u64, steps: &Steps) -> Result<()> {
    let fuzz = run::repo_root()?.join("crates/fuzz");
    let workspace = fuzz.join("cargo-fuzz");
    steps.step("cargo-fuzz at hand", install)?;
    steps.step("fuzz targets built", || {
        fetch()?;
        run::run(&mut cargo_fuzz("build", &workspace)?)
    })?;
    let each = (seconds / TARGETS.len() as u64).max(1);
    let mut found = Vec::new();
    for target in TARGETS {
        let outcome = steps.step(&format!("fuzz {target}"), || {
            let corpus = workspace.join("corpus").join(target);
            std::fs::create_dir_all(&corpus).with_context(|| format!("could not create {}", corpus.display()))?;
            let mut cargo = cargo_fuzz("run", &workspace)?;
            cargo.arg(target).arg(corpus).arg(fuzz.join("seeds").join(target));
            let time = format!("-max_total_time={each}");
            run::run(cargo.args(["--", &time, "-timeout=10", "-max_len=32768", "-verbosity=0"]))
        });
        if outcome.is_err() {
            found.push(target);
        }
    }
    if !found.is_empty() {
        bail!(
            "found something in: {}. The input lies in crates/fuzz/cargo-fuzz/artifacts; `cargo fuzz run --fuzz-dir \
             crates/fuzz/cargo-fuzz --sanitizer none TARGET FILE` runs it again, `cargo fuzz tmin` makes it small",
            found.join(", ")
        );
    }
    Ok(())
}

/// Fails if the lock file of the targets is out of date, as it is after a dependency was added to a
/// fuzzed crate: that change alone does not build the targets, and cargo-fuzz would update the file
/// silently.
pub(crate) fn fetch() -> Result<()> {
    let manifest = run::repo_root()?.join("crates/fuzz/cargo-fuzz/Cargo.toml");
    let mut fetch = run::cargo()?;
    run::run(fetch.args(["fetch", "--quiet", "--locked", "--manifest-path"]).arg(manifest))
        .context("`cargo update --workspace` in crates/fuzz/cargo-fuzz brings its lock file up to date; commit that")
}

/// `cargo fuzz` for our workspace, with the compiler that builds the product.
fn cargo_fuzz(verb: &str, workspace: &Path) -> Result<Command> {
    let mut cargo = run::cargo()?;
    cargo.args(["fuzz", verb, "--sanitizer", "none", "--fuzz-dir"]).arg(workspace);
    Ok(cargo)
}

/// Installs cargo-fuzz if it is absent; any version will do.
fn install() -> Result<()> {
    if run::attempt(run::cargo()?.args(["fuzz", "--version"]))?.status.success() {
        return Ok(());
    }
    println!("{:18}cargo-fuzz is absent; installing version {CARGO_FUZZ}", "");
    run::run(run::cargo()?.args(["install", "--quiet", "--locked", "cargo-fuzz", "--version", CARGO_FUZZ]))
        .context("cargo-fuzz could not be installed; a C++ compiler and the crate registry must be at hand")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_run_and_has_seeds() {
        let fuzz = run::repo_root().unwrap().join("crates/fuzz");
        let names = |folder: &str| {
            let files = std::fs::read_dir(fuzz.join(folder)).unwrap();
            let name = |file: std::fs::DirEntry| file.path().file_stem().unwrap().to_str().unwrap().to_owned();
            let mut names: Vec<String> = files.map(|file| name(file.unwrap())).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names("cargo-fuzz/fuzz_targets"), TARGETS);
        assert_eq!(names("seeds"), TARGETS);
    }
}
