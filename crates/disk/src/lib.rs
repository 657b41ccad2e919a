//! Durable and atomic writes: data reaches the disk, and a file appears completely or not at all.
//! Which files are touched at all says [`own`].
//!
//! A file is written under another name in its own folder, synced, and then renamed, which is
//! atomic: a reader sees the old text or the new one, whenever the writer or the machine stops.
//!
//! On macOS `sync_all` and `sync_data` are the fcntl `F_FULLFSYNC`, which not every file system
//! supports: a home on SMB answers ENOTSUP, others EINVAL or ENOTTY (golang/go#64215). For those
//! fsync(2) is the strongest request available. A file system that does not support that either
//! makes data durable on its own schedule, which cannot be forced; that is not an error.
#![forbid(unsafe_code)]

pub mod own;

use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::io::Errno;

/// Syncs the file's bytes and all its metadata.
///
/// # Errors
/// An I/O error. That the file system does not support the operation is not an error.
pub fn sync_all(file: &File) -> io::Result<()> {
    or_fsync(file.sync_all(), || rustix::fs::fsync(file))
}

/// Syncs the file's bytes and the metadata that is needed to read them.
///
/// # Errors
/// As for [`sync_all`].
pub fn sync_data(file: &File) -> io::Result<()> {
    or_fsync(file.sync_data(), || rustix::fs::fsync(file))
}

/// Writes a file with this text and mode, replacing what was there. A link is replaced itself.
///
/// # Errors
/// Errors of the disk or the folder; the old file is still there then.
pub fn replace(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let part = part(path, text, mode, "")?;
    part.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// Like [`replace`], for a path where nothing exists yet.
///
/// # Errors
/// `AlreadyExists` if something does; errors of the disk or the folder.
pub fn create(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let part = part(path, text, mode, "")?;
    part.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// Writes and syncs the text under another name in the same folder, which begins with
/// [`PART_PREFIX`] and `mark`.
///
/// # Errors
/// Errors of the disk or the folder.
pub fn part(path: &Path, text: &[u8], mode: u32, mark: &str) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file =
        tempfile::Builder::new().prefix(&format!("{PART_PREFIX}{mark}")).suffix(".part").tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().set_permissions(Permissions::from_mode(mode))?;
    sync_all(file.as_file())?;
    Ok(file)
}

/// The prefix of the name of a file or folder that is not complete yet.
pub const PART_PREFIX: &str = ".goplswatch-";

/// Makes the names in the folder of this path durable.
///
/// # Errors
/// As for [`sync_all`].
pub fn sync_folder(path: &Path) -> io::Result<()> {
    sync_all(&File::open(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?)
}

fn or_fsync(full: io::Result<()>, plain: impl FnOnce() -> Result<(), Errno>) -> io::Result<()> {
    match full {
        Err(error) if is_not_known(Errno::from_io_error(&error)) => match plain() {
            Err(errno) if !is_not_known(Some(errno)) => Err(errno.into()),
            _ => Ok(()),
        },
        result => result,
    }
}

fn is_not_known(errno: Option<Errno>) -> bool {
    // The first two are the same number on Linux and different ones on macOS.
    errno.is_some_and(|errno| [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::INVAL, Errno::NOTTY].contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(full: Result<(), Errno>, plain: Result<(), Errno>) -> (Option<Errno>, bool) {
        let mut asked = false;
        let result = or_fsync(full.map_err(io::Error::from), || {
            asked = true;
            plain
        });
        (result.err().and_then(|error| Errno::from_io_error(&error)), asked)
    }

    #[test]
    fn a_file_system_that_does_not_know_the_full_sync_gets_the_plain_one() {
        for unknown in [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::INVAL, Errno::NOTTY] {
            assert_eq!(both(Err(unknown), Ok(())), (None, true), "{unknown}");
            assert_eq!(both(Err(unknown), Err(Errno::NOTSUP)), (None, true), "{unknown}: nobody can do more");
            assert_eq!(both(Err(unknown), Err(Errno::IO)), (Some(Errno::IO), true), "{unknown}: a broken disk is told");
        }
        assert_eq!(both(Err(Errno::NOSPC), Ok(())), (Some(Errno::NOSPC), false));
        assert_eq!(both(Ok(()), Err(Errno::IO)), (None, false));
    }

    /// Uses a file of the system that cannot be synced: on Linux any character device (EINVAL).
    #[test]
    fn what_cannot_be_synced_is_no_failure() {
        let file = File::open("/dev/null").unwrap();
        for (system, ours) in [(file.sync_all(), sync_all(&file)), (file.sync_data(), sync_data(&file))] {
            let not_known = system.as_ref().is_err_and(|error| is_not_known(Errno::from_io_error(error)));
            assert_eq!(ours.is_ok(), system.is_ok() || not_known, "{system:?} {ours:?}");
        }
        assert!(sync_all(tempfile::NamedTempFile::new().unwrap().as_file()).is_ok());
    }
}
