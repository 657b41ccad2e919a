//! From a [`Request`] for a fix, typed or clicked, to the change: the one way from an offer to its
//! result.
//!
//! A request becomes a plan. A safe plan may be carried out at once, since the labelled click is
//! the confirmation. A risky plan needs a confirmation that names the plan that was shown. For a
//! manual plan the user gets instructions. Before a plan that was shown is carried out, it is made
//! anew from the current state, and nothing happens unless it is the same.
//!
//! Results are data ([`ClickResult`], [`Outcome`]); the caller that shows them chooses the words. A
//! surface has a [`Clicks`], which remembers the open questions and carries out commands one after
//! the other; the `fix` command asks on its own terminal and calls [`decide`] and [`replan`]
//! itself.
//!
//! [`change::apply`] carries a plan out. A step that sends a signal is in `change/act.rs`
//! (`Run::signal`), which calls `Process::signal` of the `probe` crate.

mod choose;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Remedy, Snapshot, UserCommand};

pub use choose::{ChoiceError, alternatives, choose, command, other_offers};

use crate::change::{self, Action, Confirmation, Failed, Plan, Purpose, Receipt, ReceiptEntry, Refusal, State, Verb};
use crate::fix::{Request, Site, plan};

/// The number of questions that may be open. An older one counts as declined.
const MAX_OPEN_QUESTIONS: usize = 4;

/// Sends user commands to the agent.
pub type Announce<'a> = &'a mut dyn FnMut(&UserCommand) -> Result<(), Message>;

/// How to proceed with a command, by the class of its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Carry it out: the labelled click is the confirmation.
    Apply(Plan),
    /// Show it and ask for confirmation.
    Confirm(Plan),
    /// Show instructions to the user. A risky remedy may become manual if the tool for it is
    /// missing.
    Manual(Plan),
}

impl Decision {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        match self {
            Self::Apply(plan) | Self::Confirm(plan) | Self::Manual(plan) => plan,
        }
    }
}

/// What a command leads to, in the current state.
///
/// # Errors
/// If it is not offered or cannot be done, with what can be done instead.
pub fn decide(ask: &Request, seen: &Snapshot, site: &Site) -> Result<Decision, Refusal> {
    let plan = plan(ask, seen, site)?;
    Ok(match plan.class {
        RemedyClass::Safe => Decision::Apply(plan),
        RemedyClass::Risky => Decision::Confirm(plan),
        RemedyClass::Manual => Decision::Manual(plan),
    })
}

/// The plan to carry out after a plan was shown and confirmed: made anew from the current state. A
/// plan that only copies or shows something is used as shown, because the text contains readings
/// that change while the user reads it.
///
/// # Errors
/// If it is no longer offered, or can no longer be done.
pub fn replan(shown: &Plan, ask: &Request, seen: &Snapshot, site: &Site) -> Result<Plan, Refusal> {
    if shown.leaves_something() { plan(ask, seen, site) } else { Ok(shown.clone()) }
}

/// The effect of a plan that was carried out, as shown to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A restart command for the editor is on the clipboard.
    CommandCopied(String),
    /// The evidence is on the clipboard.
    EvidenceCopied,
    /// It takes effect the next time gopls starts.
    Waits {
        /// Whether a setting was changed.
        is_setting: bool,
    },
    /// The agent observes from now on whether it helps.
    Watched,
    /// Nothing to mention.
    Done,
}

/// The effect of a plan once every step is done.
#[must_use]
pub fn outcome(plan: &Plan) -> Outcome {
    match (plan.remedy(), plan.steps.first().map(|step| &step.action)) {
        (Some(Remedy::CopyRestartCommand), Some(Action::Copy { text })) => Outcome::CommandCopied(text.clone()),
        (Some(Remedy::CopyEvidence), _) => Outcome::EvidenceCopied,
        (Some(remedy), _) if plan.touches() && remedy.waits_for_a_start() => {
            Outcome::Waits { is_setting: plan.steps.iter().any(|step| matches!(step.action, Action::Edit { .. })) }
        }
        (Some(_), _) if plan.touches() => Outcome::Watched,
        _ => Outcome::Done,
    }
}

/// The latest receipt that is not undone and has a lasting effect; with `of`, the latest one of
/// this change of the login service. Receipts of plans that only showed or copied something, or
/// only restarted the service, are skipped, since there is nothing to undo.
#[must_use]
pub fn latest_undoable(site: &change::Site, of: Option<Verb>) -> Option<Receipt> {
    let is_meant = |receipt: &Receipt| match (receipt.plan.purpose, of) {
        (Purpose::Service(verb), of) => {
            of.is_none_or(|of| of == verb) && receipt.plan.changes_service() && receipt.is_in_effect()
        }
        (Purpose::Remedy(_), of) => of.is_none() && receipt.plan.leaves_something(),
    };
    change::receipts(site).into_iter().find_map(|kept| match kept {
        ReceiptEntry::Receipt(receipt) if receipt.state != State::Undone && is_meant(&receipt) => Some(*receipt),
        ReceiptEntry::Receipt(_) | ReceiptEntry::Unreadable { .. } => None,
    })
}

