//! The menu as data.

use goplswatch_core::Trend;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Wish;

/// A menu, top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Menu {
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One row. Its key is the same for the same thing in every menu, and no two rows of one menu share one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// What it is about, such as `incident/restart-loop-37` or `server/811/open-workspace`.
    pub key: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: RowKind,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "row", rename_all = "kebab-case")]
pub enum RowKind {
    /// A fact; it cannot be clicked.
    Text {
        /// What it says.
        label: String,
    },
    /// Something that can be clicked.
    Item {
        /// What it says.
        label: String,
        /// What a click wants.
        wants: Wish,
        /// Whether it can be clicked now.
        enabled: bool,
        /// A mark before it, on or off; null: it has none.
        checked: Option<bool>,
        /// The keys that do the same while the menu is open, as muda writes them: "CmdOrCtrl+Q"; null: none.
        shortcut: Option<String>,
    },
    /// A picture of the last half hour.
    Trend {
        /// The same in words.
        label: String,
        /// What is drawn.
        trend: Trend,
    },
    /// A menu of its own.
    Submenu {
        /// What it says.
        label: String,
        /// What is in it.
        rows: Vec<Row>,
    },
    /// A line.
    Separator,
}
