//! Notifications by org.freedesktop.Notifications (Desktop Notifications Specification 1.2).
//!
//! Theory of operation. [`Notices`] decides, this makes the calls and keeps the numbers that the service gave. A
//! service counts as there while it answers; it may be started by the very call that needs it, so nothing is concluded
//! from its name having no owner. When it goes, its numbers are void. What waits for a service is tried again when one
//! appears, and with growing patience otherwise, so that one that falls over what we show is not made to fall for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use goplswatch_core::codes::Telling;
use goplswatch_core::message::{Message as M, Part};
use goplswatch_core::words::CapabilityState;
use goplswatch_view::{Note, Question, SurfaceWords};
use zbus::blocking::Connection;
use zbus::message::{Flags, Message, Sequence};
use zbus::zvariant::Value;

use super::bus::Missing;
use super::patience::Patience;
use super::{Ear, Report, SILENCE, guarded, state_of};
use crate::mailbox::{self, Inbox};
use crate::notices::{Act, Choice, Notices, Shown, button_name};
use crate::{Heard, Options};

/// The service's name, which is that of its interface too.
pub(super) const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// How many numbers that were closed are remembered until the service says so.
const CLOSING: usize = 64;

/// What the notifications are told.
pub(super) enum Event {
    /// These should be seen now.
    Show(Vec<Note>),
    /// Say this once.
    Say(Box<Note>),
    /// Ask this.
    Ask(Box<Question>),
    /// There is a bus, or there is none.
    Bus(Result<Connection, Missing>),
    /// The service's name went from one connection to another; empty: none.
    Owner {
        /// Whose it was.
        old: String,
        /// Whose it is.
        new: String,
    },
    /// A notification is no longer seen.
    Closed {
        /// The service's number for it.
        number: u32,
        /// When that was heard.
        at: Sequence,
    },
    /// An action was chosen.
    Action {
        /// The service's number for the notification.
        number: u32,
        /// The action's key.
        key: String,
    },
    /// Take everything away and go.
    End,
}

impl mailbox::Message for Event {
    fn is_outdated_by_the_next(&self) -> bool {
        matches!(self, Self::Show(_))
    }
}

/// Shows notifications until told to end.
pub(super) fn live<E: Ear>(inbox: &Inbox<Event>, options: Options, heard: E) {
    let mut desk = Desk {
        notices: Notices::new(options.rang_before),
        words: options.words,
        early: Vec::new(),
        bus: None,
        service: None,
        live: BTreeMap::new(),
        closing: BTreeSet::new(),
        retry: Some(Instant::now() + SILENCE),
        patience: Patience::default(),
        report: Report::new("notifications", heard),
    };
    while let Some(event) = desk.next(inbox) {
        let acts = desk.hear(event);
        desk.perform(acts);
    }
    desk.leave();
}

/// A service that answers.
struct Service {
    /// The connection that its name belongs to.
    owner: String,
    /// It has buttons.
    actions: bool,
    /// Its bodies are markup.
    markup: bool,
}

/// A notification that the service shows.
struct Live {
    id: String,
    /// When it took the place of an older one of the same number. What was heard before that was about the older one.
    replaced: Option<Sequence>,
    rang: bool,
}

struct Desk<E> {
    notices: Notices,
    words: SurfaceWords,
    /// What was asked before it was known whether there is a service.
    early: Vec<Question>,
    bus: Option<Connection>,
    service: Option<Service>,
    live: BTreeMap<u32, Live>,
    /// The numbers that we have closed and the service has not said so yet. It may have given them again by then.
    closing: BTreeSet<u32>,
    /// When to look for a service again.
    retry: Option<Instant>,
    patience: Patience,
    report: Report<E>,
}

