//! Notifications and questions as data.
//!
//! The engine decides which notifications should be visible; this module writes their texts. A
//! notification is about one incident: what it means to the user, one cause, one number, no path.
//! The digest summarizes several incidents.

use goplswatch_core::Remedy;
use goplswatch_core::codes::{CauseNote, NotificationLevel, Weight};
use goplswatch_core::event::{IncidentView, NotificationView, RemedyView};
use goplswatch_core::message::Text;
use goplswatch_core::remedy::RemedyClass;
use serde::Serialize;

use crate::causes::causes;
use crate::problems::{self, title};
use crate::view_model::{ViewModel, count};
use crate::{Catalogue, Form, Phrase, UserAction, words};

/// The id of the digest, which summarizes several incidents.
const DIGEST: &str = "digest";
/// How many incidents of a digest are named.
const NAMED: usize = 3;

/// A notification with its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct NotificationText {
    /// Identifies the notification; a later one with the same id replaces it.
    pub id: String,
    /// The title: what it means to the user.
    pub title: String,
    /// The text: one cause and one number.
    pub body: String,
    /// Notifications with the same group are shown together; null: no group.
    pub group: Option<String>,
    /// Whether it may interrupt.
    pub telling: NotificationLevel,
    /// A higher number than before asks for attention again; the same number replaces silently.
    pub rang: u64,
    /// Its buttons, at most three.
    pub buttons: Vec<Button>,
    /// The user command of a click on the notification itself; null: none.
    pub click: Option<UserAction>,
}

/// A button of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Button {
    /// Its label.
    pub label: String,
    /// Its user command.
    pub wants: UserAction,
}

/// A question before something risky is done. It states the cost; nothing happens without a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Question {
    /// The hash of the plan that the question is about.
    pub plan: String,
    /// What would be done, phrased as a question.
    pub title: String,
    /// What the plan does and what it costs.
    pub body: String,
    /// The yes button, labelled with what is done.
    pub yes: Button,
    /// The no button.
    pub no: Button,
}

/// Builds the question before a plan is carried out. `yes` is the label of the yes button, such as
/// "Restart".
#[must_use]
pub fn question(catalogue: &Catalogue, plan: &str, title: &str, body: &str, yes: &str) -> Question {
    Question {
        plan: plan.into(),
        title: words::sanitize(title),
        body: words::clean_lines(body),
        yes: Button { label: words::sanitize(yes), wants: UserAction::Apply { plan: plan.into() } },
        no: Button { label: catalogue.phrase(&Phrase::Cancel), wants: UserAction::Drop { plan: plan.into() } },
    }
}

/// Builds the notification about the outcome of a click. It answers the user, so it is shown at
/// once.
#[must_use]
pub fn outcome_note(id: &str, title: &str, body: &str) -> NotificationText {
    NotificationText {
        id: id.into(),
        title: words::sanitize(title),
        body: words::clean_lines(body),
        group: None,
        telling: NotificationLevel::Active,
        rang: 0,
        buttons: Vec::new(),
        click: None,
    }
}

/// The notifications that should be visible now. Those whose incident is not open are left out.
pub(crate) fn notifications(view_model: &ViewModel<'_>) -> Vec<NotificationText> {
    view_model.snapshot.told.iter().filter_map(|alert| note(view_model, alert)).collect()
}

fn note(view_model: &ViewModel<'_>, alert: &NotificationView) -> Option<NotificationText> {
    let digest = alert.id == DIGEST;
    let mut views: Vec<&IncidentView> = alert.incidents.iter().filter_map(|id| view_model.incident(id)).collect();
    // Incidents that appear in the menu only are mentioned as a cause at most, even if an alert
    // lists them.
    let silent = |view: &&IncidentView| view.code.row().notification_level == NotificationLevel::MenuOnly;
    if digest {
        views.retain(|view| !silent(view));
    }
    let (first, others) = views.split_first().filter(|(first, _)| !silent(first))?;
    let (title, body) = if digest { several(view_model, &views) } else { one(view_model, first, others) };
    Some(NotificationText {
        id: alert.id.clone(),
        title,
        body,
        group: alert.workspace.clone(),
        telling: alert.telling,
        rang: alert.rang.0,
        buttons: if digest { Vec::new() } else { buttons(view_model, first) },
        click: Some(UserAction::Explain { incident: first.id.clone() }),
    })
}

