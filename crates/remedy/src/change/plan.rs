//! A change as data: what will be done, to the letter; and the hash by which a yes names it.
//!
//! The hash is over what is done and what is said of it, as messages and never as words in some language. Whatever is
//! added here is left out of the JSON where it says nothing: the hash of an older receipt's plan must stay what it was.

use goplswatch_core::message::{Message, Said};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Intent, ProcessKey, Remedy};
use goplswatch_probe::process::Signal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hash::{Digest, sha256};
use crate::said;

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Plan {
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// How it is asked for.
    pub class: RemedyClass,
    /// The incident that it is for; null: none.
    pub incident: Option<String>,
    /// On what it acts, as words that follow a verb: "gopls (pid 4242) of VS Code in api-server".
    #[serde(serialize_with = "said::write", deserialize_with = "said::read")]
    #[cfg_attr(feature = "testing", schemars(with = "Said"))]
    pub subject: Said,
    /// What it does in this case, as sentences; empty: its steps say it.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub does: Option<Said>,
    /// What it costs, as sentences; empty: nothing.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub cost: Option<Said>,
    /// What undo does about it, as a sentence.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub undo: Option<Said>,
    /// In order.
    pub steps: Vec<Step>,
    /// What was seen when it was made, kept with the receipt of a risky one: what it ends cannot be looked at again.
    /// No part of the hash, since numbers in it change all the time.
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

/// What is done to the login service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// The agent is started, now and at every login.
    Install,
    /// The agent is ended, and started no more.
    Uninstall,
    /// The agent is ended and started again.
    Restart,
}

impl Verb {
    /// The command that does it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Uninstall => "uninstall",
            Self::Restart => "restart",
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Step {
    /// What it does for the whole, as one line that begins with a verb; left out: what it acts on says enough.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "said::write_or_nothing",
        deserialize_with = "said::read_or_nothing"
    )]
    #[cfg_attr(feature = "testing", schemars(with = "Option<Said>"))]
    pub does: Option<Said>,
    /// Whether what the plan is for can be had without it: of the application bundle. Where such a step fails, the same
    /// plan is to be had without a bundle (`service::Site::without_bundle`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spare: bool,
    /// To the letter.
    #[serde(flatten)]
    pub action: Action,
    /// What is run to take it back, in this order, when what it changed itself is as it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub back: Vec<Call>,
}

/// What a step does to the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Action {
    /// Sends a signal to one process and waits for its end.
    Signal {
        /// The process.
        process: ProcessKey,
        /// Its executable; null: it could not be read, and is not compared.
        exe: Option<String>,
        /// The signal.
        signal: Signal,
        /// How long its end is waited for, milliseconds.
        wait_ms: u64,
    },
    /// Runs a command: no shell, its own process group, a deadline.
    Run {
        /// The program, absolute, and its arguments.
        argv: Vec<String>,
        /// When its process group is killed, milliseconds.
        deadline_ms: u64,
        /// The command that takes it back; null: none does.
        undo: Option<Vec<String>>,
    },
    /// Runs a command of which it is known what its exit codes mean, or asks by one.
    Call {
        /// The command.
        #[serde(flatten)]
        call: Call,
    },
    /// Sets one value in a settings file; everything else in it stays as it is.
    Edit {
        /// The file, before and after.
        #[serde(flatten)]
        change: Change,
        /// What it is written in.
        format: Format,
        /// The keys that lead to the value, from the outermost.
        path: Vec<String>,
        /// What it becomes.
        value: Value,
    },
    /// Writes a whole file.
    Write {
        /// The file, before and after.
        #[serde(flatten)]
        change: Change,
        /// All it will say.
        text: String,
        /// Its permissions if it is new; one that is there keeps its own, unless the file is ours.
        mode: u32,
        /// The file is goplswatch's own: the folders above it are made, and its name is not followed where it leads.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ours: bool,
    },
    /// Removes a file of ours.
    Remove {
        /// The file.
        file: String,
        /// The SHA-256 of what it says, in hex.
        before: String,
        /// Its permissions, for the one that undo brings back.
        mode: u32,
    },
    /// Gives a folder another name in the folder that it is in, which is one moment.
    Rename {
        /// Its path before, absolute.
        from: String,
        /// Its path afterwards.
        to: String,
        /// By what it is known, where it is ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seal: Option<Seal>,
    },
    /// Makes a folder and those above it.
    Folder {
        /// Its path, absolute.
        path: String,
    },
    /// Makes one file in a folder that is being put together, with the folders above it.
    Fill {
        /// The folder that is being put together: undo removes it whole.
        tree: String,
        /// The file.
        path: String,
        /// What it gets.
        content: Content,
    },
    /// Removes a folder of ours and all that is in it. A link is removed, not followed.
    RemoveTree {
        /// The folder.
        path: String,
        /// What is in it, however deep, by the path from there.
        files: Vec<String>,
        /// It is kept beside the receipt, for undo.
        keep: bool,
    },
    /// Puts text on the clipboard.
    Copy {
        /// The text.
        text: String,
    },
    /// Shows something on the desktop.
    Open {
        /// What.
        shown: Shown,
    },
    /// Tells the agent what the user wants.
    Tell {
        /// What.
        intent: Intent,
    },
    /// What a person does.
    Manual {
        /// How, line by line.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "said::read_each")]
        #[cfg_attr(feature = "testing", schemars(with = "Vec<Said>"))]
        lines: Vec<Said>,
        /// The same as one text, once it is rendered; what earlier versions wrote down has nothing else.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
}

