//! Regenerates checked-in files from their sources: the JSON schemas and the OpenAPI document of
//! the socket from the types, the pictures from their drawings, the examples for launchd, systemd
//! and the Finder from the code that writes them.
//!
//! The tests that compare these files with their sources also write them, so there is only one way
//! to generate each.

use anyhow::Result;

use crate::steps::Steps;
use crate::{jobs, programs};

/// Makes such a test write its file instead of comparing it (`goplswatch_testing::checked_in`).
const GENERATE: &str = "GOPLSWATCH_GENERATE";

/// Runs the whole task; see the module.
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
