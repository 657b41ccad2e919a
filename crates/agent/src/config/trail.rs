//! Finds what has to be watched to notice that a file changes: the folders that contain it and the
//! links that lead to it.
//!
//! Editors replace a file by renaming another one over it, so its folder has to be watched, not its
//! inode. Dotfile managers put a link in place of the file or of its folder, so the folder of every
//! link on the path is watched as well, except for links directly below the root, which belong to
//! the system. If a part of the path does not exist, the last existing folder is watched, because
//! the missing part will appear there.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// The kernel follows no more links than this either (Linux `MAXSYMLINKS`, path_resolution(7);
/// macOS has 32).
const MOST_LINKS: usize = 40;

/// The paths to watch for a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trail {
    /// The folders to watch, without their subfolders.
    pub(super) folders: BTreeSet<PathBuf>,
    /// The entries of these folders whose changes matter.
    pub(super) names: BTreeSet<PathBuf>,
    /// The file itself, if it exists and is a regular file.
    pub(super) file: Option<PathBuf>,
}

impl Trail {
    /// Resolves the absolute path of a file as the kernel does.
    pub(super) fn of(path: &Path) -> Self {
        let mut trail = Self::default();
        let mut links = 0;
        let mut at = PathBuf::new();
        let mut rest: VecDeque<OsString> = steps(path);
        while let Some(step) = rest.pop_front() {
            if step == "/" {
                at.push(step);
                continue;
            }
            if step == ".." {
                // The path up to here contains no link, so the folder above is its parent.
                at.pop();
                continue;
            }
            let next = at.join(&step);
            let found = match std::fs::symlink_metadata(&next) {
                Ok(found) => found,
                Err(error) => {
                    // A folder that may not be searched cannot be watched either, but perhaps its
                    // parent can.
                    if error.kind() == ErrorKind::PermissionDenied && at.parent().is_some() {
                        trail.ends_in(at.parent().unwrap_or(&at).to_owned(), at.clone());
                    } else {
                        trail.ends_in(at, next);
                    }
                    return trail;
                }
            };
            if found.is_symlink() {
                links += 1;
                if at != Path::new("/") {
                    trail.ends_in(at.clone(), next.clone());
                }
                let Ok(target) = std::fs::read_link(&next) else { return trail };
                if links > MOST_LINKS {
                    return trail;
                }
                let mut way = steps(&target);
                way.append(&mut rest);
                rest = way;
                if target.is_absolute() {
                    at = PathBuf::new();
                }
            } else if found.is_dir() && !rest.is_empty() {
                at = next;
            } else {
                trail.file = (found.is_file() && rest.is_empty()).then(|| next.clone());
                trail.ends_in(at, next);
                return trail;
            }
        }
        trail
    }

    /// The same where folders outside of the program's own may not be watched (see `watch.rs`):
    /// only that folder and the file. A link within that folder is noticed, one further up is not.
    pub(super) fn own_only(mut self, path: &Path) -> Self {
        self.folders.clear();
        if let Some(own) = path.parent().filter(|own| own.is_dir()) {
            self.folders.insert(own.to_owned());
        }
        self
    }

    fn ends_in(&mut self, folder: PathBuf, name: PathBuf) {
        self.folders.insert(folder);
        self.names.insert(name);
    }
}

fn steps(path: &Path) -> VecDeque<OsString> {
    path.components()
        .map(|c| match c {
            Component::RootDir => OsString::from("/"),
            other => other.as_os_str().to_owned(),
        })
        .filter(|step| step != ".")
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let kept = tempfile::tempdir().unwrap();
        let real = kept.path().canonicalize().unwrap();
        (kept, real)
    }

    fn set<const N: usize>(paths: [PathBuf; N]) -> BTreeSet<PathBuf> {
        paths.into()
    }

    #[test]
    fn a_file_is_watched_by_its_folder() {
        let (_kept, home) = folder();
        let file = home.join("config.toml");
        std::fs::write(&file, "").unwrap();
        let trail = Trail::of(&file);
        assert_eq!(trail.folders, set([home]));
        assert_eq!((trail.names, trail.file), (set([file.clone()]), Some(file)));
    }

    #[test]
    fn what_is_missing_is_awaited_where_it_will_appear() {
        let (_kept, home) = folder();
        let trail = Trail::of(&home.join("a/b/config.toml"));
        assert_eq!(trail, Trail { folders: set([home.clone()]), names: set([home.join("a")]), file: None });
    }

    #[test]
    fn every_link_on_the_way_counts() {
        let (_kept, home) = folder();
        std::fs::create_dir_all(home.join("dotfiles/goplswatch")).unwrap();
        std::fs::create_dir_all(home.join("store")).unwrap();
        std::fs::create_dir(home.join("config")).unwrap();
        symlink("../dotfiles/goplswatch", home.join("config/goplswatch")).unwrap();
        symlink(home.join("store/config.toml"), home.join("dotfiles/goplswatch/config.toml")).unwrap();
        std::fs::write(home.join("store/config.toml"), "").unwrap();
        let path = home.join("config/goplswatch/config.toml");
        let trail = Trail::of(&path);
        assert_eq!(trail.folders, set([home.join("config"), home.join("dotfiles/goplswatch"), home.join("store")]));
        assert_eq!(
            trail.names,
            set([
                home.join("config/goplswatch"),
                home.join("dotfiles/goplswatch/config.toml"),
                home.join("store/config.toml")
            ])
        );
        assert_eq!(trail.file, Some(home.join("store/config.toml")));
        assert_eq!(trail.own_only(&path).folders, set([home.join("config/goplswatch")]));
    }

    #[test]
    fn odd_ways_end() {
        let (_kept, home) = folder();
        symlink("circle", home.join("circle")).unwrap();
        assert_eq!(Trail::of(&home.join("circle/config.toml")).folders, set([home.clone()]));
        std::fs::write(home.join("plain"), "").unwrap();
        let below_a_file = Trail::of(&home.join("plain/config.toml"));
        assert_eq!((below_a_file.folders, below_a_file.file), (set([home.clone()]), None));
        std::fs::create_dir(home.join("folder")).unwrap();
        assert_eq!(Trail::of(&home.join("folder")).file, None);
        symlink("../../../../../../../../../../no such file", home.join("up")).unwrap();
        assert_eq!(Trail::of(&home.join("up")).names, set([home.join("up"), PathBuf::from("/no such file")]));
    }
}
