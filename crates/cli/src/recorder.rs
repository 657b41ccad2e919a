//! Appends inputs to a file before the engine processes them, one whole line per write.
//!
//! A recording never stops the watch: if the disk is full or the folder is gone, that is reported
//! once and the watch continues without a recording. Lines are not synced to disk one by one: a
//! crash of the machine may lose the last seconds, a crash of this program loses nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use goplswatch_agent::history::Origin;
use goplswatch_core::Input;
use goplswatch_core::json::ToJson;
use goplswatch_core::recording::line;

use goplswatch_view::Phrase;

use crate::failure::{Failure, hint, verbatim};

/// Limits of automatic recordings: number of files, and bytes per file (together 64 MiB).
const KEEP: usize = 4;
const MOST_BYTES: u64 = 16 << 20;

/// A recording that is being written; see the module documentation.
pub(crate) struct Recorder {
    file: Option<File>,
    path: PathBuf,
    written: u64,
    most: u64,
}

impl Recorder {
    /// A recording that the user asked for. The file must not exist, so that no file of the user is
    /// overwritten.
    pub(crate) fn asked(path: &Path, boot: String) -> Result<Self, Failure> {
        let file = create(path).map_err(|error| {
            let failure =
                Failure::new(Phrase::RecordingNotMade { path: verbatim(path.display()), error: verbatim(&error) });
            match error.kind() {
                std::io::ErrorKind::AlreadyExists => failure.hint(Phrase::AnotherNameHint),
                _ => failure.hint(Phrase::WritableFolderHint),
            }
        })?;
        let mut recorder = Self { file: Some(file), path: path.to_owned(), written: 0, most: u64::MAX };
        recorder.header(boot);
        Ok(recorder)
    }

    /// The recording that every watch keeps for `why`. The watch works without it too, so a failure
    /// is only a hint.
    pub(crate) fn automatic(folder: Option<PathBuf>, stamp: &str, boot: String) -> Option<Self> {
        let folder = folder?;
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        let path = folder.join(format!("{stamp}-{}.jsonl", std::process::id()));
        let file = match made.and_then(|()| create(&path)) {
            Ok(file) => file,
            Err(error) => {
                hint(Phrase::NothingRecorded { path: verbatim(folder.display()), error: verbatim(error) });
                return None;
            }
        };
        // The lock is held while this process lives. Where files cannot be locked, a later watch
        // may prune this recording while it is still being written.
        let _ = file.try_lock();
        prune(&folder, &path);
        let mut recorder = Self { file: Some(file), path, written: 0, most: MOST_BYTES };
        recorder.header(boot);
        Some(recorder)
    }

    fn header(&mut self, boot: String) {
        self.append(&origin(boot).header());
    }

    /// Appends an input.
    pub(crate) fn input(&mut self, input: &Input) {
        self.append(input);
    }

    fn append<T: ToJson>(&mut self, value: &T) {
        let Some(file) = &mut self.file else { return };
        let result = line(value).map_err(std::io::Error::other).and_then(|bytes| {
            self.written += bytes.len() as u64;
            file.write_all(&bytes)
        });
        if let Err(error) = result {
            hint(Phrase::RecordingEnds { path: verbatim(self.path.display()), error: verbatim(error) });
            self.file = None;
        } else if self.written >= self.most {
            hint(Phrase::RecordingFull { path: verbatim(self.path.display()) });
            self.file = None;
        }
    }
}

/// The operating system's name in recordings.
pub(crate) const fn system_name() -> &'static str {
    std::env::consts::OS
}

/// This program and system: the origin written to every recording.
pub(crate) fn origin(boot: String) -> Origin {
    Origin { version: env!("CARGO_PKG_VERSION").into(), os: system_name().into(), boot }
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)
}

/// The automatic recordings, newest first.
pub(crate) fn automatic_recordings(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "jsonl")).collect();
    // The names begin with the time, so this sorts by time.
    files.sort_unstable();
    files.reverse();
    files
}

fn prune(folder: &Path, keep: &Path) {
    for old in automatic_recordings(folder).into_iter().filter(|p| p != keep).skip(KEEP - 1) {
        let in_use = File::open(&old).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if !in_use {
            // If removal fails, the next run tries again.
            let _ = std::fs::remove_file(old);
        }
    }
}

/// Whether an automatic recording ended because it reached its size limit.
pub(crate) fn is_full(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.len() >= MOST_BYTES)
}
