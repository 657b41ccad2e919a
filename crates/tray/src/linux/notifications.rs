//! Notifications through org.freedesktop.Notifications (Desktop Notifications Specification 1.2).
//!
//! Theory of operation. [`NotificationTracker`] decides; this module makes the calls and keeps the numbers that
//! the service assigned. A service counts as present while it replies. It may be started by the
//! very call that needs it, so a bus name without an owner does not mean that there is no service.
//! When the service goes, its numbers become invalid. Notifications that wait for a service are
//! retried when one appears, and otherwise with growing backoff, so that a service that crashes on
//! what we show is not made to crash again and again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::codes::NotificationLevel;
use goplswatch_core::message::{Message as M, SharedMessage};
use goplswatch_view::{NotificationText, Question, SurfaceWords};
use zbus::blocking::Connection;
use zbus::message::{Flags, Message, Sequence};
use zbus::zvariant::Value;

use super::backoff::Backoff;
use super::presence::Missing;
use super::{BUS_TIMEOUT, EventCallback, Report, catch_panic, state_of};
use crate::mailbox::{self, Inbox};
use crate::notification_tracker::{Choice, NotificationContent, NotificationEffect, NotificationTracker, button_name};
use crate::{Options, SurfaceEvent};

/// The bus name of the service, which is also the name of its interface.
pub(super) const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// How many numbers that we have closed are remembered until the service confirms it.
const CLOSING: usize = 64;

/// An input of the notifications thread.
pub(super) enum Event {
    /// Exactly these should be visible now.
    Show(Vec<NotificationText>),
    /// Show this once.
    Say(Box<NotificationText>),
    /// Ask this question.
    Ask(Box<Question>),
    /// The bus connection, or why there is none.
    Bus(Result<Connection, Missing>),
    /// The owner of the service's bus name changed; empty: no owner.
    Owner {
        /// The previous owner.
        old: String,
        /// The new owner.
        new: String,
    },
    /// The service reports that a notification was closed.
    Closed {
        /// The service's number for it.
        number: u32,
        /// The position of the signal in the order of messages received.
        at: Sequence,
    },
    /// An action was chosen.
    Action {
        /// The service's number for the notification.
        number: u32,
        /// The action's key.
        key: String,
    },
    /// Withdraw everything and end.
    End,
}

impl mailbox::Message for Event {
    fn is_superseded_by_next(&self) -> bool {
        matches!(self, Self::Show(_))
    }
}

/// Shows notifications until it receives [`Event::End`].
pub(super) fn live<E: EventCallback>(inbox: &Inbox<Event>, options: Options, on_event: E) {
    let mut thread = NotificationThread {
        tracker: NotificationTracker::new(options.seen_up_to),
        words: options.words,
        early: Vec::new(),
        bus: None,
        service: None,
        live: BTreeMap::new(),
        closing: BTreeSet::new(),
        retry: Some(Instant::now() + BUS_TIMEOUT),
        patience: Backoff::default(),
        report: Report::new("notifications", on_event),
    };
    while let Some(event) = thread.next(inbox) {
        let acts = thread.handle(event);
        thread.perform(acts);
    }
    thread.leave();
}

/// A service that replies.
struct Service {
    /// The connection that owns the service's bus name.
    owner: String,
    /// Whether it supports buttons.
    actions: bool,
    /// Whether it interprets bodies as markup.
    markup: bool,
}

/// A notification that the service shows.
struct Live {
    id: String,
    /// The position of the reply that replaced an older notification with the same number. Signals
    /// received before it concern the older one.
    replaced: Option<Sequence>,
    rang: bool,
}

struct NotificationThread<E> {
    tracker: NotificationTracker,
    words: SurfaceWords,
    /// Questions asked before it was known whether there is a service.
    early: Vec<Question>,
    bus: Option<Connection>,
    service: Option<Service>,
    live: BTreeMap<u32, Live>,
    /// The numbers that we have closed and whose closing the service has not confirmed yet. The
    /// service may reuse a number in the meantime.
    closing: BTreeSet<u32>,
    /// When to look for a service again.
    retry: Option<Instant>,
    patience: Backoff,
    report: Report<E>,
}

