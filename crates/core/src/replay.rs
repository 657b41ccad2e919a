//! Replays a recording through the engine. A replay reads no process table: its observations are
//! already in the recording.
//!
//! A recording that opens with a checkpoint continues from it. If the checkpoint cannot be read
//! (damage, or the format of another version) and the inputs before it were judged without a gap,
//! the replay continues from the state they left. Otherwise it starts with an empty state and says
//! so.
//!
//! Parsing a line costs about as much as judging it, so a long recording is parsed on a separate
//! thread, in batches that keep their order. All judging happens on the caller's thread.

use std::collections::BTreeSet;
use std::sync::mpsc::sync_channel;

use crate::message::Message;
use crate::recording::{Header, Reader, RecordingError};
use crate::{Effect, Event, Input, Moment, Seq, State, step};

/// A recording shorter than this, in bytes, is parsed faster than a thread starts.
const PARSER_THREAD_MIN_BYTES: usize = 1 << 20;
/// How many inputs cross between the threads at once …
const BATCH: usize = 512;
/// … and how many batches may be queued.
const BATCHES: usize = 8;

/// The result of a replay.
pub struct Replayed {
    /// The recording's header; the first one if several recordings follow one another.
    pub header: Header,
    /// Versions of the programs that wrote it.
    pub versions: BTreeSet<String>,
    /// The state after the last input.
    pub state: State,
    /// How many inputs were replayed.
    pub inputs: u64,
    /// Whether an incomplete last line was dropped.
    pub torn: bool,
    /// The damage that ended the replay early, if any.
    pub damage: Option<RecordingError>,
    /// Why a checkpoint could not be read, if the inputs after it were judged from an empty state.
    pub blank: Option<Message>,
}

/// Replays a recording in memory. `each` is called with the time of every input and the events that
/// it caused; it returns false to stop.
///
/// # Errors
/// If the header is missing or newer than this program.
pub fn replay(bytes: &[u8], mut each: impl FnMut(Moment, Vec<Event>) -> bool) -> Result<Replayed, RecordingError> {
    replay_after(None, bytes, |_, at, events| each(at, events))
}

/// Like [`replay`], for a recording that may continue an earlier state. `before` is used if the
/// recording's own checkpoint cannot be read and its sequence numbers follow without a gap. `each`
/// also gets the sequence number of the input.
///
/// # Errors
/// As for [`replay`].
pub fn replay_after(
    before: Option<State>,
    bytes: &[u8],
    each: impl FnMut(Seq, Moment, Vec<Event>) -> bool,
) -> Result<Replayed, RecordingError> {
    let mut reader = Reader::new(bytes)?;
    let replayed = Replayed {
        header: reader.header().clone(),
        versions: BTreeSet::new(),
        state: State::default(),
        inputs: 0,
        torn: false,
        damage: None,
        blank: None,
    };
    let mut replayer = Replayer { replayed, before, unread: None, stopped: false, each };
    loop {
        replayer.begins(&mut reader);
        let another = if reader.bytes_left() < PARSER_THREAD_MIN_BYTES {
            replayer.replay_inline(reader)
        } else {
            replayer.replay_with_parser_thread(reader)
        };
        replayer.ends();
        match another {
            Some(Ok(next)) if !replayer.stopped => {
                replayer.before = Some(std::mem::take(&mut replayer.replayed.state));
                reader = next;
            }
            Some(Err(error)) if !replayer.stopped => {
                replayer.replayed.damage = Some(error);
                return Ok(replayer.replayed);
            }
            _ => return Ok(replayer.replayed),
        }
    }
}

/// The recording that follows in the same file, if any.
type Another<'a> = Option<Result<Reader<'a>, RecordingError>>;

struct Replayer<F> {
    replayed: Replayed,
    /// The state left by the inputs before this recording, until it is known whether it is used.
    before: Option<State>,
    /// Why the checkpoint cannot be read, until the first input decides whether that matters.
    unread: Option<Message>,
    stopped: bool,
    each: F,
}

impl<F: FnMut(Seq, Moment, Vec<Event>) -> bool> Replayer<F> {
    fn begins(&mut self, reader: &mut Reader<'_>) {
        self.replayed.versions.insert(reader.header().version.clone());
        match reader.checkpoint() {
            Ok(Some(state)) => {
                self.replayed.state = state;
                self.before = None;
            }
            // A recording of a single `watch` run: it starts with an empty state.
            Ok(None) => {
                self.replayed.state = State::default();
                self.before = None;
            }
            Err(why) => self.unread = Some(why),
        }
    }

