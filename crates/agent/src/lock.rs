//! One agent at a time: a file that is locked as long as it runs, and says who holds it.
//!
//! The lock guards the history: two writers would damage it. The system drops it with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use goplswatch_core::message::Message;

use crate::socket::{make_own, of_system};

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Why there is no lock.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another agent runs, which the lock names.
    Held(Option<String>),
    /// It cannot be known whether another one runs.
    Unusable {
        /// The file.
        path: String,
        /// Why.
        error: Box<Message>,
    },
}

impl Lock {
    /// Takes the lock, and writes `who` into it for those who come later.
    ///
    /// # Errors
    /// See [`LockError`].
    pub(crate) fn take(path: &Path, who: &str) -> Result<Self, LockError> {
        let unusable =
            |error: Message| LockError::Unusable { path: path.display().to_string(), error: Box::new(error) };
        if let Some(folder) = path.parent() {
            make_own(folder).map_err(unusable)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(path).map_err(|error| unusable(of_system(error)))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Whoever holds it may be about to write its name.
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = holder.lines().next().filter(|line| !line.is_empty());
                return Err(LockError::Held(holder.map(str::to_owned)));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(of_system(error))),
        }
        // The name is for people; the lock holds without it.
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
        assert!(matches!(&second, LockError::Held(Some(by)) if by == "pid 7, a name that is long"), "{second:?}");
        drop(first);
        let _second = Lock::take(&path, "pid 8").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "pid 8\n");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_no_running_agent() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = Lock::take(&folder.path().join("file/agent.lock"), "x").unwrap_err();
        assert!(matches!(error, LockError::Unusable { .. }), "{error:?}");
    }
}
