//! Where the socket lives, and who may speak through it.
//!
//! The places are tried in order: the one that the session names for such things, the state folder, and a folder in
//! `/tmp` for those whose home has a very long path. The agent takes the first that works, a client the first that
//! answers, so both may start from different environments.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// A path may not be longer, bytes: `sun_path` of macOS holds 104 with its end (xnu bsd/sys/un.h); Linux has 108.
const LONGEST: usize = 103;

/// The file name in each of the folders.
pub const NAME: &str = "agent.sock";

/// Opens the socket in the first folder where it can be: made if absent, ours, and closed to everybody else.
///
/// The caller holds the agent's lock, so a socket that is there already is left from a dead agent, and is replaced.
///
/// # Errors
/// What was wrong with each of the folders.
pub fn open(folders: &[PathBuf]) -> Result<(UnixListener, PathBuf), String> {
    let mut wrong = Vec::new();
    for folder in folders {
        match open_in(folder) {
            Ok(opened) => return Ok(opened),
            Err(error) => wrong.push(format!("{}: {error}", folder.display())),
        }
    }
    Err(wrong.join("; "))
}

fn open_in(folder: &Path) -> io::Result<(UnixListener, PathBuf)> {
    let path = folder.join(NAME);
    if path.as_os_str().len() > LONGEST {
        return Err(io::Error::other(format!("its path is longer than the {LONGEST} bytes that a socket may have")));
    }
    make_own(folder)?;
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    // The folder is closed to others; this is the second lock on the same door.
    let _ = std::fs::set_permissions(&path, Permissions::from_mode(0o600));
    Ok((listener, path))
}

/// Makes a folder that is ours and closed to everybody else, or sees that it is. In `/tmp` anybody may have made it
/// before us, or put a link there.
///
/// # Errors
/// If it cannot be made, or is not ours.
pub(crate) fn make_own(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let meta = std::fs::symlink_metadata(folder)?;
    if !meta.is_dir() || meta.uid() != own_uid() {
        return Err(io::Error::other("it is no folder of ours"));
    }
    if meta.mode() & 0o077 != 0 {
        std::fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Connects to the first socket behind which a process of ours listens.
///
/// # Errors
/// The last thing that was wrong, if nobody answers.
pub async fn connect(folders: &[PathBuf]) -> io::Result<UnixStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for folder in folders {
        let path = folder.join(NAME);
        if path.as_os_str().len() > LONGEST {
            continue;
        }
        match UnixStream::connect(&path).await {
            Ok(stream) if is_ours(&stream) => return Ok(stream),
            Ok(_) => last = io::Error::other(format!("{} belongs to somebody else", path.display())),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Our effective user id.
#[must_use]
pub fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether the process at the other end has our effective user.
pub fn is_ours(stream: &UnixStream) -> bool {
    match stream.peer_cred() {
        Ok(peer) => peer.uid() == own_uid(),
        // A system that does not say it even of ourselves: then the folder alone, which is closed to others, guards.
        Err(_) => UnixStream::pair().is_ok_and(|(one, _)| one.peer_cred().is_err()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_place_that_works_is_taken_and_found() {
        let base = tempfile::tempdir().unwrap();
        let long = base.path().join("x".repeat(LONGEST));
        std::fs::write(base.path().join("file"), "").unwrap();
        let folders = [long, base.path().join("file/run"), base.path().join("run"), base.path().join("other")];
        assert!(connect(&folders).await.is_err());
        let (listener, path) = open(&folders).unwrap();
        assert_eq!(path, folders[2].join(NAME));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&folders[2]), mode(&path)), (0o700, 0o600));
        let stream = connect(&folders).await.unwrap();
        let (other, _) = listener.accept().await.unwrap();
        assert!(is_ours(&stream) && is_ours(&other));
        // A dead agent leaves its socket behind.
        drop(listener);
        assert!(connect(&folders).await.is_err());
        open(&folders).unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_folder_that_was_open_to_others_is_closed_first() {
        let base = tempfile::tempdir().unwrap();
        let run = base.path().join("run");
        std::fs::create_dir(&run).unwrap();
        std::fs::set_permissions(&run, Permissions::from_mode(0o755)).unwrap();
        let _socket = open(std::slice::from_ref(&run)).unwrap();
        assert_eq!(std::fs::metadata(&run).unwrap().mode() & 0o777, 0o700);
        std::os::unix::fs::symlink(&run, base.path().join("link")).unwrap();
        let error = open(&[base.path().join("link")]).unwrap_err();
        assert!(error.contains("it is no folder of ours"), "{error}");
    }
}
