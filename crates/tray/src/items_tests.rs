//! Tests of the native menu.

use std::time::{Duration, Instant};

use goplswatch_core::Trend;
use goplswatch_view::{Menu, Row, RowKind, UserAction};
use proptest::collection::vec;
use proptest::prelude::*;
use tray_icon::menu::MenuItemKind;

use crate::any_menu::any_menu;
use crate::items::{Items, MenuBackend};

fn item(key: &str, label: &str, wants: UserAction) -> Row {
    let kind = RowKind::Item { label: label.to_owned(), wants, enabled: true, checked: None, shortcut: None };
    Row { key: key.to_owned(), kind }
}

fn check(key: &str, checked: bool) -> Row {
    let mut row = item(key, "Paused", UserAction::Resume);
    let RowKind::Item { checked: mark, .. } = &mut row.kind else { unreachable!() };
    *mark = Some(checked);
    row
}

fn copy(text: &str) -> UserAction {
    UserAction::Copy { text: text.to_owned() }
}

/// What the items show, one line each.
fn shown(items: &[MenuItemKind], into: &mut Vec<String>, depth: usize) {
    for kind in items {
        let line = match kind {
            MenuItemKind::MenuItem(item) => format!("{} {}", item.text(), item.is_enabled()),
            MenuItemKind::Check(item) => format!("{} {} {}", item.text(), item.is_enabled(), item.is_checked()),
            MenuItemKind::Icon(item) => format!("{} picture", item.text()),
            MenuItemKind::Submenu(menu) => format!("{} >", menu.text()),
            MenuItemKind::Predefined(_) => "-".to_owned(),
        };
        into.push(format!("{:depth$}{line} #{}", "", kind.id().0));
        if let MenuItemKind::Submenu(menu) = kind {
            shown(&menu.items(), into, depth + 1);
        }
    }
}

fn expected(rows: &[Row], into: &mut Vec<String>, depth: usize) {
    for row in rows {
        let line = match &row.kind {
            RowKind::Text { label } => format!("{label} false"),
            RowKind::Item { label, enabled, checked: None, .. } => format!("{label} {enabled}"),
            RowKind::Item { label, enabled, checked: Some(checked), .. } => format!("{label} {enabled} {checked}"),
            RowKind::Trend { label, .. } => format!("{label} picture"),
            RowKind::Submenu { label, .. } => format!("{label} >"),
            RowKind::Separator => "-".to_owned(),
        };
        into.push(format!("{:depth$}{line} #{}", "", row.key));
        if let RowKind::Submenu { rows, .. } = &row.kind {
            expected(rows, into, depth + 1);
        }
    }
}

/// muda generates the ids of separators itself, so they are cut.
fn without_ids_of_separators(lines: Vec<String>) -> Vec<String> {
    let cut = |line: String| match line.split_once("- #") {
        Some((indent, _)) if indent.trim().is_empty() => format!("{indent}-"),
        _ => line,
    };
    lines.into_iter().map(cut).collect()
}

fn assert_shows(items: &Items, menu: &Menu) -> Result<(), TestCaseError> {
    let (mut is, mut should) = (Vec::new(), Vec::new());
    shown(&items.menu().items(), &mut is, 0);
    expected(&menu.rows, &mut should, 0);
    prop_assert_eq!(without_ids_of_separators(is), without_ids_of_separators(should));
    Ok(())
}

proptest! {
    #[test]
    fn the_items_show_the_last_menu(menus in vec((any_menu(), any::<bool>()), 1..5)) {
        let mut items = Items::new(MenuBackend::AppKit);
        let now = Instant::now();
        for (menu, open) in menus {
            if items.show(&menu, open, now).unwrap() {
                items.show(&menu, false, now).unwrap();
            }
            assert_shows(&items, &menu)?;
        }
    }
}

#[test]
fn nothing_comes_or_goes_while_the_menu_is_open_but_texts_change() {
    let mut items = Items::new(MenuBackend::AppKit);
    let now = Instant::now();
    let menu = |rows: &[(&str, &str)]| Menu { rows: rows.iter().map(|(k, l)| item(k, l, UserAction::Quit)).collect() };
    items.show(&menu(&[("a", "one"), ("b", "two")]), false, now).unwrap();
    assert!(items.show(&menu(&[("b", "2"), ("c", "three")]), true, now).unwrap(), "something waits");
    assert_shows(&items, &menu(&[("a", "one"), ("b", "2")])).unwrap();
    assert!(!items.show(&menu(&[("b", "2"), ("c", "three")]), false, now).unwrap());
    assert_shows(&items, &menu(&[("b", "2"), ("c", "three")])).unwrap();
}

