//! Shows scenes: the icon with its menu, notifications, questions.
//!
//! Theory of operation. The main thread belongs to [`run`] until it is told to end. What is to be shown comes in as
//! [`Command`]s, what the user does and what the desktop can do goes out as [`Heard`]. Nothing is decided here: a row or
//! a button carries the wish that it passes on.

use std::sync::mpsc::Receiver;

use goplswatch_core::words::Capability;
use goplswatch_view::{Note, Question, Scene, Wish};

/// What a surface is told.
#[derive(Clone, Debug)]
pub enum Command {
    /// Show this from now on. Notifications that it no longer has are withdrawn.
    Show(Box<Scene>),
    /// Ask. The answer is one of the question's wishes, or nothing.
    Ask(Box<Question>),
    /// Say this once, beside what scenes show: what came of a click.
    Say(Box<Note>),
    /// Take everything away and return.
    End,
}

/// What a surface tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The user wants something.
    Wish(Wish),
    /// Whether this desktop shows an icon (`tray`) or notifications (`notifications`), and why not.
    Can(Capability),
}

/// What a surface is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Notifications that asked for attention up to this number were seen by the user before this program started.
    pub rang_before: u64,
}

/// Shows what it is told until it is told to end. Returns on the thread that it was called on, which has to be the main
/// one on macOS.
pub fn run(options: &Options, commands: &Receiver<Command>, heard: impl Fn(Heard) + Send + Sync + Clone + 'static) {
    let _ = (options, &heard);
    while let Ok(command) = commands.recv() {
        if matches!(command, Command::End) {
            return;
        }
    }
}
