//! The one engine of change: a plan is shown, carried out on a yes with a receipt, and taken back from that.
//!
//! Theory of operation. A [`Plan`] is data: named steps, what they cost and what undo does about them, with a hash over
//! all of it. Whoever asks shows it, and hands it to [`apply`] with a [`Yes`] that names the hash which was shown; a risky
//! plan is not begun without one. A receipt is on the disk before the first step and after each, so that a run that was
//! killed says how far it came. Right before a step its process is held and compared (pid, start mark, own user,
//! executable), its file is read and compared (hash): what changed since it was shown is not touched. [`undo`] works from
//! a receipt alone, in the reverse order; files come back byte for byte from the copies kept beside it, and then whatever
//! reads them is told by the commands that stand with the step.
//!
//! Only one change is applied or taken back at a time: the folder of receipts is locked meanwhile. The lock ends with the
//! process that holds it, whatever ends that.
//!
//! What is deliberately absent: deciding what is to be changed ([`fix`](crate::fix), [`service`](crate::service)), printing
//! and asking (the executable, the menu), and shells. A signal goes to one process and never to a group.

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
pub use apply::{Failed, Progress, StepFailed, Yes, apply};
pub use desktop::{Desktop, Tool};
pub use goplswatch_probe::process::Signal;
pub use hash::Digest;
pub use plan::{Action, Call, Change, Content, Format, Plan, Purpose, Seal, Shown, Speaker, Step, Until, Verb};
pub use receipt::{Kept, Receipt, Stage, State, StepRecord, is_under_way, judge, read, receipts};
pub use refusal::Refusal;
pub use site::{Patience, Site};
pub use undo::{undo, undo_preview};
pub use words::Say;
