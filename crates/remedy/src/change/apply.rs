//! Carries out a plan: first the receipt, then step by step, each with its result in the receipt.

use goplswatch_core::UserCommand;
use goplswatch_core::message::{Message, MessageText, SharedMessage};
use goplswatch_core::remedy::RemedyClass;

use super::act::Run;
use super::plan::{Plan, Step};
use super::receipt::{Lock, Receipt, Stage, State};
use super::refusal::Refusal;
use super::site::Site;
use crate::said::{path, verbatim};

/// The user's confirmation of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The hash of the plan that was shown.
    pub plan: String,
}

/// The progress of a running fix. `n` counts from 1.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The receipt is on disk; nothing has been touched yet.
    Begins(&'a Receipt),
    /// A step begins.
    StepBegins {
        /// Its number.
        n: usize,
        /// The step.
        step: &'a Step,
    },
    /// A step has ended; its result is on disk.
    StepEnds {
        /// Its number.
        n: usize,
        /// The step.
        step: &'a Step,
        /// Its result, as a fragment.
        said: &'a Message,
    },
}

/// Why a fix was not applied, or only in part.
#[derive(Debug)]
pub enum Failed {
    /// It was not started.
    Refused(Refusal),
    /// A step failed. The steps before it stay done; the steps after it were not started.
    Step(Box<StepFailed>),
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailed {
    /// The receipt as it is on disk.
    pub receipt: Receipt,
    /// What happened, as a sentence without its full stop.
    pub why: SharedMessage,
    /// What to do, line by line.
    pub advice: Vec<Message>,
}

impl Failed {
    /// What happened; for a failed step, with the id of the receipt.
    #[must_use]
    pub fn why(&self) -> Message {
        match self {
            Self::Refused(refusal) => (*refusal.why).clone(),
            Self::Step(failed) => Message::AtPath { path: verbatim(&failed.receipt.id), why: failed.why.clone() },
        }
    }

    /// What to do about it, line by line.
    #[must_use]
    pub fn advice(&self) -> &[Message] {
        match self {
            Self::Refused(refusal) => &refusal.instead,
            Self::Step(failed) => &failed.advice,
        }
    }

    /// The receipt, if there is one.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Refused(_) => None,
            Self::Step(failed) => Some(&failed.receipt),
        }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Carries out a plan. The caller makes the plan anew right before; a confirmation of a different
/// plan is refused.
///
/// `yes` is the confirmation of the plan that was shown. A risky plan is not started without one. A
/// safe plan does not need one, since the labelled click is the confirmation. `announce` sends
/// commands to the agent: that a fix begins, that it ends, and those that are steps of the plan. If
/// the begin or end cannot be sent, a note goes into the receipt. `tell` is called with the
/// progress of each step.
///
/// # Errors
/// [`Failed::Refused`]: nothing was touched. [`Failed::Step`]: a step failed, and the steps after
/// it were not started.
pub fn apply(
    plan: &Plan,
    yes: Option<&Confirmation>,
    site: &Site,
    announce: &mut dyn FnMut(&UserCommand) -> Result<(), Message>,
    tell: &mut dyn FnMut(&Progress<'_>),
) -> Result<Receipt, Failed> {
    confirmed(plan, yes)?;
    let lock = Lock::take(site)?;
    let receipt = Receipt::create(site, plan, &lock).map_err(|error| {
        let why = Message::NoReceiptWritten { folder: path(&site.receipts), why: verbatim(&error) };
        Refusal::new(why, Message::DoReceiptFirst)
    })?;
    tell(&Progress::Begins(&receipt));
    Fix { site, receipt, announce, tell, signalled: false }.run()
}

/// Whether this plan may be started.
fn confirmed(plan: &Plan, yes: Option<&Confirmation>) -> Result<(), Refusal> {
    match yes {
        _ if plan.class == RemedyClass::Manual => Err(Refusal::new(Message::NeverRun, Message::DoAsSaid)),
        Some(yes) if yes.plan != plan.hash() => Err(Refusal::new(Message::YesToAnother, Message::DoSayYes)),
        None if plan.class != RemedyClass::Safe => Err(Refusal::new(Message::NoYes, Message::DoFixLookFirst)),
        _ => Ok(()),
    }
}

/// One fix in progress.
struct Fix<'a> {
    site: &'a Site,
    receipt: Receipt,
    announce: &'a mut dyn FnMut(&UserCommand) -> Result<(), Message>,
    tell: &'a mut dyn FnMut(&Progress<'_>),
    signalled: bool,
}

