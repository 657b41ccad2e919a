//! Text functions shared by the modules of this crate: sanitizing foreign names, line breaking.
//!
//! A folder or a program can have any name: with a line break, an escape sequence, a character that
//! reverses the direction of the rest of a sentence, three hundred characters. The displayed form
//! has no such characters, is short, and is enclosed in an isolate if it is written from right to
//! left (Unicode Standard Annex 9, "Directional formatting characters").

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use goplswatch_core::{clean, path_names};

/// The longest name that is shown in full, in characters.
const NAME: usize = 32;
/// The longest text of a row, in characters.
const LINE: usize = 96;

const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// A text from outside as one line, without characters that are not shown.
pub(crate) fn sanitize(text: &str) -> String {
    clean::line(text).into_owned()
}

/// Like [`sanitize`], but keeps the line breaks of a text of several lines.
pub(crate) fn clean_lines(text: &str) -> String {
    text.lines().map(sanitize).collect::<Vec<_>>().join("\n")
}

/// The blocks of right-to-left scripts: Hebrew to Arabic Extended-A, their presentation forms, and
/// those of plane 1 (Cypriot to Yezidi, Mende Kikakui to Arabic Mathematical).
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// Characters that attach to the preceding one: combining marks, variation selectors, joiners, skin
/// tones.
const fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The displayed form of a name; `None` if nothing of it can be shown.
pub(crate) fn name(text: &str) -> Option<String> {
    fit(text, NAME)
}

/// The displayed form of a name without a length limit.
pub(crate) fn whole_name(text: &str) -> Option<String> {
    fit(text, usize::MAX)
}

fn fit(text: &str, most: usize) -> Option<String> {
    let clean = sanitize(text);
    let trimmed = clean.trim();
    let short = elide_middle(trimmed, most);
    match trimmed {
        "" => None,
        _ if short.chars().any(is_right_to_left) => Some(format!("{ISOLATE}{short}{END_OF_ISOLATE}")),
        _ => Some(short),
    }
}

/// Shortens a text to at most `most` characters by removing its middle, because names differ at
/// their ends.
pub(crate) fn elide_middle(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = (most - 1) * 2 / 5;
    let mut head: Vec<char> = text.chars().take(most - 1 - tail).collect();
    // A joiner without the character that it joins.
    while head.last().is_some_and(|c| *c == '\u{200d}') {
        head.pop();
    }
    let tail = text.chars().skip(count - tail).skip_while(|c| joins(*c));
    head.into_iter().chain(['…']).chain(tail).collect()
}

/// Breaks a text into as many rows as it needs, between words.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= LINE => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(elide_middle(word, LINE)),
        }
    }
    lines.into_iter().map(balanced).collect()
}

/// Adds the missing beginnings and ends of isolates, since a text may be broken inside one.
fn balanced(line: String) -> String {
    let (open, closed) = (line.matches(ISOLATE).count(), line.matches(END_OF_ISOLATE).count());
    let missing = |mark: char, n: usize| std::iter::repeat_n(mark, n).collect::<String>();
    match open.cmp(&closed) {
        Ordering::Equal => line,
        Ordering::Greater => line + &missing(END_OF_ISOLATE, open - closed),
        Ordering::Less => missing(ISOLATE, closed - open) + &line,
    }
}

/// Sentences on at most `most` rows; each sentence starts a new row.
pub(crate) fn rows(sentences: &[impl AsRef<str>], most: usize) -> Vec<String> {
    let mut rows: Vec<String> = sentences.iter().flat_map(|sentence| lines(sentence.as_ref())).collect();
    if rows.len() > most {
        rows.truncate(most);
        if let Some(last) = rows.last_mut() {
            *last = format!("{}…", last.trim_end_matches(['.', ',', ';', ':', ' ']));
        }
    }
    rows
}

