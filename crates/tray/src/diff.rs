//! Computes the changes that turn one menu into another.
//!
//! Theory of operation. Rows are identified by their keys, which are unique within a menu. A row
//! that keeps its key, kind and parent is changed in place. Every other difference is a removal and
//! an insertion. The changes of one comparison are ordered so that each can be applied as it
//! stands: removals from back to front, then changes in place, then insertions from front to back.
//! A caller that may not change the structure of a menu at the moment, because the menu is open,
//! skips the structural changes and compares again later. [`apply`] computes the menu in between.

use std::collections::{HashMap, HashSet};

use goplswatch_core::Trend;
use goplswatch_view::{Menu, Row, RowKind, UserAction};

/// One change to a menu. `parent` is the key of a submenu; `None` is the menu itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Removes a row and everything in it.
    Remove {
        /// The parent submenu; `None`: the menu itself.
        parent: Option<String>,
        /// The row's index in the parent.
        at: usize,
        /// The row's key.
        key: String,
    },
    /// Inserts a row with everything in it.
    Insert {
        /// The parent submenu; `None`: the menu itself.
        parent: Option<String>,
        /// The row's index in the parent.
        at: usize,
        /// The row.
        row: Row,
    },
    /// Changes the label of a row.
    Label {
        /// The row's key.
        key: String,
        /// The new label.
        label: String,
    },
    /// Enables or disables a row.
    Enabled {
        /// The row's key.
        key: String,
        /// Whether it can be clicked now.
        enabled: bool,
    },
    /// Sets or clears the check mark of a row.
    Checked {
        /// The row's key.
        key: String,
        /// Whether the mark is set now.
        checked: bool,
    },
    /// Changes the keyboard shortcut of a row.
    Shortcut {
        /// The row's key.
        key: String,
        /// The new shortcut; `None`: no shortcut.
        shortcut: Option<String>,
    },
    /// Changes the action that a click on a row sends. Nothing visible changes.
    Wants {
        /// The row's key.
        key: String,
        /// The new action.
        wants: UserAction,
    },
    /// Changes the chart of a row.
    Trend {
        /// The row's key.
        key: String,
        /// The new series.
        trend: Trend,
    },
}

impl Change {
    /// Whether rows are added or removed, which has to wait while the menu is open.
    #[must_use]
    pub const fn is_structural(&self) -> bool {
        matches!(self, Self::Remove { .. } | Self::Insert { .. })
    }
}

/// The changes that turn `old` into `new`, in the order in which to apply them. Equal menus give no
/// changes.
#[must_use]
pub fn diff(old: &Menu, new: &Menu) -> Vec<Change> {
    let mut found = Changes::default();
    siblings(None, &old.rows, &new.rows, &mut found);
    // A row that moves to another parent must be removed there before it is inserted here.
    let mut changes = found.removals;
    changes.append(&mut found.in_place);
    changes.append(&mut found.insertions);
    changes
}

#[derive(Default)]
struct Changes {
    removals: Vec<Change>,
    in_place: Vec<Change>,
    insertions: Vec<Change>,
}

/// Compares the rows of one menu or submenu.
fn siblings(parent: Option<&str>, old: &[Row], new: &[Row], found: &mut Changes) {
    let places: HashMap<&str, usize> = old.iter().enumerate().map(|(at, row)| (row.key.as_str(), at)).collect();
    // For each new row, the index of the old row that it can be made from, if there is one.
    let before: Vec<Option<usize>> = new
        .iter()
        .map(|row| places.get(row.key.as_str()).copied().filter(|&at| same_kind(&old[at].kind, &row.kind)))
        .collect();
    let stay: HashSet<usize> = longest_rising(&before).into_iter().collect();
    for (at, row) in old.iter().enumerate().rev() {
        if !stay.contains(&at) {
            found.removals.push(Change::Remove { parent: parent.map(str::to_owned), at, key: row.key.clone() });
        }
    }
    for (at, (row, before)) in new.iter().zip(&before).enumerate() {
        match before.filter(|before| stay.contains(before)) {
            Some(before) => in_place(&old[before], row, found),
            None => {
                found.insertions.push(Change::Insert { parent: parent.map(str::to_owned), at, row: row.clone() });
            }
        }
    }
}

/// Whether a row of one kind can be changed into the other without creating a new menu item.
fn same_kind(old: &RowKind, new: &RowKind) -> bool {
    match (old, new) {
        (RowKind::Item { checked: old, .. }, RowKind::Item { checked: new, .. }) => old.is_some() == new.is_some(),
        _ => std::mem::discriminant(old) == std::mem::discriminant(new),
    }
}

