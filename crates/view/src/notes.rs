//! Notifications and questions as data.
//!
//! Which notifications should be seen is decided by the engine; here they get their words. One tells of one incident:
//! what it means to the user, one cause, one number, no path. The digest stands for several.

use goplswatch_core::Remedy;
use goplswatch_core::codes::{Beside, Telling};
use goplswatch_core::event::{AlertView, IncidentView, Weight};
use goplswatch_core::message::Text;
use goplswatch_core::remedy::{RemedyClass, RemedyView};
use serde::Serialize;

use crate::causes::causes;
use crate::problems::{self, title};
use crate::sight::{Sight, count};
use crate::{Catalogue, Form, Phrase, Wish, words};

/// The id of the one that stands for several.
const DIGEST: &str = "digest";
/// So many of a digest's incidents are named.
const NAMED: usize = 3;

/// A notification with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Note {
    /// The same for the same notification: a later one with it replaces it.
    pub id: String,
    /// What it means to the user.
    pub title: String,
    /// One cause and one number.
    pub body: String,
    /// Notifications of one group stand together; null: of none.
    pub group: Option<String>,
    /// Whether it may interrupt.
    pub telling: Telling,
    /// A higher number than the last one asks for attention again; the same replaces in silence.
    pub rang: u64,
    /// At most three.
    pub buttons: Vec<Button>,
    /// What a click on the notification itself wants; null: nothing.
    pub click: Option<Wish>,
}

/// A button of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it wants.
    pub wants: Wish,
}

/// A question before something risky is done. What it costs stands in it; nothing happens without the yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Question {
    /// The hash of the plan that it asks about.
    pub plan: String,
    /// What would be done, as a question.
    pub title: String,
    /// What it does and what it costs.
    pub body: String,
    /// The yes: it names what is done.
    pub yes: Button,
    /// The no.
    pub no: Button,
}

/// A question before a plan is carried out. `yes` names what is done, as a button does: "Restart".
#[must_use]
pub fn question(catalogue: &Catalogue, plan: &str, title: &str, body: &str, yes: &str) -> Question {
    Question {
        plan: plan.into(),
        title: words::clean(title),
        body: words::clean_lines(body),
        yes: Button { label: words::clean(yes), wants: Wish::Apply { plan: plan.into() } },
        no: Button { label: catalogue.phrase(&Phrase::Cancel), wants: Wish::Drop { plan: plan.into() } },
    }
}

/// Says what came of a click, as a notification of its own. It answers the user, so it is seen at once.
#[must_use]
pub fn said(id: &str, title: &str, body: &str) -> Note {
    Note {
        id: id.into(),
        title: words::clean(title),
        body: words::clean_lines(body),
        group: None,
        telling: Telling::Active,
        rang: 0,
        buttons: Vec::new(),
        click: None,
    }
}

/// The notifications that should be seen now. One whose incident is not open has nothing to say.
pub(crate) fn told(sight: &Sight<'_>) -> Vec<Note> {
    sight.snapshot.told.iter().filter_map(|alert| note(sight, alert)).collect()
}

fn note(sight: &Sight<'_>, alert: &AlertView) -> Option<Note> {
    let digest = alert.id == DIGEST;
    let mut views: Vec<&IncidentView> = alert.incidents.iter().filter_map(|id| sight.incident(id)).collect();
    // What stands in the menu only is told of as a cause at most, whoever asks for more.
    let silent = |view: &&IncidentView| view.code.row().telling == Telling::MenuOnly;
    if digest {
        views.retain(|view| !silent(view));
    }
    let (first, others) = views.split_first().filter(|(first, _)| !silent(first))?;
    let (title, body) = if digest { several(sight, &views) } else { one(sight, first, others) };
    Some(Note {
        id: alert.id.clone(),
        title,
        body,
        group: alert.workspace.clone(),
        telling: alert.telling,
        rang: alert.rang.0,
        buttons: if digest { Vec::new() } else { buttons(sight, first) },
        click: Some(Wish::Explain { incident: first.id.clone() }),
    })
}

