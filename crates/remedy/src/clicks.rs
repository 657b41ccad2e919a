//! What a wish for a fix comes to, typed or clicked: the one way from an offer to what was done.
//!
//! A wish becomes a plan. A safe one may be carried out at once, since the labelled click is its yes; a risky one is asked
//! about, and the answer names the plan that was shown; what a person does is told. Before a plan that was shown is
//! carried out it is made anew from what is known then, and nothing happens unless it is the same one.
//!
//! What comes of it is data ([`Came`], [`Outcome`]): the words for it are the business of whoever shows them. A surface
//! has a [`Clicks`], which remembers what it was asked about and lets two wishes follow one another; the command `fix`
//! asks on its own terminal and calls [`wanted`] and [`renewed`] itself.

mod choose;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Intent, Remedy, Snapshot};

pub use choose::{Unclear, beside, choose, command, instead};

use crate::change::{self, Action, Failed, Kept, Plan, Purpose, Receipt, Refusal, State, Verb, Yes};
use crate::fix::{Ask, Site, plan};

/// So many questions may wait for their answers. An older one is as good as a no.
const MOST_QUESTIONS: usize = 4;

/// Whom a change tells what the user wants.
pub type Announce<'a> = &'a mut dyn FnMut(&Intent) -> Result<(), Message>;

/// What a wish wants of whoever shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The labelled click is the yes.
    Click(Plan),
    /// It is shown and asked about.
    Answer(Plan),
    /// A person does it. A risky remedy may come to that: without a tool to do it with.
    Hands(Plan),
}

impl Wanted {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        match self {
            Self::Click(plan) | Self::Answer(plan) | Self::Hands(plan) => plan,
        }
    }
}

/// What a wish comes to, from what is known now.
///
/// # Errors
/// What is not offered, or cannot be done, with what can be done instead.
pub fn wanted(ask: &Ask, seen: &Snapshot, site: &Site) -> Result<Wanted, Refusal> {
    let plan = plan(ask, seen, site)?;
    Ok(match plan.class {
        RemedyClass::Safe => Wanted::Click(plan),
        RemedyClass::Risky => Wanted::Answer(plan),
        RemedyClass::Manual => Wanted::Hands(plan),
    })
}

/// What is carried out after a yes to what was shown: made anew from what is seen now. But text to be copied holds
/// readings, which change while it is read: what was shown is what is wanted.
///
/// # Errors
/// Where it is no longer offered, or cannot be done any more.
pub fn renewed(shown: &Plan, ask: &Ask, seen: &Snapshot, site: &Site) -> Result<Plan, Refusal> {
    if shown.leaves_something() { plan(ask, seen, site) } else { Ok(shown.clone()) }
}

/// What a plan that was carried out leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An editor's own command is on the clipboard.
    CommandCopied(String),
    /// What was seen is on the clipboard.
    EvidenceCopied,
    /// It takes effect when gopls is started the next time.
    Waits {
        /// A setting was set.
        is_setting: bool,
    },
    /// Whether it helps is seen from now on.
    Watched,
    /// Nothing that would have to be said.
    Done,
}

/// What a plan leaves once every step is done.
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

/// The last receipt that is not undone and left something, or the last one of this change of the login service. What was
/// only shown or copied has nothing to undo, and does not stand before what has; neither does a service that only runs
/// anew.
#[must_use]
pub fn last(site: &change::Site, of: Option<Verb>) -> Option<Receipt> {
    let is_meant = |receipt: &Receipt| match (receipt.plan.purpose, of) {
        (Purpose::Service(verb), of) => {
            of.is_none_or(|of| of == verb) && receipt.plan.changes_service() && receipt.stands()
        }
        (Purpose::Remedy(_), of) => of.is_none() && receipt.plan.leaves_something(),
    };
    change::receipts(site).into_iter().find_map(|kept| match kept {
        Kept::Receipt(receipt) if receipt.state != State::Undone && is_meant(&receipt) => Some(*receipt),
        Kept::Receipt(_) | Kept::Unreadable { .. } => None,
    })
}

