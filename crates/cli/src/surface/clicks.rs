//! Executes clicks.
//!
//! A click arrives as a [`UserAction`]. One that only concerns notifications becomes a
//! [`UserCommand`], which goes to the agent. What a click on a remedy does is decided in
//! `goplswatch_remedy::clicks`; this module gives that code access to the agent and words the
//! results. Whatever takes time runs on a separate thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use goplswatch_agent::AgentHandle;
use goplswatch_core::message::{Message, Text};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Remedy, Snapshot, UserCommand};
use goplswatch_remedy::change::{DesktopTarget, Refusal, copy, show};
use goplswatch_remedy::clicks::{self, ClickResult, Outcome};
use goplswatch_remedy::fix::Request;
use goplswatch_tray::mailbox::Sender;
use goplswatch_tray::{Command, SurfaceEvent};
use goplswatch_view::{Form, Phrase, UserAction, outcome_note, question};

use crate::failure::{Failure, Worded, verbatim};
use crate::language::{catalogue, say, say_lines};
use crate::{explain, paths, why};

/// Executes clicks.
#[derive(Clone)]
pub(super) struct ClickHandler {
    agent: AgentHandle,
    commands: Sender<Command>,
    clicks: Arc<clicks::Clicks>,
    config: PathBuf,
    /// The folder for text pages that are opened in a viewer.
    pages: PathBuf,
}

impl ClickHandler {
    pub(super) fn new(agent: AgentHandle, commands: Sender<Command>) -> Result<Self, Failure> {
        let places = paths::agent_paths()?;
        let clicks = Arc::new(clicks::Clicks::new(paths::fix_site()?));
        // Pages of earlier runs have been read, or never will be.
        let pages = places.state.join("pages");
        let _ = std::fs::remove_dir_all(&pages);
        Ok(Self { agent, commands, clicks, config: places.config, pages })
    }

    /// Handles everything the surface reports, until it is gone.
    pub(super) fn follow(&self, events: &Receiver<SurfaceEvent>) {
        while let Ok(event) = events.recv() {
            match event {
                SurfaceEvent::Capability(capability) => self.agent.report(capability),
                SurfaceEvent::UserAction(action) => self.handle_action(action),
            }
        }
    }

    fn handle_action(&self, action: UserAction) {
        match action {
            UserAction::Pause { length } => self.submit(UserCommand::Pause { length }),
            UserAction::Resume => self.submit(UserCommand::Resume {}),
            UserAction::Unmute { workspace } => self.submit(UserCommand::Unmute { workspace }),
            UserAction::Drop { plan } => drop(self.clicks.drop_question(&plan)),
            UserAction::Quit => self.agent.stop(),
            UserAction::Fix { remedy, incident, process } => self.on_new_thread(move |me| {
                let ask = Request { remedy, incident, process };
                me.notify_result(me.clicks.fix(&ask, &me.snapshot(), &mut |user_command| me.tell(user_command)));
            }),
            UserAction::Apply { plan } => self.on_new_thread(move |me| {
                me.notify_result(me.clicks.apply(&plan, || me.snapshot(), &mut |user_command| me.tell(user_command)));
            }),
            UserAction::Undo { receipt } => {
                self.on_new_thread(move |me| {
                    me.notify_result(me.clicks.undo(&receipt, &mut |user_command| me.tell(user_command)))
                });
            }
            UserAction::Explain { incident } => self.on_new_thread(move |me| me.explain(&incident)),
            UserAction::OpenConfig => self.on_new_thread(Self::open_config),
            UserAction::Copy { text } => self.on_new_thread(move |me| me.notify_refusal(copy(me.clicks.site(), &text))),
            UserAction::Reveal { path } => {
                self.on_new_thread(move |me| me.notify_refusal(show(me.clicks.site(), &DesktopTarget::File(path))))
            }
        }
    }

    /// Runs `act` on a separate thread: a menu must not wait for a process to end.
    fn on_new_thread(&self, act: impl FnOnce(&Self) + Send + 'static) {
        let me = self.clone();
        if let Err(error) = std::thread::Builder::new().name("goplswatch-click".into()).spawn(move || act(&me)) {
            self.say(Phrase::ClickNotDone, Phrase::ClickNoThread { error: verbatim(error) });
        }
    }

    fn say(&self, title: impl Worded, body: impl Worded) {
        let note = outcome_note("said", &title.say(), &body.say());
        let _ = self.commands.send(Command::Say(Box::new(note)));
    }

    /// Reports a failure; a success is visible without words.
    fn notify_refusal(&self, done: Result<(), Refusal>) {
        if let Err(refusal) = done {
            self.say(Phrase::ClickNotDone, refusal_text(&refusal.why, &refusal.instead));
        }
    }

    fn submit(&self, user_command: UserCommand) {
        if let Err(why) = self.agent.submit(user_command) {
            self.say(Phrase::ClickNotDone, why);
        }
    }

    fn snapshot(&self) -> Snapshot {
        self.agent.published().borrow().status.snapshot.clone()
    }

    fn tell(&self, user_command: &UserCommand) -> Result<(), Message> {
        self.agent.submit(user_command.clone()).map(drop)
    }

