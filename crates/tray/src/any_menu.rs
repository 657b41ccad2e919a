//! Proptest strategies that generate menus.

use goplswatch_core::Trend;
use goplswatch_view::{Menu, Row, RowKind, UserAction};
use proptest::collection::vec;
use proptest::prelude::*;

/// Rows without keys. [`any_menu`] assigns the keys afterwards, so that they are unique in a menu.
fn any_rows(depth: u32) -> BoxedStrategy<Vec<Row>> {
    let label = prop::sample::select(vec!["one", "two", "three"]).prop_map(str::to_owned);
    let action = prop_oneof![Just(UserAction::Quit), Just(UserAction::OpenConfig), Just(UserAction::Resume)];
    let trend = vec(prop::option::of(0u64..3), 0..3)
        .prop_map(|memory| Trend { ends: memory.iter().map(|_| 1).collect(), memory });
    let leaf = prop_oneof![
        1 => Just(RowKind::Separator),
        2 => label.clone().prop_map(|label| RowKind::Text { label }),
        1 => (label.clone(), trend).prop_map(|(label, trend)| RowKind::Trend { label, trend }),
        4 => (label.clone(), action, any::<bool>(), any::<Option<bool>>(), any::<bool>()).prop_map(
            |(label, wants, enabled, checked, keys)| {
                RowKind::Item { label, wants, enabled, checked, shortcut: keys.then(|| "CmdOrCtrl+Q".to_owned()) }
            }
        ),
    ];
    let kind = if depth == 0 {
        leaf.boxed()
    } else {
        let sub = (label, any_rows(depth - 1)).prop_map(|(label, rows)| RowKind::Submenu { label, rows });
        prop_oneof![3 => leaf, 1 => sub].boxed()
    };
    vec(kind.prop_map(|kind| Row { key: String::new(), kind }), 0..7).boxed()
}

/// Gives each row a key from the pool, in the order of the pool.
fn name(rows: &mut [Row], keys: &mut impl Iterator<Item = u32>) {
    for row in rows {
        row.key = format!("k{}", keys.next().unwrap());
        if let RowKind::Submenu { rows, .. } = &mut row.kind {
            name(rows, keys);
        }
    }
}

/// A menu with up to two levels of submenus and unique keys. Two generated menus share most of
/// their keys.
pub(crate) fn any_menu() -> impl Strategy<Value = Menu> {
    // The pool is hardly larger than a menu, so two menus share most of their keys.
    (any_rows(2), Just((0u32..400).collect::<Vec<_>>()).prop_shuffle(), any::<bool>()).prop_map(
        |(mut rows, shuffled, in_order)| {
            let mut pool: Vec<u32> = shuffled.into_iter().filter(|key| *key < 30).collect();
            if in_order {
                pool.sort_unstable();
            }
            name(&mut rows, &mut pool.into_iter().chain(1000..));
            Menu { rows }
        },
    )
}
