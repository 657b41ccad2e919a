//! `goplswatch config`: what applies, what is wrong with the file, what it may say, where it is. And the thresholds of
//! the commands that watch.

use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use goplswatch_agent::config::{Change, Current, Outcome, Problem, Settings, read};
use serde::Serialize;

use crate::failure::{Failure, note};
use crate::found::Found;
use crate::paths;

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

/// How a config file was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileState {
    /// There is none: the defaults apply.
    Absent,
    /// It applies, but for the keys that `problems` names.
    Good,
    /// It does not apply.
    Broken,
    /// Its text cannot be had.
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
pub(crate) struct Shown {
    /// The path of the config file.
    file: String,
    state: FileState,
    /// What is wrong with it.
    problems: Vec<Problem>,
    /// What applies.
    settings: Settings,
    /// What of it is not the default.
    changes: Vec<Change>,
}

/// `config check --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Checked {
    /// The path of the file.
    file: String,
    state: FileState,
    /// What is wrong with it.
    problems: Vec<Problem>,
}

pub(crate) fn run(args: &ConfigArgs) -> Result<Found, Failure> {
    match &args.command {
        ConfigCommand::Show { json } => show(*json),
        ConfigCommand::Check { file, json } => check(file.as_deref(), *json),
        ConfigCommand::Schema => {
            out(Settings::SCHEMA.as_bytes())?;
            Ok(Found::Nothing)
        }
        ConfigCommand::Path => {
            out(&[file()?.as_os_str().as_bytes(), b"\n"].concat())?;
            Ok(Found::Nothing)
        }
    }
}

/// What the config file sets. What is wrong with it is said on stderr.
pub(crate) fn settings() -> Settings {
    let Some(path) = paths::config_file() else { return Settings::default() };
    let current = Current::load(path);
    complain(&current);
    current.settings().clone()
}

fn complain(current: &Current) {
    if let Some(trouble) = current.trouble() {
        note(&format!("goplswatch: {}", one_line(&trouble)));
        for problem in current.outcome().problems() {
            note(&format!("  {problem}"));
        }
    }
}

fn show(json: bool) -> Result<Found, Failure> {
    let current = Current::load(file()?);
    let settings = current.settings();
    let (file, state) = (said(current.path()), FileState::of(current.outcome()));
    if json {
        let problems = current.outcome().problems().to_vec();
        let shown = Shown { file, state, problems, settings: settings.clone(), changes: settings.changes() };
        out(format!("{}\n", serde_json::to_string(&shown).map_err(json_failure)?).as_bytes())?;
    } else {
        let head = match state {
            FileState::Absent => format!("# There is no {file}: these are the defaults."),
            FileState::Good => format!("# From {file}; what is not there is the default."),
            FileState::Broken | FileState::Unreadable => format!("# {file} does not apply: these are the defaults."),
        };
        let differ = match settings.changes().len() {
            0 => "No value differs from its default.".to_owned(),
            1 => "1 value differs from its default.".to_owned(),
            n => format!("{n} values differ from their defaults."),
        };
        out(format!("{head}\n# {differ}\n\n{}", settings.to_toml()).as_bytes())?;
        complain(&current);
    }
    Ok(match state {
        FileState::Absent | FileState::Good => Found::Nothing,
        FileState::Broken | FileState::Unreadable => Found::Problem,
    })
}

fn check(given: Option<&Path>, json: bool) -> Result<Found, Failure> {
    let path = given.map_or_else(file, |path| Ok(path.to_owned()))?;
    let outcome = read(&path);
    let (file, state) = (said(&path), FileState::of(&outcome));
    let problems = outcome.problems();
    if json {
        let checked = Checked { file: file.clone(), state, problems: problems.to_vec() };
        out(format!("{}\n", serde_json::to_string(&checked).map_err(json_failure)?).as_bytes())?;
    }
    match (state, problems) {
        (FileState::Absent, _) if given.is_some() => return Err(Failure::new(format!("there is no file {file}"))),
        (FileState::Unreadable, problems) => {
            let why = problems.first().map(ToString::to_string).unwrap_or_default();
            return Err(Failure::new(format!("could not read {file}: {why}")));
        }
        _ if json => {}
        (FileState::Absent, _) => out(format!("there is no {file}: the defaults apply\n").as_bytes())?,
        (_, []) => out(format!("{file}: nothing is wrong\n").as_bytes())?,
        (_, problems) => {
            let text: String = problems.iter().map(|p| format!("{file}{}\n", placed(p))).collect();
            out(text.as_bytes())?;
            if state == FileState::Good {
                note("hint: all else in the file applies");
            } else {
                note(
                    "hint: nothing of the file applies until this is repaired; goplswatch config schema says what may stand there",
                );
            }
        }
    }
    Ok(if problems.is_empty() { Found::Nothing } else { Found::Problem })
}

/// `:3:5: what`, as editors and compilers write places.
fn placed(problem: &Problem) -> String {
    let mut text = String::new();
    for number in [problem.line, problem.column].into_iter().flatten() {
        text.push_str(&format!(":{number}"));
    }
    let unplaced = Problem { line: None, column: None, ..problem.clone() };
    format!("{text}: {unplaced}")
}

fn file() -> Result<PathBuf, Failure> {
    paths::config_file()
        .ok_or_else(|| Failure::new("your home folder is not known, so neither is the config file").hint("set HOME"))
}

/// A path on one line.
fn said(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, "?")
}

fn json_failure(error: serde_json::Error) -> Failure {
    Failure::new(format!("could not write JSON: {error}"))
}

fn out(bytes: &[u8]) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(bytes).map_err(|e| Failure::output(&e))
}
