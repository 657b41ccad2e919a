//! Settings files of others: looked at, kept, and replaced whole.
//!
//! A file that is a link is looked at and written where it leads, so the link stays. What is written has the mode and
//! the group of what was there. A file that is another user's, has other names (hard links, which a replacement would
//! cut), that its user marked as read-only, is no text or is longer than anybody's settings is refused.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::Refusal;
use super::plan::sha256;
use super::receipt::MODE;
use crate::disk;

/// No settings file is longer, bytes.
pub(super) const LONGEST: u64 = 4 << 20;

/// A file that may be changed.
pub(super) struct Found {
    /// Where it is, links followed.
    pub(super) target: String,
    /// What it says; `None`: it is not there, and its folder is.
    pub(super) text: Option<String>,
    metadata: Option<Metadata>,
}

impl Found {
    /// The SHA-256 of what it says.
    pub(super) fn hash(&self) -> Option<String> {
        self.text.as_ref().map(|text| hash(text.as_bytes()))
    }
}

/// SHA-256 in hex.
pub(super) fn hash(bytes: &[u8]) -> String {
    sha256(bytes)
}

/// Looks at a file, or at the place where it would be.
pub(super) fn look(file: &str) -> Result<Found, Refusal> {
    let refused = |why: String| Refusal::new(format!("{file} {why}"), "change it yourself, in its own program");
    if !file.starts_with('/') {
        return Err(refused("is no absolute path".into()));
    }
    let path = Path::new(file);
    let absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match path.canonicalize() {
        Ok(target) => {
            let target =
                target.into_os_string().into_string().map_err(|_| refused("has a name that is no text".into()))?;
            let (text, metadata) = contents(Path::new(&target)).map_err(refused)?;
            Ok(Found { target, text: Some(text), metadata: Some(metadata) })
        }
        Err(error) if absent(&error) && path.symlink_metadata().is_ok() => {
            Err(refused("is a link that leads nowhere".into()))
        }
        Err(error) if absent(&error) => {
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(refused("is no file".into()));
            };
            let folder = folder.canonicalize().map_err(|error| refused(format!("has no folder: {error}")))?;
            let target = folder.join(name).into_os_string().into_string();
            let target = target.map_err(|_| refused("has a name that is no text".into()))?;
            Ok(Found { target, text: None, metadata: None })
        }
        Err(error) => Err(refused(format!("cannot be looked at: {error}"))),
    }
}

fn contents(path: &Path) -> Result<(String, Metadata), String> {
    // Not opened before it is known to be a file: a pipe would wait for a writer.
    let cannot = |error: io::Error| format!("cannot be read: {error}");
    if !path.symlink_metadata().map_err(cannot)?.is_file() {
        return Err("is no file".into());
    }
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err("belongs to another user".into());
    }
    // A file is replaced by another one in its folder, which such a mark would not hold up.
    if metadata.mode() & 0o200 == 0 {
        return Err("is marked as read-only".into());
    }
    if metadata.nlink() > 1 {
        return Err("has other names as well (hard links), which writing it would part from it".into());
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LONGEST {
        return Err("is longer than 4 MiB".into());
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text")?;
    Ok((text, metadata))
}

/// Keeps these bytes under a name of our own, on the disk. What stands there of a run that was cut short is replaced.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk::replace(path, bytes, MODE)
}

/// Replaces a file that was looked at, or makes it, with the mode that it has or else `mode`. `false`: it is not what
/// was looked at any more, and nothing was written.
///
/// Between the last comparison and the rename there is no time in which anything else is done; no system call does
/// both.
pub(super) fn put(found: &Found, bytes: &[u8], mode: Option<u32>, mark: &str) -> io::Result<bool> {
    let target = PathBuf::from(&found.target);
    let mode = found.metadata.as_ref().map_or_else(|| mode.unwrap_or(0o644), |m| m.permissions().mode() & 0o7777);
    let part = disk::part(&target, bytes, mode, &format!("{mark}-"))?;
    if let Some(metadata) = &found.metadata
        && metadata.gid() != part.as_file().metadata()?.gid()
    {
        std::os::unix::fs::fchown(part.as_file(), None, Some(metadata.gid()))?;
        // A change of the group takes the set-id bits away (chown(2)).
        part.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    match &found.text {
        Some(before) => {
            if look(&found.target).ok().and_then(|now| now.text).as_ref() != Some(before) {
                return Ok(false);
            }
            part.persist(&target).map_err(|error| error.error)?;
        }
        None => match part.persist_noclobber(&target) {
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            result => drop(result.map_err(|error| error.error)?),
        },
    }
    disk::sync_folder(&target)?;
    Ok(true)
}

/// Takes away what a run that was cut short left beside a file. What cannot be taken away stays: it is no harm.
pub(super) fn sweep(target: &str, mark: &str) {
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
