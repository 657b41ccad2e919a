//! The programs that run gopls: one table with a row for each.
//!
//! Theory of operation: a client is a [`ClientId`], and everything known about it is in its row
//! ([`ClientRow`]): how it is recognised, what it does when its gopls ends, how it ends its gopls
//! itself, which of its commands restart gopls, where its user configures gopls, where it writes
//! its logs. Recordings, snapshots and the programs that read them use the id's kebab-case name;
//! the display name is for people. What was neither read in a client's source nor observed in a run
//! is [`Sourced::Unknown`] with the reason, never guessed.
//!
//! A new client needs changes in two files: `table.rs` (a variant with its name, and an arm of
//! [`ClientId::row`]) and the file for its kind (a row: `vscode.rs`, `editors.rs`, `agents.rs`).
//! If no message says where a person puts its settings, it also needs a new one in
//! `core/src/message/messages.rs` and `view/catalogue/en/messages.ftl`. If its settings file may not be
//! made, it also needs an arm in `used` of `tests/it/offers.rs`. Omissions are detected. The
//! compiler reports a variant without an arm (E0004), an arm without a row (E0425), a row without
//! one of its fields (E0063), and a row that is not used (`dead_code`). The tests report an empty
//! part, each by its name, as `a_part_that_is_deleted_is_named` shows for each part of each row.

mod agents;
mod editors;
mod rules;
mod table;
#[cfg(test)]
mod tests;
mod vscode;

use std::time::Duration;

use goplswatch_core::input::ClientSeen;
use goplswatch_core::message::Message;
use goplswatch_core::policy::{RestartCommand, RestartCommands, RestartPolicy};
use goplswatch_core::types::ServerClass;

pub(crate) use rules::may_be_client;
pub use rules::{client, client_of, is_intermediary, unknown_client_name};
pub use table::ClientId;

use crate::settings::{Files, SettingsLocation};
use crate::sourced::Sourced::{self, Unknown};
use rules::Rule;

/// What is known about a client.
#[derive(Clone, Copy, Debug)]
pub struct ClientRow {
    /// Its display name: "VS Code".
    pub name: &'static str,
    /// If set, the row applies only to a client whose gopls is of this class.
    only: Option<ServerClass>,
    /// How it is recognised. The short kernel names that a scan looks for are derived from these
    /// rules.
    rules: &'static [Rule],
    /// What it does when the language server that it runs ends. What clients do when a `gopls mcp`
    /// ends is not known.
    pub policy: Sourced<RestartPolicy>,
    /// How it ends its gopls itself.
    pub ends: Shutdown,
    /// Its commands that start gopls again.
    pub restart: Restart,
    /// Where its user configures gopls.
    pub settings: SettingsLocation,
    /// The files, or their folders, in which it logs the output of gopls and how it ended.
    pub logs: Sourced<Files>,
}

/// How a client ends its own gopls: after a request to shut down, or instead of one.
#[derive(Clone, Copy, Debug)]
pub struct Shutdown {
    /// The signals that it may send, in their order. A gopls that exits by itself on request gets
    /// none.
    pub signals: Sourced<&'static [ShutdownSignal]>,
    /// Whether, when it restarts gopls, the new process starts before the old one has ended.
    pub successor_first: Sourced<bool>,
}

/// A signal that a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownSignal {
    /// The signal.
    pub signal: EndSignal,
    /// The earliest time after the request to shut down at which the client sends it; `None` if the
    /// user sets the time, or if it is not known.
    pub earliest: Option<Duration>,
}

/// A signal with which clients end their gopls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndSignal {
    /// SIGTERM.
    Term,
    /// SIGKILL.
    Kill,
}

impl EndSignal {
    /// The signal number, which is the same on Linux and macOS (signal(7)).
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Term => 15,
            Self::Kill => 9,
        }
    }
}

/// The commands of a client that start gopls again.
#[derive(Clone, Copy, Debug)]
pub struct Restart {
    /// The command while its gopls runs.
    pub while_running: Sourced<Command>,
    /// The command after its gopls has ended and no successor came.
    pub after_gone: Sourced<Command>,
}

/// A command of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// The command as a person types or picks it.
    pub typed: &'static str,
    /// The first version that has it, if older versions are still in use: "Neovim 0.12".
    pub since: Option<&'static str>,
    /// What does the same in older versions, if there is something.
    pub before: Option<&'static str>,
}

impl Command {
    const fn new(typed: &'static str) -> Self {
        Self { typed, since: None, before: None }
    }

    fn to_restart_command(self) -> RestartCommand {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        RestartCommand { typed: self.typed.to_owned(), since: owned(self.since), before: owned(self.before) }
    }
}

impl Shutdown {
    const NOT_READ: Self = Self { signals: Unknown(NOT_READ), successor_first: Unknown(NOT_READ) };
}

impl Restart {
    const NOT_READ: Self = Self { while_running: Unknown(NOT_READ), after_gone: Unknown(NOT_READ) };

    /// The commands in the form that the engine takes.
    #[must_use]
    pub fn to_restart_commands(&self) -> RestartCommands {
        let restart_command = |command: Sourced<Command>| command.value().map(Command::to_restart_command);
        RestartCommands {
            while_running: restart_command(self.while_running),
            after_gone: restart_command(self.after_gone),
        }
    }
}

impl ClientId {
    /// The id that is reported for a program that the table does not list.
    pub const UNLISTED: &'static str = ClientSeen::UNLISTED;

    /// The client with this kebab-case name, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.word() == word)
    }

    /// The client that a recording or a snapshot refers to; `None` if it is not in the table.
    #[must_use]
    pub fn of_recorded(id: Option<&str>, name: &str) -> Option<Self> {
        match id {
            Some(word) => Self::parse(word),
            None => Self::of_recorded_name(name),
        }
    }

    /// The client with this recorded name, for schemas 3 and 4, which recorded no id. This is the
    /// only place where a name decides. When a client's display name changes, its old name has to
    /// be kept here.
    #[must_use]
    pub fn of_recorded_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.row().name == name)
    }
}

impl ClientRow {
    /// What it does when its gopls ends, in the form that the engine takes.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.policy.value().unwrap_or(RestartPolicy::Unknown)
    }
}

const NOT_READ: &str = "not read";

/// A signal that is sent this long after the request to shut down.
const fn sent(signal: EndSignal, earliest: Duration) -> ShutdownSignal {
    ShutdownSignal { signal, earliest: Some(earliest) }
}

/// A signal that is sent at an unknown time.
const fn sent_some_time(signal: EndSignal) -> ShutdownSignal {
    ShutdownSignal { signal, earliest: None }
}

/// A client of which only the way to recognise it is known. A client of which more is known gets a
/// row of its own with every field, so that a forgotten field is not taken for one that is not
/// known.
const fn unread(name: &'static str, rules: &'static [Rule]) -> ClientRow {
    ClientRow {
        name,
        only: None,
        rules,
        policy: Unknown(NOT_READ),
        ends: Shutdown::NOT_READ,
        restart: Restart::NOT_READ,
        settings: by_hand(NOT_READ, || Message::HandPutElsewhere),
        logs: Unknown(NOT_READ),
    }
}

/// The settings of a client that keeps them in no file which another program could write to.
const fn by_hand(why: &'static str, by_hand: fn() -> Message) -> SettingsLocation {
    SettingsLocation { file: Unknown(why), flags: Unknown(why), by_hand, key: None }
}
