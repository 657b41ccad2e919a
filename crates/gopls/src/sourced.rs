//! A fact about a program of others that is never stated without its source.

/// A fact that was read in a client's source or observed in a run, with its source; or the reason
/// why it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sourced<T> {
    /// The value and its source.
    Known(T, &'static str),
    /// The reason why there is no value, as a fragment.
    Unknown(&'static str),
}

impl<T: Copy> Sourced<T> {
    /// The value, if it is known.
    pub const fn value(&self) -> Option<T> {
        match self {
            Self::Known(value, _) => Some(*value),
            Self::Unknown(_) => None,
        }
    }

    /// Where the value was read or observed, or why it is not known.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Known(_, source) | Self::Unknown(source) => source,
        }
    }
}
