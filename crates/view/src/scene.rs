//! The scene: everything that is shown at one moment.

use goplswatch_core::Snapshot;
use goplswatch_core::codes::Severity;
use goplswatch_core::event::PauseView;
use goplswatch_core::message::Text;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::menu::menu;
use crate::view_model::{ViewModel, count};
use crate::{Catalogue, Menu, NotificationText, Phrase, notes};

/// Parameters of a scene besides the snapshot.
#[derive(Clone)]
pub struct Context {
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The current day in that zone: times of other days are shown with their date.
    pub today: Date,
    /// Whether a first scan has been made.
    pub scanned: bool,
    /// The language.
    pub words: &'static Catalogue,
}

/// Everything that is shown at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Scene {
    /// The icon.
    pub icon: Icon,
    /// The menu that a click on the icon opens.
    pub menu: Menu,
    /// The notifications that should be visible now.
    pub notes: Vec<NotificationText>,
}

/// The icon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Icon {
    /// Its shape, which alone indicates the state.
    pub shape: Shape,
    /// The accessible label, also shown as the tooltip.
    pub label: String,
}

/// The icon's shapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Outline: all is quiet.
    Calm,
    /// Dashed outline: nothing is known yet, or processes cannot be observed.
    #[default]
    Looking,
    /// Outline and a dot.
    Advice,
    /// Filled, with an exclamation mark knocked out.
    Trouble,
    /// Outline and a slash.
    Muted,
}

/// Builds the scene of a snapshot.
#[must_use]
pub fn scene(snapshot: &Snapshot, context: &Context) -> Scene {
    let view_model = ViewModel::new(snapshot, context);
    Scene { icon: icon(&view_model), menu: menu(&view_model), notes: notes::notifications(&view_model) }
}

fn icon(view_model: &ViewModel<'_>) -> Icon {
    let trouble = trouble(view_model);
    let (shape, words) = if !view_model.context.scanned {
        (Shape::Looking, view_model.phrase(&Phrase::IconLooking))
    } else if view_model.process_table_error().is_some() {
        (Shape::Looking, view_model.phrase(&Phrase::IconBlind))
    } else if let Some(pause) = &view_model.snapshot.alerts.paused {
        // The shape shows that alerts are paused; problems are mentioned in the label only.
        (Shape::Muted, [Some(paused(view_model, pause)), trouble].into_iter().flatten().collect::<Vec<_>>().join("; "))
    } else if let Some(trouble) = trouble {
        (Shape::Trouble, trouble)
    } else {
        match view_model.not_silenced(Severity::Advice).count() {
            0 => (Shape::Calm, quiet(view_model)),
            n => (Shape::Advice, view_model.phrase(&Phrase::IconAdvice { suggestions: count(n) })),
        }
    };
    Icon { shape, label: view_model.phrase(&Phrase::IconLabel { words: Text(words) }) }
}

fn paused(view_model: &ViewModel<'_>, pause: &PauseView) -> String {
    view_model.phrase(&match &pause.until {
        Some(until) => Phrase::IconMutedUntil { until: Text(view_model.moment(until)) },
        None => Phrase::IconMuted,
    })
}

/// "api-server keeps restarting, and 2 more problems"; `None` without a problem that is neither
/// snoozed nor muted.
fn trouble(view_model: &ViewModel<'_>) -> Option<String> {
    let mut problems = view_model.not_silenced(Severity::Problem);
    let first = problems.next()?;
    let problem = view_model.words().label(&first.titled(), view_model.folder(first).as_deref());
    Some(match problems.count() {
        0 => problem,
        n => view_model.phrase(&Phrase::IconMore { problem: Text(problem), more: count(n) }),
    })
}

fn quiet(view_model: &ViewModel<'_>) -> String {
    let servers = view_model.servers();
    let problems = view_model.incidents.iter().filter(|view| view.severity == Severity::Problem).count();
    view_model.phrase(&match problems {
        0 => Phrase::IconQuiet { servers },
        n => Phrase::IconSilent { problems: count(n), servers },
    })
}
