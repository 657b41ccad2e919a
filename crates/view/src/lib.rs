//! What is shown, as data.
//!
//! Theory of operation. A [`Snapshot`](goplswatch_core::Snapshot) goes in, a [`Scene`] comes out: the icon's shape with
//! the words that are read aloud for it, the menu with what each of its rows wants ([`Wish`]), and the notifications
//! that should be seen now. The same snapshot gives the same scene, so whoever shows it compares two scenes and touches
//! only what differs. `goplswatch menu` prints it, the `tray` room draws it, and neither adds a word of its own.
//! What commands print in lines of their own comes from here too, so that a number reads the same in all places: what is
//! worth reading about the [`machine()`], what a server uses ([`used`], [`notable`]), what an incident comes from
//! ([`causes()`]).
//!
//! What is deliberately absent: clocks, time zones of the machine and drawing. Moments are shown by the zone that comes in.
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
mod sight;
mod surface;
mod words;

pub use catalogue::{Catalogue, Form};
pub use causes::causes;
pub use drawing::{bars, drawing};
pub use load::{notable, translated, used};
pub use machine::machine;
pub use menu::{Menu, Row, RowKind};
pub use notes::{Button, Note, Question, question, said};
pub use phrases::Phrase;
pub use scene::{Context, Icon, Scene, Shape, scene};
pub use surface::SurfaceWords;

use goplswatch_core::{ProcessKey, Remedy};
use serde::Serialize;

/// What a click wants. Whoever shows a row passes it on and does nothing about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(serde::Deserialize, schemars::JsonSchema))]
#[serde(tag = "wish", rename_all = "kebab-case")]
pub enum Wish {
    /// A remedy for an incident or a process. A risky one is planned and asked about first.
    Fix {
        /// Which.
        remedy: Remedy,
        /// The incident that it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<String>,
        /// The process that it acts on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessKey>,
    },
    /// The yes to a plan that was shown.
    Apply {
        /// The hash of the plan that was shown.
        plan: String,
    },
    /// The no to it.
    Drop {
        /// The hash of the plan that was shown.
        plan: String,
    },
    /// Take a fix back.
    Undo {
        /// The receipt's id.
        receipt: String,
    },
    /// Tell nothing.
    Pause {
        /// For how long, milliseconds; until resumed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_ms: Option<u64>,
    },
    /// Tell again.
    Resume,
    /// Tell about a folder again.
    Unmute {
        /// The folder.
        workspace: String,
    },
    /// Show what is known of an incident, in words.
    Explain {
        /// The incident.
        incident: String,
    },
    /// Open the config file.
    OpenConfig,
    /// Copy this text.
    Copy {
        /// The text.
        text: String,
    },
    /// Show this file in its folder.
    Reveal {
        /// The file.
        path: String,
    },
    /// End the agent.
    Quit,
}
