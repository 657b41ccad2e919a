//! The surface on macOS: an icon in the menu bar, UserNotifications, alerts.
//!
//! Theory of operation. The main thread sleeps in AppKit's event loop, through tao; nothing polls.
//! A thread receives commands from their channel ([`crate::relay`]) and sends them to the loop as
//! [`Signal`]s. Everything else arrives there as signals too: clicks, replies of the notification
//! centre from any queue, answers to questions. [`state::Surface`] owns what is shown and is used
//! by the loop only. A scene is not part of a signal but lies in [`Shared::scene`], where a newer
//! one replaces it; the signal only announces it, and is not sent while the menu is open.
//!
//! Before all that, [`desktop`] checks what is available. Without a screen, or without AppKit, the
//! surface only waits for the end. If AppKit fails later, the same happens, and it is reported.
//!
//! `run_return` returns to the caller: after [`Command::End`] the loop ends even while the menu or
//! an alert is open. The one exception is macOS ending the program itself (logout, `terminate:`),
//! because that call never returns. Then [`UserAction::Quit`] is reported, and the loop waits a
//! moment for the shutdown work.
#![expect(
    unsafe_code,
    reason = "AppKit, UserNotifications and the loader are C interfaces; each block says why it is sound"
)]

mod desktop;
mod idle;
mod notifications;
mod question;
mod script;
mod state;
mod tracking;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use goplswatch_core::message::{Message, Verbatim};
use goplswatch_view::{Scene, UserAction};
use objc2::rc::autoreleasepool;
use objc2_foundation::NSLocale;
use tao::event::{Event, StartCause};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy};
use tao::platform::macos::{ActivationPolicy, EventLoopExtMacOS as _};
use tao::platform::run_return::EventLoopExtRunReturn as _;
use tray_icon::TrayIconEvent;
use tray_icon::menu::MenuEvent;

use crate::mailbox::Inbox;
use crate::relay::relay;
use crate::{Command, Options, SurfaceEvent, guard};
use notifications::Report;
use state::Surface;

/// See [`crate::preferred_languages`]: "Preferred Languages" of System Settings. Empty without
/// Foundation.
pub(crate) fn preferred_languages() -> Vec<String> {
    if !desktop::has_foundation() {
        return Vec::new();
    }
    autoreleasepool(|_| NSLocale::preferredLanguages().iter().map(|tag| tag.to_string()).collect())
}

/// How long macOS is kept waiting for [`Command::End`] when it ends the program.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// An input of the loop.
#[derive(Debug)]
enum Signal {
    /// A scene is available.
    Look,
    /// Any command but [`Command::Show`].
    Command(Command),
    /// The menu was closed.
    Closed,
    /// The row with this key was clicked.
    Clicked(String),
    /// The notification centre has replied.
    Reported(Report),
    /// A question was answered, with the action of the answer.
    Answered(Option<UserAction>),
}

/// What the loop shares with other threads.
#[derive(Debug, Default)]
struct Shared {
    /// The latest scene that is not shown yet.
    scene: Mutex<Option<Box<Scene>>>,
    /// Whether the menu is open.
    open: AtomicBool,
}

impl Shared {
    /// Replaces the scene that is not shown yet. Returns whether there was none; otherwise the loop
    /// has already been signalled.
    fn put(&self, scene: Box<Scene>) -> bool {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner).replace(scene).is_none()
    }

    /// The scene to show now; `None` while the menu is open.
    fn take(&self) -> Option<Box<Scene>> {
        if self.is_open() {
            return None;
        }
        self.scene.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }
}

