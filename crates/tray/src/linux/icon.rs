//! The icon and its menu.
//!
//! Theory of operation. The items live as long as this thread; the icon lives as long as the bus. It is made when a bus,
//! something that takes icons and a first scene are there. When the taker goes and another one comes, as with each lock
//! and unlock of a GNOME desktop, the icon stays and is offered again (ksni 0.3.7, `service.rs`, does that): one that was
//! made anew each time would leave a socket open about every third time, since ksni does not always let go of the
//! connection of an icon that has gone. tray-icon names its item by our pid (`org.kde.StatusNotifierItem-PID-N`) and
//! reports the menu's changes from a thread of its own.
//!
//! Some panels open the menu with the right button only and pass a left click on, which tray-icon cannot tell them not
//! to do (`ItemIsMenu` is false: ksni 0.3.7, `MENU_ON_ACTIVATE`). Such a click is answered by a notification that says
//! in words what the icon shows.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use goplswatch_core::codes::Telling;
use goplswatch_core::message::{Message as M, Part, Verbatim};
use goplswatch_core::words::CapabilityState;
use goplswatch_view::{Icon, Menu, Note, Shape};
use tray_icon::menu::MenuEvent;
use tray_icon::{MouseButton, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::bus::{Missing, Panel};
use super::patience::Patience;
use super::{Ear, Report, SILENCE, guarded, notifications};
use crate::Heard;
use crate::items::{Habit, Items};
use crate::mailbox::{Inbox, Message, Sender};
use crate::picture::{Ink, Pictures};

/// What the icon is told.
pub(super) enum Event {
    /// Show this from now on.
    Show(Box<(Icon, Menu)>),
    /// Whether there is a place for it now.
    Panel(Panel),
    /// The item with this id was clicked.
    Clicked(String),
    /// The icon itself was clicked, and the panel left it to us.
    Touched,
    /// Go.
    End,
}

impl Message for Event {
    fn is_outdated_by_the_next(&self) -> bool {
        matches!(self, Self::Show(_))
    }
}

/// Shows the icon until told to end. What is clicked comes back by `clicks`.
pub(super) fn live<E: Ear>(
    inbox: &Inbox<Event>,
    clicks: &Sender<Event>,
    notifications: Sender<notifications::Event>,
    right_button: String,
    heard: E,
) {
    listen(clicks);
    let mut place = Place {
        items: Items::new(Habit::DbusMenu),
        pictures: Pictures::default(),
        scene: None,
        panel: None,
        tray: None,
        retry: Some(Instant::now() + SILENCE),
        patience: Patience::default(),
        report: Report::new("tray", heard),
        notifications,
        right_button,
    };
    loop {
        match place.next(inbox) {
            Some(Event::Show(scene)) => place.show(*scene),
            Some(Event::Panel(panel)) => place.move_to(panel),
            Some(Event::Clicked(id)) => place.clicked(&id),
            Some(Event::Touched) => place.touched(),
            Some(Event::End) => return,
            None => place.try_again(),
        }
    }
}

/// Has clicks sent. That can be set once in a program's life, as muda and tray-icon have it; without it the events would
/// be kept for ever.
fn listen(clicks: &Sender<Event>) {
    let (menu, icon) = (clicks.clone(), clicks.clone());
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = menu.send(Event::Clicked(event.id.0));
    }));
    TrayIconEvent::set_event_handler(Some(move |event| {
        if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
            let _ = icon.send(Event::Touched);
        }
    }));
}

/// An icon that is shown.
struct Standing {
    tray: TrayIcon,
    icon: Icon,
}

struct Place<E> {
    items: Items,
    pictures: Pictures,
    scene: Option<(Icon, Menu)>,
    /// None as long as the bus has not been heard of.
    panel: Option<Panel>,
    tray: Option<Standing>,
    /// When to look again.
    retry: Option<Instant>,
    patience: Patience,
    report: Report<E>,
    notifications: Sender<notifications::Event>,
    /// Which button opens the menu, in words.
    right_button: String,
}

impl<E: Ear> Place<E> {
    /// The next event; none when it is time to try again.
    fn next(&self, inbox: &Inbox<Event>) -> Option<Event> {
        let Some(retry) = self.retry else { return Some(inbox.recv().unwrap_or(Event::End)) };
        match inbox.recv_timeout(retry.saturating_duration_since(Instant::now())) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Event::End),
        }
    }

    fn show(&mut self, scene: (Icon, Menu)) {
        // On the first day of an icon its menu has to be there already.
        if let Err(error) = self.items.show(&scene.1, false, Instant::now()) {
            self.fail(CapabilityState::Unsupported, M::MenuUnchanged { error: Verbatim::of(error) });
        }
        self.scene = Some(scene);
        match &self.tray {
            Some(_) => self.renew(),
            None => self.appear(),
        }
    }

    /// Changes of an icon that is shown what differs.
    fn renew(&mut self) {
        let (Some(standing), Some((icon, _))) = (&mut self.tray, &self.scene) else { return };
        if standing.icon.shape != icon.shape {
            // tray-icon's setters on this system only pass on and cannot fail (0.26.1, `platform_impl/ksni/mod.rs`).
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

    /// Makes the icon if there is a place for it and something to show, and says what came of it.
    fn appear(&mut self) {
        match &self.panel {
            None => {}
            Some(Panel::NoBus(missing)) => {
                self.report.set(missing.state, M::IconWithoutBus { why: Part::new(missing.why.clone()) });
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

    /// Makes the icon unless it is there, there is nothing to show yet, or the last try was a moment ago.
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
        match guarded(|| builder.build()) {
            Ok(Ok(tray)) => self.tray = Some(Standing { tray, icon }),
            Ok(Err(error)) => {
                self.fail(CapabilityState::Unsupported, M::IconRefused { error: Verbatim::of(error) });
            }
            Err(why) => self.fail(CapabilityState::Unsupported, M::IconUnmade { why: Part::new(why) }),
        }
    }

    fn fail(&mut self, state: CapabilityState, what: M) {
        self.report.set(state, M::IconFailed { what: Part::new(what) });
        self.retry = Some(Instant::now() + self.patience.after_failure(Instant::now()));
    }

    fn clicked(&mut self, id: &str) {
        if let Some(wish) = self.items.clicked(id, Instant::now()) {
            (self.report.heard)(Heard::Wish(wish));
        }
    }

    fn touched(&self) {
        if let Some((icon, _)) = &self.scene {
            let _ = self.notifications.send(notifications::Event::Say(Box::new(in_words(icon, &self.right_button))));
        }
    }
}

/// What the icon says, as a notification.
fn in_words(icon: &Icon, right_button: &str) -> Note {
    Note {
        id: "icon".to_owned(),
        title: icon.label.clone(),
        body: right_button.to_owned(),
        group: None,
        telling: Telling::Passive,
        rang: 0,
        buttons: Vec::new(),
        click: None,
    }
}

fn drawn(pictures: &mut Pictures, shape: Shape) -> Option<tray_icon::Icon> {
    let picture = pictures.icon(shape, Ink::Plate);
    tray_icon::Icon::from_rgba(picture.rgba.clone(), picture.width, picture.height).ok()
}
