//! Text from outside: which of its characters are never shown.
//!
//! A folder, a program or a message of another program can hold any character: line breaks, escape
//! sequences, marks that reverse the direction of what follows, characters that nobody sees.
//! Whatever shows text from outside (terminal, menu, log, metrics) takes them out with a function
//! of this file, and JSON escapes them ([`json`](crate::json)). No other code decides which
//! characters those are.

use std::borrow::Cow;

/// Whether a character is obeyed or passed over instead of being shown: controls (C0, C1), line and
/// paragraph separators, marks of direction, zero-width characters, soft hyphen, tags. The joiners
/// U+200C and U+200D are not among them: words of Persian and emoji need them.
///
/// Sources: Unicode Standard Annex 9 (directional formatting characters), Unicode Technical Report
/// 36, section 2.5 (invisible characters in names), and its data file
/// `DefaultIgnorableCodePoint`, of which these are the ones that stand in no word.
#[must_use]
pub const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// The text as one line: what ends a line or jumps becomes a space, what else is hidden is left
/// out.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    replaced(text, |c| match c {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ => None,
    })
}

/// The text with U+FFFD for each hidden character, where it should be seen that there was one.
#[must_use]
pub fn marked(text: &str) -> Cow<'_, str> {
    replaced(text, |_| Some(char::REPLACEMENT_CHARACTER))
}

/// The text with each hidden character written as `\u{…}`.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            line.extend(c.escape_unicode());
        } else {
            line.push(c);
        }
    }
    Cow::Owned(line)
}

/// Whether the text holds nothing but printable ASCII, as most do.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn replaced(text: &str, by: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if is_plain(text) || !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(|c| if is_hidden(c) { by(c) } else { Some(c) }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each kind that a terminal, a menu or a reader would be misled by.
    const HIDDEN: [char; 24] = [
        '\0',
        '\n',
        '\r',
        '\t',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200e}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{fffa}',
        '\u{e0000}',
        '\u{e0041}',
        '\u{e007f}',
    ];

    #[test]
    fn what_is_hidden_is_gone_or_seen() {
        for c in HIDDEN {
            let text = format!("a{c}b");
            assert!(["ab", "a b"].contains(&line(&text).as_ref()), "{c:?}");
            assert_eq!(marked(&text), "a\u{fffd}b", "{c:?}");
            assert_eq!(escaped(&text), format!("a{}b", c.escape_unicode()), "{c:?}");
        }
        assert_eq!(line("Zoë’s 文件夹 می‌خواهم 👩‍💻"), "Zoë’s 文件夹 می‌خواهم 👩‍💻", "words keep their joiners");
        assert!(matches!(line("plain"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text: String) {
            prop_assert!(!line(&text).contains(is_hidden));
            prop_assert!(!marked(&text).contains(is_hidden));
            prop_assert!(!escaped(&text).contains(is_hidden));
        }
    }
}
