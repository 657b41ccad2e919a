//! The icon and its menu.
//!
//! Theory of operation. The items live as long as this thread; the icon lives as long as the bus
//! connection. The icon is created once there is a bus, a watcher that accepts icons, and a first
//! scene. When the watcher goes and another one appears, as with each lock and unlock of a GNOME
//! desktop, the icon stays and is registered again (ksni 0.3.7, `service.rs`, does that). An icon
//! created anew each time would leak a socket about every third time, since ksni does not always
//! release the connection of a removed icon. tray-icon names its item by our pid
//! (`org.kde.StatusNotifierItem-PID-N`) and signals menu changes from a thread of its own.
//!
//! Some panels open the menu with the right button only and pass a left click on to the item.
//! tray-icon offers no way to prevent this (`ItemIsMenu` is false: ksni 0.3.7, `MENU_ON_ACTIVATE`).
//! Such a click is answered with a notification that states in words what the icon shows.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::codes::NotificationLevel;
use goplswatch_core::message::{Message as M, SharedMessage, Verbatim};
use goplswatch_view::{Icon, Menu, NotificationText, Shape};
use tray_icon::menu::MenuEvent;
use tray_icon::{MouseButton, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::backoff::Backoff;
use super::presence::{Missing, Panel};
use super::{BUS_TIMEOUT, EventCallback, Report, catch_panic, notifications};
use crate::SurfaceEvent;
use crate::items::{Items, MenuBackend};
use crate::mailbox::{Inbox, Message, Sender};
use crate::picture::{Ink, Pictures};

/// An input of the icon.
pub(super) enum Event {
    /// Show this from now on.
    Show(Box<(Icon, Menu)>),
    /// Whether there is a panel for it now.
    Panel(Panel),
    /// The item with this id was clicked.
    Clicked(String),
    /// The icon itself was clicked, and the panel passed the click on.
    IconClicked,
    /// End.
    End,
}

impl Message for Event {
    fn is_superseded_by_next(&self) -> bool {
        matches!(self, Self::Show(_))
    }
}

/// Shows the icon until it receives [`Event::End`]. Clicks arrive through `clicks`.
pub(super) fn live<E: EventCallback>(
    inbox: &Inbox<Event>,
    clicks: &Sender<Event>,
    notifications: Sender<notifications::Event>,
    right_button: String,
    on_event: E,
) {
    listen(clicks);
    let mut place = IconThread {
        items: Items::new(MenuBackend::DbusMenu),
        pictures: Pictures::default(),
        scene: None,
        panel: None,
        tray: None,
        retry: Some(Instant::now() + BUS_TIMEOUT),
        patience: Backoff::default(),
        report: Report::new("tray", on_event),
        notifications,
        right_button,
    };
    loop {
        match place.next(inbox) {
            Some(Event::Show(scene)) => place.show(*scene),
            Some(Event::Panel(panel)) => place.move_to(panel),
            Some(Event::Clicked(id)) => place.clicked(&id),
            Some(Event::IconClicked) => place.touched(),
            Some(Event::End) => return,
            None => place.try_again(),
        }
    }
}

/// Forwards clicks. muda and tray-icon allow this to be set once per process; without handlers they
/// would queue their events for ever.
fn listen(clicks: &Sender<Event>) {
    let (menu, icon) = (clicks.clone(), clicks.clone());
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = menu.send(Event::Clicked(event.id.0));
    }));
    TrayIconEvent::set_event_handler(Some(move |event| {
        if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
            let _ = icon.send(Event::IconClicked);
        }
    }));
}

/// An icon that is shown.
struct ShownIcon {
    tray: TrayIcon,
    icon: Icon,
}

struct IconThread<E> {
    items: Items,
    pictures: Pictures,
    scene: Option<(Icon, Menu)>,
    /// `None` until the first report of the bus thread.
    panel: Option<Panel>,
    tray: Option<ShownIcon>,
    /// When to try again.
    retry: Option<Instant>,
    patience: Backoff,
    report: Report<E>,
    notifications: Sender<notifications::Event>,
    /// The text that says which button opens the menu.
    right_button: String,
}

