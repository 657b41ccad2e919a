//! The rows of an open problem: what it means, what was observed, a chart of the last half hour,
//! what can be done, and why.

use goplswatch_core::event::{IncidentView, RemedyView};
use goplswatch_core::message::{Bytes, Count, Text};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{ProcessKey, Remedy, Trend};

use crate::view_model::{Silence, ViewModel, count};
use crate::{Form, Phrase, Row, UserAction, words};

/// The longest command that is shown in full, in characters.
pub(crate) const COMMAND: usize = 48;

/// How many rows the observations get: rows for the text, rows for causes.
#[derive(Clone, Copy)]
struct RowBudget {
    seen: usize,
    causes: usize,
}

/// At the top of the menu where there is little room: a cause takes the place of the second text
/// row.
const FEW: RowBudget = RowBudget { seen: 1, causes: 1 };
/// At the top of the menu.
const SOME: RowBudget = RowBudget { seen: 2, causes: 1 };
/// In a submenu, where there is room for everything.
const ALL: RowBudget = RowBudget { seen: 2, causes: 3 };

/// A problem in full, title first, on at most `room` rows. Actions that do not fit go into a
/// submenu; if there are fewer rows than the block needs, the chart is left out.
pub(crate) fn block<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView, room: usize) -> Vec<Row> {
    let key = key(view);
    let needed = least(view_model, view);
    let mut rows = vec![Row::text(key.clone(), view_model.title_with_folder(view))];
    rows.extend(facts(view_model, view, &key, if room > needed { SOME } else { FEW }));
    rows.extend(half_hour_row(view_model, view, &key).filter(|_| room >= needed));
    let (top, more) = split_actions(actions(view_model, view, &key), room.saturating_sub(rows.len() + 1));
    rows.extend(top);
    if !more.is_empty() {
        rows.push(Row::submenu(format!("{key}/more"), view_model.phrase(&Phrase::MoreActions), more));
    }
    rows.push(why(view_model, view, &key));
    rows
}

/// The number of rows that a block needs: its texts, the first action, a submenu for the others,
/// and why.
pub(crate) fn least<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView) -> usize {
    let facts = facts(view_model, view, "", FEW).len() + half_hour_row(view_model, view, "").iter().len();
    1 + facts + actions(view_model, view, "").len().min(2) + 1
}

/// A problem as one row with everything in its submenu.
pub(crate) fn submenu<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView) -> Row {
    Row::submenu(format!("{}/all", key(view)), view_model.title_with_folder(view), inside(view_model, view))
}

/// All rows of a problem except its title.
pub(crate) fn inside<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView) -> Vec<Row> {
    let key = key(view);
    let mut rows = facts(view_model, view, &key, ALL);
    rows.extend(half_hour_row(view_model, view, &key));
    rows.extend(actions(view_model, view, &key).into_iter().map(|action| action.row));
    rows.push(why(view_model, view, &key));
    rows
}

fn key(view: &IncidentView) -> String {
    format!("incident/{}", view.id)
}

fn why(view_model: &ViewModel<'_>, view: &IncidentView, key: &str) -> Row {
    Row::item(format!("{key}/why"), view_model.phrase(&Phrase::Why), UserAction::Explain { incident: view.id.clone() })
}

/// What was observed, and the probable causes. A text of one row without a cause is followed by
/// what the problem means. A silenced problem gets one row of text and the reason for its silence.
fn facts<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView, key: &str, most: RowBudget) -> Vec<Row> {
    let text = |i: usize, said: String| Row::text(format!("{key}/text/{i}"), said);
    let silent = view_model.silence(view).map(|silence| {
        view_model.phrase(&match silence {
            Silence::Snoozed(until) => Phrase::SnoozedUntil { at: Text(view_model.moment(until)) },
            Silence::Muted(folder) => Phrase::MutedFolder { folder: Text(view_model.folder_name(folder)) },
        })
    });
    let seen = view_model.text_alone(view, Form::Full);
    if let Some(silent) = silent {
        let first = words::rows(&seen[..seen.len().min(1)], 1);
        return first.into_iter().chain([silent]).enumerate().map(|(i, said)| text(i, said)).collect();
    }
    let causes = view_model.causes(view, Form::Full).take(most.causes).filter_map(|said| words::rows(&[said], 1).pop());
    let causes = causes.enumerate().map(|(i, said)| Row::text(format!("{key}/cause/{i}"), said));
    let causes: Vec<Row> = causes.collect();
    let sentences = if causes.is_empty() || most.seen > 1 { seen.len() } else { 1 };
    let mut said = words::rows(&seen[..seen.len().min(sentences)], if causes.is_empty() { 2 } else { most.seen });
    if causes.is_empty() && said.len() < 2 {
        said.extend(words::rows(&[view_model.words().page(view.code, "means")], 1));
    }
    said.into_iter().enumerate().map(|(i, said)| text(i, said)).chain(causes).collect()
}

