//! The plan of a change of the login service, with notes about it.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use goplswatch_core::message::{Message, SharedMessage};
use goplswatch_core::remedy::RemedyClass;

use super::site::{Refusal, Site, absolute};
use crate::change::edit::write_own;
use crate::change::file;
use crate::change::hash::sha256;
use crate::change::{Action, Call, CalledTool, Plan, Purpose, Say, Step, Until, Verb};
use crate::manager::Manager;

/// The mode of the service's file. launchd refuses one that other users may write (its error 122).
const MODE: u32 = 0o644;

/// A plan with notes about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan; it has no steps if nothing has to change.
    pub plan: Plan,
    /// Notes to read before confirming, as whole sentences.
    pub warnings: Vec<Message>,
    /// Notes to read afterwards, as whole sentences.
    pub afterwards: Vec<Message>,
    /// Whether the plan starts a new agent process. If so, an agent that started earlier is not the
    /// service's.
    pub starts_agent: bool,
}

impl Planned {
    pub(super) fn new(verb: Verb) -> Self {
        let (does, undo) = match verb {
            Verb::Install => (Message::DoesInstall, Message::UndoInstall),
            Verb::Uninstall => (Message::DoesUninstall, Message::UndoUninstall),
            Verb::Restart => (Message::DoesRestart, Message::UndoRestart),
        };
        let plan = Plan {
            purpose: Purpose::Service(verb),
            // The typed command is the confirmation, and the plan is shown before it is started.
            class: RemedyClass::Safe,
            incident: None,
            subject: Message::LoginService.into(),
            does: Some(does.into()),
            cost: None,
            undo: Some(undo.into()),
            steps: Vec::new(),
            evidence: String::new(),
        };
        Self { plan, warnings: Vec::new(), afterwards: Vec::new(), starts_agent: false }
    }

    pub(super) fn step(&mut self, does: Message, action: Action) {
        self.step_and_back(does, action, Vec::new());
    }

    /// Adds a step, with the commands that complete its undo.
    pub(super) fn step_and_back(&mut self, does: Message, action: Action, back: Vec<Call>) {
        self.plan.steps.push(Step { does: Some(does.into()), spare: false, action, back });
    }

    /// Adds a step without which the agent can still be started.
    pub(super) fn spare_step(&mut self, does: Message, action: Action) {
        self.plan.steps.push(Step { does: Some(does.into()), spare: true, action, back: Vec::new() });
    }

    /// The plan as text: every step with its description and its exact content, files in full.
    pub fn preview(&self, say: Say<'_>) -> String {
        let steps = self.plan.steps.iter().enumerate().map(|(i, step)| step.shown(i + 1, say));
        let notes = self.warnings.iter().map(|note| Message::PlanNote { note: SharedMessage::new(note.clone()) });
        steps.chain(notes.map(|note| format!("\n{}\n", say(&note)))).collect()
    }
}

/// A path as text, for a plan.
pub(super) fn named(path: &Path) -> Result<String, Refusal> {
    absolute(path).map(str::to_owned)
}

/// The action that writes the file that declares the service to the manager.
pub(super) fn write(site: &Site, text: String) -> Result<Action, Refusal> {
    write_own(absolute(&site.file())?, text, MODE).map_err(Refusal::File)
}

/// The action that removes that file.
pub(super) fn remove(site: &Site) -> Result<Action, Refusal> {
    let file = named(&site.file())?;
    let found = file::read_own(&file).map_err(Refusal::File)?;
    // If the file disappears meanwhile, there is nothing to remove.
    let before = sha256(found.bytes.as_deref().unwrap_or_default());
    Ok(Action::Remove { file, before, mode: found.mode().unwrap_or(MODE) })
}

/// A command of the site's manager.
pub(super) fn call<W: AsRef<str>>(site: &Site, words: &[W]) -> Call {
    let speaker = match site.manager {
        Manager::Launchd => CalledTool::Launchctl,
        Manager::Systemd => CalledTool::Systemctl,
    };
    of_tool(&site.tool, words, speaker, site.command)
}

/// A command that is run once.
pub(super) fn of_tool<W: AsRef<str>>(tool: &Path, words: &[W], speaker: CalledTool, deadline: Duration) -> Call {
    let tool = tool.to_string_lossy().into_owned();
    let words = words.iter().map(|word| word.as_ref().to_owned());
    Call {
        argv: std::iter::once(tool).chain(words).collect(),
        deadline,
        speaker,
        fine: Vec::new(),
        again: Vec::new(),
        until: None,
        unless: Vec::new(),
    }
}

/// The command as a poll that repeats until it gives this answer.
pub(super) fn wait(call: Call, until: Until) -> Call {
    Call { until: Some(until), ..call }
}

/// The command line, as [`crate::command`] takes it.
pub(super) fn words(call: &Call) -> Vec<std::ffi::OsString> {
    call.argv.iter().map(|word| OsStr::new(word).to_owned()).collect()
}
