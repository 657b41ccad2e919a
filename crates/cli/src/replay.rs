//! `goplswatch replay`: feeds a recording to the same engine and prints its events.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use goplswatch_agent::history::read_recording;
use goplswatch_core::recording::RecordingError;
use goplswatch_core::replay::{Replayed, replay};

use goplswatch_core::message::Text;
use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, hint, phrase, verbatim};
use crate::language::say;
use crate::printer::{Printer, Style};
use crate::times::duration;

#[derive(Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// A recording made by `watch --record` or `export`, or a segment of the agent's history
    pub(crate) file: PathBuf,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop at this time: 2026-11-22T10:15:00Z, or a duration from the first input, such as 2m30s
    #[arg(long, value_name = "T", value_parser = until)]
    pub(crate) until: Option<Until>,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Where a replay stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// At this wall-clock time, in milliseconds since 1970.
    WallMs(i64),
    /// This long after the first input.
    After(Duration),
}

fn until(text: &str) -> Result<Until, String> {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(Until::WallMs(stamp.as_millisecond()));
    }
    let after = duration(text).map_err(|_| phrase(Phrase::NoMomentOfReplay))?;
    Ok(Until::After(after.unsigned_abs()))
}

pub(crate) fn run(args: &ReplayArgs) -> Result<CommandOutcome, Failure> {
    let bytes = load(&args.file)?;
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut printer = Printer::new(out, Style { json: args.json, verbose: args.verbose });
    let mut first = None;
    let mut failed = None;
    let replayed = replay(&bytes, |at, events| {
        let begin = *first.get_or_insert(at);
        let past = match args.until {
            None => false,
            Some(Until::WallMs(ms)) => at.wall_ms > ms,
            Some(Until::After(length)) => at.uptime.since(begin.uptime) > length,
        };
        if past {
            return false;
        }
        for event in events {
            if let Err(failure) = printer.event(event) {
                failed = Some(failure);
                return false;
            }
        }
        true
    })
    .map_err(|error| content(&args.file, &error))?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    let problem = printer.problem;
    finish(&args.file, &replayed)?;
    Ok(if problem { CommandOutcome::Problem } else { CommandOutcome::Nothing })
}

/// Reads a recording file. From a damaged compressed file, as much as can be unpacked.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, Failure> {
    let (bytes, broken) = read_recording(path).map_err(|error| {
        Failure::new(Phrase::RecordingUnread { path: verbatim(path.display()), error: verbatim(error) })
            .hint(Phrase::MakeRecordingHint)
    })?;
    if let Some(why) = broken {
        hint(Phrase::RecordingDamaged { path: verbatim(path.display()), why: Text(say(&why)) });
    }
    Ok(bytes)
}

/// The failure for an unusable recording.
pub(crate) fn content(path: &Path, error: &RecordingError) -> Failure {
    let failure =
        Failure::new(Phrase::RecordingUnusable { path: verbatim(path.display()), why: Text(say(&error.message())) });
    match error {
        RecordingError::Newer { .. } => failure.hint(Phrase::UpdateHint),
        _ => failure.hint(Phrase::MakeRecordingHint),
    }
}

/// Prints a hint if another version of the program wrote the recording: it is judged by this
/// version's rules.
pub(crate) fn hint_other_versions(versions: &BTreeSet<String>) {
    let version = env!("CARGO_PKG_VERSION");
    let others = versions.iter().filter(|v| *v != version).cloned();
    let both = |one, other| phrase(Phrase::AndAlso { one: Text(one), other: Text(other) });
    if let Some(others) = others.reduce(both) {
        hint(Phrase::JudgedAgain { others: Text(others), version: verbatim(version) });
    }
}

/// Prints what the reader must know about a recording; damage in its middle is a failure.
pub(crate) fn finish(path: &Path, replayed: &Replayed) -> Result<(), Failure> {
    hint_other_versions(&replayed.versions);
    if let Some(why) = &replayed.blank {
        hint(Phrase::JudgedBlank { why: Text(say(why)) });
    }
    if replayed.torn {
        hint(Phrase::LastLineTorn);
    }
    match &replayed.damage {
        Some(error) => {
            let why = Text(say(&error.message()));
            Err(Failure::new(Phrase::RecordingBroken { path: verbatim(path.display()), why }))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_replay_is_read_or_refused() {
        assert_eq!(until("1970-01-01T00:00:01Z"), Ok(Until::WallMs(1_000)));
        assert_eq!(until("2m30s"), Ok(Until::After(Duration::from_secs(150))));
        assert!(until("yesterday").is_err());
    }
}