/// The trend of an incident's lineage, if there is one.
fn half_hour_row<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView, key: &str) -> Option<Row> {
    let trend = view_model.snapshot.trends.get(view.lineage.as_deref()?)?;
    Some(Row::trend(format!("{key}/trend"), half_hour(view_model, trend)?, trend.clone()))
}

/// "Last 30 min: memory 310 MB to 1.2 GB, 5 ends"; `None` for an empty trend.
fn half_hour(view_model: &ViewModel<'_>, trend: &Trend) -> Option<String> {
    let minutes = trend.memory.len().max(trend.ends.len());
    if minutes == 0 {
        return None;
    }
    let known = || trend.memory.iter().copied().flatten();
    let range = known().min().zip(known().max()).map(|(least, most)| (Bytes::new(least), Bytes::new(most)));
    let memory = view_model.phrase(&match range {
        None => Phrase::MemoryUnknown,
        Some((bytes, most)) if bytes == most => Phrase::MemoryOf { bytes },
        Some((least, most)) => Phrase::MemoryFromTo { least, most },
    });
    let ends = Count::new(trend.ends.iter().fold(0u64, |sum, n| sum.saturating_add(u64::from(*n))));
    Some(view_model.phrase(&Phrase::HalfHour { minutes: count(minutes), memory: Text(memory), ends }))
}

/// Whether a remedy is a clickable action. What only a person can do is part of the explanation
/// instead.
pub(crate) const fn is_shown(remedy: Remedy) -> bool {
    !matches!(remedy, Remedy::ByHand)
}

/// An action, as a row.
struct Action {
    row: Row,
    /// Whether it goes into the submenu first where there is no room for all.
    lesser: bool,
}

/// The actions, in the order in which they are offered; the undo of a fix that did not help comes
/// first.
fn actions<'a>(view_model: &ViewModel<'a>, view: &'a IncidentView, key: &str) -> Vec<Action> {
    let shown = || view.remedies.iter().filter(|offer| is_shown(offer.remedy));
    let undo = view.receipt.as_ref().map(|receipt| Action {
        row: Row::item(
            format!("{key}/undo"),
            view_model.phrase(&Phrase::UndoFix),
            UserAction::Undo { receipt: receipt.clone() },
        ),
        lesser: false,
    });
    let offered = shown().map(|offer| {
        let several = shown().filter(|other| other.remedy == offer.remedy).count() > 1;
        let process = offer.process.map_or_else(String::new, |process| format!("/{}", process_key(process)));
        let wants = UserAction::Fix { remedy: offer.remedy, incident: Some(view.id.clone()), process: offer.process };
        let key = format!("{key}/{}{process}", offer.remedy.word());
        Action {
            row: Row::item(key, label(view_model, offer, several), wants),
            lesser: matches!(offer.remedy, Remedy::CopyEvidence | Remedy::OpenWorkspace | Remedy::DumpGoroutines),
        }
    });
    undo.into_iter().chain(offered).collect()
}

/// Splits actions into those that fit on `room` rows and those for the submenu. If there is a
/// submenu, it gets all lesser actions, and the last of the others that do not fit.
fn split_actions(actions: Vec<Action>, room: usize) -> (Vec<Row>, Vec<Row>) {
    // A single lesser action takes no more room than the submenu that would contain it.
    if actions.len() <= room && actions.iter().filter(|action| action.lesser).count() <= 1 {
        return (actions.into_iter().map(|action| action.row).collect(), Vec::new());
    }
    let mut left = room.saturating_sub(1);
    let (mut top, mut more) = (Vec::new(), Vec::new());
    for action in actions {
        if action.lesser || left == 0 {
            more.push(action.row);
        } else {
            left -= 1;
            top.push(action.row);
        }
    }
    (top, more)
}

/// The part of a row key that identifies a process.
pub(crate) fn process_key(process: ProcessKey) -> String {
    format!("{}.{}", process.pid, process.start)
}

fn label(view_model: &ViewModel<'_>, offer: &RemedyView, several: bool) -> String {
    title(view_model, offer.remedy, offer.value.as_deref(), offer.process.filter(|_| several))
}

/// The title of a remedy, with what it copies or mutes, and with the pid if there are several
/// processes.
pub(crate) fn title(
    view_model: &ViewModel<'_>,
    remedy: Remedy,
    value: Option<&str>,
    process: Option<ProcessKey>,
) -> String {
    let mut title = match (remedy, value) {
        (Remedy::CopyRestartCommand, Some(command)) => {
            let command = words::elide_middle(&words::sanitize(command), COMMAND);
            view_model.phrase(&Phrase::CopyCommand { command: Text(command) })
        }
        (Remedy::Mute, Some(path)) => {
            view_model.phrase(&Phrase::MuteFolder { folder: Text(view_model.folder_name(path)) })
        }
        (remedy, _) => view_model.words().remedy(remedy),
    };
    if let Some(process) = process {
        let pid = Count::new(process.pid.0.into());
        title = view_model.phrase(&Phrase::OfProcess { title: Text(title), pid });
    }
    if remedy.class() == RemedyClass::Risky {
        title = view_model.phrase(&Phrase::Asks { title: Text(title) });
    }
    title
}
