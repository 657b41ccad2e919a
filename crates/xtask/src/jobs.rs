//! Runs programs in parallel, isolated from each other.
//!
//! Theory of operation. Most of these programs are tests that wait: for an editor, for a timeout,
//! for a process to end. Running a few more of them than there are processors keeps those busy.
//! Agents and watchers under test see every process of their user, so on Linux, as root, each job
//! gets its own PID namespace: it sees only its own processes, and whatever it leaves behind ends
//! with it. Without namespaces the jobs run one after the other. A job that measures the machine is
//! *alone*: it runs when all others have ended.
//!
//! Output goes to a file in `target/xtask/output` and is shown if the job fails.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::run;
use crate::steps::{Steps, last_seconds};

/// A job that exceeds its given time by more than this hangs.
const LONGEST: Duration = Duration::from_secs(900);

/// A program to run.
#[derive(Debug)]
pub(crate) struct Job {
    /// The name of the step.
    pub(crate) name: String,
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// Added to its environment.
    pub(crate) environment: Vec<(String, String)>,
    /// The folder of its crate, which is the working directory that cargo gives to tests.
    pub(crate) folder: PathBuf,
    /// Whether it must run without other jobs.
    pub(crate) alone: bool,
    /// The time it was given, for jobs that run as long as they are given.
    pub(crate) given: Duration,
}

/// How jobs are isolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Isolation {
    /// Each in its own PID namespace.
    Namespaces,
    /// One after the other.
    InTurn,
}

/// Runs all jobs; each is a step. A failure does not stop the others; `steps` has the failed ones.
pub(crate) fn run(mut jobs: Vec<Job>, steps: &Steps) -> Result<()> {
    let output = run::target_dir()?.join("xtask/output");
    fs::create_dir_all(&output).with_context(|| format!("could not create {}", output.display()))?;
    let apart = apart(steps);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if apart == Isolation::Namespaces { 2 * processors } else { 1 };
    // The longest first, so that the run does not end with a long wait for one of them.
    let seconds = last_seconds();
    jobs.sort_by(|a, b| {
        let of = |job: &Job| seconds.get(&job.name).copied().unwrap_or(f64::MAX);
        of(b).total_cmp(&of(a))
    });
    let (alone, others): (VecDeque<Job>, VecDeque<Job>) = jobs.into_iter().partition(|job| job.alone);
    for (queue, workers) in [(others, workers), (alone, 1)] {
        let queue = Mutex::new(queue);
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(job) = next() {
                        job.run(apart, &output, steps);
                    }
                });
            }
        });
    }
    Ok(())
}

/// Arguments of `unshare`. A background job of a script ignores SIGINT and SIGQUIT, and its
/// children inherit that; `--default-signal` restores the defaults.
const NAMESPACE: [&str; 7] =
    ["--pid", "--fork", "--mount-proc", "--kill-child", "--", "/usr/bin/env", "--default-signal"];

/// Whether namespaces are available; reports it if they are not.
fn apart(steps: &Steps) -> Isolation {
    let mut trial = Command::new("unshare");
    trial.args(NAMESPACE).arg("true");
    match run::attempt(&mut trial) {
        Ok(output) if output.status.success() => Isolation::Namespaces,
        _ => {
            steps.not_shown(
                "tests side by side: no PID namespaces here (they want Linux, root and util-linux), so tests run one after \
                 the other and see each other's processes",
            );
            Isolation::InTurn
        }
    }
}

impl Job {
    fn run(&self, apart: Isolation, folder: &std::path::Path, steps: &Steps) {
        let start = Instant::now();
        let file = folder.join(self.name.replace(['/', ':', ' '], "_")).with_extension("log");
        let outcome = self.outcome(apart, &file);
        let said = fs::read(&file).map(|said| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default();
        steps.note_not_shown(&said);
        if let Err(error) = &outcome {
            println!("\n{said}\n{}: {error:#}\n", self.name);
        }
        steps.ended(&self.name, start.elapsed().as_secs_f64(), outcome.is_ok());
    }

    fn outcome(&self, apart: Isolation, file: &std::path::Path) -> Result<()> {
        let output = File::create(file).with_context(|| format!("could not create {}", file.display()))?;
        let mut command = self.command(apart);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let mut child = command.spawn().with_context(|| format!("could not start {}", self.program.display()))?;
        let status = wait(&mut child, self.given + LONGEST)?;
        anyhow::ensure!(status.success(), "it ended with {status}; its output is above and in {}", file.display());
        Ok(())
    }

    fn command(&self, apart: Isolation) -> Command {
        let mut command = match apart {
            Isolation::InTurn => Command::new(&self.program),
            Isolation::Namespaces => {
                let mut command = Command::new("unshare");
                // A shell is the first process of the namespace: it reaps orphans, and so the
                // program itself is not pid 1, for which signals have special rules.
                command.args(NAMESPACE).args(["/bin/sh", "-c", "\"$@\"; exit $?", "sh"]).arg(&self.program);
                command
            }
        };
        command.args(&self.arguments).current_dir(&self.folder);
        command.env("CARGO_MANIFEST_DIR", &self.folder).envs(self.environment.iter().map(|(k, v)| (k, v)));
        command
    }
}

/// Waits for the end; kills the job at its deadline.
fn wait(child: &mut Child, longest: Duration) -> Result<std::process::ExitStatus> {
    let limit = Instant::now() + longest;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > limit {
            // Its descendants end with its namespace, if it has one.
            child.kill()?;
            child.wait()?;
            anyhow::bail!("it did not end within {} minutes", longest.as_secs() / 60);
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
