//! Carries a plan out, step by step, and says what came of each.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use goplswatch_core::shell;
use thiserror::Error;

use super::bundle::{self, Digest};
use super::plan::{Action, Plan, Step, Until};
use super::{Manager, Patience, launchd, systemd};
use crate::command::{self, Answer, Ended, pause};
use crate::disk;

/// The mode of the service's file. launchd refuses one that others may write (its error 122).
const MODE: u32 = 0o644;
/// That of a program.
const EXECUTABLE: u32 = 0o755;

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was done.
    Now,
    /// There was nothing left to do; the text says how that was seen, as a fragment.
    Already(String),
}

/// A step that failed. Those before it stay done, those after it were not begun.
#[derive(Debug, Error)]
pub enum Failed {
    /// A file or folder.
    #[error("could not {does}: {}: {error}", path.display())]
    File {
        /// What the step does.
        does: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A command.
    #[error("could not {does}: `{line}` {came}")]
    Command {
        /// What the step does.
        does: &'static str,
        /// The command as a person would type it.
        line: String,
        /// What came of it and what that means, as a fragment that follows the command.
        came: String,
        /// What to do.
        advice: String,
    },
}

impl Failed {
    /// What to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::File { path, error, .. } => {
                let folder = path.parent().unwrap_or(path);
                let (typed, folder) = (shell::word(folder), folder.display());
                match error.kind() {
                    io::ErrorKind::PermissionDenied => {
                        format!("the folder must be yours: see `ls -ld {typed}`, and `sudo chown` it to yourself")
                    }
                    io::ErrorKind::ReadOnlyFilesystem => {
                        format!("{folder} lies on a file system that cannot be written; another program manages it")
                    }
                    io::ErrorKind::StorageFull => "free some space on that disk".into(),
                    _ => format!("see what {folder} is with `ls -ld {typed}`"),
                }
            }
            Self::Command { advice, .. } => advice.clone(),
        }
    }
}

impl Plan {
    /// Carries it out. `tell` hears of each step that is over, with what came of it.
    ///
    /// # Errors
    /// The first step that fails ends it.
    pub fn apply(&self, patience: &Patience, mut tell: impl FnMut(&Step, &Done)) -> Result<(), Failed> {
        for step in &self.steps {
            let done = Run { manager: self.manager, patience, does: step.does }.step(&step.action)?;
            tell(step, &done);
        }
        Ok(())
    }
}

/// One step under way.
struct Run<'a> {
    manager: Manager,
    patience: &'a Patience,
    does: &'static str,
}

