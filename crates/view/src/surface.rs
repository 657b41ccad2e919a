//! The texts that a surface adds to scenes.

use crate::{Catalogue, Phrase};

/// The texts that a surface adds to scenes, depending on what its desktop supports. Surfaces have
/// no access to the catalogue, so these texts are formatted in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurfaceWords {
    /// The label for a click on a notification, on desktops that need one.
    pub show: String,
    /// Appended to a question where notifications have no buttons.
    pub no_buttons: String,
    /// Shown when the icon is clicked with a button that does not open the menu.
    pub right_button: String,
}

impl SurfaceWords {
    /// The texts in this language.
    #[must_use]
    pub fn new(words: &Catalogue) -> Self {
        Self {
            show: words.phrase(&Phrase::NoteShow),
            no_buttons: words.phrase(&Phrase::NoteNoButtons),
            right_button: words.phrase(&Phrase::IconRightButton),
        }
    }
}
