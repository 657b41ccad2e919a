//! Remembers the executable of a running process as it was when the process was first seen.
//!
//! macOS has no `/proc/PID/exe`: the path that the kernel reports follows a file that is renamed,
//! and fails once the file is deleted. So the file at that path is remembered while the process is
//! young, and compared later.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

use goplswatch_core::Reading;
use goplswatch_core::message::{Message, Verbatim};
use goplswatch_core::types::BinaryChange;

use crate::xnu::{FileMark, binary_change};

/// A file that was written this long after the start of a process is not the one that the process
/// runs.
const SLACK_US: u64 = 1_000_000;

/// The path of an executable, and what was there when it was first seen.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) path: Vec<u8>,
    before: Before,
}

#[derive(Clone, Debug)]
enum Before {
    /// The file that the process runs.
    Stood(FileMark),
    /// The kernel reported that the file was gone already.
    Gone,
    /// There is a file, but it may be another one.
    Unsure(Message),
}

impl Origin {
    /// Records an executable when it is first seen. `unlinked` is whether the kernel reported that
    /// there is no file at its path any more; `path` is then the one that was given to exec.
    pub(super) fn first_seen(path: Vec<u8>, unlinked: bool, started_wall_us: Option<u64>) -> Self {
        let before = if unlinked { Before::Gone } else { first_mark(&path, started_wall_us) };
        Self { path, before }
    }

    /// What has happened to the executable since.
    pub(super) fn change(&self) -> Reading<Option<BinaryChange>> {
        let now = match stand(&self.path) {
            Ok(now) => now,
            Err(why) => return Reading::unknown(why),
        };
        match (&self.before, now) {
            (Before::Stood(before), now) => Reading::Known(binary_change(before, now.as_ref().map(mark).as_ref())),
            (_, None) => Reading::Known(Some(BinaryChange::Deleted)),
            (Before::Gone, Some(_)) => Reading::Known(Some(BinaryChange::Replaced)),
            (Before::Unsure(why), Some(_)) => Reading::unknown(why.clone()),
        }
    }
}

fn first_mark(path: &[u8], started_wall_us: Option<u64>) -> Before {
    let file = match stand(path) {
        Ok(Some(file)) => file,
        Ok(None) => return Before::Gone,
        Err(why) => return Before::Unsure(why),
    };
    let Some(started) = started_wall_us else {
        return Before::Unsure(Message::StartUntold);
    };
    let modified = u64::try_from(file.mtime()).unwrap_or(0).saturating_mul(1_000_000);
    let born = file.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    let born = born.and_then(|born| u64::try_from(born.as_micros()).ok()).unwrap_or(0);
    if modified.max(born) > started.saturating_add(SLACK_US) {
        return Before::Unsure(Message::ExecutableYounger);
    }
    Before::Stood(mark(&file))
}

/// The file at a path; `None`: there is none. Symbolic links are followed, as exec does.
fn stand(path: &[u8]) -> Result<Option<Metadata>, Message> {
    match std::fs::metadata(Path::new(OsStr::from_bytes(path))) {
        Ok(file) => Ok(Some(file)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Message::ExecutableUnseen { error: Verbatim::of(error) }),
    }
}

fn mark(file: &Metadata) -> FileMark {
    FileMark { device: file.dev(), inode: file.ino(), modified_s: file.mtime(), modified_ns: file.mtime_nsec() }
}
