//! Decides which notifications to show, replace and withdraw.
//!
//! Theory of operation. Scenes state which notifications should be visible now. The notification
//! service reports what happened to them: closed, a button pressed, all lost because the service
//! restarted. This module combines both. It has no clock and knows no service: its inputs are these
//! reports, its outputs are [`NotificationEffect`]s, to be performed in order.
//!
//! - A note is shown when it asks for attention (its `rang` is higher than the last one). A change
//!   with the same `rang` silently replaces a notification that is still visible, and never brings
//!   back one that was closed or has expired.
//! - A note that the scenes no longer contain is withdrawn. Its `rang` is remembered, so that it
//!   does not alert again when it comes back unchanged.
//! - A note that could not be shown, or was lost with its service, waits for
//!   [`NotificationTracker::service_available`]; the user did not close it. One that had been shown
//!   before is shown again silently.
//! - A button is identified by its label, not by its position. A press may arrive when the note
//!   already has other buttons; then it means the button that the user read, or nothing.
//! - A question has one reply. Closing it, ignoring it for two minutes, and failing to show it all
//!   mean no.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use goplswatch_core::codes::NotificationLevel;
use goplswatch_view::{Button, NotificationText, Question, UserAction};

/// How long a question waits for a reply.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// How many withdrawn notes are remembered.
const MAX_WITHDRAWN: usize = 200;
/// How many one-time notes may be visible at the same time.
const MAX_ONE_TIME: usize = 16;

/// What the caller has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotificationEffect {
    /// Show this. It replaces the visible notification with the same id, if there is one.
    Show(NotificationContent),
    /// Withdraw the notification with this id. It may be gone already.
    Withdraw(String),
    /// Pass on this action.
    UserAction(UserAction),
}

/// A notification as it is given to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationContent {
    /// Identifies it in later acts and reports.
    pub id: String,
    /// The title: what it means to the user.
    pub title: String,
    /// The text: one cause and one number.
    pub body: String,
    /// Notifications with the same group are shown together.
    pub group: Option<String>,
    /// Whether it may interrupt.
    pub telling: NotificationLevel,
    /// The labels of its buttons, at most three.
    pub buttons: Vec<String>,
    /// Whether a click on the notification itself has an effect.
    pub clickable: bool,
    /// Whether it asks for attention. Otherwise it is shown silently.
    pub rings: bool,
    /// Whether it is a question, which stays until it is answered.
    pub question: bool,
}

/// What the user did with a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A click on the notification itself.
    Click,
    /// The button with this label.
    Button(String),
}

/// The prefix of the names of our buttons at a service. The label follows.
const BUTTON: &str = "button-";

/// The name under which a service knows a button.
#[must_use]
pub fn button_name(label: &str) -> String {
    format!("{BUTTON}{label}")
}

impl Choice {
    /// Parses the name of a button. `None`: it is not one of ours.
    #[must_use]
    pub fn of_button(name: &str) -> Option<Self> {
        name.strip_prefix(BUTTON).map(|label| Self::Button(label.to_owned()))
    }
}

/// The known notes and their states.
#[derive(Debug)]
pub struct NotificationTracker {
    /// Notes with `rang` up to this number need no attention, unless the entry of the note says
    /// otherwise.
    seen: u64,
    entries: BTreeMap<String, Entry>,
    said: u64,
}

#[derive(Debug)]
struct Entry {
    note: NotificationText,
    kind: Kind,
    state: State,
    /// The highest `rang` with which it was shown.
    shown_rang: u64,
    /// The value of `shown_rang` before it was last shown, restored if showing failed.
    shown_rang_before: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Visible as long as the scenes contain it.
    Scene,
    /// Shown once; the number gives the order.
    Said(u64),
    /// Visible until it is answered, at the latest at this time. Its buttons are yes and no.
    Question(Instant),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is visible.
    Live,
    /// It should be visible, and there is no service to show it.
    Waiting { rings: bool },
    /// The user has seen or closed it.
    Closed,
    /// The scenes no longer contain it.
    Gone,
}

impl NotificationTracker {
    /// Creates an empty state. Notes with `rang` up to this number were seen before.
    #[must_use]
    pub const fn new(rang_before: u64) -> Self {
        Self { seen: rang_before, entries: BTreeMap::new(), said: 0 }
    }

    /// Takes the notes of a scene: these and no others should be visible now.
    pub fn show(&mut self, notes: &[NotificationText]) -> Vec<NotificationEffect> {
        let mut acts = self.withdraw_all_but(notes);
        for note in notes {
            let seen = self.seen;
            let entry = self.entries.entry(note.id.clone()).or_insert_with(|| Entry {
                note: NotificationText { rang: seen, ..note.clone() },
                kind: Kind::Scene,
                state: State::Closed,
                shown_rang: seen,
                shown_rang_before: seen,
            });
            acts.extend(entry.renew(note));
        }
        self.forget_some();
        acts
    }

