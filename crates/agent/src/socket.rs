//! Where the socket is, and which processes may use it.
//!
//! The folders are tried in order: the one that the session provides for such files, the state
//! folder, and a folder in `/tmp` for users whose home has a very long path. The agent takes the
//! first one that works, a client the first one that answers, so both may start from different
//! environments.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::message::{Count, Message, SharedMessage, Verbatim};
use goplswatch_disk::own;
use goplswatch_probe::peer_uid;
use tokio::net::{UnixListener, UnixStream};

/// The longest path, bytes: `sun_path` of macOS holds 104 with its terminator (xnu bsd/sys/un.h);
/// Linux has 108.
const MAX_PATH_BYTES: usize = 103;

/// How long to wait for a connection to a socket before assuming that a stopped agent owns it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// The file name in each of the folders.
pub const NAME: &str = "agent.sock";

/// Opens the socket in the first folder where that is possible. The folder is created if missing,
/// belongs to this user, and is closed to others.
///
/// A socket that exists already and on which no process listens was left by a dead agent, and is
/// replaced.
///
/// # Errors
/// What was wrong with each of the folders.
pub fn open(folders: &[PathBuf]) -> Result<(UnixListener, PathBuf), Message> {
    let mut wrong = Vec::new();
    for folder in folders {
        match open_in(folder) {
            Ok(opened) => return Ok(opened),
            Err(why) => wrong.push(why_not(folder, why)),
        }
    }
    Err(several(wrong))
}

fn why_not(place: &Path, why: Message) -> Message {
    Message::OfPart { of: Verbatim(place.display().to_string()), text: SharedMessage::new(why) }
}

pub(crate) fn of_system(error: io::Error) -> Message {
    own::error_message(&error)
}

/// Joins messages, one after the other.
pub(crate) fn several(messages: Vec<Message>) -> Message {
    let together = |first, more| Message::Several { first: SharedMessage::new(first), more: SharedMessage::new(more) };
    messages.into_iter().reduce(together).unwrap_or_else(|| Message::reported(""))
}

fn open_in(folder: &Path) -> Result<(UnixListener, PathBuf), Message> {
    let path = folder.join(NAME);
    if path.as_os_str().len() > MAX_PATH_BYTES {
        return Err(Message::SocketPathTooLong { most: Count::new(MAX_PATH_BYTES as u64) });
    }
    make_own(folder)?;
    if answers(&path) {
        return Err(Message::SocketIsTaken);
    }
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(of_system(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(of_system)?;
    // The folder is closed to others already; this is a second barrier.
    let _ = std::fs::set_permissions(&path, Permissions::from_mode(0o600));
    Ok((listener, path))
}

/// The socket on which an agent of this user listens already, whatever lock it holds.
#[must_use]
pub(crate) fn taken(folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(NAME)).find(|path| answers(path))
}

/// Whether a process listens. This includes a stopped process with a full queue: connecting to it
/// may block, so a separate thread connects, and missing the deadline counts as yes.
fn answers(path: &Path) -> bool {
    if !path.exists() {
        return false;
    }
    let (connected, answer) = std::sync::mpsc::sync_channel(1);
    let path = path.to_owned();
    let connect = move || {
        let _ = connected.send(std::os::unix::net::UnixStream::connect(path).is_ok());
    };
    match std::thread::Builder::new().spawn(connect) {
        Ok(_) => answer.recv_timeout(CONNECT_TIMEOUT).unwrap_or(true),
        Err(_) => false,
    }
}

/// The file of an open socket and its identity, so that another file in its place is not mistaken
/// for it.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    file_id: Option<(u64, u64)>,
}

impl SocketFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        let is = file_id(&path);
        Self { path, file_id: is }
    }

    /// Whether it is still where it was created.
    pub(crate) fn is_in_place(&self) -> bool {
        self.file_id.is_none() || file_id(&self.path) == self.file_id
    }
}

fn file_id(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.file_id.is_some() && self.is_in_place() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Creates a folder that belongs to this user and is closed to others, or checks that it is. In
/// `/tmp` another user may have created it before, or put a link there.
///
/// # Errors
/// If it cannot be created, or belongs to another user.
pub(crate) fn make_own(folder: &Path) -> Result<(), Message> {
    match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(of_system(error)),
        _ => {}
    }
    let meta = std::fs::symlink_metadata(folder).map_err(of_system)?;
    if !meta.is_dir() || meta.uid() != own_uid() {
        return Err(Message::FolderOfOthers);
    }
    if meta.mode() & 0o077 != 0 {
        std::fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(of_system)?;
    }
    Ok(())
}

/// Why there is no connection.
#[derive(Debug)]
pub struct NotConnected {
    /// What the system reported, or the closest equivalent.
    pub kind: io::ErrorKind,
    /// The same as a message, with the path of the socket.
    pub why: Message,
}

