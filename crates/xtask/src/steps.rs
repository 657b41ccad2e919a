//! The steps of a run: the result and duration of each, and what it could not show on this machine.
//!
//! A run prints a line when a step ends, and at its end all of them again, the slowest last, so
//! that the best candidate for shortening is in sight. The same data goes into
//! `target/xtask/steps.json`, which the next run uses to start the longest first. Steps may run in
//! parallel.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::run;

/// The prefix of a line in which a test reports what it cannot show here
/// (`goplswatch_testing::not_shown`).
const NOT_SHOWN: &str = "not shown: ";

/// The steps of one run.
#[derive(Debug)]
pub(crate) struct Steps {
    began: Instant,
    done: Mutex<Vec<Done>>,
    not_shown: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct Done {
    name: String,
    seconds: f64,
    ok: bool,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), done: Mutex::default(), not_shown: Mutex::default() }
    }

    /// Runs `work` as a step; adds the step's name to its error.
    pub(crate) fn step<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let outcome = work();
        self.ended(name, start.elapsed().as_secs_f64(), outcome.is_ok());
        outcome.with_context(|| format!("step \"{name}\" failed"))
    }

    /// Records a step that ended.
    pub(crate) fn ended(&self, name: &str, seconds: f64, ok: bool) {
        println!("{}", line(name, seconds, ok));
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.push(Done { name: name.to_owned(), seconds, ok });
    }

    /// Records what this machine cannot show, from the output of a step.
    pub(crate) fn note_not_shown(&self, output: &str) {
        let mut noted = self.not_shown.lock().unwrap_or_else(PoisonError::into_inner);
        // The prefix may follow an unfinished line of the test harness.
        let said = output.lines().filter_map(|line| line.split_once(NOT_SHOWN).map(|(_, what)| what.to_owned()));
        for what in said {
            if !noted.contains(&what) {
                noted.push(what);
            }
        }
    }

    /// Reports that something is not shown on this machine, and why.
    pub(crate) fn not_shown(&self, what: &str) {
        self.note_not_shown(&format!("{NOT_SHOWN}{what}"));
    }

    /// The names of the steps that failed so far.
    pub(crate) fn failed(&self) -> Vec<String> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.iter().filter(|one| !one.ok).map(|one| one.name.clone()).collect()
    }

    /// Prints the table, writes the file, and fails if a step failed.
    pub(crate) fn finish(self) -> Result<()> {
        let mut done = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let not_shown = self.not_shown.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let whole = self.began.elapsed().as_secs_f64();
        println!("\nAll steps, slowest last:");
        for one in &done {
            println!("{}", line(&one.name, one.seconds, one.ok));
        }
        println!("{:<7}{whole:>7.1} s  whole run; steps run side by side where they can", "");
        for what in &not_shown {
            println!("{NOT_SHOWN}{what}");
        }
        let steps: Vec<_> = done
            .iter()
            .map(|one| json!({ "step": one.name, "seconds": (one.seconds * 10.0).round() / 10.0, "ok": one.ok }))
            .collect();
        let file = file()?;
        fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
        let text =
            serde_json::to_string_pretty(&json!({ "seconds": whole.round(), "steps": steps, "not_shown": not_shown }))?;
        fs::write(&file, text + "\n").with_context(|| format!("could not write {}", file.display()))?;
        let failed: Vec<&str> = done.iter().filter(|one| !one.ok).map(|one| one.name.as_str()).collect();
        if !failed.is_empty() {
            bail!("failed: {}; what they said is above", failed.join(", "));
        }
        Ok(())
    }
}

/// How long each step took in the last complete run.
pub(crate) fn last_seconds() -> BTreeMap<String, f64> {
    let read = || -> Option<BTreeMap<String, f64>> {
        let text = fs::read(file().ok()?).ok()?;
        let run: serde_json::Value = serde_json::from_slice(&text).ok()?;
        let steps = run["steps"].as_array()?.iter();
        Some(steps.filter_map(|step| Some((step["step"].as_str()?.to_owned(), step["seconds"].as_f64()?))).collect())
    };
    read().unwrap_or_default()
}

fn file() -> Result<PathBuf> {
    Ok(run::target_dir()?.join("xtask/steps.json"))
}

fn line(name: &str, seconds: f64, ok: bool) -> String {
    format!("{:<7}{seconds:>7.1} s  {name}", if ok { "ok" } else { "FAILED" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_run_and_names_itself() {
        let steps = Steps::new();
        assert_eq!(steps.step("good", || Ok(7)).unwrap(), 7);
        let error = steps.step("bad", || -> Result<()> { bail!("why") }).unwrap_err();
        assert_eq!(format!("{error:#}"), "step \"bad\" failed: why");
        let failed: Vec<bool> = steps.done.lock().unwrap().iter().map(|one| one.ok).collect();
        assert_eq!(failed, [true, false]);
    }

    #[test]
    fn what_is_not_shown_is_found_in_any_output_and_told_once() {
        let steps = Steps::new();
        steps.note_not_shown("test a ... not shown: a: no FUSE\nok\nnot shown: b: no root\nnot shown: a: no FUSE\n");
        steps.not_shown("a: no FUSE");
        assert_eq!(*steps.not_shown.lock().unwrap(), ["a: no FUSE", "b: no root"]);
    }
}