/// What the user feels, what it probably comes from, and what else is known of it.
fn one<'a>(sight: &Sight<'a>, view: &'a IncidentView, others: &[&'a IncidentView]) -> (String, String) {
    let words = sight.words();
    let cause = causes(view).next();
    let cause = cause.map(|cause| words.cause_sentence(cause.weight, &words.text(&cause.said.message, Form::Short)));
    let more = others.iter().find_map(|other| beside(sight, other, cause.is_some()));
    let more = more.or_else(|| brings_back(sight, view));
    // The number of a process is for who looks closer, in the menu or in `status`.
    let said = sight.text_alone(view, Form::Short).into_iter().chain(cause).chain(more);
    (sight.title(view), said.collect::<Vec<_>>().join(" "))
}

/// Where gopls is away: what to do in the editor. Not every desktop shows the button that copies it.
fn brings_back(sight: &Sight<'_>, view: &IncidentView) -> Option<String> {
    let offer = view.remedies.iter().find(|offer| offer.remedy == Remedy::CopyRestartCommand)?;
    let command = Text(words::in_the_middle(&words::clean(offer.value.as_deref()?), problems::COMMAND));
    view.code.row().is_a_loss.then(|| sight.phrase(&Phrase::RunInEditor { command }))
}

/// What an incident that is not told by itself adds to the one that is; `explained` if a cause of that was named.
fn beside<'a>(sight: &Sight<'a>, other: &'a IncidentView, explained: bool) -> Option<String> {
    match other.code.row().beside {
        Beside::NextEndIsFinal => Some(sight.phrase(&Phrase::NextEndIsFinal)),
        // How it ended each time, or what it waits for, stands in the words of what is told.
        Beside::Nothing => None,
        Beside::FixWasNoHelp => Some(sight.phrase(&Phrase::FixWasNoHelp)),
        // The engine names what can be a cause; of what it does not name nothing else is known.
        Beside::ItsTitle => (!explained)
            .then(|| sight.words().cause_sentence(Weight::SameTime, &sight.words().title_within(&other.titled()))),
    }
}

fn several<'a>(sight: &Sight<'a>, views: &[&'a IncidentView]) -> (String, String) {
    let title = sight.phrase(&Phrase::Digest { n: count(views.len()) });
    let named = views.iter().take(NAMED).map(|view| sight.title_with_folder(view));
    let rest = views.len().checked_sub(NAMED).filter(|n| *n > 0);
    let rest = rest.map(|n| sight.phrase(&Phrase::AndMore { n: count(n) }));
    (title, format!("{}.", named.chain(rest).collect::<Vec<_>>().join("; ")))
}

/// At most three: what mends it and is safe (to take back a fix that did not help, if there was one), an hour of
/// silence, silence about the folder.
fn buttons<'a>(sight: &Sight<'a>, view: &'a IncidentView) -> Vec<Button> {
    let offered = |which: &dyn Fn(&RemedyView) -> bool| view.remedies.iter().find(|offer| which(offer));
    let of = |offer: &RemedyView, label: String| Button {
        label,
        wants: Wish::Fix { remedy: offer.remedy, incident: Some(view.id.clone()), process: offer.process },
    };
    let safe = offered(&|offer| offer.class == RemedyClass::Safe && mends(offer.remedy))
        .map(|offer| of(offer, title(sight, offer.remedy, offer.value.as_deref(), None)));
    let undo = view
        .receipt
        .as_ref()
        .map(|receipt| Button { label: sight.phrase(&Phrase::Undo), wants: Wish::Undo { receipt: receipt.clone() } });
    let snooze =
        offered(&|offer| offer.remedy == Remedy::Snooze).map(|offer| of(offer, sight.phrase(&Phrase::SnoozeHour)));
    let mute =
        offered(&|offer| offer.remedy == Remedy::Mute).map(|offer| of(offer, sight.words().remedy(offer.remedy)));
    [undo.or(safe), snooze, mute].into_iter().flatten().collect()
}

/// Whether a remedy does something about the problem itself.
const fn mends(remedy: Remedy) -> bool {
    !matches!(remedy, Remedy::Snooze | Remedy::Mute | Remedy::CopyEvidence | Remedy::OpenWorkspace | Remedy::ByHand)
}
