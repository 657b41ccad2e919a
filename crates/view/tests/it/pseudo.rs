//! Formats all stories in the pseudo-language: any plain English that is left must be a name or a
//! text from the system.

use goplswatch_testing::plain_words;
use goplswatch_view::{Catalogue, drawing, scene};

use crate::support::{COMMAND, REFUSED, stories};

/// The values in the stories: names of programs, folders and processors, codes.
const NAMES: &[&str] = &[
    "api-server",
    "api",
    "infra",
    "service",
    "shared",
    "old/",
    "new/",
    "the-very-long-name-…ead-frontend",
    "bgnp.exe",
    "VS Code",
    "Claude Code",
    "Zed",
    "Neovim",
    "Vim",
    "Helix",
    "Emacs (eglot)",
    "gopls",
    "node",
    "go list",
    "SIGKILL",
    "arm64",
    "x86_64",
    "process-table",
    "end-status",
    // A keyboard shortcut in the notation for surfaces.
    "CmdOrCtrl+Q",
];

#[test]
fn every_story_comes_from_the_catalogue() {
    let allowed = [NAMES, &[COMMAND, REFUSED]].concat();
    let mut plain = Vec::new();
    for (name, snapshot, context) in stories() {
        let words = Catalogue::pseudo();
        let context = goplswatch_view::Context { words, ..context };
        let drawn = drawing(&scene(&snapshot, &context), words);
        let of = |line: &str| (plain_words(line, &allowed), line.trim().to_owned());
        plain.extend(drawn.lines().map(of).filter(|(left, _)| !left.is_empty()).map(|left| (name, left)));
    }
    for (name, (left, line)) in &plain {
        eprintln!("{name}: {left:?} in {line}");
    }
    assert!(plain.is_empty());
}
