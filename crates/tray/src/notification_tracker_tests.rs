//! Tests of the decisions about notifications.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

fn note(id: &str, body: &str, rang: u64) -> NotificationText {
    NotificationText {
        id: id.to_owned(),
        title: "gopls keeps restarting".to_owned(),
        body: body.to_owned(),
        group: None,
        telling: NotificationLevel::Active,
        rang,
        buttons: vec![Button { label: "Snooze".to_owned(), wants: UserAction::Resume }],
        click: Some(UserAction::Explain { incident: id.to_owned() }),
    }
}

fn question(plan: &str) -> Question {
    let plan = plan.to_owned();
    Question {
        plan: plan.clone(),
        title: "Restart gopls?".to_owned(),
        body: String::new(),
        yes: Button { label: "Restart".to_owned(), wants: UserAction::Apply { plan: plan.clone() } },
        no: Button { label: "Cancel".to_owned(), wants: UserAction::Drop { plan } },
    }
}

fn pressed(label: &str) -> Choice {
    Choice::Button(label.to_owned())
}

fn no(plan: &str) -> NotificationEffect {
    NotificationEffect::UserAction(UserAction::Drop { plan: plan.to_owned() })
}

/// The acts in a short notation: "ring a", "quiet a", "withdraw a", "wish".
fn short(acts: &[NotificationEffect]) -> Vec<String> {
    let one = |act: &NotificationEffect| match act {
        NotificationEffect::Show(shown) => format!("{} {}", if shown.rings { "ring" } else { "quiet" }, shown.id),
        NotificationEffect::Withdraw(id) => format!("withdraw {id}"),
        NotificationEffect::UserAction(_) => "wish".to_owned(),
    };
    acts.iter().map(one).collect()
}

#[test]
fn a_note_rings_is_replaced_in_silence_rings_again_and_is_withdrawn() {
    let mut notices = NotificationTracker::new(0);
    assert_eq!(short(&notices.show(&[note("a", "3 times", 5)])), ["ring a"]);
    assert!(notices.show(&[note("a", "3 times", 5)]).is_empty());
    assert_eq!(short(&notices.show(&[note("a", "4 times", 5)])), ["quiet a"]);
    assert_eq!(short(&notices.show(&[note("a", "4 times", 9)])), ["ring a"]);
    assert_eq!(short(&notices.show(&[])), ["withdraw a"]);
    assert!(notices.show(&[note("a", "4 times", 9)]).is_empty(), "it comes back as it was");
    assert_eq!(short(&notices.show(&[note("a", "4 times", 10)])), ["ring a"]);
}

#[test]
fn other_wishes_behind_the_same_words_are_not_shown_but_meant() {
    let mut notices = NotificationTracker::new(0);
    notices.show(&[note("a", "3 times", 5)]);
    let mut changed = note("a", "3 times", 5);
    changed.buttons[0].wants = UserAction::Quit;
    assert!(notices.show(&[changed]).is_empty());
    assert_eq!(
        notices.chosen("a", pressed("Snooze")),
        [NotificationEffect::Withdraw("a".into()), NotificationEffect::UserAction(UserAction::Quit)]
    );
}

#[test]
fn a_button_that_was_pressed_before_it_changed_means_what_it_said_or_nothing() {
    let button = |label: &str, wants| Button { label: label.to_owned(), wants };
    let (undo, snooze) = (UserAction::Undo { receipt: "r".into() }, UserAction::Pause { length: None });
    let mut notices = NotificationTracker::new(0);
    let mut first = note("a", "3 times", 5);
    first.buttons = vec![button("Undo", undo), button("Snooze", snooze.clone())];
    notices.show(&[first]);
    let mut then = note("a", "4 times", 5);
    then.buttons = vec![button("Snooze", snooze.clone()), button("Mute", UserAction::Quit)];
    notices.show(&[then]);
    assert!(notices.chosen("a", pressed("Undo")).is_empty());
    assert_eq!(
        notices.chosen("a", pressed("Snooze")),
        [NotificationEffect::Withdraw("a".into()), NotificationEffect::UserAction(snooze)]
    );
}

#[test]
fn what_was_closed_stays_closed_until_it_rings() {
    let mut notices = NotificationTracker::new(0);
    notices.show(&[note("a", "3 times", 5)]);
    assert!(notices.closed("a").is_empty());
    assert!(notices.show(&[note("a", "4 times", 5)]).is_empty());
    notices.service_lost();
    assert!(notices.service_available().is_empty());
    assert_eq!(short(&notices.show(&[note("a", "5 times", 6)])), ["ring a"]);
}

#[test]
fn what_rang_before_this_program_started_is_not_shown() {
    let mut notices = NotificationTracker::new(7);
    assert_eq!(short(&notices.show(&[note("a", "", 7), note("b", "", 8)])), ["ring b"]);
    assert!(notices.show(&[note("a", "more", 7), note("b", "", 8)]).is_empty());
    assert_eq!(short(&notices.show(&[note("a", "more", 9), note("b", "", 8)])), ["ring a"]);
}

