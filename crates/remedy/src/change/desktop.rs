//! The tools of a desktop, as data: programs that put text on the clipboard and that open a folder
//! or a page.
//!
//! The lists of both systems are compiled everywhere; only `manager.rs` knows which system this is.
//! A tool is looked for at fixed absolute paths; PATH is ignored. On Linux it depends on the
//! session which clipboard tool works, so they are tried one after the other: wl-copy fails at once
//! without a Wayland display, xclip and xsel without an X display.
//!
//! wl-copy, xclip and xsel read all their input, then leave a child in the background that serves
//! the clipboard until another program takes it over, and exit (bugaevc/wl-clipboard src/wl-copy.c,
//! `did_set_selection_callback`; xclip(1), `-quiet`; xsel(1), `--nodetach`). That child stays; only
//! a tool that has not exited at the deadline is killed.

use std::path::Path;

use goplswatch_core::message::Message;

use crate::manager::Manager;

/// A command line. The object is added as the last argument, or passed on standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The program (absolute path) and its first arguments.
    pub argv: Vec<String>,
}

/// The tools of a desktop, each list in the order in which they are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desktop {
    /// Take text on standard input and put it on the clipboard.
    pub clipboard: Vec<Tool>,
    /// Open a folder or a page, given as the last argument.
    pub open: Vec<Tool>,
    /// Show a file in its folder. If empty, the folder is opened instead.
    pub reveal: Vec<Tool>,
    /// Open a text file. If empty, the tools in `open` are used.
    pub read: Vec<Tool>,
    /// How to get a clipboard tool if none is found.
    pub clipboard_from: Option<Message>,
    /// How to get a tool that opens folders and pages if none is found.
    pub open_from: Option<Message>,
}

impl Desktop {
    /// The desktop of the system that this program was built for.
    #[must_use]
    pub fn of_this_system() -> Self {
        Self::of(Manager::of_this_system())
    }

    /// The desktop of the system with this service manager.
    #[must_use]
    pub fn of(manager: Manager) -> Self {
        match manager {
            Manager::Launchd => Self {
                clipboard: tools(&[&["/usr/bin/pbcopy"]]),
                open: tools(&[&["/usr/bin/open"]]),
                reveal: tools(&[&["/usr/bin/open", "-R"]]),
                // Whichever program is assigned to an extension such as .toml, `-t` opens the
                // default text editor (open(1)).
                read: tools(&[&["/usr/bin/open", "-t"]]),
                clipboard_from: Some(Message::DoPartOfMacos),
                open_from: Some(Message::DoPartOfMacos),
            },
            Manager::Systemd => Self {
                clipboard: at(
                    &["/usr/bin", "/usr/local/bin", "/bin"],
                    &[
                        &["wl-copy", "--type", "text/plain"],
                        &["xclip", "-selection", "clipboard"],
                        &["xsel", "--clipboard", "--input"],
                    ],
                ),
                open: at(&["/usr/bin", "/usr/local/bin", "/bin"], &[&["xdg-open"]]),
                reveal: Vec::new(),
                read: Vec::new(),
                clipboard_from: Some(Message::DoGetClipboard),
                open_from: Some(Message::DoGetOpener),
            },
        }
    }
}

impl Tool {
    /// Whether its program exists.
    pub(crate) fn is_there(&self) -> bool {
        self.argv.first().is_some_and(|program| Path::new(program).is_absolute() && Path::new(program).is_file())
    }
}

fn tools(all: &[&[&str]]) -> Vec<Tool> {
    all.iter().map(|argv| Tool { argv: argv.iter().map(|word| (*word).to_owned()).collect() }).collect()
}

/// Each tool in each folder, in the order of the tools.
fn at(folders: &[&str], all: &[&[&str]]) -> Vec<Tool> {
    let mut found = Vec::new();
    for argv in all {
        let Some((program, rest)) = argv.split_first() else { continue };
        for folder in folders {
            let words = std::iter::once(format!("{folder}/{program}")).chain(rest.iter().map(|w| (*w).to_owned()));
            found.push(Tool { argv: words.collect() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_an_absolute_place() {
        for manager in [Manager::Launchd, Manager::Systemd] {
            let desktop = Desktop::of(manager);
            for tool in desktop.clipboard.iter().chain(&desktop.open).chain(&desktop.reveal) {
                assert!(tool.argv[0].starts_with('/'), "{tool:?}");
            }
            assert!(!desktop.clipboard.is_empty() && !desktop.open.is_empty());
        }
        let linux = Desktop::of(Manager::Systemd).clipboard;
        assert_eq!(linux[0].argv, ["/usr/bin/wl-copy", "--type", "text/plain"]);
        assert_eq!(linux.len(), 9);
    }
}
