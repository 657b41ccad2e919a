//! Format and lints: how they are run, and which release of clippy they are judged by.

use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{self, run};
use crate::steps::Steps;

/// Runs the formatter, which is installed if the toolchain came without it.
pub(crate) fn format(steps: &Steps) -> Result<()> {
    steps.step("components", components)?;
    steps.step("format", || run(run::cargo()?.args(["fmt", "--all", "--check"])))
}

/// The newest Rust release whose lints the code is known to pass: the number after `1.`.
const NEWEST_LINTS: u32 = 99;

/// Runs the lints.
pub(crate) fn lints(steps: &Steps) -> Result<()> {
    steps.step("lints", || {
        let mut clippy = run::cargo()?;
        clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--"]);
        run(clippy.args(strictness(steps)?))
    })
}

/// The arguments for clippy after `--`. A newer clippy than the code was tested with may have new
/// lints, which is not the fault of a person who has just cloned the repository: its warnings are
/// shown and fail nothing.
pub(crate) fn strictness(steps: &Steps) -> Result<&'static [&'static str]> {
    let version = run::stdout_of(run::cargo()?.args(["clippy", "--version"]))?;
    if release(&version).is_none_or(|release| release <= NEWEST_LINTS) {
        return Ok(&["-D", "warnings"]);
    }
    steps
        .not_shown(&format!("lints: those of Rust 1.{NEWEST_LINTS}; this is {version}, and its warnings fail nothing"));
    Ok(&[])
}

/// The 95 in `clippy 0.1.95 (59807616e1 2026-04-14)`.
fn release(version: &str) -> Option<u32> {
    version.split_whitespace().nth(1)?.rsplit('.').next()?.parse().ok()
}

/// Installs rustfmt and clippy if the toolchain came without them.
fn components() -> Result<()> {
    for (component, chore) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !run::attempt(run::cargo()?.args([chore, "--version"]))?.status.success() {
            run(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("run: rustup component add {component}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_from_clippy_s_version() {
        assert_eq!(release("clippy 0.1.95 (59807616e1 2026-04-14)"), Some(95));
        assert_eq!(release("clippy 0.1.100"), Some(100));
        assert_eq!(release("clippy"), None);
    }
}
