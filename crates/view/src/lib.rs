//! Builds what is shown, as data.
//!
//! Theory of operation. The input is a [`Snapshot`](goplswatch_core::Snapshot), the output a
//! [`Scene`]: the icon's shape with its accessible label, the menu with the action of each row
//! ([`UserAction`]), and the notifications that should be visible now. The same snapshot gives the
//! same scene, so a surface compares two scenes and changes only what differs. `goplswatch menu`
//! prints a scene, the `tray` crate draws it, and neither adds texts of its own. Lines that
//! commands print come from here too, so that a number reads the same everywhere: what is worth
//! reading about the [`machine()`], what a server uses ([`used`], [`notable`]), what an incident is
//! caused by ([`causes()`]).
//!
//! Deliberately absent: clocks, the time zone of the machine, and drawing. Times are shown in the
//! zone that the caller passes in.
#![forbid(unsafe_code)]

mod catalogue;
mod causes;
mod checks;
mod drawing;
mod evidence;
mod load;
mod machine;
mod menu;
mod notes;
mod phrases;
mod problems;
mod scene;
mod servers;
mod surface;
mod view_model;
mod words;

use std::time::Duration;

pub use catalogue::{Catalogue, Form};
pub use causes::causes;
pub use drawing::{bars, drawing};
pub use load::{notable, translated, used};
pub use machine::machine;
pub use menu::{Menu, Row, RowKind};
pub use notes::{Button, NotificationText, Question, outcome_note, question};
pub use phrases::Phrase;
pub use scene::{Context, Icon, Scene, Shape, scene};
pub use surface::SurfaceWords;

use goplswatch_core::time::OptionalMs;
use goplswatch_core::{ProcessKey, Remedy};
use serde::Serialize;

/// The user command of a row or a button. A surface passes it on and does not interpret it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
#[serde(tag = "wish", rename_all = "kebab-case")]
pub enum UserAction {
    /// Apply a remedy for an incident or a process. A risky one is first planned and confirmed.
    Fix {
        /// The remedy.
        remedy: Remedy,
        /// The incident that the remedy is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<String>,
        /// The process that the remedy acts on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessKey>,
    },
    /// Confirm a plan that was shown.
    Apply {
        /// The hash of the plan that was shown.
        plan: String,
    },
    /// Reject a plan that was shown.
    Drop {
        /// The hash of the plan that was shown.
        plan: String,
    },
    /// Undo a fix.
    Undo {
        /// The id of the fix's receipt.
        receipt: String,
    },
    /// Pause all alerts.
    Pause {
        /// The duration in milliseconds; until resumed if absent.
        #[serde(rename = "for_ms", with = "OptionalMs", default, skip_serializing_if = "Option::is_none")]
        length: Option<Duration>,
    },
    /// Resume alerts.
    Resume,
    /// Unmute alerts about a folder.
    Unmute {
        /// The folder.
        workspace: String,
    },
    /// Explain an incident in words.
    Explain {
        /// The incident.
        incident: String,
    },
    /// Open the config file.
    OpenConfig,
    /// Copy this text to the clipboard.
    Copy {
        /// The text.
        text: String,
    },
    /// Show this file in the file manager.
    Reveal {
        /// The file.
        path: String,
    },
    /// End the agent.
    Quit,
}
