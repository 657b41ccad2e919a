//! How a command reaches the agent, and what to do where it does not.

use goplswatch_agent::client::{AskError, Client};

use crate::failure::Failure;
use crate::paths;

/// Looks for the agent at each place where its socket may be.
pub(crate) fn client() -> Client {
    Client::new(paths::sockets())
}

/// An error of the client as the user reads it.
pub(crate) fn failed(error: AskError) -> Failure {
    match error {
        AskError::NoAgent => Failure::new("no agent is running, so there is nobody to ask")
            .hint("start one at each login: goplswatch install; or once, here: goplswatch agent")
            .could_not_check(),
        AskError::Busy(_) => Failure::new(error.to_string())
            .hint("it is stopped, or asked more than it can answer: try again, or restart it: goplswatch restart")
            .could_not_check(),
        AskError::Barred(_) => Failure::new(error.to_string())
            .hint("see whose the socket and its folder are (ls -ld); what no agent of yours made must be taken away")
            .could_not_check(),
        AskError::Refused(why) => Failure::new(format!("the agent refused: {why}")),
        AskError::NoAnswer(_) => Failure::new(error.to_string())
            .hint("if it hangs, or was updated just now, restart it: goplswatch restart")
            .could_not_check(),
    }
}