impl Run<'_> {
    fn step(&self, action: &Action) -> Result<Done, Failed> {
        match action {
            Action::Folder(path) => self.file(path, std::fs::create_dir_all(path)),
            Action::Write { path, text } => self.file(path, write(path, text.as_bytes())),
            Action::Place { path, bytes } => self.file(path, write(path, bytes)),
            Action::Copy { from, to, digest } => self.file(to, copy(from, to, digest)),
            Action::Remove(path) => self.unless_gone(path, std::fs::remove_file(path)),
            // It removes a link, and follows none inside.
            Action::RemoveTree(tree) => self.unless_gone(&tree.path, std::fs::remove_dir_all(&tree.path)),
            Action::Move { from, to } => self.rename(from, to),
            Action::Sign(argv) => self.sign(argv),
            Action::Run { argv, fine, again } => self.command(argv, fine, again),
            Action::Wait { argv, until } => self.wait(argv, *until),
        }
    }

    fn file(&self, path: &Path, result: io::Result<()>) -> Result<Done, Failed> {
        match result {
            Ok(()) => Ok(Done::Now),
            Err(error) => Err(Failed::File { does: self.does, path: path.to_owned(), error }),
        }
    }

    fn unless_gone(&self, path: &Path, result: io::Result<()>) -> Result<Done, Failed> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Done::Already("it was gone".into())),
            result => self.file(path, result),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<Done, Failed> {
        match std::fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && to.symlink_metadata().is_ok() => {
                Ok(Done::Already("it has its new name".into()))
            }
            result => self.file(from, result.and_then(|()| disk::sync_folder(to))),
        }
    }

    fn sign(&self, argv: &[OsString]) -> Result<Done, Failed> {
        let answer = command::run(argv, self.patience.command);
        let came = match answer.ended {
            Ended::Code(0) => return Ok(Done::Now),
            Ended::Code(code) => format!("ended with {code}: {}", bundle::meaning(code)),
            _ => explain(self.manager, &answer).0,
        };
        Err(self.failure(argv, &answer, came, bundle::ADVICE.into()))
    }

    fn command(&self, argv: &[OsString], fine: &[i32], again: &[i32]) -> Result<Done, Failed> {
        let mut pauses = self.patience.again.iter();
        loop {
            let answer = command::run(argv, self.patience.command);
            match answer.code() {
                Some(0) => return Ok(Done::Now),
                Some(code) if fine.contains(&code) => return Ok(Done::Already(explain(self.manager, &answer).0)),
                Some(code) if again.contains(&code) => match pauses.next() {
                    Some(time) => pause(*time),
                    None => return Err(self.failed(argv, &answer)),
                },
                _ => return Err(self.failed(argv, &answer)),
            }
        }
    }

    fn wait(&self, argv: &[OsString], until: Until) -> Result<Done, Failed> {
        if until == Until::There {
            pause(self.patience.settle);
        }
        let began = Instant::now();
        loop {
            let answer = command::run(argv, self.patience.command);
            match (answer.code(), until) {
                (Some(0), Until::There) => return Ok(Done::Now),
                (Some(code), Until::Gone) if code != 0 => return Ok(Done::Now),
                (Some(_), _) if began.elapsed() < self.patience.change => pause(self.patience.poll),
                (Some(0), Until::Gone) => return Err(self.stays(argv)),
                _ => return Err(self.failed(argv, &answer)),
            }
        }
    }

    fn failed(&self, argv: &[OsString], answer: &Answer) -> Failed {
        let (came, advice) = explain(self.manager, answer);
        self.failure(argv, answer, came, advice)
    }

    fn failure(&self, argv: &[OsString], answer: &Answer, came: String, advice: String) -> Failed {
        Failed::Command { does: self.does, line: shell::line(argv), came: answer.in_its_words(came), advice }
    }

    fn stays(&self, argv: &[OsString]) -> Failed {
        Failed::Command {
            does: self.does,
            line: shell::line(argv),
            came: format!("still finds the service after {:.1} s", self.patience.change.as_secs_f64()),
            advice: "its end takes long; wait half a minute and run this again".into(),
        }
    }
}

/// What an answer means, as a fragment that follows the command, and what to do.
pub(super) fn explain(manager: Manager, answer: &Answer) -> (String, String) {
    match &answer.ended {
        Ended::Code(code) => {
            let (means, advice) = match manager {
                Manager::Launchd => launchd::words(*code, &answer.said),
                Manager::Systemd => systemd::words(*code),
            };
            (format!("ended with {code}: {means}"), advice.replace("CODE", &code.to_string()))
        }
        Ended::Signal(signal) => {
            (format!("was ended by signal {signal}"), "somebody or the system killed it; run this again".into())
        }
        Ended::TooSlow(deadline) => (
            format!("did not answer within {:.1} s and was killed", deadline.as_secs_f64()),
            format!("{} is stuck or the machine is overloaded; run this again, or log out and in", manager.name()),
        ),
        Ended::NotStarted(error) => {
            let advice = match manager {
                Manager::Launchd => "it is part of every macOS; is this one?",
                Manager::Systemd => systemd::WITHOUT,
            };
            (format!("could not be started: {error}"), advice.into())
        }
    }
}

/// With the folders above it. Until it is complete it has a name that no manager looks at.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
    disk::replace(path, bytes, MODE)
}

/// A new file for the new program: whoever runs one that was written over is killed (golang/go#42684).
fn copy(from: &Path, to: &Path, planned: &Digest) -> io::Result<()> {
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(EXECUTABLE).open(to)?;
    let copied = Digest::copy(&mut File::open(from)?, &mut copy)?;
    if copied != *planned {
        let why = format!("{} is no longer what it was when the plan was made", from.display());
        return Err(io::Error::other(why));
    }
    // Whatever the user takes from new files.
    copy.set_permissions(Permissions::from_mode(EXECUTABLE))?;
    disk::sync_all(&copy)
}
