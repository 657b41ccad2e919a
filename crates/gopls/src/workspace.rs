//! The workspace that a folder stands for.

use goplswatch_core::Reading;
use goplswatch_core::message::Message;

use crate::names::printable;

/// The workspace that a folder stands for, as a name to show. Nothing under the folder is opened.
///
/// `/` and the home folder are where launchers and agents start programs, not workspaces: unknown, with the reason.
/// What is not UTF-8, and what a terminal would act on, becomes U+FFFD.
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
