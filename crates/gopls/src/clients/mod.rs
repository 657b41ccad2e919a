//! The programs that run gopls: one table, a row for each.
//!
//! Theory of operation: a client is a [`ClientId`], and whatever is known about it stands in its row ([`ClientRow`]):
//! how it is recognised, what it does when its gopls ends, how it ends its gopls itself, which of its commands restart
//! it, where its user sets gopls up, where it writes its logs. Recordings, snapshots and the programs that read them
//! carry the id's word; the name is for people. What nobody has read in a client's source or seen in a run is
//! [`Finding::Unknown`] with the reason, never guessed.
//!
//! A new client takes two files: `table.rs` (a variant with its word, and an arm of [`ClientId::row`]) and the file of its
//! kind (a row: `vscode.rs`, `editors.rs`, `agents.rs`). What is forgotten is told. By the compiler: a variant without an
//! arm (E0004), an arm without a row (E0425), a row without one of its fields (E0063), a row of nobody (`dead_code`). By
//! the tests: an empty part, each by its name, as `a_part_that_is_deleted_is_named` shows for each part of each row.

mod agents;
mod editors;
mod rules;
mod table;
#[cfg(test)]
mod tests;
mod vscode;

use goplswatch_core::input::ClientSeen;
use goplswatch_core::message::Message;
use goplswatch_core::policy::{RestartCommand, RestartCommands, RestartPolicy};
use goplswatch_core::words::ServerClass;

pub(crate) use rules::may_be_client;
pub use rules::{client, client_of, looks_through, unknown_client_name};
pub use table::ClientId;

use crate::settings::{Files, SettingsPlace};
use Finding::Unknown;
use rules::Rule;

/// What is known about a client.
#[derive(Clone, Copy, Debug)]
pub struct ClientRow {
    /// As a person says it: "VS Code".
    pub name: &'static str,
    /// The row stands only for a client whose gopls is of this class.
    only: Option<ServerClass>,
    /// How it is recognised. The short names that a scan looks for follow from them.
    rules: &'static [Rule],
    /// What it does when the language server that it runs ends; what it does about an ended `gopls mcp` nobody has read.
    pub policy: Finding<RestartPolicy>,
    /// How it ends its gopls itself.
    pub ends: Ends,
    /// Its commands that give it a gopls again.
    pub restart: Restart,
    /// Where its user sets gopls up.
    pub settings: SettingsPlace,
    /// The files, or the folders of them, in which it logs what gopls writes and how it ends.
    pub logs: Finding<Files>,
}

/// What somebody has read in a client's source or seen in a run, and where; or why it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding<T> {
    /// The value, and its source.
    Known(T, &'static str),
    /// Why there is none, as a fragment.
    Unknown(&'static str),
}

impl<T: Copy> Finding<T> {
    /// The value, if there is one.
    pub const fn value(&self) -> Option<T> {
        match self {
            Self::Known(value, _) => Some(*value),
            Self::Unknown(_) => None,
        }
    }

    /// Where it was read, or why it is not known.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Known(_, source) | Self::Unknown(source) => source,
        }
    }
}

/// How a client ends its own gopls: after it asked it to shut down, or instead.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The signals that it may send, in their order. One that ends by itself when it is asked gets none.
    pub signals: Finding<&'static [Sent]>,
    /// Whether, when it restarts gopls, the new one starts before the old one has ended.
    pub successor_first: Finding<bool>,
}

/// A signal that a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which.
    pub signal: EndSignal,
    /// How long after it asked its gopls to shut down the client sends it at the earliest, milliseconds; `None`: its
    /// user sets it, or nobody has read it.
    pub earliest_ms: Option<u32>,
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
    /// Its number, which is the same on Linux and macOS (signal(7)).
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Term => 15,
            Self::Kill => 9,
        }
    }
}

/// The commands of a client that give it a gopls again.
#[derive(Clone, Copy, Debug)]
pub struct Restart {
    /// While its gopls runs.
    pub while_running: Finding<Command>,
    /// After its gopls has ended and none came.
    pub after_gone: Finding<Command>,
}

/// A command of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// As a person types or picks it.
    pub typed: &'static str,
    /// The first version that has it, where older ones are in use: "Neovim 0.12".
    pub since: Option<&'static str>,
    /// What does the same in older ones, where there is one.
    pub before: Option<&'static str>,
}

impl Command {
    const fn new(typed: &'static str) -> Self {
        Self { typed, since: None, before: None }
    }

    fn told(self) -> RestartCommand {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        RestartCommand { typed: self.typed.to_owned(), since: owned(self.since), before: owned(self.before) }
    }
}

impl Ends {
    const NOT_READ: Self = Self { signals: Unknown(NOT_READ), successor_first: Unknown(NOT_READ) };
}

impl Restart {
    const NOT_READ: Self = Self { while_running: Unknown(NOT_READ), after_gone: Unknown(NOT_READ) };

    /// As the engine takes them.
    #[must_use]
    pub fn told(&self) -> RestartCommands {
        let told = |command: Finding<Command>| command.value().map(Command::told);
        RestartCommands { while_running: told(self.while_running), after_gone: told(self.after_gone) }
    }
}

impl ClientId {
    /// What is told as the id of a program that the table does not list.
    pub const UNLISTED: &'static str = ClientSeen::UNLISTED;

    /// The client of a word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.word() == word)
    }

    /// The client that a recording or a snapshot tells of; `None`: it is not in the table.
    #[must_use]
    pub fn of_told(id: Option<&str>, name: &str) -> Option<Self> {
        match id {
            Some(word) => Self::parse(word),
            None => Self::of_recorded_name(name),
        }
    }

    /// The client by the name under which versions recorded it that told no id (schemas 3 and 4). The one place where a
    /// name decides: whoever renames a client keeps its old name here.
    #[must_use]
    pub fn of_recorded_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.row().name == name)
    }
}

impl ClientRow {
    /// What it does when its gopls ends, as the engine takes it.
    #[must_use]
    pub fn restart_policy(&self) -> RestartPolicy {
        self.policy.value().unwrap_or(RestartPolicy::Unknown)
    }
}

const NOT_READ: &str = "not read";

/// A signal after the time that the client leaves its gopls.
const fn sent(signal: EndSignal, earliest_ms: u32) -> Sent {
    Sent { signal, earliest_ms: Some(earliest_ms) }
}

/// One whose time is not known.
const fn sent_some_time(signal: EndSignal) -> Sent {
    Sent { signal, earliest_ms: None }
}

/// A client of which nobody has read more than how it is recognised. One of which more is known gets a row of its own with
/// every field: a field that is forgotten must not pass for one that nobody has read.
const fn unread(name: &'static str, rules: &'static [Rule]) -> ClientRow {
    ClientRow {
        name,
        only: None,
        rules,
        policy: Unknown(NOT_READ),
        ends: Ends::NOT_READ,
        restart: Restart::NOT_READ,
        settings: by_hand(NOT_READ, || Message::HandPutElsewhere),
        logs: Unknown(NOT_READ),
    }
}

/// The settings of a client that keeps them in no file which another program could write to.
const fn by_hand(why: &'static str, by_hand: fn() -> Message) -> SettingsPlace {
    SettingsPlace { file: Unknown(why), flags: Unknown(why), by_hand, key: None }
}
