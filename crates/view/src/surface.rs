//! What a desktop has its surface say beside scenes.

use crate::{Catalogue, Phrase};

/// What a desktop has its surface say beside scenes, as it has or lacks parts of its own. Whoever shows scenes knows no
/// catalogue, so these words are put together before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurfaceWords {
    /// What a click on a notification does, where the desktop wants words for that.
    pub show: String,
    /// Behind a question, where notifications have no buttons.
    pub no_buttons: String,
    /// An icon was clicked with the button that opens no menu.
    pub right_button: String,
}

impl SurfaceWords {
    /// In this language.
    #[must_use]
    pub fn new(words: &Catalogue) -> Self {
        Self {
            show: words.phrase(&Phrase::NoteShow),
            no_buttons: words.phrase(&Phrase::NoteNoButtons),
            right_button: words.phrase(&Phrase::IconRightButton),
        }
    }
}
