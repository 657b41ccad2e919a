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
    /// The language of what a person reads: that of the system, or one of those that there are. Of them `en-XA` is English
    /// with accents, which shows what is not translated. A running agent changes its language when it is started again.
    #[cfg_attr(feature = "testing", schemars(extend("enum" = languages())))]
    pub language: String,
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

/// The language of the system.
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
    pub const SCHEMA: &str = include_str!("../../schema/config.json");

    /// The language that the file names; none: that of the system.
    #[must_use]
    pub fn language(&self) -> Option<&'static Catalogue> {
        Catalogue::of(&self.language)
    }

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
        // A key that stands behind a section is one of it.
        let (plain, sections): (Vec<_>, Vec<_>) = flat(self).into_iter().partition(|(path, _)| !path.contains('.'));
        for (path, value) in plain.into_iter().chain(sections) {
            let (head, key) = path.rsplit_once('.').unwrap_or(("", &path));
            if head != section {
                let space = if text.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{space}[{head}]\n"));
                head.clone_into(&mut section);
            }
            // Whole numbers, truth values, plain strings and lists of them are written alike in JSON and TOML.
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
    // Settings are structs of numbers and texts, which always become JSON.
    walk("", serde_json::to_value(settings).unwrap_or_default(), &mut found);
    found
}
