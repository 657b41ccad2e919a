//! What a gopls says of itself: its version, and the settings that it knows.
//!
//! `gopls version -json` prints what the linker knows of the build (`runtime/debug.BuildInfo`). A build by a distribution
//! or from a checkout holds no version there, and one from a commit holds the time of the commit; what such a gopls
//! knows, its own list of settings tells (`gopls api-json`).

use std::collections::BTreeSet;
use std::fmt;

use goplswatch_core::Reading;
use serde::Deserialize;
use serde_json::Value;

/// A released version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// As the first number of `v0.24.1`.
    pub major: u32,
    /// As the second.
    pub minor: u32,
    /// As the third.
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
    /// Who watches the files: `off` (the client), `fsnotify` or `poll`.
    FileWatcher,
    /// Folders that are left out, relative to the workspace.
    DirectoryFilters,
    /// The soft limit of memory, a whole number of bytes without a unit.
    MemoryLimit,
}

impl Setting {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::FileWatcher, Self::DirectoryFilters, Self::MemoryLimit];

    /// Its name without groups, as `gopls api-json` of 0.24 has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FileWatcher => "fileWatcher",
            Self::DirectoryFilters => "directoryFilters",
            Self::MemoryLimit => "memoryLimit",
        }
    }

    /// The first release that knows it (golang/tools gopls/doc/release/v0.22.0.md, v0.24.0.md). directoryFilters is
    /// older than any gopls that still works with a Go of today.
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

/// The release in the answer of `gopls version -json`.
#[must_use]
pub fn version(answer: &[u8]) -> Reading<Version> {
    let Ok(info) = serde_json::from_slice::<BuildInfo>(answer) else {
        return Reading::unknown("it does not say its version as JSON");
    };
    match info.main.version.as_str() {
        "" => Reading::unknown("it was built without a version in it"),
        text => released(text).map_or_else(|| Reading::unknown("it is no release"), Reading::Known),
    }
}

/// `v0.24.1`; neither `v0.24.0-pre.1`, `v0.0.0-20260102030405-0123456789ab` nor `(devel)`.
fn released(text: &str) -> Option<Version> {
    let mut parts = text.strip_prefix('v')?.splitn(3, '.').map(|part| part.parse().ok());
    Some(Version { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? })
}

/// The names of the settings in the answer of `gopls api-json`, without groups.
#[must_use]
pub fn known_settings(answer: &[u8]) -> Reading<BTreeSet<String>> {
    let says: Value = serde_json::from_slice(answer).unwrap_or_default();
    let Some(options) = says.get("Options").and_then(Value::as_object) else {
        return Reading::unknown("it does not list its settings");
    };
    let names =
        options.values().filter_map(Value::as_array).flatten().filter_map(|option| option.get("Name")?.as_str());
    Reading::Known(names.filter_map(|name| name.rsplit('.').next()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_answer_is_a_reading(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "v[0-9.a-z-]{0,20}") {
            let _ = (version(&bytes), known_settings(&bytes));
            let said = version(format!(r#"{{"Main":{{"Version":"{text}"}}}}"#).as_bytes());
            if let Reading::Known(known) = said {
                prop_assert_eq!(released(&format!("v{known}")), Some(known));
            }
        }
    }

    #[test]
    fn a_release_is_known_and_nothing_else() {
        for (answer, expected) in [
            (r#"{"GoVersion":"go1.27.3","Main":{"Version":"v0.24.1"}}"#, Ok((0, 24, 1))),
            (r#"{"Main":{"Version":"v1.0.0"}}"#, Ok((1, 0, 0))),
            (r#"{"Main":{}}"#, Err("without a version")),
            (r#"{"Main":{"Version":"","Replace":null}}"#, Err("without a version")),
            (r#"{"GoVersion":"go1.27.3"}"#, Err("without a version")),
            (r#"{"Main":{"Version":"(devel)"}}"#, Err("no release")),
            (r#"{"Main":{"Version":"v0.24.0-pre.1"}}"#, Err("no release")),
            (r#"{"Main":{"Version":"v0.0.0-20260102030405-0123456789ab"}}"#, Err("no release")),
            (r#"{"Main":{"Version":"v0.99999999999.0"}}"#, Err("no release")),
            ("golang.org/x/tools/gopls v0.6.0", Err("as JSON")),
            ("", Err("as JSON")),
        ] {
            match (version(answer.as_bytes()), expected) {
                (Reading::Known(v), Ok(want)) => assert_eq!((v.major, v.minor, v.patch), want, "{answer}"),
                (Reading::Unknown { unknown }, Err(why)) => assert!(unknown.contains(why), "{answer}: {unknown}"),
                (other, _) => panic!("{answer}: {other:?}"),
            }
        }
    }

    #[test]
    fn settings_are_named_without_groups() {
        let answer = r#"{"Options":{"User":[{"Name":"build.directoryFilters"},{"Name":"fileWatcher"}],"Other":[{}]}}"#;
        let known = known_settings(answer.as_bytes());
        assert_eq!(known.known().unwrap().iter().collect::<Vec<_>>(), ["directoryFilters", "fileWatcher"]);
        assert!(known_settings(b"[1]").known().is_none() && known_settings(b"\xff").known().is_none());
    }
}
