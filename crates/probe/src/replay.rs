//! The replay world: a recording instead of a system. It has no process table to ask; its facts are already made.

use std::path::Path;

use goplswatch_core::recording::{Header, Reader, RecordingError};
use goplswatch_core::{Effect, Event, Moment, State, step};

/// Why a recording could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file itself.
    #[error("could not read {path}: {error}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// What stands in it.
    #[error("{path} is no usable recording: {error}")]
    Content {
        /// Which.
        path: String,
        /// What is wrong.
        error: RecordingError,
    },
}

/// What a replay came to.
pub struct Replayed {
    /// The recording's header.
    pub header: Header,
    /// The state after the last input.
    pub state: State,
    /// How many inputs were taken.
    pub inputs: u64,
    /// Whether a torn last line was dropped.
    pub torn: bool,
    /// The damage that ended the replay early, if any.
    pub damage: Option<RecordingError>,
}

/// Replays a recording that lies in memory. `each` is told the moment of every input and the events that it caused,
/// and answers false to stop.
///
/// # Errors
/// If the header is missing or newer than we are.
pub fn replay(bytes: &[u8], mut each: impl FnMut(Moment, Vec<Event>) -> bool) -> Result<Replayed, RecordingError> {
    let mut reader = Reader::new(bytes)?;
    let header = reader.header().clone();
    let mut state = State::default();
    let mut inputs = 0;
    let mut damage = None;
    for input in reader.by_ref() {
        match input {
            Ok(input) => {
                inputs += 1;
                let at = input.at;
                let events = step(&mut state, input)
                    .into_iter()
                    .filter_map(|effect| match effect {
                        Effect::Event(event) => Some(event),
                        Effect::WakeAt(_) => None,
                    })
                    .collect();
                if !each(at, events) {
                    break;
                }
            }
            Err(error) => {
                damage = Some(error);
                break;
            }
        }
    }
    Ok(Replayed { header, state, inputs, torn: reader.torn(), damage })
}

/// Reads a whole recording file.
///
/// # Errors
/// [`ReplayError::File`].
pub fn read(path: &Path) -> Result<Vec<u8>, ReplayError> {
    std::fs::read(path).map_err(|error| ReplayError::File { path: path.display().to_string(), error })
}
