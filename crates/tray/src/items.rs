//! The native menu, created once and then changed in place.
//!
//! Theory of operation. A new menu is compared with the one that the items show ([`crate::diff`]),
//! and only the difference is applied. While the menu is open, added and removed rows wait; changes
//! of text, marks and charts are applied at once. The id of an item is the key of its row. A click
//! is looked up when it arrives, so it means what the row means then. If the row may have meant
//! something else when the user clicked, the click is dropped, because doing nothing is better than
//! doing the wrong thing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use goplswatch_core::Trend;
use goplswatch_view::{Menu, Row, RowKind, UserAction};
use tray_icon::menu::accelerator::Accelerator;
use tray_icon::menu::{self, CheckMenuItem, Icon, IconMenuItem, IsMenuItem, MenuItem, PredefinedMenuItem, Submenu};

use crate::diff::{self, Change};
use crate::picture::Pictures;

/// How long after a change a click may still be meant for the previous content.
const GRACE: Duration = Duration::from_secs(1);

/// What the native menus of a platform can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuBackend {
    /// macOS: it is known whether the menu is open, and the picture of a row may be wide.
    AppKit,
    /// Panels that read the menu through com.canonical.dbusmenu. Whether the menu is open is not
    /// reported to us (ksni 0.3.7, `State::event`, drops all events but `clicked`), so rows may be
    /// added and removed while it is. A removed row cannot be clicked any more, because a new
    /// layout has new ids. A picture is scaled into a square of 16 pixels (libdbusmenu-gtk,
    /// `client.c`, `image_property_handle`), so a trend is drawn with characters.
    DbusMenu,
}

/// A native menu that shows a [`Menu`]. It stays on the thread that created it.
pub struct Items {
    backend: MenuBackend,
    root: menu::Menu,
    items: HashMap<String, Item>,
    /// The menu that the items show.
    shown: Menu,
    /// When rows were last added or removed, not counting the first menu. Set only for
    /// [`MenuBackend::DbusMenu`], where rows may change while the menu is open.
    moved: Option<Instant>,
    /// When the meaning of a row last changed for the user.
    meaning_changed_at: HashMap<String, Instant>,
    pictures: Pictures,
}

enum Item {
    Plain(MenuItem),
    Check(CheckMenuItem),
    Picture(IconMenuItem),
    Submenu(Submenu),
    Separator(PredefinedMenuItem),
}

impl Item {
    fn as_item(&self) -> &dyn IsMenuItem {
        match self {
            Self::Plain(item) => item,
            Self::Check(item) => item,
            Self::Picture(item) => item,
            Self::Submenu(item) => item,
            Self::Separator(item) => item,
        }
    }

    fn set_text(&self, text: &str) {
        match self {
            Self::Plain(item) => item.set_text(text),
            Self::Check(item) => item.set_text(text),
            Self::Picture(item) => item.set_text(text),
            Self::Submenu(item) => item.set_text(text),
            Self::Separator(_) => {}
        }
    }

    fn set_enabled(&self, enabled: bool) {
        match self {
            Self::Plain(item) => item.set_enabled(enabled),
            Self::Check(item) => item.set_enabled(enabled),
            _ => {}
        }
    }

    fn set_shortcut(&self, shortcut: Option<&str>) -> menu::Result<()> {
        match self {
            Self::Plain(item) => item.set_accelerator(accelerator(shortcut)),
            Self::Check(item) => item.set_accelerator(accelerator(shortcut)),
            _ => Ok(()),
        }
    }
}

impl Items {
    /// An empty menu.
    #[must_use]
    pub fn new(habit: MenuBackend) -> Self {
        Self {
            backend: habit,
            root: menu::Menu::new(),
            items: HashMap::new(),
            shown: Menu::default(),
            moved: None,
            meaning_changed_at: HashMap::new(),
            pictures: Pictures::default(),
        }
    }

    /// The native menu, to be given to the icon. It stays the same object for the lifetime of
    /// `self`.
    #[must_use]
    pub fn menu(&self) -> menu::Menu {
        self.root.clone()
    }