/// What came of a click.
#[derive(Debug)]
pub enum Came {
    /// It was carried out.
    Done(Outcome),
    /// It is asked about first.
    Asked(Box<Plan>),
    /// A person has to do it: how.
    Hands {
        /// What would be done.
        remedy: Remedy,
        /// How, line by line.
        lines: Vec<Message>,
    },
    /// It was taken back.
    Undone,
    /// It could not be done, and nothing was touched.
    Refused(Refusal),
    /// The plan of this title was not carried out, or not whole.
    NotDone(Message, Failed),
    /// It was not taken back, or not whole.
    NotUndone(Failed),
    /// The question that was answered is no longer open: it was asked before more recent ones, or by an agent that has
    /// ended since.
    NotOpen,
}

/// The wishes of one surface.
#[derive(Debug)]
pub struct Clicks {
    site: Site,
    /// What was asked about.
    asked: Mutex<VecDeque<(Plan, Ask)>>,
    /// Held while something is applied or taken back.
    one_by_one: Mutex<()>,
}

impl Clicks {
    /// One that was asked nothing yet.
    #[must_use]
    pub const fn new(site: Site) -> Self {
        Self { site, asked: Mutex::new(VecDeque::new()), one_by_one: Mutex::new(()) }
    }

    /// Where it does what is wished.
    pub const fn site(&self) -> &change::Site {
        &self.site.change
    }

    /// Waits for what is under way: two clicks in a row are no reason to refuse the second.
    fn alone(&self) -> MutexGuard<'_, ()> {
        self.one_by_one.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> MutexGuard<'_, VecDeque<(Plan, Ask)>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A remedy was clicked.
    pub fn fix(&self, ask: &Ask, seen: &Snapshot, announce: Announce<'_>) -> Came {
        let plan = match wanted(ask, seen, &self.site) {
            Err(refusal) => return Came::Refused(refusal),
            Ok(Wanted::Click(plan)) => {
                let _alone = self.alone();
                let done = change::apply(&plan, None, &self.site.change, announce, &mut |_| {});
                return came(&plan, done);
            }
            Ok(Wanted::Answer(plan) | Wanted::Hands(plan)) => plan,
        };
        let by_hand = plan.steps.first().filter(|_| plan.class == RemedyClass::Manual);
        if let Some(lines) = by_hand.and_then(|step| step.action.lines()) {
            return Came::Hands { remedy: ask.remedy, lines };
        }
        let mut asked = self.asked();
        let hash = plan.hash();
        asked.retain(|(known, _)| known.hash() != hash);
        asked.push_back((plan.clone(), ask.clone()));
        while asked.len() > MOST_QUESTIONS {
            asked.pop_front();
        }
        Came::Asked(Box::new(plan))
    }

    /// A question was answered with no, or with nothing. Gives what it was about.
    pub fn drop_question(&self, hash: &str) -> Option<(Plan, Ask)> {
        let mut asked = self.asked();
        let place = asked.iter().position(|(known, _)| known.hash() == hash)?;
        asked.remove(place)
    }

    /// The question about the plan of this hash was answered with yes. `seen`: what is known when its turn comes.
    pub fn apply(&self, hash: &str, seen: impl FnOnce() -> Snapshot, announce: Announce<'_>) -> Came {
        let Some((shown, ask)) = self.drop_question(hash) else { return Came::NotOpen };
        // Whatever is under way may change what the plan was made of.
        let _alone = self.alone();
        match renewed(&shown, &ask, &seen(), &self.site) {
            Ok(plan) => {
                let yes = Yes { plan: hash.to_owned() };
                let done = change::apply(&plan, Some(&yes), &self.site.change, announce, &mut |_| {});
                came(&plan, done)
            }
            Err(refusal) => Came::Refused(refusal),
        }
    }

    /// A fix is to be taken back.
    pub fn undo(&self, receipt: &str, announce: Announce<'_>) -> Came {
        let _alone = self.alone();
        match change::undo(receipt, &self.site.change, announce, &mut |_| {}) {
            Ok(_) => Came::Undone,
            Err(failed) => Came::NotUndone(failed),
        }
    }
}

fn came(plan: &Plan, done: Result<Receipt, Failed>) -> Came {
    match done {
        Ok(_) => Came::Done(outcome(plan)),
        Err(failed) => Came::NotDone(plan.title(), failed),
    }
}
