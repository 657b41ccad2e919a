//! The test programs of the workspace, built once with one set of features, and the tests in them;
//! the benchmarks likewise.
//!
//! Tests are sorted by the names of their modules. A module named `real` has tests that need
//! something besides Rust (root, a session bus, a real gopls); `alone` within it, tests that
//! measure the machine; `night`, tests that run as long as they are given; `generated`, tests that
//! compare a checked-in file with its source. A test marked `#[ignore]` is not a test but a role of
//! a helper process that other tests start.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::jobs::Job;
use crate::run;

/// A test program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Its crate and its name: `probe/it`.
    pub(crate) name: String,
    /// The path of the executable.
    pub(crate) file: PathBuf,
    /// The folder of its crate.
    pub(crate) folder: PathBuf,
}

/// Builds all of them, or those of one package.
pub(crate) fn build(package: Option<&str>) -> Result<Vec<Program>> {
    let mut cargo = run::cargo()?;
    cargo.args(["test", "--no-run", "--locked", "--message-format", "json-render-diagnostics"]);
    match package {
        Some(package) => cargo.args(["--package", package]),
        None => cargo.arg("--workspace"),
    };
    built(&mut cargo, |said| said["profile"]["test"] == true)
}

/// Builds all benchmarks, which are programs of the same kind.
pub(crate) fn benches() -> Result<Vec<Program>> {
    let mut cargo = run::cargo()?;
    cargo.args(["bench", "--workspace", "--bench", "*", "--no-run", "--locked"]);
    built(cargo.args(["--message-format", "json-render-diagnostics"]), |said| said["target"]["kind"][0] == "bench")
}

/// The programs that this cargo command reports as built, filtered by `wanted` and sorted by name.
fn built(cargo: &mut Command, wanted: fn(&Value) -> bool) -> Result<Vec<Program>> {
    let said = run::stdout_of(cargo)?;
    let mut programs: Vec<Program> = said.lines().filter_map(|line| read(line, wanted)).collect();
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    anyhow::ensure!(!programs.is_empty(), "cargo built no such program");
    Ok(programs)
}

/// The program in a message of cargo, if it is wanted.
fn read(line: &str, wanted: fn(&Value) -> bool) -> Option<Program> {
    let said: Value = serde_json::from_str(line).ok()?;
    if said["reason"] != "compiler-artifact" || !wanted(&said) {
        return None;
    }
    let folder = PathBuf::from(said["manifest_path"].as_str()?).parent()?.to_owned();
    let name = format!("{}/{}", folder.file_name()?.to_str()?, said["target"]["name"].as_str()?);
    Some(Program { name, file: said["executable"].as_str()?.into(), folder })
}

impl Program {
    /// The tests that need nothing but Rust, as one job. Most slow tests wait, so the processors
    /// are kept busy by running more tests at a time than there are processors.
    pub(crate) fn hermetic(&self) -> Job {
        let mut job =
            self.job(self.name.clone(), ["--skip", "real::", "--skip", "night::"].map(str::to_owned).to_vec());
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        job.environment.push(("RUST_TEST_THREADS".into(), (4 * processors).to_string()));
        job
    }

    /// The nightly tests, each as a job: those of modules named `night`, which run for `seconds`,
    /// and those that kill something at random moments, `kills` times.
    pub(crate) fn night(&self, seconds: u64, kills: u64) -> Result<Vec<Job>> {
        let mut jobs = Vec::new();
        for part in ["night::", "killed_at_any_moment"] {
            for test in self.list(part)? {
                let arguments = vec!["--exact".into(), test.clone(), "--nocapture".into()];
                let mut job = self.job(format!("{} {test}, at length", self.name), arguments);
                job.given = Duration::from_secs(seconds);
                job.environment.push(("GOPLSWATCH_SOAK_SECONDS".into(), seconds.to_string()));
                job.environment.push(("GOPLSWATCH_KILLS".into(), kills.to_string()));
                jobs.push(job);
            }
        }
        Ok(jobs)
    }

    /// The tests that compare checked-in files with their sources, as one job.
    pub(crate) fn generated(&self) -> Job {
        self.job(format!("{} generated", self.name), vec!["generated::".into(), "--nocapture".into()])
    }

    /// The tests of modules named `real`, each as a job.
    pub(crate) fn real(&self) -> Result<Vec<Job>> {
        let jobs = self.list("real::")?.into_iter().map(|test| {
            let arguments = vec!["--exact".into(), test.clone(), "--nocapture".into()];
            Job { alone: test.contains("::alone::"), ..self.job(format!("{} {test}", self.name), arguments) }
        });
        Ok(jobs.collect())
    }

    /// The tests whose name contains `part`, without the roles.
    fn list(&self, part: &str) -> Result<Vec<String>> {
        let listed = |more: &[&str]| -> Result<Vec<String>> {
            let mut command = Command::new(&self.file);
            command.args(["--list", "--format", "terse", part]).args(more).current_dir(&self.folder);
            let said = run::stdout_of(&mut command).with_context(|| format!("{} lists no tests", self.name))?;
            Ok(said.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
        };
        let roles: BTreeSet<String> = listed(&["--ignored"])?.into_iter().collect();
        Ok(listed(&[])?.into_iter().filter(|test| !roles.contains(test)).collect())
    }

    fn job(&self, name: String, arguments: Vec<String>) -> Job {
        let (program, folder) = (self.file.clone(), self.folder.clone());
        Job { name, program, arguments, environment: Vec::new(), folder, alone: false, given: Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_that_cargo_says_only_programs_that_are_wanted_are_taken() {
        let test = |said: &Value| said["profile"]["test"] == true;
        let said = r#"{"reason":"compiler-artifact","manifest_path":"/r/crates/probe/Cargo.toml",
            "target":{"name":"it"},"profile":{"test":true},"executable":"/r/target/debug/deps/it-1"}"#;
        let program = read(&said.replace('\n', ""), test).unwrap();
        assert_eq!((program.name.as_str(), program.folder), ("probe/it", "/r/crates/probe".into()));
        for other in [
            said.replace("compiler-artifact", "build-finished"),
            said.replace("true", "false"),
            said.replace("\"/r/target/debug/deps/it-1\"", "null"),
            "warning: a line".to_owned(),
        ] {
            assert!(read(&other.replace('\n', ""), test).is_none(), "{other}");
        }
    }
}
