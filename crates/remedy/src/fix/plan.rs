//! A fix as data: what will be done, to the letter; in words; and the hash by which a yes names it.

use std::fmt::Write as _;

use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Intent, ProcessKey, Remedy, say, shell};
use goplswatch_probe::process::Signal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Plan {
    /// The remedy.
    pub remedy: Remedy,
    /// How it is asked for.
    pub class: RemedyClass,
    /// The incident that it is for; null: none.
    pub incident: Option<String>,
    /// On what it acts, as words that follow a verb: "gopls (pid 4242) of VS Code in api-server".
    pub subject: String,
    /// What it does in this case, as sentences.
    pub does: String,
    /// What it costs, as sentences; empty: nothing.
    pub cost: String,
    /// What undo does about it, as a sentence.
    pub undo: String,
    /// In order.
    pub steps: Vec<Step>,
    /// What was seen when it was made, kept with the receipt of a risky one: what it ends cannot be looked at again.
    /// No part of the hash, since numbers in it change all the time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
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
        /// Its permissions if it is new; one that is there keeps its own.
        mode: u32,
    },
    /// Gives a folder another name in the folder that it is in, which is one moment.
    Rename {
        /// Its path before, absolute.
        from: String,
        /// Its path afterwards.
        to: String,
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
        /// How.
        text: String,
    },
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
    /// What names this very plan: the SHA-256 of its JSON in hex. There is no time in it, and no reading that changes by
    /// itself, so the same facts give the same hash.
    #[must_use]
    pub fn hash(&self) -> String {
        let bare = Self { evidence: String::new(), ..self.clone() };
        // A plan holds nothing that has no JSON: no maps but JSON's own, no floats but JSON's own, no paths.
        sha256(&serde_json::to_vec(&bare).unwrap_or_default())
    }

    /// What it is about, as a question: "Restart gopls (pid 4242) of VS Code in api-server?"
    #[must_use]
    pub fn question(&self) -> String {
        format!("{}?", self.title())
    }

    /// The same as a title.
    #[must_use]
    pub fn title(&self) -> String {
        let verb = match self.remedy {
            Remedy::RestartServer => "Restart",
            Remedy::KillServer => "Kill",
            Remedy::StopOrphan | Remedy::StopDuplicate | Remedy::StopMcp => "Stop",
            Remedy::CopyRestartCommand => "Copy the restart command of",
            Remedy::CopyEvidence => "Copy the evidence of",
            Remedy::OpenWorkspace => "Show",
            Remedy::DumpGoroutines => "End, with a dump of its goroutines,",
            Remedy::Snooze => "For 1 hour, tell nothing about",
            Remedy::Mute => "Mute",
            Remedy::ByHand => "By hand:",
            Remedy::TurnOffWatcher => "Turn off the file watcher of",
            Remedy::PollFiles => "Poll for changed files in",
            Remedy::ExcludeFolders => "Exclude large folders of",
            Remedy::LimitMemory => "Limit the memory of",
            Remedy::ShareServer => "Share one server:",
            Remedy::ReinstallNative => "Build anew for this Mac:",
            Remedy::RaiseWatchLimit => "Raise the limit of file watches:",
            Remedy::OpenSpotlightSettings => "Open the settings of",
            Remedy::MoveModuleCache => "Keep from Spotlight",
        };
        format!("{verb} {}", self.subject)
    }

    /// The label of the yes: it names what is done.
    #[must_use]
    pub fn yes_label(&self) -> &'static str {
        self.remedy.row().title.trim_end_matches('…')
    }

    /// What it does, what it costs and what undo does, as sentences: the body of a question.
    #[must_use]
    pub fn body(&self) -> String {
        [self.does.as_str(), &self.cost, &self.undo].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Everything about it as text: words, steps to the letter, what it costs, what undo does.
    #[must_use]
    pub fn preview(&self) -> String {
        let mut text = format!("{} ({})\n", self.title(), self.class.word());
        let mut line = |head: &str, said: &str| {
            if !said.is_empty() {
                text.push_str(&format!("{head}{said}\n"));
            }
        };
        line("  ", &self.does);
        line("  Costs: ", &self.cost);
        line("  Undo:  ", &self.undo);
        for (i, step) in self.steps.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\n{:>3}. {}", i + 1, step.words());
            for line in step.letter().lines() {
                let _ = writeln!(text, "{}", format!("     {line}").trim_end());
            }
        }
        text
    }

    /// Whether it changes anything that a later look could see: a process, a file, whatever a command does.
    #[must_use]
    pub fn touches(&self) -> bool {
        self.steps.iter().any(|step| {
            matches!(
                step,
                Step::Signal { .. } | Step::Run { .. } | Step::Edit { .. } | Step::Write { .. } | Step::Rename { .. }
            )
        })
    }

    /// Whether anything is different afterwards: more than what is on the clipboard or on the screen.
    #[must_use]
    pub fn leaves_something(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Copy { .. } | Step::Open { .. } | Step::Manual { .. }))
    }

    /// The process that it ends, if it ends one.
    #[must_use]
    pub fn process(&self) -> Option<ProcessKey> {
        self.steps.iter().find_map(|step| match step {
            Step::Signal { process, .. } => Some(*process),
            _ => None,
        })
    }
}

