//! The test command: everything that must hold before a change lands, in one run.
//!
//! Three tiers. *Hermetic*: format, lints, and every test that needs nothing but Rust. *Real*: gopls under real
//! editors, whose parts are installed first, the login service before systemd's own checker, disks that are really
//! full, kill -9 two hundred times, a second user, a desktop on a session bus of its own, and the macOS program, linted
//! and linked. *Long*, in its short form
//! here: benchmarks against their budgets and a few seconds of fuzzing for each target. A step that cannot run fails;
//! the first that fails ends the run.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::run::{attempt, cargo, run, step};
use crate::{bench, darwin, fuzz, parts};

/// How far a test run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Tier {
    /// What needs nothing but Rust.
    Hermetic,
    /// And real editors, and the macOS program.
    Real,
    /// And short benchmarks and fuzzing.
    Long,
}

pub(crate) fn test(tier: Tier) -> Result<()> {
    step("components", components)?;
    step("format", || run(cargo()?.args(["fmt", "--all", "--check"])))?;
    step("lints", || {
        run(cargo()?.args(["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))
    })?;
    step("hermetic tests", || run(cargo()?.args(["test", "--workspace"])))?;
    if tier >= Tier::Real {
        step("real parts", parts::parts)?;
        // One after the other: they share the machine's processes, and time is what they measure.
        let real = [
            "test",
            "--package",
            "goplswatch",
            "--features",
            "real-parts",
            "--test",
            "real",
            "--",
            "--test-threads",
            "1",
        ];
        step("real tests", || run(cargo()?.args(real)))?;
        let checked = ["test", "--package", "goplswatch-remedy", "--features", "real-parts", "--test", "real"];
        step("login service, checked by the system's own", || run(cargo()?.args(checked)))?;
        let disks = ["test", "--package", "goplswatch-agent", "--features", "real-parts", "--test", "real_disks"];
        step("full and read-only disks", || run(cargo()?.args(disks)))?;
        let kernel = ["test", "--package", "goplswatch-probe", "--features", "real-parts", "--test", "kernel"];
        step("blocked and killed by a real kernel", || run(cargo()?.args(kernel)))?;
        let agent =
            ["test", "--package", "goplswatch", "--features", "real-parts", "--test", "agent", "--test", "clients"];
        step("agent, killed and harmed", || run(cargo()?.args(agent)))?;
        let desktop = |package| ["test", "--package", package, "--features", "real-parts", "--test", "desktop"];
        step("icon and notifications on a desktop", || run(cargo()?.args(desktop("goplswatch-tray"))))?;
        step("agent on a desktop", || run(cargo()?.args(desktop("goplswatch"))))?;
        step("macOS program", darwin::run)?;
    }
    if tier >= Tier::Long {
        step("benchmarks", || bench::run(true))?;
        step("fuzzing", || fuzz::run(10))?;
    }
    Ok(())
}

/// Formatter and linter, where the toolchain came without them.
fn components() -> Result<()> {
    for (component, chore) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !attempt(cargo()?.args([chore, "--version"]))?.status.success() {
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}
