//! The language of this process's output: the one given on the command line, else the config
//! file's, else the one the system prefers. It is chosen once, before anything is printed; until
//! then, and if no language matches, it is English. JSON output is always in English.

use std::sync::OnceLock;

use goplswatch_core::message::{Message, MessageText, Verbatim};
use goplswatch_view::{Catalogue, Form, Phrase};

static CHOSEN: OnceLock<&'static Catalogue> = OnceLock::new();

/// The catalogue of the chosen language.
pub(crate) fn catalogue() -> &'static Catalogue {
    CHOSEN.get().copied().unwrap_or_else(Catalogue::english)
}

/// The catalogue of the chosen language, or the English one for JSON.
pub(crate) fn catalogue_for(json: bool) -> &'static Catalogue {
    if json { Catalogue::english() } else { catalogue() }
}

/// Chooses the language.
pub(crate) fn choose(language: &'static Catalogue) {
    // The first choice stands.
    let _ = CHOSEN.set(language);
}

/// Parses a language tag as typed by the user.
pub(crate) fn language(tag: &str) -> Result<&'static Catalogue, String> {
    let known = || Verbatim(Catalogue::TAGS.join(", "));
    Catalogue::of(tag).ok_or_else(|| catalogue().phrase(&Phrase::NoLanguage { known: known() }))
}

/// A message in the chosen language, in full form.
pub(crate) fn say(message: &Message) -> String {
    catalogue().text(message, Form::Full)
}

/// Messages in the chosen language, one per line.
pub(crate) fn say_lines(lines: &[Message]) -> String {
    lines.iter().map(say).collect::<Vec<_>>().join("\n")
}

/// Renders a message in English, for JSON.
pub(crate) fn render(said: &mut MessageText) {
    said.text = Catalogue::english().text(&said.message, Form::Full);
}
