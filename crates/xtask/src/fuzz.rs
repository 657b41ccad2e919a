//! Feeds hostile bytes to the rooms that read what others wrote, with cargo-fuzz.
//!
//! The targets lie in `crates/fuzz`, a workspace of its own. They run without a sanitizer: those want a nightly
//! compiler, and there is next to no `unsafe` code behind the targets, so panics are what can be found. What is found
//! is left in `crates/fuzz/artifacts`, what was tried in `crates/fuzz/corpus`, and both stay for the next run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run;

/// The targets; each is a file of `crates/fuzz/fuzz_targets`.
const TARGETS: [&str; 5] = ["classify", "engine", "procargs", "recording", "xnu"];

/// The version that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.1";

/// Runs the whole chore; see the module. Each target runs for so many seconds.
pub(crate) fn run(seconds: u32) -> Result<()> {
    let fuzz = run::repo_root()?.join("crates/fuzz");
    run::step("cargo-fuzz at hand", install)?;
    run::step("targets built", || {
        // cargo-fuzz would update the lock file in silence.
        run::run(run::cargo()?.args(["fetch", "--quiet", "--locked", "--manifest-path"]).arg(fuzz.join("Cargo.toml")))?;
        run::run(&mut cargo_fuzz("build", &fuzz)?)
    })?;
    let mut found = Vec::new();
    for target in TARGETS {
        let outcome = run::step(&format!("{target}: {seconds} s"), || {
            let corpus = fuzz.join("corpus").join(target);
            std::fs::create_dir_all(&corpus).with_context(|| format!("could not create {}", corpus.display()))?;
            let mut cargo = cargo_fuzz("run", &fuzz)?;
            cargo.arg(target).arg(corpus);
            let seeds = fuzz.join("seeds").join(target);
            if seeds.is_dir() {
                cargo.arg(seeds);
            }
            let time = format!("-max_total_time={seconds}");
            run::run(cargo.args(["--", &time, "-timeout=10", "-max_len=32768", "-verbosity=0"]))
        });
        if outcome.is_err() {
            found.push(target);
        }
    }
    if !found.is_empty() {
        bail!(
            "found something in: {}. The input lies in crates/fuzz/artifacts; `cargo fuzz run --fuzz-dir crates/fuzz \
             --sanitizer none TARGET FILE` runs it again, `cargo fuzz tmin` makes it small",
            found.join(", ")
        );
    }
    Ok(())
}

/// `cargo fuzz` for our folder, on the compiler that the product is built with.
fn cargo_fuzz(verb: &str, fuzz: &Path) -> Result<Command> {
    let mut cargo = run::cargo()?;
    cargo.args(["fuzz", verb, "--sanitizer", "none", "--fuzz-dir"]).arg(fuzz);
    Ok(cargo)
}

/// Sees to it that cargo-fuzz is there: any version will do.
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
    fn every_target_is_run() {
        let folder = run::repo_root().unwrap().join("crates/fuzz/fuzz_targets");
        let mut there: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        there.sort_unstable();
        assert_eq!(there, TARGETS);
    }
}