    /// Parses and judges a short recording on the caller's thread.
    fn replay_inline<'a>(&mut self, mut reader: Reader<'a>) -> Another<'a> {
        self.stopped = !reader.by_ref().all(|input| self.apply_input(input));
        self.replayed.torn = !self.stopped && reader.torn();
        reader.next_recording()
    }

    fn replay_with_parser_thread<'a>(&mut self, mut reader: Reader<'a>) -> Another<'a> {
        std::thread::scope(|scope| {
            let (sender, batches) = sync_channel(BATCHES);
            let parser = scope.spawn(move || {
                loop {
                    let batch: Vec<_> = reader.by_ref().take(BATCH).collect();
                    // The receiver is gone: the caller stopped the replay.
                    if batch.is_empty() || sender.send(batch).is_err() {
                        return reader;
                    }
                }
            });
            self.stopped = !batches.into_iter().flatten().all(|input| self.apply_input(input));
            let reader = parser.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            self.replayed.torn = !self.stopped && reader.torn();
            reader.next_recording()
        })
    }

    /// Judges one input. Returns whether the next one is wanted.
    fn apply_input(&mut self, input: Result<Input, RecordingError>) -> bool {
        let input = match input {
            Ok(input) => input,
            Err(error) => {
                self.replayed.damage = Some(error);
                return false;
            }
        };
        if let Some(why) = self.unread.take() {
            let before = self.before.take().filter(|state| input.seq.0 == state.last().0.saturating_add(1));
            if before.is_none() {
                self.replayed.blank = Some(why);
            }
            self.replayed.state = before.unwrap_or_default();
        }
        self.replayed.inputs += 1;
        let (seq, at) = (input.seq, input.at);
        let events = step(&mut self.replayed.state, input)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Event(event) => Some(event),
                Effect::WakeAt(_) | Effect::Ask(_) => None,
            })
            .collect();
        (self.each)(seq, at, events)
    }

    /// A recording without inputs leaves the earlier state as it was.
    fn ends(&mut self) {
        if let Some(why) = self.unread.take() {
            if self.before.is_none() {
                self.replayed.blank = Some(why);
            }
            self.replayed.state = self.before.take().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Observation;
    use crate::capability::{Capability, CapabilityState};
    use crate::message::Message;
    use crate::recording::{Checkpoint, SCHEMA, line};

    fn recording(inputs: u64) -> Vec<u8> {
        let header = Header { schema: SCHEMA, version: "0".into(), os: "linux".into(), boot: "b".into() };
        let mut bytes = line(&header).unwrap();
        for seq in 1..=inputs {
            bytes
                .extend(line(&Input { seq: Seq(seq), at: Moment::default(), observation: Observation::Wake }).unwrap());
        }
        bytes
    }

    /// Enough for the second thread, and not a whole number of batches.
    const MANY: u64 = (PARSER_THREAD_MIN_BYTES / 40) as u64;

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
        assert!(recording(MANY).len() > PARSER_THREAD_MIN_BYTES);
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

    /// The same inputs in pieces. Each piece begins with a checkpoint that is readable or not.
    #[test]
    fn a_recording_goes_on_from_its_checkpoint_or_from_what_came_before() {
        let capability = |seq: u64| Input {
            seq: Seq(seq),
            at: Moment::default(),
            observation: Observation::Capability(Capability {
                name: format!("c{seq}"),
                state: CapabilityState::Ok,
                said: Message::reported("proved").into(),
            }),
        };
        let header = recording(0);
        let mut state = State::default();
        let mut pieces = Vec::new();
        for first in [1, 4, 7] {
            let checkpoint = line(&Checkpoint { checkpoint: &state }).unwrap();
            let mut inputs = Vec::new();
            for seq in first..first + 3 {
                inputs.extend(line(&capability(seq)).unwrap());
                step(&mut state, capability(seq));
            }
            pieces.push((checkpoint, inputs));
        }
        let file = |skip: usize, readable: bool| {
            let mut bytes = Vec::new();
            for (i, (checkpoint, inputs)) in pieces.iter().enumerate() {
                if i != skip {
                    bytes.extend_from_slice(&header);
                    let other = &b"{\"checkpoint\":{\"of\":\"another version\"}}\n"[..];
                    bytes.extend_from_slice(if readable || i == 0 { checkpoint } else { other });
                    bytes.extend_from_slice(inputs);
                }
            }
            bytes
        };
        for (skip, readable, inputs, same, blank) in [
            (9, true, 9, true, false),
            (9, false, 9, true, false),
            (0, true, 6, true, false),
            (0, false, 6, false, true),
            (1, true, 6, true, false),
            (1, false, 6, false, true),
        ] {
            let replayed = replay(&file(skip, readable), |_, _| true).unwrap();
            assert_eq!((replayed.inputs, &replayed.damage), (inputs, &None));
            assert_eq!((replayed.state == state, replayed.blank.is_some()), (same, blank), "{skip} {readable}");
        }
    }

    #[test]
    fn damage_ends_a_long_replay_where_it_stands() {
        for inputs in [3, MANY] {
            let mut bytes = recording(inputs);
            bytes.extend_from_slice(b"garbage\n");
            bytes.extend(
                line(&Input { seq: Seq(inputs + 1), at: Moment::default(), observation: Observation::Wake }).unwrap(),
            );
            let replayed = replay(&bytes, |_, _| true).unwrap();
            assert_eq!(replayed.inputs, inputs);
            let line = inputs + 2;
            assert!(matches!(replayed.damage, Some(RecordingError::BadLine { line: at, .. }) if at == line));
        }
    }
}
