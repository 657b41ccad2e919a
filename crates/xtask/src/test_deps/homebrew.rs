//! macOS: the test dependencies from Homebrew. Versions are not pinned there; the ones found are
//! printed and recorded.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    Layout, language_client, proven,
    shell::{find, run, say},
};

/// Formula, its executable, and the arguments that print its version.
const FORMULAE: [(&str, &str, &[&str]); 7] = [
    ("go", "go", &["version"]),
    ("gopls", "gopls", &["version"]),
    ("neovim", "nvim", &["--version"]),
    ("helix", "hx", &["--version"]),
    ("emacs", "emacs", &["--version"]),
    ("tmux", "tmux", &["-V"]),
    ("node", "node", &["--version"]),
];

pub(super) fn install(place: &Layout) -> Result<Value> {
    let absent: Vec<&str> =
        FORMULAE.iter().filter(|(_, exe, _)| find(exe).is_none()).map(|(formula, ..)| *formula).collect();
    if !absent.is_empty() {
        say(format_args!("homebrew: installing {}", absent.join(" ")));
        let brew = find("brew").context("brew is not on PATH")?;
        run(Command::new(brew).arg("install").args(&absent))?;
    }
    let mut found = serde_json::Map::new();
    for (formula, exe, ask) in FORMULAE {
        let path = find(exe).with_context(|| format!("{formula} brought no {exe} on PATH"))?;
        let tool = proven(&path, ask, &json!({}))?;
        say(format_args!("{formula}: {}", tool["version"].as_str().unwrap_or_default()));
        found.insert(formula.to_owned(), tool);
    }
    let go = find("go").context("go is not on PATH")?;
    Ok(json!({
        "schema": 1,
        "go": { "bin": go.parent(), "version": found["go"]["version"] },
        "gopls": { "current": found["gopls"], "old": found["gopls"] },
        "editors": { "neovim": found["neovim"], "helix": found["helix"], "emacs": found["emacs"] },
        "tmux": found["tmux"],
        "node": found["node"],
        "languageclient": language_client(place)?,
    }))
}
