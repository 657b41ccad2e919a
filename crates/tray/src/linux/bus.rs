//! Our connection to the session bus and the signals received on it.
//!
//! Theory of operation. One thread connects, subscribes to signals, and passes them on until the
//! connection ends; then it tries again. The address is the one that zbus determines for ksni too
//! (DBUS_SESSION_BUS_ADDRESS, else `$XDG_RUNTIME_DIR/bus`: zbus 5.19, `address/mod.rs`), so icon
//! and notifications use the same bus.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::message::Message as M;
use zbus::blocking::{Connection, MessageIterator, connection, fdo::DBusProxy};
use zbus::message::{Message, Type};
use zbus::{MatchRule, names::BusName};

use super::backoff::Backoff;
use super::presence::{Missing, Panel};
use super::{catch_panic, icon, notifications};
use crate::mailbox::Sender;

/// Timeout of a call to a service.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);

/// The bus name of the service that accepts icons.
pub(super) const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";

/// Where events are sent.
pub(super) struct EventSenders {
    pub(super) icon: Sender<icon::Event>,
    pub(super) notifications: Sender<notifications::Event>,
}

/// Listens until `stop` is disconnected.
pub(super) fn run(senders: &EventSenders, stop: &Receiver<()>) {
    let mut patience = Backoff::default();
    loop {
        let missing = match catch_panic(|| session(senders)) {
            Ok(Ok(())) => Missing { state: CapabilityState::Unsupported, why: M::BusEnded },
            Ok(Err(error)) => Missing::from(error),
            Err(why) => Missing { state: CapabilityState::Unsupported, why },
        };
        let _ = senders.icon.send(icon::Event::Panel(Panel::NoBus(missing.clone())));
        let _ = senders.notifications.send(notifications::Event::Bus(Err(missing)));
        let wait = patience.after_failure(Instant::now());
        if !matches!(stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// One connection, from its beginning to its end.
fn session(senders: &EventSenders) -> zbus::Result<()> {
    let bus = connection::Builder::session()?.method_timeout(CALL_TIMEOUT).build()?;
    // Created before the subscription, so that no signal is missed.
    let messages = MessageIterator::from(&bus);
    subscribe(&bus)?;
    let _ = senders.icon.send(icon::Event::Panel(panel(&bus)));
    let _ = senders.notifications.send(notifications::Event::Bus(Ok(bus.clone())));
    for message in messages {
        let Ok(message) = message else { break };
        if message.message_type() == Type::Signal {
            pass_on(&message, &bus, senders);
        }
    }
    Ok(())
}

/// Subscribes to the signals that we need.
fn subscribe(bus: &Connection) -> zbus::Result<()> {
    let daemon = DBusProxy::new(bus)?;
    for name in [WATCHER, notifications::SERVICE] {
        let changes = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")?
            .interface("org.freedesktop.DBus")?
            .member("NameOwnerChanged")?
            .add_arg(name)?
            .build();
        daemon.add_match_rule(changes)?;
        // The bus resolves the sender's name. Both services use their bus name as the name of their
        // interface.
        let signals = MatchRule::builder().msg_type(Type::Signal).sender(name)?.interface(name)?.build();
        daemon.add_match_rule(signals)?;
    }
    Ok(())
}

fn pass_on(message: &Message, bus: &Connection, senders: &EventSenders) {
    let header = message.header();
    let (Some(interface), Some(member)) = (header.interface(), header.member()) else { return };
    let body = message.body();
    match (interface.as_str(), member.as_str()) {
        ("org.freedesktop.DBus", "NameOwnerChanged") => {
            let Ok((name, old, new)) = body.deserialize::<(&str, &str, &str)>() else { return };
            if name == WATCHER {
                let _ = senders.icon.send(icon::Event::Panel(panel(bus)));
            } else if name == notifications::SERVICE {
                let (old, new) = (old.to_owned(), new.to_owned());
                let _ = senders.notifications.send(notifications::Event::Owner { old, new });
            }
        }
        (WATCHER, "StatusNotifierHostRegistered" | "StatusNotifierHostUnregistered") => {
            let _ = senders.icon.send(icon::Event::Panel(panel(bus)));
        }
        (notifications::SERVICE, "NotificationClosed") => {
            if let Ok((number, _reason)) = body.deserialize::<(u32, u32)>() {
                let _ =
                    senders.notifications.send(notifications::Event::Closed { number, at: message.recv_position() });
            }
        }
        (notifications::SERVICE, "ActionInvoked") => {
            if let Ok((number, key)) = body.deserialize::<(u32, String)>() {
                let _ = senders.notifications.send(notifications::Event::Action { number, key });
            }
        }
        _ => {}
    }
}

/// Asks whether there is a panel that shows icons.
fn panel(bus: &Connection) -> Panel {
    let owned = || -> zbus::Result<bool> { Ok(DBusProxy::new(bus)?.name_has_owner(BusName::try_from(WATCHER)?)?) };
    if !owned().unwrap_or(false) {
        return Panel::NoWatcher;
    }
    let question = ("org.kde.StatusNotifierWatcher", "IsStatusNotifierHostRegistered");
    let answer = bus
        .call_method(Some(WATCHER), WATCHER_PATH, Some("org.freedesktop.DBus.Properties"), "Get", &question)
        .and_then(|answer| answer.body().deserialize::<zbus::zvariant::OwnedValue>());
    // A watcher that does not reply is assumed to have a host: the major ones always report one
    // (ksni 0.3.7, `service.rs`).
    match answer.ok().and_then(|value| bool::try_from(value).ok()) {
        Some(false) => Panel::NoHost,
        _ => Panel::Ready,
    }
}
