//! The connection of a command to the agent, and what to advise when it fails.

use goplswatch_agent::client::{AskError, Client};
use goplswatch_core::message::Text;
use goplswatch_view::Phrase;

use crate::failure::Failure;
use crate::language::words;
use crate::paths;

/// A client that tries each possible location of the agent's socket.
pub(crate) fn client() -> Client {
    Client::new(paths::sockets(), words())
}

/// A client error as the user reads it.
pub(crate) fn failed(error: AskError) -> Failure {
    match error {
        AskError::NoAgent => Failure::new(Phrase::NoAgentToAsk).hint(Phrase::NoAgentToAskHint).could_not_check(),
        AskError::Busy(_) => Failure::new(error.message()).hint(Phrase::AgentBusyHint).could_not_check(),
        AskError::Barred(_) => Failure::new(error.message()).hint(Phrase::AgentBarredHint).could_not_check(),
        AskError::Refused(why) => Failure::new(Phrase::AgentRefuses { why: Text(why) }),
        AskError::NoAnswer(_) => Failure::new(error.message()).hint(Phrase::AgentNoAnswerHint).could_not_check(),
    }
}
