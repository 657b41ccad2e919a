//! Lets a test program start itself again, as the process that a test needs.

use std::process::Command;

/// A command that runs this program again with one test that is marked `#[ignore]` because it is
/// not a test, but the code of another process. `name` is its path within the program.
///
/// # Panics
/// If the system does not report where this program is.
#[must_use]
pub fn role(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture"]);
    command
}
