//! `goplswatch config`: shows the settings in effect, what is wrong with the config file, its
//! schema and its path. Also gives the commands that watch their thresholds.

use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use goplswatch_agent::config::{Change, Current, Outcome, Problem, Settings, read};
use serde::Serialize;

use goplswatch_core::message::{Count, Text, Verbatim};
use goplswatch_core::{clean, json};
use goplswatch_view::{Catalogue, Form, Phrase};

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, hint, note, phrase};
use crate::language::say;
use crate::paths;
use crate::printer::sanitized;

#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show what applies, and what differs from the defaults
    Show {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Say what is wrong with the file: 0 nothing, 1 something, 2 it cannot be read
    Check {
        /// The file to check [default: the config file]
        file: Option<PathBuf>,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON schema of the file, from which editors complete
    Schema,
    /// Print where the file is, or would be
    Path,
}

/// The state of a config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileState {
    /// The file does not exist: the defaults apply.
    Absent,
    /// The file applies, except for the keys that `problems` names.
    Good,
    /// The file does not apply.
    Broken,
    /// The file could not be read.
    Unreadable,
}

impl FileState {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Absent => Self::Absent,
            Outcome::Good { .. } => Self::Good,
            Outcome::Broken { .. } => Self::Broken,
            Outcome::Unreadable { .. } => Self::Unreadable,
        }
    }
}

/// `config show --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ConfigReport {
    /// The path of the config file.
    file: String,
    state: FileState,
    /// What is wrong with the file.
    problems: Vec<Problem>,
    /// The settings in effect.
    settings: Settings,
    /// The settings that differ from their defaults.
    changes: Vec<Change>,
}

/// `config check --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Checked {
    /// The path of the file.
    file: String,
    state: FileState,
    /// What is wrong with the file.
    problems: Vec<Problem>,
}

pub(crate) fn run(args: &ConfigArgs) -> Result<CommandOutcome, Failure> {
    match &args.command {
        ConfigCommand::Show { json } => show(*json),
        ConfigCommand::Check { file, json } => check(file.as_deref(), *json),
        ConfigCommand::Schema => {
            out(Settings::SCHEMA.as_bytes())?;
            Ok(CommandOutcome::Nothing)
        }
        ConfigCommand::Path => {
            out(&[file()?.as_os_str().as_bytes(), b"\n"].concat())?;
            Ok(CommandOutcome::Nothing)
        }
    }
}

/// The language that the config file names. Problems with the file are reported by the code that
/// uses its other settings.
pub(crate) fn language() -> Option<&'static Catalogue> {
    match read(&paths::config_file()?) {
        Outcome::Good { settings, .. } => settings.language(),
        Outcome::Absent | Outcome::Broken { .. } | Outcome::Unreadable { .. } => None,
    }
}

/// The settings from the config file. Problems with the file are reported on stderr.
pub(crate) fn settings() -> Settings {
    let Some(path) = paths::config_file() else { return Settings::default() };
    let current = Current::load(path);
    complain(&current);
    current.settings().clone()
}

fn complain(current: &Current) {
    if let Some(trouble) = current.trouble() {
        note(&format!("goplswatch: {}", sanitized(&say(&trouble))));
        for problem in current.outcome().problems() {
            note(&format!("  {}", say(&problem.message())));
        }
    }
}

fn show(json: bool) -> Result<CommandOutcome, Failure> {
    let current = Current::load(file()?);
    let settings = current.settings();
    let (file, state) = (said(current.path()), FileState::of(current.outcome()));
    if json {
        let problems = in_english(current.outcome().problems());
        let shown = ConfigReport { file, state, problems, settings: settings.clone(), changes: settings.changes() };
        out(format!("{}\n", json::to_string(&shown).map_err(|e| Failure::json(&e))?).as_bytes())?;
    } else {
        let head = match state {
            FileState::Absent => Phrase::ConfigAbsentHead { file: name(file) },
            FileState::Good => Phrase::ConfigGoodHead { file: name(file) },
            FileState::Broken | FileState::Unreadable => Phrase::ConfigBrokenHead { file: name(file) },
        };
        let differ = Phrase::ConfigDiffers { n: Count::new(settings.changes().len() as u64) };
        out(format!("# {}\n# {}\n\n{}", phrase(head), phrase(differ), settings.to_toml()).as_bytes())?;
        complain(&current);
    }
    Ok(match state {
        FileState::Absent | FileState::Good => CommandOutcome::Nothing,
        FileState::Broken | FileState::Unreadable => CommandOutcome::Problem,
    })
}

fn check(given: Option<&Path>, json: bool) -> Result<CommandOutcome, Failure> {
    let path = given.map_or_else(file, |path| Ok(path.to_owned()))?;
    let outcome = read(&path);
    let (file, state) = (said(&path), FileState::of(&outcome));
    let problems = outcome.problems();
    if json {
        let checked = Checked { file: file.clone(), state, problems: in_english(problems) };
        out(format!("{}\n", json::to_string(&checked).map_err(|e| Failure::json(&e))?).as_bytes())?;
    }
    match (state, problems) {
        (FileState::Absent, _) if given.is_some() => {
            return Err(Failure::new(Phrase::ConfigNoFile { file: name(file) }));
        }
        (FileState::Unreadable, problems) => {
            let why = Text(problems.first().map(|problem| say(&problem.message())).unwrap_or_default());
            return Err(Failure::new(Phrase::ConfigUnread { file: name(file), why }));
        }
        _ if json => {}
        (FileState::Absent, _) => out_line(Phrase::ConfigAbsent { file: name(file) })?,
        (_, []) => out_line(Phrase::ConfigGood { file: name(file) })?,
        (_, problems) => {
            let text: String = problems.iter().map(|p| format!("{file}{}\n", placed(p))).collect();
            out(text.as_bytes())?;
            if state == FileState::Good {
                hint(Phrase::ConfigRestHint);
            } else {
                hint(Phrase::ConfigRepairHint);
            }
        }
    }
    Ok(if problems.is_empty() { CommandOutcome::Nothing } else { CommandOutcome::Problem })
}

/// `:3:5: what`, the notation of editors and compilers for positions.
fn placed(problem: &Problem) -> String {
    let mut text = String::new();
    for number in [problem.line, problem.column].into_iter().flatten() {
        text.push_str(&format!(":{number}"));
    }
    format!("{text}: {}", say(&problem.unplaced()))
}

/// Problems with English text, as the JSON output has them.
fn in_english(problems: &[Problem]) -> Vec<Problem> {
    let words = |problem: &Problem| {
        let mut problem = problem.clone();
        problem.said.text = Catalogue::english().text(&problem.said.message, Form::Full);
        problem
    };
    problems.iter().map(words).collect()
}

fn file() -> Result<PathBuf, Failure> {
    paths::config_file().ok_or_else(|| Failure::new(Phrase::NoHomeForConfig).hint(Phrase::SetHome))
}

/// A path on one line: control characters are replaced.
fn said(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

fn one_line(text: &str) -> String {
    clean::escaped(text).into_owned()
}

fn name(file: String) -> Verbatim {
    Verbatim(file)
}

fn out_line(line: Phrase) -> Result<(), Failure> {
    out(format!("{}\n", phrase(line)).as_bytes())
}

fn out(bytes: &[u8]) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(bytes).map_err(|e| Failure::output(&e))
}
