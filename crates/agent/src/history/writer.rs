//! Appends to the history. A failure is never final, an error of the system never causes a panic,
//! and while appending the writer waits for the disk only once in a thousand inputs, to reserve
//! numbers, and when a segment begins.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::recording::{Checkpoint, Header, SCHEMA, line};
use goplswatch_core::time::{DAY, HOUR, Uptime, millis};
use goplswatch_core::{Input, Moment, Seq, State};
use goplswatch_disk as disk;
use goplswatch_disk::own::{self, Foreign, Purpose};

use super::archive::Archive;
use super::extent::Extent;
use super::restore::{Intact, Restored, judge, restore};
use super::segment;
use super::tidy::{Maintenance, Round, closed};

/// With a small size limit a segment is an eighth of the limit, but not less than this, bytes.
const MIN_SEGMENT_BYTES: u64 = 64 << 10;
/// At most this many segments are deleted for one input on a full disk.
const DROPS: usize = 4;
/// How many numbers are reserved at once.
const RESERVE: u64 = 1_000;
/// Backoff after the first failure; it doubles with each further one, …
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// … up to this.
const MAX_BACKOFF: Duration = Duration::from_secs(600);
/// How often segments are checked for their age.
const AGE_EVERY: Duration = DAY;
/// A wall clock that moved by more than this against the continuous one has jumped.
const JUMP: Duration = HOUR;
/// The wall clock at start is trusted if the newest input was observed within this before.
const RECENT: Duration = Duration::from_secs(7 * 86_400);

/// Identifies the writer of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The version of the program.
    pub version: String,
    /// The operating system: `linux`, `macos`.
    pub os: String,
    /// The boot from which the continuous clock counts.
    pub boot: String,
}

impl Origin {
    /// The header of a recording by this writer: the only way to make one.
    #[must_use]
    pub fn header(&self) -> Header {
        Header { schema: SCHEMA, version: self.version.clone(), os: self.os.clone(), boot: self.boot.clone() }
    }
}

/// How much history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes on disk.
    pub max_bytes: u64,
    /// Days since the last input of a segment.
    pub max_days: u32,
}

impl Default for Limits {
    /// 64 MiB and 30 days.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_days: 30 }
    }
}

/// What the previous run left.
#[derive(Debug, Default)]
pub struct Resumed {
    /// The state to continue from; a blank one if nothing was left or it cannot be known.
    pub state: State,
    /// No number up to this one may be used again.
    pub last: Seq,
    /// What is worth reporting to the user: a torn line was cut, a segment is damaged …
    pub notes: Vec<Message>,
}

/// The writer of the history. There is one at a time: it holds the folder's lock.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    origin: Origin,
    limits: Limits,
    /// The locked folder.
    lock: Option<File>,
    open: Option<Open>,
    reserved: Reserved,
    trouble: Option<Trouble>,
    notes: Vec<Message>,
    tidier: Maintenance,
    /// A moment at which both clocks were read; how they advance from it reveals a jump.
    clocks: Moment,
    age_due: Uptime,
}

/// The segment that is being written.
#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    /// Bytes that belong to complete lines.
    good: u64,
    /// How many of them belong to inputs.
    inputs: u64,
}

#[derive(Debug)]
struct Trouble {
    said: Message,
    retry: Uptime,
    wait: Duration,
}

impl History {
    /// Restores what the previous run left. Never fails: what cannot be read is reported in the
    /// notes, what cannot be written by [`History::trouble`].
    #[must_use]
    pub fn open(folder: &Path, origin: Origin, limits: Limits, now: Moment) -> (Self, Resumed) {
        let mut history = Self {
            folder: folder.to_owned(),
            origin,
            limits,
            lock: None,
            open: None,
            reserved: Reserved::default(),
            trouble: None,
            notes: Vec::new(),
            tidier: Maintenance::default(),
            clocks: now,
            age_due: now.uptime + AGE_EVERY,
        };
        let ready = history.make_ready();
        let Restored { state, mut last, mut notes, intact, unfinished: unborn } = restore(folder, judge);
        match ready {
            Err(error) => history.fail(now, &error),
            Ok(()) => {
                for segment in unborn {
                    let _ = segment.remove(folder);
                }
                last = last.max(history.reserved.load(folder));
                if let Some(intact) = intact {
                    history.go_on(intact, now, &mut notes);
                }
                let newest = Archive::open(folder).extent().newest_wall_ms;
                let sound =
                    newest.is_some_and(|ms| (-ms_of(JUMP)..ms_of(RECENT)).contains(&now.wall_ms.saturating_sub(ms)));
                history.tidy(now, sound);
            }
        }
        history.reserved.used = last;
        (history, Resumed { state, last, notes })
    }

