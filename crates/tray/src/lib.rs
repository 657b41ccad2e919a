//! Shows scenes: the icon with its menu, notifications, questions.
//!
//! Theory of operation. The main thread belongs to [`run`] until it is told to end. What is to be shown comes in as
//! [`Command`]s, what the user does and what the desktop can do goes out as [`Heard`]. Nothing is decided here: a row or
//! a button carries the wish that it passes on.

#[cfg(test)]
mod any_menu;
pub mod diff;
pub mod guard;
pub mod items;
// AppKit's items can be made on the main thread only, which tests do not have.
#[cfg(all(test, target_os = "linux"))]
mod items_tests;
pub mod mailbox;
pub mod notices;
pub mod pace;
pub mod picture;
pub mod relay;
// The surface of this system: the one place where it is chosen.
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(target_os = "macos", path = "macos/mod.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "macos")), path = "headless.rs")]
mod surface;

use goplswatch_core::words::Capability;
use goplswatch_view::{Note, Question, Scene, SurfaceWords, Wish};

use mailbox::{Inbox, Message};

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

impl Message for Command {
    fn is_outdated_by_the_next(&self) -> bool {
        matches!(self, Self::Show(_))
    }
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
    /// What it says of its own.
    pub words: SurfaceWords,
}

/// The one name by which desktops know the program: of its icon and of its notifications. It never changes, since what
/// the user has set for it hangs on it.
pub const APP_ID: &str = "dev.goplswatch.agent";

/// How the user knows the program.
pub const APP_NAME: &str = "goplswatch";

/// The languages that the user prefers, the best first, where the desktop knows them: not by variables of the environment,
/// which a program that the desktop starts may lack.
#[must_use]
pub fn preferred_languages() -> Vec<String> {
    surface::preferred_languages()
}

/// Shows what it is told until it is told to end. Returns on the thread that it was called on, which has to be the main
/// one on macOS.
pub fn run(options: &Options, commands: &Inbox<Command>, heard: impl Fn(Heard) + Send + Sync + Clone + 'static) {
    surface::run(options, commands, heard);
}
