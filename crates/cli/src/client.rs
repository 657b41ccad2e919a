//! The connection of a command to the agent, and what to advise when it fails.

use goplswatch_agent::client::{Client, RequestError};
use goplswatch_core::message::Text;
use goplswatch_view::Phrase;

use crate::failure::Failure;
use crate::language::catalogue;
use crate::paths;

/// A client that tries each possible location of the agent's socket.
pub(crate) fn client() -> Client {
    Client::new(paths::sockets(), catalogue())
}

/// A client error as the user reads it.
pub(crate) fn failed(error: RequestError) -> Failure {
    match error {
        RequestError::NoAgent => Failure::new(Phrase::NoAgentToAsk).hint(Phrase::NoAgentToAskHint).could_not_check(),
        RequestError::Busy(_) => Failure::new(error.message()).hint(Phrase::AgentBusyHint).could_not_check(),
        RequestError::Obstructed(_) => Failure::new(error.message()).hint(Phrase::AgentBarredHint).could_not_check(),
        RequestError::Refused(why) => Failure::new(Phrase::AgentRefuses { why: Text(why) }),
        RequestError::NoAnswer(_) => Failure::new(error.message()).hint(Phrase::AgentNoAnswerHint).could_not_check(),
    }
}
