//! `goplswatch replay`: the same events from a recording, by the same code.

use std::path::Path;

use goplswatch_core::recording::RecordingError;
use goplswatch_probe::replay::{Replayed, read, replay};

use crate::Found;
use crate::args::{ReplayArgs, Until};
use crate::failure::{Failure, note};
use crate::printer::{Printer, Style};

pub(crate) fn run(args: &ReplayArgs) -> Result<Found, Failure> {
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
            Some(Until::AfterNs(ns)) => at.cont_ns.saturating_sub(begin.cont_ns) > ns,
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
    Ok(if problem { Found::Problem } else { Found::Nothing })
}

/// Reads a recording file.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, Failure> {
    read(path).map_err(|error| Failure::new(error.to_string()).hint("make one with: goplswatch watch --record FILE"))
}

/// An unusable recording.
pub(crate) fn content(path: &Path, error: &RecordingError) -> Failure {
    let failure = Failure::new(format!("{} cannot be replayed: {error}", path.display()));
    match error {
        RecordingError::Newer { .. } => failure.hint("update goplswatch"),
        _ => failure.hint("make one with: goplswatch watch --record FILE"),
    }
}

/// Says what a reader must know about a recording that was read; damage in the middle is a failure.
pub(crate) fn finish(path: &Path, replayed: &Replayed) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if replayed.header.version != version {
        note(&format!(
            "hint: recorded by goplswatch {}, judged again by {version}: verdicts may differ",
            replayed.header.version
        ));
    }
    if replayed.torn {
        note("hint: the last line is torn and was dropped (the recorder was stopped in the middle of it)");
    }
    match &replayed.damage {
        Some(error) => Err(Failure::new(format!("{} is damaged: {error}", path.display()))),
        None => Ok(()),
    }
}
