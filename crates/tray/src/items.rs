//! The menu as items of the system, kept and changed in place.
//!
//! Theory of operation. The items are made once; after that a new menu is compared with what the items show
//! ([`crate::diff`]) and only the difference is done. While the menu is open, rows that come or go wait, and texts, marks
//! and pictures do not. An item's id is its row's key, and a click is looked up here when it arrives, so it means what
//! the row means now. Where that could be something else than what the user saw when clicking, the click is dropped:
//! better nothing than the wrong thing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use goplswatch_core::Trend;
use goplswatch_view::{Menu, Row, RowKind, Wish};
use tray_icon::menu::accelerator::Accelerator;
use tray_icon::menu::{self, CheckMenuItem, Icon, IconMenuItem, IsMenuItem, MenuItem, PredefinedMenuItem, Submenu};

use crate::diff::{self, Change};
use crate::picture::Pictures;

/// How long after a change a click may still be meant for what stood there before.
const GRACE: Duration = Duration::from_secs(1);

/// What a system's menus can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// macOS: it is known whether the menu is open, and a row's picture may be wide.
    AppKit,
    /// Panels that are told of the menu by com.canonical.dbusmenu. Whether it is open does not reach us (ksni 0.3.7,
    /// `State::event`, drops all events but `clicked`), so rows may move while it is. A row that was lost cannot be
    /// clicked any more: a new layout has new ids. A picture is squeezed into a square of 16 pixels (libdbusmenu-gtk,
    /// `client.c`, `image_property_handle`), so a trend is drawn with characters.
    DbusMenu,
}

/// A menu of the system that shows a [`Menu`]. It stays on the thread that made it.
pub struct Items {
    habit: Habit,
    root: menu::Menu,
    items: HashMap<String, Item>,
    /// What the items show.
    shown: Menu,
    /// When rows came or went last, other than for the first time.
    moved: Option<Instant>,
    /// When a row's meaning changed last in the user's eyes.
    turned: HashMap<String, Instant>,
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
    pub fn new(habit: Habit) -> Self {
        Self {
            habit,
            root: menu::Menu::new(),
            items: HashMap::new(),
            shown: Menu::default(),
            moved: None,
            turned: HashMap::new(),
            pictures: Pictures::default(),
        }
    }

    /// The system's menu, to be given to the icon. It stays the same one for ever.
    #[must_use]
    pub fn menu(&self) -> menu::Menu {
        self.root.clone()
    }

    /// Makes the items show this menu. While it is open, rows neither come nor go.
    ///
    /// Returns whether something waits for the menu to be closed: then this has to be called again.
    ///
    /// # Errors
    /// The system refused a change. The ones before it are done, and the next call tries the rest again.
    pub fn show(&mut self, wanted: &Menu, open: bool, now: Instant) -> menu::Result<bool> {
        let first = self.shown.rows.is_empty();
        self.turned.retain(|_, since| now.saturating_duration_since(*since) < GRACE);
        let changes = diff::diff(&self.shown, wanted);
        for change in changes.iter().filter(|change| !(open && change.is_structural())) {
            self.apply(change)?;
            diff::apply(&mut self.shown, change);
            if change.is_structural() && !first && self.habit == Habit::DbusMenu {
                self.moved = Some(now);
            }
        }
        for key in turned(&changes) {
            self.turned.insert(key.to_owned(), now);
        }
        Ok(open && changes.iter().any(Change::is_structural))
    }

    /// What a click on the item with this id wants. Nothing if it is no longer there, or if less than a second ago
    /// something else stood in its place: the user may have meant that.
    pub fn clicked(&mut self, id: &str, now: Instant) -> Option<Wish> {
        let RowKind::Item { wants, enabled, checked, .. } = &find(&self.shown.rows, id)?.kind else { return None };
        // A check item turns its own mark when it is clicked; whether it is set is for the next menu to say.
        if let (Some(checked), Some(Item::Check(item))) = (checked, self.items.get(id)) {
            item.set_checked(*checked);
        }
        let recent = |since: &Instant| now.saturating_duration_since(*since) < GRACE;
        let doubtful = self.moved.as_ref().is_some_and(recent) || self.turned.get(id).is_some_and(recent);
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

    /// An item for a row, with everything in it. The items within are remembered; the item itself is not yet.
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
            RowKind::Trend { label, trend } => match self.habit {
                Habit::AppKit => {
                    let icon = self.icon(trend);
                    Item::Picture(IconMenuItem::with_id(id, escape(label), false, icon, None))
                }
                Habit::DbusMenu => Item::Plain(MenuItem::with_id(id, in_characters(trend, label), false, None)),
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

    /// Forgets an item and what was in it.
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

    /// A label as an item shows it.
    fn text(&self, key: &str, label: &str) -> String {
        match find(&self.shown.rows, key).map(|row| &row.kind) {
            Some(RowKind::Trend { trend, .. }) if self.habit == Habit::DbusMenu => in_characters(trend, label),
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

/// The rows that were one thing to the user and are now another: what they say has changed, and what they want.
/// A wish alone may change with what is known (more evidence to copy), and is still what the row says.
fn turned(changes: &[Change]) -> impl Iterator<Item = &str> {
    let says_other = |key: &str| changes.iter().any(|c| matches!(c, Change::Label { key: other, .. } if other == key));
    changes.iter().filter_map(move |change| match change {
        Change::Wants { key, .. } if says_other(key) => Some(key.as_str()),
        _ => None,
    })
}

/// muda takes a single `&` for the mark of a mnemonic, on every system. (`_`, which marks one in dbusmenu, is doubled
/// by tray-icon: 0.26.1, `platform_impl/ksni/menu.rs`.)
fn escape(label: &str) -> String {
    label.replace('&', "&&")
}

/// The keys as muda has them; none if it does not know them.
fn accelerator(shortcut: Option<&str>) -> Option<Accelerator> {
    shortcut.and_then(|keys| keys.parse().ok())
}

/// A trend in one line of characters, before its words: memory as blocks, and a mark in each minute with an end. Two
/// minutes share one character.
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
