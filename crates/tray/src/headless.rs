//! The surface of a platform without one: commands are received and nothing is shown.

use crate::mailbox::Inbox;
use crate::{Command, Options, SurfaceEvent};

/// See [`crate::preferred_languages`].
pub(crate) fn preferred_languages() -> Vec<String> {
    Vec::new()
}

/// See [`crate::run`].
pub(crate) fn run(_: &Options, commands: &Inbox<Command>, _: impl Fn(SurfaceEvent)) {
    while !matches!(commands.recv(), Ok(Command::End) | Err(_)) {}
}
