//! The config file: one TOML file in which everything may be left out. It is read as a whole and
//! never written.
//!
//! [`Settings`] is the file as a type. Its JSON schema is the only list of keys, descriptions and
//! ranges: editors complete from it, and [`read()`] validates a file with it, so neither can know a
//! key that the other does not. A file is applied completely or not at all. A wrong value, a value
//! out of range and a syntax error make it *broken*, and [`Current`] keeps the previous settings.
//! An unknown key does not: it is reported, with the key that was probably meant, and the rest
//! applies, since a file is often shared between machines of which one has an older version.
//!
//! `watch` only says that the file *may* have changed; [`Current::reload`] says whether anything
//! did.

mod problem;
mod read;
mod settings;
pub(crate) mod watch;

use std::path::{Path, PathBuf};

use goplswatch_core::message::{Message, SharedMessage, Verbatim};

pub use problem::Problem;
pub use read::{MAX_CONFIG_BYTES, Outcome, parse, read};
pub use settings::{AUTO, Change, FileEvents, HistorySettings, OwnBudget, Settings};

/// What reading the file again changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// Nothing: the file has the same content as before.
    Same,
    /// The settings in force stay, but there is something else to report about the file.
    Problems,
    /// Other settings are in force.
    Settings,
}

/// The settings in force: those of the last good file.
#[derive(Debug)]
pub struct Current {
    path: PathBuf,
    settings: Settings,
    from_file: bool,
    outcome: Outcome,
}

impl Current {
    /// Reads the file for the first time. If it is broken, the defaults are in force.
    #[must_use]
    pub fn load(path: impl Into<PathBuf>) -> Self {
        let mut current =
            Self { path: path.into(), settings: Settings::default(), from_file: false, outcome: Outcome::Absent };
        current.reload();
        current
    }

    /// Reads the file again. If it is gone, the defaults apply; a broken file changes no setting.
    pub fn reload(&mut self) -> Reload {
        let outcome = read(&self.path);
        if outcome == self.outcome {
            return Reload::Same;
        }
        let settings = match &outcome {
            Outcome::Absent => Some(Settings::default()),
            Outcome::Good { settings, .. } => Some(Settings::clone(settings)),
            Outcome::Broken { .. } | Outcome::Unreadable { .. } => None,
        };
        if settings.is_some() {
            self.from_file = matches!(outcome, Outcome::Good { .. });
        }
        self.outcome = outcome;
        match settings {
            Some(settings) if settings != self.settings => {
                self.settings = settings;
                Reload::Settings
            }
            _ => Reload::Problems,
        }
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The result of the last read.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with the file, on one line, or `None`. The individual problems are in
    /// [`Self::outcome`].
    #[must_use]
    pub fn trouble(&self) -> Option<Message> {
        let file = Verbatim(self.path.display().to_string());
        let stays = SharedMessage::new(if self.from_file { Message::ConfigOfBefore } else { Message::ConfigDefaults });
        match &self.outcome {
            Outcome::Absent => None,
            Outcome::Good { warnings, .. } if warnings.is_empty() => None,
            Outcome::Good { .. } => Some(Message::ConfigMeansNothing { file }),
            Outcome::Broken { .. } => Some(Message::ConfigIsBroken { file, stays }),
            Outcome::Unreadable { .. } => Some(Message::ConfigIsUnreadable { file, stays }),
        }
    }
}

#[cfg(test)]
mod tests;
