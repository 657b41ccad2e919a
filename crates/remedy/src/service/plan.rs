//! A change as data: what will be done, in which order, in words and to the letter.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::PathBuf;

use super::{Manager, Site, typed};

/// A change that can be shown and then carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose commands it runs: the exit codes are explained accordingly.
    pub manager: Manager,
    /// In order; none where nothing has to change.
    pub steps: Vec<Step>,
    /// What is worth knowing before saying yes: whole sentences.
    pub warnings: Vec<String>,
    /// What is worth knowing afterwards: whole sentences.
    pub afterwards: Vec<String>,
    /// Whether the agent begins in the course of it, and not earlier: one that began before is not the service's.
    pub anew: bool,
}

/// One step. Each may be done again without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does, as one line that begins with a verb.
    pub does: &'static str,
    /// To the letter.
    pub action: Action,
}

/// What a step does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Creates a folder and those above it.
    Folder(PathBuf),
    /// Writes a file, whole or not at all, mode 0644, with the folders above it.
    Write {
        /// The file.
        path: PathBuf,
        /// All it will say.
        text: String,
    },
    /// Removes a file.
    Remove(PathBuf),
    /// Runs a command: no shell, its own process group, a deadline.
    Run {
        /// The program, absolute, and its arguments.
        argv: Vec<OsString>,
        /// Exit codes beside 0 that mean there was nothing left to do, or that a later step will tell.
        fine: &'static [i32],
        /// Exit codes that may pass: tried again after a pause.
        again: &'static [i32],
    },
    /// Asks by a command until it answers as wanted.
    Wait {
        /// The question.
        argv: Vec<OsString>,
        /// The wanted answer.
        until: Until,
    },
}

/// The answer that ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Exit code 0, also after a moment.
    There,
    /// Any other exit code.
    Gone,
}

impl Plan {
    pub(super) const fn new(manager: Manager) -> Self {
        Self { manager, steps: Vec::new(), warnings: Vec::new(), afterwards: Vec::new(), anew: false }
    }

    pub(super) fn step(&mut self, does: &'static str, action: Action) {
        self.steps.push(Step { does, action });
    }

    /// The plan as text: every step in words, then to the letter, files with all they will say.
    pub fn preview(&self) -> String {
        let mut text = String::new();
        for (i, step) in self.steps.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{:>3}. {}", i + 1, step.does);
            match &step.action {
                Action::Folder(path) | Action::Remove(path) => {
                    let _ = writeln!(text, "     {}", path.display());
                }
                Action::Write { path, text: content } => {
                    let _ = writeln!(text, "     {}", path.display());
                    for line in content.lines() {
                        let _ = writeln!(text, "{}", format!("     | {line}").trim_end());
                    }
                }
                Action::Run { argv, .. } | Action::Wait { argv, .. } => {
                    let _ = writeln!(text, "     $ {}", line(argv));
                }
            }
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "\nNote: {warning}");
        }
        text
    }
}

/// A command of the site's manager.
pub(super) fn command<W: AsRef<OsStr>>(site: &Site, words: &[W]) -> Vec<OsString> {
    std::iter::once(site.tool.as_os_str()).chain(words.iter().map(AsRef::as_ref)).map(OsStr::to_owned).collect()
}

/// A command as a person would type it.
pub(super) fn line(argv: &[OsString]) -> String {
    argv.iter().map(|word| typed(word)).collect::<Vec<_>>().join(" ")
}