impl<E: EventCallback> IconThread<E> {
    /// The next event; `None` when it is time to try again.
    fn next(&self, inbox: &Inbox<Event>) -> Option<Event> {
        let Some(retry) = self.retry else { return Some(inbox.recv().unwrap_or(Event::End)) };
        match inbox.recv_timeout(retry.saturating_duration_since(Instant::now())) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Event::End),
        }
    }

    fn show(&mut self, scene: (Icon, Menu)) {
        // The menu must be complete before the icon is created.
        if let Err(error) = self.items.show(&scene.1, false, Instant::now()) {
            self.fail(CapabilityState::Unsupported, M::MenuUnchanged { error: Verbatim::of(error) });
        }
        self.scene = Some(scene);
        match &self.tray {
            Some(_) => self.renew(),
            None => self.appear(),
        }
    }

    /// Updates what differs on an icon that is already shown.
    fn renew(&mut self) {
        let (Some(standing), Some((icon, _))) = (&mut self.tray, &self.scene) else { return };
        if standing.icon.shape != icon.shape {
            // tray-icon's setters on Linux only forward the value and cannot fail (0.26.1,
            // `platform_impl/ksni/mod.rs`).
            let _ = standing.tray.set_icon(drawn(&mut self.pictures, icon.shape));
        }
        if standing.icon.label != icon.label {
            let _ = standing.tray.set_tooltip(Some(&icon.label));
        }
        standing.icon = icon.clone();
    }

    fn move_to(&mut self, panel: Panel) {
        if matches!(panel, Panel::NoBus(_)) {
            self.tray = None;
        }
        self.retry = None;
        self.panel = Some(panel);
        self.appear();
    }

    fn try_again(&mut self) {
        self.retry = None;
        if self.panel.is_none() {
            self.panel = Some(Panel::NoBus(Missing { state: CapabilityState::Unsupported, why: M::BusSilent }));
        }
        self.appear();
    }

    /// Creates the icon if there is a panel for it and something to show, and reports the outcome.
    fn appear(&mut self) {
        match &self.panel {
            None => {}
            Some(Panel::NoBus(missing)) => {
                self.report.set(missing.state, M::IconWithoutBus { why: SharedMessage::new(missing.why.clone()) });
            }
            Some(Panel::NoWatcher) => self.report.set(CapabilityState::Unsupported, M::IconWithoutWatcher),
            Some(Panel::NoHost) => {
                self.make();
                if self.tray.is_some() {
                    self.report.set(CapabilityState::Unsupported, M::IconWithoutHost);
                }
            }
            Some(Panel::Ready) => {
                self.make();
                if self.tray.is_some() {
                    self.report.set(CapabilityState::Ok, M::IconTaken);
                }
            }
        }
    }

    /// Creates the icon unless it exists, there is nothing to show yet, or a retry is pending.
    fn make(&mut self) {
        let Some((icon, _)) = self.scene.as_ref().filter(|_| self.tray.is_none() && self.retry.is_none()) else {
            return;
        };
        let icon = icon.clone();
        let mut builder = TrayIconBuilder::new()
            .with_id(crate::APP_ID)
            .with_title(crate::APP_NAME)
            .with_tooltip(&icon.label)
            .with_menu(Box::new(self.items.menu()));
        if let Some(picture) = drawn(&mut self.pictures, icon.shape) {
            builder = builder.with_icon(picture);
        }
        match catch_panic(|| builder.build()) {
            Ok(Ok(tray)) => self.tray = Some(ShownIcon { tray, icon }),
            Ok(Err(error)) => {
                self.fail(CapabilityState::Unsupported, M::IconRefused { error: Verbatim::of(error) });
            }
            Err(why) => self.fail(CapabilityState::Unsupported, M::IconUnmade { why: SharedMessage::new(why) }),
        }
    }

    fn fail(&mut self, state: CapabilityState, what: M) {
        self.report.set(state, M::IconFailed { what: SharedMessage::new(what) });
        self.retry = Some(Instant::now() + self.patience.after_failure(Instant::now()));
    }

    fn clicked(&mut self, id: &str) {
        if let Some(action) = self.items.action_of_click(id, Instant::now()) {
            (self.report.on_event)(SurfaceEvent::UserAction(action));
        }
    }

    fn touched(&self) {
        if let Some((icon, _)) = &self.scene {
            let _ = self.notifications.send(notifications::Event::Say(Box::new(in_words(icon, &self.right_button))));
        }
    }
}

/// What the icon shows, as a notification.
fn in_words(icon: &Icon, right_button: &str) -> NotificationText {
    NotificationText {
        id: "icon".to_owned(),
        title: icon.label.clone(),
        body: right_button.to_owned(),
        group: None,
        telling: NotificationLevel::Passive,
        rang: 0,
        buttons: Vec::new(),
        click: None,
    }
}

fn drawn(pictures: &mut Pictures, shape: Shape) -> Option<tray_icon::Icon> {
    let picture = pictures.icon(shape, Ink::Plate);
    tray_icon::Icon::from_rgba(picture.rgba.clone(), picture.width, picture.height).ok()
}
