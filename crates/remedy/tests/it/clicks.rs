//! The results of clicks, and how typed words are resolved to an offer.

use std::cell::RefCell;

use goplswatch_core::message::Message;
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::{ProcessKey, Remedy, Snapshot, UserCommand};
use goplswatch_remedy::change::{Action, Failed, Plan, receipts};
use goplswatch_remedy::clicks::{ClickResult, Clicks, Decision, Outcome, decide, latest_undoable, replan};
use goplswatch_remedy::fix::Request;

use crate::Worded as _;
use crate::fix::stage::{Running, Stage, snapshot};

fn ask(remedy: Remedy, seen: &Snapshot) -> Request {
    Request { remedy, incident: Some(seen.incidents[0].id.clone()), process: None }
}

struct Surface {
    clicks: Clicks,
    user_commands: RefCell<Vec<UserCommand>>,
}

impl Surface {
    fn of(stage: &Stage) -> Self {
        Self { clicks: Clicks::new(stage.site.clone()), user_commands: RefCell::default() }
    }

    fn fix(&self, remedy: Remedy, seen: &Snapshot) -> ClickResult {
        self.clicks.fix(&ask(remedy, seen), seen, &mut |user_command| self.receive(user_command))
    }

    fn asked(&self, remedy: Remedy, seen: &Snapshot) -> Plan {
        match self.fix(remedy, seen) {
            ClickResult::NeedsConfirmation(plan) => *plan,
            other => panic!("{other:?}"),
        }
    }

    fn yes(&self, plan: &Plan, seen: &Snapshot) -> ClickResult {
        self.clicks.apply(&plan.hash(), || seen.clone(), &mut |user_command| self.receive(user_command))
    }

    fn receive(&self, user_command: &UserCommand) -> Result<(), Message> {
        self.user_commands.borrow_mut().push(user_command.clone());
        Ok(())
    }
}

#[test]
fn a_safe_one_is_done_at_once_and_taken_back() {
    let stage = Stage::new();
    let surface = Surface::of(&stage);
    let seen = snapshot(ProcessKey::new(9, 9), Remedy::Mute, Some("/w/api"));
    assert!(matches!(surface.fix(Remedy::Mute, &seen), ClickResult::Done(Outcome::Done)));
    assert!(matches!(
        surface.clicks.undo("fix-1", &mut |user_command| surface.receive(user_command)),
        ClickResult::Undone
    ));
    let workspace = || "/w/api".to_owned();
    let user_commands = [UserCommand::Mute { workspace: workspace() }, UserCommand::Unmute { workspace: workspace() }];
    assert_eq!(*surface.user_commands.borrow(), user_commands);
    assert!(matches!(surface.clicks.undo("fix-1", &mut |_| Ok(())), ClickResult::NotUndone(Failed::Refused(_))));
}

#[test]
fn a_risky_one_is_asked_about_once_and_done_on_the_yes_to_the_very_plan() {
    let stage = Stage::new();
    let mut running = Running::start("read x");
    let surface = Surface::of(&stage);
    let seen = snapshot(running.key(), Remedy::RestartServer, None);

    // One restart fewer is left than was shown.
    let mut later = seen.clone();
    later.servers[0].lives_left = LivesLeft::Known(3);
    let shown = surface.asked(Remedy::RestartServer, &seen);
    let ClickResult::NotDone(title, failed) = surface.yes(&shown, &later) else { panic!("it was done") };
    assert_eq!(title, shown.title());
    assert!(failed.words().contains("changed since it was shown"), "{failed:?}");

    // Declining or dismissing closes the question; so does a confirmation.
    let shown = surface.asked(Remedy::RestartServer, &seen);
    assert_eq!(surface.clicks.drop_question(&shown.hash()).map(|(plan, _)| plan.hash()), Some(shown.hash()));
    assert!(matches!(surface.yes(&shown, &seen), ClickResult::NotOpen));
    // If it is no longer offered, no plan is made that could fail.
    let shown = surface.asked(Remedy::RestartServer, &seen);
    assert!(matches!(surface.yes(&shown, &Snapshot::default()), ClickResult::Refused(_)));
    assert!(running.lives() && receipts(&stage.site.change).is_empty(), "nothing was begun");

    // Asking twice leaves one question.
    let shown = surface.asked(Remedy::RestartServer, &seen);
    surface.asked(Remedy::RestartServer, &seen);
    assert!(matches!(surface.yes(&shown, &seen), ClickResult::Done(Outcome::Watched)));
    assert_eq!(running.signal(), Some(15));
    assert!(matches!(surface.yes(&shown, &seen), ClickResult::NotOpen));
    assert!(matches!(surface.user_commands.borrow()[..], [UserCommand::FixBegins { .. }, UserCommand::FixEnds { .. }]));
}

