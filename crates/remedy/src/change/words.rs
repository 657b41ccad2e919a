//! The presentation of a change: its question, its preview, and each step as a line with its exact
//! content. The caller supplies the function that renders messages; this module decides only the
//! layout.

use goplswatch_core::message::{Folder, Message, MessageText, Millis, OptionalMessage, SharedMessage};
use goplswatch_core::{UserCommand, shell};

use super::hash::Digest;
use super::plan::{Action, Call, Change, Content, DesktopTarget, Plan, Purpose, Step};
use crate::said::{count, verbatim};

/// Renders a message as text.
pub type Say<'a> = &'a dyn Fn(&Message) -> String;

impl Plan {
    /// The subject as a question: "Restart gopls (pid 4242) of VS Code in api-server?"
    #[must_use]
    pub fn question(&self) -> Message {
        Message::PlanQuestion { title: SharedMessage::new(self.title()) }
    }

    /// The same as a title.
    #[must_use]
    pub fn title(&self) -> Message {
        let what = match self.purpose {
            Purpose::Remedy(remedy) => remedy.word(),
            Purpose::Service(verb) => verb.word(),
        };
        Message::PlanTitle { what: verbatim(what), subject: self.subject.message.clone() }
    }

    /// What it does, what it costs and what undo does, as sentences: the body of a question.
    #[must_use]
    pub fn body(&self, say: Say<'_>) -> String {
        let all = [&self.does, &self.cost, &self.undo].into_iter().flatten();
        all.map(|said| say(&said.message)).collect::<Vec<_>>().join(" ")
    }

    /// A complete preview as text: description, exact steps, cost, and what undo does.
    #[must_use]
    pub fn preview(&self, say: Say<'_>) -> String {
        let (title, class) = (SharedMessage::new(self.title()), SharedMessage::new(Message::of_class(self.class)));
        let mut text = say(&Message::PlanHead { title, class }) + "\n";
        let what = |said: &MessageText| -> SharedMessage { said.message.clone() };
        let lines = [
            self.does.as_ref().map(|does| Message::clone(&does.message)),
            self.cost.as_ref().map(|cost| Message::PlanCosts { what: what(cost) }),
            self.undo.as_ref().map(|undo| Message::PlanUndo { what: what(undo) }),
        ];
        text.extend(lines.iter().flatten().map(|line| format!("  {}\n", say(line))));
        for (i, step) in self.steps.iter().enumerate() {
            text.push('\n');
            text.push_str(&step.shown(i + 1, say));
        }
        text
    }
}

impl Step {
    /// What it does, as one line that begins with a verb.
    #[must_use]
    pub fn words(&self) -> Message {
        self.does.as_ref().map_or_else(|| self.action.words(), |does| Message::clone(&does.message))
    }

    /// Its exact content: command lines, diffs, texts, and whatever its description does not name.
    /// Empty if the description says everything.
    #[must_use]
    pub fn exact_text(&self, say: Say<'_>) -> String {
        self.action.exact_text(self.does.is_some(), say)
    }

    /// The step as an item of a list: its number and description, and below them the exact content.
    #[must_use]
    pub fn shown(&self, n: usize, say: Say<'_>) -> String {
        numbered(n, &say(&self.words()), &self.exact_text(say))
    }
}

/// A numbered item, with text indented below it.
pub(super) fn numbered(n: usize, words: &str, letter: &str) -> String {
    let mut text = format!("{n:>3}. {words}\n");
    for line in letter.lines() {
        text.push_str(format!("     {line}").trim_end());
        text.push('\n');
    }
    text
}

