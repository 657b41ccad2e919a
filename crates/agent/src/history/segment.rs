//! The files of the history: how they are named, listed, read and compressed.
//!
//! A segment is a recording (header, checkpoint, inputs) whose name is the number of its first
//! input. A closed one is compressed with gzip, whose checksum detects damage; `zcat` reads it too.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use goplswatch_core::json::FromJson as _;
use goplswatch_core::message::{Count, Message};
use goplswatch_core::recording::LONGEST_LINE;
use goplswatch_core::{Input, Moment, Seq};
use goplswatch_disk as disk;
use goplswatch_disk::own::{self, Foreign, Purpose};

/// Follows the number in the name of a segment that is being written.
const RAW: &str = ".jsonl";
/// The same for a closed one.
const GZ: &str = ".jsonl.gz";
/// The same for one that is being compressed.
const UNFINISHED: &str = ".jsonl.gz.tmp";
/// The first bytes of a file that gzip wrote (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// A segment is closed when it holds this many bytes of inputs.
pub(super) const MAX_SEGMENT_BYTES: u64 = 4 << 20;
/// A larger number in a name is damage, or was planted: it would leave no numbers.
pub(super) const MAX_FIRST: u64 = 1 << 60;
/// No segment decompresses to more than this, bytes: its inputs, and the state at its beginning.
const MAX_UNPACKED_BYTES: u64 = 64 << 20;
/// No input's line is shorter, bytes. So the length of a file limits how many numbers it can hold.
const SHORTEST_LINE: u64 = 40;

/// A segment as the folder lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The number of its first input.
    pub(super) first: Seq,
    /// Whether its uncompressed file exists. A crash may leave both files.
    pub(super) raw: bool,
    /// Bytes on disk.
    pub(super) bytes: u64,
    /// When it was last written: the time of its last input, which compression preserves.
    pub(super) modified: SystemTime,
}

impl Segment {
    pub(super) fn path(&self, folder: &Path) -> PathBuf {
        if self.raw { raw_path(folder, self.first) } else { gz_path(folder, self.first) }
    }

    /// Its name in messages.
    pub(super) fn name(&self) -> String {
        format!("{:020}{}", self.first.0, if self.raw { RAW } else { GZ })
    }

    /// Whether this file is just being created, or was when its writer died: then it has no input
    /// yet.
    pub(super) fn is_unfinished(&self, content: &Content) -> bool {
        self.raw && content.broken.is_none() && content.bytes.iter().filter(|b| **b == b'\n').take(2).count() < 2
    }

    /// Removes its files.
    pub(super) fn remove(&self, folder: &Path) -> std::io::Result<()> {
        let compressed = gone_is_fine(std::fs::remove_file(gz_path(folder, self.first)));
        let raw = gone_is_fine(std::fs::remove_file(raw_path(folder, self.first)));
        compressed.and(raw)
    }
}

pub(super) fn raw_path(folder: &Path, first: Seq) -> PathBuf {
    folder.join(format!("{:020}{RAW}", first.0))
}

fn gz_path(folder: &Path, first: Seq) -> PathBuf {
    folder.join(format!("{:020}{GZ}", first.0))
}

fn gone_is_fine(result: std::io::Result<()>) -> std::io::Result<()> {
    result.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// The number in a file's name, and what follows it.
fn parse(name: &str) -> Option<(Seq, &str)> {
    let (digits, rest) = name.split_at_checked(20)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
    let first = digits.parse().ok().filter(|n| *n < MAX_FIRST)?;
    Some((Seq(first), rest))
}

/// The segments of a folder, oldest first. A missing folder has none.
pub(super) fn list(folder: &Path) -> std::io::Result<Vec<Segment>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found: Vec<Segment> = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some((first, rest)) = name.to_str().and_then(parse) else { continue };
        let raw = match rest {
            RAW => true,
            GZ => false,
            _ => continue,
        };
        // It may be gone by now. Of a link this is the link itself.
        let Ok(about) = entry.metadata() else { continue };
        if !is_own(&about) {
            continue;
        }
        let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        found.push(Segment { first, raw, bytes: about.len(), modified });
    }
    found.sort_by_key(|s| (s.first, !s.raw));
    found.dedup_by(|twin, kept| {
        let same = twin.first == kept.first;
        if same {
            kept.bytes += twin.bytes;
        }
        same
    });
    Ok(found)
}

