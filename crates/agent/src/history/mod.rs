//! The history on disk: every input, appended before the engine sees it.
//!
//! Theory of operation. The history is a folder of *segments*. Each is a recording that replays alone (header,
//! checkpoint of the state, inputs), and its name is the number of its first input. The newest is written to, as plain
//! lines; the others are closed: compressed, never written again, and dropped from the oldest on when there are too
//! many bytes or they are too old. [`History`] writes, [`Archive`] reads, also while somebody writes.
//!
//! What is promised:
//! - An input whose [`History::append`] answered true was handed to the system with one `write(2)`: the death of this
//!   process loses nothing. A crash of the *machine* may lose the last seconds: only [`History::sync`] (after what the
//!   user asked for, before sleep, at exit) and the closing of a segment wait for the disk.
//! - A new segment begins when the open one holds enough inputs, and whenever what follows does not follow from
//!   what is in it: another program version, another boot, damage, or inputs that could not be written. So nothing is
//!   ever judged across a hole.
//! - A segment is closed in this order: the new one exists, the old one is on disk, its compressed form is on disk and
//!   has its name, the old file goes. What a crash leaves of that is finished at the next start.
//! - A torn last line is cut off at start. Damage is never guessed at: see `restore`.
//! - No number is used twice. The file `reserved` holds one that none in use exceeds, written ahead; so a number is
//!   not used again after a crash of the machine either, or after a time in which nothing could be recorded.
//! - Where nothing can be written the watch goes on. On a full disk the oldest segments make room first. Then it is
//!   said ([`History::trouble`]) and tried again, after half a minute at first and ten minutes at last.
//! - The age of a segment is that of its file, which is when its last input was written. The wall clock may jump, so it
//!   decides only while it keeps step with the continuous one: after a jump of more than an hour nothing is dropped for
//!   its age until a day later, and at start only if the clock fits to the newest input.

mod archive;
mod extent;
mod restore;
mod segment;
mod tidy;
mod writer;

use std::path::Path;

pub use archive::{Archive, Exported, Flaw, HistoryError, Part, ReplaySummary, Since};
pub use extent::Extent;
pub use writer::{History, Limits, Origin, Resumed};

/// Reads a recording file, compressed or not, and says what is wrong with its compressed form.
///
/// # Errors
/// Those of reading a file.
pub fn read_recording(path: &Path) -> std::io::Result<(Vec<u8>, Option<String>)> {
    let content = segment::unpack(std::fs::read(path)?);
    Ok((content.bytes, content.broken))
}
