//! Everything that is shown at one moment.

use goplswatch_core::codes::Severity;
use goplswatch_core::event::{IncidentView, PauseView};
use goplswatch_core::{Code, Snapshot};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::menu::menu;
use crate::sight::Sight;
use crate::{Menu, Note, notes, words};

/// What a scene is made with, beside the snapshot.
#[derive(Clone, Debug)]
pub struct Context {
    /// The zone in which moments are shown.
    pub zone: TimeZone,
    /// The day that it is there: moments of other days are shown with their date.
    pub today: Date,
    /// Whether anything was looked at yet.
    pub looked: bool,
}

/// Everything that is shown at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Scene {
    /// The icon.
    pub icon: Icon,
    /// What a click on it opens.
    pub menu: Menu,
    /// The notifications that should be seen now.
    pub notes: Vec<Note>,
}

/// The icon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
pub struct Icon {
    /// Its shape, which alone carries the state.
    pub shape: Shape,
    /// What is read aloud for it, and shown where the pointer rests.
    pub label: String,
}

/// The icon's shapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Outline: all is quiet.
    Calm,
    /// Dashed outline: nothing is known yet, or processes cannot be seen.
    #[default]
    Looking,
    /// Outline and a dot.
    Advice,
    /// Filled, with an exclamation mark knocked out.
    Trouble,
    /// Outline and a slash.
    Muted,
}

/// The scene of a snapshot.
#[must_use]
pub fn scene(snapshot: &Snapshot, context: &Context) -> Scene {
    let sight = Sight::new(snapshot, context);
    Scene { icon: icon(&sight), menu: menu(&sight), notes: notes::told(&sight) }
}

fn icon(sight: &Sight<'_>) -> Icon {
    let trouble = trouble(sight);
    let (shape, words) = if !sight.context.looked {
        (Shape::Looking, "looking…".into())
    } else if sight.blind().is_some() {
        (Shape::Looking, "cannot see processes".into())
    } else if let Some(pause) = &sight.snapshot.alerts.paused {
        // The shape says that nothing is told; that there is something to tell is left to the words.
        (Shape::Muted, [Some(paused(sight, pause)), trouble].into_iter().flatten().collect::<Vec<_>>().join("; "))
    } else if let Some(trouble) = trouble {
        (Shape::Trouble, trouble)
    } else {
        match sight.loud(Severity::Advice).count() {
            0 => (Shape::Calm, format!("{}, {}", quiet(sight), sight.servers())),
            n => (Shape::Advice, words::count(n, "suggestion", "suggestions")),
        }
    };
    Icon { shape, label: format!("gopls: {words}") }
}

fn paused(sight: &Sight<'_>, pause: &PauseView) -> String {
    match &pause.until {
        Some(until) => format!("alerts muted until {}", sight.moment(until)),
        None => "alerts muted until you resume them".into(),
    }
}

/// "api-server keeps restarting, and 2 more problems"; `None` without a problem that may be told.
fn trouble(sight: &Sight<'_>) -> Option<String> {
    let mut problems = sight.loud(Severity::Problem);
    let first = problems.next()?;
    let more = match problems.count() {
        0 => String::new(),
        n => format!(", and {}", words::count(n, "more problem", "more problems")),
    };
    Some(format!("{}{more}", behind_gopls(sight, first)))
}

/// A problem as it is said behind "gopls: ".
fn behind_gopls<'a>(sight: &Sight<'a>, view: &'a IncidentView) -> String {
    let title = sight.title(view);
    match (title.strip_prefix("gopls "), sight.folder(view)) {
        // Of a server one may say that it keeps restarting by its folder's name; not that it is gone.
        (Some(rest), Some(folder)) if view.code != Code::ServerGone => format!("{folder} {rest}"),
        _ => {
            let title = sight.title_with_folder(view);
            match title.strip_prefix("gopls is ").or_else(|| title.strip_prefix("gopls ")) {
                Some(rest) => rest.to_owned(),
                None if view.code.row().title.starts_with("{client}") => title,
                None => words::small(&title),
            }
        }
    }
}

fn quiet(sight: &Sight<'_>) -> String {
    match sight.incidents.iter().filter(|view| view.severity == Severity::Problem).count() {
        0 => "all quiet".into(),
        n => words::count(n, "problem snoozed or muted", "problems snoozed or muted"),
    }
}
