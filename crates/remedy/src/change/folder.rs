//! Folders, given another name.
//!
//! A folder is renamed within the folder that it is in, so nothing is copied and no disk fills up. Only one that is a
//! folder itself and the user's own is, and only to a name that nothing has.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::hash::Digest;
use super::plan::Seal;
use super::refusal::Refusal;

/// Gives a folder another name.
pub(super) fn rename(from: &str, to: &str) -> Result<(), Refusal> {
    let again = "look at both names: ls -ld";
    if Path::new(from).parent() != Path::new(to).parent() || !from.starts_with('/') {
        return Err(Refusal::new(format!("{from} and {to} are not in the same folder"), again));
    }
    if !is_own_folder(from) {
        return Err(Refusal::new(format!("{from} is no folder of yours"), again));
    }
    if !is_free(to) {
        return Err(Refusal::new(format!("{to} is there already"), again));
    }
    // Should somebody make a folder of that name in this very moment, it is replaced only if it is empty (rename(2)).
    let renamed = std::fs::rename(from, to).and_then(|()| crate::disk::sync_folder(Path::new(to)));
    renamed.map_err(|error| Refusal::new(format!("{from} could not be renamed: {error}"), again))?;
    Ok(())
}

/// Whether a folder is the one of this seal.
pub(super) fn has(folder: &str, seal: &Seal) -> bool {
    Digest::of_file(&Path::new(folder).join(&seal.file)).is_ok_and(|digest| digest.sha256 == seal.sha256)
}

/// Which of its two names a folder has: `true`, the one that the step gives it. `is_free`: whether nothing has a name.
pub(super) fn is_renamed(from: &str, to: &str, is_free: impl Fn(&str) -> bool) -> Result<bool, Refusal> {
    let both = "look at both names, and keep what is newer: ls -ld";
    match (is_free(from), is_free(to)) {
        (false, true) => Ok(false),
        (true, false) => Ok(true),
        (false, false) => Err(Refusal::new(format!("both {from} and {to} are there by now"), both)),
        (true, true) => Err(Refusal::new(format!("neither {from} nor {to} is there any more"), both)),
    }
}

/// Whether it is a folder itself, and the user's own.
pub(super) fn is_own_folder(path: &str) -> bool {
    let own = rustix::process::geteuid().as_raw();
    Path::new(path).symlink_metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == own)
}

/// Whether nothing has this name.
pub(super) fn is_free(path: &str) -> bool {
    Path::new(path).symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_renamed_only_to_a_free_name_beside_it() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["a", "deep"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        std::fs::write(root.path().join("go.mod"), "").unwrap();
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
        assert_eq!(rename(&at("a"), &at("a.noindex")), Ok(()));
        assert_eq!(is_renamed(&at("a"), &at("a.noindex"), is_free), Ok(true));
        std::fs::create_dir(at("a")).unwrap();
        assert!(is_renamed(&at("a"), &at("a.noindex"), is_free).is_err_and(|refusal| refusal.why.contains("both")));
    }
}