/// See [`crate::run`].
pub(crate) fn run(
    options: &Options,
    commands: &Inbox<Command>,
    on_event: impl Fn(SurfaceEvent) + Send + Sync + Clone + 'static,
) {
    let blind = |why: Message| {
        on_event(SurfaceEvent::Capability(guard::no_notifications(why.clone())));
        on_event(SurfaceEvent::Capability(guard::tray(Err(why))));
    };
    if let Err(why) = desktop::may_show() {
        blind(why);
        return relay(commands, drop);
    }
    let Ok(mut event_loop) = catch_unwind(build) else {
        blind(Message::SurfaceFailed);
        return relay(commands, drop);
    };
    let shared = Arc::new(Shared::default());
    // Nothing is ever sent through it. It is disconnected when the thread that receives commands
    // has ended.
    let (alive, ended) = mpsc::channel::<()>();
    let (lent, theirs, proxy) = (Lent(commands), shared.clone(), event_loop.create_proxy());
    let taker = move || take_commands(&lent, &theirs, &proxy, alive);
    let begun = std::thread::scope(|scope| {
        std::thread::Builder::new().name("commands".to_owned()).spawn_scoped(scope, taker)?;
        let looped = AssertUnwindSafe(|| run_loop(&mut event_loop, options, &shared, &on_event, &ended));
        if catch_unwind(looped).is_err() {
            blind(Message::SurfaceFailed);
        }
        // The scope waits for the thread that receives commands, until the end.
        std::io::Result::Ok(())
    });
    if let Err(error) = begun {
        blind(Message::NoSurfaceThread { error: Verbatim::of(error) });
        relay(commands, drop);
    }
}

fn build() -> EventLoop<Signal> {
    let mut event_loop = EventLoopBuilder::<Signal>::with_user_event().build();
    event_loop.set_activation_policy(ActivationPolicy::Accessory);
    event_loop.set_activate_ignoring_other_apps(false);
    event_loop.set_dock_visibility(false);
    listen(event_loop.create_proxy());
    event_loop
}

fn run_loop(
    event_loop: &mut EventLoop<Signal>,
    options: &Options,
    shared: &Arc<Shared>,
    on_event: &(impl Fn(SurfaceEvent) + Send + Sync + Clone + 'static),
    ended: &Receiver<()>,
) {
    // Shared, not cloned: each clone of a proxy adds a source to the loop that is never removed
    // (tao 0.37.2, `Proxy::new`).
    let proxy = Arc::new(event_loop.create_proxy());
    let mut surface = None;
    let mut ending = false;
    event_loop.run_return(|event, _, flow| {
        *flow = ControlFlow::Wait;
        autoreleasepool(|_| match (event, &mut surface) {
            (Event::NewEvents(StartCause::Init), surface) => {
                *surface = Surface::new(options, shared.clone(), proxy.clone(), on_event.clone());
                // A scene that arrived before the surface existed is not signalled again.
                surface.iter_mut().for_each(|surface| surface.receive(Signal::Look));
            }
            (Event::UserEvent(Signal::Command(Command::End)), surface) => {
                ending = true;
                surface.iter_mut().for_each(Surface::end);
                *flow = ControlFlow::Exit;
            }
            (Event::UserEvent(signal), Some(surface)) => surface.receive(signal),
            (Event::Reopen { .. }, Some(surface)) => surface.open_menu(),
            (Event::LoopDestroyed, surface) => {
                if !ending {
                    on_event(SurfaceEvent::UserAction(UserAction::Quit));
                    let _ = ended.recv_timeout(SHUTDOWN_TIMEOUT);
                }
                *surface = None;
            }
            _ => {}
        });
    });
}

/// The channel of commands, lent to another thread.
struct Lent<'a>(&'a Inbox<Command>);

// SAFETY: an inbox may be moved to another thread and must not be used by two at once. The thread
// that borrows it is the only one that uses it until the scope of that thread ends.
unsafe impl Send for Lent<'_> {}

/// Receives commands until the end, and drops `alive` then.
fn take_commands(lent: &Lent<'_>, shared: &Shared, proxy: &EventLoopProxy<Signal>, alive: mpsc::Sender<()>) {
    relay(lent.0, |command| {
        let signal = match command {
            Command::Show(scene) => {
                if !shared.put(scene) || shared.is_open() {
                    return;
                }
                Signal::Look
            }
            other => Signal::Command(other),
        };
        // Signals to a loop that has ended are dropped.
        let _ = proxy.send_event(signal);
    });
    drop(alive);
}

/// Forwards clicks to the loop.
fn listen(proxy: EventLoopProxy<Signal>) {
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = proxy.send_event(Signal::Clicked(event.id.0));
    }));
    // Pointer events are not needed. Without a handler tray-icon keeps each of them for ever
    // (0.26.1, `TrayIconEvent::send`).
    TrayIconEvent::set_event_handler(Some(|_| {}));
}
