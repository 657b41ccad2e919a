//! `goplswatch history` and `goplswatch export`: what the agent has seen. Both read its files, so
//! no agent needs to run.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use goplswatch_agent::history::{Archive, Flaw, HistoryError, ReplaySummary, Since};
use goplswatch_core::shell;
use goplswatch_disk as disk;

use goplswatch_core::message::{Count, Text};
use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, Worded as _, hint, note, phrase, verbatim};
use crate::paths;
use crate::printer::{Printer, Style};
use crate::replay::hint_other_versions;
use crate::times::moment;

#[derive(Debug, ClapArgs)]
pub(crate) struct HistoryArgs {
    /// Begin here: a duration ago such as 2h or 3d, a date, or a time such as 2026-11-22T10:15:00Z
    #[arg(long, value_name = "T", value_parser = moment, default_value = "24h")]
    pub(crate) since: i64,
    /// Stop here, in the same forms
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) until: Option<i64>,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// Begin here: a duration ago such as 2h or 3d, a date, or a time such as 2026-11-22T10:15:00Z
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) since: i64,
    /// The file to write, which must not exist
    pub(crate) file: PathBuf,
}

pub(crate) fn run(args: &HistoryArgs) -> Result<CommandOutcome, Failure> {
    let archive = archive()?;
    if archive.extent().segments == 0 {
        hint(Phrase::NoHistoryHint);
    }
    let out = BufWriter::new(std::io::stdout().lock());
    let mut printer = Printer::new(out, Style { json: args.json, verbose: args.verbose }).dated();
    let mut failed = None;
    let summary = archive
        .replay(Some(Since::WallMs(args.since)), |at, events| {
            if args.until.is_some_and(|ms| at.wall_ms > ms) {
                return false;
            }
            events
                .into_iter()
                .try_for_each(|event| printer.event(event))
                .map_err(|failure| failed = Some(failure))
                .is_ok()
        })
        .map_err(|error| unreadable(&error))?;
    match failed {
        Some(failure) => Err(failure),
        None => {
            hint_replay_summary(&summary);
            Ok(if printer.problem { CommandOutcome::Problem } else { CommandOutcome::Nothing })
        }
    }
}

pub(crate) fn export(args: &ExportArgs) -> Result<CommandOutcome, Failure> {
    let archive = archive()?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.file).map_err(|error| {
        let failure =
            Failure::new(Phrase::FileNotMade { path: verbatim(args.file.display()), error: verbatim(&error) });
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => failure.hint(Phrase::AnotherNameHint),
            _ => failure.hint(Phrase::WritableFolderHint),
        }
    })?;
    let mut out = BufWriter::new(file);
    let exported = archive.export(args.since, &mut out).and_then(|exported| {
        out.flush().and_then(|()| disk::sync_all(out.get_ref())).map_err(HistoryError::Output)?;
        Ok(exported)
    });
    let failure = match exported {
        Ok(exported) if exported.inputs > 0 => {
            tell_flaws(&exported.flaws);
            let command = verbatim(format!("goplswatch replay {}", shell::word(&args.file)));
            note(&phrase(Phrase::Exported { n: Count::new(exported.inputs), command }));
            return Ok(CommandOutcome::Nothing);
        }
        Ok(_) => Failure::new(Phrase::NothingExported).hint(Phrase::NothingExportedHint),
        Err(error) => unreadable(&error),
    };
    // A partial export is of no use.
    let _ = std::fs::remove_file(&args.file);
    Err(failure)
}

/// Opens the agent's history, which may be empty.
pub(crate) fn archive() -> Result<Archive, Failure> {
    let homeless = || Failure::new(Phrase::NoHomeForHistory).hint(Phrase::SetHome).could_not_check();
    let folder = paths::history().ok_or_else(homeless)?;
    Ok(Archive::open(&folder))
}

pub(crate) fn unreadable(error: &HistoryError) -> Failure {
    let failure = Failure::new(error.message());
    match error {
        HistoryError::Folder { .. } => failure.hint(Phrase::HistoryReadableHint).could_not_check(),
        HistoryError::Output(_) => failure.hint(Phrase::DiskFullHint),
    }
}

/// Reports on stderr what the reader must know about a replay: other program versions, damaged
/// segments.
pub(crate) fn hint_replay_summary(summary: &ReplaySummary) {
    hint_other_versions(&summary.versions);
    tell_flaws(&summary.flaws);
}

fn tell_flaws(flaws: &[Flaw]) {
    for flaw in flaws {
        hint(Phrase::HistoryDamaged { part: verbatim(&flaw.segment), what: Text(flaw.what.clone().say()) });
    }
}
