//! Files and folders of this user: what another user, or a mistake, put in their place is neither
//! read nor written.
//!
//! Anybody who may write to a folder can put a link there that leads to another file, a pipe on
//! which opening waits forever, or a file whose content is theirs. So a file is opened without
//! following a link and without waiting, and what it is, is asked of the open descriptor: a path
//! may lead somewhere else a moment later. A folder may be a link, as managers of dot files make
//! them, if both the link and the folder are ours.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use rustix::fs::OFlags;
use rustix::io::Errno;

/// What is done with the file, which says how much must be known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is read, and what it says leads to nothing but words.
    Shown,
    /// It is written, or followed: it has no other name under which somebody meant something else.
    Trusted,
}

/// Why a file or folder is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Link,
    NotPlain,
    OfOthers,
    OtherNames,
    NoFolder,
}

/// A file or folder that is not used, and why. It is the inner error of an [`io::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    path: PathBuf,
    reason: Reason,
}

impl Foreign {
    /// The file or folder that is meant by an error, if the error is of this kind.
    #[must_use]
    pub fn in_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Why, as a fragment.
    #[must_use]
    pub fn reason(&self) -> Message {
        match self.reason {
            Reason::Link => Message::FileIsLink,
            Reason::NotPlain => Message::FileIsNotPlain,
            Reason::OfOthers => Message::FileOfOthers,
            Reason::OtherNames => Message::FileHasOtherNames,
            Reason::NoFolder => Message::FolderOfOthers,
        }
    }

    /// Its path, and why it is not used.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::OfPart { of: Verbatim(self.path.display().to_string()), text: SharedMessage::new(self.reason()) }
    }

    fn error(path: &Path, reason: Reason) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidInput, Self { path: path.to_owned(), reason })
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path.display(), self.reason)
    }
}

impl std::error::Error for Foreign {}

/// The error in words: those of [`Foreign`], else the system's.
#[must_use]
pub fn error_message(error: &io::Error) -> Message {
    Foreign::in_error(error).map_or_else(|| Message::reported(error), Foreign::message)
}

/// Opens a file of this user. `options` must not truncate: that would happen before anything is
/// known of the file.
///
/// # Errors
/// A [`Foreign`] file; else those of opening.
pub fn open(path: &Path, options: &OpenOptions, purpose: Purpose) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = options.clone();
    options.custom_flags(flags.bits().cast_signed());
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) => {
            return Err(match Errno::from_io_error(&error) {
                // EMLINK is what the BSDs say of O_NOFOLLOW.
                Some(Errno::LOOP | Errno::MLINK) => Foreign::error(path, Reason::Link),
                // A pipe without a reader, a socket, a folder.
                Some(Errno::NXIO | Errno::OPNOTSUPP | Errno::ISDIR) => Foreign::error(path, Reason::NotPlain),
                _ => error,
            });
        }
    };
    match wrong(&file.metadata()?, purpose) {
        Some(reason) => Err(Foreign::error(path, reason)),
        None => Ok(file),
    }
}

/// Opens a file of this user to read it.
///
/// # Errors
/// As for [`open`].
pub fn read(path: &Path, purpose: Purpose) -> io::Result<File> {
    open(path, OpenOptions::new().read(true), purpose)
}

fn wrong(about: &Metadata, purpose: Purpose) -> Option<Reason> {
    let kind = about.file_type();
    if !kind.is_file() {
        Some(Reason::NotPlain)
    } else if about.uid() != own_uid() {
        Some(Reason::OfOthers)
    } else if purpose == Purpose::Trusted && about.nlink() > 1 {
        Some(Reason::OtherNames)
    } else {
        None
    }
}

/// Checks that a folder is one of this user's. A link to one is fine if it is ours too.
///
/// # Errors
/// A [`Foreign`] folder; else those of looking at it.
pub fn check_folder(path: &Path) -> io::Result<()> {
    let at = std::fs::symlink_metadata(path)?;
    let behind = if at.is_symlink() { std::fs::metadata(path)? } else { at.clone() };
    if behind.is_dir() && at.uid() == own_uid() && behind.uid() == own_uid() {
        Ok(())
    } else {
        Err(Foreign::error(path, Reason::NoFolder))
    }
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn reason(result: io::Result<File>) -> Reason {
        Foreign::in_error(&result.unwrap_err()).expect("a foreign file").reason
    }

    #[test]
    fn what_stands_in_its_place_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("plain"), "text").unwrap();
        symlink(at("plain"), at("link")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let mut write = OpenOptions::new();
        write.append(true).create(true);
        for purpose in [Purpose::Shown, Purpose::Trusted] {
            assert!(read(&at("plain"), purpose).is_ok());
            for name in ["link", "dangling"] {
                assert_eq!(reason(read(&at(name), purpose)), Reason::Link, "{name}");
                assert_eq!(reason(open(&at(name), &write, purpose)), Reason::Link, "{name}");
            }
            for name in ["pipe", "socket", "folder"] {
                assert_eq!(reason(read(&at(name), purpose)), Reason::NotPlain, "{name}");
            }
            assert_eq!(reason(open(&at("pipe"), &write, purpose)), Reason::NotPlain);
        }
        assert!(!at("nothing").exists(), "a dangling link makes no file elsewhere");
        std::fs::hard_link(at("plain"), at("second")).unwrap();
        assert!(read(&at("plain"), Purpose::Shown).is_ok());
        assert_eq!(reason(read(&at("plain"), Purpose::Trusted)), Reason::OtherNames);
    }

    #[test]
    fn a_folder_of_ours_may_be_behind_a_link_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("there")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        symlink(at("there"), at("link")).unwrap();
        symlink("/", at("root")).unwrap();
        assert!(check_folder(&at("there")).is_ok() && check_folder(&at("link")).is_ok());
        let foreign = |name: &str| Foreign::in_error(&check_folder(&at(name)).unwrap_err()).is_some();
        assert!(foreign("file"));
        // The root user of a container owns its root folder.
        assert!(own_uid() == 0 || foreign("root"));
        assert_eq!(check_folder(&at("missing")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
