//! Renames folders.
//!
//! A folder is renamed within its parent folder, so nothing is copied and no disk fills up. It must
//! be a real folder (not a link) of the user's own, and the new name must be free.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use goplswatch_core::message::Message;
use goplswatch_disk as disk;

use super::hash::Digest;
use super::plan::Fingerprint;
use super::refusal::Refusal;
use crate::said::verbatim;

/// Renames a folder.
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
    // If another program creates a folder of that name at this very moment, rename(2) replaces it
    // only if it is empty.
    let renamed = std::fs::rename(from, to).and_then(|()| disk::sync_folder(Path::new(to)));
    renamed.map_err(|error| refused(Message::NotRenamed { path: verbatim(from), why: verbatim(&error) }))
}

/// Whether a folder is the one that this seal identifies.
pub(super) fn has(folder: &str, seal: &Fingerprint) -> bool {
    Digest::of_file(&Path::new(folder).join(&seal.file)).is_ok_and(|digest| digest.sha256 == seal.sha256)
}

/// Whether a folder has the new one of its two names. `is_free`: whether a name is free.
pub(super) fn is_renamed(from: &str, to: &str, is_free: impl Fn(&str) -> bool) -> Result<bool, Refusal> {
    let (old, new) = (verbatim(from), verbatim(to));
    match (is_free(from), is_free(to)) {
        (false, true) => Ok(false),
        (true, false) => Ok(true),
        (false, false) => Err(Refusal::new(Message::BothNames { from: old, to: new }, Message::DoKeepNewer)),
        (true, true) => Err(Refusal::new(Message::NeitherName { from: old, to: new }, Message::DoKeepNewer)),
    }
}

/// Whether it is a real folder of the user's own.
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
