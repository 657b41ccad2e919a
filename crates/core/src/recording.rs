//! The recording of inputs, as JSON lines: a header line, optionally a checkpoint line, then one
//! input per line.
//!
//! A checkpoint is the state that the inputs before this recording produced; with it the recording
//! can be replayed alone. Its format is that of the program version that wrote it. Another version
//! may be unable to read it, and then starts with an empty state. Several recordings may follow one
//! another in one file, each with its own header, so `cat` concatenates recordings.
//!
//! Rules: the header names the schema; a file of a newer schema is refused, never guessed at.
//! Sequence numbers strictly increase. A last line without its line feed is torn (the writer died
//! in the middle of it): it is dropped, and [`Reader::torn`] reports that. Anything else that is
//! not an input is an error with its line number, returned after all inputs before it.

use serde::{Deserialize, Serialize};

use crate::engine::{State, step};
use crate::input::{Input, Observation};
use crate::json::{FromJson as _, ToJson, from_json, to_json};
use crate::message::{Count, Message, SharedMessage, Verbatim};
use crate::types::Seq;

/// The schema that this program writes. 2 added checkpoints, `began`, `intent` and ends that were
/// not monitored; 3 added `alert-policy` and the user commands for fixes and for the end of a
/// snooze; 4 added gauges, which generalise `memory`; 5 replaced sentences by messages with
/// arguments.
pub const SCHEMA: u32 = 5;

/// The longest line that is read, in bytes. A real input has a few hundred.
pub const LONGEST_LINE: usize = 1 << 20;

/// The longest checkpoint that is read, in bytes. One server takes a few hundred, and the size
/// grows with the number of live processes.
pub const LONGEST_CHECKPOINT: usize = 64 << 20;

/// The first line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Header {
    /// The schema of the lines that follow.
    #[serde(rename = "goplswatch-recording")]
    pub schema: u32,
    /// The version of the program that wrote it.
    pub version: String,
    /// The operating system it ran on: `linux`, `macos`.
    pub os: String,
    /// The boot that the continuous clock counts from.
    pub boot: String,
}

/// The second line of a recording that continues from a state.
#[derive(Serialize)]
pub struct Checkpoint<'a> {
    /// The state.
    pub checkpoint: &'a State,
}

from_json!(Header);
to_json!(Header, Checkpoint<'_>);

/// How a checkpoint line begins. No input begins like that.
const CHECKPOINT: &[u8] = b"{\"checkpoint\":";

/// How a header begins. No input begins like that.
const HEADER: &[u8] = b"{\"goplswatch-recording\":";

/// What is wrong with a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingError {
    /// There is no header: the file is empty or is something else.
    NotARecording,
    /// The schema is newer than [`SCHEMA`].
    Newer {
        /// The schema of the recording.
        schema: u32,
        /// The version of the program that wrote it.
        version: String,
    },
    /// A line is not an input.
    BadLine {
        /// The line's number; the header is line 1.
        line: u64,
        /// The reason, as a fragment.
        why: SharedMessage,
    },
}

impl RecordingError {
    /// What is wrong, as a fragment.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::NotARecording => Message::RecordingForeign,
            Self::Newer { schema, version } => Message::RecordingNewer {
                version: Verbatim(version.clone()),
                schema: Count::new((*schema).into()),
                most: Count::new(SCHEMA.into()),
            },
            Self::BadLine { line, why } => Message::RecordingBadLine { line: Count::new(*line), why: why.clone() },
        }
    }
}

