//! Developer chores of goplswatch: `cargo xtask <chore>`.
//!
//! This file only dispatches. Each chore lives in a module of its own, opens with what it proves and how, and is built
//! from the few verbs of [`run`]. A chore that needs something which is absent fails with the command that brings it;
//! it never skips.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developer tool: its output is its product")]

mod bench;
mod darwin;
mod fuzz;
mod parts;
mod run;
mod test;

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
    /// Run every benchmark and hold its figures against their budgets.
    Bench {
        /// Measure for a shorter time where that is possible.
        #[arg(long)]
        short: bool,
    },
    /// Lint, link and examine the macOS program for both processors, on Linux or on a Mac.
    Darwin,
    /// Feed hostile bytes to whatever reads what others wrote.
    Fuzz {
        /// How long each target runs.
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u32,
    },
    /// Install the real gopls, Go and editors that the end-to-end tests use.
    Parts,
}

fn main() -> ExitCode {
    let done = match Args::parse().chore {
        Chore::Bench { short } => bench::run(short),
        Chore::Darwin => darwin::run(),
        Chore::Fuzz { seconds } => fuzz::run(seconds),
        Chore::Parts => parts::parts(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
