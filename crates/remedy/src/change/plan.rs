//! A change as data: exactly what will be done, and the hash by which a confirmation names it.
//!
//! The hash covers what is done and the messages that describe it, never text in a language. A new
//! field must be left out of the JSON when it is empty, so that the hash of the plan in an older
//! receipt stays the same.

use std::time::Duration;

use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::time::Ms;
use goplswatch_core::{ProcessKey, Remedy, UserCommand};
use goplswatch_probe::process::Signal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hash::{Digest, sha256};
use crate::said;

/// A planned change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Plan {
    /// What the plan is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// Whether the plan is safe, risky or for the user to do by hand.
    pub class: RemedyClass,
    /// The id of the incident that it is for; null if there is none.
    pub incident: Option<String>,
    /// The object of the change, as words that follow a verb: "gopls (pid 4242) of VS Code in
    /// api-server".
    #[serde(serialize_with = "said::write", deserialize_with = "said::read")]
    #[cfg_attr(feature = "testing", schemars(with = "MessageText"))]
    pub subject: MessageText,
    /// What it does in this case, as sentences; empty if the steps say it.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub does: Option<MessageText>,
    /// What it costs, as sentences; empty if nothing.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub cost: Option<MessageText>,
    /// What undo does about it, as a sentence.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub undo: Option<MessageText>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The observations at the time the plan was made. Kept in the receipt of a risky plan, because
    /// the process that it ends cannot be examined afterwards. Not part of the hash, since the
    /// numbers in it change all the time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A remedy.
    Remedy(Remedy),
    /// A change of the login service.
    Service(Verb),
}

/// An operation on the login service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Starts the agent, now and at every login.
    Install,
    /// Stops the agent and no longer starts it.
    Uninstall,
    /// Stops the agent and starts it again.
    Restart,
}

impl Verb {
    /// The subcommand that does it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Uninstall => "uninstall",
            Self::Restart => "restart",
        }
    }
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Step {
    /// What the step contributes, as one line that begins with a verb; left out if the action says
    /// enough.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "said::write_or_nothing",
        deserialize_with = "said::read_or_nothing"
    )]
    #[cfg_attr(feature = "testing", schemars(with = "Option<MessageText>"))]
    pub does: Option<MessageText>,
    /// Whether the goal of the plan can be reached without this step. True for the steps that build
    /// the application bundle: if one fails, the same plan can be made without a bundle
    /// (`service::Site::without_bundle`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spare: bool,
    /// The exact action.
    #[serde(flatten)]
    pub action: Action,
    /// The commands that complete the undo of this step, in this order, once the change itself has
    /// been reverted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub back: Vec<Call>,
}

/// The effect of a step on the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Action {
    /// Sends a signal to one process and waits for it to exit.
    Signal {
        /// The process.
        process: ProcessKey,
        /// Its executable; null if it could not be read, in which case it is not compared.
        exe: Option<String>,
        /// The signal.
        signal: Signal,
        /// How long to wait for the process to exit, in milliseconds.
        #[serde(rename = "wait_ms", with = "Ms")]
        wait: Duration,
    },
    /// Runs a command without a shell, in its own process group and with a deadline.
    Run {
        /// The program (absolute path) and its arguments.
        argv: Vec<String>,
        /// Time until its process group is killed, in milliseconds.
        #[serde(rename = "deadline_ms", with = "Ms")]
        deadline: Duration,
        /// The command that undoes it; null if there is none.
        undo: Option<Vec<String>>,
    },
    /// Runs a command whose exit codes have known meanings, either once or as a poll.
    Call {
        /// The command.
        #[serde(flatten)]
        call: Call,
    },
    /// Sets one value in a settings file; everything else in the file stays as it is.
    Edit {
        /// The file, before and after.
        #[serde(flatten)]
        change: Change,
        /// The format of the file.
        format: Format,
        /// The keys that lead to the value, outermost first.
        path: Vec<String>,
        /// The new value.
        value: Value,
    },
    /// Writes a whole file.
    Write {
        /// The file, before and after.
        #[serde(flatten)]
        change: Change,
        /// The complete new text.
        text: String,
        /// The permissions of a new file. An existing file keeps its own, unless it is one of
        /// goplswatch's files.
        mode: u32,
        /// The file is goplswatch's own: its parent folders are created, and a symbolic link at its
        /// path is not followed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ours: bool,
    },
    /// Removes one of goplswatch's own files.
    Remove {
        /// The file.
        file: String,
        /// The SHA-256 of its content, in hex.
        before: String,
        /// Its permissions, which undo restores.
        mode: u32,
    },
    /// Renames a folder within its parent folder, which is atomic.
    Rename {
        /// The old path, absolute.
        from: String,
        /// The new path.
        to: String,
        /// How to recognize the folder, if it is one of goplswatch's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seal: Option<Fingerprint>,
    },
    /// Creates a folder and its parents.
    Folder {
        /// Its path, absolute.
        path: String,
    },
    /// Creates one file in a folder that is being assembled, with its parent folders.
    Fill {
        /// The folder that is being assembled; undo removes all of it.
        tree: String,
        /// The file.
        path: String,
        /// Its content.
        content: Content,
    },
    /// Removes one of goplswatch's own folders with everything in it. A symbolic link is removed,
    /// not followed.
    RemoveTree {
        /// The folder.
        path: String,
        /// All files below it, as paths relative to it.
        files: Vec<String>,
        /// Whether the folder is kept next to the receipt, for undo.
        keep: bool,
    },
    /// Puts text on the clipboard.
    Copy {
        /// The text.
        text: String,
    },
    /// Opens something on the desktop.
    Open {
        /// What is opened.
        shown: DesktopTarget,
    },
    /// Sends a user command to the agent.
    Tell {
        /// The command.
        #[serde(rename = "intent")]
        user_command: UserCommand,
    },
    /// Something that the user has to do by hand.
    Manual {
        /// The instructions, line by line.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "said::read_each")]
        #[cfg_attr(feature = "testing", schemars(with = "Vec<MessageText>"))]
        lines: Vec<MessageText>,
        /// The same as one rendered text. Receipts of earlier versions have only this.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
}

