//! No surface: what is to be shown is taken in and not shown.

use std::sync::mpsc::Receiver;

use crate::{Command, Heard, Options};

/// See [`crate::run`].
pub(crate) fn run(_: &Options, commands: &Receiver<Command>, _: impl Fn(Heard)) {
    while !matches!(commands.recv(), Ok(Command::End) | Err(_)) {}
}
