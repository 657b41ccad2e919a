//! Tests of changes: fixes on real processes and files, and the login service with simulated
//! managers that answer as ordered. Tests that need programs of the system are in `real`.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too, and may wait"
)]

mod clicks;
mod fix;
mod fix_edit;
mod fix_killed;
mod real;
mod service;

use goplswatch_core::message::Message;
use goplswatch_remedy::change::{Failed, Refusal};
use goplswatch_remedy::service::Refusal as ServiceRefusal;
use goplswatch_view::{Catalogue, Form};

/// A message as a user reads it.
pub(crate) fn say(message: &Message) -> String {
    Catalogue::english().text(message, Form::Full)
}

pub(crate) fn say_lines(lines: &[Message]) -> String {
    lines.iter().map(say).collect::<Vec<_>>().join("\n")
}

/// Why something was not done, and what to do, as a user reads it.
pub(crate) trait Worded {
    fn words(&self) -> String;
    fn advised(&self) -> String;
}

impl Worded for Refusal {
    fn words(&self) -> String {
        say(&self.why)
    }

    fn advised(&self) -> String {
        say_lines(&self.instead)
    }
}

impl Worded for ServiceRefusal {
    fn words(&self) -> String {
        say(&self.why())
    }

    fn advised(&self) -> String {
        say_lines(&self.advice())
    }
}

impl Worded for Failed {
    fn words(&self) -> String {
        say(&self.why())
    }

    fn advised(&self) -> String {
        say_lines(self.advice())
    }
}
