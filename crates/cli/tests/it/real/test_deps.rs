//! The locations of the real programs, as `cargo xtask test-deps` wrote them to
//! `target/test-deps/test-deps.json`.

use std::{
    collections::BTreeMap,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde::Deserialize;

/// A program with the environment it needs.
#[derive(Deserialize)]
pub(crate) struct Tool {
    pub(crate) exe: PathBuf,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) version: String,
}

#[derive(Deserialize)]
pub(crate) struct Go {
    /// The folder to put on PATH.
    pub(crate) bin: PathBuf,
}

#[derive(Deserialize)]
pub(crate) struct Gopls {
    /// The newest version, 0.24.0 where it is still offered.
    pub(crate) current: Tool,
    /// An older version, 0.16.1 on Debian; the same as `current` where there is no other.
    pub(crate) old: Tool,
}

#[derive(Deserialize)]
pub(crate) struct Editors {
    pub(crate) neovim: Tool,
    pub(crate) helix: Tool,
    pub(crate) emacs: Tool,
}

#[derive(Deserialize)]
pub(crate) struct LanguageClient {
    pub(crate) node_modules: PathBuf,
}

#[derive(Deserialize)]
pub(crate) struct TestDeps {
    pub(crate) go: Go,
    pub(crate) gopls: Gopls,
    pub(crate) editors: Editors,
    pub(crate) tmux: Tool,
    pub(crate) node: Tool,
    pub(crate) languageclient: LanguageClient,
}

/// The real programs; on a machine without them the test fails and says what to run.
pub(crate) fn test_deps() -> &'static TestDeps {
    static TEST_DEPS: OnceLock<TestDeps> = OnceLock::new();
    TEST_DEPS.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        let listing = target.join("test-deps/test-deps.json");
        let unusable = |what: &str, why: &dyn Display| -> ! {
            panic!("{}: {why}\nthe test dependencies are {what}: run `cargo xtask test-deps`", listing.display())
        };
        let text = fs::read(&listing).unwrap_or_else(|why| unusable("not installed", &why));
        serde_json::from_slice(&text).unwrap_or_else(|why| unusable("of another version", &why))
    })
}
