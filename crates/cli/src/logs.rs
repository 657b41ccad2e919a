//! `goplswatch logs`: what the agent says about itself, with or without one running.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use clap::Args as ClapArgs;
use goplswatch_agent::log::Log;

use crate::Found;
use crate::failure::Failure;
use crate::live::{runtime, stop_signal};
use crate::paths;

/// How often a followed log is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug, ClapArgs)]
pub(crate) struct LogsArgs {
    /// Go on showing what is added
    #[arg(short, long)]
    follow: bool,
    /// So many lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    lines: usize,
}

pub(crate) fn run(args: &LogsArgs) -> Result<Found, Failure> {
    let folder = paths::places()?.log;
    let path = Log::file_in(&folder);
    let mut text = std::fs::read(Log::old_file_in(&folder)).unwrap_or_default();
    let opened = open(&path)?;
    let (mut file, inode) = match opened {
        Some(opened) => opened,
        None if args.follow => return follow(&path, None, 0),
        None => {
            return Err(Failure::new(format!("there is no log yet ({})", path.display()))
                .hint("the agent writes it: goplswatch install, or goplswatch agent"));
        }
    };
    file.read_to_end(&mut text).map_err(|e| unreadable(&path, &e))?;
    let read = file.stream_position().map_err(|e| unreadable(&path, &e))?;
    show(tail(&text, args.lines))?;
    if args.follow { follow(&path, Some(inode), read) } else { Ok(Found::Nothing) }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("could not read the log {}: {error}", path.display()))
}

fn open(path: &Path) -> Result<Option<(File, u64)>, Failure> {
    match File::open(path) {
        Ok(file) => {
            let inode = file.metadata().map_err(|e| unreadable(path, &e))?.ino();
            Ok(Some((file, inode)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The last lines.
fn tail(text: &[u8], lines: usize) -> &[u8] {
    let ends = text.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(i, _)| i + 1);
    // The last line feed ends the last line; the one before so many lines begins them.
    let begin = ends.skip(usize::from(text.ends_with(b"\n"))).nth(lines.saturating_sub(1)).unwrap_or(0);
    if lines == 0 { &[] } else { text.get(begin..).unwrap_or_default() }
}

fn show(text: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).map_err(|e| Failure::output(&e))
}

fn follow(path: &Path, mut inode: Option<u64>, mut read: u64) -> Result<Found, Failure> {
    runtime()?.block_on(async {
        let following = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Some((mut file, now)) = open(path)? else { continue };
                if inode.replace(now) != Some(now) {
                    // It was turned over.
                    read = 0;
                }
                file.seek(SeekFrom::Start(read)).map_err(|e| unreadable(path, &e))?;
                let mut more = Vec::new();
                file.read_to_end(&mut more).map_err(|e| unreadable(path, &e))?;
                read += more.len() as u64;
                show(&more)?;
            }
        };
        tokio::select! {
            () = stop_signal() => Ok(Found::Nothing),
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
