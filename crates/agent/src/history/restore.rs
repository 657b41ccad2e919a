//! Restores the state of the previous run: the one to which the newest segment leads.
//!
//! The newest segment whose checkpoint can be read is judged again, and so is what follows it. That
//! ends at the first damage: the inputs after it may still be readable, but without the lost ones
//! they would lead to a state that never existed. The result is then the last true state, and the
//! history continues in a new segment, so that nothing is ever judged across the gap. The agent
//! scans everything when it starts, so it soon knows what it missed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::recording::{Header, Reader, RecordingError};
use goplswatch_core::replay::{Replayed, replay_after};
use goplswatch_core::{Seq, State};
use goplswatch_disk::own;

use super::segment::{self, Content, Segment};

/// At most this many segments are searched for a readable checkpoint.
const MAX_SEGMENTS_SEARCHED: usize = 4;

/// How a segment is judged; a test can replace it.
pub(super) type Judge = fn(Option<State>, &[u8]) -> Result<Replayed, RecordingError>;

/// Judges a segment with the engine.
pub(super) fn judge(before: Option<State>, bytes: &[u8]) -> Result<Replayed, RecordingError> {
    replay_after(before, bytes, |_, _, _| true)
}

/// The result of restoring; see the module.
#[derive(Default)]
pub(super) struct Restored {
    pub(super) state: State,
    /// No number up to this one may be used again.
    pub(super) last: Seq,
    pub(super) notes: Vec<Message>,
    /// The newest segment, if it is undamaged: a writer with the same header can continue it.
    pub(super) intact: Option<Intact>,
    /// Files that were being created when their writer died.
    pub(super) unfinished: Vec<Segment>,
}

pub(super) struct Intact {
    pub(super) segment: Segment,
    pub(super) header: Header,
    /// Its length without a torn last line.
    pub(super) length: u64,
    pub(super) torn: bool,
    /// The length of header and checkpoint.
    pub(super) head: u64,
}

/// Restores the state. Nothing on disk is changed.
pub(super) fn restore(folder: &Path, judge: Judge) -> Restored {
    let mut restored = Restored::default();
    let segments = match segment::list(folder) {
        Ok(segments) => segments,
        Err(error) => {
            restored.notes.push(Message::HistoryUnread {
                folder: Verbatim(folder.display().to_string()),
                error: Verbatim(error.to_string()),
            });
            return restored;
        }
    };
    for foreign in segment::foreign(folder) {
        restored.notes.push(Message::ForeignNotRead { foreign: SharedMessage::new(foreign.message()) });
    }
    let mut found = Vec::new();
    for segment in segments.into_iter().rev() {
        let content = match segment::read(folder, segment.first) {
            Ok(Some(content)) => content,
            Ok(None) => continue,
            Err(error) => Content { bytes: Vec::new(), broken: Some(own::error_message(&error)) },
        };
        if segment.is_unfinished(&content) {
            restored.last = restored.last.max(segment::highest_possible(segment.first, &content));
            restored.unfinished.push(segment);
            continue;
        }
        let readable = Reader::new(&content.bytes).is_ok_and(|mut r| matches!(r.checkpoint(), Ok(Some(_))));
        found.push((segment, content));
        if readable || found.len() == MAX_SEGMENTS_SEARCHED {
            break;
        }
    }
    // Only a segment whose own checkpoint was readable is continued in the same file.
    let whole = found.len() == 1;
    let mut state = None;
    // From a state that another version wrote, keep at least what the user asked for.
    let user_requests = found.iter().find_map(|(_, content)| Reader::new(&content.bytes).ok()?.user_requests());
    for (segment, content) in found.into_iter().rev() {
        restored.intact = None;
        restored.take(&mut state, segment, &content, judge);
    }
    restored.intact = restored.intact.take().filter(|_| whole);
    restored.state = state.or(user_requests).unwrap_or_default();
    restored.last = restored.last.max(restored.state.last());
    restored
}

impl Restored {
    fn take(&mut self, state: &mut Option<State>, segment: Segment, content: &Content, judge: Judge) {
        let name = segment.name();
        let bytes = &content.bytes;
        let judged = catch_unwind(AssertUnwindSafe(|| judge(state.clone(), bytes)));
        let wrong = match judged {
            Ok(Ok(replayed)) => {
                let blank =
                    replayed.blank.clone().map(|why| Message::HistoryNoCheckpoint { why: SharedMessage::new(why) });
                let wrong = blank.or_else(|| replayed.damage.as_ref().map(RecordingError::message));
                if replayed.blank.is_none() {
                    *state = Some(replayed.state);
                }
                if wrong.is_none() {
                    let last = state.as_ref().map_or(Seq(0), State::last);
                    let length = segment::whole_lines(bytes);
                    let tail = bytes.len() - length;
                    let spent = if tail == 0 { 0 } else { segment::numbers_in(tail as u64) };
                    // The numbers may be damaged, but there are no fewer of them than inputs.
                    let counted = segment.first.0.saturating_add(replayed.inputs).saturating_sub(1);
                    self.last = self.last.max(Seq(last.0.max(counted).saturating_add(spent)));
                    self.intact = segment.raw.then(|| Intact {
                        segment,
                        header: replayed.header,
                        length: length as u64,
                        torn: tail > 0,
                        head: segment::head_length(bytes) as u64,
                    });
                    return;
                }
                wrong
            }
            Ok(Err(error)) => Some(content.broken.as_ref().map_or_else(|| error.message(), Message::clone)),
            // A panic of the engine would end the agent at every start, forever.
            Err(_) => {
                *state = Some(State::default());
                Some(Message::HistoryJudgingFailed)
            }
        };
        let Some(wrong) = wrong else { return };
        self.last = self.last.max(segment::highest_possible(segment.first, content));
        let known = if state.as_ref().is_none_or(|s| s.last() == Seq(0)) {
            Message::HistoryKnowsNothing
        } else {
            Message::HistoryKnowsBefore
        };
        self.notes.push(Message::HistoryNotToEnd {
            part: Verbatim(name),
            wrong: SharedMessage::new(wrong),
            known: SharedMessage::new(known),
        });
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::recording::{Checkpoint, SCHEMA, line};

    use super::*;

    #[test]
    fn an_engine_that_panics_ends_no_start() {
        let folder = tempfile::tempdir().unwrap();
        let header = Header { schema: SCHEMA, version: "0".into(), os: "linux".into(), boot: "b".into() };
        let mut bytes = line(&header).unwrap();
        bytes.extend(line(&Checkpoint { checkpoint: &State::default() }).unwrap());
        std::fs::write(segment::raw_path(folder.path(), Seq(7)), &bytes).unwrap();
        let restored = restore(folder.path(), |_, _| panic!("a defect"));
        assert_eq!(restored.state, State::default());
        assert!(restored.intact.is_none(), "that segment is never read again");
        assert!(restored.last >= Seq(7));
        assert!(
            matches!(&restored.notes[0], Message::HistoryNotToEnd { wrong, .. } if **wrong == Message::HistoryJudgingFailed),
            "{:?}",
            restored.notes
        );
        assert!(restore(folder.path(), judge).notes.is_empty());
    }
}