    /// Appends an input, before the engine processes it. `state` is the state before this input.
    /// Returns whether it was written with `write(2)`; if not, [`History::trouble`] says why.
    pub fn append(&mut self, input: &Input, state: &State) -> bool {
        self.reserved.take(input.seq);
        let now = input.at.uptime;
        // A clock that went back must not make the writer wait forever.
        if self.trouble.as_ref().is_some_and(|t| now < t.retry && now + MAX_BACKOFF >= t.retry) {
            return false;
        }
        match self.try_append(input, state) {
            Ok(()) => {
                self.trouble = None;
                if now >= self.age_due {
                    self.tidy_by_age(input.at);
                }
                true
            }
            Err(error) => {
                // What follows does not follow from what is in this segment.
                self.abandon();
                self.fail(input.at, &error);
                false
            }
        }
    }

    /// Makes what was written survive even a crash of the machine. Called after user commands,
    /// except requested scans, and at exit. Waits for the disk, on macOS also for its cache
    /// (`F_FULLFSYNC`) if its file system supports that.
    ///
    /// # Errors
    /// The error of the disk.
    pub fn sync(&mut self) -> std::io::Result<()> {
        self.open.as_ref().map_or(Ok(()), |open| disk::sync_data(&open.file))
    }

    /// Applies other limits from here on.
    pub fn set_limits(&mut self, limits: Limits) {
        if self.limits != limits {
            self.limits = limits;
            self.tidy(self.clocks, false);
            self.age_due = Uptime::BOOT;
        }
    }

    /// Why nothing is being recorded at the moment: what happened, what it means, what to do.
    /// `None`: recording works.
    #[must_use]
    pub fn trouble(&self) -> Option<&Message> {
        self.trouble.as_ref().map(|t| &t.said)
    }

