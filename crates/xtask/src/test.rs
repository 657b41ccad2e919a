//! `cargo xtask test`: everything that must pass before a change lands, in one run.
//!
//! All tests are built once, while the dependencies of the real tests are installed. Then the tests
//! run, both those that need nothing but Rust and those with real editors, desktops and disks,
//! while the lints and the macOS program are compiled. A step that cannot run fails. A failed
//! preparation (format, lock file, test dependencies, build) ends the run; after it, the tests, the
//! lints and the macOS program do not stop each other, so that one run reports everything that is
//! wrong with them. What takes longer is in [`crate::nightly`].

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use crate::jobs::{self, Job};
use crate::lints::{format, lints};
use crate::programs::{self, Program};
use crate::steps::Steps;
use crate::{darwin, fuzz, test_deps};

/// Which tests are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Which {
    /// Those that need nothing but Rust.
    Hermetic,
    /// Those that need real editors, a session bus, root.
    Real,
}

/// What `cargo xtask test` may be told.
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// Only tests of this kind, without lints and without the macOS program.
    #[arg(long, value_enum)]
    only: Option<Which>,
    /// Only those real tests whose name contains this.
    #[arg(long, value_name = "TEXT", requires = "only")]
    filter: Option<String>,
    /// Again and again.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "only")]
    times: u32,
    /// While all processors are busy with something else.
    #[arg(long, requires = "only")]
    busy: bool,
}

/// Runs the whole task; see the module.
pub(crate) fn test(args: &TestArgs) -> Result<()> {
    let steps = Steps::new();
    // Every failure is in `steps` too.
    let outcome = match args.only {
        None => everything(&steps),
        Some(which) => some(which, args, &steps),
    };
    let table = steps.finish();
    outcome.and(table)
}

fn everything(steps: &Steps) -> Result<()> {
    format(steps)?;
    steps.step("lock file of the fuzz targets", fuzz::fetch)?;
    let programs = std::thread::scope(|scope| {
        // In parallel: the installation waits for servers, the build needs the processors.
        let installed = scope.spawn(|| steps.step("test dependencies", test_deps::install));
        let programs = steps.step("build of all tests", || programs::build(None));
        installed.join().map_err(|_| anyhow::anyhow!("the installation of the test dependencies broke down"))??;
        programs
    })?;
    let jobs = tests(&programs, None, None)?;
    std::thread::scope(|scope| {
        let compiled = scope.spawn(|| lints(steps).and(darwin::run(steps)));
        let ran = jobs::run(jobs, steps);
        compiled.join().map_err(|_| anyhow::anyhow!("the lints broke down"))?.and(ran)
    })
}

fn some(which: Which, args: &TestArgs, steps: &Steps) -> Result<()> {
    if which == Which::Real {
        steps.step("test dependencies", test_deps::install)?;
    }
    let programs = steps.step("build of all tests", || programs::build(None))?;
    let busy = args.busy.then(Busy::begin);
    for _ in 0..args.times {
        jobs::run(tests(&programs, Some(which), args.filter.as_deref())?, steps)?;
    }
    drop(busy);
    Ok(())
}

/// The tests as jobs.
pub(crate) fn tests(programs: &[Program], which: Option<Which>, filter: Option<&str>) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for program in programs {
        if which != Some(Which::Real) {
            jobs.push(program.hermetic());
        }
        if which != Some(Which::Hermetic) {
            jobs.extend(program.real()?);
        }
    }
    jobs.retain(|job| filter.is_none_or(|filter| job.name.contains(filter)));
    anyhow::ensure!(!jobs.is_empty(), "no test has such a name");
    Ok(jobs)
}

/// Keeps every processor busy until it is dropped.
pub(crate) struct Busy(&'static AtomicBool);

impl Busy {
    /// Starts one thread per processor; the scheduler divides each processor between it and other
    /// work.
    pub(crate) fn begin() -> Self {
        static STOP: AtomicBool = AtomicBool::new(false);
        STOP.store(false, Ordering::Relaxed);
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            std::thread::spawn(|| {
                while !STOP.load(Ordering::Relaxed) {
                    std::hint::black_box((0..10_000u64).fold(0u64, u64::wrapping_add));
                }
            });
        }
        Self(&STOP)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