/// What the user notices, the probable cause, and what else is known.
fn one<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView, others: &[&'a IncidentView]) -> (String, String) {
    let words = view_model.words();
    let cause = causes(view).next();
    let cause = cause.map(|cause| words.cause_sentence(cause.weight, &words.text(&cause.said.message, Form::Short)));
    let more = others.iter().find_map(|other| related_note(view_model, other, cause.is_some()));
    let more = more.or_else(|| brings_back(view_model, view));
    // A process is named without its pid here; the menu and `status` show it.
    let said = view_model.text_alone(view, Form::Short).into_iter().chain(cause).chain(more);
    (view_model.title(view), said.collect::<Vec<_>>().join(" "))
}

/// If gopls is not running: what to do in the editor. Not every desktop shows the button that
/// copies the command.
fn brings_back(view_model: &ViewModel<'_>, view: &IncidentView) -> Option<String> {
    let offer = view.remedies.iter().find(|offer| offer.remedy == Remedy::CopyRestartCommand)?;
    let command = Text(words::elide_middle(&words::sanitize(offer.value.as_deref()?), problems::COMMAND));
    view.code.row().means_unavailable.then(|| view_model.phrase(&Phrase::RunInEditor { command }))
}

/// What an incident without a notification of its own adds to another one; `explained` if a cause
/// of that one was named.
fn related_note<'a>(view_model: &ViewModel<'a>, other: &'a IncidentView, explained: bool) -> Option<String> {
    match other.code.row().cause_note {
        CauseNote::NextEndIsFinal => Some(view_model.phrase(&Phrase::NextEndIsFinal)),
        // The text of the notification already says how it ended each time, or what it waits for.
        CauseNote::Nothing => None,
        CauseNote::FixWasNoHelp => Some(view_model.phrase(&Phrase::FixWasNoHelp)),
        // Only the engine names causes; an incident that it does not name is only said to be at the
        // same time.
        CauseNote::ItsTitle => (!explained).then(|| {
            view_model.words().cause_sentence(Weight::SameTime, &view_model.words().title_within(&other.titled()))
        }),
    }
}

fn several<'a>(view_model: &ViewModel<'a>, views: &[&'a IncidentView]) -> (String, String) {
    let title = view_model.phrase(&Phrase::Digest { n: count(views.len()) });
    let named = views.iter().take(NAMED).map(|view| view_model.title_with_folder(view));
    let rest = views.len().checked_sub(NAMED).filter(|n| *n > 0);
    let rest = rest.map(|n| view_model.phrase(&Phrase::AndMore { n: count(n) }));
    (title, format!("{}.", named.chain(rest).collect::<Vec<_>>().join("; ")))
}

/// At most three buttons: a safe remedy that acts on the problem itself (or the undo of a fix that
/// did not help), snoozing for an hour, muting the folder.
fn buttons<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView) -> Vec<Button> {
    let offered = |which: &dyn Fn(&RemedyView) -> bool| view.remedies.iter().find(|offer| which(offer));
    let of = |offer: &RemedyView, label: String| Button {
        label,
        wants: UserAction::Fix { remedy: offer.remedy, incident: Some(view.id.clone()), process: offer.process },
    };
    let safe = offered(&|offer| offer.class == RemedyClass::Safe && mends(offer.remedy))
        .map(|offer| of(offer, title(view_model, offer.remedy, offer.value.as_deref(), None)));
    let undo = view.receipt.as_ref().map(|receipt| Button {
        label: view_model.phrase(&Phrase::Undo),
        wants: UserAction::Undo { receipt: receipt.clone() },
    });
    let snooze =
        offered(&|offer| offer.remedy == Remedy::Snooze).map(|offer| of(offer, view_model.phrase(&Phrase::SnoozeHour)));
    let mute =
        offered(&|offer| offer.remedy == Remedy::Mute).map(|offer| of(offer, view_model.words().remedy(offer.remedy)));
    [undo.or(safe), snooze, mute].into_iter().flatten().collect()
}

/// Whether a remedy acts on the problem itself.
const fn mends(remedy: Remedy) -> bool {
    !matches!(remedy, Remedy::Snooze | Remedy::Mute | Remedy::CopyEvidence | Remedy::OpenWorkspace | Remedy::ByHand)
}