    /// Makes the items show this menu. While it is open, rows are neither added nor removed.
    ///
    /// Returns whether changes wait for the menu to be closed; then this has to be called again.
    ///
    /// # Errors
    /// The platform refused a change. The changes before it are applied, and the next call tries
    /// the rest again.
    pub fn show(&mut self, wanted: &Menu, open: bool, now: Instant) -> menu::Result<bool> {
        let first = self.shown.rows.is_empty();
        self.meaning_changed_at.retain(|_, since| now.saturating_duration_since(*since) < GRACE);
        let changes = diff::diff(&self.shown, wanted);
        for change in changes.iter().filter(|change| !(open && change.is_structural())) {
            self.apply(change)?;
            diff::apply(&mut self.shown, change);
            if change.is_structural() && !first && self.backend == MenuBackend::DbusMenu {
                self.moved = Some(now);
            }
        }
        for key in meaning_changed(&changes) {
            self.meaning_changed_at.insert(key.to_owned(), now);
        }
        Ok(open && changes.iter().any(Change::is_structural))
    }

    /// The action of the item with this id. `None` if the item does not exist any more, is
    /// disabled, or may have stood elsewhere or meant something else less than a second ago, when
    /// the user clicked.
    pub fn action_of_click(&mut self, id: &str, now: Instant) -> Option<UserAction> {
        let RowKind::Item { wants, enabled, checked, .. } = &find(&self.shown.rows, id)?.kind else { return None };
        // A check item toggles its own mark when clicked; the next menu decides whether it is set.
        if let (Some(checked), Some(Item::Check(item))) = (checked, self.items.get(id)) {
            item.set_checked(*checked);
        }
        let recent = |since: &Instant| now.saturating_duration_since(*since) < GRACE;
        let doubtful = self.moved.as_ref().is_some_and(recent) || self.meaning_changed_at.get(id).is_some_and(recent);
        (*enabled && !doubtful).then(|| wants.clone())
    }

    fn apply(&mut self, change: &Change) -> menu::Result<()> {
        match change {
            Change::Remove { parent, at, key } => {
                match self.submenu(parent.as_deref()) {
                    Some(submenu) => submenu.remove_at(*at),
                    None => self.root.remove_at(*at),
                };
                self.forget(key);
            }
            Change::Insert { parent, at, row } => {
                let item = self.make(row)?;
                match self.submenu(parent.as_deref()) {
                    Some(submenu) => submenu.insert(item.as_item(), *at)?,
                    None => self.root.insert(item.as_item(), *at)?,
                }
                self.items.insert(row.key.clone(), item);
            }
            Change::Label { key, label } => {
                let text = self.text(key, label);
                self.items.get(key).into_iter().for_each(|item| item.set_text(&text));
            }
            Change::Enabled { key, enabled } => {
                self.items.get(key).into_iter().for_each(|item| item.set_enabled(*enabled));
            }
            Change::Checked { key, checked } => {
                if let Some(Item::Check(item)) = self.items.get(key) {
                    item.set_checked(*checked);
                }
            }
            Change::Shortcut { key, shortcut } => {
                self.items.get(key).map_or(Ok(()), |item| item.set_shortcut(shortcut.as_deref()))?;
            }
            Change::Trend { key, trend } => self.set_trend(key, trend),
            Change::Wants { .. } => {}
        }
        Ok(())
    }

    /// Creates an item for a row, with everything in it. The inner items are stored; the item
    /// itself is not yet.
    fn make(&mut self, row: &Row) -> menu::Result<Item> {
        let id = row.key.as_str();
        Ok(match &row.kind {
            RowKind::Text { label } => Item::Plain(MenuItem::with_id(id, escape(label), false, None)),
            RowKind::Item { label, enabled, checked: None, shortcut, .. } => {
                Item::Plain(MenuItem::with_id(id, escape(label), *enabled, accelerator(shortcut.as_deref())))
            }
            RowKind::Item { label, enabled, checked: Some(checked), shortcut, .. } => {
                let keys = accelerator(shortcut.as_deref());
                Item::Check(CheckMenuItem::with_id(id, escape(label), *enabled, *checked, keys))
            }
            RowKind::Trend { label, trend } => match self.backend {
                MenuBackend::AppKit => {
                    let icon = self.icon(trend);
                    Item::Picture(IconMenuItem::with_id(id, escape(label), false, icon, None))
                }
                MenuBackend::DbusMenu => Item::Plain(MenuItem::with_id(id, in_characters(trend, label), false, None)),
            },
            RowKind::Submenu { label, rows } => {
                let submenu = Submenu::with_id(id, escape(label), true);
                for row in rows {
                    let item = self.make(row)?;
                    submenu.append(item.as_item())?;
                    self.items.insert(row.key.clone(), item);
                }
                Item::Submenu(submenu)
            }
            RowKind::Separator => Item::Separator(PredefinedMenuItem::separator()),
        })
    }

