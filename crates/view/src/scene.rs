//! Everything that is shown at one moment.

use goplswatch_core::Snapshot;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Menu, Note};

/// What a scene is made with, beside the snapshot.
#[derive(Clone, Debug)]
pub struct Context {
    /// The zone in which moments are shown.
    pub zone: TimeZone,
    /// Whether anything was looked at yet.
    pub looked: bool,
    /// The program's version.
    pub version: String,
}

/// Everything that is shown at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scene {
    /// The icon.
    pub icon: Icon,
    /// What a click on it opens.
    pub menu: Menu,
    /// The notifications that should be seen now.
    pub notes: Vec<Note>,
}

/// The icon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Icon {
    /// Its shape, which alone carries the state.
    pub shape: Shape,
    /// What is read aloud for it, and shown where the pointer rests.
    pub label: String,
}

/// The icon's shapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    let _ = (snapshot, context);
    Scene::default()
}
