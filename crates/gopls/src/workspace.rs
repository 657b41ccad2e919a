//! The workspace of a working folder.

use goplswatch_core::Reading;
use goplswatch_core::message::Message;

use crate::names::printable;

/// The workspace of a working folder, as text for display. Nothing below the folder is opened.
///
/// `/` and the home folder are where launchers and agents start programs; they are no workspaces,
/// and the result is unknown with that reason. Bytes that are not UTF-8 and characters that a
/// terminal would interpret become U+FFFD.
#[must_use]
pub fn workspace(folder: &Reading<Vec<u8>>, home: Option<&[u8]>) -> Reading<String> {
    let path = match folder {
        Reading::Unknown { unknown } => return Reading::Unknown { unknown: unknown.clone() },
        Reading::Known(path) => path.as_slice(),
    };
    match trimmed(path) {
        _ if !path.starts_with(b"/") => Reading::unknown(Message::FolderNotWhole),
        b"" => Reading::unknown(Message::WorksInRoot),
        folder if home.is_some_and(|home| !trimmed(home).is_empty() && trimmed(home) == folder) => {
            Reading::unknown(Message::WorksInHome)
        }
        folder => Reading::Known(printable(folder)),
    }
}

fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&b| b != b'/').map_or(0, |last| last + 1);
    path.get(..end).unwrap_or(path)
}
