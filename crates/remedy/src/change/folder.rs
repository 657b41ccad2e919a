//! Folders, given another name.
//!
//! A folder is renamed within the folder that it is in, so nothing is copied and no disk fills up. Only one that is a
//! folder itself and the user's own is, and only to a name that nothing has.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use goplswatch_core::message::Message;

use super::hash::Digest;
use super::plan::Seal;
use super::refusal::Refusal;
use crate::said::verbatim;

/// Gives a folder another name.
pub(super) fn rename(from: &str, to: &str) -> Result<(), Refusal> {
    let refused = |why| Refusal::new(why, Message::DoLookBothNames);
    if Path::new(from).parent() != Path::new(to).parent() || !from.starts_with('/') {
        return Err(refused(Message::NotSameFolder { from: verbatim(from), to: verbatim(to) }));
    }
    if !is_own_folder(from) {
        return Err(refused(Message::NoOwnFolder { path: verbatim(from) }));
    }
    if !is_free(to) {
        return Err(refused(Message::ThereAlready { path: verbatim(to) }));
    }
    // Should somebody make a folder of that name in this very moment, it is replaced only if it is empty (rename(2)).
    let renamed = std::fs::rename(from, to).and_then(|()| crate::disk::sync_folder(Path::new(to)));
    renamed.map_err(|error| refused(Message::NotRenamed { path: verbatim(from), why: verbatim(&error) }))
}

/// Whether a folder is the one of this seal.
pub(super) fn has(folder: &str, seal: &Seal) -> bool {
    Digest::of_file(&Path::new(folder).join(&seal.file)).is_ok_and(|digest| digest.sha256 == seal.sha256)
}

/// Which of its two names a folder has: `true`, the one that the step gives it. `is_free`: whether nothing has a name.
pub(super) fn is_renamed(from: &str, to: &str, is_free: impl Fn(&str) -> bool) -> Result<bool, Refusal> {
    let (old, new) = (verbatim(from), verbatim(to));
    match (is_free(from), is_free(to)) {
        (false, true) => Ok(false),
        (true, false) => Ok(true),
        (false, false) => Err(Refusal::new(Message::BothNames { from: old, to: new }, Message::DoKeepNewer)),
        (true, true) => Err(Refusal::new(Message::NeitherName { from: old, to: new }, Message::DoKeepNewer)),
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
        let other = |from: &str| Message::NoOwnFolder { path: verbatim(&at(from)) };
        let taken = |to: &str| Message::ThereAlready { path: verbatim(&at(to)) };
        for (from, to, why) in [
            ("a", "deep/a", Message::NotSameFolder { from: verbatim(&at("a")), to: verbatim(&at("deep/a")) }),
            ("link", "other", other("link")),
            ("go.mod", "other", other("go.mod")),
            ("absent", "other", other("absent")),
            ("a", "deep", taken("deep")),
            ("a", "link", taken("link")),
        ] {
            assert_eq!(rename(&at(from), &at(to)).unwrap_err().why.as_ref(), &why);
        }
        assert_eq!(rename(&at("a"), &at("a.noindex")), Ok(()));
        assert_eq!(is_renamed(&at("a"), &at("a.noindex"), is_free), Ok(true));
        std::fs::create_dir(at("a")).unwrap();
        let both = is_renamed(&at("a"), &at("a.noindex"), is_free).unwrap_err();
        assert!(matches!(*both.why, Message::BothNames { .. }), "{both:?}");
    }
}