/// Reads a recording from memory, input by input.
pub struct Reader<'a> {
    rest: &'a [u8],
    header: Header,
    checkpoint: Option<&'a [u8]>,
    line: u64,
    last: Seq,
    torn: bool,
    /// Nothing more is read, because of an error or because the next recording begins.
    ended: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`RecordingError::NotARecording`] or [`RecordingError::Newer`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, RecordingError> {
        Self::after(0, bytes)
    }

    /// Reads the header that follows after this many lines.
    fn after(lines: u64, bytes: &'a [u8]) -> Result<Self, RecordingError> {
        let (first, rest) = split_line(bytes).ok_or(RecordingError::NotARecording)?;
        if first.len() > LONGEST_LINE {
            return Err(RecordingError::NotARecording);
        }
        let header = Header::from_json(first).map_err(|_| RecordingError::NotARecording)?;
        if header.schema > SCHEMA {
            return Err(RecordingError::Newer { schema: header.schema, version: header.version });
        }
        let line = lines + 1;
        let mut reader = Self { rest, header, checkpoint: None, line, last: Seq(0), torn: false, ended: false };
        if let Some((line, rest)) = split_line(rest).filter(|(line, _)| line.starts_with(CHECKPOINT)) {
            reader.checkpoint = Some(line);
            reader.rest = rest;
            reader.line += 1;
        }
        Ok(reader)
    }

    /// What the user requested (mutes, a pause), from the checkpoint and from the inputs after it,
    /// and nothing of what was observed. For use if the state of [`Self::checkpoint`] cannot be
    /// read because another version wrote it.
    #[must_use]
    pub fn user_requests(self) -> Option<State> {
        let mut state = State::user_settings_of(self.checkpoint?)?;
        for input in self.map_while(Result::ok) {
            if matches!(input.observation, Observation::Began { .. } | Observation::UserCommand(_)) {
                step(&mut state, input);
            }
        }
        Some(state)
    }

    /// The state that this recording continues from; `None` if it starts with an empty state. The
    /// sequence numbers of its inputs must increase from that state's last one.
    ///
    /// # Errors
    /// Why its checkpoint cannot be read: damage, or the format of another version.
    pub fn checkpoint(&mut self) -> Result<Option<State>, Message> {
        #[derive(Deserialize)]
        struct Read {
            checkpoint: serde_json::Value,
        }
        match self.checkpoint {
            None => Ok(None),
            Some(line) if line.len() > LONGEST_CHECKPOINT => Err(longer_than(LONGEST_CHECKPOINT)),
            Some(line) => {
                let read: Read = serde_json::from_slice(line).map_err(Message::reported)?;
                let state = State::read(read.checkpoint).map_err(Message::reported)?;
                self.last = self.last.max(state.last());
                Ok(Some(state))
            }
        }
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Whether a torn last line was dropped; known once the iterator has ended.
    #[must_use]
    pub const fn torn(&self) -> bool {
        self.torn
    }

    /// The recording that follows this one in the same file; known once the iterator has ended.
    ///
    /// # Errors
    /// Its header is damaged, or its schema is newer than [`SCHEMA`].
    #[must_use]
    pub fn next_recording(&self) -> Option<Result<Self, RecordingError>> {
        self.rest.starts_with(HEADER).then(|| {
            Self::after(self.line, self.rest).map_err(|error| match error {
                RecordingError::NotARecording => {
                    RecordingError::BadLine { line: self.line + 1, why: SharedMessage::new(Message::RecordingNoHeader) }
                }
                other => other,
            })
        })
    }

    /// How many bytes have not been read yet, including those of later recordings.
    #[must_use]
    pub const fn bytes_left(&self) -> usize {
        self.rest.len()
    }

    /// The checkpoint's line, without its line feed.
    #[must_use]
    pub const fn checkpoint_line(&self) -> Option<&'a [u8]> {
        self.checkpoint
    }

    fn bad(&mut self, why: Message) -> RecordingError {
        self.ended = true;
        self.rest = &[];
        RecordingError::BadLine { line: self.line, why: SharedMessage::new(why) }
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Input, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.rest.is_empty() {
            return None;
        }
        let Some((line, rest)) = split_line(self.rest) else {
            // A checkpoint line can be torn as well.
            self.torn = true;
            self.rest = &[];
            return None;
        };
        if line.starts_with(HEADER) {
            self.ended = true;
            return None;
        }
        self.rest = rest;
        self.line += 1;
        if line.len() > LONGEST_LINE {
            return Some(Err(self.bad(longer_than(LONGEST_LINE))));
        }
        Some(match Input::from_json(line) {
            Ok(input) if input.seq > self.last => {
                self.last = input.seq;
                Ok(input)
            }
            Ok(input) => {
                // A file may hold any numbers, so they are shown with every digit.
                let (number, last) = (Verbatim::of(input.seq), Verbatim::of(self.last));
                Err(self.bad(Message::RecordingNotRising { number, last }))
            }
            Err(error) => Err(self.bad(Message::reported(error))),
        })
    }
}

fn longer_than(most: usize) -> Message {
    Message::RecordingLineTooLong { most: Count::new(most as u64) }
}

