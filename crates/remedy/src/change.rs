//! The change engine: a plan is shown, carried out after confirmation with a receipt, and undone
//! from that receipt.
//!
//! Theory of operation. A [`Plan`] is data: named steps, their cost, what undo does about them, and
//! a hash over all of it. The caller shows the plan and passes it to [`apply()`] with a [`Confirmation`] that
//! names the hash that was shown; a risky plan is not started without one. The receipt is on disk
//! before the first step and is saved again after each step, so it shows how far a killed run got.
//! Right before a step its process is pinned and compared (pid, start mark, own user, executable),
//! or its file is read and compared (hash). Anything that changed since it was shown is not
//! touched. [`undo()`] works from the receipt alone, in reverse order. Files are restored byte for
//! byte from the copies next to the receipt; then the commands listed with the step are run, so
//! that the programs that read these files notice.
//!
//! Only one change is applied or undone at a time: the receipt folder is locked meanwhile. The lock
//! ends with the process that holds it, however that process ends.
//!
//! Deliberately absent: deciding what to change ([`fix`](crate::fix), [`service`](crate::service)),
//! printing and asking (the executable, the menu), and shells. A signal goes to one process and
//! never to a process group.

mod act;
mod apply;
mod desktop;
pub(crate) mod edit;
pub(crate) mod exit_codes;
pub(crate) mod file;
mod folder;
pub(crate) mod hash;
mod plan;
mod receipt;
mod refusal;
pub(crate) mod site;
mod undo;
mod words;

pub use act::{copy, show};
pub use apply::{Confirmation, Failed, Progress, StepFailed, apply};
pub use desktop::{Desktop, Tool};
pub use goplswatch_probe::process::Signal;
pub use hash::Digest;
pub use plan::{
    Action, Call, CalledTool, Change, Content, DesktopTarget, Fingerprint, Format, Plan, Purpose, Step, Until, Verb,
};
pub use receipt::{Receipt, ReceiptEntry, Stage, State, StepRecord, is_under_way, read, receipts, save_fix_result};
pub use refusal::Refusal;
pub use site::{Site, Timeouts};
pub use undo::{undo, undo_preview};
pub use words::Say;
