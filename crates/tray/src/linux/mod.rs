//! The Linux desktop: an icon through StatusNotifierItem and com.canonical.dbusmenu (tray-icon with
//! ksni), notifications through org.freedesktop.Notifications.
//!
//! Theory of operation. The calling thread only receives commands and throttles scenes. Three other
//! threads may each wait for the desktop without blocking the rest: [`bus`] holds our connection to
//! the session bus and listens, [`icon`] owns the icon and its menu, [`notifications`] makes the
//! calls for notifications. None of them depends on the others: without a bus, a panel or a
//! notification service, whatever is available keeps working, and what is missing is reported and
//! retried. A bus that hangs blocks only the threads that wait for it, and these are abandoned at
//! the end.

mod backoff;
mod bus;
mod icon;
mod notifications;
mod presence;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::Message as M;

use crate::mailbox::{Inbox, Message, Sender, mailbox};
use crate::throttle::Throttle;
use crate::{Command, Options, SurfaceEvent};

/// How long the end waits until everything is withdrawn.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(80);
/// How long the session bus may take to answer before that is reported.
const BUS_TIMEOUT: Duration = Duration::from_secs(5);

/// The callback that receives user actions and capabilities.
pub(crate) trait EventCallback: Fn(SurfaceEvent) + Send + Sync + Clone + 'static {}
impl<F: Fn(SurfaceEvent) + Send + Sync + Clone + 'static> EventCallback for F {}

/// See [`crate::preferred_languages`]: a Linux desktop sets them in environment variables.
pub(crate) const fn preferred_languages() -> Vec<String> {
    Vec::new()
}

/// See [`crate::run`].
pub(crate) fn run(options: &Options, commands: &Inbox<Command>, on_event: impl EventCallback) {
    let desktop = Desktop::start(options, &on_event);
    let mut pace = Throttle::default();
    loop {
        if let Some(scene) = pace.take(Instant::now()) {
            desktop.icon.tell(icon::Event::Show(Box::new((scene.icon.clone(), scene.menu.clone()))));
            desktop.notifications.tell(notifications::Event::Show(scene.notes.clone()));
        }
        let command = match pace.due() {
            Some(due) => commands.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match command {
            Ok(Command::Show(scene)) => pace.offer(scene, Instant::now()),
            Ok(Command::Ask(question)) => desktop.notifications.tell(notifications::Event::Ask(question)),
            Ok(Command::Say(note)) => desktop.notifications.tell(notifications::Event::Say(note)),
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Command::End) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    desktop.end();
}

/// The three threads.
struct Desktop {
    icon: EventSender<icon::Event>,
    notifications: EventSender<notifications::Event>,
    /// Dropping it stops the listening thread.
    _listening: mpsc::Sender<()>,
    /// Disconnected when the threads of the icon and of notifications have ended.
    gone: Receiver<()>,
}

impl Desktop {
    fn start(options: &Options, on_event: &impl EventCallback) -> Self {
        let (icon, icon_inbox) = mailbox();
        let (notifications, notifications_inbox) = mailbox();
        // Nothing is ever sent through these two channels; only their disconnection is used.
        let (listening, stop) = mpsc::channel();
        let (going, gone) = mpsc::channel::<()>();
        {
            let (on_event, going, clicks, notifications) =
                (on_event.clone(), going.clone(), icon.clone(), notifications.clone());
            let right_button = options.words.right_button.clone();
            spawn("tray-icon", move || {
                icon::live(&icon_inbox, &clicks, notifications, right_button, on_event);
                drop(going);
            });
        }
        {
            let (on_event, options) = (on_event.clone(), options.clone());
            spawn("notifications", move || {
                notifications::live(&notifications_inbox, options, on_event);
                drop(going);
            });
        }
        let senders = bus::EventSenders { icon: icon.clone(), notifications: notifications.clone() };
        spawn("session-bus", move || bus::run(&senders, &stop));
        Self { icon: EventSender(icon), notifications: EventSender(notifications), _listening: listening, gone }
    }

    /// Has everything withdrawn, and waits for that at most [`SHUTDOWN_TIMEOUT`].
    fn end(self) {
        self.icon.tell(icon::Event::End);
        self.notifications.tell(notifications::Event::End);
        // It returns when disconnected or at the timeout; either is fine.
        let _ = self.gone.recv_timeout(SHUTDOWN_TIMEOUT);
    }
}

/// Sends events to a thread. Events to a thread that has ended are dropped.
struct EventSender<T>(Sender<T>);

impl<T: Message> EventSender<T> {
    fn tell(&self, event: T) {
        let _ = self.0.send(event);
    }
}

/// Starts a thread. If that fails, its inbox is dropped, and what the thread would do is not done.
fn spawn(name: &str, life: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().name(name.to_owned()).spawn(life);
}

/// Calls into a library that may panic.
///
/// # Errors
/// It panicked; the reason as a fragment.
fn catch_panic<T>(call: impl FnOnce() -> T) -> Result<T, M> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).map_err(|_| M::LibraryFailed)
}

/// Reports a capability when it changes.
struct Report<E> {
    name: &'static str,
    last: Option<Capability>,
    on_event: E,
}

impl<E: EventCallback> Report<E> {
    const fn new(name: &'static str, on_event: E) -> Self {
        Self { name, last: None, on_event }
    }

    fn set(&mut self, state: CapabilityState, said: M) {
        let capability = Capability::new(self.name, state, said);
        if self.last.as_ref() != Some(&capability) {
            (self.on_event)(SurfaceEvent::Capability(capability.clone()));
            self.last = Some(capability);
        }
    }
}

/// [`CapabilityState::Denied`] if access was refused, [`CapabilityState::Unsupported`] otherwise.
fn state_of(error: &zbus::Error) -> CapabilityState {
    let denied = match error {
        zbus::Error::InputOutput(error) | zbus::Error::Connection(error, _) => {
            error.kind() == std::io::ErrorKind::PermissionDenied
        }
        zbus::Error::MethodError(name, _, _) => name.as_str() == "org.freedesktop.DBus.Error.AccessDenied",
        zbus::Error::FDO(error) => matches!(**error, zbus::fdo::Error::AccessDenied(_)),
        _ => false,
    };
    if denied { CapabilityState::Denied } else { CapabilityState::Unsupported }
}
