//! What is wanted of a fix, and where it is made: data of the caller.

use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::{ProcessKey, Remedy, Snapshot};
use serde::{Deserialize, Serialize};

use super::surroundings::Surroundings;
use crate::change::{self, Action, Step};
use crate::said::joined;

/// What is wanted: a remedy, for an incident or a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Ask {
    /// Which.
    pub remedy: Remedy,
    /// The id of the incident that it is for; null: none.
    pub incident: Option<String>,
    /// The process that it acts on; null: the one that the offer names.
    pub process: Option<ProcessKey>,
}

/// Where everything is: data of the caller.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where receipts are, and what a step may need.
    pub change: change::Site,
    /// The home folder, which evidence writes as `~`.
    pub home: Option<PathBuf>,
    /// Who writes it.
    pub evidence: Evidence,
    /// Where programs of others keep their settings and tools.
    pub surroundings: Surroundings,
    /// How long things may take.
    pub patience: Patience,
}

/// Writes what is seen of the incident of this id, or of everything, as text for a bug report.
pub type Evidence = fn(&Snapshot, Option<&str>, Option<&Path>) -> String;

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Patience {
    /// From a SIGTERM or SIGQUIT to the word that it still runs.
    pub end: Duration,
    /// From a SIGKILL to that word.
    pub kill: Duration,
    /// A gopls that is asked for its version, and a go command that is asked where things are.
    pub answer: Duration,
    /// A workspace that is looked through for large folders.
    pub look: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        // gopls ends within milliseconds of a SIGTERM, after it wrote a dump within some hundred. SIGKILL is the
        // kernel's work alone, and lasts only while a page or a file does not come.
        Self {
            end: Duration::from_secs(5),
            kill: Duration::from_secs(2),
            // Both answer within some ten milliseconds; a program that a Mac has not seen before is looked at first.
            answer: Duration::from_secs(10),
            look: Duration::from_secs(5),
        }
    }
}

impl Site {
    /// This system's desktop, receipts in this folder.
    #[must_use]
    pub fn new(receipts: PathBuf, home: Option<PathBuf>, evidence: Evidence) -> Self {
        Self {
            change: change::Site::new(receipts),
            home,
            evidence,
            surroundings: Surroundings::of_this_system(),
            patience: Patience::default(),
        }
    }
}

/// What a remedy comes to in this case.
pub(super) struct Made {
    pub(super) steps: Vec<Step>,
    /// What it costs, as sentences; none: what ending its process costs.
    pub(super) cost: Option<Message>,
    /// What undo does about it, as a sentence; none: as the table has it.
    pub(super) undo: Option<Message>,
    /// Here it is for a person to do.
    pub(super) is_manual: bool,
}

impl Made {
    pub(super) fn of(step: impl Into<Step>) -> Self {
        Self { steps: vec![step.into()], cost: None, undo: None, is_manual: false }
    }

    pub(super) fn by_hand(lines: Vec<Message>) -> Self {
        Self { is_manual: true, ..Self::of(Action::by_hand(lines)) }
    }

    /// One more sentence about what it costs.
    pub(super) fn and_costs(&mut self, sentence: Message) {
        self.cost =
            joined(self.cost.take().into_iter().chain([sentence]), |first, then| Message::Followed { first, then });
    }
}
