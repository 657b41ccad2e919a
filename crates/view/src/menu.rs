//! The menu as data.
//!
//! Theory of operation. Problems come first, then the servers, then what is worth reading about the
//! machine, then what cannot be observed, then the entries about the program itself. A row exists
//! only if its user command can be carried out. There are at most [`MAX_ROWS`] rows, whatever
//! happens on the machine: the most important problem is shown in full, the others as submenus, and
//! what does not fit goes into a submenu whose label says how many it contains.

use goplswatch_core::Trend;
use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::codes::Severity;
use goplswatch_core::event::IncidentView;
use goplswatch_core::message::{Count, Text};
use goplswatch_core::time::HOUR;
use serde::Serialize;

use crate::machine::Section;
use crate::view_model::{ViewModel, count};
use crate::{Form, Phrase, UserAction, problems, servers, words};

/// The maximum number of rows, separators included.
pub(crate) const MAX_ROWS: usize = 16;
/// The maximum number of rows of a submenu with a list of servers or problems.
const MAX_LISTED: usize = 80;
/// The maximum number of rows for the problems after the first.
const MOST_OTHERS: usize = 3;

/// The pauses that are offered, in hours.
const PAUSES: [u32; 2] = [1, 4];

/// A menu, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Menu {
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row. Its key is stable: the same subject has the same key in every menu. Keys are unique
/// within a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Row {
    /// Identifies the subject, such as `incident/restart-loop-37` or `server/811/open-workspace`.
    pub key: String,
    /// The kind of the row.
    #[serde(flatten)]
    pub kind: RowKind,
}

/// The kind of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
#[serde(tag = "row", rename_all = "kebab-case")]
pub enum RowKind {
    /// A statement; it cannot be clicked.
    Text {
        /// Its label.
        label: String,
    },
    /// An entry that can be clicked.
    Item {
        /// Its label.
        label: String,
        /// The user command of a click.
        wants: UserAction,
        /// Whether it can be clicked now.
        enabled: bool,
        /// The check mark, on or off; null: the row has none.
        checked: Option<bool>,
        /// The keyboard shortcut while the menu is open, in muda's notation: "CmdOrCtrl+Q"; null:
        /// none.
        shortcut: Option<String>,
    },
    /// A chart of the last half hour.
    Trend {
        /// Its label: the trend in words.
        label: String,
        /// The data of the chart.
        trend: Trend,
    },
    /// A submenu.
    Submenu {
        /// Its label.
        label: String,
        /// Its rows.
        rows: Vec<Row>,
    },
    /// A separator line.
    Separator,
}

impl Row {
    pub(crate) fn text(key: String, label: String) -> Self {
        Self { key, kind: RowKind::Text { label } }
    }

    pub(crate) fn item(key: String, label: String, wants: UserAction) -> Self {
        Self { key, kind: RowKind::Item { label, wants, enabled: true, checked: None, shortcut: None } }
    }

    pub(crate) fn submenu(key: String, label: String, rows: Vec<Self>) -> Self {
        Self { key, kind: RowKind::Submenu { label, rows } }
    }

    pub(crate) fn trend(key: String, label: String, trend: Trend) -> Self {
        Self { key, kind: RowKind::Trend { label, trend } }
    }

    /// The same row with another label.
    pub(crate) fn labelled(mut self, new: String) -> Self {
        if let RowKind::Text { label }
        | RowKind::Item { label, .. }
        | RowKind::Trend { label, .. }
        | RowKind::Submenu { label, .. } = &mut self.kind
        {
            *label = new;
        }
        self
    }

    /// A submenu of a list that may be long. Beyond the first rows it says how many more there are:
    /// nobody reads a menu of thousands, and drawing it takes seconds.
    pub(crate) fn list<T>(
        view_model: &ViewModel<'_>,
        key: String,
        label: String,
        items: &[T],
        row: impl Fn(&T) -> Self,
    ) -> Self {
        let shown = if items.len() > MAX_LISTED + 1 { MAX_LISTED } else { items.len() };
        let mut rows: Vec<Self> = items.iter().take(shown).map(row).collect();
        if shown < items.len() {
            let more = view_model.phrase(&Phrase::MoreInStatus { n: count(items.len() - shown) });
            rows.push(Self::text(format!("{key}/beyond"), more));
        }
        Self::submenu(key, label, rows)
    }

