//! Executes clicks.
//!
//! A click that only concerns notifications becomes a user command for the agent. What a click on a
//! remedy does is decided in `goplswatch_remedy::clicks`; this module gives that code access to the
//! agent and words the results. Whatever takes time runs on a separate thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use goplswatch_agent::Desk;
use goplswatch_core::message::{Message, Text};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Intent, Remedy, Snapshot};
use goplswatch_remedy::change::{Refusal, Shown, copy, show};
use goplswatch_remedy::clicks::{self, Came, Outcome};
use goplswatch_remedy::fix::Ask;
use goplswatch_tray::mailbox::Sender;
use goplswatch_tray::{Command, Heard};
use goplswatch_view::{Form, Phrase, Wish, question, said};

use crate::failure::{Failure, Say, said as verbatim};
use crate::language::{say, say_lines, words};
use crate::{explain, paths, why};

/// Executes clicks.
#[derive(Clone)]
pub(super) struct Clicks {
    desk: Desk,
    commands: Sender<Command>,
    clicks: Arc<clicks::Clicks>,
    config: PathBuf,
    /// The folder for text pages that are opened in a viewer.
    pages: PathBuf,
}

impl Clicks {
    pub(super) fn new(desk: Desk, commands: Sender<Command>) -> Result<Self, Failure> {
        let places = paths::places()?;
        let clicks = Arc::new(clicks::Clicks::new(paths::fix_site()?));
        // Pages of earlier runs have been read, or never will be.
        let pages = places.state.join("pages");
        let _ = std::fs::remove_dir_all(&pages);
        Ok(Self { desk, commands, clicks, config: places.config, pages })
    }

    /// Handles everything the surface reports, until it is gone.
    pub(super) fn follow(&self, hearing: &Receiver<Heard>) {
        while let Ok(heard) = hearing.recv() {
            match heard {
                Heard::Can(capability) => self.desk.report(capability),
                Heard::Wish(wish) => self.wish(wish),
            }
        }
    }

    fn wish(&self, wish: Wish) {
        match wish {
            Wish::Pause { for_ms } => self.intend(Intent::Pause { for_ms }),
            Wish::Resume => self.intend(Intent::Resume),
            Wish::Unmute { workspace } => self.intend(Intent::Unmute { workspace }),
            Wish::Drop { plan } => drop(self.clicks.drop_question(&plan)),
            Wish::Quit => self.desk.stop(),
            Wish::Fix { remedy, incident, process } => self.aside(move |me| {
                let ask = Ask { remedy, incident, process };
                me.say_came(me.clicks.fix(&ask, &me.snapshot(), &mut |intent| me.tell(intent)));
            }),
            Wish::Apply { plan } => self.aside(move |me| {
                me.say_came(me.clicks.apply(&plan, || me.snapshot(), &mut |intent| me.tell(intent)));
            }),
            Wish::Undo { receipt } => {
                self.aside(move |me| me.say_came(me.clicks.undo(&receipt, &mut |intent| me.tell(intent))));
            }
            Wish::Explain { incident } => self.aside(move |me| me.explain(&incident)),
            Wish::OpenConfig => self.aside(Self::open_config),
            Wish::Copy { text } => self.aside(move |me| me.came(copy(me.clicks.site(), &text))),
            Wish::Reveal { path } => self.aside(move |me| me.came(show(me.clicks.site(), &Shown::File(path)))),
        }
    }

    /// Runs `act` on a separate thread: a menu must not wait for a process to end.
    fn aside(&self, act: impl FnOnce(&Self) + Send + 'static) {
        let me = self.clone();
        if let Err(error) = std::thread::Builder::new().name("goplswatch-click".into()).spawn(move || act(&me)) {
            self.say(Phrase::ClickNotDone, Phrase::ClickNoThread { error: verbatim(error) });
        }
    }

    fn say(&self, title: impl Say, body: impl Say) {
        let note = said("said", &title.say(), &body.say());
        let _ = self.commands.send(Command::Say(Box::new(note)));
    }

    /// Reports a failure; a success is visible without words.
    fn came(&self, done: Result<(), Refusal>) {
        if let Err(refusal) = done {
            self.say(Phrase::ClickNotDone, told(&refusal.why, &refusal.instead));
        }
    }

    fn intend(&self, intent: Intent) {
        if let Err(why) = self.desk.intend(intent) {
            self.say(Phrase::ClickNotDone, why);
        }
    }

    fn snapshot(&self) -> Snapshot {
        self.desk.published().borrow().status.seen.clone()
    }

    fn tell(&self, intent: &Intent) -> Result<(), Message> {
        self.desk.intend(intent.clone()).map(drop)
    }

