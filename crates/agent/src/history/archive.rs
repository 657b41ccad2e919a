//! Reads the history, whether or not an agent is writing it.
//!
//! Segments may be compressed, deleted and added while they are read. Therefore each is looked up
//! under both of its names, one that is gone is skipped, and after the last one the folder is
//! listed again for new ones.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use goplswatch_core::message::{self, Message, Verbatim};
use goplswatch_core::recording::{Checkpoint, Reader, RecordingError, line};
use goplswatch_core::replay::replay_after;
use goplswatch_core::{Event, Input, Moment, Seq, State, step};

use super::extent::Extent;
use super::segment::{self, Content, Segment};

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// At the first input at or after this time of the wall clock, milliseconds since 1970.
    WallMs(i64),
    /// At the input with this number, or the next one that exists.
    Seq(Seq),
}

impl Since {
    fn reached(self, seq: Seq, at: Moment) -> bool {
        match self {
            Self::WallMs(ms) => at.wall_ms >= ms,
            Self::Seq(first) => seq >= first,
        }
    }
}

/// Why the history cannot be read at all.
#[derive(Debug)]
pub enum HistoryError {
    /// The folder cannot be read.
    Folder {
        /// Its path.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The output of an export cannot be written.
    Output(std::io::Error),
}

impl HistoryError {
    /// What happened, as a fragment.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Folder { path, error } => Message::HistoryFolderUnread {
                folder: Verbatim(path.display().to_string()),
                error: Verbatim(error.to_string()),
            },
            Self::Output(error) => Message::HistoryExportFailed { error: Verbatim(error.to_string()) },
        }
    }
}

/// Something in the history that is not as it was written, or cannot be judged as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The segment's file name.
    pub segment: String,
    /// What is wrong and what that means, as a fragment that fits after "name: ".
    pub what: Message,
}

impl Flaw {
    /// The message, preceded by the segment's name.
    #[must_use]
    pub fn message(self) -> Message {
        Message::OfPart { of: Verbatim(self.segment), text: message::SharedMessage::new(self.what) }
    }
}

/// The result of a replay.
#[derive(Debug, Default)]
pub struct ReplaySummary {
    /// How many inputs were passed to `each`.
    pub inputs: u64,
    /// How many segments were read.
    pub segments: u64,
    /// What is wrong with some segments; the others were judged all the same.
    pub flaws: Vec<Flaw>,
    /// The versions of the programs that wrote the segments.
    pub versions: BTreeSet<String>,
    /// The state after the last input.
    pub state: State,
}

/// The result of an export.
#[derive(Debug, Default)]
pub struct Exported {
    /// How many inputs it holds.
    pub inputs: u64,
    /// As in [`ReplaySummary`].
    pub flaws: Vec<Flaw>,
}

/// A piece of the history.
#[derive(Debug)]
pub enum Part<'a> {
    /// A segment begins, with this state.
    Begins(&'a State),
    /// An input.
    Input(Box<Input>),
}