/// Compares two rows of the same key and kind.
fn in_place(old: &Row, new: &Row, found: &mut Changes) {
    let key = || new.key.clone();
    if let (Some(old), Some(new)) = (label(&old.kind), label(&new.kind))
        && old != new
    {
        found.in_place.push(Change::Label { key: key(), label: new.to_owned() });
    }
    match (&old.kind, &new.kind) {
        (
            RowKind::Item {
                wants: old_wants, enabled: old_enabled, checked: old_checked, shortcut: old_shortcut, ..
            },
            RowKind::Item { wants, enabled, checked, shortcut, .. },
        ) => {
            if old_wants != wants {
                found.in_place.push(Change::Wants { key: key(), wants: wants.clone() });
            }
            if old_enabled != enabled {
                found.in_place.push(Change::Enabled { key: key(), enabled: *enabled });
            }
            if let Some(checked) = checked.filter(|_| old_checked != checked) {
                found.in_place.push(Change::Checked { key: key(), checked });
            }
            if old_shortcut != shortcut {
                found.in_place.push(Change::Shortcut { key: key(), shortcut: shortcut.clone() });
            }
        }
        (RowKind::Trend { trend: old, .. }, RowKind::Trend { trend, .. }) if old != trend => {
            found.in_place.push(Change::Trend { key: key(), trend: trend.clone() });
        }
        (RowKind::Submenu { rows: old, .. }, RowKind::Submenu { rows, .. }) => {
            siblings(Some(&new.key), old, rows, found);
        }
        _ => {}
    }
}

/// The label of a row.
fn label(kind: &RowKind) -> Option<&str> {
    match kind {
        RowKind::Text { label }
        | RowKind::Item { label, .. }
        | RowKind::Trend { label, .. }
        | RowKind::Submenu { label, .. } => Some(label),
        RowKind::Separator => None,
    }
}

/// The longest increasing subsequence of the known numbers: the rows that can stay when the order
/// has changed.
fn longest_rising(numbers: &[Option<usize>]) -> Vec<usize> {
    // `ends[n]` is the smallest last number of an increasing subsequence of length n + 1, as an
    // index into `numbers`.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; numbers.len()];
    for (index, number) in numbers.iter().enumerate() {
        if number.is_none() {
            continue;
        }
        let length = ends.partition_point(|&end| numbers[end] < *number);
        previous[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut rising = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        rising.extend(numbers[index]);
        next = previous[index];
    }
    rising.reverse();
    rising
}

/// Applies one change. A change to a row that does not exist does nothing.
pub fn apply(menu: &mut Menu, change: &Change) {
    match change {
        Change::Remove { parent, at, .. } => {
            if let Some(rows) = rows_of(menu, parent.as_deref()).filter(|rows| *at < rows.len()) {
                rows.remove(*at);
            }
        }
        Change::Insert { parent, at, row } => {
            if let Some(rows) = rows_of(menu, parent.as_deref()).filter(|rows| *at <= rows.len()) {
                rows.insert(*at, row.clone());
            }
        }
        Change::Label { key, .. }
        | Change::Enabled { key, .. }
        | Change::Checked { key, .. }
        | Change::Shortcut { key, .. }
        | Change::Wants { key, .. }
        | Change::Trend { key, .. } => {
            if let Some(row) = row_of(&mut menu.rows, key) {
                apply_in_place(&mut row.kind, change);
            }
        }
    }
}

fn apply_in_place(kind: &mut RowKind, change: &Change) {
    match (kind, change) {
        (
            RowKind::Text { label }
            | RowKind::Item { label, .. }
            | RowKind::Trend { label, .. }
            | RowKind::Submenu { label, .. },
            Change::Label { label: new, .. },
        ) => label.clone_from(new),
        (RowKind::Item { enabled, .. }, Change::Enabled { enabled: new, .. }) => *enabled = *new,
        (RowKind::Item { checked, .. }, Change::Checked { checked: new, .. }) => *checked = Some(*new),
        (RowKind::Item { shortcut, .. }, Change::Shortcut { shortcut: new, .. }) => shortcut.clone_from(new),
        (RowKind::Item { wants, .. }, Change::Wants { wants: new, .. }) => *wants = new.clone(),
        (RowKind::Trend { trend, .. }, Change::Trend { trend: new, .. }) => trend.clone_from(new),
        _ => {}
    }
}

/// The rows of the menu itself or of one of its submenus.
fn rows_of<'a>(menu: &'a mut Menu, parent: Option<&str>) -> Option<&'a mut Vec<Row>> {
    let Some(key) = parent else { return Some(&mut menu.rows) };
    match &mut row_of(&mut menu.rows, key)?.kind {
        RowKind::Submenu { rows, .. } => Some(rows),
        _ => None,
    }
}

fn row_of<'a>(rows: &'a mut [Row], key: &str) -> Option<&'a mut Row> {
    for row in rows {
        if row.key == key {
            return Some(row);
        }
        if let RowKind::Submenu { rows, .. } = &mut row.kind
            && let Some(found) = row_of(rows, key)
        {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
