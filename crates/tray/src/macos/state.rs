//! The state of the surface: the icon, its menu, notifications, the question.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use goplswatch_core::capability::Capability;
use goplswatch_core::message::{Message, Verbatim};
use goplswatch_view::{Icon, Question, Scene, UserAction};
use objc2::rc::Retained;
use objc2::{MainThreadMarker, msg_send};
use objc2_app_kit::NSMenu;
use objc2_foundation::NSString;
use tao::event_loop::EventLoopProxy;
use tray_icon::menu::ContextMenu as _;
use tray_icon::{TrayIcon, TrayIconBuilder};

use super::idle::{self, When};
use super::notifications::{Center, Report};
use super::tracking::Tracking;
use super::{Shared, Signal, desktop, question, script};
use crate::guard::{self, GateEffect, PermissionGate};
use crate::items::{Items, MenuBackend};
use crate::notification_tracker::{NotificationEffect, NotificationTracker};
use crate::picture::{Ink, Pictures};
use crate::{APP_ID, Command, Options, SurfaceEvent};

/// The state of the surface. It lives on the main thread.
pub(super) struct Surface<H> {
    main: MainThreadMarker,
    on_event: H,
    proxy: Arc<EventLoopProxy<Signal>>,
    shared: Arc<Shared>,
    items: Items,
    menu: Option<Retained<NSMenu>>,
    _tracking: Option<Tracking>,
    /// `None` where the menu bar refused the icon.
    tray: Option<TrayIcon>,
    icon: Icon,
    pictures: Pictures,
    notices: NotificationTracker,
    gate: PermissionGate,
    /// `None` where notifications may not be used; then the gate never asks for it.
    center: Option<Center>,
    /// The open questions; the first one is being asked.
    questions: VecDeque<Question>,
}

