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
    let sight = ViewModel::new(snapshot, context);
    Scene { icon: icon(&sight), menu: menu(&sight), notes: notes::notifications(&sight) }
}

fn icon(sight: &ViewModel<'_>) -> Icon {
    let trouble = trouble(sight);
    let (shape, words) = if !sight.context.scanned {
        (Shape::Looking, sight.phrase(&Phrase::IconLooking))
    } else if sight.process_table_error().is_some() {
        (Shape::Looking, sight.phrase(&Phrase::IconBlind))
    } else if let Some(pause) = &sight.snapshot.alerts.paused {
        // The shape shows that alerts are paused; problems are mentioned in the label only.
        (Shape::Muted, [Some(paused(sight, pause)), trouble].into_iter().flatten().collect::<Vec<_>>().join("; "))
    } else if let Some(trouble) = trouble {
        (Shape::Trouble, trouble)
    } else {
        match sight.not_silenced(Severity::Advice).count() {
            0 => (Shape::Calm, quiet(sight)),
            n => (Shape::Advice, sight.phrase(&Phrase::IconAdvice { suggestions: count(n) })),
        }
    };
    Icon { shape, label: sight.phrase(&Phrase::IconLabel { words: Text(words) }) }
}

fn paused(sight: &ViewModel<'_>, pause: &PauseView) -> String {
    sight.phrase(&match &pause.until {
        Some(until) => Phrase::IconMutedUntil { until: Text(sight.moment(until)) },
        None => Phrase::IconMuted,
    })
}

/// "api-server keeps restarting, and 2 more problems"; `None` without a problem that is neither
/// snoozed nor muted.
fn trouble(sight: &ViewModel<'_>) -> Option<String> {
    let mut problems = sight.not_silenced(Severity::Problem);
    let first = problems.next()?;
    let problem = sight.words().label(&first.titled(), sight.folder(first).as_deref());
    Some(match problems.count() {
        0 => problem,
        n => sight.phrase(&Phrase::IconMore { problem: Text(problem), more: count(n) }),
    })
}

fn quiet(sight: &ViewModel<'_>) -> String {
    let servers = sight.servers();
    let problems = sight.incidents.iter().filter(|view| view.severity == Severity::Problem).count();
    sight.phrase(&match problems {
        0 => Phrase::IconQuiet { servers },
        n => Phrase::IconSilent { problems: count(n), servers },
    })
}