    pub(crate) fn separator(key: &str) -> Self {
        Self { key: key.into(), kind: RowKind::Separator }
    }
}

/// The menu of a snapshot.
pub(crate) fn menu(view_model: &ViewModel<'_>) -> Menu {
    let unseen = unseen(view_model);
    let end = end(view_model);
    let room = MAX_ROWS - end.len() - usize::from(unseen.is_some());
    let machine = Section::new(view_model);
    let mut rows = match view_model.incidents.split_first() {
        None => quiet(view_model),
        Some((first, others)) => {
            let others: Vec<_> = others.iter().copied().filter(|view| !machine.shows(view)).collect();
            open(view_model, first, &others, &machine, room)
        }
    };
    let left = room - rows.len();
    let whole = left >= servers::wanted(view_model) + machine.full_rows();
    let machine = machine.into_rows(if whole { left } else { 0 });
    rows.extend(servers::section(view_model, left - machine.len()));
    rows.extend(machine);
    rows.extend(unseen);
    rows.extend(end);
    Menu { rows }
}

/// The problems, on at most `room` rows less those that the servers and the machine need.
///
/// The most important problem gets what it needs, then each section gets its minimum. Of the
/// remaining rows, up to [`MOST_OTHERS`] go to the other problems, then as many to the servers as
/// their list needs, then as many to the machine, and the rest to the most important problem.
fn open<'a>(
    view_model: &ViewModel<'a>,
    first: &'a IncidentView,
    others: &[&'a IncidentView],
    machine: &Section<'a>,
    room: usize,
) -> Vec<Row> {
    let warming = warming(view_model);
    let (mut for_others, mut below) = (others.len().min(1), servers::least(view_model) + machine.min_rows());
    let taken = problems::least(view_model, first) + usize::from(warming.is_some()) + for_others + below;
    let mut spare = room.saturating_sub(taken);
    let more = (others.len().min(MOST_OTHERS) - for_others).min(spare);
    (for_others, spare) = (for_others + more, spare - more);
    for more in [servers::wanted(view_model) - servers::least(view_model), machine.full_rows() - machine.min_rows()] {
        if spare >= more {
            (below, spare) = (below + more, spare - more);
        }
    }
    let mut rows = problems::block(view_model, first, room - usize::from(warming.is_some()) - for_others - below);
    // The last row is the submenu with the rest.
    let whole = if others.len() > for_others { for_others.saturating_sub(1) } else { others.len() };
    let (listed, rest) = (&others[..whole], &others[whole..]);
    let submenu = |view: &&'a IncidentView| problems::submenu(view_model, view);
    rows.extend(listed.iter().map(submenu));
    if !rest.is_empty() {
        let label = view_model.phrase(&Phrase::MoreProblems { n: count(rest.len()) });
        rows.push(Row::list(view_model, "incidents/more".into(), label, rest, submenu));
    }
    rows.extend(warming);
    rows
}

/// States that nothing is wrong, or why that is not known.
fn quiet(view_model: &ViewModel<'_>) -> Vec<Row> {
    let why = view_model.process_table_error().flatten().filter(|_| view_model.context.scanned);
    let why = why.map(|why| words::capital(&view_model.words().value(why, Form::Full)));
    let why = why.and_then(|why| words::rows(&[why], 1).pop());
    let said = Row::text("quiet".into(), nothing_open(view_model));
    std::iter::once(said).chain(why.map(|why| Row::text("quiet/why".into(), why))).collect()
}

/// "All quiet — 2 servers, 850 MB".
fn nothing_open(view_model: &ViewModel<'_>) -> String {
    if !view_model.context.scanned {
        return view_model.phrase(&Phrase::Looking);
    }
    if view_model.process_table_error().is_some() {
        return view_model.phrase(&Phrase::Blind);
    }
    let servers = view_model.servers();
    view_model.phrase(&match servers::of_all(view_model) {
        Some(memory) => Phrase::AllQuietUsing { servers, memory: Text(memory) },
        None => Phrase::AllQuiet { servers },
    })
}