    /// Shows a note once.
    pub fn show_once(&mut self, note: &NotificationText) -> Vec<NotificationEffect> {
        let mut acts = Vec::new();
        let standing = self.entries.iter().filter_map(|(id, entry)| match entry.kind {
            Kind::Said(number) => Some((number, id.clone())),
            _ => None,
        });
        let standing: BTreeMap<u64, String> = standing.collect();
        if let Some(oldest) = standing.values().next().filter(|_| standing.len() >= MAX_ONE_TIME) {
            self.entries.remove(oldest);
            acts.push(NotificationEffect::Withdraw(oldest.clone()));
        }
        self.said += 1;
        let note = NotificationText { id: format!("said/{}", note.id), ..note.clone() };
        acts.push(self.start(note, Kind::Said(self.said)));
        acts
    }

    /// Asks a question. Asking the same question again replaces the first one.
    pub fn ask(&mut self, question: &Question, now: Instant) -> Vec<NotificationEffect> {
        let note = NotificationText {
            id: format!("question/{}", question.plan),
            title: question.title.clone(),
            body: question.body.clone(),
            group: None,
            telling: NotificationLevel::Active,
            rang: 0,
            buttons: vec![question.yes.clone(), question.no.clone()],
            click: None,
        };
        vec![self.start(note, Kind::Question(now + ANSWER_TIMEOUT))]
    }

    /// The service reports that a notification was closed or has expired.
    pub fn closed(&mut self, id: &str) -> Vec<NotificationEffect> {
        let Some(entry) = self.entries.get_mut(id) else { return Vec::new() };
        match entry.kind {
            Kind::Scene => {
                if entry.state == State::Live {
                    entry.state = State::Closed;
                }
                Vec::new()
            }
            Kind::Said(_) | Kind::Question(_) => self.end(id),
        }
    }

    /// The user clicked something.
    pub fn chosen(&mut self, id: &str, choice: Choice) -> Vec<NotificationEffect> {
        let Some(entry) = self.entries.get_mut(id).filter(|entry| entry.state != State::Gone) else {
            return Vec::new();
        };
        let action = match choice {
            Choice::Click => entry.note.click.clone(),
            Choice::Button(label) => match entry.note.buttons.iter().find(|button| button.label == label) {
                Some(button) => Some(button.wants.clone()),
                // The note had such a button when it was pressed.
                None => return Vec::new(),
            },
        };
        // A question stays when something other than one of its buttons is clicked.
        if action.is_none() && matches!(entry.kind, Kind::Question(_)) {
            return Vec::new();
        }
        entry.state = State::Closed;
        if entry.kind != Kind::Scene {
            self.entries.remove(id);
        }
        std::iter::once(NotificationEffect::Withdraw(id.to_owned()))
            .chain(action.map(NotificationEffect::UserAction))
            .collect()
    }

    /// A notification could not be shown: there is no service, or it refused.
    pub fn failed(&mut self, id: &str, rings: bool) -> Vec<NotificationEffect> {
        let Some(entry) = self.entries.get_mut(id) else { return Vec::new() };
        match entry.kind {
            // One-time notes and questions that could not be shown are not retried.
            Kind::Question(_) | Kind::Said(_) => self.end(id),
            Kind::Scene => {
                entry.state = State::Waiting { rings };
                entry.shown_rang = entry.shown_rang_before;
                Vec::new()
            }
        }
    }

    /// The service is gone, with everything that it showed.
    pub fn service_lost(&mut self) {
        self.entries.retain(|_, entry| !matches!(entry.kind, Kind::Said(_)));
        for entry in self.entries.values_mut().filter(|entry| entry.state == State::Live) {
            // Whether the user saw the question is not known, so it asks for attention again.
            entry.state = State::Waiting { rings: matches!(entry.kind, Kind::Question(_)) };
        }
    }

    /// A service is available again: shows everything that waited for one.
    pub fn service_available(&mut self) -> Vec<NotificationEffect> {
        let waiting = self.entries.values_mut().filter_map(|entry| match entry.state {
            State::Waiting { rings } => Some(entry.show(rings)),
            _ => None,
        });
        waiting.collect()
    }

