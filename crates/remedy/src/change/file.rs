//! Files, looked at, kept, and replaced whole.
//!
//! A settings file of others that is a link is looked at and written where it leads, so the link stays. What is written
//! has the mode and the group of what was there. A file that is another user's, has other names (hard links, which a
//! replacement would cut), that its user marked as read-only, is no text or is longer than anybody's settings is refused.
//!
//! A file of our own is never a link, need not be text, and may stand in a folder that is not there yet.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use goplswatch_core::message::{Message, Part, Verbatim};

use super::hash::sha256;
use super::receipt::MODE;
use super::refusal::Refusal;
use crate::disk;
use crate::said::verbatim;

/// No settings file is longer, bytes.
const LONGEST: u64 = 4 << 20;

/// A file that may be changed.
pub(crate) struct Found {
    /// Where it is, links followed.
    pub(crate) target: String,
    /// What it says; `None`: it is not there.
    pub(crate) bytes: Option<Vec<u8>>,
    metadata: Option<Metadata>,
    /// It is goplswatch's own.
    ours: bool,
}

impl Found {
    /// The SHA-256 of what it says.
    pub(crate) fn hash(&self) -> Option<String> {
        self.bytes.as_deref().map(sha256)
    }

    /// What it says as text. Of others' files no other is found.
    pub(crate) fn text(&self) -> Option<&str> {
        self.bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// Its permissions.
    pub(crate) fn mode(&self) -> Option<u32> {
        self.metadata.as_ref().map(|metadata| metadata.permissions().mode() & 0o7777)
    }
}

/// Looks at a file of ours, or at one of others: [`own`] or [`look`].
pub(crate) fn look_as(file: &str, ours: bool) -> Result<Found, Refusal> {
    if ours { own(file) } else { look(file) }
}

/// Looks at a file, or at the place where it would be, whose folder has to be there.
pub(crate) fn look(file: &str) -> Result<Found, Refusal> {
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
            Ok(Found { target, bytes: Some(bytes), metadata: Some(metadata), ours: false })
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
            Ok(Found { target, bytes: None, metadata: None, ours: false })
        }
        Err(error) => Err(refused(Message::FileNotLookedAt { why: verbatim(&error) })),
    }
}

/// Looks at a file of our own, or at the place where it would be.
pub(crate) fn own(file: &str) -> Result<Found, Refusal> {
    let refused = |why| refused(file, why, Message::DoSeeWhose);
    if !file.starts_with('/') {
        return Err(refused(Message::FileNoAbsolute));
    }
    let target = file.to_owned();
    match Path::new(file).symlink_metadata() {
        Ok(_) => {
            let (bytes, metadata) = contents(Path::new(file)).map_err(refused)?;
            Ok(Found { target, bytes: Some(bytes), metadata: Some(metadata), ours: true })
        }
        // What stands in the way of its folder is told when that is made.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Found { target, bytes: None, metadata: None, ours: true })
        }
        Err(error) => Err(refused(Message::FileNotLookedAt { why: verbatim(&error) })),
    }
}

fn refused(file: &str, why: Message, instead: Message) -> Refusal {
    Refusal::new(Message::OfPath { path: Verbatim(file.to_owned()), why: Part::new(why) }, instead)
}

fn contents(path: &Path) -> Result<(Vec<u8>, Metadata), Message> {
    // Not opened before it is known to be a file: a pipe would wait for a writer.
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
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Message::FileTooLong);
    }
    Ok((bytes, metadata))
}

/// What may not be done to a file of others.
fn settings(bytes: &[u8], metadata: &Metadata) -> Result<(), Message> {
    // A file is replaced by another one in its folder, which such a mark would not hold up.
    if metadata.mode() & 0o200 == 0 {
        return Err(Message::FileReadOnly);
    }
    if metadata.nlink() > 1 {
        return Err(Message::FileHardLinks);
    }
    std::str::from_utf8(bytes).map_or(Err(Message::FileNotUtf8), |_| Ok(()))
}

/// Keeps these bytes under a name of our own, on the disk. What stands there of a run that was cut short is replaced.
pub(crate) fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk::replace(path, bytes, MODE)
}

/// Replaces a file that was looked at, or makes it, with `mode` where it is new or ours, or else with the mode that it
/// has. `false`: it is not what was looked at any more, and nothing was written.
///
/// Between the last comparison and the rename there is no time in which anything else is done; no system call does
/// both.
pub(crate) fn put(found: &Found, bytes: &[u8], mode: Option<u32>, mark: &str) -> io::Result<bool> {
    let target = PathBuf::from(&found.target);
    let mode = mode.filter(|_| found.ours).or(found.mode()).or(mode).unwrap_or(0o644);
    let part = disk::part(&target, bytes, mode, &format!("{mark}-"))?;
    if let Some(metadata) = &found.metadata
        && metadata.gid() != part.as_file().metadata()?.gid()
    {
        std::os::unix::fs::fchown(part.as_file(), None, Some(metadata.gid()))?;
        // A change of the group takes the set-id bits away (chown(2)).
        part.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    if found.bytes.is_some() {
        if look_as(&found.target, found.ours).ok().and_then(|now| now.bytes) != found.bytes {
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

/// Takes away what a run that was cut short left beside a file. What cannot be taken away stays: it is no harm.
pub(crate) fn sweep(target: &str, mark: &str) {
    let Some(folder) = Path::new(target).parent() else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let begin = format!("{}{mark}-", disk::PART);
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&begin) && name.ends_with(".part")) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
