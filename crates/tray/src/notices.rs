//! Which notifications are to be shown, replaced and withdrawn.
//!
//! Theory of operation. Scenes say what should be seen now; the service says what became of it: closed, a button
//! pressed, everything lost because it was started again. Here both meet, without a clock of its own and without knowing
//! any service: what goes in are these words, what comes out are [`Act`]s, to be done in their order.
//!
//! - A note is shown when it asks for attention (its `rang` is higher than the last one). A quiet change replaces what
//!   is still there, in silence, and never brings back what was closed or has expired.
//! - A note that the scenes no longer have is withdrawn. That it rang is remembered, so that it does not ring anew when
//!   it comes back as it was.
//! - A note that could not be shown, or was lost with its service, waits for [`Notices::found`]; it was not closed by
//!   the user. What had been shown before comes back in silence.
//! - A button is known by what it says, not by its place: a press may arrive when the note has other buttons already,
//!   and then means the one that was read, or nothing.
//! - A question has one answer. Closing it, letting it be for two minutes, and not being able to show it are a no.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use goplswatch_core::codes::Telling;
use goplswatch_view::{Button, Note, Question, Wish};

/// How long a question waits for its answer.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How many notes that are gone are remembered.
const REMEMBERED: usize = 200;
/// How many things that were said once may stand at the same time.
const SAID_AT_ONCE: usize = 16;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Show this. It takes the place of what is shown with the same id, if anything is.
    Show(Shown),
    /// Take away what is shown with this id. It may have gone already.
    Withdraw(String),
    /// Pass on what the user wants.
    Wish(Wish),
}

/// A notification as a service is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it is known by in later acts and words.
    pub id: String,
    /// What it means to the user.
    pub title: String,
    /// One cause and one number.
    pub body: String,
    /// Notifications of one group stand together.
    pub group: Option<String>,
    /// Whether it may interrupt.
    pub telling: Telling,
    /// What its buttons say, at most three.
    pub buttons: Vec<String>,
    /// Whether a click on the notification itself wants anything.
    pub clickable: bool,
    /// Whether it asks for attention. Otherwise it comes in silence.
    pub rings: bool,
    /// Whether it is a question, which stays until it is answered.
    pub question: bool,
}

/// What the user did with a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A click on the notification itself.
    Click,
    /// The button that says this.
    Button(String),
}

/// What the names of buttons begin with, by which a service knows them. What the button says follows.
const BUTTON: &str = "button-";

/// The name by which a service is told of a button.
#[must_use]
pub fn button_name(label: &str) -> String {
    format!("{BUTTON}{label}")
}

impl Choice {
    /// Reads a button's name back. None: it is none of ours.
    #[must_use]
    pub fn of_button(name: &str) -> Option<Self> {
        name.strip_prefix(BUTTON).map(|label| Self::Button(label.to_owned()))
    }
}

/// What was told and what became of it.
#[derive(Debug)]
pub struct Notices {
    /// What rang up to this number needs no attention, unless more is known about the note.
    seen: u64,
    entries: BTreeMap<String, Entry>,
    said: u64,
}

#[derive(Debug)]
struct Entry {
    note: Note,
    kind: Kind,
    state: State,
    /// Up to where it rang and was shown.
    heard: u64,
    /// The same before it was shown last, for the case that it could not be.
    heard_before: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As long as the scenes have it.
    Scene,
    /// Once; the number says in which order.
    Said(u64),
    /// Until it is answered, at the latest then. Its buttons are the yes and the no.
    Question(Instant),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It can be seen.
    Live,
    /// It should be seen, and there is no service that would show it.
    Waiting { rings: bool },
    /// The user has seen it, or closed it.
    Closed,
    /// The scenes no longer have it.
    Gone,
}

impl Notices {
    /// Nothing told yet. Notes that rang up to this number were seen before.
    #[must_use]
    pub const fn new(rang_before: u64) -> Self {
        Self { seen: rang_before, entries: BTreeMap::new(), said: 0 }
    }

