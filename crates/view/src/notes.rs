//! Notifications and questions as data.

use goplswatch_core::codes::Telling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Wish;

/// A notification with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// The same for the same notification: a later one with it replaces it.
    pub id: String,
    /// What it means to the user.
    pub title: String,
    /// One cause and one number.
    pub body: String,
    /// Notifications of one group stand together; null: of none.
    pub group: Option<String>,
    /// Whether it may interrupt.
    pub telling: Telling,
    /// A higher number than the last one asks for attention again; the same replaces in silence.
    pub rang: u64,
    /// At most three.
    pub buttons: Vec<Button>,
    /// What a click on the notification itself wants; null: nothing.
    pub click: Option<Wish>,
}

/// A button of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it wants.
    pub wants: Wish,
}

/// A question before something risky is done. What it costs stands in it; nothing happens without the yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    /// The hash of the plan that it asks about.
    pub plan: String,
    /// What would be done, as a question.
    pub title: String,
    /// What it does and what it costs.
    pub body: String,
    /// The yes: it names what is done.
    pub yes: Button,
    /// The no.
    pub no: Button,
}
