//! The language in which this process speaks to a person: the one that the command line names, else the config file, else
//! the one that the system prefers. It is chosen once, before anything is said; until then, and where none fits, it is
//! English. JSON is in English whatever that is.

use std::sync::OnceLock;

use goplswatch_core::message::{Message, Said, Verbatim};
use goplswatch_view::{Catalogue, Form, Phrase};

static CHOSEN: OnceLock<&'static Catalogue> = OnceLock::new();

/// The catalogue of that language.
pub(crate) fn words() -> &'static Catalogue {
    CHOSEN.get().copied().unwrap_or_else(Catalogue::english)
}

/// That of a person, or English for JSON.
pub(crate) fn words_for(json: bool) -> &'static Catalogue {
    if json { Catalogue::english() } else { words() }
}

/// Chooses it.
pub(crate) fn choose(language: &'static Catalogue) {
    // Whoever chose first has it.
    let _ = CHOSEN.set(language);
}

/// A language as it is typed.
pub(crate) fn language(tag: &str) -> Result<&'static Catalogue, String> {
    let known = || Verbatim(Catalogue::TAGS.join(", "));
    Catalogue::of(tag).ok_or_else(|| words().phrase(&Phrase::NoLanguage { known: known() }))
}

/// A message in that language, whole.
pub(crate) fn say(message: &Message) -> String {
    words().text(message, Form::Full)
}

/// Messages in that language, line by line.
pub(crate) fn say_lines(lines: &[Message]) -> String {
    lines.iter().map(say).collect::<Vec<_>>().join("\n")
}

/// Puts a message into words for JSON.
pub(crate) fn render(said: &mut Said) {
    said.text = Catalogue::english().text(&said.message, Form::Full);
}
