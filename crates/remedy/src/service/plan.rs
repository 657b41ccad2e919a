//! The plan of a change of the login service, and what is worth knowing beside it.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use goplswatch_core::message::{Message, Part};
use goplswatch_core::remedy::RemedyClass;

use super::site::{Refusal, Site, absolute};
use crate::change::edit::write_own;
use crate::change::file;
use crate::change::hash::sha256;
use crate::change::site::ms;
use crate::change::{Action, Call, Plan, Purpose, Say, Speaker, Step, Until, Verb};
use crate::manager::Manager;

/// The mode of the service's file. launchd refuses one that others may write (its error 122).
const MODE: u32 = 0o644;

/// A plan, and what is worth knowing beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan; no steps where nothing has to change.
    pub plan: Plan,
    /// What is worth knowing before saying yes: whole sentences.
    pub warnings: Vec<Message>,
    /// What is worth knowing afterwards: whole sentences.
    pub afterwards: Vec<Message>,
    /// Whether the agent begins in the course of it, and not earlier: one that began before is not the service's.
    pub anew: bool,
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
            // The typed command is the yes, and the plan is shown before it is begun.
            class: RemedyClass::Safe,
            incident: None,
            subject: Message::LoginService.into(),
            does: Some(does.into()),
            cost: None,
            undo: Some(undo.into()),
            steps: Vec::new(),
            evidence: String::new(),
        };
        Self { plan, warnings: Vec::new(), afterwards: Vec::new(), anew: false }
    }

    pub(super) fn step(&mut self, does: Message, action: Action) {
        self.step_and_back(does, action, Vec::new());
    }

    /// A step, and what is run to take it back.
    pub(super) fn step_and_back(&mut self, does: Message, action: Action, back: Vec<Call>) {
        self.plan.steps.push(Step { does: Some(does.into()), spare: false, action, back });
    }

    /// A step that the agent can be started without.
    pub(super) fn spare_step(&mut self, does: Message, action: Action) {
        self.plan.steps.push(Step { does: Some(does.into()), spare: true, action, back: Vec::new() });
    }

    /// It as text: every step in words, then to the letter, files with all they will say.
    pub fn preview(&self, say: Say<'_>) -> String {
        let steps = self.plan.steps.iter().enumerate().map(|(i, step)| step.shown(i + 1, say));
        let notes = self.warnings.iter().map(|note| Message::PlanNote { note: Part::new(note.clone()) });
        steps.chain(notes.map(|note| format!("\n{}\n", say(&note)))).collect()
    }
}

/// A path as text, for a plan.
pub(super) fn named(path: &Path) -> Result<String, Refusal> {
    absolute(path).map(str::to_owned)
}

/// Writes the file by which the manager knows the service.
pub(super) fn write(site: &Site, text: String) -> Result<Action, Refusal> {
    write_own(absolute(&site.file())?, text, MODE).map_err(Refusal::File)
}

/// Removes that file.
pub(super) fn remove(site: &Site) -> Result<Action, Refusal> {
    let file = named(&site.file())?;
    let found = file::own(&file).map_err(Refusal::File)?;
    // What goes meanwhile is gone.
    let before = sha256(found.bytes.as_deref().unwrap_or_default());
    Ok(Action::Remove { file, before, mode: found.mode().unwrap_or(MODE) })
}

/// A command of the site's manager.
pub(super) fn call<W: AsRef<str>>(site: &Site, words: &[W]) -> Call {
    let speaker = match site.manager {
        Manager::Launchd => Speaker::Launchctl,
        Manager::Systemd => Speaker::Systemctl,
    };
    of_tool(&site.tool, words, speaker, site.command)
}

/// A command that is run once.
pub(super) fn of_tool<W: AsRef<str>>(tool: &Path, words: &[W], speaker: Speaker, deadline: Duration) -> Call {
    let tool = tool.to_string_lossy().into_owned();
    let words = words.iter().map(|word| word.as_ref().to_owned());
    Call {
        argv: std::iter::once(tool).chain(words).collect(),
        deadline_ms: ms(deadline),
        speaker,
        fine: Vec::new(),
        again: Vec::new(),
        until: None,
        unless: Vec::new(),
    }
}

/// The question whether it is so, until it is.
pub(super) fn wait(call: Call, until: Until) -> Call {
    Call { until: Some(until), ..call }
}

/// As a command is started here.
pub(super) fn words(call: &Call) -> Vec<std::ffi::OsString> {
    call.argv.iter().map(|word| OsStr::new(word).to_owned()).collect()
}
