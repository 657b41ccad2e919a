//! Shows scenes on the desktop: the icon with its menu, notifications, questions.
//!
//! Theory of operation. [`run`] occupies the main thread until it receives [`Command::End`]. What
//! to show comes in as [`Command`]s; what the user does and what the desktop can do goes out as
//! [`SurfaceEvent`]s. Nothing is decided here: a row or a button carries a [`UserAction`], which is
//! passed on when it is clicked. `crates/cli/src/surface/clicks.rs` receives it.

#[cfg(test)]
mod any_menu;
pub mod diff;
pub mod guard;
pub mod items;
// AppKit items can be created on the main thread only, which tests do not have.
#[cfg(all(test, target_os = "linux"))]
mod items_tests;
pub mod mailbox;
pub mod notification_tracker;
pub mod picture;
pub mod relay;
pub mod throttle;
// The surface of this platform; this is the only place where it is chosen.
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(target_os = "macos", path = "macos/mod.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "macos")), path = "headless.rs")]
mod surface;

use goplswatch_core::capability::Capability;
use goplswatch_view::{NotificationText, Question, Scene, SurfaceWords, UserAction};

use mailbox::{Inbox, Message};

/// An input of a surface.
#[derive(Clone, Debug)]
pub enum Command {
    /// Show this scene from now on. Notifications that it does not contain are withdrawn.
    Show(Box<Scene>),
    /// Ask. The reply is one of the two user actions of the question, or none.
    Ask(Box<Question>),
    /// Show this notification once, in addition to those of scenes: the outcome of a click.
    Say(Box<NotificationText>),
    /// Remove everything and return.
    End,
}

impl Message for Command {
    fn is_superseded_by_next(&self) -> bool {
        matches!(self, Self::Show(_))
    }
}

/// An output of a surface.
#[derive(Clone, Debug, PartialEq)]
pub enum SurfaceEvent {
    /// The user clicked a row or a button, or replied to a question.
    UserAction(UserAction),
    /// Whether this desktop shows an icon (`tray`) or notifications (`notifications`), and if not,
    /// why.
    Capability(Capability),
}

/// Parameters of a surface.
#[derive(Clone, Debug)]
pub struct Options {
    /// The user has seen notifications with [`NotificationText::rang`] up to this number before
    /// this program started.
    pub seen_up_to: u64,
    /// The texts that the surface itself adds.
    pub words: SurfaceWords,
}

/// The identifier of the program on desktops, for its icon and its notifications. It never changes,
/// because desktops store the user's settings under it.
pub const APP_ID: &str = "dev.goplswatch.agent";

/// The name of the program for the user.
pub const APP_NAME: &str = "goplswatch";

/// The languages that the user prefers, best first, where the desktop knows them. They do not come
/// from environment variables, which a program started by the desktop may lack.
#[must_use]
pub fn preferred_languages() -> Vec<String> {
    surface::preferred_languages()
}

/// Shows what it receives until [`Command::End`]. Runs on the calling thread, which must be the main
/// thread on macOS.
pub fn run(
    options: &Options,
    commands: &Inbox<Command>,
    on_event: impl Fn(SurfaceEvent) + Send + Sync + Clone + 'static,
) {
    surface::run(options, commands, on_event);
}