/// A command whose exit codes are known: no shell, its own process group, a deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Call {
    /// The program, absolute, and its arguments.
    pub argv: Vec<String>,
    /// When its process group is killed, milliseconds.
    pub deadline_ms: u64,
    /// Who answers: what its exit codes mean.
    pub speaker: Speaker,
    /// Exit codes beside 0 that mean there was nothing left to do, or that a later step will tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fine: Vec<i32>,
    /// Exit codes that may pass: tried again after a pause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<i32>,
    /// It is asked until it answers so; null: it is run once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// A question that comes first: where it is answered with 0, nothing is left to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
}

/// The answer that ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Exit code 0, also after a moment.
    There,
    /// Any other exit code.
    Gone,
}

/// A program whose exit codes are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// launchd's.
    Launchctl,
    /// systemd's.
    Systemctl,
    /// The one that signs applications on macOS.
    Codesign,
}

/// What a new file gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// Text.
    Text {
        /// All it will say.
        text: String,
    },
    /// Bytes that nobody reads.
    Bytes {
        /// What identifies them.
        #[serde(flatten)]
        digest: Digest,
        /// They themselves: no part of a receipt, from which nothing is ever made.
        #[serde(skip)]
        bytes: &'static [u8],
    },
    /// A copy of a program: its bytes alone, mode 0755.
    Program {
        /// What is copied; a link is followed.
        from: String,
        /// What it was when the plan was made. If it is something else by then, the step fails.
        #[serde(flatten)]
        digest: Digest,
    },
}

/// By what a folder of ours is known: one file in it, and what that says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Seal {
    /// The file, by its path from the folder.
    pub file: String,
    /// The SHA-256 of what it says, in hex.
    pub sha256: String,
}

/// A file as it is before a step and after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Change {
    /// The file as it is named.
    pub file: String,
    /// Where that leads, links followed: this one is written, and a link stays a link.
    pub target: String,
    /// The SHA-256 of what it says before, in hex; null: it is not there.
    pub before: Option<String>,
    /// The SHA-256 of what it says afterwards, in hex.
    pub after: String,
    /// The difference, as a unified diff.
    pub diff: String,
}

/// What a settings file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
}

/// What can be shown on a desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// A folder: its absolute path.
    Folder(String),
    /// A file, marked in its folder: its absolute path.
    File(String),
    /// A file of text, in whatever the user reads text with: its absolute path.
    Text(String),
    /// A page: `http://` or `https://`; or a pane of macOS' settings, `x-apple.systempreferences:com.apple.…`.
    Url(String),
}