    /// Reports the result of a click.
    fn say_came(&self, came: Came) {
        match came {
            Came::Done(Outcome::CommandCopied(text)) => {
                self.say(Phrase::ClickCopied, Phrase::ClickCommandCopied { command: verbatim(text) });
            }
            Came::Done(Outcome::EvidenceCopied) => {
                self.say(Phrase::ClickCopied, Phrase::ClickEvidenceCopied);
            }
            Came::Done(Outcome::Waits { is_setting: true }) => {
                self.say(Phrase::ClickSet, Phrase::ClickSetWaits);
            }
            // The results of the others are visible: in the menu, in the editor, on the screen.
            Came::Done(Outcome::Waits { .. } | Outcome::Watched | Outcome::Done) => {}
            Came::Asked(plan) => {
                let (title, body) = (say(&plan.question()), plan.body(&say));
                // The click was on a remedy, whose title names what confirming does.
                let yes = plan.remedy().map(|remedy| words().remedy(remedy)).unwrap_or_default();
                let question = question(words(), &plan.hash(), &title, &body, &yes);
                let _ = self.commands.send(Command::Ask(Box::new(question)));
            }
            Came::Hands { remedy, lines } => self.say(told_to_do(remedy), say_lines(&lines)),
            Came::Undone => self.say(Phrase::ClickTakenBack, Phrase::ClickAsBefore),
            Came::Refused(refusal) => self.came(Err(refusal)),
            Came::NotDone(title, failed) => {
                let title = Phrase::ClickStopped { title: Text(say(&title)) };
                self.say(title, told(&failed.why(), failed.advice()));
            }
            Came::NotUndone(failed) => {
                self.say(Phrase::ClickNotTakenBack, told(&failed.why(), failed.advice()));
            }
            Came::NotOpen => {
                self.say(Phrase::ClickNothingDone, Phrase::ClickNotOpen);
            }
        }
    }

    /// Opens everything known about an incident as a text page in the user's default viewer.
    fn explain(&self, incident: &str) {
        let told = why::page(incident).unwrap_or_else(|failure| format!("{incident}: {}.\n", failure.what()));
        let page = explain::code_of(incident).map(explain::page);
        let code = page.map(|page| format!("\n{}\n{page}", "-".repeat(80))).unwrap_or_default();
        let page = self.pages.join(format!("{}.txt", file_name(incident)));
        if let Err(error) = write_page(&page, &format!("{told}{code}")) {
            let (path, error) = (verbatim(page.display()), verbatim(error));
            let body = Phrase::ClickPageUnwritten { path, error, incident: verbatim(incident) };
            return self.say(Phrase::ClickNotShown, body);
        }
        if let Err(refusal) = show(self.clicks.site(), &Shown::Text(page.display().to_string())) {
            let instead = Phrase::ClickInTerminal { incident: verbatim(incident) }.say();
            self.say(Phrase::ClickNotShown, sentences(&say(&refusal.why), &instead));
        }
    }

    /// Opens the config file. A new one begins with a pointer to its documentation.
    fn open_config(&self) {
        if !self.config.exists() {
            let begin = words().sentences(&Phrase::ConfigBegins, Form::Full);
            let begin: String = begin.iter().map(|line| format!("# {line}\n")).collect();
            if let Err(error) = write_page(&self.config, &begin) {
                let (path, error) = (verbatim(self.config.display()), verbatim(error));
                return self.say(Phrase::ClickConfigUnopened, Phrase::ClickConfigUnmade { path, error });
            }
        }
        self.came(show(self.clicks.site(), &Shown::Text(self.config.display().to_string())));
    }
}

/// The title over instructions for the user. A title that names what a click normally does would
/// suggest that it had been done.
fn told_to_do(remedy: Remedy) -> String {
    let title = words().remedy(remedy);
    if remedy.class() == RemedyClass::Manual { title } else { Phrase::ClickForYou { title: Text(title) }.say() }
}

/// What went wrong, and what to do about it.
fn told(why: &Message, instead: &[Message]) -> String {
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
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
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
        assert_eq!(told_to_do(Remedy::LimitMemory), "For you to do: Limit the Memory of gopls");
        assert_eq!(told_to_do(Remedy::ReinstallNative), "For you to do: Reinstall gopls for This Mac");
        assert_eq!(told_to_do(Remedy::RaiseWatchLimit), "How to Raise the Limit");
    }

    #[test]
    fn an_id_names_nothing_but_a_file() {
        assert_eq!(file_name("restart-loop-37"), "restart-loop-37");
        assert_eq!(file_name("../../etc/passwd\0"), "etcpasswd");
    }
}
