//! The config file: one TOML file of which every part may be left out. It is read whole and never written.
//!
//! [`Settings`] is the file as a type. Its JSON schema is the only list of keys, descriptions and ranges: editors
//! complete from it, and [`read`] judges a file by it, so neither can know a key that the other does not. A file is
//! either taken as a whole or not at all. A wrong value, a value out of range and a syntax error make it *broken*, and
//! [`Current`] keeps what was in force. An unknown key does not: it is named, with the key that was probably meant,
//! and the rest applies, since a file is often shared between machines of which one has an older version.
//!
//! [`Watch`] only says that the file *may* have changed; [`Current::reload`] says whether anything did.

mod problem;
mod read;
mod trail;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use problem::Problem;
pub use read::{LARGEST, Outcome, parse, read};
pub use watch::{Watch, WatchError};

/// The config file of goplswatch. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// When a problem is one.
    pub detect: goplswatch_core::Config,
    /// When a problem is told by a notification.
    pub alerts: goplswatch_core::config::Alerts,
    /// How much of what was seen is kept.
    pub history: HistorySettings,
    /// What goplswatch may cost itself.
    pub agent: OwnBudget,
    /// Where the loss of file events is noticed.
    pub file_events: FileEvents,
}

/// Where the loss of file events is noticed: the system drops some when files change faster than somebody takes the
/// news, and gopls then works with old files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct FileEvents {
    /// These folders are watched while a gopls serves them or a folder below: absolute paths, or such as begin with
    /// `~/`. No names of files are kept. On Linux each folder in them takes one of the file watches of the user, so a
    /// folder with more than 20,000 of them is left out. On macOS a folder that the system protects (Desktop, Documents,
    /// Downloads, a cloud, a removable disk) may make it ask whether goplswatch may: name one only if you want that.
    #[cfg_attr(feature = "testing", schemars(length(max = MOST_FOLDERS)))]
    pub folders: Vec<String>,
}

/// So many folders are watched at most: each has a thread.
#[cfg(feature = "testing")]
const MOST_FOLDERS: u32 = 8;

/// How much of what was seen is kept. What is over either limit is deleted, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct HistorySettings {
    /// The history takes no more bytes on disk than this.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_u64 << 20, max = 1_u64 << 40)))]
    pub max_bytes: u64,
    /// Nothing is kept for more days than this.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 3_660)))]
    pub max_days: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_days: 30 }
    }
}

/// What goplswatch may cost itself before it says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct OwnBudget {
    /// Processor time over a minute, in thousandths of one core.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 1_000_000)))]
    pub cpu_permille: u32,
    /// Resident memory in bytes.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_000_000, max = 1_u64 << 40)))]
    pub memory_bytes: u64,
}

impl Default for OwnBudget {
    fn default() -> Self {
        Self { cpu_permille: 10, memory_bytes: 40_000_000 }
    }
}

/// A value that is not the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Change {
    /// The key with its section, such as `detect.loop-ends`.
    pub key: String,
    /// What is in force.
    pub value: Value,
    /// What would be if the key were left out.
    pub default: Value,
}

impl Settings {
    /// The JSON schema of the file, as text that is made from this type by `cargo xtask generate`.
    pub const SCHEMA: &str = include_str!("../schema/config.json");

    /// The values that are not the defaults, in the order of their keys.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let defaults = flat(&Self::default());
        flat(self)
            .into_iter()
            .filter_map(|(key, value)| {
                let default = defaults.get(&key).cloned().unwrap_or(Value::Null);
                (value != default).then_some(Change { key, value, default })
            })
            .collect()
    }

    /// The settings as such a file, whole, with the default beside each value that is not one.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let defaults = flat(&Self::default());
        let mut text = String::new();
        let mut section = String::new();
        for (path, value) in flat(self) {
            let (head, key) = path.rsplit_once('.').unwrap_or(("", &path));
            if head != section {
                let space = if text.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{space}[{head}]\n"));
                head.clone_into(&mut section);
            }
            // Whole numbers, truth values and lists of plain strings are written alike in JSON and TOML.
            text.push_str(&format!("{key} = {value}"));
            match defaults.get(&path) {
                Some(default) if *default != value => text.push_str(&format!("  # default: {default}\n")),
                _ => text.push('\n'),
            }
        }
        text
    }
}

/// Every value with the path of its key; sections stay together.
fn flat(settings: &Settings) -> BTreeMap<String, Value> {
    fn walk(prefix: &str, value: Value, found: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(table) => {
                for (key, value) in table {
                    let path = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
                    walk(&path, value, found);
                }
            }
            value => {
                found.insert(prefix.to_owned(), value);
            }
        }
    }
    let mut found = BTreeMap::new();
    // Settings are structs of numbers and texts, which always become JSON.
    walk("", serde_json::to_value(settings).unwrap_or_default(), &mut found);
    found
}

/// What a look at the file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// Nothing: the file says what it said.
    Same,
    /// The settings in force stay as they are, but there is something else to say about the file.
    Said,
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

    /// Reads the file again. A file that is gone means the defaults; a broken one changes no setting.
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
            _ => Reload::Said,
        }
    }

    /// What is in force.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the file said at the last look.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's trouble in one line, or `None` if it has none. The problems themselves are in [`Self::outcome`].
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let path = self.path.display();
        let stays = if self.from_file { "what it said before stays in force" } else { "the defaults are in force" };
        match &self.outcome {
            Outcome::Absent => None,
            Outcome::Good { warnings, .. } if warnings.is_empty() => None,
            Outcome::Good { .. } => {
                Some(format!("the config file {path} has keys that mean nothing; the rest applies"))
            }
            Outcome::Broken { .. } => Some(format!("the config file {path} is broken; {stays}")),
            Outcome::Unreadable { .. } => Some(format!("the config file {path} cannot be read; {stays}")),
        }
    }
}

#[cfg(test)]
mod tests;
