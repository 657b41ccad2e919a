//! The locations of the real programs, as `cargo xtask parts` wrote them to
//! `target/parts/parts.json`.

use std::{
    collections::BTreeMap,
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
pub(crate) struct Parts {
    pub(crate) go: Go,
    pub(crate) gopls: Gopls,
    pub(crate) editors: Editors,
    pub(crate) tmux: Tool,
    pub(crate) node: Tool,
    pub(crate) languageclient: LanguageClient,
}

/// The real programs; on a machine without them the test fails and says what to run.
pub(crate) fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        let listing = target.join("parts/parts.json");
        let text = fs::read(&listing).unwrap_or_else(|why| {
            panic!("{}: {why}\nthe real parts are not installed: run `cargo xtask parts`", listing.display())
        });
        serde_json::from_slice(&text).unwrap_or_else(|why| {
            panic!("{}: {why}\nthe real parts are of another version: run `cargo xtask parts`", listing.display())
        })
    })
}
