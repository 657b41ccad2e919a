//! How a command reaches the agent, and what to do where it does not.

use goplswatch_agent::client::{AskError, Client};
use goplswatch_core::message::Text;
use goplswatch_view::Phrase;

use crate::failure::Failure;
use crate::language::words;
use crate::paths;

/// Looks for the agent at each place where its socket may be.
pub(crate) fn client() -> Client {
    Client::new(paths::sockets(), words())
}

/// An error of the client as the user reads it.
pub(crate) fn failed(error: AskError) -> Failure {
    match error {
        AskError::NoAgent => Failure::new(Phrase::NoAgentToAsk).hint(Phrase::NoAgentToAskHint).could_not_check(),
        AskError::Busy(_) => Failure::new(error.message()).hint(Phrase::AgentBusyHint).could_not_check(),
        AskError::Barred(_) => Failure::new(error.message()).hint(Phrase::AgentBarredHint).could_not_check(),
        AskError::Refused(why) => Failure::new(Phrase::AgentRefuses { why: Text(why) }),
        AskError::NoAnswer(_) => Failure::new(error.message()).hint(Phrase::AgentNoAnswerHint).could_not_check(),
    }
}
