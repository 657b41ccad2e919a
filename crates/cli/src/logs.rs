//! `goplswatch logs`: shows the agent's own log, whether or not an agent runs.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use goplswatch_agent::log::Log;
use goplswatch_core::message::Text;
use goplswatch_disk::own::{self, Foreign, Purpose};

use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, verbatim};
use crate::language::say;
use crate::paths;
use crate::runtime::{runtime, stop_signal};

/// How often a followed log is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Debug, ClapArgs)]
pub(crate) struct LogsArgs {
    /// Go on showing what is added
    #[arg(short, long)]
    follow: bool,
    /// So many lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    lines: usize,
}

pub(crate) fn run(args: &LogsArgs) -> Result<CommandOutcome, Failure> {
    let folder = paths::agent_paths()?.log;
    let path = Log::file_in(&folder);
    let mut text = Vec::new();
    if let Ok(mut old) = own::read(&Log::old_file_in(&folder), Purpose::Shown) {
        let _ = old.read_to_end(&mut text);
    }
    let mut followed = Followed { path, open: None };
    let current = followed.more()?;
    if followed.open.is_none() && !args.follow {
        return Err(Failure::new(Phrase::NoLog { path: verbatim(followed.path.display()) }).hint(Phrase::NoLogHint));
    }
    if followed.open.is_some() {
        text.extend(current);
        show(tail(&text, args.lines))?;
    }
    if args.follow { follow(followed) } else { Ok(CommandOutcome::Nothing) }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let error = match Foreign::in_error(error) {
        Some(foreign) => Text(say(&foreign.reason())),
        None => Text(error.to_string()),
    };
    Failure::new(Phrase::LogUnread { path: verbatim(path.display()), error })
}

/// The log being followed, across its rotation.
struct Followed {
    path: PathBuf,
    open: Option<Open>,
}

/// An open log file. It stays open, so that it can be read to its end after it was renamed, and so
/// that its inode is not reused for another file.
struct Open {
    file: File,
    is: (u64, u64),
    /// Bytes read so far.
    read: u64,
}

impl Followed {
    /// What was written since the last call; the whole file at the first call.
    fn more(&mut self) -> Result<Vec<u8>, Failure> {
        let mut more = Vec::new();
        self.read(&mut more).map_err(|e| unreadable(&self.path, &e))?;
        Ok(more)
    }

    fn read(&mut self, more: &mut Vec<u8>) -> std::io::Result<()> {
        // First open the current file, then read the one we hold: if the two differ, ours no longer
        // grows.
        let now = match own::read(&self.path, Purpose::Shown) {
            Ok(file) => Some(Open::new(file)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(open) = &mut self.open {
            open.read(more)?;
        }
        if let Some(mut now) = now
            && self.open.as_ref().is_none_or(|open| open.is != now.is)
        {
            now.read(more)?;
            self.open = Some(now);
        }
        Ok(())
    }
}

impl Open {
    fn new(file: File) -> std::io::Result<Self> {
        let meta = file.metadata()?;
        Ok(Self { file, is: (meta.dev(), meta.ino()), read: 0 })
    }

    fn read(&mut self, more: &mut Vec<u8>) -> std::io::Result<()> {
        if self.file.metadata()?.len() < self.read {
            // The file was truncated: everything in it is new.
            self.read = 0;
        }
        self.file.seek(SeekFrom::Start(self.read))?;
        self.read += self.file.read_to_end(more)? as u64;
        Ok(())
    }
}

/// The last `lines` lines of a text.
fn tail(text: &[u8], lines: usize) -> &[u8] {
    let ends = text.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(i, _)| i + 1);
    // A final line feed ends the last line; the `lines`-th line feed before it precedes the first
    // line returned.
    let begin = ends.skip(usize::from(text.ends_with(b"\n"))).nth(lines.saturating_sub(1)).unwrap_or(0);
    if lines == 0 { &[] } else { text.get(begin..).unwrap_or_default() }
}

fn show(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).map_err(|e| Failure::output(&e))
}

fn follow(mut followed: Followed) -> Result<CommandOutcome, Failure> {
    runtime()?.block_on(async {
        let following = async {
            loop {
                tokio::time::sleep(POLL_INTERVAL).await;
                show(&followed.more()?)?;
            }
        };
        tokio::select! {
            () = stop_signal() => Ok(CommandOutcome::Nothing),
            failed = following => failed,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_the_last_lines() {
        let text = b"one\ntwo\nthree\n";
        assert_eq!(tail(text, 1), b"three\n");
        assert_eq!(tail(text, 2), b"two\nthree\n");
        assert_eq!(tail(text, 9), text);
        assert_eq!(tail(b"one\ntorn", 1), b"torn");
        assert_eq!(tail(b"", 3), b"");
        assert_eq!(tail(text, 0), b"");
    }
}
