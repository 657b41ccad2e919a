//! The cost of watching a folder on Linux: one inotify watch for each folder in it, of which a user
//! has a limited number.

use std::fs;
use std::path::{Path, PathBuf};

use goplswatch_core::message::{Count, Message};

use crate::file_event_loss::CannotWatch;

/// How events are lost (inotify(7): when the queue is full, `IN_Q_OVERFLOW` is its last event).
pub(crate) const OVERFLOW: Message = Message::QueueRanOver;

/// A folder with more folders in it than this is not watched for lost events.
const MOST_FOLDERS: u64 = 20_000;
/// The detector may use one in this many of the user's watches: a quarter, which editors can spare.
const SHARE: u64 = 4;

/// How many events the kernel queues for one listener (proc_sys_fs(5)).
#[cfg(test)]
pub(crate) fn queue_length() -> Option<u64> {
    limit("max_queued_events")
}

/// Whether enough inotify watches are left for a folder and everything below it.
pub(crate) fn check_watch_budget(folder: &Path) -> Result<(), CannotWatch> {
    let most = limit("max_user_watches").map_or(MOST_FOLDERS, |limit| MOST_FOLDERS.min(limit / SHARE));
    if folders_below(folder, most) {
        return Ok(());
    }
    Err(CannotWatch::denied(Message::TooManyFolders { most: Count::new(most) }))
}

fn limit(name: &str) -> Option<u64> {
    fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?.trim().parse().ok()
}

/// Whether a folder contains at most `most` folders, itself included. Symbolic links are not
/// followed. An unreadable folder counts as one: what is in it cannot be watched either.
fn folders_below(folder: &Path, most: u64) -> bool {
    let mut found = 1;
    let mut next: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = next.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            found += 1;
            if found > most {
                return false;
            }
            next.push(entry.path());
        }
    }
    found <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_counted_and_links_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        fs::create_dir_all(here.join("a/b/c")).unwrap();
        fs::write(here.join("a/file"), "").unwrap();
        std::os::unix::fs::symlink("/", here.join("a/root")).unwrap();
        assert!(folders_below(here, 4) && !folders_below(here, 3));
        assert!(folders_below(&here.join("gone"), 1));
    }
}
