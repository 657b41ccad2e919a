//! `cargo xtask check`, the inner loop: format, lints and the tests that need nothing but Rust.
//!
//! A test program is skipped, with a note, if it and the files it may read are byte for byte those
//! of its last successful run. The lints cover every target, so that code that is only compiled for
//! tests is linted too.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::jobs;
use crate::lints::{format, lints};
use crate::programs::{self, Program};
use crate::run;
use crate::steps::Steps;

/// The crate whose tests also read the sources, and are therefore never skipped.
const READS_EVERYTHING: &str = "xtask/";

/// Runs the whole task; see the module.
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
    // Written before the run: if a test fails or the run is interrupted, none of the running ones
    // counts as passed.
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

fn write(file: &Path, passed: &BTreeMap<&String, &u64>) -> Result<()> {
    fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
    fs::write(file, serde_json::to_string_pretty(passed)?)
        .with_context(|| format!("could not write {}", file.display()))
}

/// A hash over everything that a program's tests may read: the program itself, the programs it
/// starts, the root `Cargo.toml`, and every file in the folders of sources and assets that is not
/// Rust source. So no test has to declare which files it reads.
fn fingerprint(program: &Program) -> Result<u64> {
    let root = run::repo_root()?;
    let built = program.file.parent().and_then(Path::parent).context("a test program lies in target/debug/deps")?;
    let mut files = vec![program.file.clone(), root.join("Cargo.toml")];
    // Only the tests of `cli` start these programs.
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
        // An absent file changes the hash like an empty one.
        hasher.write(&fs::read(&file).unwrap_or_default());
    }
    Ok(hasher.finish())
}

/// Folders of build products of cargo and cargo-fuzz, which are not read.
const MADE: [&str; 3] = ["target", "corpus", "artifacts"];

/// Collects all files below a folder that are not Rust sources.
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
}
