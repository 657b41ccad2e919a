//! The inner loop: format, lints and the tests that need nothing but Rust.
//!
//! A test program that is byte for byte the one that passed last time, with the same files to read, is not run again;
//! that it was left out is said. The lints see every target, so that what is only compiled for tests is linted too.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::jobs;
use crate::programs::{self, Program};
use crate::run::{self, run};
use crate::steps::Steps;
use crate::test::components;

/// The crate whose tests read the sources too, and are therefore never left out.
const READS_EVERYTHING: &str = "xtask/";

/// Runs the whole chore; see the module.
pub(crate) fn check() -> Result<()> {
    let steps = Steps::new();
    format(&steps)?;
    lints(&steps)?;
    let programs = steps.step("build of all tests", || programs::build(None))?;
    let file = run::target_dir()?.join("xtask/passed.json");
    let passed: BTreeMap<String, u64> =
        fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let now = programs.iter().map(|program| Ok((program.name.clone(), fingerprint(program)?)));
    let now: BTreeMap<String, u64> = now.collect::<Result<_>>()?;
    let changed = |program: &&Program| {
        program.name.starts_with(READS_EVERYTHING) || passed.get(&program.name) != now.get(&program.name)
    };
    let (run, same): (Vec<&Program>, Vec<&Program>) = programs.iter().partition(changed);
    if !same.is_empty() {
        let names: Vec<&str> = same.iter().map(|program| program.name.as_str()).collect();
        println!("unchanged since they passed, and not run again: {}", names.join(", "));
    }
    // Should one of them fail, or the run be ended, none of those that run counts as passed.
    let mut kept: BTreeMap<&String, &u64> =
        same.iter().filter_map(|program| now.get_key_value(&program.name)).collect();
    write(&file, &kept)?;
    jobs::run(run.iter().map(|program| program.hermetic()).collect(), &steps)?;
    let failed = steps.failed();
    kept.extend(
        run.iter().filter(|program| !failed.contains(&program.name)).filter_map(|p| now.get_key_value(&p.name)),
    );
    write(&file, &kept)?;
    steps.finish()
}

/// The formatter, which is installed where the toolchain came without it.
pub(crate) fn format(steps: &Steps) -> Result<()> {
    steps.step("components", components)?;
    steps.step("format", || run(run::cargo()?.args(["fmt", "--all", "--check"])))
}

/// The newest Rust with whose lints the code was found clean: the number behind `1.`.
const NEWEST_LINTS: u32 = 99;

/// The lints.
pub(crate) fn lints(steps: &Steps) -> Result<()> {
    steps.step("lints", || {
        let mut clippy = run::cargo()?;
        clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--"]);
        run(clippy.args(strictness(steps)?))
    })
}

/// What a clippy gets behind `--`. One newer than any that the code has seen may know more lints, which is no fault of
/// whoever has just cloned it: it shows them and fails nothing.
pub(crate) fn strictness(steps: &Steps) -> Result<&'static [&'static str]> {
    let version = run::stdout_of(run::cargo()?.args(["clippy", "--version"]))?;
    if release(&version).is_none_or(|release| release <= NEWEST_LINTS) {
        return Ok(&["-D", "warnings"]);
    }
    steps
        .not_shown(&format!("lints: those of Rust 1.{NEWEST_LINTS}; this is {version}, and its warnings fail nothing"));
    Ok(&[])
}

/// Of `clippy 0.1.95 (59807616e1 2026-04-14)` the 95.
fn release(version: &str) -> Option<u32> {
    version.split_whitespace().nth(1)?.rsplit('.').next()?.parse().ok()
}

fn write(file: &Path, passed: &BTreeMap<&String, &u64>) -> Result<()> {
    fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
    fs::write(file, serde_json::to_string_pretty(passed)?)
        .with_context(|| format!("could not write {}", file.display()))
}

/// Of everything that a program's tests may read: itself, the programs that it starts, and every file of the repository
/// that is not compiled into one. Whose tests read which of those nobody has to say.
fn fingerprint(program: &Program) -> Result<u64> {
    let root = run::repo_root()?;
    let built = program.file.parent().and_then(Path::parent).context("a test program lies in target/debug/deps")?;
    let mut files = vec![program.file.clone(), root.join("Cargo.toml")];
    // What a crate's tests do not start cannot change what they say.
    if program.name.starts_with("cli/") {
        files.extend([built.join("goplswatch"), built.join("examples/provoke")]);
    }
    for folder in ["crates", "assets", "launchd", "packaging"] {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        // One that is not there is as telling as one that is.
        hasher.write(&fs::read(&file).unwrap_or_default());
    }
    Ok(hasher.finish())
}

/// What lies beside the sources and is made, not read: by cargo and by cargo-fuzz.
const MADE: [&str; 3] = ["target", "corpus", "artifacts"];

/// All files below a folder that are no Rust sources.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let path = entry?.path();
        let is_made = path.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made));
        if path.is_dir() && !is_made {
            collect(&path, files)?;
        } else if path.is_file() && path.extension().is_none_or(|ending| ending != "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_source_is_collected_and_nothing_that_was_made() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["seeds/one", "a.snap", "a.rs", "target/made", "fuzz/corpus/made"] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let mut files = Vec::new();
        collect(folder.path(), &mut files).unwrap();
        files.sort();
        assert_eq!(files, ["a.snap", "seeds/one"].map(|file| folder.path().join(file)));
    }

    #[test]
    fn a_release_is_read_from_clippy_s_version() {
        assert_eq!(release("clippy 0.1.95 (59807616e1 2026-04-14)"), Some(95));
        assert_eq!(release("clippy 0.1.100"), Some(100));
        assert_eq!(release("clippy"), None);
    }
}
