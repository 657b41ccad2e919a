//! Makes a disk hold what was written, and files appear whole or not at all.
//!
//! A file is written under another name in its own folder, brought to the disk, and then renamed, which is one moment:
//! whoever reads sees the old text or the new one, whenever the writer or the machine stops.
//!
//! On macOS `sync_all` and `sync_data` are the fcntl `F_FULLFSYNC`, which not every file system knows: a home on SMB
//! answers ENOTSUP, others EINVAL or ENOTTY (golang/go#64215). fsync(2) is the most that can be asked of those. One
//! that does not know that either makes things durable in its own time, and nobody can hurry it; that is no failure.

use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::io::Errno;

/// The file's bytes and all that is known about it.
///
/// # Errors
/// What the disk refuses, not what its file system does not know.
pub fn sync_all(file: &File) -> io::Result<()> {
    or_plainly(file.sync_all(), || rustix::fs::fsync(file))
}

/// The file's bytes, and of what is known about it as much as is needed to read them.
///
/// # Errors
/// As [`sync_all`].
pub fn sync_data(file: &File) -> io::Result<()> {
    or_plainly(file.sync_data(), || rustix::fs::fsync(file))
}

/// A file with this text and mode, in place of what was there. What stands there as a link is replaced itself.
///
/// # Errors
/// What the disk or the folder refuses; then what was there is there.
pub fn replace(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let part = part(path, text, mode, "")?;
    part.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// The same where nothing stands yet.
///
/// # Errors
/// `AlreadyExists` where something does; what the disk or the folder refuses.
pub fn create(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let part = part(path, text, mode, "")?;
    part.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// The text under another name in the same folder, which begins with [`PART`] and `mark`; on the disk.
///
/// # Errors
/// What the disk or the folder refuses.
pub(crate) fn part(path: &Path, text: &[u8], mode: u32, mark: &str) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = tempfile::Builder::new().prefix(&format!("{PART}{mark}")).suffix(".part").tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().set_permissions(Permissions::from_mode(mode))?;
    sync_all(file.as_file())?;
    Ok(file)
}

/// How the name of a file begins that is not complete yet.
pub(crate) const PART: &str = ".goplswatch-";

/// Makes the names in the folder of this path durable.
///
/// # Errors
/// As [`sync_all`].
pub fn sync_folder(path: &Path) -> io::Result<()> {
    sync_all(&File::open(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?)
}

fn or_plainly(full: io::Result<()>, plain: impl FnOnce() -> Result<(), Errno>) -> io::Result<()> {
    match full {
        Err(error) if is_not_known(Errno::from_io_error(&error)) => match plain() {
            Err(errno) if !is_not_known(Some(errno)) => Err(errno.into()),
            _ => Ok(()),
        },
        result => result,
    }
}

fn is_not_known(errno: Option<Errno>) -> bool {
    // The first two are one number on Linux and two on macOS.
    errno.is_some_and(|errno| [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::INVAL, Errno::NOTTY].contains(&errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(full: Result<(), Errno>, plain: Result<(), Errno>) -> (Option<Errno>, bool) {
        let mut asked = false;
        let result = or_plainly(full.map_err(io::Error::from), || {
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

    /// Where the system itself has a file that cannot be synced: on Linux any device of characters (EINVAL).
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
