//! The agent's log, for `goplswatch logs`: one line for each message, in one file that is rotated
//! at a megabyte. So launchd's own log files, which grow forever, hold next to nothing.
//!
//! A log that cannot be written is no reason to stop; it is tried again with the next line.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use goplswatch_core::message::{Message, SharedMessage};
use goplswatch_core::{Moment, clean};
use goplswatch_disk::own::{self, Purpose};

/// The file is rotated at this length, bytes; one old file is kept.
const MOST_BYTES: u64 = 1 << 20;

/// The log; see the module.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: Option<File>,
    written: u64,
    trouble: Option<Message>,
    /// Whether lines also go to stderr, because the agent runs in a terminal.
    echo: bool,
}

impl Log {
    /// The log in this folder, which need not exist.
    #[must_use]
    pub fn new(folder: &Path, echo: bool) -> Self {
        Self { path: Self::file_in(folder), file: None, written: 0, trouble: None, echo }
    }

    /// The path of the current file.
    #[must_use]
    pub fn file_in(folder: &Path) -> PathBuf {
        folder.join("agent.log")
    }

    /// The path of the previous file.
    #[must_use]
    pub fn old_file_in(folder: &Path) -> PathBuf {
        folder.join("agent.log.1")
    }

    /// Writes a line.
    pub fn line(&mut self, at: Moment, text: &str) {
        // A name in the text must not break the line.
        let line = format!("{} {}\n", at.rfc3339(), clean::line(text));
        if self.echo {
            // If this fails, the terminal is gone, and the line is not needed there.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        if self.written >= MOST_BYTES {
            self.file = None;
            let _ = std::fs::rename(&self.path, self.path.with_extension("log.1"));
        }
        // A cleanup may have removed the file.
        if self.file.as_ref().is_none_or(|file| file.metadata().is_ok_and(|about| about.nlink() == 0)) {
            self.file = None;
            match self.open() {
                Ok(file) => self.file = Some(file),
                Err(error) => self.trouble = Some(lost(&error)),
            }
        }
        let Some(file) = &mut self.file else { return };
        match file.write_all(line.as_bytes()) {
            Ok(()) => {
                self.written += line.len() as u64;
                self.trouble = None;
            }
            Err(error) => {
                self.file = None;
                self.trouble = Some(lost(&error));
            }
        }
    }

    /// Why the last line was not written; `None` if it was.
    #[must_use]
    pub const fn trouble(&self) -> Option<&Message> {
        self.trouble.as_ref()
    }

    fn open(&mut self) -> std::io::Result<File> {
        if let Some(folder) = self.path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            own::check_folder(folder)?;
        }
        let mut options = OpenOptions::new();
        let file = own::open(&self.path, options.append(true).create(true).mode(0o600), Purpose::Trusted)?;
        self.written = file.metadata()?.len();
        Ok(file)
    }
}

fn lost(error: &std::io::Error) -> Message {
    Message::LogLost { error: SharedMessage::new(own::error_message(error)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_turned_over_and_never_longer_than_twice_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), false);
        let long = "x".repeat(10_000);
        for _ in 0..350 {
            log.line(Moment::default(), &long);
        }
        log.line(Moment::default(), "the\nlast \u{1b}[2J");
        let size = |path: PathBuf| std::fs::metadata(path).unwrap().len();
        assert!(size(Log::file_in(folder.path())) <= MOST_BYTES + 20_000);
        assert!(size(Log::old_file_in(folder.path())) <= MOST_BYTES + 20_000);
        let text = std::fs::read_to_string(Log::file_in(folder.path())).unwrap();
        assert!(text.ends_with("1970-01-01T00:00:00.000Z the last [2J\n"));
    }

    #[test]
    fn what_stands_in_its_place_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("profile");
        std::fs::write(&victim, "export PATH\n").unwrap();
        let logs = folder.path().join("logs");
        std::fs::create_dir(&logs).unwrap();
        let path = Log::file_in(&logs);
        let mut log = Log::new(&logs, false);
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        log.line(Moment::default(), "to a link");
        std::fs::remove_file(&path).unwrap();
        std::fs::hard_link(&victim, &path).unwrap();
        log.line(Moment::default(), "to another name of it");
        let said = |log: &Log| format!("{:?}", log.trouble());
        assert!(said(&log).contains("FileHasOtherNames") && said(&log).contains("agent.log"), "{}", said(&log));
        std::fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        log.line(Moment::default(), "to a pipe that nobody reads");
        assert!(said(&log).contains("FileIsNotPlain"), "{}", said(&log));
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "export PATH\n");
        std::fs::remove_file(&path).unwrap();
        log.line(Moment::default(), "kept");
        assert_eq!(log.trouble(), None);
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("kept\n"));
    }

    #[test]
    fn a_folder_that_comes_back_is_written_to_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("logs"), "in the way").unwrap();
        let logs = folder.path().join("logs");
        let mut log = Log::new(&logs, false);
        log.line(Moment::default(), "lost");
        std::fs::remove_file(&logs).unwrap();
        log.line(Moment::default(), "kept");
        std::fs::remove_dir_all(&logs).unwrap();
        log.line(Moment::default(), "kept");
        assert!(std::fs::read_to_string(Log::file_in(&logs)).unwrap().ends_with("kept\n"));
    }
}