#[test]
fn a_new_service_gets_what_still_should_be_seen_in_silence() {
    let mut notices = NotificationTracker::new(0);
    notices.show(&[note("a", "", 5), note("b", "", 6)]);
    notices.closed("b");
    notices.service_lost();
    assert_eq!(short(&notices.service_available()), ["quiet a"]);
    assert!(notices.service_available().is_empty(), "it is there now");
}

#[test]
fn what_no_service_would_show_rings_when_there_is_one() {
    let mut notices = NotificationTracker::new(0);
    notices.show(&[note("a", "", 5)]);
    assert!(notices.failed("a", true).is_empty());
    assert!(notices.show(&[note("a", "more", 5)]).is_empty());
    assert_eq!(short(&notices.service_available()), ["ring a"]);
    notices.failed("a", true);
    notices.show(&[]);
    assert!(notices.service_available().is_empty(), "it has lost its reason");
    assert_eq!(short(&notices.show(&[note("a", "", 5)])), ["ring a"], "and nobody had seen it");
}

#[test]
fn a_choice_passes_its_wish_on_and_takes_the_note_away() {
    let mut notices = NotificationTracker::new(0);
    notices.show(&[note("a", "", 5)]);
    let action = NotificationEffect::UserAction(UserAction::Explain { incident: "a".into() });
    assert_eq!(notices.chosen("a", Choice::Click), [NotificationEffect::Withdraw("a".into()), action]);
    assert!(notices.show(&[note("a", "more", 5)]).is_empty());
    notices.show(&[]);
    assert!(notices.chosen("a", pressed("Snooze")).is_empty(), "it has lost its reason");
    assert!(notices.chosen("other", Choice::Click).is_empty());
}

#[test]
fn a_question_has_one_answer() {
    let now = Instant::now();
    let mut notices = NotificationTracker::new(0);
    assert_eq!(short(&notices.ask(&question("p"), now)), ["ring question/p"]);
    assert!(notices.show(&[]).is_empty(), "no scene has it");
    assert!(notices.chosen("question/p", Choice::Click).is_empty(), "a click beside the buttons is no answer");
    let yes = NotificationEffect::UserAction(UserAction::Apply { plan: "p".into() });
    assert_eq!(
        notices.chosen("question/p", pressed("Restart")),
        [NotificationEffect::Withdraw("question/p".into()), yes]
    );
    assert!(notices.chosen("question/p", pressed("Cancel")).is_empty());
    assert!(notices.closed("question/p").is_empty());
    assert_eq!(notices.wake_at(), None);
}

#[test]
fn a_question_that_is_closed_or_let_be_or_cannot_be_shown_is_a_no() {
    let now = Instant::now();
    let mut notices = NotificationTracker::new(0);
    notices.ask(&question("p"), now);
    assert_eq!(notices.closed("question/p"), [no("p")]);
    notices.ask(&question("q"), now);
    assert_eq!(notices.failed("question/q", true), [no("q")]);
    notices.ask(&question("r"), now);
    assert_eq!(notices.wake_at(), Some(now + ANSWER_TIMEOUT));
    assert!(notices.expire_questions(now + ANSWER_TIMEOUT - Duration::from_millis(1)).is_empty());
    assert_eq!(
        notices.expire_questions(now + ANSWER_TIMEOUT),
        [NotificationEffect::Withdraw("question/r".into()), no("r")]
    );
    assert!(notices.expire_questions(now + ANSWER_TIMEOUT).is_empty());
}

#[test]
fn a_question_survives_its_service() {
    let mut notices = NotificationTracker::new(0);
    notices.ask(&question("p"), Instant::now());
    notices.service_lost();
    assert_eq!(short(&notices.service_available()), ["ring question/p"]);
}

#[test]
fn what_is_said_once_is_no_business_of_scenes() {
    let mut notices = NotificationTracker::new(100);
    assert_eq!(short(&notices.show_once(&note("a", "", 0))), ["ring said/a"]);
    assert!(notices.show(&[]).is_empty());
    assert_eq!(short(&notices.show_once(&note("a", "more", 0))), ["ring said/a"]);
    for number in 0..MAX_ONE_TIME - 1 {
        assert_eq!(notices.show_once(&note(&format!("{number}"), "", 0)).len(), 1);
    }
    assert_eq!(short(&notices.show_once(&note("last", "", 0))), ["withdraw said/a", "ring said/last"]);
    assert!(notices.closed("said/last").is_empty());
    assert_eq!(notices.withdraw_all().len(), MAX_ONE_TIME - 1);
    notices.show_once(&note("lost", "", 0));
    notices.service_lost();
    notices.show_once(&note("failed", "", 0));
    notices.failed("said/failed", true);
    assert!(notices.service_available().is_empty(), "it was said then, and not now");
}

#[test]
fn the_memory_of_what_is_gone_is_bounded() {
    let mut notices = NotificationTracker::new(0);
    for rang in 1..=1000 {
        notices.show(&[note(&format!("n{rang}"), "", rang)]);
    }
    assert!(notices.entries.len() <= MAX_WITHDRAWN + 1, "{}", notices.entries.len());
    let acts = notices.show(&[note("n1", "", 1)]);
    assert_eq!(short(&acts), ["withdraw n1000"], "what was forgotten does not ring anew");
}