impl Fix<'_> {
    fn run(mut self) -> Result<Receipt, Failed> {
        let plan = self.receipt.plan.clone();
        // The agent observes whether a remedy helps. It cannot judge whether its own service is in
        // order.
        let announced = plan.remedy().filter(|_| plan.touches());
        if let Some(remedy) = announced {
            self.say(&UserCommand::FixBegins {
                receipt: self.receipt.id.clone(),
                remedy,
                incident: plan.incident.clone(),
                process: plan.process(),
            });
        }
        let result = plan.steps.iter().enumerate().try_for_each(|(i, step)| self.step(i, step));
        self.receipt.state = if result.is_ok() { State::Done } else { State::Failed };
        // Saved before the agent learns of the end: it may record at once whether the fix helped.
        self.save_end();
        if announced.is_some() {
            let notes = self.receipt.notes.len();
            // A plan that ends no process reports the default, `true`.
            let signalled = self.signalled || plan.process().is_none();
            self.say(&UserCommand::FixEnds { receipt: self.receipt.id.clone(), done: result.is_ok(), signalled });
            if self.receipt.notes.len() > notes {
                self.save_end();
            }
        }
        match result {
            Ok(()) => Ok(self.receipt),
            Err(Refusal { why, instead: advice }) => {
                Err(Failed::Step(Box::new(StepFailed { receipt: self.receipt, why, advice })))
            }
        }
    }

    /// Saves the final state. If the disk is full by now, nothing is lost: the result of every step
    /// was saved before.
    fn save_end(&mut self) {
        if let Err(error) = self.receipt.save(self.site) {
            self.receipt.notes.push(Message::NoteEndUnwritten { why: verbatim(&error) }.into());
        }
    }

    fn step(&mut self, i: usize, step: &Step) -> Result<(), Refusal> {
        self.note(i, Stage::Begun, None)?;
        (self.tell)(&Progress::StepBegins { n: i + 1, step });
        let mut run = Run {
            site: self.site,
            receipt: &self.receipt,
            announce: &mut *self.announce,
            signalled: &mut self.signalled,
        };
        match run.step(i, step) {
            Ok(said) => {
                self.note(i, Stage::Done, Some(said.clone()))?;
                (self.tell)(&Progress::StepEnds { n: i + 1, step, said: &said });
                Ok(())
            }
            Err(stuck) => {
                // The failure itself matters. If it cannot be saved, the receipt still says
                // "begun", which is true as well.
                let _ = self.note(i, Stage::Failed, Some((*stuck.why).clone()));
                Err(stuck)
            }
        }
    }

    fn note(&mut self, i: usize, stage: Stage, said: Option<Message>) -> Result<(), Refusal> {
        if let Some(record) = self.receipt.steps.get_mut(i) {
            record.stage = stage;
            record.said = said.map(MessageText::from);
        }
        self.receipt.save(self.site).map_err(|error| {
            let advice = Message::DoFreeDiskOf { folder: path(&self.site.receipts) };
            Refusal::new(Message::ReceiptNotSaved { why: verbatim(&error) }, advice)
        })
    }

    /// Sends this to the agent. A failure does not stop the fix: the agent observes the effects
    /// anyway, but may take them for the problem that it looks for.
    fn say(&mut self, user_command: &UserCommand) {
        if let Err(why) = (self.announce)(user_command) {
            let note = MessageText::from(Message::NoteAgentUntold { why: SharedMessage::new(why) });
            if !self.receipt.notes.contains(&note) {
                self.receipt.notes.push(note);
            }
        }
    }
}
