//! What a command that did its work found; `main` gives each its exit code.

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing wrong.
    Nothing,
    /// A problem.
    Problem,
    /// It could not be checked.
    CouldNotCheck,
}
