//! Runs the tools that the tasks need, and prints progress.

use std::{
    env,
    fmt::Display,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Prints one line of progress. A write error is ignored.
pub(super) fn say(line: impl Display) {
    drop(writeln!(io::stdout(), "{line}"));
}

/// The executable of that name on PATH.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// A command's stdout. A failure is an error that contains the end of its stderr.
pub(super) fn output(command: &mut Command) -> Result<String> {
    let program = Path::new(command.get_program()).display().to_string();
    let done = command.output().with_context(|| format!("cannot start {program}"))?;
    if !done.status.success() {
        let stderr = String::from_utf8_lossy(&done.stderr);
        let end: Vec<&str> = stderr.lines().rev().take(12).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        let arguments: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        bail!("{program} {} ended with {}:\n{}", arguments.join(" "), done.status, end.join("\n"));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs a command for its effect.
pub(super) fn run(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}