/// A command whose exit codes have known meanings. It runs without a shell, in its own process
/// group and with a deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Call {
    /// The program (absolute path) and its arguments.
    pub argv: Vec<String>,
    /// Time until its process group is killed, in milliseconds.
    #[serde(rename = "deadline_ms", with = "Ms")]
    pub deadline: Duration,
    /// The program that is called, which determines what the exit codes mean.
    pub speaker: CalledTool,
    /// Exit codes besides 0 that mean that nothing was left to do, or that a later step will show
    /// the outcome.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fine: Vec<i32>,
    /// Exit codes that may be temporary: the command is tried again after a pause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<i32>,
    /// The command is repeated until it gives this answer; null if it is run once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// A command that is run first: if it exits with 0, nothing is left to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
}

/// The answer that ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Exit code 0, after an initial pause that shows whether it lasts.
    There,
    /// Any other exit code.
    Gone,
}

/// A program whose exit codes are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CalledTool {
    /// launchd's command.
    Launchctl,
    /// systemd's command.
    Systemctl,
    /// The macOS program that signs applications.
    Codesign,
}

/// The content of a new file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// Text.
    Text {
        /// The complete text.
        text: String,
    },
    /// Binary data, which is not shown.
    Bytes {
        /// Length and hash of the data.
        #[serde(flatten)]
        digest: Digest,
        /// The data itself. It is not stored in receipts, because no file is ever created from a
        /// receipt.
        #[serde(skip)]
        bytes: &'static [u8],
    },
    /// A copy of a program: its bytes without further attributes, mode 0755.
    Program {
        /// The program to copy; a symbolic link is followed.
        from: String,
        /// Its length and hash when the plan was made. If it has changed since then, the step
        /// fails.
        #[serde(flatten)]
        digest: Digest,
    },
}

/// How one of goplswatch's own folders is recognized: by one file in it and the hash of that file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Fingerprint {
    /// The file, as a path relative to the folder.
    pub file: String,
    /// The SHA-256 of its content, in hex.
    pub sha256: String,
}

/// A file before and after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Change {
    /// The path of the file as given.
    pub file: String,
    /// The path with symbolic links resolved. This file is written, so a link stays a link.
    pub target: String,
    /// The SHA-256 of its content before, in hex; null if the file does not exist.
    pub before: Option<String>,
    /// The SHA-256 of its content afterwards, in hex.
    pub after: String,
    /// The difference, as a unified diff.
    pub diff: String,
}

/// The format of a settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
}

/// Something that can be opened on a desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DesktopTarget {
    /// A folder, by its absolute path.
    Folder(String),
    /// A file, selected in its folder, by its absolute path.
    File(String),
    /// A text file, in the user's text viewer or editor, by its absolute path.
    Text(String),
    /// A web page (`http://` or `https://`), or a pane of macOS' settings
    /// (`x-apple.systempreferences:com.apple.…`).
    Url(String),
}

impl Plan {
    /// The identity of this plan: the SHA-256 of its JSON, in hex. The JSON contains no time, no
    /// reading that changes by itself and no rendered text, so the same observations give the same
    /// hash.
    #[must_use]
    pub fn hash(&self) -> String {
        // Serialization cannot fail: a plan holds no maps but JSON's own, no floats but JSON's own,
        // and no paths.
        hash_of(serde_json::to_value(self).unwrap_or_default())
    }