/// The segments in a folder.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// The history in this folder, which need not exist.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The size and time span of the history.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent::of(&self.folder)
    }

    /// Judges the history again. `each` gets the time of every input from `since` on and the events
    /// that the input caused, and returns false to stop.
    ///
    /// # Errors
    /// Only if the folder cannot be read; a missing folder is an empty history.
    pub fn replay(
        &self,
        since: Option<Since>,
        mut each: impl FnMut(Moment, Vec<Event>) -> bool,
    ) -> Result<ReplaySummary, HistoryError> {
        let mut summary = ReplaySummary::default();
        // The state after the previous segment, if that one was read to its end.
        let mut before: Option<State> = None;
        let mut begun = since.is_none();
        self.segments_from(since, |segment, content| {
            let mut wanted = true;
            let replayed = replay_after(before.take(), &content.bytes, |seq, at, events| {
                begun = begun || since.is_none_or(|since| since.reached(seq, at));
                if begun {
                    summary.inputs += 1;
                    wanted = each(at, events);
                }
                wanted
            });
            summary.segments += 1;
            let flaw = match replayed {
                Err(error) => Some(left_out(content, &error)),
                Ok(replayed) => {
                    summary.versions.extend(replayed.versions);
                    let blank =
                        replayed.blank.map(|why| Message::HistoryBlank { why: message::SharedMessage::new(why) });
                    let flaw = blank.or_else(|| replayed.damage.as_ref().map(RecordingError::message));
                    before = flaw.is_none().then(|| replayed.state.clone());
                    summary.state = replayed.state;
                    flaw
                }
            };
            summary.flaws.extend(flaw.map(|what| Flaw { segment: segment.name(), what }));
            Ok(wanted)
        })?;
        Ok(summary)
    }

    /// Reads the segments from the one that contains this number on, without judging. `each`
    /// returns false to stop. Damage ends a segment silently; [`Archive::replay`] reports it.
    ///
    /// # Errors
    /// As of [`Archive::replay`].
    pub fn read(&self, from: Seq, mut each: impl FnMut(Part<'_>) -> bool) -> Result<(), HistoryError> {
        self.segments_from(Some(Since::Seq(from)), |_, content| {
            let Ok(mut reader) = Reader::new(&content.bytes) else { return Ok(true) };
            if let Ok(Some(state)) = reader.checkpoint()
                && !each(Part::Begins(&state))
            {
                return Ok(false);
            }
            Ok(reader.map_while(Result::ok).all(|input| each(Part::Input(Box::new(input)))))
        })
    }

    /// Writes what was observed from `since_ms` on (wall clock, milliseconds since 1970) as
    /// consecutive recordings, the first one with the state at that moment: together they can be
    /// replayed alone.
    ///
    /// # Errors
    /// If the folder cannot be read or the output cannot be written.
    pub fn export(&self, since_ms: i64, out: &mut impl Write) -> Result<Exported, HistoryError> {
        let mut exported = Exported::default();
        let since = Since::WallMs(since_ms);
        let mut begun = false;
        self.segments_from(Some(since), |segment, content| {
            let mut flaws = |what| exported.flaws.push(Flaw { segment: segment.name(), what });
            let mut reader = match Reader::new(&content.bytes) {
                Ok(reader) => reader,
                Err(error) => {
                    flaws(left_out(content, &error));
                    return Ok(true);
                }
            };
            let header = reader.header().clone();
            // Without the state nothing can be judged silently: such a segment is exported whole,
            // as it is.
            let (mut state, whole) = match reader.checkpoint() {
                Ok(state) if !begun => (state.unwrap_or_default(), false),
                Ok(_) => (State::default(), true),
                Err(why) => {
                    flaws(Message::HistoryAsItIs { why: message::SharedMessage::new(why) });
                    (State::default(), true)
                }
            };
            let head = reader.checkpoint_line().map(<[u8]>::to_vec);
            let mut headed = false;
            for input in reader.by_ref() {
                let input = match input {
                    Ok(input) => input,
                    Err(error) => {
                        flaws(error.message());
                        break;
                    }
                };
                if !whole && !begun && !since.reached(input.seq, input.at) {
                    step(&mut state, input);
                    continue;
                }
                if !headed {
                    write(out, &header)?;
                    match &head {
                        Some(line) if whole => output(out.write_all(line).and_then(|()| out.write_all(b"\n")))?,
                        None if whole => {}
                        _ => write(out, &Checkpoint { checkpoint: &state })?,
                    }
                }
                (headed, begun) = (true, true);
                write(out, &input)?;
                exported.inputs += 1;
            }
            Ok(true)
        })?;
        output(out.flush())?;
        Ok(exported)
    }

    /// Reads one segment after the other, oldest first, starting with the last one that begins at
    /// or before `since`.
    fn segments_from(
        &self,
        since: Option<Since>,
        mut each: impl FnMut(&Segment, &Content) -> Result<bool, HistoryError>,
    ) -> Result<(), HistoryError> {
        let list =
            || segment::list(&self.folder).map_err(|error| HistoryError::Folder { path: self.folder.clone(), error });
        let mut segments = list()?;
        let start = match since {
            None => 0,
            Some(Since::Seq(seq)) => segments.iter().rposition(|s| s.first <= seq).unwrap_or(0),
            Some(Since::WallMs(ms)) => {
                let begins = |s: &Segment| segment::first_moment(&self.folder, s).is_some_and(|at| at.wall_ms <= ms);
                segments.iter().rposition(begins).unwrap_or(0)
            }
        };
        segments.drain(..start);
        while let Some(newest) = segments.last().map(|s| s.first) {
            for segment in &segments {
                let content = match segment::read(&self.folder, segment.first) {
                    Ok(Some(content)) if segment.is_unfinished(&content) => continue,
                    Ok(Some(content)) => content,
                    // It was the oldest, and was deleted meanwhile.
                    Ok(None) => continue,
                    Err(error) => {
                        Content { bytes: Vec::new(), broken: Some(goplswatch_disk::own::error_message(&error)) }
                    }
                };
                if !each(segment, &content)? {
                    return Ok(());
                }
            }
            segments = list()?;
            segments.retain(|s| s.first > newest);
        }
        Ok(())
    }
}

/// What is wrong with a segment that cannot be read at all.
fn left_out(content: &Content, error: &RecordingError) -> Message {
    let why = content.broken.as_ref().map_or_else(|| error.message(), Message::clone);
    Message::HistoryLeftOut { why: message::SharedMessage::new(why) }
}

fn write(out: &mut impl Write, value: &impl goplswatch_core::json::ToJson) -> Result<(), HistoryError> {
    output(line(value).map_err(std::io::Error::other).and_then(|bytes| out.write_all(&bytes)))
}

fn output(result: std::io::Result<()>) -> Result<(), HistoryError> {
    result.map_err(HistoryError::Output)
}
