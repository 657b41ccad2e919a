//! What is wrong with a config file, as messages that fit on one line each.

use goplswatch_core::clean;
use goplswatch_core::message::{Count, Message, MessageText, SharedMessage, Verbatim};
use serde::Serialize;

/// One thing that is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The line, from 1; null if the problem concerns the file as a whole.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// The key with its section, such as `detect.loop-ends`.
    pub key: Option<String>,
    /// What is wrong and what was expected: a lowercase fragment on one line.
    #[serde(flatten)]
    pub said: MessageText,
    /// The key or value that was probably meant, as it is to be written.
    pub suggestion: Option<String>,
}

impl Problem {
    /// A problem with the file as a whole.
    pub(super) fn whole(message: Message) -> Self {
        Self { line: None, column: None, key: None, said: message.into(), suggestion: None }
    }

    /// What is wrong and what was probably meant, without line and column.
    #[must_use]
    pub fn unplaced(&self) -> SharedMessage {
        let problem = SharedMessage::clone(&self.said.message);
        match &self.suggestion {
            Some(meant) => Message::ConfigMeant { problem, meant: Verbatim(meant.clone()) }.into(),
            None => problem,
        }
    }

    /// The same with line and column.
    #[must_use]
    pub fn message(&self) -> SharedMessage {
        let count = |n: usize| Count::new(n as u64);
        let problem = self.unplaced();
        match (self.line.map(count), self.column.map(count)) {
            (Some(line), Some(column)) => Message::ConfigAtPlace { line, column, problem }.into(),
            (Some(line), None) => Message::ConfigAtLine { line, problem }.into(),
            (None, _) => problem,
        }
    }
}

/// A name or value from a file, shortened for a message of one line.
pub(super) fn clip(text: &str) -> String {
    one_line(text, 60)
}

/// The text, with characters escaped that break or reorder a line (controls, bidirectional marks),
/// cut after `most` characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => clean::escaped(&text[..end]).into_owned() + "…",
        None => clean::escaped(text).into_owned(),
    }
}

/// The candidate that was probably meant by `name`, if one is similar: a few letters off, cut
/// short, or with `_` for `-`.
pub(super) fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    if name.len() > 64 {
        return None;
    }
    let plain = name.to_lowercase().replace('_', "-");
    candidates
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&plain, candidate);
            let cut_short = plain.len() >= 4 && candidate.starts_with(&plain);
            let near = distance <= (candidate.len() / 3).max(1) && distance < candidate.len();
            (near || cut_short).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}
