//! Folders of others: given another name, and looked through to be counted.
//!
//! A folder is renamed within the folder that it is in, so nothing is copied and no disk fills up. Only one that is a
//! folder itself and the user's own is, and only to a name that nothing has.
//!
//! What is looked through is bounded, by entries and by time, stays on its disk and follows no link. A folder counts as
//! seen whole only if everything below it was.

use std::fs::{DirEntry, ReadDir};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use goplswatch_gopls::{Folder, is_passed_over};

use super::Refusal;
use super::step::Stuck;

/// Gives a folder another name.
pub(super) fn rename(from: &str, to: &str) -> Result<String, Stuck> {
    let again = "look at both names: ls -ld";
    if Path::new(from).parent() != Path::new(to).parent() || !from.starts_with('/') {
        return Err(Stuck::new(format!("{from} and {to} are not in the same folder"), again));
    }
    if !is_own_folder(from) {
        return Err(Stuck::new(format!("{from} is no folder of yours"), again));
    }
    if !is_free(to) {
        return Err(Stuck::new(format!("{to} is there already"), again));
    }
    // Should somebody make a folder of that name in this very moment, it is replaced only if it is empty (rename(2)).
    let renamed = std::fs::rename(from, to).and_then(|()| crate::disk::sync_folder(Path::new(to)));
    renamed.map_err(|error| Stuck::new(format!("{from} could not be renamed: {error}"), again))?;
    Ok("renamed".into())
}

/// Which of its two names a folder has.
pub(super) enum Stands {
    /// The one that it had before.
    Before,
    /// The one that the step gives it.
    After,
}

/// Which name it has now.
pub(super) fn stands(from: &str, to: &str) -> Result<Stands, Refusal> {
    let both = "look at both names, and keep what is newer: ls -ld";
    match (is_free(from), is_free(to)) {
        (false, true) => Ok(Stands::Before),
        (true, false) => Ok(Stands::After),
        (false, false) => Err(Refusal::new(format!("both {from} and {to} are there by now"), both)),
        (true, true) => Err(Refusal::new(format!("neither {from} nor {to} is there any more"), both)),
    }
}

fn is_own_folder(path: &str) -> bool {
    let own = rustix::process::geteuid().as_raw();
    Path::new(path).symlink_metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own)
}

fn is_free(path: &str) -> bool {
    Path::new(path).symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// How far is looked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// So many entries.
    pub(super) entries: u64,
    /// So long.
    pub(super) time: Duration,
    /// So deep: every level holds a descriptor.
    pub(super) depth: usize,
}

/// What is below a folder.
#[derive(Debug)]
pub(super) struct Seen {
    /// Files and folders of it all that gopls would see.
    pub(super) entries: u64,
    /// Every folder below it.
    pub(super) folders: Vec<Folder>,
    /// It was cut short.
    pub(super) cut: bool,
}

/// A folder that is being looked through.
struct Open {
    reader: ReadDir,
    folder: Folder,
}

/// Looks through a folder. What the go command passes over is passed over.
pub(super) fn look(root: &Path, bounds: Bounds) -> io::Result<Seen> {
    let until = Instant::now() + bounds.time;
    let disk = root.metadata()?.dev();
    let mut seen = Seen { entries: 0, folders: Vec::new(), cut: false };
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

/// One that can be read and lies on this disk.
fn reader(entry: &DirEntry, disk: u64) -> Option<ReadDir> {
    let same = entry.metadata().is_ok_and(|metadata| metadata.dev() == disk);
    same.then(|| std::fs::read_dir(entry.path()).ok()).flatten()
}

/// Ends the innermost folder, and adds what is below it to the one around it.
fn close(open: &mut Vec<Open>, seen: &mut Seen) {
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

    fn at<'a>(seen: &'a Seen, path: &str) -> &'a Folder {
        seen.folders.iter().find(|folder| folder.path == path).unwrap()
    }

    #[test]
    fn everything_below_is_counted_once() {
        let root = tree();
        let seen = look(root.path(), BOUNDS).unwrap();
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
            let seen = look(root.path(), bounds).unwrap();
            assert!(seen.cut && seen.entries <= 3, "{seen:?}");
            assert!(seen.folders.iter().all(|folder| !folder.whole || folder.entries < 3), "{seen:?}");
        }
    }

    #[test]
    fn a_folder_is_renamed_only_to_a_free_name_beside_it() {
        let root = tree();
        let at = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
        std::os::unix::fs::symlink(root.path().join("a"), root.path().join("link")).unwrap();
        for (from, to, said) in [
            ("a", "deep/a", "not in the same folder"),
            ("link", "other", "no folder of yours"),
            ("go.mod", "other", "no folder of yours"),
            ("absent", "other", "no folder of yours"),
            ("a", "deep", "is there already"),
            ("a", "link", "is there already"),
        ] {
            assert!(rename(&at(from), &at(to)).unwrap_err().why.contains(said), "{from} {to}");
        }
        assert_eq!(rename(&at("a"), &at("a.noindex")), Ok("renamed".into()));
        assert!(matches!(stands(&at("a"), &at("a.noindex")), Ok(Stands::After)));
        std::fs::create_dir(at("a")).unwrap();
        assert!(stands(&at("a"), &at("a.noindex")).is_err_and(|refusal| refusal.why.contains("both")));
    }
}