impl<E: Ear> Desk<E> {
    /// The next event; none at the end. What is due in between is done.
    fn next(&mut self, inbox: &Inbox<Event>) -> Option<Event> {
        loop {
            let acts = self.do_what_is_due();
            self.perform(acts);
            self.ask_early();
            let wake = [self.retry, self.notices.wake_at()].into_iter().flatten().min();
            let event = match wake {
                Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => return None,
                Ok(event) => return Some(event),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn do_what_is_due(&mut self) -> Vec<Act> {
        let now = Instant::now();
        let mut acts = self.notices.tick(now);
        if self.retry.take_if(|at| *at <= now).is_some() {
            if self.bus.is_some() {
                acts.extend(self.look());
            } else if self.report.last.is_none() {
                self.report.set(CapabilityState::Unsupported, no_bus(M::BusMute));
            }
        }
        acts
    }

    /// Asks what waited until something is known of the service.
    fn ask_early(&mut self) {
        if self.report.last.is_some() {
            for question in std::mem::take(&mut self.early) {
                let acts = self.notices.ask(&question, Instant::now());
                self.perform(acts);
            }
        }
    }

    fn hear(&mut self, event: Event) -> Vec<Act> {
        match event {
            Event::Show(notes) => self.notices.show(&notes),
            Event::Say(note) => self.notices.say(&note),
            // What cannot be shown is a no, and that is not known before the bus was heard of.
            Event::Ask(question) if self.report.last.is_none() => {
                self.early.push(*question);
                Vec::new()
            }
            Event::Ask(question) => self.notices.ask(&question, Instant::now()),
            Event::Bus(Ok(bus)) => {
                self.bus = Some(bus);
                self.retry = None;
                self.look()
            }
            Event::Bus(Err(missing)) => {
                self.report.set(missing.state, no_bus(missing.why));
                self.bus = None;
                self.retry = None;
                self.lose();
                Vec::new()
            }
            Event::Owner { old, new } => self.changed_hands(&old, &new),
            Event::Closed { number, at } => self.closed(number, at),
            Event::Action { number, key } => self.chosen(number, &key),
            Event::End => Vec::new(),
        }
    }

    /// The service's name has another owner. Heard also when our own call has started it: that one is known already.
    fn changed_hands(&mut self, old: &str, new: &str) -> Vec<Act> {
        if self.service.as_ref().is_some_and(|service| service.owner == new) {
            return Vec::new();
        }
        if self.service.as_ref().is_some_and(|service| service.owner == old) {
            self.lose();
        }
        if new.is_empty() {
            // Many services go when they have nothing to show and come when they are called: that is no failure.
            return Vec::new();
        }
        self.retry = Some(Instant::now() + self.patience.after_failure(Instant::now()));
        Vec::new()
    }

    fn lose(&mut self) {
        self.service = None;
        self.live.clear();
        self.closing.clear();
        self.notices.lost();
    }

    fn closed(&mut self, number: u32, at: Sequence) -> Vec<Act> {
        if self.closing.remove(&number) {
            return Vec::new();
        }
        let Some(live) = self.live.get(&number) else { return Vec::new() };
        if live.replaced.is_none_or(|since| at > since) {
            return self.live.remove(&number).map(|live| self.notices.closed(&live.id)).unwrap_or_default();
        }
        // It was closed while we replaced it, which brought it back. If that was to be in silence, it should not have.
        if live.rang {
            return Vec::new();
        }
        let id = live.id.clone();
        let mut acts = vec![Act::Withdraw(id.clone())];
        acts.extend(self.notices.closed(&id));
        acts
    }

    fn chosen(&mut self, number: u32, key: &str) -> Vec<Act> {
        let Some(live) = self.live.get(&number) else { return Vec::new() };
        let choice = match key {
            CLICK => Choice::Click,
            _ => match Choice::of_button(key) {
                Some(button) => button,
                None => return Vec::new(),
            },
        };
        self.notices.chosen(&live.id, choice)
    }

    /// Does what is to be done, and what follows from it.
    fn perform(&mut self, mut acts: Vec<Act>) {
        while !acts.is_empty() {
            for act in std::mem::take(&mut acts) {
                match act {
                    Act::Show(shown) => {
                        // A service that this starts gets what was lost with the one before it as well.
                        if self.service.is_none() {
                            acts.extend(self.look());
                        }
                        if !self.show(&shown) {
                            acts.extend(self.notices.failed(&shown.id, shown.rings));
                        }
                    }
                    Act::Withdraw(id) => self.withdraw(&id),
                    Act::Wish(wish) => (self.report.heard)(Heard::Wish(wish)),
                }
            }
        }
    }

    /// Shows a notification; false if that was not possible.
    fn show(&mut self, shown: &Shown) -> bool {
        let (Some(bus), Some(service)) = (&self.bus, &self.service) else { return false };
        let replaces = self.live.iter().find(|(_, live)| live.id == shown.id).map(|(number, _)| *number);
        let result = guarded(|| notify(bus, service, shown, &self.words, replaces.unwrap_or(0)));
        match result {
            Ok(Ok((number, since))) => {
                if let Some(replaces) = replaces {
                    self.live.remove(&replaces);
                }
                let replaced = (replaces == Some(number)).then_some(since);
                self.live.insert(number, Live { id: shown.id.clone(), replaced, rang: shown.rings });
                true
            }
            Ok(Err(error)) => self.fail(state_of(&error), M::reported(error)),
            Err(why) => self.fail(CapabilityState::Unsupported, why),
        }
    }

    /// Asks for the service, which starts it where the desktop can do that. Where there is one, what waited for it is to
    /// be shown.
    fn look(&mut self) -> Vec<Act> {
        let Some(bus) = &self.bus else { return Vec::new() };
        match guarded(|| capabilities(bus)) {
            Ok(Ok(service)) => {
                let answers = if service.actions { M::NotesWithButtons } else { M::NotesWithoutButtons };
                self.report.set(CapabilityState::Ok, answers);
                self.service = Some(service);
                return self.notices.found();
            }
            Ok(Err(error)) => self.fail(state_of(&error), M::reported(error)),
            Err(why) => self.fail(CapabilityState::Unsupported, why),
        };
        Vec::new()
    }

    fn fail(&mut self, state: CapabilityState, why: M) -> bool {
        self.report.set(state, M::NotesUnanswered { why: Part::new(why) });
        self.retry = Some(Instant::now() + self.patience.after_failure(Instant::now()));
        false
    }

    fn withdraw(&mut self, id: &str) {
        let found = self.live.iter().find(|(_, live)| live.id == id).map(|(number, _)| *number);
        let Some(number) = found.filter(|number| self.live.remove(number).is_some()) else { return };
        if let Some(bus) = &self.bus {
            // If it cannot be sent, the bus is gone, and the notification with it.
            let _ = guarded(|| close(bus, number));
            // A service that never says so is not remembered for ever.
            if self.closing.len() >= CLOSING {
                self.closing.pop_first();
            }
            self.closing.insert(number);
        }
    }

    /// Takes everything away, and ends the connection, by which whoever listens on it ends too.
    fn leave(mut self) {
        let acts = self.notices.withdraw_all();
        self.perform(acts);
        if let Some(bus) = self.bus {
            let _ = bus.close();
        }
    }
}

/// The key of the action that a click on the notification itself is (specification, "Actions").
const CLICK: &str = "default";

/// Asks what the service can do.
fn capabilities(bus: &Connection) -> zbus::Result<Service> {
    let answer = bus.call_method(Some(SERVICE), PATH, Some(SERVICE), "GetCapabilities", &())?;
    let owner = answer.header().sender().map(ToString::to_string).unwrap_or_default();
    let can: Vec<String> = answer.body().deserialize()?;
    let has = |name: &str| can.iter().any(|can| can == name);
    Ok(Service { owner, actions: has("actions"), markup: has("body-markup") })
}

/// Shows; the service's number for it and when that was heard.
fn notify(
    bus: &Connection,
    service: &Service,
    shown: &Shown,
    words: &SurfaceWords,
    replaces: u32,
) -> zbus::Result<(u32, Sequence)> {
    let body = body(shown, service, words);
    let actions = if service.actions { actions(shown, words) } else { Vec::new() };
    // -1: as the service has it; 0: until it is closed.
    let timeout: i32 = if shown.question { 0 } else { -1 };
    let arguments =
        (crate::APP_NAME, replaces, "", shown.title.as_str(), body.as_str(), actions, hints(shown), timeout);
    let answer = bus.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &arguments)?;
    Ok((answer.body().deserialize()?, answer.recv_position()))
}

/// Keys and labels in turn. Services show no button for the click.
fn actions(shown: &Shown, words: &SurfaceWords) -> Vec<String> {
    let click = shown.clickable.then(|| [CLICK.to_owned(), words.show.clone()]);
    let buttons = shown.buttons.iter().map(|label| [button_name(label), label.clone()]);
    click.into_iter().chain(buttons).flatten().collect()
}

fn body(shown: &Shown, service: &Service, words: &SurfaceWords) -> String {
    let mut body = shown.body.clone();
    if shown.question && !service.actions {
        body.push('\n');
        body.push_str(&words.no_buttons);
    }
    if service.markup { in_markup(&body) } else { body }
}

/// Text as the markup of notifications, which knows tags and entities
/// (<https://specifications.freedesktop.org/notification-spec/latest/markup.html>).
fn in_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hints(shown: &Shown) -> HashMap<&'static str, Value<'static>> {
    const LOW: u8 = 0;
    const NORMAL: u8 = 1;
    let urgency = if shown.rings && shown.telling == Telling::Active { NORMAL } else { LOW };
    HashMap::from([
        ("urgency", Value::from(urgency)),
        ("category", Value::from("x-goplswatch.incident")),
        ("desktop-entry", Value::from(crate::APP_ID)),
        ("suppress-sound", Value::from(!shown.rings)),
        ("transient", Value::from(false)),
    ])
}

/// Has the service take one away. No answer is waited for, and no service is started for it.
fn close(bus: &Connection, number: u32) -> zbus::Result<()> {
    let call = Message::method_call(PATH, "CloseNotification")?
        .destination(SERVICE)?
        .interface(SERVICE)?
        .with_flags(Flags::NoReplyExpected)?
        .with_flags(Flags::NoAutoStart)?
        .build(&(number))?;
    bus.send(&call)
}

fn no_bus(why: M) -> M {
    M::NotesWithoutBus { why: Part::new(why) }
}

#[cfg(test)]
mod tests {
    use goplswatch_testing::odd_names;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// What a service shows of markup; none: it holds something else than text.
    fn shown_of(markup: &str) -> Option<String> {
        let (mut text, mut rest) = (String::new(), markup);
        while let Some(c) = rest.chars().next() {
            let entities = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
            let entity = entities.iter().find(|(entity, _)| rest.starts_with(entity));
            match (c, entity) {
                (_, Some((entity, stands_for))) => {
                    text.push(*stands_for);
                    rest = &rest[entity.len()..];
                }
                ('&' | '<' | '>', None) => return None,
                (c, None) => {
                    text.push(c);
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
        Some(text)
    }

    proptest! {
        #[test]
        fn a_name_is_no_markup(name in prop_oneof![select(odd_names()), any::<String>(), "[<>&a-z;/ ]{0,20}"]) {
            let said = goplswatch_view::said("x", &name, &format!("In {name} gopls ended."));
            let mut notices = Notices::new(0);
            let acts = notices.say(&said);
            let [Act::Show(shown)] = acts.as_slice() else { panic!("{acts:?}") };
            let service = |markup| Service { owner: String::new(), actions: true, markup };
            let words = SurfaceWords::new(goplswatch_view::Catalogue::english());
            prop_assert_eq!(body(shown, &service(false), &words), said.body.clone());
            prop_assert_eq!(shown_of(&body(shown, &service(true), &words)), Some(said.body));
        }
    }
}