    /// Reports the result of a click.
    fn notify_result(&self, result: ClickResult) {
        match result {
            ClickResult::Done(Outcome::CommandCopied(text)) => {
                self.say(Phrase::ClickCopied, Phrase::ClickCommandCopied { command: verbatim(text) });
            }
            ClickResult::Done(Outcome::EvidenceCopied) => {
                self.say(Phrase::ClickCopied, Phrase::ClickEvidenceCopied);
            }
            ClickResult::Done(Outcome::Waits { is_setting: true }) => {
                self.say(Phrase::ClickSet, Phrase::ClickSetWaits);
            }
            // The results of the others are visible: in the menu, in the editor, on the screen.
            ClickResult::Done(Outcome::Waits { .. } | Outcome::Watched | Outcome::Done) => {}
            ClickResult::NeedsConfirmation(plan) => {
                let (title, body) = (say(&plan.question()), plan.body(&say));
                // The click was on a remedy, whose title names what confirming does.
                let yes = plan.remedy().map(|remedy| catalogue().remedy(remedy)).unwrap_or_default();
                let question = question(catalogue(), &plan.hash(), &title, &body, &yes);
                let _ = self.commands.send(Command::Ask(Box::new(question)));
            }
            ClickResult::Manual { remedy, lines } => self.say(manual_title(remedy), say_lines(&lines)),
            ClickResult::Undone => self.say(Phrase::ClickTakenBack, Phrase::ClickAsBefore),
            ClickResult::Refused(refusal) => self.notify_refusal(Err(refusal)),
            ClickResult::NotDone(title, failed) => {
                let title = Phrase::ClickStopped { title: Text(say(&title)) };
                self.say(title, refusal_text(&failed.why(), failed.advice()));
            }
            ClickResult::NotUndone(failed) => {
                self.say(Phrase::ClickNotTakenBack, refusal_text(&failed.why(), failed.advice()));
            }
            ClickResult::NotOpen => {
                self.say(Phrase::ClickNothingDone, Phrase::ClickNotOpen);
            }
        }
    }

    /// Opens everything known about an incident as a text page in the user's default viewer.
    fn explain(&self, incident: &str) {
        let text = why::page(incident).unwrap_or_else(|failure| format!("{incident}: {}.\n", failure.what()));
        let page = explain::code_of(incident).map(explain::page);
        let code = page.map(|page| format!("\n{}\n{page}", "-".repeat(80))).unwrap_or_default();
        let page = self.pages.join(format!("{}.txt", file_name(incident)));
        if let Err(error) = write_page(&page, &format!("{text}{code}")) {
            let (path, error) = (verbatim(page.display()), verbatim(error));
            let body = Phrase::ClickPageUnwritten { path, error, incident: verbatim(incident) };
            return self.say(Phrase::ClickNotShown, body);
        }
        if let Err(refusal) = show(self.clicks.site(), &DesktopTarget::Text(page.display().to_string())) {
            let instead = Phrase::ClickInTerminal { incident: verbatim(incident) }.say();
            self.say(Phrase::ClickNotShown, sentences(&say(&refusal.why), &instead));
        }
    }

    /// Opens the config file. A new one begins with a pointer to its documentation.
    fn open_config(&self) {
        if !self.config.exists() {
            let begin = catalogue().sentences(&Phrase::ConfigBegins, Form::Full);
            let begin: String = begin.iter().map(|line| format!("# {line}\n")).collect();
            if let Err(error) = write_page(&self.config, &begin) {
                let (path, error) = (verbatim(self.config.display()), verbatim(error));
                return self.say(Phrase::ClickConfigUnopened, Phrase::ClickConfigUnmade { path, error });
            }
        }
        self.notify_refusal(show(self.clicks.site(), &DesktopTarget::Text(self.config.display().to_string())));
    }
}

/// The title over instructions for the user. A title that names what a click normally does would
/// suggest that it had been done.
fn manual_title(remedy: Remedy) -> String {
    let title = catalogue().remedy(remedy);
    if remedy.class() == RemedyClass::Manual { title } else { Phrase::ClickForYou { title: Text(title) }.say() }
}

/// What went wrong, and what to do about it.
fn refusal_text(why: &Message, instead: &[Message]) -> String {
    sentences(&say(why), &say_lines(instead))
}

/// "It is gone. Look again." Commands and the name gopls keep their lowercase.
fn sentences(why: &str, instead: &str) -> String {
    let as_it_is = |text: &str| ["gopls", "kill ", "fix-", "/"].iter().any(|begin| text.starts_with(begin));
    let sentence = |text: &str| {
        let mut chars = text.trim().chars();
        let text: String = match chars.next() {
            Some(first) if !as_it_is(text.trim()) => first.to_uppercase().chain(chars).collect(),
            _ => text.trim().to_owned(),
        };
        if text.is_empty() || text.ends_with(['.', '!', '?', '}']) { text } else { text + "." }
    };
    [sentence(why), sentence(instead)].join(" ").trim().to_owned()
}

/// Ids come from clicks on our own menu; still, the result must never be more than a file name.
fn file_name(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(80).collect()
}

/// Writes a file, and its folders, readable only by the user.
fn write_page(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // A new file in the place of the old one: what stands there is not written through.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_in_the_way_is_said_in_sentences() {
        assert_eq!(sentences("pid 7 is gone", "look again"), "Pid 7 is gone. Look again.");
        assert_eq!(sentences("It hangs.", ""), "It hangs.");
        assert_eq!(
            sentences("fix-3: pid 7 still runs", "goplswatch fix kill-server --pid 7 ends it by force"),
            "fix-3: pid 7 still runs. goplswatch fix kill-server --pid 7 ends it by force.",
            "what is copied from here has to work"
        );
    }

    #[test]
    fn what_a_person_has_to_do_does_not_look_done() {
        assert_eq!(manual_title(Remedy::LimitMemory), "For you to do: Limit the Memory of gopls");
        assert_eq!(manual_title(Remedy::ReinstallNative), "For you to do: Reinstall gopls for This Mac");
        assert_eq!(manual_title(Remedy::RaiseWatchLimit), "How to Raise the Limit");
    }

    #[test]
    fn an_id_names_nothing_but_a_file() {
        assert_eq!(file_name("restart-loop-37"), "restart-loop-37");
        assert_eq!(file_name("../../etc/passwd\0"), "etcpasswd");
    }
}
