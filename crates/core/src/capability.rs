//! What this machine allows us to see, as the self-tests at start found it.

use serde::{Deserialize, Serialize};

use crate::message::MessageText;

/// Whether this machine allows us to see something that detection relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CapabilityState {
    /// Its self-test succeeded.
    Ok,
    /// This system does not have it.
    Unsupported,
    /// The system has it but denies us access.
    Denied,
}

/// One kind of information that this machine allows us to see, or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Capability {
    /// Kebab-case name, such as `end-status`.
    pub name: String,
    /// The result of the self-test at start.
    pub state: CapabilityState,
    /// What that means for the user; for `ok`, how it was tested.
    #[serde(flatten)]
    pub said: MessageText,
}

impl Capability {
    /// The result of a capability's self-test.
    pub fn new(name: &str, state: CapabilityState, said: impl Into<MessageText>) -> Self {
        Self { name: name.to_owned(), state, said: said.into() }
    }

    /// Whether these self-test results say that the process table can be read.
    #[must_use]
    pub fn sees_processes(found: &[Self]) -> bool {
        found.iter().any(|capability| capability.name == "process-table" && capability.state == CapabilityState::Ok)
    }
}
