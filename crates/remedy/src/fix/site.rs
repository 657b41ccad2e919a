//! The request for a fix, and where it is carried out, as data from the caller.

use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::{ProcessKey, Remedy, Snapshot};
use serde::{Deserialize, Serialize};

use super::surroundings::ExternalPaths;
use crate::change::{self, Action, Step};
use crate::said::joined;

/// A request: a remedy, for an incident or a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Request {
    /// The remedy.
    pub remedy: Remedy,
    /// The id of the incident that it is for; null if there is none.
    pub incident: Option<String>,
    /// The process that it acts on; null means the one that the offer names.
    pub process: Option<ProcessKey>,
}

/// Paths, tools and deadlines, as data from the caller.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where receipts are kept, and what a step may need.
    pub change: change::Site,
    /// The home folder, which is written as `~` in evidence.
    pub home: Option<PathBuf>,
    /// The function that writes evidence.
    pub evidence: Evidence,
    /// Where other programs keep their settings and tools.
    pub surroundings: ExternalPaths,
    /// Deadlines.
    pub timeouts: Timeouts,
}

/// Writes the observations of the incident with this id, or of everything, as text for a bug
/// report. The path is the home folder.
pub type Evidence = fn(&Snapshot, Option<&str>, Option<&Path>) -> String;

/// Deadlines.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// From a SIGTERM or SIGQUIT until the process is reported as still running.
    pub end: Duration,
    /// From a SIGKILL until the process is reported as still running.
    pub kill: Duration,
    /// For a gopls to report its version, and for a go command to report its paths.
    pub answer: Duration,
    /// For the scan of a workspace for large folders.
    pub look: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        // gopls exits within milliseconds of a SIGTERM, and after writing a dump within some
        // hundred milliseconds. SIGKILL depends on the kernel alone, and takes long only while a
        // page or a file does not arrive.
        Self {
            end: Duration::from_secs(5),
            kill: Duration::from_secs(2),
            // Both answer within some ten milliseconds, but macOS first checks a program that it
            // has not seen before.
            answer: Duration::from_secs(10),
            look: Duration::from_secs(5),
        }
    }
}

impl Site {
    /// This system's desktop, with receipts in this folder.
    #[must_use]
    pub fn new(receipts: PathBuf, home: Option<PathBuf>, evidence: Evidence) -> Self {
        Self {
            change: change::Site::new(receipts),
            home,
            evidence,
            surroundings: ExternalPaths::of_this_system(),
            timeouts: Timeouts::default(),
        }
    }
}

/// What a remedy amounts to in this case.
pub(super) struct Draft {
    pub(super) steps: Vec<Step>,
    /// What it costs, as sentences; `None` means the cost of ending its process.
    pub(super) cost: Option<Message>,
    /// What undo does about it, as a sentence; `None` means the table's sentence.
    pub(super) undo: Option<Message>,
    /// Whether the user has to do it by hand in this case.
    pub(super) is_manual: bool,
}

impl Draft {
    pub(super) fn of(step: impl Into<Step>) -> Self {
        Self { steps: vec![step.into()], cost: None, undo: None, is_manual: false }
    }

    pub(super) fn by_hand(lines: Vec<Message>) -> Self {
        Self { is_manual: true, ..Self::of(Action::by_hand(lines)) }
    }

    /// Adds a sentence to the cost.
    pub(super) fn and_costs(&mut self, sentence: Message) {
        self.cost =
            joined(self.cost.take().into_iter().chain([sentence]), |first, then| Message::Followed { first, then });
    }
}
