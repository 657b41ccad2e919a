//! A panel: it accepts icons as org.kde.StatusNotifierWatcher and reads their menus over
//! com.canonical.dbusmenu.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use zbus::blocking::{Connection, MessageIterator, Proxy};
use zbus::zvariant::{OwnedValue, Structure, Value};
use zbus::{MatchRule, interface};

use super::Bus;
use crate::DEADLINE;

const NAME: &str = "org.kde.StatusNotifierWatcher";

struct Watcher {
    icons: Sender<String>,
    host: bool,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        let _ = self.icons.send(service);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.host
    }
}

/// The panel. It ends when it is dropped.
pub struct Panel {
    bus: Connection,
    icons: Receiver<String>,
}

/// Id, properties and children of a menu.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A row of a menu as the panel reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id, by which it is clicked.
    pub id: i32,
    /// How many submenus contain it; 0 at the top.
    pub depth: usize,
    /// Its text.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it is a separator.
    pub separator: bool,
    /// Whether its mark is set; `None`: it has no mark.
    pub checked: Option<bool>,
}

impl Panel {
    /// Starts a panel that shows icons.
    pub fn start(bus: &Bus) -> Self {
        Self::with_host(bus, true)
    }

    /// Starts one that reports whether anything shows the icons that it accepts.
    pub fn with_host(bus: &Bus, host: bool) -> Self {
        let (sender, icons) = channel();
        let bus = bus
            .builder()
            .serve_at("/StatusNotifierWatcher", Watcher { icons: sender, host })
            .unwrap()
            .name(NAME)
            .unwrap()
            .build()
            .unwrap();
        Self { bus, icons }
    }

    /// The next icon; waits for it.
    pub fn icon(&self) -> Icon {
        let service = self.icons.recv_timeout(DEADLINE).expect("no icon came");
        Icon { bus: self.bus.clone(), service }
    }

    /// Ends as a panel does whose process ends.
    pub fn stop(self) {
        self.bus.close().unwrap();
    }
}

/// An icon that the panel has accepted.
pub struct Icon {
    bus: Connection,
    /// The name of its owner on the bus.
    pub service: String,
}

impl Icon {
    /// A property of the icon.
    pub fn property(&self, name: &str) -> OwnedValue {
        self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem").get_property(name).unwrap()
    }

    /// The revision and the rows of the menu, top to bottom.
    pub fn layout(&self) -> (u32, Vec<Line>) {
        let menu = self.menu();
        let _: bool = menu.call("AboutToShow", &(0i32)).unwrap();
        let none: Vec<String> = Vec::new();
        let (revision, root): (u32, Node) = menu.call("GetLayout", &(0i32, -1i32, none)).unwrap();
        let mut lines = Vec::new();
        for child in &root.2 {
            lines_of(child, 0, &mut lines);
        }
        (revision, lines)
    }

    /// The labels of all rows, top to bottom.
    pub fn labels(&self) -> Vec<String> {
        self.layout().1.into_iter().map(|line| line.label).collect()
    }

    /// The id of the row with this label.
    pub fn id_of(&self, label: &str) -> i32 {
        let lines = self.layout().1;
        lines.iter().find(|line| line.label == label).unwrap_or_else(|| panic!("no {label} in {lines:?}")).id
    }

    /// Clicks a row; false if the menu no longer has it.
    pub fn click(&self, id: i32) -> bool {
        self.menu().call_method("Event", &(id, "clicked", Value::from(""), 0u32)).is_ok()
    }

    /// Clicks the icon with the left button, for which this panel opens no menu.
    pub fn activate(&self) {
        let item = self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem");
        item.call_method("Activate", &(0i32, 0i32)).unwrap();
    }

    /// The names of the menu's signals from now on, as they arrive.
    pub fn changes(&self) -> Receiver<String> {
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .sender(self.service.clone())
            .unwrap()
            .interface("com.canonical.dbusmenu")
            .unwrap()
            .build();
        let signals = MessageIterator::for_match_rule(rule, &self.bus, Some(1000)).unwrap();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for signal in signals.flatten() {
                let name = signal.header().member().map(ToString::to_string).unwrap_or_default();
                if sender.send(name).is_err() {
                    return;
                }
            }
        });
        receiver
    }

    fn menu(&self) -> Proxy<'_> {
        self.proxy("/MenuBar", "com.canonical.dbusmenu")
    }

    fn proxy<'a>(&'a self, path: &'a str, interface: &'a str) -> Proxy<'a> {
        zbus::blocking::proxy::Builder::<Proxy<'_>>::new(&self.bus)
            .destination(self.service.as_str())
            .unwrap()
            .path(path)
            .unwrap()
            .interface(interface)
            .unwrap()
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .unwrap()
    }
}

fn lines_of(value: &Value<'_>, depth: usize, into: &mut Vec<Line>) {
    let value = if let Value::Value(inner) = value { inner } else { value };
    let fields: &Structure<'_> = value.downcast_ref().unwrap();
    let [id, properties, children] = fields.fields() else { panic!("{fields:?}") };
    let properties: HashMap<String, OwnedValue> = properties.try_clone().unwrap().downcast().unwrap();
    let text = |name: &str| properties.get(name).map(|v| v.downcast_ref::<&str>().unwrap().to_owned());
    let number = |name: &str| properties.get(name).map(|v| v.downcast_ref::<i32>().unwrap());
    into.push(Line {
        id: id.downcast_ref().unwrap(),
        depth,
        label: text("label").unwrap_or_default(),
        enabled: properties.get("enabled").is_none_or(|v| v.downcast_ref::<bool>().unwrap()),
        separator: text("type").as_deref() == Some("separator"),
        checked: text("toggle-type").map(|_| number("toggle-state") == Some(1)),
    });
    let children: &zbus::zvariant::Array<'_> = children.downcast_ref().unwrap();
    for child in children.iter() {
        lines_of(child, depth + 1, into);
    }
}

/// All signals that arrive within this time.
pub fn within(signals: &Receiver<String>, time: Duration) -> Vec<String> {
    let end = std::time::Instant::now() + time;
    let left = || end.saturating_duration_since(std::time::Instant::now());
    std::iter::from_fn(|| signals.recv_timeout(left()).ok()).collect()
}
