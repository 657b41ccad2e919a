//! Allows one agent at a time: a file that is locked while the agent runs, and names its holder.
//!
//! The lock protects the history, which two writers would damage. The kernel releases it with the
//! process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_disk::own::{self, Purpose};

use crate::socket::of_system;

/// The lock. It is held as long as this value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Why the lock could not be taken.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another agent runs; the message names it.
    Held(Message),
    /// It cannot be determined whether another agent runs.
    Unusable {
        /// The file.
        path: String,
        /// Why.
        error: SharedMessage,
    },
}

/// The holder as it is written to the file, which other versions read as well.
pub(crate) fn name(pid: u32, since: impl std::fmt::Display) -> String {
    format!("pid {pid}, since {since}")
}

/// Parses what [`name`] wrote. What another version wrote in another form is shown as it is.
fn named(holder: &str) -> Message {
    let parts = holder.strip_prefix("pid ").and_then(|rest| rest.split_once(", since "));
    match parts {
        _ if holder.is_empty() => Message::AgentUnnamed,
        Some((pid, since)) => Message::AgentHolds { pid: Verbatim::of(pid), since: Verbatim::of(since) },
        None => Message::reported(holder),
    }
}

impl Lock {
    /// Takes the lock, and writes `who` into it for agents that start later.
    ///
    /// # Errors
    /// See [`LockError`].
    pub(crate) fn take(path: &Path, who: &str) -> Result<Self, LockError> {
        let unusable =
            |error: Message| LockError::Unusable { path: path.display().to_string(), error: SharedMessage::new(error) };
        if let Some(folder) = path.parent() {
            // The state folder may be a link of a manager of dot files.
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|e| unusable(of_system(e)))?;
            own::check_folder(folder).map_err(|error| unusable(of_system(error)))?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = own::open(path, &options, Purpose::Trusted).map_err(|error| unusable(of_system(error)))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may be just about to write its name.
                let _ = file.take(200).read_to_string(&mut holder);
                return Err(LockError::Held(named(holder.lines().next().unwrap_or_default())));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(of_system(error))),
        }
        // The name is only informative; the lock holds without it.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{who}"));
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/agent.lock");
        let first = Lock::take(&path, "pid 7, a name that is long").unwrap();
        let second = Lock::take(&path, "pid 8").unwrap_err();
        let LockError::Held(by) = second else { panic!("{second:?}") };
        assert_eq!(by, Message::reported("pid 7, a name that is long"));
        drop(first);
        let _second = Lock::take(&path, "pid 8").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "pid 8\n");
    }

    #[test]
    fn who_holds_it_is_read_back() {
        let by = Message::AgentHolds { pid: Verbatim::of(7), since: Verbatim::of("2026-12-01T10:00:00Z") };
        assert_eq!(named(&name(7, "2026-12-01T10:00:00Z")), by);
        assert_eq!(named(""), Message::AgentUnnamed);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_no_running_agent() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = Lock::take(&folder.path().join("file/agent.lock"), "x").unwrap_err();
        assert!(matches!(error, LockError::Unusable { .. }), "{error:?}");
    }
}
