//! Fixes: what a remedy does here and now, shown first, done on a yes, with a receipt, and taken back where that can be.
//!
//! Theory of operation. The engine decides what is offered; a snapshot carries it. [`plan`] turns one offer into a
//! [`Plan`]: steps as data, what they cost and what undo does about them, with a hash over all of it. Whoever asks shows
//! [`Plan::preview`], and hands the plan to [`apply`] with a [`Yes`] that names the hash which was shown; a risky plan is
//! not begun without one. A receipt is on the disk before the first step and after each, so that a run that was killed
//! says how far it came. Right before a step its process is held and compared (pid, start mark, own user, executable),
//! its file is read and compared (hash): what changed since it was shown is not touched. [`undo`] works from a receipt
//! alone, in the reverse order; files come back byte for byte from the copies kept beside it.
//!
//! Only one fix is applied or taken back at a time: the folder of receipts is locked meanwhile. The lock ends with the
//! process that holds it, whatever ends that.
//!
//! What is deliberately absent: deciding what is offered (the engine), printing and asking (the executable, the menu),
//! and shells. A signal goes to one process and never to a group.

mod apply;
mod edit;
mod evidence;
mod file;
mod folder;
mod offer;
mod plan;
mod receipt;
mod settings;
mod step;
mod surroundings;
mod toolchain;
mod tools;
mod undo;

use std::path::PathBuf;
use std::time::Duration;

use goplswatch_core::{ProcessKey, Remedy};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use apply::{Failed, Progress, StepFailed, Yes, apply};
pub use evidence::evidence;
pub use goplswatch_probe::process::Signal;
pub use offer::{Offered, offered, plan};
pub use plan::{Change, Format, Plan, Shown, Step};
pub use receipt::{Kept, Receipt, Stage, State, StepRecord, is_under_way, judge, read, receipts};
pub use surroundings::Surroundings;
pub use tools::{Desktop, Tool};
pub use undo::{undo, undo_preview};

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
    /// The folder of receipts, which is made when it is needed: mode 0700.
    pub receipts: PathBuf,
    /// The home folder, which evidence writes as `~`.
    pub home: Option<PathBuf>,
    /// The tools of the desktop.
    pub desktop: Desktop,
    /// Where programs of others keep their settings and tools.
    pub surroundings: Surroundings,
    /// How long things may take.
    pub patience: Patience,
}

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Patience {
    /// From a SIGTERM or SIGQUIT to the word that it still runs.
    pub end: Duration,
    /// From a SIGKILL to that word.
    pub kill: Duration,
    /// A tool of the desktop, until its process group is killed.
    pub tool: Duration,
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
            tool: Duration::from_secs(5),
            // Both answer within some ten milliseconds; a program that a Mac has not seen before is looked at first.
            answer: Duration::from_secs(10),
            look: Duration::from_secs(5),
        }
    }
}

impl Site {
    /// This system's desktop, receipts in this folder.
    #[must_use]
    pub fn new(receipts: PathBuf, home: Option<PathBuf>) -> Self {
        Self {
            receipts,
            home,
            desktop: Desktop::of_this_system(),
            surroundings: Surroundings::of_this_system(),
            patience: Patience::default(),
        }
    }
}

/// Why something is not done. Nothing was touched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Refusal {
    /// What stands in the way, as a fragment that begins lowercase.
    pub why: String,
    /// What to do instead.
    pub instead: String,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { why: why.into(), instead: instead.into() }
    }
}

/// So many milliseconds.
fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Puts text on the clipboard: for a click that copies what it names, which needs no plan.
///
/// # Errors
/// Where there is no clipboard.
pub fn copy(site: &Site, text: &str) -> Result<(), Refusal> {
    step::copy(site, text).map(drop).map_err(Refusal::from)
}

/// Shows something on the desktop: for a click that opens what it names, which needs no plan.
///
/// # Errors
/// Where it is not there, or nothing opens it.
pub fn show(site: &Site, shown: &Shown) -> Result<(), Refusal> {
    step::open(site, shown).map(drop).map_err(Refusal::from)
}