    /// What was done since the last call that the user may want to know: oldest segments that were
    /// deleted because the disk was full.
    pub fn take_notes(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.notes)
    }

    /// The size and time span of the history.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Archive::open(&self.folder).extent()
    }

    /// Creates and locks the folder, and checks that files can be created in it.
    fn make_ready(&mut self) -> std::io::Result<()> {
        if self.lock.as_ref().is_some_and(|folder| is_in_place(folder, &self.folder)) {
            return Ok(());
        }
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        own::check_folder(&self.folder)?;
        let folder = File::open(&self.folder)?;
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::WouldBlock.into()),
            // Where folders cannot be locked, the agent's own lock ensures that there is one
            // writer.
            Ok(()) | Err(TryLockError::Error(_)) => self.lock = Some(folder),
        }
        self.reserved.open(&self.folder)
    }

    /// Continues the previous segment, if it has the header that this writer would give it.
    fn go_on(&mut self, intact: Intact, now: Moment, notes: &mut Vec<Message>) {
        let path = intact.segment.path(&self.folder);
        let opened = own::open(&path, OpenOptions::new().append(true), Purpose::Trusted).and_then(|file| {
            if intact.torn {
                file.set_len(intact.length)?;
            }
            Ok(file)
        });
        match opened {
            // It is read, but not written: the next input begins a new one.
            Err(error) if Foreign::in_error(&error).is_some() => {}
            Err(error) => self.fail(now, &error),
            Ok(file) => {
                if intact.torn {
                    notes.push(Message::HistoryTornLine);
                }
                if intact.header == self.origin.header() {
                    let inputs = intact.length.saturating_sub(intact.head);
                    self.open = Some(Open { file, path, good: intact.length, inputs });
                }
            }
        }
    }

    fn try_append(&mut self, input: &Input, state: &State) -> std::io::Result<()> {
        let line = line(input).map_err(std::io::Error::other)?;
        for _ in 0..DROPS {
            match self.write(input, &line, state) {
                Err(error) if is_full(&error) && self.drop_oldest() => {}
                result => return result,
            }
        }
        self.write(input, &line, state)
    }

    fn write(&mut self, input: &Input, line: &[u8], state: &State) -> std::io::Result<()> {
        if self.open.as_ref().is_some_and(|open| !is_in_place(&open.file, &open.path)) {
            self.open = None;
        }
        let full = self.full();
        if self.open.as_ref().is_none_or(|open| open.inputs > 0 && open.inputs + line.len() as u64 > full) {
            let begun = self.begin(input.seq, state)?;
            self.open = Some(begun);
            self.tidy(input.at, false);
        }
        match &mut self.open {
            Some(open) => open.put(line),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    /// Begins a new segment with header and checkpoint.
    fn begin(&mut self, first: Seq, state: &State) -> std::io::Result<Open> {
        self.make_ready()?;
        let mut head = line(&self.origin.header()).map_err(std::io::Error::other)?;
        head.extend(line(&Checkpoint { checkpoint: state }).map_err(std::io::Error::other)?);
        let path = segment::raw_path(&self.folder, first);
        let create = || OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path);
        let mut file = match create() {
            // Not every file system reports that an open folder was removed.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.lock = None;
                self.make_ready()?;
                create()?
            }
            other => other?,
        };
        if let Err(error) = file.write_all(&head) {
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        segment::sync_folder(&self.folder);
        Ok(Open { file, path, good: head.len() as u64, inputs: 0 })
    }

    /// Stops writing to the open segment; one without an input is useless and removed.
    fn abandon(&mut self) {
        if let Some(open) = self.open.take().filter(|open| open.inputs == 0) {
            let _ = std::fs::remove_file(open.path);
        }
    }

    fn fail(&mut self, at: Moment, error: &std::io::Error) {
        let wait = self.trouble.as_ref().map_or(FIRST_WAIT, |t| (t.wait * 2).min(MAX_BACKOFF));
        let said = write_failure_message(&self.folder, error);
        self.trouble = Some(Trouble { said, retry: at.uptime + wait, wait });
    }

    /// Makes room on a full disk. Returns whether there was anything to delete.
    fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = closed(&self.folder).into_iter().next() else { return false };
        if oldest.remove(&self.folder).is_err() {
            return false;
        }
        self.notes.push(Message::HistoryDropped { part: Verbatim(oldest.name()) });
        true
    }

    fn full(&self) -> u64 {
        (self.limits.max_bytes / 8).clamp(MIN_SEGMENT_BYTES, segment::MAX_SEGMENT_BYTES)
    }

    fn tidy(&mut self, now: Moment, by_age: bool) {
        let oldest = by_age.then(|| {
            let limit = now.wall_ms.saturating_sub(i64::from(self.limits.max_days).saturating_mul(ms_of(DAY)));
            SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(limit).unwrap_or(0))
        });
        // The open segment may still grow to its full length.
        let open = self.full() + self.open.as_ref().map_or(0, |open| open.good.saturating_sub(open.inputs));
        let most_bytes = self.limits.max_bytes.saturating_sub(open);
        self.tidier.round(Round { folder: self.folder.clone(), most_bytes, oldest });
    }

    /// Deletes what is too old, if the wall clock can be trusted.
    fn tidy_by_age(&mut self, now: Moment) {
        self.age_due = now.uptime + AGE_EVERY;
        let passed = now.uptime.since(self.clocks.uptime);
        let expected = self.clocks.wall_ms.saturating_add(ms_of(passed));
        let jumped = now.wall_ms.saturating_sub(expected).saturating_abs() > ms_of(JUMP);
        self.clocks = now;
        if !jumped {
            self.tidy(now, true);
        }
    }
}