#[test]
fn four_questions_are_open_at_most() {
    let stage = Stage::new();
    let surface = Surface::of(&stage);
    let running: Vec<Running> = (0..5).map(|_| Running::start("read x")).collect();
    let seen: Vec<Snapshot> = running.iter().map(|one| snapshot(one.key(), Remedy::RestartServer, None)).collect();
    let shown: Vec<Plan> = seen.iter().map(|seen| surface.asked(Remedy::RestartServer, seen)).collect();
    assert!(matches!(surface.yes(&shown[0], &seen[0]), ClickResult::NotOpen));
    for (shown, seen) in shown.iter().zip(&seen).skip(1) {
        assert!(matches!(surface.yes(shown, seen), ClickResult::Done(_)));
    }
}

#[test]
fn what_a_person_does_is_told_and_not_asked_about() {
    let stage = Stage::new();
    let surface = Surface::of(&stage);
    let seen = snapshot(ProcessKey::new(9, 9), Remedy::ByHand, None);
    let ClickResult::Manual { remedy: Remedy::ByHand, lines } = surface.fix(Remedy::ByHand, &seen) else {
        panic!("it was not")
    };
    assert_eq!(lines, [Message::reported("Helps.")]);
    assert!(matches!(decide(&ask(Remedy::ByHand, &seen), &seen, &stage.site), Ok(Decision::Manual(_))));
    assert!(matches!(surface.fix(Remedy::Mute, &seen), ClickResult::Refused(_)), "what is not offered is not done");
}

/// Readings change while the user reads them.
#[test]
fn what_is_copied_is_what_was_shown() {
    let mut stage = Stage::new();
    let copies = stage.path("clipboard");
    stage.site.change.desktop.clipboard = vec![stage.tool(&format!("cat > '{}'", copies.display()))];
    let mut seen = snapshot(ProcessKey::new(9, 9), Remedy::CopyEvidence, None);
    let evidence = ask(Remedy::CopyEvidence, &seen);
    let shown = decide(&evidence, &seen, &stage.site).unwrap().plan().clone();
    seen.servers[0].memory_bytes = Some(7);
    assert_eq!(replan(&shown, &evidence, &seen, &stage.site).as_ref(), Ok(&shown));
    // A click shows nothing first, so the current readings are copied.
    let surface = Surface::of(&stage);
    assert!(matches!(surface.fix(Remedy::CopyEvidence, &seen), ClickResult::Done(Outcome::EvidenceCopied)));
    let [Action::Copy { text }] = [&shown.steps[0].action] else { panic!("{shown:?}") };
    let copied = std::fs::read_to_string(copies).unwrap();
    assert!(copied != *text && copied.contains("memory: 0 kB"), "{copied}");
    // A receipt of a mere copy does not hide one that can be undone.
    assert_eq!(latest_undoable(&stage.site.change, None), None);
    let command = snapshot(ProcessKey::new(9, 9), Remedy::CopyRestartCommand, Some(":lsp restart"));
    let ClickResult::Done(Outcome::CommandCopied(text)) = surface.fix(Remedy::CopyRestartCommand, &command) else {
        panic!()
    };
    assert_eq!(text, ":lsp restart");
}
