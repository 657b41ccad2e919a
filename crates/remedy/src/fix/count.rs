//! Counts the files in a folder of the user's.
//!
//! The scan is bounded by entries and by time, stays on one file system and follows no links. A
//! folder counts as completely seen only if everything below it was.

use std::fs::{DirEntry, ReadDir};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use goplswatch_gopls::{Folder, is_passed_over};

/// The bounds of a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The number of entries.
    pub(super) entries: u64,
    /// The duration.
    pub(super) time: Duration,
    /// The depth: every level holds a file descriptor.
    pub(super) depth: usize,
}

/// The contents of a folder.
#[derive(Debug)]
pub(super) struct ScanResult {
    /// All files and folders below it that gopls would see.
    pub(super) entries: u64,
    /// Every folder below it.
    pub(super) folders: Vec<Folder>,
    /// Whether the scan was cut short.
    pub(super) cut: bool,
}

/// A folder that is being scanned.
struct Open {
    reader: ReadDir,
    folder: Folder,
}

/// Scans a folder. Folders that the go command ignores are skipped.
pub(super) fn scan(root: &Path, bounds: Bounds) -> io::Result<ScanResult> {
    let until = Instant::now() + bounds.time;
    let disk = root.metadata()?.dev();
    let mut seen = ScanResult { entries: 0, folders: Vec::new(), cut: false };
    let top = Folder { path: String::new(), entries: 0, go_files: 0, whole: true };
    let mut open = vec![Open { reader: std::fs::read_dir(root)?, folder: top }];
    while let Some(current) = open.last_mut() {
        let Some(entry) = current.reader.next() else {
            close(&mut open, &mut seen);
            continue;
        };
        if seen.entries >= bounds.entries || Instant::now() >= until {
            seen.cut = true;
            open.iter_mut().for_each(|open| open.folder.whole = false);
            while !open.is_empty() {
                close(&mut open, &mut seen);
            }
            break;
        }
        let Ok(entry) = entry else {
            current.folder.whole = false;
            continue;
        };
        let name = entry.file_name();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && name.to_str().is_some_and(is_passed_over) {
            continue;
        }
        seen.entries += 1;
        current.folder.entries += 1;
        if !is_folder {
            let is_go = name.to_str().is_some_and(|n| n.ends_with(".go") || matches!(n, "go.mod" | "go.work"));
            current.folder.go_files += u64::from(is_go);
            continue;
        }
        let path = name.to_str().map(|name| match current.folder.path.as_str() {
            "" => name.to_owned(),
            outer => format!("{outer}/{name}"),
        });
        let depth = open.len();
        match (path, reader(&entry, disk)) {
            (Some(path), Some(reader)) if depth < bounds.depth => {
                open.push(Open { reader, folder: Folder { path, entries: 0, go_files: 0, whole: true } });
            }
            _ => open.iter_mut().for_each(|open| open.folder.whole = false),
        }
    }
    Ok(seen)
}

/// A reader for a folder, if it can be read and is on this file system.
fn reader(entry: &DirEntry, disk: u64) -> Option<ReadDir> {
    let same = entry.metadata().is_ok_and(|metadata| metadata.dev() == disk);
    same.then(|| std::fs::read_dir(entry.path()).ok()).flatten()
}

/// Ends the innermost folder, and adds its counts to its parent.
fn close(open: &mut Vec<Open>, seen: &mut ScanResult) {
    let Some(Open { folder, .. }) = open.pop() else { return };
    if let Some(outer) = open.last_mut() {
        outer.folder.entries += folder.entries;
        outer.folder.go_files += folder.go_files;
        outer.folder.whole &= folder.whole;
        seen.folders.push(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { entries: 1_000, time: Duration::from_secs(20), depth: 8 };

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in ["a/b", "a/testdata/x", ".git", "deep/1/2/3/4/5/6/7/8"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for file in ["go.mod", "a/a.go", "a/b/x.bin", "a/b/y.bin", "a/testdata/x/t.go", ".git/HEAD"] {
            std::fs::write(root.path().join(file), "").unwrap();
        }
        std::os::unix::fs::symlink(root.path(), root.path().join("a/b/loop")).unwrap();
        root
    }

    fn at<'a>(seen: &'a ScanResult, path: &str) -> &'a Folder {
        seen.folders.iter().find(|folder| folder.path == path).unwrap()
    }

    #[test]
    fn everything_below_is_counted_once() {
        let root = tree();
        let seen = scan(root.path(), BOUNDS).unwrap();
        assert!(!seen.cut);
        assert_eq!(*at(&seen, "a/b"), Folder { path: "a/b".into(), entries: 3, go_files: 0, whole: true });
        assert_eq!(*at(&seen, "a"), Folder { path: "a".into(), entries: 5, go_files: 1, whole: true });
        assert!(!seen.folders.iter().any(|f| f.path.contains("testdata") || f.path.contains(".git")), "{seen:?}");
        assert!(!at(&seen, "deep/1").whole, "what lies deeper than is looked is not known");
        assert_eq!(seen.entries, 15);
    }

    #[test]
    fn what_was_cut_short_says_so() {
        let root = tree();
        for bounds in [Bounds { entries: 3, ..BOUNDS }, Bounds { time: Duration::ZERO, ..BOUNDS }] {
            let seen = scan(root.path(), bounds).unwrap();
            assert!(seen.cut && seen.entries <= 3, "{seen:?}");
            assert!(seen.folders.iter().all(|folder| !folder.whole || folder.entries < 3), "{seen:?}");
        }
    }
}
