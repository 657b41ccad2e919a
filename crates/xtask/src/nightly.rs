//! Checks that take too long for every change: run at night, and before an issue is closed as
//! resolved.
//!
//! Fuzzing of all targets, two hundred kills at random moments, an agent under load for a quarter
//! of an hour, the real tests repeatedly on busy processors, and the budgets of the benchmarks.
//! Each part has its share of time; the whole takes less than 75 minutes on two processors. Its
//! table of steps is the evidence in the closing note.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::programs::Program;
use crate::steps::Steps;
use crate::test::{self, Busy, Which};
use crate::{bench, fuzz, jobs, programs, test_deps};

/// Seconds for all fuzz targets together.
const FUZZING: u64 = 1_200;
/// Seconds for the agent under load.
const SOAK: u64 = 900;
/// Seconds for rounds of the real tests; at least one round is run.
const ROUNDS: u64 = 1_200;
/// How often something is killed at a random moment.
const KILLS: u64 = 200;

/// What `cargo xtask nightly` may be told.
#[derive(Debug, clap::Args)]
pub(crate) struct NightlyArgs {
    /// Ten times as long, for what only shows itself after hours.
    #[arg(long)]
    long: bool,
}

/// Runs the whole task; see the module.
pub(crate) fn nightly(args: &NightlyArgs) -> Result<()> {
    let times = if args.long { 10 } else { 1 };
    let steps = Steps::new();
    // Nothing else runs without the test dependencies and the build of the tests. Any later failure
    // is in the table and does not stop the other work.
    let outcome = steps.step("test dependencies", test_deps::install).and_then(|()| everything(times, &steps));
    let table = steps.finish();
    outcome.and(table)
}

fn everything(times: u64, steps: &Steps) -> Result<()> {
    let programs = steps.step("build of all tests", || programs::build(None))?;
    let night = programs.iter().map(|program| program.night(times * SOAK, KILLS)).collect::<Result<Vec<_>>>()?;
    // Fuzzing keeps one processor busy and the others mostly wait, so neither slows the other down.
    let fuzzing = std::thread::scope(|scope| {
        let fuzzing = scope.spawn(|| fuzz::run(times * FUZZING, steps));
        let ran = jobs::run(night.into_iter().flatten().collect(), steps);
        fuzzing.join().map_err(|_| anyhow::anyhow!("the fuzzing broke down")).flatten().and(ran)
    });
    let rounds = busy_rounds(Duration::from_secs(times * ROUNDS), &programs, steps);
    let benches = bench::run(steps);
    fuzzing.and(rounds).and(benches)
}

/// Repeats the real tests on a busy machine. A round that would not fit into the time is not begun.
fn busy_rounds(all: Duration, programs: &[Program], steps: &Steps) -> Result<()> {
    let end = Instant::now() + all;
    let _busy = Busy::begin();
    loop {
        let round = Instant::now();
        jobs::run(test::tests(programs, Some(Which::Real), None)?, steps)?;
        if Instant::now() + round.elapsed() > end {
            return Ok(());
        }
    }
}