/// Milliseconds, to compare with times of the wall clock.
fn ms_of(length: Duration) -> i64 {
    i64::try_from(millis(length)).unwrap_or(i64::MAX)
}

impl Drop for History {
    /// At exit: puts on disk what was written, and returns the reserved numbers that were not used.
    fn drop(&mut self) {
        // If the disk fails here, there is no caller left to tell.
        let _ = self.sync();
        self.reserved.give_back();
        self.tidier.finish();
        // A child process that is just being started still holds the descriptors that are closed
        // here, and the lock with them.
        if let Some(lock) = &self.lock {
            let _ = lock.unlock();
        }
    }
}

impl Open {
    /// Writes one whole line or nothing.
    fn put(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.file.write_all(line).inspect_err(|_| {
            // If this fails too, the next start cuts the torn line.
            let _ = self.file.set_len(self.good);
        })?;
        self.good += line.len() as u64;
        self.inputs += line.len() as u64;
        Ok(())
    }
}

/// The file that keeps numbers from being used twice. It is written in place, which needs no space
/// on most file systems. If it cannot be written, only the segments prevent reuse.
#[derive(Debug, Default)]
struct Reserved {
    file: Option<File>,
    /// This is written to the file before any number up to it is used.
    upto: Seq,
    used: Seq,
}

impl Reserved {
    const NAME: &str = "reserved";

    /// Only for the holder of the lock.
    fn open(&mut self, folder: &Path) -> std::io::Result<()> {
        let path = folder.join(Self::NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = own::open(&path, &options, Purpose::Trusted)?;
        self.file = Some(file);
        if self.upto > Seq(0) {
            // Numbers were used while it could not be opened, or the folder was removed and created
            // again.
            self.write();
        }
        Ok(())
    }

    fn load(&mut self, folder: &Path) -> Seq {
        let mut text = String::new();
        if let Ok(file) = own::read(&folder.join(Self::NAME), Purpose::Trusted) {
            let _ = file.take(64).read_to_string(&mut text);
        }
        // A larger number is damage: it would leave no numbers.
        self.upto = Seq(text.trim().parse().ok().filter(|n| *n < segment::MAX_FIRST).unwrap_or(0));
        self.upto
    }

    fn take(&mut self, seq: Seq) {
        self.used = self.used.max(seq);
        if seq > self.upto {
            self.upto = Seq(seq.0.saturating_add(RESERVE));
            self.write();
        }
    }

    fn give_back(&mut self) {
        if self.upto > self.used {
            self.upto = self.used;
            self.write();
        }
    }

    fn write(&self) {
        if let Some(file) = &self.file {
            let _ =
                file.write_all_at(format!("{:020}\n", self.upto.0).as_bytes(), 0).and_then(|()| disk::sync_data(file));
        }
    }
}

/// Whether the open file or folder is still the one at its path. It is not after it was removed,
/// or moved with any folder above it: what is written there would not be found again.
fn is_in_place(file: &File, path: &Path) -> bool {
    let id = |about: std::fs::Metadata| (about.dev(), about.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(there)) => open.nlink() > 0 && id(open) == id(there),
        // A path that cannot be looked at for another reason says nothing.
        (_, Err(error)) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
        (Err(_), _) => true,
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// What happened, what it means, what to do.
fn write_failure_message(folder: &Path, error: &std::io::Error) -> Message {
    if let Some(foreign) = Foreign::in_error(error) {
        return Message::HistoryForeign { foreign: SharedMessage::new(foreign.message()) };
    }
    let folder = Verbatim::of(folder.display());
    let advice = match error.kind() {
        ErrorKind::WouldBlock => return Message::HistoryOfAnother { folder },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Message::FreeSpace,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Message::MakeWritable,
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Message::MoveAway,
        _ => Message::SeeError,
    };
    Message::HistoryLost { folder, error: Verbatim::of(error), advice: SharedMessage::new(advice) }
}