#[test]
fn a_click_means_what_the_row_wants_now() {
    let mut items = Items::new(MenuBackend::DbusMenu);
    let now = Instant::now();
    let menu = |text: &str| Menu { rows: vec![item("copy", "Copy Evidence", copy(text))] };
    items.show(&menu("old"), false, now).unwrap();
    assert_eq!(items.action_of_click("copy", now), Some(copy("old")));
    items.show(&menu("new"), false, now).unwrap();
    assert_eq!(items.action_of_click("copy", now), Some(copy("new")), "the row says the same, and there is more of it");
    assert_eq!(items.action_of_click("other", now), None);
}

#[test]
fn a_click_on_what_was_something_else_a_moment_ago_is_dropped() {
    let mut items = Items::new(MenuBackend::AppKit);
    let now = Instant::now();
    items.show(&Menu { rows: vec![item("a", "Copy One", copy("1"))] }, false, now).unwrap();
    items.show(&Menu { rows: vec![item("a", "Copy Two", copy("2"))] }, false, now).unwrap();
    assert_eq!(items.action_of_click("a", now + Duration::from_millis(900)), None);
    assert_eq!(items.action_of_click("a", now + Duration::from_secs(1)), Some(copy("2")));
}

#[test]
fn where_rows_move_under_the_pointer_a_click_on_a_moved_row_is_dropped() {
    let now = Instant::now();
    let before = Menu { rows: vec![item("a", "A", copy("a")), item("b", "B", copy("b"))] };
    let after = Menu { rows: vec![item("b", "B", copy("b")), item("c", "C", copy("c"))] };
    for (habit, at_once) in [(MenuBackend::DbusMenu, None), (MenuBackend::AppKit, Some(copy("b")))] {
        let mut items = Items::new(habit);
        items.show(&before, false, now).unwrap();
        assert_eq!(items.action_of_click("b", now), Some(copy("b")), "the first menu was nothing else before");
        items.show(&after, false, now).unwrap();
        assert_eq!(items.action_of_click("b", now), at_once);
        assert_eq!(items.action_of_click("b", now + Duration::from_secs(1)), Some(copy("b")));
        assert_eq!(items.action_of_click("a", now + Duration::from_secs(1)), None);
    }
}

#[test]
fn a_mark_is_set_by_the_model_and_not_by_the_click() {
    let mut items = Items::new(MenuBackend::DbusMenu);
    let now = Instant::now();
    let menu = Menu { rows: vec![check("paused", false)] };
    items.show(&menu, false, now).unwrap();
    let MenuItemKind::Check(mark) = items.menu().items().remove(0) else { unreachable!() };
    mark.set_checked(true); // as muda does on a click
    assert_eq!(items.action_of_click("paused", now), Some(UserAction::Resume));
    assert!(!mark.is_checked());
}

#[test]
fn a_disabled_row_wants_nothing() {
    let mut items = Items::new(MenuBackend::DbusMenu);
    let mut row = item("a", "A", UserAction::Quit);
    let RowKind::Item { enabled, .. } = &mut row.kind else { unreachable!() };
    *enabled = false;
    items.show(&Menu { rows: vec![row] }, false, Instant::now()).unwrap();
    assert_eq!(items.action_of_click("a", Instant::now()), None);
}

#[test]
fn ampersands_are_shown_and_trends_are_drawn_with_characters_where_pictures_are_squeezed() {
    let mut items = Items::new(MenuBackend::DbusMenu);
    let trend =
        Trend { memory: vec![Some(10), Some(10), Some(70), None, None, None, Some(1)], ends: vec![0, 0, 0, 0, 1] };
    let kind = RowKind::Trend { label: "R&D".into(), trend };
    let mut menu = Menu { rows: vec![Row { key: "t".into(), kind }] };
    items.show(&menu, false, Instant::now()).unwrap();
    let text = |items: &Items| {
        let mut lines = Vec::new();
        shown(&items.menu().items(), &mut lines, 0);
        lines
    };
    assert_eq!(text(&items), ["▂█╳▁  R&&D false #t"]);
    let RowKind::Trend { trend, label } = &mut menu.rows[0].kind else { unreachable!() };
    trend.ends.clear();
    label.push('!');
    items.show(&menu, false, Instant::now()).unwrap();
    assert_eq!(text(&items), ["▂█·▁  R&&D! false #t"]);
}