    /// The hash as receipt format 1 defines it: over the JSON as it was written.
    pub(super) fn hash_of_format_1(&self) -> String {
        let bare = Self { evidence: String::new(), ..self.clone() };
        sha256(&serde_json::to_vec(&bare).unwrap_or_default())
    }

    /// Visits every message of the plan.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        let own = [&mut self.does, &mut self.cost, &mut self.undo].into_iter().flatten();
        std::iter::once(&mut self.subject).chain(own).for_each(&mut *each);
        for step in &mut self.steps {
            step.does.iter_mut().for_each(&mut *each);
            if let Action::Manual { lines, text } = &mut step.action
                && !lines.is_empty()
            {
                lines.iter_mut().for_each(&mut *each);
                *text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
                if lines.iter().all(|line| line.text.is_empty()) {
                    text.clear();
                }
            }
        }
    }

    /// The remedy that the plan carries out, if it is for one.
    #[must_use]
    pub const fn remedy(&self) -> Option<Remedy> {
        match self.purpose {
            Purpose::Remedy(remedy) => Some(remedy),
            Purpose::Service(_) => None,
        }
    }

    /// Whether it changes anything that can be observed later: a process, a file, or whatever a
    /// command does.
    #[must_use]
    pub fn touches(&self) -> bool {
        let only_says = |action: &Action| {
            matches!(action, Action::Copy { .. } | Action::Open { .. } | Action::Tell { .. } | Action::Manual { .. })
        };
        self.steps.iter().any(|step| !only_says(&step.action))
    }

    /// Whether it has a lasting effect, that is, more than new content on the clipboard or on the
    /// screen.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        let leaves_nothing =
            |action: &Action| matches!(action, Action::Copy { .. } | Action::Open { .. } | Action::Manual { .. });
        self.steps.iter().any(|step| !leaves_nothing(&step.action))
    }

    /// Whether it leaves the login service in a different state. A service that is only restarted
    /// counts as unchanged.
    #[must_use]
    pub fn changes_service(&self) -> bool {
        let Purpose::Service(verb) = self.purpose else { return false };
        self.steps.iter().any(|step| match step.action {
            Action::Call { .. } => verb != Verb::Restart && step.changes_service(),
            _ => step.changes_service(),
        })
    }

    /// The process that it ends, if any.
    #[must_use]
    pub fn process(&self) -> Option<ProcessKey> {
        self.steps.iter().find_map(|step| match &step.action {
            Action::Signal { process, .. } => Some(*process),
            _ => None,
        })
    }
}

/// The hash of a plan's JSON, without the evidence and without rendered text, independent of the
/// order of keys.
pub(super) fn hash_of(mut plan: Value) -> String {
    if let Some(plan) = plan.as_object_mut() {
        plan.remove("evidence");
    }
    without_text(&mut plan);
    plan.sort_all_objects();
    sha256(&serde_json::to_vec(&plan).unwrap_or_default())
}

/// Removes the rendered text next to a message, and next to the lines of a manual step.
fn without_text(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.contains_key("lines") || map.contains_key("message") && map.contains_key("args") {
                map.remove("text");
            }
            map.values_mut().for_each(without_text);
        }
        Value::Array(all) => all.iter_mut().for_each(without_text),
        _ => {}
    }
}

impl From<Action> for Step {
    /// A step whose action says enough.
    fn from(action: Action) -> Self {
        Self { does: None, spare: false, action, back: Vec::new() }
    }
}

impl Action {
    /// A step that the user does by hand, line by line.
    #[must_use]
    pub fn by_hand(lines: Vec<Message>) -> Self {
        Self::Manual { lines: lines.into_iter().map(MessageText::from).collect(), text: String::new() }
    }
}

impl Step {
    /// Whether it leaves something to undo: one of goplswatch's files or folders, or commands
    /// listed for the undo.
    pub(super) fn changes_service(&self) -> bool {
        let of_files = matches!(
            self.action,
            Action::Write { .. }
                | Action::Remove { .. }
                | Action::Rename { .. }
                | Action::Fill { .. }
                | Action::RemoveTree { keep: true, .. }
        );
        of_files || !self.back.is_empty()
    }
}

impl DesktopTarget {
    /// Whether this is the address of a pane of macOS' settings and cannot be anything else.
    pub(super) fn is_settings(url: &str) -> bool {
        let pane = url.strip_prefix("x-apple.systempreferences:com.apple.");
        pane.is_some_and(|pane| pane.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_?=".contains(&b)))
    }

    /// Whether the desktop may be asked to open this address.
    pub(super) fn may_be_opened(url: &str) -> bool {
        url.starts_with("https://") || url.starts_with("http://") || Self::is_settings(url)
    }
}