/// Capitalizes the first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Short names of folders: the last component of the path, with its parent's name if the last
/// component alone would be ambiguous.
#[derive(Debug)]
pub(crate) struct FolderNames<'a> {
    ambiguous: BTreeSet<&'a str>,
}

impl<'a> FolderNames<'a> {
    /// Takes all the paths that are shown together.
    pub(crate) fn new(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let mut ambiguous = BTreeSet::new();
        for path in paths {
            let path = path.trim_end_matches('/');
            let last = path_names::folder(path);
            if *known.entry(last).or_insert(path) != path {
                ambiguous.insert(last);
            }
        }
        Self { ambiguous }
    }

    /// The short name of a path; `None` if nothing of it can be shown.
    pub(crate) fn name(&self, path: &str) -> Option<String> {
        let trimmed = path.trim_end_matches('/');
        let last = path_names::folder(path);
        let parent = trimmed.strip_suffix(last).map(|parent| path_names::folder(parent.trim_end_matches('/')));
        match parent.filter(|parent| !parent.is_empty() && self.ambiguous.contains(last)) {
            Some(parent) => name(&format!("{parent}/{last}")),
            None => name(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_become_fit_to_be_shown() {
        assert_eq!(name("api-server").unwrap(), "api-server");
        assert_eq!(name("a\u{1b}[2J\nb\u{202e}c\u{2028}d").unwrap(), "a[2J bc d");
        assert_eq!(name("\u{202e}\u{7}\n"), None);
        assert_eq!(name("خادم").unwrap(), "\u{2068}خادم\u{2069}");
        assert_eq!(name("服务器").unwrap(), "服务器");
        let long = name(&format!("{}-frontend-gateway", "микросервис-".repeat(5))).unwrap();
        assert_eq!((long.chars().count(), long.as_str()), (32, "микросервис-микросе…tend-gateway"));
        // The woman and her laptop are one glyph: neither the joiner nor the skin tone may be left
        // alone.
        let emoji = "👩🏽\u{200d}💻".repeat(20);
        let cut = elide_middle(&emoji, 32);
        let (head, tail) = cut.split_once('…').unwrap();
        assert!(!head.ends_with('\u{200d}') && !tail.starts_with(joins), "{cut}");
    }

    #[test]
    fn sentences_become_rows() {
        let text = ["3 times in v1.2 in 0.4 s.", "Each time: exit 2."];
        assert_eq!(rows(&text, 2), text);
        assert_eq!(rows(&text, 1), ["3 times in v1.2 in 0.4 s…"]);
        assert!(rows(&[""], 2).is_empty());
        // The essential part of a sentence may be at its end.
        let long = format!("{}and does not start it again.", "gopls ended, ".repeat(8));
        let said = rows(&[&long], 2);
        assert_eq!((said.len(), said.join(" ")), (2, long.clone()));
        assert!(said.iter().all(|row| row.chars().count() <= LINE), "{said:?}");
        assert!(rows(&[&long], 1)[0].ends_with('…'));
        assert_eq!(lines(&"x".repeat(200))[0].chars().count(), LINE);
        // A name that is broken across rows is an isolate on each of them.
        let broken = lines(&format!("{} \u{2068}א ב\u{2069} end", "x".repeat(LINE - 3)));
        assert!(broken[0].ends_with("\u{2068}א\u{2069}") && broken[1] == "\u{2068}ב\u{2069} end", "{broken:?}");
    }

    #[test]
    fn folders_of_one_name_are_told_apart() {
        let places = FolderNames::new(["/w/new/api", "/w/old/api/", "/w/web", "/w/web", "/w/web/"].into_iter());
        assert_eq!(places.name("/w/new/api").unwrap(), "new/api");
        assert_eq!(places.name("/w/old/api/").unwrap(), "old/api");
        assert_eq!(places.name("/w/web").unwrap(), "web");
        assert_eq!(places.name("/").unwrap(), "/");
        assert_eq!(places.name(""), None);
    }
}