impl<E: EventCallback> NotificationThread<E> {
    /// The next event; `None` at the end. Does what becomes due while waiting.
    fn next(&mut self, inbox: &Inbox<Event>) -> Option<Event> {
        loop {
            let acts = self.do_what_is_due();
            self.perform(acts);
            self.ask_early();
            let wake = [self.retry, self.tracker.wake_at()].into_iter().flatten().min();
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

    fn do_what_is_due(&mut self) -> Vec<NotificationEffect> {
        let now = Instant::now();
        let mut acts = self.tracker.expire_questions(now);
        if self.retry.take_if(|at| *at <= now).is_some() {
            if self.bus.is_some() {
                acts.extend(self.query_service());
            } else if self.report.last.is_none() {
                self.report.set(CapabilityState::Unsupported, no_bus(M::BusMute));
            }
        }
        acts
    }

    /// Asks the questions that waited for the first report on the service.
    fn ask_early(&mut self) {
        if self.report.last.is_some() {
            for question in std::mem::take(&mut self.early) {
                let acts = self.tracker.ask(&question, Instant::now());
                self.perform(acts);
            }
        }
    }

    fn handle(&mut self, event: Event) -> Vec<NotificationEffect> {
        match event {
            Event::Show(notes) => self.tracker.show(&notes),
            Event::Say(note) => self.tracker.show_once(&note),
            // A question that cannot be shown counts as answered no, and whether it can be shown is
            // unknown before the first report of the bus thread.
            Event::Ask(question) if self.report.last.is_none() => {
                self.early.push(*question);
                Vec::new()
            }
            Event::Ask(question) => self.tracker.ask(&question, Instant::now()),
            Event::Bus(Ok(bus)) => {
                self.bus = Some(bus);
                self.retry = None;
                self.query_service()
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

    /// The service's bus name has another owner. The signal also arrives when our own call started
    /// the service; that owner is already known.
    fn changed_hands(&mut self, old: &str, new: &str) -> Vec<NotificationEffect> {
        if self.service.as_ref().is_some_and(|service| service.owner == new) {
            return Vec::new();
        }
        if self.service.as_ref().is_some_and(|service| service.owner == old) {
            self.lose();
        }
        if new.is_empty() {
            // Many services end when they have nothing to show and are started when called, so this
            // is not a failure.
            return Vec::new();
        }
        self.retry = Some(Instant::now() + self.patience.after_failure(Instant::now()));
        Vec::new()
    }

    fn lose(&mut self) {
        self.service = None;
        self.live.clear();
        self.closing.clear();
        self.tracker.service_lost();
    }

    fn closed(&mut self, number: u32, at: Sequence) -> Vec<NotificationEffect> {
        if self.closing.remove(&number) {
            return Vec::new();
        }
        let Some(live) = self.live.get(&number) else { return Vec::new() };
        if live.replaced.is_none_or(|since| at > since) {
            return self.live.remove(&number).map(|live| self.tracker.closed(&live.id)).unwrap_or_default();
        }
        // The notification was closed while we replaced it, which made it visible again. A silent
        // replacement must not do that, so it is withdrawn. One that alerts the user stays.
        if live.rang {
            return Vec::new();
        }
        let id = live.id.clone();
        let mut acts = vec![NotificationEffect::Withdraw(id.clone())];
        acts.extend(self.tracker.closed(&id));
        acts
    }

    fn chosen(&mut self, number: u32, key: &str) -> Vec<NotificationEffect> {
        let Some(live) = self.live.get(&number) else { return Vec::new() };
        let choice = match key {
            CLICK => Choice::Click,
            _ => match Choice::of_button(key) {
                Some(button) => button,
                None => return Vec::new(),
            },
        };
        self.tracker.chosen(&live.id, choice)
    }

    /// Performs acts, and the acts that follow from them.
    fn perform(&mut self, mut acts: Vec<NotificationEffect>) {
        while !acts.is_empty() {
            for act in std::mem::take(&mut acts) {
                match act {
                    NotificationEffect::Show(shown) => {
                        // A service started by this call also gets the notifications lost with the
                        // one before it.
                        if self.service.is_none() {
                            acts.extend(self.query_service());
                        }
                        if !self.show(&shown) {
                            acts.extend(self.tracker.failed(&shown.id, shown.rings));
                        }
                    }
                    NotificationEffect::Withdraw(id) => self.withdraw(&id),
                    NotificationEffect::UserAction(action) => (self.report.on_event)(SurfaceEvent::UserAction(action)),
                }
            }
        }
    }

    /// Shows a notification; returns false if that was not possible.
    fn show(&mut self, shown: &NotificationContent) -> bool {
        let (Some(bus), Some(service)) = (&self.bus, &self.service) else { return false };
        let replaces = self.live.iter().find(|(_, live)| live.id == shown.id).map(|(number, _)| *number);
        let result = catch_panic(|| notify(bus, service, shown, &self.words, replaces.unwrap_or(0)));
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

    /// Calls the service, which starts it where the desktop supports that. If there is one, shows
    /// everything that waited for it.
    fn query_service(&mut self) -> Vec<NotificationEffect> {
        let Some(bus) = &self.bus else { return Vec::new() };
        match catch_panic(|| capabilities(bus)) {
            Ok(Ok(service)) => {
                let answers = if service.actions { M::NotesWithButtons } else { M::NotesWithoutButtons };
                self.report.set(CapabilityState::Ok, answers);
                self.service = Some(service);
                return self.tracker.service_available();
            }
            Ok(Err(error)) => self.fail(state_of(&error), M::reported(error)),
            Err(why) => self.fail(CapabilityState::Unsupported, why),
        };
        Vec::new()
    }

    fn fail(&mut self, state: CapabilityState, why: M) -> bool {
        self.report.set(state, M::NotesUnanswered { why: SharedMessage::new(why) });
        self.retry = Some(Instant::now() + self.patience.after_failure(Instant::now()));
        false
    }

    fn withdraw(&mut self, id: &str) {
        let found = self.live.iter().find(|(_, live)| live.id == id).map(|(number, _)| *number);
        let Some(number) = found.filter(|number| self.live.remove(number).is_some()) else { return };
        if let Some(bus) = &self.bus {
            // If this cannot be sent, the bus is gone, and the notification with it.
            let _ = catch_panic(|| close(bus, number));
            // Limits the memory used for a service that never confirms.
            if self.closing.len() >= CLOSING {
                self.closing.pop_first();
            }
            self.closing.insert(number);
        }
    }

    /// Withdraws everything and closes the connection, which also ends the thread that listens on
    /// it.
    fn leave(mut self) {
        let acts = self.tracker.withdraw_all();
        self.perform(acts);
        if let Some(bus) = self.bus {
            let _ = bus.close();
        }
    }
}

/// The key of the action for a click on the notification itself (specification, "Actions").
const CLICK: &str = "default";

/// Asks for the capabilities of the service.
fn capabilities(bus: &Connection) -> zbus::Result<Service> {
    let answer = bus.call_method(Some(SERVICE), PATH, Some(SERVICE), "GetCapabilities", &())?;
    let owner = answer.header().sender().map(ToString::to_string).unwrap_or_default();
    let can: Vec<String> = answer.body().deserialize()?;
    let has = |name: &str| can.iter().any(|can| can == name);
    Ok(Service { owner, actions: has("actions"), markup: has("body-markup") })
}

/// Shows a notification; returns the number that the service assigned and the position of the
/// reply.
fn notify(
    bus: &Connection,
    service: &Service,
    shown: &NotificationContent,
    words: &SurfaceWords,
    replaces: u32,
) -> zbus::Result<(u32, Sequence)> {
    let body = body(shown, service, words);
    let actions = if service.actions { actions(shown, words) } else { Vec::new() };
    // -1: the default of the service; 0: until it is closed.
    let timeout: i32 = if shown.question { 0 } else { -1 };
    let arguments =
        (crate::APP_NAME, replaces, "", shown.title.as_str(), body.as_str(), actions, hints(shown), timeout);
    let answer = bus.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &arguments)?;
    Ok((answer.body().deserialize()?, answer.recv_position()))
}

/// Keys and labels alternate. Services show no button for the default action.
fn actions(shown: &NotificationContent, words: &SurfaceWords) -> Vec<String> {
    let click = shown.clickable.then(|| [CLICK.to_owned(), words.show.clone()]);
    let buttons = shown.buttons.iter().map(|label| [button_name(label), label.clone()]);
    click.into_iter().chain(buttons).flatten().collect()
}

fn body(shown: &NotificationContent, service: &Service, words: &SurfaceWords) -> String {
    let mut body = shown.body.clone();
    if shown.question && !service.actions {
        body.push('\n');
        body.push_str(&words.no_buttons);
    }
    if service.markup { in_markup(&body) } else { body }
}

/// Escapes text for the markup of notifications, which has tags and entities
/// (<https://specifications.freedesktop.org/notification-spec/latest/markup.html>).
fn in_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hints(shown: &NotificationContent) -> HashMap<&'static str, Value<'static>> {
    const LOW: u8 = 0;
    const NORMAL: u8 = 1;
    let urgency = if shown.rings && shown.telling == NotificationLevel::Active { NORMAL } else { LOW };
    HashMap::from([
        ("urgency", Value::from(urgency)),
        ("category", Value::from("x-goplswatch.incident")),
        ("desktop-entry", Value::from(crate::APP_ID)),
        ("suppress-sound", Value::from(!shown.rings)),
        ("transient", Value::from(false)),
    ])
}

/// Closes a notification. Does not wait for a reply and does not start the service.
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
    M::NotesWithoutBus { why: SharedMessage::new(why) }
}

#[cfg(test)]
mod tests {
    use goplswatch_testing::odd_names;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// The text that a service shows for this markup; `None` if the markup contains anything but
    /// text.
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
            let said = goplswatch_view::outcome_note("x", &name, &format!("In {name} gopls ended."));
            let mut notices = NotificationTracker::new(0);
            let acts = notices.show_once(&said);
            let [NotificationEffect::Show(shown)] = acts.as_slice() else { panic!("{acts:?}") };
            let service = |markup| Service { owner: String::new(), actions: true, markup };
            let words = SurfaceWords::new(goplswatch_view::Catalogue::english());
            prop_assert_eq!(body(shown, &service(false), &words), said.body.clone());
            prop_assert_eq!(shown_of(&body(shown, &service(true), &words)), Some(said.body));
        }
    }
}