impl Step {
    /// What it does, as one line that begins with a verb.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Signal { process, signal, wait_ms, .. } => {
                format!(
                    "Send SIG{} to pid {} and wait for its end, at most {}",
                    signal.name(),
                    process.pid,
                    say::duration(*wait_ms)
                )
            }
            Self::Run { deadline_ms, .. } => format!("Run a command, for {} at most", say::duration(*deadline_ms)),
            Self::Edit { change, path, .. } => format!("Set {} in {}", path.join(" > "), change.named()),
            Self::Write { change, .. } if change.before.is_none() => format!("Write the new file {}", change.named()),
            Self::Write { change, .. } => format!("Write {}", change.named()),
            Self::Rename { from, to } => format!("Rename {from} to {}", say::folder(to)),
            Self::Copy { .. } => "Put this on the clipboard".into(),
            Self::Open { shown: Shown::Folder(path) } => format!("Show the folder {path}"),
            Self::Open { shown: Shown::File(path) } => format!("Show the file {path} in its folder"),
            Self::Open { shown: Shown::Text(path) } => format!("Show the text file {path}"),
            Self::Open { shown: Shown::Url(url) } if Shown::is_settings(url) => format!("Open the settings {url}"),
            Self::Open { shown: Shown::Url(url) } => format!("Show the page {url}"),
            Self::Tell { intent: Intent::Snooze { incident, for_ms } } => {
                format!("Tell nothing about {incident} for {}", say::duration(*for_ms))
            }
            Self::Tell { intent: Intent::Mute { workspace } } => format!("Tell nothing about {workspace} any more"),
            Self::Tell { .. } => "Tell the agent".into(),
            Self::Manual { .. } => "By hand".into(),
        }
    }

    /// It to the letter: command lines, differences, texts. Empty where the words say all.
    #[must_use]
    pub fn letter(&self) -> String {
        match self {
            Self::Signal { process, signal, exe, .. } => {
                let command = format!("$ kill -{} {}", signal.name(), process.pid);
                exe.as_ref().map_or_else(|| command.clone(), |exe| format!("{command}\nif it still is {exe}"))
            }
            Self::Run { argv, .. } => format!("$ {}", shell::line(argv)),
            Self::Edit { change, .. } | Self::Write { change, .. } => change.diff.clone(),
            Self::Copy { text } | Self::Manual { text } => {
                text.lines().map(|line| format!("| {line}\n")).collect::<String>()
            }
            Self::Rename { from, to } => format!("$ {}", shell::line(&["mv", from, to])),
            Self::Open { .. } | Self::Tell { .. } => String::new(),
        }
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

impl Change {
    /// The file as a person should see it named: with where it leads, if that is elsewhere.
    fn named(&self) -> String {
        if self.file == self.target { self.file.clone() } else { format!("{} (which is {})", self.file, self.target) }
    }
}

/// SHA-256 in lowercase hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
