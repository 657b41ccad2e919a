//! Developer chores of goplswatch: `cargo xtask <chore>`.
//!
//! This file only dispatches. Each chore lives in a module of its own and opens with what it does and how. A chore that
//! needs something which is absent fails with the command that brings it; it never skips.

#![expect(clippy::print_stderr, reason = "a developer tool: its output is its product")]

mod parts;

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
    /// Install the real gopls, Go and editors that the end-to-end tests use.
    Parts,
}

fn main() -> ExitCode {
    let done = match Args::parse().chore {
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
