//! A scene as text, for a terminal: what the icon says, the menu with all that is in it, the notifications.

use goplswatch_core::Trend;

use crate::{Menu, Note, Row, RowKind, Scene};

/// The heights of a bar, least first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LINE: &str = "─────────────";

/// A scene as lines of text, each with its line break. Submenus stand open below their rows.
#[must_use]
pub fn drawing(scene: &Scene) -> String {
    let mut text = format!("{}\n\n", scene.icon.label);
    menu(&scene.menu, &mut text);
    if !scene.notes.is_empty() {
        text.push_str("\nNotifications\n");
    }
    for told in &scene.notes {
        note(told, &mut text);
    }
    text
}

fn menu(menu: &Menu, text: &mut String) {
    for row in &menu.rows {
        draw(row, 1, text);
    }
}

fn draw(row: &Row, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let line = match &row.kind {
        RowKind::Text { label } => label.clone(),
        RowKind::Item { label, checked, shortcut, enabled, .. } => {
            let mark = match checked {
                Some(true) => "✓ ",
                Some(false) => "  ",
                None => "",
            };
            let keys = shortcut.as_ref().map_or_else(String::new, |keys| format!("   {keys}"));
            let off = if *enabled { "" } else { "   (not now)" };
            format!("[{mark}{label}]{keys}{off}")
        }
        RowKind::Trend { label, trend } => format!("{}  {label}", bars(trend)),
        RowKind::Submenu { label, .. } => format!("{label} ▸"),
        RowKind::Separator => LINE.into(),
    };
    text.push_str(&format!("{indent}{line}\n"));
    if let RowKind::Submenu { rows, .. } = &row.kind {
        for row in rows {
            draw(row, depth + 2, text);
        }
    }
}

/// Memory as bars against its greatest value; a space where it is not known.
fn bars(trend: &Trend) -> String {
    let most = trend.memory.iter().copied().flatten().max().unwrap_or(0).max(1);
    let bar = |bytes: u64| {
        let height = u128::from(bytes) * (BARS.len() as u128 - 1) / u128::from(most);
        usize::try_from(height).ok().and_then(|height| BARS.get(height)).copied().unwrap_or(' ')
    };
    trend.memory.iter().map(|bytes| bytes.map_or(' ', bar)).collect()
}

fn note(told: &Note, text: &mut String) {
    text.push_str(&format!("  {}\n    {}\n", told.title, told.body));
    let buttons: Vec<String> = told.buttons.iter().map(|button| format!("[{}]", button.label)).collect();
    if !buttons.is_empty() {
        text.push_str(&format!("    {}\n", buttons.join(" ")));
    }
}