    /// The notes of a scene: these, and no others, should be seen now.
    pub fn show(&mut self, notes: &[Note]) -> Vec<Act> {
        let mut acts = self.withdraw_all_but(notes);
        for note in notes {
            let seen = self.seen;
            let entry = self.entries.entry(note.id.clone()).or_insert_with(|| Entry {
                note: Note { rang: seen, ..note.clone() },
                kind: Kind::Scene,
                state: State::Closed,
                heard: seen,
                heard_before: seen,
            });
            acts.extend(entry.renew(note));
        }
        self.forget_some();
        acts
    }

    /// Says something once.
    pub fn say(&mut self, note: &Note) -> Vec<Act> {
        let mut acts = Vec::new();
        let standing = self.entries.iter().filter_map(|(id, entry)| match entry.kind {
            Kind::Said(number) => Some((number, id.clone())),
            _ => None,
        });
        let standing: BTreeMap<u64, String> = standing.collect();
        if let Some(oldest) = standing.values().next().filter(|_| standing.len() >= SAID_AT_ONCE) {
            self.entries.remove(oldest);
            acts.push(Act::Withdraw(oldest.clone()));
        }
        self.said += 1;
        let note = Note { id: format!("said/{}", note.id), ..note.clone() };
        acts.push(self.start(note, Kind::Said(self.said)));
        acts
    }

    /// Asks. The same question asked again takes the place of the first.
    pub fn ask(&mut self, question: &Question, now: Instant) -> Vec<Act> {
        let note = Note {
            id: format!("question/{}", question.plan),
            title: question.title.clone(),
            body: question.body.clone(),
            group: None,
            telling: Telling::Active,
            rang: 0,
            buttons: vec![question.yes.clone(), question.no.clone()],
            click: None,
        };
        vec![self.start(note, Kind::Question(now + PATIENCE))]
    }

