//! Makes anew what is checked in and made from other sources: the JSON schemas and the socket's document from the types,
//! the pictures from their drawings, the examples for launchd, systemd and the Finder from the code that writes them.
//!
//! The tests that hold these files equal to their sources make them, so there is no second way to make one.

use anyhow::Result;

use crate::steps::Steps;
use crate::{jobs, programs};

/// What has such a test write its file instead of comparing it (`goplswatch_testing::checked_in`).
const GENERATE: &str = "GOPLSWATCH_GENERATE";

/// Runs the whole chore; see the module.
pub(crate) fn generate() -> Result<()> {
    let steps = Steps::new();
    let programs = steps.step("build of all tests", || programs::build(None))?;
    let mut jobs: Vec<_> = programs.iter().map(programs::Program::generated).collect();
    for job in &mut jobs {
        job.environment.push((GENERATE.into(), "1".into()));
    }
    jobs::run(jobs, &steps)?;
    steps.finish()
}
