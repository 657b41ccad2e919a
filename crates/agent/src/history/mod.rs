//! The history on disk: every input, appended before the engine processes it.
//!
//! Theory of operation. The history is a folder of *segments*. Each is a recording that can be
//! replayed alone (header, checkpoint of the state, inputs), and its name is the number of its
//! first input. The newest one is open: inputs are appended to it as plain lines. The others are
//! closed: compressed, never written again, and deleted from the oldest on when there are too many
//! bytes or they are too old. [`History`] writes, [`Archive`] reads, even while another process
//! writes.
//!
//! Guarantees:
//! - An input for which [`History::append`] returned true was handed to the kernel with one
//!   `write(2)`: the death of this process loses nothing. A crash of the *machine* may lose the
//!   last seconds: only [`History::sync`] (after a user command other than a requested scan, and at
//!   exit) and the closing of a segment put inputs on disk for certain.
//! - A new segment begins when the open one is full, and whenever the next input does not follow
//!   from its content: another program version, another boot, damage, or inputs that could not be
//!   written. So nothing is ever judged across a gap.
//! - A segment is closed in this order: the new one exists, the old one is on disk, its compressed
//!   form is on disk and has its name, the old file is removed. The next start finishes what a
//!   crash interrupted.
//! - A torn last line is cut off at start. Damage is never repaired by guessing: see `restore`.
//! - No number is used twice. The file `reserved` is written ahead and holds a number that no used
//!   one exceeds. So a number is not reused after a crash of the machine either, or after a time in
//!   which nothing could be recorded.
//! - If nothing can be written, monitoring goes on. On a full disk the oldest segments are deleted
//!   first to make room. Then the problem is reported ([`History::trouble`]) and writing is
//!   retried, after half a minute at first, up to every ten minutes.
//! - The age of a segment is that of its file, which is when its last input was written. The wall
//!   clock may jump, so age counts only while the wall clock keeps step with the continuous one:
//!   after a jump of more than an hour nothing is deleted for its age until a day later, and at
//!   start only if the clock agrees with the newest input.

mod archive;
mod extent;
mod restore;
mod segment;
mod tidy;
mod writer;

use std::path::Path;

use goplswatch_core::message::Message;

pub use archive::{Archive, Exported, Flaw, HistoryError, Part, ReplaySummary, Since};
pub use extent::Extent;
pub use writer::{History, Limits, Origin, Resumed};

/// The longest recording that is decompressed, bytes: some three million inputs.
const MAX_RECORDING_BYTES: u64 = 512 << 20;

/// Reads a recording file, compressed or not, and says what is wrong with its compressed form.
///
/// # Errors
/// Those of reading a file.
pub fn read_recording(path: &Path) -> std::io::Result<(Vec<u8>, Option<Message>)> {
    let content = segment::unpack(std::fs::read(path)?, MAX_RECORDING_BYTES);
    Ok((content.bytes, content.broken))
}
