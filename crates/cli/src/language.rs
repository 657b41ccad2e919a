//! The language in which this process speaks to a person. JSON is in English whatever that is.

use goplswatch_view::Catalogue;

/// The catalogue of that language.
pub(crate) fn words() -> &'static Catalogue {
    Catalogue::english()
}
