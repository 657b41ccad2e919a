//! Developer tasks of goplswatch: `cargo xtask <task>`.
//!
//! This file only dispatches. Each task is a module that begins with what it checks and how, and is
//! built from the functions of [`run`]. A task that needs something absent fails with the command
//! that installs it; it never skips.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developer tool: its output is its product")]

mod bench;
mod check;
mod darwin;
mod fuzz;
mod generate;
mod jobs;
mod lints;
mod nightly;
mod programs;
mod run;
mod steps;
mod test;
mod test_deps;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer chores of goplswatch.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// The inner loop: format, lints, and the tests that need nothing but Rust.
    Check,
    /// Everything that must hold before a change lands.
    Test(test::TestArgs),
    /// What takes longer: fuzzing, kills, soaks, real editors on busy processors, budgets.
    Nightly(nightly::NightlyArgs),
    /// Make anew what is checked in and made from other sources: schemas, pictures, examples.
    Generate,
    /// Run every benchmark and hold its figures against their budgets.
    Bench,
    /// Lint, link and examine the macOS program, on Linux or on a Mac.
    Darwin,
    /// Feed hostile bytes to whatever reads what others wrote.
    Fuzz {
        /// How long all targets run together.
        #[arg(long, value_name = "N", default_value_t = 300)]
        seconds: u64,
    },
    /// Install the real gopls, Go and editors that the end-to-end tests use.
    TestDeps,
}

fn main() -> ExitCode {
    let done = match Args::parse().chore {
        Chore::Check => check::check(),
        Chore::Test(args) => test::test(&args),
        Chore::Nightly(args) => nightly::nightly(&args),
        Chore::Generate => generate::generate(),
        Chore::Bench => with_steps(bench::run),
        Chore::Darwin => with_steps(darwin::run),
        Chore::Fuzz { seconds } => with_steps(|steps| fuzz::run(seconds, steps)),
        Chore::TestDeps => test_deps::install(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a task by itself that is otherwise part of others.
fn with_steps(chore: impl FnOnce(&steps::Steps) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let steps = steps::Steps::new();
    let outcome = chore(&steps);
    let table = steps.finish();
    outcome.and(table)
}
