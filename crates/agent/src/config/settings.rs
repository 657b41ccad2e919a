//! The config file as a type: every key with its meaning, its default and its range.

use std::collections::BTreeMap;

use goplswatch_view::Catalogue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The config file of goplswatch. Every key may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// The language of what people read: `auto` for that of the system, or one of the available
    /// ones. Among them `en-XA` is English with accents, which shows what is not translated. A
    /// running agent changes its language only when it is restarted.
    #[cfg_attr(feature = "testing", schemars(extend("enum" = languages())))]
    pub language: String,
    /// The thresholds at which something counts as a problem.
    pub detect: goplswatch_core::Config,
    /// When a problem is reported by a notification.
    pub alerts: goplswatch_core::config::Alerts,
    /// How much history is kept.
    pub history: HistorySettings,
    /// How much CPU and memory goplswatch itself may use before it reports that.
    pub agent: OwnBudget,
    /// Where lost file events are detected.
    pub file_events: FileEvents,
}

/// The value of `language` that stands for the language of the system.
pub const AUTO: &str = "auto";

#[cfg(feature = "testing")]
fn languages() -> Vec<&'static str> {
    std::iter::once(AUTO).chain(Catalogue::TAGS).collect()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: AUTO.into(),
            detect: goplswatch_core::Config::default(),
            alerts: goplswatch_core::config::Alerts::default(),
            history: HistorySettings::default(),
            agent: OwnBudget::default(),
            file_events: FileEvents::default(),
        }
    }
}

/// Where lost file events are detected. The system drops events when files change faster than a
/// program reads the events, and gopls then works with old files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct FileEvents {
    /// The folders to watch while a gopls serves them or a folder below: absolute paths, or paths
    /// that begin with `~/`. No file names are kept. On Linux each folder in them takes one of the
    /// user's file watches, so a folder that contains more than 20,000 folders is left out. On
    /// macOS, watching a folder that the system protects (Desktop, Documents, Downloads, a cloud, a
    /// removable disk) may make it ask whether goplswatch is allowed to: name one only if you want
    /// that.
    #[cfg_attr(feature = "testing", schemars(length(max = MOST_FOLDERS)))]
    pub folders: Vec<String>,
}

/// At most this many folders are watched, because each takes a thread.
#[cfg(feature = "testing")]
const MOST_FOLDERS: u32 = 8;

/// How much history is kept. What exceeds either limit is deleted, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct HistorySettings {
    /// The most bytes that the history takes on disk.
    #[cfg_attr(feature = "testing", schemars(range(min = 1_u64 << 20, max = 1_u64 << 40)))]
    pub max_bytes: u64,
    /// The most days for which anything is kept.
    #[cfg_attr(feature = "testing", schemars(range(min = 1, max = 3_660)))]
    pub max_days: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_days: 30 }
    }
}

/// How much CPU and memory goplswatch itself may use before it reports that.
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

/// A setting that differs from its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Change {
    /// The key with its section, such as `detect.loop-ends`.
    pub key: String,
    /// The value in force.
    pub value: Value,
    /// The default, which applies if the key is left out.
    pub default: Value,
}

impl Settings {
    /// The JSON schema of the file, generated from this type by `cargo xtask generate`.
    pub const SCHEMA: &str = include_str!("../../schema/config.json");

    /// The language that the file names; `None`: that of the system.
    #[must_use]
    pub fn language(&self) -> Option<&'static Catalogue> {
        Catalogue::of(&self.language)
    }

    /// The settings that differ from the defaults, in the order of their keys.
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

    /// All settings as a config file, with the default noted beside each value that differs from
    /// it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let defaults = flat(&Self::default());
        let mut text = String::new();
        let mut section = String::new();
        // TOML assigns a key that follows a section header to that section, so plain keys come
        // first.
        let (plain, sections): (Vec<_>, Vec<_>) = flat(self).into_iter().partition(|(path, _)| !path.contains('.'));
        for (path, value) in plain.into_iter().chain(sections) {
            let (head, key) = path.rsplit_once('.').unwrap_or(("", &path));
            if head != section {
                let space = if text.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{space}[{head}]\n"));
                head.clone_into(&mut section);
            }
            // Integers, booleans, plain strings and lists of them are written alike in JSON and
            // TOML.
            text.push_str(&format!("{key} = {value}"));
            match defaults.get(&path) {
                Some(default) if *default != value => text.push_str(&format!("  # default: {default}\n")),
                _ => text.push('\n'),
            }
        }
        text
    }
}

/// Every value by the path of its key. The order keeps sections together.
pub(super) fn flat(settings: &Settings) -> BTreeMap<String, Value> {
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
    // Settings are structs of numbers and texts, which can always be represented in JSON.
    walk("", serde_json::to_value(settings).unwrap_or_default(), &mut found);
    found
}
