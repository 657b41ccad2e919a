//! A change as data: what will be done, in which order, in words and to the letter.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::PathBuf;

use goplswatch_core::shell;

use super::bundle::Digest;
use super::{Manager, Site};

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
    /// Whether the agent can be started without it: of the application bundle. Where such a step fails, the same plan
    /// is to be had without a bundle ([`Site::without_bundle`]).
    pub spare: bool,
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
    /// Writes a file of bytes that nobody reads, as [`Action::Write`] does.
    Place {
        /// The file.
        path: PathBuf,
        /// All of it.
        bytes: &'static [u8],
    },
    /// Copies a program, its bytes alone, mode 0755, with the folders above it.
    Copy {
        /// What is copied; a link is followed.
        from: PathBuf,
        /// The new file. One of that name is removed first, never written over.
        to: PathBuf,
        /// What it was when the plan was made. If it is something else by then, the step fails.
        digest: Digest,
    },
    /// Removes a file.
    Remove(PathBuf),
    /// Removes a folder and all that is in it. A link is removed, not followed.
    RemoveTree(Tree),
    /// Renames a folder. There must be nothing of the new name.
    Move {
        /// The folder.
        from: PathBuf,
        /// Its new name, on the same disk.
        to: PathBuf,
    },
    /// Signs, or looks at a signature, by Apple's codesign: as [`Action::Run`], and anything but exit code 0 is a
    /// failure.
    Sign(Vec<OsString>),
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

/// A folder, and what was in it when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The folder.
    pub path: PathBuf,
    /// What is in it, however deep, by the path from there.
    pub files: Vec<PathBuf>,
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
        self.steps.push(Step { does, action, spare: false });
    }

    /// A step that the agent can be started without.
    pub(super) fn spare_step(&mut self, does: &'static str, action: Action) {
        self.steps.push(Step { does, action, spare: true });
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
                Action::Place { path, bytes } => {
                    let _ = writeln!(text, "     {}\n     ({})", path.display(), Digest::of_bytes(bytes));
                }
                Action::Copy { from, to, digest } => {
                    let _ = writeln!(text, "     {}\n     from {}\n     ({digest})", to.display(), from.display());
                }
                Action::Move { from, to } => {
                    let _ = writeln!(text, "     {}\n     to {}", from.display(), to.display());
                }
                Action::RemoveTree(Tree { path, files }) => {
                    let _ = writeln!(text, "     {}", path.display());
                    for file in files {
                        let _ = writeln!(text, "     - {}", file.display());
                    }
                }
                Action::Run { argv, .. } | Action::Wait { argv, .. } | Action::Sign(argv) => {
                    let _ = writeln!(text, "     $ {}", shell::line(argv));
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