/// The result of a click.
#[derive(Debug)]
pub enum ClickResult {
    /// It was carried out.
    Done(Outcome),
    /// It needs a confirmation first.
    NeedsConfirmation(Box<Plan>),
    /// The user has to do it, with these instructions.
    Manual {
        /// The remedy.
        remedy: Remedy,
        /// The instructions, line by line.
        lines: Vec<Message>,
    },
    /// It was undone.
    Undone,
    /// It could not be done, and nothing was touched.
    Refused(Refusal),
    /// The plan of this title was not carried out, or only in part.
    NotDone(Message, Failed),
    /// It was not undone, or only in part.
    NotUndone(Failed),
    /// The question that was answered is no longer open: too many newer ones followed, or the agent
    /// that asked it has ended.
    NotOpen,
}

/// The clicks of one surface: its open questions, and one change at a time.
#[derive(Debug)]
pub struct Clicks {
    site: Site,
    /// The open questions.
    open_questions: Mutex<VecDeque<(Plan, Request)>>,
    /// Held while something is applied or undone.
    change_lock: Mutex<()>,
}

impl Clicks {
    /// An instance without open questions.
    #[must_use]
    pub const fn new(site: Site) -> Self {
        Self { site, open_questions: Mutex::new(VecDeque::new()), change_lock: Mutex::new(()) }
    }

    /// Where changes are made.
    pub const fn site(&self) -> &change::Site {
        &self.site.change
    }

    /// Waits for the change in progress, so that the second of two quick clicks is carried out and
    /// not refused.
    fn lock_changes(&self) -> MutexGuard<'_, ()> {
        self.change_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_open_questions(&self) -> MutexGuard<'_, VecDeque<(Plan, Request)>> {
        self.open_questions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A remedy was clicked.
    pub fn fix(&self, ask: &Request, seen: &Snapshot, announce: Announce<'_>) -> ClickResult {
        let plan = match decide(ask, seen, &self.site) {
            Err(refusal) => return ClickResult::Refused(refusal),
            Ok(Decision::Apply(plan)) => {
                let _alone = self.lock_changes();
                let done = change::apply(&plan, None, &self.site.change, announce, &mut |_| {});
                return click_result(&plan, done);
            }
            Ok(Decision::Confirm(plan) | Decision::Manual(plan)) => plan,
        };
        let by_hand = plan.steps.first().filter(|_| plan.class == RemedyClass::Manual);
        if let Some(lines) = by_hand.and_then(|step| step.action.lines()) {
            return ClickResult::Manual { remedy: ask.remedy, lines };
        }
        let mut asked = self.lock_open_questions();
        let hash = plan.hash();
        asked.retain(|(known, _)| known.hash() != hash);
        asked.push_back((plan.clone(), ask.clone()));
        while asked.len() > MAX_OPEN_QUESTIONS {
            asked.pop_front();
        }
        ClickResult::NeedsConfirmation(Box::new(plan))
    }

    /// A question was declined or dismissed. Returns its subject.
    pub fn drop_question(&self, hash: &str) -> Option<(Plan, Request)> {
        let mut asked = self.lock_open_questions();
        let place = asked.iter().position(|(known, _)| known.hash() == hash)?;
        asked.remove(place)
    }

    /// The question about the plan with this hash was confirmed. `seen` gives the current state
    /// once it is this change's turn.
    pub fn apply(&self, hash: &str, seen: impl FnOnce() -> Snapshot, announce: Announce<'_>) -> ClickResult {
        let Some((shown, ask)) = self.drop_question(hash) else { return ClickResult::NotOpen };
        // The change in progress may alter what the plan was made from.
        let _alone = self.lock_changes();
        match replan(&shown, &ask, &seen(), &self.site) {
            Ok(plan) => {
                let yes = Confirmation { plan: hash.to_owned() };
                let done = change::apply(&plan, Some(&yes), &self.site.change, announce, &mut |_| {});
                click_result(&plan, done)
            }
            Err(refusal) => ClickResult::Refused(refusal),
        }
    }

    /// An undo of a fix was clicked.
    pub fn undo(&self, receipt: &str, announce: Announce<'_>) -> ClickResult {
        let _alone = self.lock_changes();
        match change::undo(receipt, &self.site.change, announce, &mut |_| {}) {
            Ok(_) => ClickResult::Undone,
            Err(failed) => ClickResult::NotUndone(failed),
        }
    }
}

fn click_result(plan: &Plan, done: Result<Receipt, Failed>) -> ClickResult {
    match done {
        Ok(_) => ClickResult::Done(outcome(plan)),
        Err(failed) => ClickResult::NotDone(plan.title(), failed),
    }
}
