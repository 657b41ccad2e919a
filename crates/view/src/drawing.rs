//! A scene as text for a terminal: the icon's label, the full menu, the notifications.

use crate::{Catalogue, Menu, NotificationText, Phrase, Row, RowKind, Scene};

/// The characters of a bar chart, lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LINE: &str = "─────────────";

/// A scene as lines of text, each with its line break. Submenus are expanded below their rows.
#[must_use]
pub fn drawing(scene: &Scene, words: &Catalogue) -> String {
    let mut text = format!("{}\n\n", scene.icon.label);
    let not_now = words.phrase(&Phrase::NotNow);
    menu(&scene.menu, &not_now, &mut text);
    if !scene.notes.is_empty() {
        text.push_str(&format!("\n{}\n", words.phrase(&Phrase::NotificationsTitle)));
    }
    for notification in &scene.notes {
        note(notification, &mut text);
    }
    text
}

fn menu(menu: &Menu, not_now: &str, text: &mut String) {
    for row in &menu.rows {
        draw(row, 1, not_now, text);
    }
}

fn draw(row: &Row, depth: usize, not_now: &str, text: &mut String) {
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
            let off = if *enabled { String::new() } else { format!("   {not_now}") };
            format!("[{mark}{label}]{keys}{off}")
        }
        RowKind::Trend { label, trend } => format!("{}  {label}", bars(&trend.memory, trend.memory.len())),
        RowKind::Submenu { label, .. } => format!("{label} ▸"),
        RowKind::Separator => LINE.into(),
    };
    text.push_str(&format!("{indent}{line}\n"));
    if let RowKind::Submenu { rows, .. } = &row.kind {
        for row in rows {
            draw(row, depth + 2, not_now, text);
        }
    }
}

/// A bar chart of values, scaled to the greatest of them, with a space for an unknown value. At
/// most `most_characters` characters: if there are more values, each character shows the greatest
/// of several neighbours.
#[must_use]
pub fn bars(values: &[Option<u64>], most_characters: usize) -> String {
    let most = values.iter().copied().flatten().max().unwrap_or(0).max(1);
    let bar = |value: u64| {
        let height = u128::from(value) * (BARS.len() as u128 - 1) / u128::from(most);
        usize::try_from(height).ok().and_then(|height| BARS.get(height)).copied().unwrap_or(' ')
    };
    let together = values.len().div_ceil(most_characters.max(1)).max(1);
    values.chunks(together).map(|some| some.iter().copied().flatten().max().map_or(' ', bar)).collect()
}

fn note(notification: &NotificationText, text: &mut String) {
    text.push_str(&format!("  {}\n    {}\n", notification.title, notification.body));
    let buttons: Vec<String> = notification.buttons.iter().map(|button| format!("[{}]", button.label)).collect();
    if !buttons.is_empty() {
        text.push_str(&format!("    {}\n", buttons.join(" ")));
    }
}

#[cfg(test)]
mod tests {
    use super::bars;

    #[test]
    fn bars_are_as_high_as_their_share_and_no_more_than_there_is_room() {
        assert_eq!(bars(&[Some(0), Some(50), Some(100), None, Some(7)], 10), "▁▄█ ▁");
        assert_eq!(bars(&[None, None, Some(u64::MAX), Some(1), None], 3), " █ ");
        let day: Vec<_> = (0..288).map(Some).collect();
        assert_eq!(bars(&day, 48).chars().count(), 48);
        assert_eq!((bars(&[], 48), bars(&[Some(3)], 0)), (String::new(), "█".to_owned()));
    }
}