    /// Forgets an item and everything in it.
    fn forget(&mut self, key: &str) {
        fn keys<'a>(row: &'a Row, found: &mut Vec<&'a str>) {
            found.push(&row.key);
            if let RowKind::Submenu { rows, .. } = &row.kind {
                rows.iter().for_each(|row| keys(row, found));
            }
        }
        let mut gone = Vec::new();
        if let Some(row) = find(&self.shown.rows, key) {
            keys(row, &mut gone);
        }
        for key in gone {
            self.items.remove(key);
        }
    }

    fn submenu(&self, key: Option<&str>) -> Option<&Submenu> {
        match self.items.get(key?)? {
            Item::Submenu(submenu) => Some(submenu),
            _ => None,
        }
    }

    /// The label as the item shows it.
    fn text(&self, key: &str, label: &str) -> String {
        match find(&self.shown.rows, key).map(|row| &row.kind) {
            Some(RowKind::Trend { trend, .. }) if self.backend == MenuBackend::DbusMenu => in_characters(trend, label),
            _ => escape(label),
        }
    }

    fn set_trend(&mut self, key: &str, trend: &Trend) {
        let picture = matches!(self.items.get(key), Some(Item::Picture(_)));
        let icon = if picture { self.icon(trend) } else { None };
        match (self.items.get(key), find(&self.shown.rows, key).map(|row| &row.kind)) {
            (Some(Item::Picture(item)), _) => item.set_icon(icon),
            (Some(Item::Plain(item)), Some(RowKind::Trend { label, .. })) => item.set_text(in_characters(trend, label)),
            _ => {}
        }
    }

    fn icon(&mut self, trend: &Trend) -> Option<Icon> {
        let picture = self.pictures.trend(trend);
        Icon::from_rgba(picture.rgba.clone(), picture.width, picture.height).ok()
    }
}

fn find<'a>(rows: &'a [Row], key: &str) -> Option<&'a Row> {
    rows.iter().find_map(|row| match &row.kind {
        _ if row.key == key => Some(row),
        RowKind::Submenu { rows, .. } => find(rows, key),
        _ => None,
    })
}

/// The rows whose meaning changed for the user: both the label and the action changed. An
/// action alone may change with new data (more evidence to copy) while the row keeps its meaning.
fn meaning_changed(changes: &[Change]) -> impl Iterator<Item = &str> {
    let says_other = |key: &str| changes.iter().any(|c| matches!(c, Change::Label { key: other, .. } if other == key));
    changes.iter().filter_map(move |change| match change {
        Change::Wants { key, .. } if says_other(key) => Some(key.as_str()),
        _ => None,
    })
}

/// Escapes `&`, with which muda marks a mnemonic on every platform. (`_`, the mnemonic mark of
/// dbusmenu, is doubled by tray-icon: 0.26.1, `platform_impl/ksni/menu.rs`.)
fn escape(label: &str) -> String {
    label.replace('&', "&&")
}

/// The shortcut in muda's type; `None` if muda cannot parse it.
fn accelerator(shortcut: Option<&str>) -> Option<Accelerator> {
    shortcut.and_then(|keys| keys.parse().ok())
}

/// A trend as one line of characters before its label: memory as blocks, and a mark where a server
/// ended. Two minutes share one character.
fn in_characters(trend: &Trend, label: &str) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const END: char = '╳';
    const UNKNOWN: char = '·';
    let most = trend.memory.iter().flatten().copied().max().unwrap_or(0).max(1);
    let minutes = trend.memory.len().max(trend.ends.len());
    let line: String = (0..minutes)
        .step_by(2)
        .map(|minute| {
            let both = |n: usize| n..(n + 2);
            if both(minute).any(|n| trend.ends.get(n).is_some_and(|ends| *ends > 0)) {
                return END;
            }
            let memory = both(minute).filter_map(|n| trend.memory.get(n).copied().flatten()).max();
            let step = |bytes: u64| usize::try_from(u128::from(bytes) * 7 / u128::from(most)).unwrap_or(0);
            memory.and_then(|bytes| BLOCKS.get(step(bytes)).copied()).unwrap_or(UNKNOWN)
        })
        .collect();
    escape(format!("{line}  {label}").trim_start())
}
