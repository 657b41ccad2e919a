//! The result of a command that did its work; `main` maps it to an exit code.

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandOutcome {
    /// Nothing is wrong.
    Nothing,
    /// A problem was found.
    Problem,
    /// It could not be checked.
    CouldNotCheck,
}
