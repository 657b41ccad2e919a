//! Tests of the comparison of menus.

use proptest::prelude::*;

use super::*;
use crate::any_menu::any_menu;

fn item(key: &str, label: &str) -> Row {
    let kind = RowKind::Item {
        label: label.to_owned(),
        wants: UserAction::Quit,
        enabled: true,
        checked: None,
        shortcut: None,
    };
    Row { key: key.to_owned(), kind }
}

fn submenu(key: &str, rows: Vec<Row>) -> Row {
    Row { key: key.to_owned(), kind: RowKind::Submenu { label: key.to_owned(), rows } }
}

fn menu(keys: &[&str]) -> Menu {
    Menu { rows: keys.iter().map(|key| item(key, key)).collect() }
}

fn after(old: &Menu, changes: &[Change]) -> Menu {
    let mut made = old.clone();
    for change in changes {
        apply(&mut made, change);
    }
    made
}

#[test]
fn another_text_is_one_change() {
    let (old, mut new) = (menu(&["a", "b", "c"]), menu(&["a", "b", "c"]));
    new.rows[1] = item("b", "other");
    assert_eq!(diff(&old, &new), [Change::Label { key: "b".into(), label: "other".into() }]);
}

#[test]
fn a_new_row_and_a_lost_row_are_one_change_each() {
    let (few, many) = (menu(&["a", "c"]), menu(&["a", "b", "c"]));
    assert_eq!(diff(&few, &many), [Change::Insert { parent: None, at: 1, row: item("b", "b") }]);
    assert_eq!(diff(&many, &few), [Change::Remove { parent: None, at: 1, key: "b".into() }]);
}

#[test]
fn a_row_that_moved_is_the_only_one_that_is_touched() {
    let (old, new) = (menu(&["a", "b", "c", "d", "e"]), menu(&["e", "a", "b", "c", "d"]));
    let changes = diff(&old, &new);
    let expected = [
        Change::Remove { parent: None, at: 4, key: "e".into() },
        Change::Insert { parent: None, at: 0, row: item("e", "e") },
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_row_that_moves_to_another_menu_is_gone_before_it_comes() {
    let old = Menu { rows: vec![submenu("s", vec![item("a", "a")]), item("b", "b")] };
    let new = Menu { rows: vec![item("a", "a"), submenu("s", vec![]), item("b", "b")] };
    let changes = diff(&old, &new);
    assert!(matches!(&changes[0], Change::Remove { parent: Some(parent), .. } if parent == "s"), "{changes:?}");
    assert_eq!(changes.len(), 2);
    assert_eq!(after(&old, &changes), new);
}

#[test]
fn a_mark_that_comes_makes_another_kind_of_row() {
    let (old, mut new) = (menu(&["a"]), menu(&["a"]));
    let RowKind::Item { checked, .. } = &mut new.rows[0].kind else { unreachable!() };
    *checked = Some(true);
    assert!(diff(&old, &new).iter().all(Change::is_structural));
    let marked = new.clone();
    let RowKind::Item { checked, .. } = &mut new.rows[0].kind else { unreachable!() };
    *checked = Some(false);
    assert_eq!(diff(&marked, &new), [Change::Checked { key: "a".into(), checked: false }]);
}

proptest! {
    #[test]
    fn the_changes_make_the_old_menu_the_new_one(old in any_menu(), new in any_menu()) {
        let changes = diff(&old, &new);
        prop_assert_eq!(after(&old, &changes), new.clone());
        prop_assert!(diff(&new, &new).is_empty());
    }

    #[test]
    fn every_change_changes_something(old in any_menu(), new in any_menu()) {
        let mut made = old.clone();
        for change in diff(&old, &new) {
            let before = made.clone();
            apply(&mut made, &change);
            prop_assert_ne!(&before, &made, "{:?}", change);
        }
    }

    #[test]
    fn what_waits_while_a_menu_is_open_is_found_again_later(old in any_menu(), new in any_menu()) {
        let at_once: Vec<Change> = diff(&old, &new).into_iter().filter(|change| !change.is_structural()).collect();
        let between = after(&old, &at_once);
        let later = diff(&between, &new);
        prop_assert_eq!(after(&between, &later), new);
        prop_assert!(later.iter().all(Change::is_structural));
    }

    #[test]
    fn a_row_that_is_the_same_in_both_is_not_touched(base in any_menu(), gone in any::<prop::sample::Index>()) {
        prop_assume!(!base.rows.is_empty());
        let mut less = base.clone();
        less.rows.remove(gone.index(base.rows.len()));
        prop_assert_eq!(diff(&base, &less).len(), 1);
        prop_assert_eq!(diff(&less, &base).len(), 1);
    }
}
