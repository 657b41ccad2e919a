//! Reads files, keeps copies of them, and replaces them as a whole.
//!
//! If a settings file of another program is a symbolic link, its target is read and written, so the
//! link stays. The new file gets the mode and the group of the old one. A file is refused if it
//! belongs to another user, has hard links (which a replacement would cut), is marked read-only, is
//! not text, or is longer than any real settings file.
//!
//! A file of our own is never a link, need not be text, and its folder need not exist yet.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_disk as disk;

use super::hash::sha256;
use super::receipt::MODE;
use super::refusal::Refusal;
use crate::said::verbatim;

/// The maximum length of a settings file, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// A file that may be changed.
pub(crate) struct TargetFile {
    /// Its path, with symbolic links resolved.
    pub(crate) target: String,
    /// Its content; `None` if it does not exist.
    pub(crate) bytes: Option<Vec<u8>>,
    metadata: Option<Metadata>,
    /// Whether it is goplswatch's own.
    ours: bool,
}

impl TargetFile {
    /// The SHA-256 of its content.
    pub(crate) fn hash(&self) -> Option<String> {
        self.bytes.as_deref().map(sha256)
    }

    /// Its content as text. A file of another program is always text, since others are refused.
    pub(crate) fn text(&self) -> Option<&str> {
        self.bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// Its permissions.
    pub(crate) fn mode(&self) -> Option<u32> {
        self.metadata.as_ref().map(|metadata| metadata.permissions().mode() & 0o7777)
    }
}

/// Reads a file of ours or of another program: [`read_own`] or [`read_foreign`].
pub(crate) fn read_target(file: &str, ours: bool) -> Result<TargetFile, Refusal> {
    if ours { read_own(file) } else { read_foreign(file) }
}

/// Reads a file of another program. If the file does not exist, its folder must exist.
pub(crate) fn read_foreign(file: &str) -> Result<TargetFile, Refusal> {
    let refused = |why| refused(file, why, Message::DoChangeYourself);
    if !file.starts_with('/') {
        return Err(refused(Message::FileNoAbsolute));
    }
    let path = Path::new(file);
    let absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match path.canonicalize() {
        Ok(target) => {
            let target = target.into_os_string().into_string().map_err(|_| refused(Message::FileNameNoText))?;
            let (bytes, metadata) = contents(Path::new(&target)).map_err(refused)?;
            settings(&bytes, &metadata).map_err(refused)?;
            Ok(TargetFile { target, bytes: Some(bytes), metadata: Some(metadata), ours: false })
        }
        Err(error) if absent(&error) && path.symlink_metadata().is_ok() => Err(refused(Message::FileDangling)),
        Err(error) if absent(&error) => {
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(refused(Message::FileNone));
            };
            let no_folder = |error: io::Error| refused(Message::FileNoFolder { why: verbatim(&error) });
            let folder = folder.canonicalize().map_err(no_folder)?;
            let target = folder.join(name).into_os_string().into_string();
            let target = target.map_err(|_| refused(Message::FileNameNoText))?;
            Ok(TargetFile { target, bytes: None, metadata: None, ours: false })
        }
        Err(error) => Err(refused(Message::FileNotLookedAt { why: verbatim(&error) })),
    }
}

/// Reads a file of our own, which need not exist.
pub(crate) fn read_own(file: &str) -> Result<TargetFile, Refusal> {
    let refused = |why| refused(file, why, Message::DoSeeWhose);
    if !file.starts_with('/') {
        return Err(refused(Message::FileNoAbsolute));
    }
    let target = file.to_owned();
    match Path::new(file).symlink_metadata() {
        Ok(_) => {
            let (bytes, metadata) = contents(Path::new(file)).map_err(refused)?;
            Ok(TargetFile { target, bytes: Some(bytes), metadata: Some(metadata), ours: true })
        }
        // An error of its folder is reported when the folder is created.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(TargetFile { target, bytes: None, metadata: None, ours: true })
        }
        Err(error) => Err(refused(Message::FileNotLookedAt { why: verbatim(&error) })),
    }
}

fn refused(file: &str, why: Message, instead: Message) -> Refusal {
    Refusal::new(Message::OfPath { path: Verbatim(file.to_owned()), why: SharedMessage::new(why) }, instead)
}

fn contents(path: &Path) -> Result<(Vec<u8>, Metadata), Message> {
    // Not opened before it is known to be a regular file: opening a pipe would wait for a writer.
    let cannot = |error: io::Error| Message::FileNotRead { why: verbatim(&error) };
    if !path.symlink_metadata().map_err(cannot)?.is_file() {
        return Err(Message::FileNone);
    }
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(Message::FileOfAnother);
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Message::FileTooLong);
    }
    Ok((bytes, metadata))
}

/// Refuses files of other programs that must not be replaced.
fn settings(bytes: &[u8], metadata: &Metadata) -> Result<(), Message> {
    // The file is replaced by a rename in its folder, which a read-only mode would not prevent.
    if metadata.mode() & 0o200 == 0 {
        return Err(Message::FileReadOnly);
    }
    if metadata.nlink() > 1 {
        return Err(Message::FileHardLinks);
    }
    std::str::from_utf8(bytes).map_or(Err(Message::FileNotUtf8), |_| Ok(()))
}

/// Keeps these bytes in a file of our own, on disk. What an interrupted run left there is replaced.
pub(crate) fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk::replace(path, bytes, MODE)
}

/// Replaces a file that was read before, or creates it. `mode` applies to a new file and to one of
/// ours; any other file keeps its mode. `false`: the file has changed since it was read, and
/// nothing was written.
///
/// The rename follows the last comparison directly; no system call does both.
pub(crate) fn replace_if_unchanged(
    found: &TargetFile,
    bytes: &[u8],
    mode: Option<u32>,
    mark: &str,
) -> io::Result<bool> {
    let target = PathBuf::from(&found.target);
    let mode = mode.filter(|_| found.ours).or(found.mode()).or(mode).unwrap_or(0o644);
    let part = disk::part(&target, bytes, mode, &format!("{mark}-"))?;
    if let Some(metadata) = &found.metadata
        && metadata.gid() != part.as_file().metadata()?.gid()
    {
        std::os::unix::fs::fchown(part.as_file(), None, Some(metadata.gid()))?;
        // A change of the group clears the set-id bits (chown(2)).
        part.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    if found.bytes.is_some() {
        if read_target(&found.target, found.ours).ok().and_then(|now| now.bytes) != found.bytes {
            return Ok(false);
        }
        part.persist(&target).map_err(|error| error.error)?;
    } else {
        match part.persist_noclobber(&target) {
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            result => drop(result.map_err(|error| error.error)?),
        }
    }
    disk::sync_folder(&target)?;
    Ok(true)
}

/// Removes what an interrupted run left next to a file. A leftover that cannot be removed does no
/// harm.
pub(crate) fn sweep(target: &str, mark: &str) {
    let Some(folder) = Path::new(target).parent() else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let begin = format!("{}{mark}-", disk::PART_PREFIX);
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&begin) && name.ends_with(".part")) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
