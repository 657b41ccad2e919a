//! The sentences of an incident that names its cause where one is likely.

use serde::{Deserialize, Serialize};

use super::weights::{CODE_SIGNATURE, OUT_OF_MEMORY, PANIC};
use crate::codes::Code;
use crate::event::{CauseView, Weight};

/// The sentences of an incident that names its cause where one is likely.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct Words {
    /// What happened.
    stem: String,
    /// What is said in the place of a cause that is not known.
    otherwise: String,
    /// Whether the stem already says how gopls ended, so that this is no news as a cause.
    says_how: bool,
    /// Whether a cause is named at all.
    names_cause: bool,
}

impl From<String> for Words {
    fn from(stem: String) -> Self {
        Self { stem, ..Self::default() }
    }
}

impl Words {
    /// Sentences to which the likely cause is added, or these words where there is none.
    pub(in crate::engine) fn with_cause(stem: String, otherwise: String) -> Self {
        Self { stem, otherwise, says_how: false, names_cause: true }
    }

    /// The same for sentences that say how gopls ended.
    pub(in crate::engine) fn after_an_end(stem: String) -> Self {
        Self { stem, otherwise: String::new(), says_how: true, names_cause: true }
    }

    /// The whole text beside these causes.
    pub(in crate::engine) fn text(&self, causes: &[CauseView]) -> String {
        let likely = causes
            .iter()
            .find(|cause| matches!(cause.weight, Weight::Certain | Weight::MostLikely))
            .filter(|cause| self.names_cause && !(self.says_how && is_how(&cause.cause)));
        match likely {
            Some(cause) => format!("{} {}: {}.", self.stem, cause.weight.said(), cause.text),
            None if self.otherwise.is_empty() => self.stem.clone(),
            None => format!("{} {}", self.stem, self.otherwise),
        }
    }

    /// Whether the text depends on the causes.
    pub(in crate::engine) const fn names_cause(&self) -> bool {
        self.names_cause
    }
}

fn is_how(cause: &str) -> bool {
    [OUT_OF_MEMORY, CODE_SIGNATURE, PANIC].contains(&cause) || cause == Code::OutOfMemoryKill.word()
}