impl Plan {
    /// What names this very plan: the SHA-256 of its JSON in hex. There is no time in it, no reading that changes by
    /// itself and no rendered text, so the same facts give the same hash.
    #[must_use]
    pub fn hash(&self) -> String {
        // A plan holds nothing that has no JSON: no maps but JSON's own, no floats but JSON's own, no paths.
        hash_of(serde_json::to_value(self).unwrap_or_default())
    }

    /// The same as it was up to format 1 of receipts: over the JSON as it was written.
    pub(super) fn hash_of_format_1(&self) -> String {
        let bare = Self { evidence: String::new(), ..self.clone() };
        sha256(&serde_json::to_vec(&bare).unwrap_or_default())
    }

    /// Everything that it says.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
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

    /// The remedy that it carries out, if it is for one.
    #[must_use]
    pub const fn remedy(&self) -> Option<Remedy> {
        match self.purpose {
            Purpose::Remedy(remedy) => Some(remedy),
            Purpose::Service(_) => None,
        }
    }

    /// Whether it changes anything that a later look could see: a process, a file, whatever a command does.
    #[must_use]
    pub fn touches(&self) -> bool {
        let only_says = |action: &Action| {
            matches!(action, Action::Copy { .. } | Action::Open { .. } | Action::Tell { .. } | Action::Manual { .. })
        };
        self.steps.iter().any(|step| !only_says(&step.action))
    }

    /// Whether anything is different afterwards: more than what is on the clipboard or on the screen.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        let leaves_nothing =
            |action: &Action| matches!(action, Action::Copy { .. } | Action::Open { .. } | Action::Manual { .. });
        self.steps.iter().any(|step| !leaves_nothing(&step.action))
    }

    /// Whether it leaves the login service other than it was. What is only ended and started again is the same.
    #[must_use]
    pub fn changes_service(&self) -> bool {
        let Purpose::Service(verb) = self.purpose else { return false };
        self.steps.iter().any(|step| match step.action {
            Action::Call { .. } => verb != Verb::Restart && step.changes_service(),
            _ => step.changes_service(),
        })
    }

    /// The process that it ends, if it ends one.
    #[must_use]
    pub fn process(&self) -> Option<ProcessKey> {
        self.steps.iter().find_map(|step| match &step.action {
            Action::Signal { process, .. } => Some(*process),
            _ => None,
        })
    }
}

/// The hash of a plan's JSON: without what was seen beside it and without rendered text, whatever the order of its keys.
pub(super) fn hash_of(mut plan: Value) -> String {
    if let Some(plan) = plan.as_object_mut() {
        plan.remove("evidence");
    }
    without_text(&mut plan);
    plan.sort_all_objects();
    sha256(&serde_json::to_vec(&plan).unwrap_or_default())
}

/// Takes the text away that stands beside a message, also beside the lines of one.
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
    /// A step of which what it acts on says enough.
    fn from(action: Action) -> Self {
        Self { does: None, spare: false, action, back: Vec::new() }
    }
}

impl Action {
    /// What a person does, line by line.
    #[must_use]
    pub fn by_hand(lines: Vec<Message>) -> Self {
        Self::Manual { lines: lines.into_iter().map(Said::from).collect(), text: String::new() }
    }
}

impl Step {
    /// Whether it has something to take back: a file or a folder of ours, or what stands with it.
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

impl Shown {
    /// Whether this names a pane of macOS' settings, and nothing that could be more.
    pub(super) fn is_settings(url: &str) -> bool {
        let pane = url.strip_prefix("x-apple.systempreferences:com.apple.");
        pane.is_some_and(|pane| pane.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_?=".contains(&b)))
    }

    /// Whether this names something that a desktop may be given to open.
    pub(super) fn may_be_opened(url: &str) -> bool {
        url.starts_with("https://") || url.starts_with("http://") || Self::is_settings(url)
    }
}