/// Whether it is a plain file of this user; nothing else is a segment, and its number is not ours.
fn is_own(about: &std::fs::Metadata) -> bool {
    about.is_file() && about.uid() == rustix::process::geteuid().as_raw()
}

/// What stands in the folder under the name of a segment and is none.
pub(super) fn foreign(folder: &Path) -> Vec<Foreign> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let named = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        let rest = name.to_str().and_then(parse).map(|(_, rest)| rest);
        rest.is_some_and(|rest| [RAW, GZ].contains(&rest)) && entry.metadata().is_ok_and(|about| !is_own(&about))
    });
    named.filter_map(|entry| Foreign::in_error(&own::read(&entry.path(), Purpose::Shown).err()?).cloned()).collect()
}

/// What was read from a file.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// Why it could not be decompressed to its end.
    pub(super) broken: Option<Message>,
}

/// Reads a whole segment; `None` if it is gone. The agent may compress it meanwhile. A segment that
/// is damaged in its compressed form gives no bytes: what decompresses before the damage is
/// detected may be wrong and look right.
pub(super) fn read(folder: &Path, first: Seq) -> std::io::Result<Option<Content>> {
    for path in [raw_path(folder, first), gz_path(folder, first), raw_path(folder, first)] {
        match read_own(&path) {
            Ok(bytes) => {
                let mut content = unpack(bytes, MAX_UNPACKED_BYTES);
                if content.broken.is_some() {
                    content.bytes.clear();
                }
                return Ok(Some(content));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound || Foreign::in_error(&error).is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn read_own(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    own::read(path, Purpose::Shown)?.take(MAX_UNPACKED_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The recording in a file's bytes, compressed or not, of at most so many bytes. From a damaged one,
/// what precedes the damage.
pub(super) fn unpack(bytes: Vec<u8>, most: u64) -> Content {
    if !bytes.starts_with(&GZIP_MAGIC) {
        return Content { bytes, broken: None };
    }
    let mut unpacked = Vec::with_capacity(bytes.len().saturating_mul(8).min(16 << 20));
    let result = MultiGzDecoder::new(&bytes[..]).take(most).read_to_end(&mut unpacked);
    let broken = match result {
        Err(error) => Some(Message::reported(error)),
        // A few bytes can decompress to more than this machine has.
        Ok(length) if length as u64 == most => Some(Message::RecordingTooLong { mebibytes: Count::new(most >> 20) }),
        Ok(_) => None,
    };
    Content { bytes: unpacked, broken }
}

/// Finishes a closed segment: cuts off a torn line and compresses the rest. Both files are on disk
/// before the raw one is removed.
pub(super) fn compress(folder: &Path, first: Seq) -> std::io::Result<()> {
    let raw = raw_path(folder, first);
    let mut file = own::read(&raw, Purpose::Shown)?;
    disk::sync_data(&file)?;
    let modified = file.metadata()?.modified()?;
    let mut bytes = Vec::new();
    (&mut file).take(MAX_UNPACKED_BYTES).read_to_end(&mut bytes)?;
    let whole = bytes.get(..whole_lines(&bytes)).unwrap_or_default();
    let unfinished = folder.join(format!("{:020}{UNFINISHED}", first.0));
    let written = (|| {
        // What an earlier crash left is in nobody's way.
        gone_is_fine(std::fs::remove_file(&unfinished))?;
        let out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        let mut encoder = GzEncoder::new(out, Compression::default());
        encoder.write_all(whole)?;
        let out = encoder.finish()?;
        out.set_modified(modified)?;
        disk::sync_all(&out)?;
        // It may have been deleted meanwhile, to make room.
        std::fs::metadata(&raw)?;
        std::fs::rename(&unfinished, gz_path(folder, first))
    })();
    if let Err(error) = written {
        let _ = std::fs::remove_file(&unfinished);
        return Err(error);
    }
    std::fs::remove_file(&raw)?;
    sync_folder(folder);
    Ok(())
}

/// Removes what a crash during compression left.
pub(super) fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().and_then(parse).is_some_and(|(_, rest)| rest == UNFINISHED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Makes file names durable. Where a folder cannot be synced, the system does it in its own time.
pub(super) fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|f| disk::sync_all(&f));
}

/// How many bytes belong to complete lines.
pub(super) fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
}

/// The length of header and checkpoint; the whole length if they are incomplete.
pub(super) fn head_length(bytes: &[u8]) -> usize {
    let mut ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1);
    ends.nth(1).unwrap_or(bytes.len())
}

/// No number in the segment exceeds this one, whatever the damage.
pub(super) fn highest_possible(first: Seq, content: &Content) -> Seq {
    let most = if content.broken.is_some() { 2 * MAX_SEGMENT_BYTES } else { content.bytes.len() as u64 };
    let seen = content
        .bytes
        .split(|b| *b == b'\n')
        .filter(|line| line.len() <= LONGEST_LINE)
        .filter_map(|line| Input::from_json(line).ok())
        .map(|input| input.seq.0)
        .max()
        .unwrap_or(0);
    Seq(seen.max(first.0).saturating_add(numbers_in(most)))
}

/// The most inputs that this many bytes can hold.
pub(super) const fn numbers_in(bytes: u64) -> u64 {
    bytes / SHORTEST_LINE + 1
}

/// When the first input of a segment was observed; reads only its beginning.
pub(super) fn first_moment(folder: &Path, segment: &Segment) -> Option<Moment> {
    let file = own::read(&segment.path(folder), Purpose::Shown).ok()?;
    if segment.raw {
        third_line(BufReader::new(file.take(MAX_UNPACKED_BYTES)))
    } else {
        third_line(BufReader::new(MultiGzDecoder::new(file).take(MAX_UNPACKED_BYTES)))
    }
}

fn third_line(mut lines: impl BufRead) -> Option<Moment> {
    let mut line = Vec::new();
    for _ in 0..3 {
        line.clear();
        lines.read_until(b'\n', &mut line).ok()?;
    }
    Input::from_json(&line).ok().map(|input| input.at)
}

/// When the last input of an uncompressed segment was observed; reads only its end.
pub(super) fn last_moment(folder: &Path, segment: &Segment) -> Option<Moment> {
    const END: u64 = 64 << 10;
    let mut file = own::read(&raw_path(folder, segment.first), Purpose::Shown).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END))).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    bytes.rsplit(|b| *b == b'\n').find_map(|line| Input::from_json(line).ok()).map(|input| input.at)
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Observation;
    use goplswatch_core::recording::line;

    use super::*;

    #[test]
    fn no_line_is_shorter_than_the_shortest() {
        let least = Input { seq: Seq(1), at: Moment::default(), observation: Observation::Wake };
        assert!(line(&least).unwrap().len() as u64 > SHORTEST_LINE);
    }

    #[test]
    fn a_few_bytes_that_decompress_to_many_are_given_up() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
        bomb.write_all(&vec![b'0'; 4 << 20]).unwrap();
        let bomb = bomb.finish().unwrap();
        let content = unpack(bomb.clone(), 1 << 20);
        assert_eq!(content.bytes.len(), 1 << 20);
        assert_eq!(content.broken, Some(Message::RecordingTooLong { mebibytes: Count::new(1) }));
        assert_eq!(unpack(bomb, 1 << 30).broken, None);
    }

    #[test]
    fn foreign_files_are_no_segments() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["reserved", "1.jsonl", "0000000000000000000x.jsonl", "00000000000000000007.jsonl.gz.tmp", ".jsonl"]
        {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        for name in ["00000000000000000012.jsonl", "00000000000000000003.jsonl.gz", "00000000000000000012.jsonl.gz"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let found: Vec<_> = list(folder.path()).unwrap().iter().map(|s| (s.first.0, s.raw, s.bytes)).collect();
        assert_eq!(found, [(3, false, 1), (12, true, 2)]);
        remove_unfinished(folder.path());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 7);
    }
}
