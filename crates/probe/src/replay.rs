//! The replay world: a recording instead of a system. It has no process table to ask; its facts are already made.
//!
//! Reading a line costs about as much as judging it, so a long recording is read on a thread of its own, in batches
//! that keep their order; all judging happens on the caller's thread.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use goplswatch_core::recording::{Header, Reader, RecordingError};
use goplswatch_core::{Effect, Event, Input, Moment, State, step};

/// A recording shorter than this, bytes, is read faster than a thread starts.
const LONG: usize = 1 << 20;
/// So many inputs cross between the threads at once …
const BATCH: usize = 512;
/// … and so many batches may wait.
const BATCHES: usize = 8;

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
pub fn replay(bytes: &[u8], each: impl FnMut(Moment, Vec<Event>) -> bool) -> Result<Replayed, RecordingError> {
    let mut reader = Reader::new(bytes)?;
    let header = reader.header().clone();
    let replayed = Replayed { header, state: State::default(), inputs: 0, torn: false, damage: None };
    let mut judge = Judge { replayed, each };
    if bytes.len() < LONG {
        let whole = reader.by_ref().all(|input| judge.takes(input));
        judge.replayed.torn = whole && reader.torn();
        return Ok(judge.replayed);
    }
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(BATCHES);
        let parser = scope.spawn(move || {
            loop {
                let batch: Vec<_> = reader.by_ref().take(BATCH).collect();
                // Nobody takes it any more: the judge was told to stop.
                if batch.is_empty() || sender.send(batch).is_err() {
                    return reader.torn();
                }
            }
        });
        let whole = batches.into_iter().flatten().all(|input| judge.takes(input));
        let torn = parser.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        judge.replayed.torn = torn && whole;
    });
    Ok(judge.replayed)
}

struct Judge<F> {
    replayed: Replayed,
    each: F,
}

impl<F: FnMut(Moment, Vec<Event>) -> bool> Judge<F> {
    /// Whether the next one is wanted.
    fn takes(&mut self, input: Result<Input, RecordingError>) -> bool {
        let input = match input {
            Ok(input) => input,
            Err(error) => {
                self.replayed.damage = Some(error);
                return false;
            }
        };
        self.replayed.inputs += 1;
        let at = input.at;
        let events = step(&mut self.replayed.state, input)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Event(event) => Some(event),
                Effect::WakeAt(_) => None,
            })
            .collect();
        (self.each)(at, events)
    }
}

/// Reads a whole recording file.
///
/// # Errors
/// [`ReplayError::File`].
pub fn read(path: &Path) -> Result<Vec<u8>, ReplayError> {
    std::fs::read(path).map_err(|error| ReplayError::File { path: path.display().to_string(), error })
}

#[cfg(test)]
mod tests {
    use goplswatch_core::recording::{SCHEMA, line};
    use goplswatch_core::{Fact, Seq};

    use super::*;

    fn recording(inputs: u64) -> Vec<u8> {
        let header = Header { schema: SCHEMA, version: "0".into(), os: "linux".into(), boot: "b".into() };
        let mut bytes = line(&header).unwrap();
        for seq in 1..=inputs {
            bytes.extend(line(&Input { seq: Seq(seq), at: Moment::default(), fact: Fact::Wake }).unwrap());
        }
        bytes
    }

    /// Enough for the second thread, and not a whole number of batches.
    const MANY: u64 = (LONG / 40) as u64;

    #[test]
    fn a_long_recording_is_taken_whole_and_in_order() {
        for inputs in [0, 3, MANY] {
            let mut taken = 0;
            let replayed = replay(&recording(inputs), |_, _| {
                taken += 1;
                true
            })
            .unwrap();
            assert_eq!((replayed.inputs, taken, replayed.torn, replayed.damage), (inputs, inputs, false, None));
        }
        assert!(recording(MANY).len() > LONG);
    }

    #[test]
    fn a_replay_stops_when_told_and_then_knows_nothing_of_the_end() {
        for inputs in [3, MANY] {
            let mut bytes = recording(inputs);
            bytes.extend_from_slice(b"{\"seq\":");
            let replayed = replay(&bytes, |_, _| false).unwrap();
            assert_eq!((replayed.inputs, replayed.torn), (1, false));
            assert!(replay(&bytes, |_, _| true).unwrap().torn);
        }
    }

    #[test]
    fn damage_ends_a_long_replay_where_it_stands() {
        for inputs in [3, MANY] {
            let mut bytes = recording(inputs);
            bytes.extend_from_slice(b"garbage\n");
            bytes.extend(line(&Input { seq: Seq(inputs + 1), at: Moment::default(), fact: Fact::Wake }).unwrap());
            let replayed = replay(&bytes, |_, _| true).unwrap();
            assert_eq!(replayed.inputs, inputs);
            let line = inputs + 2;
            assert!(matches!(replayed.damage, Some(RecordingError::BadLine { line: at, .. }) if at == line));
        }
    }
}