/// When notifications begin; shown only while the warm-up delays one.
fn warming(view_model: &ViewModel<'_>) -> Option<Row> {
    let until = view_model.snapshot.warming_until.as_deref()?;
    let paused = view_model.snapshot.alerts.paused.is_some();
    let notified = |id: &String| view_model.snapshot.told.iter().any(|alert| alert.incidents.contains(id));
    let waits =
        [Severity::Problem, Severity::Advice].into_iter().flat_map(|severity| view_model.not_silenced(severity));
    let waits = !paused && waits.into_iter().any(|view| !notified(&view.id));
    let label = || view_model.phrase(&Phrase::NotificationsFrom { at: Text(view_model.moment(until)) });
    waits.then(|| Row::text("warming".into(), label()))
}

/// What cannot be observed on this machine.
fn unseen(view_model: &ViewModel<'_>) -> Option<Row> {
    let missing: Vec<&Capability> =
        view_model.snapshot.capabilities.iter().filter(|c| c.state != CapabilityState::Ok).collect();
    let rows: Vec<Row> = missing
        .iter()
        .flat_map(|c| {
            let why = Text(view_model.words().say(&c.said.message));
            let said =
                words::lines(&view_model.phrase(&Phrase::UnseenThing { name: Text(words::sanitize(&c.name)), why }));
            said.into_iter().enumerate().map(|(i, said)| Row::text(format!("capability/{}/{i}", c.name), said))
        })
        .collect();
    let label = view_model.phrase(&Phrase::Unseen { n: count(missing.len()) });
    (!missing.is_empty()).then(|| Row::submenu("capabilities".into(), label, rows))
}

/// The entries about the program itself.
fn end(view_model: &ViewModel<'_>) -> Vec<Row> {
    let mut quit = Row::item("quit".into(), view_model.phrase(&Phrase::Quit), UserAction::Quit);
    if let RowKind::Item { shortcut, .. } = &mut quit.kind {
        *shortcut = Some("CmdOrCtrl+Q".into());
    }
    let config = Row::item("config".into(), view_model.phrase(&Phrase::OpenConfig), UserAction::OpenConfig);
    vec![Row::separator("end/line"), alerts(view_model), config, quit]
}

/// Whether alerts are paused, for how long, and which folders are muted.
fn alerts(view_model: &ViewModel<'_>) -> Row {
    let view = &view_model.snapshot.alerts;
    let mut rows = Vec::new();
    let label = match &view.paused {
        Some(pause) => {
            rows.push(Row::item("alerts/resume".into(), view_model.phrase(&Phrase::ResumeAlerts), UserAction::Resume));
            match &pause.until {
                Some(until) => Phrase::PausedUntil { at: Text(view_model.moment(until)) },
                None => Phrase::Paused,
            }
        }
        None => Phrase::PauseAlerts,
    };
    rows.extend(PAUSES.into_iter().map(|hours| {
        let label = view_model.phrase(&Phrase::PauseFor { hours: Count::new(hours.into()) });
        Row::item(format!("alerts/pause/{hours}h"), label, UserAction::Pause { length: Some(hours * HOUR) })
    }));
    rows.push(Row::item(
        "alerts/pause/on".into(),
        view_model.phrase(&Phrase::PauseOn),
        UserAction::Pause { length: None },
    ));
    if !view.muted.is_empty() {
        rows.push(Row::separator("alerts/line"));
    }
    rows.extend(view.muted.iter().map(|folder| {
        let label = view_model.phrase(&Phrase::MuteFolder { folder: Text(view_model.folder_name(folder)) });
        let mut row = Row::item(format!("mute/{folder}"), label, UserAction::Unmute { workspace: folder.clone() });
        if let RowKind::Item { checked, .. } = &mut row.kind {
            *checked = Some(true);
        }
        row
    }));
    Row::submenu("alerts".into(), view_model.phrase(&label), rows)
}
