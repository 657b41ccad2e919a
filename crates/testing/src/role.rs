//! A test program that starts itself once more, to be the process that a test needs.

use std::process::Command;

/// This program once more, running one test that is marked `#[ignore]` because it is no test but the part of another
/// process. `name` is its path within the program.
///
/// # Panics
/// If the system does not say where this program is.
#[must_use]
pub fn role(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command
}