/// The bytes before the next line feed and those after it; `None` if there is none.
fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// A header or an input as a line, including the line feed.
///
/// # Errors
/// Only if a value cannot be represented as JSON, which cannot happen with the types of this crate.
pub fn line<T: ToJson>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut bytes = value.to_json()?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::UserCommand;
    use crate::time::Moment;
    use crate::time::Uptime;

    fn header() -> Header {
        Header { schema: SCHEMA, version: "0.1.0".into(), os: "linux".into(), boot: "b".into() }
    }

    fn recording(inputs: u64) -> Vec<u8> {
        let mut bytes = line(&header()).unwrap();
        for seq in 1..=inputs {
            bytes
                .extend(line(&Input { seq: Seq(seq), at: Moment::default(), observation: Observation::Wake }).unwrap());
        }
        bytes
    }

    #[test]
    fn a_recording_reads_back() {
        let bytes = recording(3);
        let mut reader = Reader::new(&bytes).unwrap();
        let seqs: Vec<u64> = reader.by_ref().map(|input| input.unwrap().seq.0).collect();
        assert_eq!((seqs, reader.torn()), (vec![1, 2, 3], false));
    }

    #[test]
    fn recordings_may_follow_one_another() {
        let both = [recording(3), recording(2)].concat();
        let mut first = Reader::new(&both).unwrap();
        assert_eq!(first.by_ref().count(), 3);
        let mut second = first.next_recording().unwrap().unwrap();
        assert_eq!(second.by_ref().map(|input| input.unwrap().seq.0).collect::<Vec<_>>(), [1, 2]);
        assert!(second.next_recording().is_none());
        let broken = [&recording(3)[..], HEADER, b"2}\n"].concat();
        let mut first = Reader::new(&broken).unwrap();
        assert!(first.by_ref().all(|input| input.is_ok()));
        assert!(matches!(first.next_recording(), Some(Err(RecordingError::BadLine { line: 5, .. }))));
        // A header after a damaged line is not taken for the start of another recording.
        let damaged = [&recording(1)[..], b"garbage\n", &recording(1)[..]].concat();
        let mut first = Reader::new(&damaged).unwrap();
        assert_eq!(first.by_ref().filter(Result::is_err).count(), 1);
        assert!(first.next_recording().is_none());
    }

    #[test]
    fn cut_anywhere_it_gives_every_whole_input_and_says_that_it_is_torn() {
        let bytes = recording(3);
        for cut in 0..bytes.len() {
            let whole = bytes[..cut].iter().filter(|b| **b == b'\n').count();
            match Reader::new(&bytes[..cut]) {
                Err(error) => assert_eq!((error, whole), (RecordingError::NotARecording, 0)),
                Ok(mut reader) => {
                    let read = reader.by_ref().filter(Result::is_ok).count();
                    assert_eq!(read + 1, whole, "cut at {cut}");
                    assert_eq!(reader.torn(), bytes[..cut].last() != Some(&b'\n'));
                }
            }
        }
    }

    #[test]
    fn damage_is_named_by_its_line_and_loses_nothing_before_it() {
        let mut bytes = recording(2);
        bytes.extend_from_slice(b"\xff\xfe garbage\n");
        bytes.extend(line(&Input { seq: Seq(9), at: Moment::default(), observation: Observation::Wake }).unwrap());
        let read: Vec<_> = Reader::new(&bytes).unwrap().collect();
        assert_eq!(read.len(), 3);
        assert!(matches!(read[2], Err(RecordingError::BadLine { line: 4, .. })), "{:?}", read[2]);
    }

    /// The situation after an update: a checkpoint that the new version can only read in part.
    #[test]
    fn an_update_forgets_no_wish() {
        let input = |seq, observation| Input {
            seq: Seq(seq),
            at: Moment { wall_ms: 0, uptime: Uptime::from_nanos(seq) },
            observation,
        };
        let mute = |workspace: &str| Observation::UserCommand(UserCommand::Mute { workspace: workspace.into() });
        let mut state = State::default();
        step(&mut state, input(1, Observation::Began { boot: "b".into() }));
        step(&mut state, input(2, mute("/w/api")));
        step(&mut state, input(3, Observation::UserCommand(UserCommand::Pause { length: None })));
        let mut checkpoint = serde_json::to_value(Checkpoint { checkpoint: &state }).unwrap();
        checkpoint["checkpoint"]["processes"]["lineages"] = serde_json::json!([["of another form"]]);
        let mut bytes = line(&header()).unwrap();
        bytes.extend(line(&checkpoint).unwrap());
        bytes.extend(line(&input(4, mute("/w/web"))).unwrap());
        bytes.extend(line(&input(5, Observation::UserCommand(UserCommand::Resume {}))).unwrap());
        let why = Reader::new(&bytes).unwrap().checkpoint().unwrap_err();
        let Message::Reported { words: Verbatim(why) } = why else { panic!("{why:?}") };
        assert!(!why.contains("column"), "a place in bytes that nobody has: {why}");
        let wishes = Reader::new(&bytes).unwrap().user_requests().unwrap();
        let view = wishes.snapshot(Moment::default()).alerts;
        assert_eq!((view.muted, view.paused), (vec!["/w/api".to_owned(), "/w/web".to_owned()], None));
    }

    #[test]
    fn numbers_must_rise_and_newer_schemas_are_refused() {
        let mut bytes = recording(2);
        bytes.extend(line(&Input { seq: Seq(2), at: Moment::default(), observation: Observation::Wake }).unwrap());
        assert!(Reader::new(&bytes).unwrap().last().unwrap().is_err());
        let mut state = State::default();
        crate::engine::step(&mut state, Input { seq: Seq(7), at: Moment::default(), observation: Observation::Wake });
        for (seq, right) in [(7, false), (8, true)] {
            let mut bytes = line(&header()).unwrap();
            bytes.extend(line(&Checkpoint { checkpoint: &state }).unwrap());
            bytes
                .extend(line(&Input { seq: Seq(seq), at: Moment::default(), observation: Observation::Wake }).unwrap());
            let mut reader = Reader::new(&bytes).unwrap();
            assert_eq!(reader.checkpoint().unwrap(), Some(state.clone()));
            assert_eq!(reader.next().unwrap().is_ok(), right);
        }
        let newer = line(&Header { schema: SCHEMA + 1, ..header() }).unwrap();
        assert!(matches!(Reader::new(&newer), Err(RecordingError::Newer { .. })));
        for other in [&b""[..], b"\n", b"{}\n", b"hello\n", b"\0\0\0\n"] {
            assert!(matches!(Reader::new(other), Err(RecordingError::NotARecording)));
        }
    }
}
