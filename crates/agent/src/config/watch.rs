//! Notices that the config file may have changed, by its metadata.
//!
//! Theory of operation. Each check asks the kernel for the identity, size and times of the file at
//! the path, following links as a reader does. A change of any of these means that the file was
//! edited in place, replaced by a rename, or that a link on the path leads elsewhere. The caller
//! decides when to check; the engine's thread requests it when it is awake anyway (`owner.rs`). The
//! check is made on a thread of its own (`agent.rs`), because the file may be on a mount whose server
//! is gone.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The shortest time between two checks: a little less than five scans at rest.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_millis(4_900);
/// The file must stay the same for this long, because an editor saves in several steps.
const SETTLE: Duration = Duration::from_millis(200);
/// A check looks at the file at most this often if it does not stay the same.
const ATTEMPTS: usize = 10;

/// What shows that a file is another one, or has another content: its device, inode and size, and
/// the seconds and nanoseconds of its last modification and status change.
type Stamp = (u64, u64, u64, [i64; 4]);

/// Watches one file, which need not exist.
#[derive(Debug)]
pub(crate) struct Watch {
    path: PathBuf,
    known: Option<Stamp>,
    /// Whether the last check reported a change.
    recent: bool,
}

impl Watch {
    /// Watches the file at this absolute path.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, known: None, recent: true }
    }

    /// Whether the file may have changed since the last call; always true the first time. Read the
    /// file afterwards. After a change the next call returns true once more: where a file system
    /// keeps times in whole seconds, another change in the same second does not show. `settle`
    /// waits while the file is being saved. May hang.
    pub(crate) fn check(&mut self, mut settle: impl FnMut()) -> bool {
        let before = self.known;
        for _ in 0..ATTEMPTS {
            let now = stamp(&self.path);
            if now == self.known {
                break;
            }
            self.known = now;
            settle();
        }
        let changed = self.known != before;
        std::mem::replace(&mut self.recent, changed) || changed
    }
}

/// Waits for as long as a file must stay the same.
#[expect(clippy::disallowed_methods, reason = "the file system tells nobody; no loop runs on this thread")]
pub(crate) fn settle() {
    std::thread::sleep(SETTLE);
}

/// The stamp of the file at this path. If the path leads to no file, that of the last part of it
/// which exists, so that a link that leads nowhere differs from no link.
fn stamp(path: &Path) -> Option<Stamp> {
    let nearest = || path.ancestors().find_map(|part| fs::symlink_metadata(part).ok());
    let found = fs::metadata(path).ok().or_else(nearest)?;
    let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
    Some((found.dev(), found.ino(), found.size(), times))
}

#[cfg(test)]
mod tests;