    /// The service says that this is no longer seen: closed or expired.
    pub fn closed(&mut self, id: &str) -> Vec<Act> {
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

    /// The user chose.
    pub fn chosen(&mut self, id: &str, choice: Choice) -> Vec<Act> {
        let Some(entry) = self.entries.get_mut(id).filter(|entry| entry.state != State::Gone) else {
            return Vec::new();
        };
        let wish = match choice {
            Choice::Click => entry.note.click.clone(),
            Choice::Button(label) => match entry.note.buttons.iter().find(|button| button.label == label) {
                Some(button) => Some(button.wants.clone()),
                // It had one like that when it was pressed.
                None => return Vec::new(),
            },
        };
        // A question stays when something else than one of its buttons is clicked.
        if wish.is_none() && matches!(entry.kind, Kind::Question(_)) {
            return Vec::new();
        }
        entry.state = State::Closed;
        if entry.kind != Kind::Scene {
            self.entries.remove(id);
        }
        std::iter::once(Act::Withdraw(id.to_owned())).chain(wish.map(Act::Wish)).collect()
    }

    /// This could not be shown: there is no service, or it refused.
    pub fn failed(&mut self, id: &str, rings: bool) -> Vec<Act> {
        let Some(entry) = self.entries.get_mut(id) else { return Vec::new() };
        match entry.kind {
            // What is said once is said now or never.
            Kind::Question(_) | Kind::Said(_) => self.end(id),
            Kind::Scene => {
                entry.state = State::Waiting { rings };
                entry.heard = entry.heard_before;
                Vec::new()
            }
        }
    }

    /// The service is gone, and with it everything that it showed.
    pub fn lost(&mut self) {
        self.entries.retain(|_, entry| !matches!(entry.kind, Kind::Said(_)));
        for entry in self.entries.values_mut().filter(|entry| entry.state == State::Live) {
            // Whether a question was seen cannot be known.
            entry.state = State::Waiting { rings: matches!(entry.kind, Kind::Question(_)) };
        }
    }

    /// There is a service again: what waited for one.
    pub fn found(&mut self) -> Vec<Act> {
        let waiting = self.entries.values_mut().filter_map(|entry| match entry.state {
            State::Waiting { rings } => Some(entry.show(rings)),
            _ => None,
        });
        waiting.collect()
    }

    /// Ends the questions that were let be for too long.
    pub fn tick(&mut self, now: Instant) -> Vec<Act> {
        let over = |entry: &Entry| matches!(entry.kind, Kind::Question(until) if until <= now);
        let ids: Vec<String> = self.entries.iter().filter(|(_, entry)| over(entry)).map(|(id, _)| id.clone()).collect();
        ids.into_iter()
            .flat_map(|id| {
                let withdraw = Act::Withdraw(id.clone());
                std::iter::once(withdraw).chain(self.end(&id)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// When [`Notices::tick`] has something to do.
    #[must_use]
    pub fn wake_at(&self) -> Option<Instant> {
        let until = self.entries.values().filter_map(|entry| match entry.kind {
            Kind::Question(until) => Some(until),
            _ => None,
        });
        until.min()
    }

    /// Everything that can be seen, to be taken away at the end.
    pub fn withdraw_all(&mut self) -> Vec<Act> {
        let live = self.entries.iter().filter(|(_, entry)| entry.state == State::Live);
        let acts = live.map(|(id, _)| Act::Withdraw(id.clone())).collect();
        self.entries.clear();
        acts
    }

    fn withdraw_all_but(&mut self, notes: &[Note]) -> Vec<Act> {
        let mut acts = Vec::new();
        for (id, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.kind == Kind::Scene) {
            if !notes.iter().any(|note| note.id == *id) {
                if entry.state == State::Live {
                    acts.push(Act::Withdraw(id.clone()));
                }
                entry.state = State::Gone;
                // What rang and could not be shown is not remembered as heard.
                entry.note.rang = entry.heard;
            }
        }
        acts
    }

    /// Shows something that no scene has.
    fn start(&mut self, note: Note, kind: Kind) -> Act {
        let id = note.id.clone();
        let mut entry = Entry { note, kind, state: State::Live, heard: 0, heard_before: 0 };
        let act = entry.show(true);
        self.entries.insert(id, entry);
        act
    }

    /// Ends something that no scene has. A question that ends like this was answered with no.
    fn end(&mut self, id: &str) -> Vec<Act> {
        match self.entries.remove(id) {
            Some(Entry { kind: Kind::Question(_), note, .. }) => {
                note.buttons.into_iter().nth(1).map(|no: Button| Act::Wish(no.wants)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Keeps the memory of notes that are gone within bounds. What is forgotten does not ring anew either.
    fn forget_some(&mut self) {
        let mut gone: Vec<(u64, String)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.state == State::Gone)
            .map(|(id, entry)| (entry.note.rang, id.clone()))
            .collect();
        gone.sort_unstable();
        for (rang, id) in gone.iter().take(gone.len().saturating_sub(REMEMBERED)) {
            self.seen = self.seen.max(*rang);
            self.entries.remove(id);
        }
    }
}

impl Entry {
    /// The note as a scene has it now.
    fn renew(&mut self, note: &Note) -> Option<Act> {
        let rings = note.rang > self.note.rang;
        let differs = look(note) != look(&self.note);
        let rang = note.rang.max(self.note.rang);
        self.note = Note { rang, ..note.clone() };
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

    fn show(&mut self, rings: bool) -> Act {
        self.state = State::Live;
        self.heard_before = self.heard;
        self.heard = self.heard.max(self.note.rang);
        let note = &self.note;
        Act::Show(Shown {
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

/// What can be seen of a note. What its buttons want is looked up when one is pressed.
fn look(note: &Note) -> (&str, &str, Option<&str>, Telling, bool, Vec<&str>) {
    let buttons = note.buttons.iter().map(|button| button.label.as_str()).collect();
    (&note.title, &note.body, note.group.as_deref(), note.telling, note.click.is_some(), buttons)
}

#[cfg(test)]
#[path = "notices_tests.rs"]
mod tests;
