//! Reads the architectures of an executable file from its header.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use goplswatch_core::Reading;
use goplswatch_core::message::{Message, SharedMessage, Verbatim};

use crate::xnu;

/// The architectures of a file. A file for which macOS would prompt the user is not opened.
pub(super) fn slices(exe: &[u8]) -> Reading<Vec<String>> {
    let path = Path::new(OsStr::from_bytes(exe));
    if !path.is_absolute() {
        return Reading::unknown(Message::PathIncomplete);
    }
    if let Some(folder) = xnu::guarded_folder(exe) {
        return guarded(folder);
    }
    // A symbolic link may lead into such a folder. Resolving it reads links and opens nothing.
    let place = match path.canonicalize() {
        Ok(place) => place,
        Err(error) => return Reading::unknown(Message::ExecutableUnseen { error: Verbatim::of(error) }),
    };
    if let Some(folder) = xnu::guarded_folder(place.as_os_str().as_bytes()) {
        return guarded(folder);
    }
    match head(&place) {
        Ok(head) => match xnu::slices(&head) {
            Ok(slices) => Reading::Known(slices),
            Err(why) => Reading::unknown(Message::ExecutableOdd { why: SharedMessage::new(why) }),
        },
        Err(why) => Reading::unknown(why),
    }
}

fn guarded(folder: &str) -> Reading<Vec<String>> {
    Reading::unknown(Message::ExecutableGuarded { folder: Verbatim::of(folder) })
}

fn head(path: &Path) -> Result<Vec<u8>, Message> {
    let said = |error: std::io::Error| Message::ExecutableUnread { error: Verbatim::of(error) };
    // If the path is a pipe by now, opening it must not block.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(said)?;
    if !file.metadata().map_err(said)?.is_file() {
        return Err(Message::ExecutableNoFile);
    }
    let mut head = Vec::with_capacity(xnu::HEAD);
    file.take(xnu::HEAD as u64).read_to_end(&mut head).map_err(said)?;
    Ok(head)
}