    /// Ends the questions whose time is over.
    pub fn expire_questions(&mut self, now: Instant) -> Vec<NotificationEffect> {
        let over = |entry: &Entry| matches!(entry.kind, Kind::Question(until) if until <= now);
        let ids: Vec<String> = self.entries.iter().filter(|(_, entry)| over(entry)).map(|(id, _)| id.clone()).collect();
        ids.into_iter()
            .flat_map(|id| {
                let withdraw = NotificationEffect::Withdraw(id.clone());
                std::iter::once(withdraw).chain(self.end(&id)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// When [`NotificationTracker::expire_questions`] is due.
    #[must_use]
    pub fn wake_at(&self) -> Option<Instant> {
        let until = self.entries.values().filter_map(|entry| match entry.kind {
            Kind::Question(until) => Some(until),
            _ => None,
        });
        until.min()
    }

    /// Withdraws everything visible, at the end of the program.
    pub fn withdraw_all(&mut self) -> Vec<NotificationEffect> {
        let live = self.entries.iter().filter(|(_, entry)| entry.state == State::Live);
        let acts = live.map(|(id, _)| NotificationEffect::Withdraw(id.clone())).collect();
        self.entries.clear();
        acts
    }

    fn withdraw_all_but(&mut self, notes: &[NotificationText]) -> Vec<NotificationEffect> {
        let mut acts = Vec::new();
        for (id, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.kind == Kind::Scene) {
            if !notes.iter().any(|note| note.id == *id) {
                if entry.state == State::Live {
                    acts.push(NotificationEffect::Withdraw(id.clone()));
                }
                entry.state = State::Gone;
                // A `rang` that could not be shown does not count as seen.
                entry.note.rang = entry.shown_rang;
            }
        }
        acts
    }

    /// Shows something that is not part of a scene.
    fn start(&mut self, note: NotificationText, kind: Kind) -> NotificationEffect {
        let id = note.id.clone();
        let mut entry = Entry { note, kind, state: State::Live, shown_rang: 0, shown_rang_before: 0 };
        let act = entry.show(true);
        self.entries.insert(id, entry);
        act
    }

    /// Ends something that is not part of a scene. A question that ends this way counts as answered
    /// no.
    fn end(&mut self, id: &str) -> Vec<NotificationEffect> {
        match self.entries.remove(id) {
            Some(Entry { kind: Kind::Question(_), note, .. }) => note
                .buttons
                .into_iter()
                .nth(1)
                .map(|no: Button| NotificationEffect::UserAction(no.wants))
                .into_iter()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Limits the memory of withdrawn notes. A forgotten note does not alert again either.
    fn forget_some(&mut self) {
        let mut gone: Vec<(u64, String)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.state == State::Gone)
            .map(|(id, entry)| (entry.note.rang, id.clone()))
            .collect();
        gone.sort_unstable();
        for (rang, id) in gone.iter().take(gone.len().saturating_sub(MAX_WITHDRAWN)) {
            self.seen = self.seen.max(*rang);
            self.entries.remove(id);
        }
    }
}

impl Entry {
    /// Takes the note as the scene has it now.
    fn renew(&mut self, note: &NotificationText) -> Option<NotificationEffect> {
        let rings = note.rang > self.note.rang;
        let differs = visible_content(note) != visible_content(&self.note);
        let rang = note.rang.max(self.note.rang);
        self.note = NotificationText { rang, ..note.clone() };
        match self.state {
            _ if rings => Some(self.show(true)),
            State::Live if differs => Some(self.show(false)),
            State::Gone => {
                self.state = State::Closed;
                None
            }
            _ => None,
        }
    }

    fn show(&mut self, rings: bool) -> NotificationEffect {
        self.state = State::Live;
        self.shown_rang_before = self.shown_rang;
        self.shown_rang = self.shown_rang.max(self.note.rang);
        let note = &self.note;
        NotificationEffect::Show(NotificationContent {
            id: note.id.clone(),
            title: note.title.clone(),
            body: note.body.clone(),
            group: note.group.clone(),
            telling: note.telling,
            buttons: note.buttons.iter().map(|button| button.label.clone()).collect(),
            clickable: note.click.is_some(),
            rings,
            question: matches!(self.kind, Kind::Question(_)),
        })
    }
}

/// The visible content of a note. The user commands of its buttons are looked up when one is
/// pressed.
fn visible_content(note: &NotificationText) -> (&str, &str, Option<&str>, NotificationLevel, bool, Vec<&str>) {
    let buttons = note.buttons.iter().map(|button| button.label.as_str()).collect();
    (&note.title, &note.body, note.group.as_deref(), note.telling, note.click.is_some(), buttons)
}

#[cfg(test)]
#[path = "notification_tracker_tests.rs"]
mod tests;