impl<H: Fn(SurfaceEvent) + Send + Sync + Clone + 'static> Surface<H> {
    /// Puts the icon into the menu bar. `None` off the main thread.
    pub(super) fn new(
        options: &Options,
        shared: Arc<Shared>,
        proxy: Arc<EventLoopProxy<Signal>>,
        on_event: H,
    ) -> Option<Self> {
        let main = MainThreadMarker::new()?;
        let items = Items::new(MenuBackend::AppKit);
        let mut pictures = Pictures::default();
        let icon = Icon::default();
        let tray = put_up(&items, &icon, &mut pictures);
        on_event(SurfaceEvent::Capability(guard::tray(tray.as_ref().map(|_| ()).map_err(Clone::clone))));
        let menu = ns_menu(&items);
        let tracking = menu.as_deref().map(|menu| {
            let proxy = proxy.clone();
            let closed = move || drop(proxy.send_event(Signal::Closed));
            Tracking::new(menu, shared.clone(), closed, main)
        });
        let usable = desktop::may_notify();
        let center = usable.is_ok().then(|| {
            let proxy = proxy.clone();
            Center::new(Arc::new(move |report| drop(proxy.send_event(Signal::Reported(report)))))
        });
        let mut surface = Self {
            main,
            on_event,
            proxy,
            shared,
            items,
            menu,
            _tracking: tracking,
            tray: tray.ok(),
            icon,
            pictures,
            notices: NotificationTracker::new(options.seen_up_to),
            gate: PermissionGate::new(usable),
            center,
            questions: VecDeque::new(),
        };
        surface.label();
        let steps = surface.gate.start();
        surface.step(steps);
        Some(surface)
    }

    /// Handles a signal.
    pub(super) fn receive(&mut self, signal: Signal) {
        match signal {
            Signal::Look | Signal::Closed => {
                if let Some(scene) = self.shared.take() {
                    self.show(&scene);
                }
            }
            Signal::Command(Command::Ask(question)) => self.ask(*question),
            Signal::Command(Command::Say(note)) => {
                let acts = self.notices.show_once(&note);
                self.act(acts);
            }
            // Scenes and the end arrive in other ways.
            Signal::Command(Command::Show(_) | Command::End) => {}
            Signal::Clicked(key) => {
                if let Some(action) = self.items.action_of_click(&key, Instant::now()) {
                    self.want(action);
                }
            }
            Signal::Reported(report) => self.reported(report),
            Signal::Answered(action) => self.answered(action),
        }
    }

    /// Removes everything. The loop ends next.
    pub(super) fn end(&mut self) {
        self.questions.clear();
        let acts = self.notices.withdraw_all();
        self.act(acts);
        // An open menu has a loop of its own, which has to end first.
        if let Some(menu) = &self.menu {
            menu.cancelTracking();
        }
    }

    /// Opens the menu, as a click on the icon does. Called when the user starts the app again.
    pub(super) fn open_menu(&self) {
        let (Some(item), Some(menu)) = (self.tray.as_ref().and_then(TrayIcon::ns_status_item), self.menu.clone())
        else {
            return;
        };
        // `TrayIcon::show_menu` is not used: it would keep the icon borrowed for as long as the
        // menu is open.
        idle::after(self.main, Duration::ZERO, When::Idle, move |main| {
            if let Some(button) = item.button(main) {
                item.setMenu(Some(&menu));
                // SAFETY: the method takes the sender, which may be nil.
                unsafe { button.performClick(None) };
                item.setMenu(None);
            }
        });
    }

    fn show(&mut self, scene: &Scene) {
        self.draw(&scene.icon);
        // A change that AppKit refused is tried again with the next scene; there is nothing else to
        // do about it.
        let _ = self.items.show(&scene.menu, self.shared.is_open(), Instant::now());
        let acts = self.notices.show(&scene.notes);
        self.act(acts);
    }

    fn draw(&mut self, icon: &Icon) {
        let earlier = std::mem::replace(&mut self.icon, icon.clone());
        if let Some(tray) = &self.tray
            && earlier.shape != icon.shape
        {
            // As in [`Surface::show`]: the next scene with another shape tries again.
            let _ = tray.set_icon_templated(picture(icon, &mut self.pictures));
        }
        if earlier.label != icon.label {
            self.label();
        }
    }

    /// Sets the icon's label as its tooltip and its accessibility label.
    fn label(&self) {
        let Some(tray) = &self.tray else { return };
        let _ = tray.set_tooltip(Some(&self.icon.label));
        if let Some(button) = tray.ns_status_item().and_then(|item| item.button(self.main)) {
            let label = NSString::from_str(&self.icon.label);
            // SAFETY: a button is an NSAccessibility element, whose setter takes a string and
            // returns nothing.
            let () = unsafe { msg_send![&button, setAccessibilityLabel: &*label] };
        }
    }

    fn act(&mut self, acts: Vec<NotificationEffect>) {
        for act in acts {
            let steps = match act {
                NotificationEffect::Show(shown) => self.gate.post(shown),
                NotificationEffect::Withdraw(id) => self.gate.withdraw(&id),
                NotificationEffect::UserAction(action) => {
                    self.want(action);
                    continue;
                }
            };
            self.step(steps);
        }
    }

    fn step(&mut self, steps: Vec<GateEffect>) {
        for step in steps {
            match (step, &mut self.center) {
                (GateEffect::Tell(capability), _) => self.can(capability),
                (GateEffect::Script(shown), _) => script::show(&shown),
                (GateEffect::ReadSettings, Some(center)) => center.read_settings(),
                (GateEffect::AskUser, Some(center)) => center.ask_user(),
                (GateEffect::Post(shown), Some(center)) => center.post(&shown),
                (GateEffect::Withdraw(id), Some(center)) => center.withdraw(&id),
                // The gate knows that there is no centre and requests nothing from it.
                (
                    GateEffect::ReadSettings | GateEffect::AskUser | GateEffect::Post(_) | GateEffect::Withdraw(_),
                    None,
                ) => {}
            }
        }
    }

    fn reported(&mut self, report: Report) {
        let steps = match report {
            Report::Settings(permission) => self.gate.settings(permission),
            Report::Answered(granted) => self.gate.answered(granted),
            Report::Posted(id, refusal) => self.gate.posted(&id, refusal.as_deref()),
            Report::Pressed(id, pressed) => {
                let acts = match pressed.choice() {
                    Some(choice) => self.notices.chosen(&id, choice),
                    None => self.notices.closed(&id),
                };
                return self.act(acts);
            }
        };
        self.step(steps);
    }

    /// Asks a question after those that are already open.
    fn ask(&mut self, question: Question) {
        if self.questions.iter().any(|waiting| waiting.plan == question.plan) {
            return;
        }
        self.questions.push_back(question);
        if self.questions.len() == 1 {
            self.ask_first();
        }
    }

    fn ask_first(&self) {
        let Some(question) = self.questions.front().cloned() else { return };
        let proxy = self.proxy.clone();
        idle::after(self.main, Duration::ZERO, When::Idle, move |main| {
            let action = question::ask(&question, main).map(|yes| {
                let button = if yes { &question.yes } else { &question.no };
                button.wants.clone()
            });
            let _ = proxy.send_event(Signal::Answered(action));
        });
    }

    fn answered(&mut self, action: Option<UserAction>) {
        self.questions.pop_front();
        action.into_iter().for_each(|action| self.want(action));
        self.ask_first();
    }

    fn want(&self, action: UserAction) {
        (self.on_event)(SurfaceEvent::UserAction(action));
    }

    fn can(&self, capability: Capability) {
        (self.on_event)(SurfaceEvent::Capability(capability));
    }
}

/// Puts the icon into the menu bar.
fn put_up(items: &Items, icon: &Icon, pictures: &mut Pictures) -> Result<TrayIcon, Message> {
    let builder = TrayIconBuilder::new()
        .with_menu(Box::new(items.menu()))
        .with_menu_on_left_click(true)
        // macOS stores the position in the menu bar and the permission under this name, so it never
        // changes.
        .with_autosave_name(APP_ID);
    let builder = match picture(icon, pictures) {
        Some(picture) => builder.with_icon_templated(picture),
        None => return Err(Message::PictureFailed),
    };
    builder.build().map_err(|error| Message::MenuBarRefused { error: Verbatim::of(error) })
}

fn picture(icon: &Icon, pictures: &mut Pictures) -> Option<tray_icon::Icon> {
    let picture = pictures.icon(icon.shape, Ink::Template);
    tray_icon::Icon::from_rgba(picture.rgba.clone(), picture.width, picture.height).ok()
}

fn ns_menu(items: &Items) -> Option<Retained<NSMenu>> {
    // SAFETY: muda returns the NSMenu of this menu and keeps it alive as long as the menu.
    unsafe { Retained::retain(items.menu().ns_menu().cast::<NSMenu>()) }
}