/// Connects to the first socket on which a process of this user listens.
///
/// # Errors
/// If no process answers: the most telling error, with the path of its socket. [`nobody_listens`]
/// says whether it means anything but that no agent runs.
pub async fn connect(folders: &[PathBuf]) -> Result<UnixStream, NotConnected> {
    let mut wrong: Option<NotConnected> = None;
    for folder in folders {
        let path = folder.join(NAME);
        if path.as_os_str().len() > MAX_PATH_BYTES {
            continue;
        }
        let error = match UnixStream::connect(&path).await {
            Ok(stream) if is_ours(&stream) => return Ok(stream),
            Ok(_) => NotConnected { kind: io::ErrorKind::PermissionDenied, why: Message::SocketOfOthers },
            Err(error) => NotConnected { kind: error.kind(), why: of_system(error) },
        };
        // Of equally telling errors, keep the one of the better folder.
        if wrong.as_ref().is_none_or(|before| error_rank(before.kind) < error_rank(error.kind)) {
            wrong = Some(NotConnected { why: why_not(&path, error.why), ..error });
        }
    }
    Err(wrong.unwrap_or_else(|| {
        let error = io::Error::from(io::ErrorKind::NotFound);
        NotConnected { kind: error.kind(), why: of_system(error) }
    }))
}

/// Whether an error of [`connect`] means that no agent runs, as far as can be seen: there is no
/// such file, or a dead agent left it. (macOS also reports a refused connection if the queue is
/// full: connect(2).)
#[must_use]
pub fn nobody_listens(error: io::ErrorKind) -> bool {
    // Below a file, where a folder should be, there is no socket.
    matches!(error, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::ConnectionRefused)
}

/// How telling an error is: a full queue most likely belongs to an agent, whatever is wrong
/// elsewhere.
fn error_rank(error: io::ErrorKind) -> u8 {
    match error {
        io::ErrorKind::WouldBlock => 2,
        error => u8::from(!nobody_listens(error)),
    }
}

/// Our effective user id.
#[must_use]
pub fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether the process at the other end has our effective user id.
pub fn is_ours(stream: &UnixStream) -> bool {
    match peer_uid(stream) {
        Ok(uid) => uid == own_uid(),
        // If the system does not report the peer even of our own socket, the folder alone protects,
        // which is closed to others.
        Err(_) => UnixStream::pair().is_ok_and(|(one, _)| peer_uid(&one).is_err()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_place_that_works_is_taken_and_found() {
        let base = tempfile::tempdir().unwrap();
        let long = base.path().join("x".repeat(MAX_PATH_BYTES));
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
        assert_eq!(taken(&folders), Some(path.clone()));
        let second = open(&folders[2..3]).unwrap_err();
        assert!(matches!(&second, Message::OfPart { text, .. } if **text == Message::SocketIsTaken), "{second:?}");
        // A dead agent leaves its socket behind.
        drop((listener, other));
        assert!(connect(&folders).await.is_err());
        assert_eq!(taken(&folders), None);
        let (_again, path) = open(&folders[2..3]).unwrap();
        let file = SocketFile::new(path.clone());
        assert!(file.is_in_place());
        std::fs::remove_file(&path).unwrap();
        assert!(!file.is_in_place());
        std::fs::write(&path, "another's").unwrap();
        drop(file);
        assert!(path.exists(), "what is not ours stays");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn of_several_errors_the_most_telling_one_is_said() {
        let base = tempfile::tempdir().unwrap();
        let [dead, odd, full] = ["dead", "odd", "full"].map(|name| base.path().join(name));
        for folder in [&dead, &odd, &full] {
            std::fs::create_dir(folder).unwrap();
        }
        drop(UnixListener::bind(dead.join(NAME)).unwrap());
        let _odd = std::os::unix::net::UnixDatagram::bind(odd.join(NAME)).unwrap();
        std::fs::write(base.path().join("file"), "").unwrap();
        let none = base.path().join("file/none");
        let kind = async |folders: &[&PathBuf]| {
            let folders: Vec<PathBuf> = folders.iter().map(|folder| (*folder).clone()).collect();
            connect(&folders).await.unwrap_err()
        };
        assert!(nobody_listens(kind(&[]).await.kind));
        assert!(nobody_listens(kind(&[&none, &dead, &none]).await.kind));
        for folders in [[&odd, &dead, &none], [&dead, &odd, &none], [&none, &dead, &odd]] {
            let error = kind(&folders).await;
            assert!(!nobody_listens(error.kind), "{error:?}");
            assert!(format!("{:?}", error.why).contains("odd/agent.sock"), "{error:?}");
        }
        // Only Linux reports that a queue is full.
        if cfg!(target_os = "linux") {
            let bound = tokio::net::UnixSocket::new_stream().unwrap();
            bound.bind(full.join(NAME)).unwrap();
            let _listener = bound.listen(0).unwrap();
            let _waiting = UnixStream::connect(full.join(NAME)).await.unwrap();
            for folders in [[&full, &odd, &dead], [&odd, &dead, &full]] {
                assert_eq!(kind(&folders).await.kind, io::ErrorKind::WouldBlock);
            }
        }
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
        assert!(matches!(&error, Message::OfPart { text, .. } if **text == Message::FolderOfOthers), "{error:?}");
    }
}