/// One event.
#[derive(Clone, Debug)]
enum Step {
    /// For each note of the scene, its content and its `rang`.
    Scene(BTreeMap<u8, (u8, u64)>),
    Closed(u8),
    Chosen(u8),
    /// The service ends. There is none until `Found`.
    Lost,
    Found,
}

fn any_step() -> impl Strategy<Value = Step> {
    let scene = btree_map(0u8..4, (0u8..2, 0u64..6), 0..4);
    prop_oneof![
        6 => scene.prop_map(Step::Scene),
        2 => (0u8..4).prop_map(Step::Closed),
        1 => (0u8..4).prop_map(Step::Chosen),
        1 => Just(Step::Lost),
        2 => Just(Step::Found),
    ]
}

/// A model of a D-Bus notification service, which identifies notifications by its own numbers.
#[derive(Default)]
struct Service {
    up: bool,
    last: u32,
    /// What is on the screen: the number and the note.
    seen: BTreeMap<u32, String>,
    /// The numbers known to the caller.
    numbers: BTreeMap<String, u32>,
    rang: usize,
}

impl Service {
    fn act(&mut self, notices: &mut NotificationTracker, acts: Vec<NotificationEffect>) {
        for act in acts {
            match act {
                NotificationEffect::Show(shown) if !self.up => {
                    notices.failed(&shown.id, shown.rings);
                }
                NotificationEffect::Show(shown) => {
                    self.rang += usize::from(shown.rings);
                    let replaced = self.numbers.get(&shown.id).copied().filter(|n| self.seen.contains_key(n));
                    let number = replaced.unwrap_or_else(|| {
                        self.last += 1;
                        self.last
                    });
                    self.seen.insert(number, shown.id.clone());
                    self.numbers.insert(shown.id, number);
                }
                NotificationEffect::Withdraw(id) => {
                    self.numbers.remove(&id).and_then(|number| self.seen.remove(&number));
                }
                NotificationEffect::UserAction(_) => {}
            }
        }
    }

    fn close(&mut self, id: &str) {
        self.numbers.remove(id).and_then(|number| self.seen.remove(&number));
    }
}

proptest! {
    #[test]
    fn what_is_seen_is_what_rang_and_was_not_closed(steps in vec(any_step(), 1..40), before in 0u64..3) {
        let mut notices = NotificationTracker::new(before);
        let mut service = Service { up: true, ..Service::default() };
        // A simple model: the highest `rang` with which each note was seen, and what should be on
        // the screen.
        let mut rang: BTreeMap<String, u64> = BTreeMap::new();
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut rings = 0;
        let mut missed: BTreeMap<String, u64> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Scene(scene) => {
                    let notes: Vec<NotificationText> =
                        scene.iter().map(|(id, (body, rang))| note(&format!("n{id}"), &body.to_string(), *rang)).collect();
                    let acts = notices.show(&notes);
                    service.act(&mut notices, acts);
                    let ids: BTreeSet<String> = notes.iter().map(|note| note.id.clone()).collect();
                    wanted.retain(|id| ids.contains(id));
                    missed.retain(|id, _| ids.contains(id));
                    for note in notes {
                        let known = rang.get(&note.id).copied().unwrap_or(before);
                        let last = missed.get(&note.id).copied().unwrap_or(known);
                        if note.rang > last {
                            wanted.insert(note.id.clone());
                            if service.up {
                                rings += 1;
                                missed.remove(&note.id);
                                rang.insert(note.id, note.rang);
                            } else {
                                missed.insert(note.id, note.rang);
                            }
                        }
                    }
                }
                Step::Closed(id) | Step::Chosen(id) if service.seen.values().any(|seen| *seen == format!("n{id}")) => {
                    let id = format!("n{id}");
                    service.close(&id);
                    let acts = match step {
                        Step::Chosen(_) => notices.chosen(&id, Choice::Click),
                        _ => notices.closed(&id),
                    };
                    service.act(&mut notices, acts);
                    wanted.remove(&id);
                }
                Step::Closed(_) | Step::Chosen(_) => {}
                Step::Lost => {
                    service = Service { last: service.last, rang: service.rang, ..Service::default() };
                    notices.service_lost();
                }
                Step::Found => {
                    service.up = true;
                    let acts = notices.service_available();
                    service.act(&mut notices, acts);
                    rings += missed.len();
                    rang.append(&mut missed);
                }
            }
            let seen: Vec<&String> = service.seen.values().collect();
            let once: BTreeSet<&String> = seen.iter().copied().collect();
            prop_assert_eq!(seen.len(), once.len(), "two notifications for one note");
            if service.up {
                let should: BTreeSet<&String> = wanted.iter().collect();
                prop_assert_eq!(once, should);
                prop_assert_eq!(service.rang, rings);
            }
        }
    }
}
