//! What a gopls reports about itself: its version, and the settings that it knows.
//!
//! `gopls version -json` prints the linker's build information (`runtime/debug.BuildInfo`). A build
//! by a distribution or from a checkout has no version there, and one from a commit has the time of
//! the commit. What such a gopls knows can be read from its own list of settings
//! (`gopls api-json`).

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// A released version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number of `v0.24.1`.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A setting of gopls that this program knows how to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// What watches the files: `off` (the client does), `fsnotify` or `poll`.
    FileWatcher,
    /// Folders that are excluded, relative to the workspace.
    DirectoryFilters,
    /// The soft memory limit: a whole number of bytes without a unit.
    MemoryLimit,
}

impl Setting {
    /// All settings.
    pub const ALL: [Self; 3] = [Self::FileWatcher, Self::DirectoryFilters, Self::MemoryLimit];

    /// Its name without groups, as in `gopls api-json` of 0.24.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FileWatcher => "fileWatcher",
            Self::DirectoryFilters => "directoryFilters",
            Self::MemoryLimit => "memoryLimit",
        }
    }

    /// The first release that knows it (golang/tools gopls/doc/release/v0.22.0.md, v0.24.0.md).
    /// directoryFilters is older than any gopls that still works with a current Go.
    #[must_use]
    pub const fn since(self) -> Version {
        match self {
            Self::FileWatcher => Version { major: 0, minor: 22, patch: 0 },
            Self::DirectoryFilters => Version { major: 0, minor: 0, patch: 0 },
            Self::MemoryLimit => Version { major: 0, minor: 24, patch: 0 },
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildInfo {
    #[serde(default)]
    main: Module,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Module {
    version: String,
}

/// The release in the output of `gopls version -json`; `None` if it is not a release, or if the
/// output is not JSON.
#[must_use]
pub fn version(answer: &[u8]) -> Option<Version> {
    released(&serde_json::from_slice::<BuildInfo>(answer).ok()?.main.version)
}

/// Parses `v0.24.1`, but none of `v0.24.0-pre.1`, `v0.0.0-20260102030405-0123456789ab` and
/// `(devel)`.
fn released(text: &str) -> Option<Version> {
    let mut parts = text.strip_prefix('v')?.splitn(3, '.').map(|part| part.parse().ok());
    Some(Version { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? })
}

/// The names of the settings in the output of `gopls api-json`, without groups; `None` if it lists
/// none.
#[must_use]
pub fn known_settings(answer: &[u8]) -> Option<BTreeSet<String>> {
    let says: Value = serde_json::from_slice(answer).ok()?;
    let options = says.get("Options").and_then(Value::as_object)?;
    let names =
        options.values().filter_map(Value::as_array).flatten().filter_map(|option| option.get("Name")?.as_str());
    Some(names.filter_map(|name| name.rsplit('.').next()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_answer_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "v[0-9.a-z-]{0,20}") {
            let _ = (version(&bytes), known_settings(&bytes));
            let said = version(format!(r#"{{"Main":{{"Version":"{text}"}}}}"#).as_bytes());
            if let Some(known) = said {
                prop_assert_eq!(released(&format!("v{known}")), Some(known));
            }
        }
    }

    #[test]
    fn a_release_is_known_and_nothing_else() {
        for (answer, expected) in [
            (r#"{"GoVersion":"go1.27.3","Main":{"Version":"v0.24.1"}}"#, Some((0, 24, 1))),
            (r#"{"Main":{"Version":"v1.0.0"}}"#, Some((1, 0, 0))),
            (r#"{"Main":{}}"#, None),
            (r#"{"Main":{"Version":"","Replace":null}}"#, None),
            (r#"{"GoVersion":"go1.27.3"}"#, None),
            (r#"{"Main":{"Version":"(devel)"}}"#, None),
            (r#"{"Main":{"Version":"v0.24.0-pre.1"}}"#, None),
            (r#"{"Main":{"Version":"v0.0.0-20260102030405-0123456789ab"}}"#, None),
            (r#"{"Main":{"Version":"v0.99999999999.0"}}"#, None),
            ("golang.org/x/tools/gopls v0.6.0", None),
            ("", None),
        ] {
            let version = version(answer.as_bytes()).map(|v| (v.major, v.minor, v.patch));
            assert_eq!(version, expected, "{answer}");
        }
    }

    #[test]
    fn settings_are_named_without_groups() {
        let answer = r#"{"Options":{"User":[{"Name":"build.directoryFilters"},{"Name":"fileWatcher"}],"Other":[{}]}}"#;
        let known = known_settings(answer.as_bytes());
        assert_eq!(known.unwrap().iter().collect::<Vec<_>>(), ["directoryFilters", "fileWatcher"]);
        assert!(known_settings(b"[1]").is_none() && known_settings(b"\xff").is_none());
    }
}
