//! Developer chores of goplswatch, run as `cargo xtask CHORE`.

mod parts;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "developer chores of goplswatch")]
struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install the real gopls, Go and editors that the end-to-end tests use.
    Parts,
}

fn main() -> anyhow::Result<()> {
    match Xtask::parse().chore {
        Chore::Parts => parts::parts(),
    }
}