impl Action {
    fn words(&self) -> Message {
        match self {
            Self::Signal { process, signal, wait, .. } => Message::StepSignal {
                signal: verbatim(signal.name()),
                pid: count(process.pid.0),
                wait: Millis::from(*wait),
            },
            Self::Run { deadline, .. } => Message::StepRun { deadline: Millis::from(*deadline) },
            Self::Edit { change, path, .. } => Message::StepSet {
                key: verbatim(&path.join(" > ")),
                file: verbatim(&change.file),
                leads: change.leads(),
            },
            Self::Write { change, .. } => {
                let (file, leads) = (verbatim(&change.file), change.leads());
                match change.before {
                    None => Message::StepWriteNew { file, leads },
                    Some(_) => Message::StepWrite { file, leads },
                }
            }
            Self::Rename { from, to, .. } => Message::StepRename { from: verbatim(from), to: Folder(to.clone()) },
            Self::Call { .. } => Message::StepCall,
            Self::Remove { file, .. } => Message::StepRemove { path: verbatim(file) },
            Self::Folder { path } => Message::StepMakeFolder { path: verbatim(path) },
            Self::Fill { path, .. } => Message::StepWriteNew { file: verbatim(path), leads: None.into() },
            Self::RemoveTree { path, .. } => Message::StepRemoveTree { path: verbatim(path) },
            Self::Copy { .. } => Message::StepCopy,
            Self::Open { shown: DesktopTarget::Folder(path) } => Message::StepShowFolder { path: verbatim(path) },
            Self::Open { shown: DesktopTarget::File(path) } => Message::StepShowFile { path: verbatim(path) },
            Self::Open { shown: DesktopTarget::Text(path) } => Message::StepShowText { path: verbatim(path) },
            Self::Open { shown: DesktopTarget::Url(url) } if DesktopTarget::is_settings(url) => {
                Message::StepOpenSettings { url: verbatim(url) }
            }
            Self::Open { shown: DesktopTarget::Url(url) } => Message::StepShowPage { url: verbatim(url) },
            Self::Tell { user_command: UserCommand::Snooze { incident, length } } => {
                Message::StepSnooze { incident: verbatim(incident), span: Millis::from(*length) }
            }
            Self::Tell { user_command: UserCommand::Mute { workspace } } => {
                Message::StepMute { folder: verbatim(workspace) }
            }
            Self::Tell { .. } => Message::StepTell,
            Self::Manual { .. } => Message::StepByHand,
        }
    }

    /// `nameless`: the description printed above it does not name the object.
    fn exact_text(&self, nameless: bool, say: Say<'_>) -> String {
        let digest = |digest: &Digest| {
            say(&Message::LetterDigest { bytes: count(digest.bytes), sha256: verbatim(&digest.sha256) })
        };
        match self {
            Self::Signal { process, signal, exe, .. } => {
                let command = format!("$ kill -{} {}", signal.name(), process.pid);
                match exe {
                    Some(exe) => format!("{command}\n{}", say(&Message::LetterIfStill { program: verbatim(exe) })),
                    None => command,
                }
            }
            Self::Run { argv, .. } | Self::Call { call: Call { argv, .. } } => format!("$ {}", shell::line(argv)),
            Self::Write { change, text, .. } if nameless => format!("{}\n{}", change.file, barred(text)),
            Self::Edit { change, .. } | Self::Write { change, .. } => change.diff.clone(),
            Self::Copy { text } => barred(text),
            Self::Manual { .. } => self.lines().iter().flatten().map(|line| format!("| {}\n", say(line))).collect(),
            Self::Rename { from, to, .. } if nameless => {
                format!("{from}\n{}", say(&Message::LetterTo { path: verbatim(to) }))
            }
            Self::Rename { from, to, .. } => format!("$ {}", shell::line(&["mv", from, to])),
            Self::Remove { file: path, .. } | Self::Folder { path } => path.clone(),
            Self::Fill { path, content: Content::Text { text }, .. } => format!("{path}\n{}", barred(text)),
            Self::Fill { path, content: Content::Bytes { digest: of, .. }, .. } => format!("{path}\n{}", digest(of)),
            Self::Fill { path, content: Content::Program { from, digest: of }, .. } => {
                format!("{path}\n{}\n{}", say(&Message::LetterFrom { path: verbatim(from) }), digest(of))
            }
            Self::RemoveTree { path, files, .. } => {
                std::iter::once(path.clone()).chain(files.iter().map(|file| format!("\n- {file}"))).collect()
            }
            Self::Open { .. } | Self::Tell { .. } => String::new(),
        }
    }

    /// What the user has to do, line by line.
    #[must_use]
    pub fn lines(&self) -> Option<Vec<Message>> {
        let Self::Manual { lines, text } = self else { return None };
        Some(match lines.is_empty() {
            true => text.lines().map(Message::reported).collect(),
            false => lines.iter().map(|line| Message::clone(&line.message)).collect(),
        })
    }
}

/// The content of a file, with a bar before each line.
fn barred(text: &str) -> String {
    text.lines().map(|line| format!("| {line}\n")).collect()
}

impl Change {
    /// The target of the link, if the file is one: the user should see it named.
    fn leads(&self) -> OptionalMessage {
        (self.file != self.target).then(|| Message::WhichIs { target: verbatim(&self.target) }).into()
    }
}
