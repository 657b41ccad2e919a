//! Requests to the owner of the engine, which reads them from a single queue.

use std::collections::BTreeMap;

use goplswatch_core::capability::Capability;
use goplswatch_core::message::Message;
use goplswatch_core::{Series, UserCommand};
use tokio::sync::oneshot;

use crate::api::AcceptedCommand;

/// A request to the owner.
pub(crate) enum Request {
    /// A user command. The reply is the number of the input that it became, or why it cannot be
    /// carried out.
    UserCommand(UserCommand, Reply),
    /// A component of the agent works, or does not.
    Capability(Capability),
    /// The config file may have changed.
    Reload,
    /// The system lost file events of a folder.
    FileEventsLost { folder: String, how: Message },
    /// The series of each lineage over the last day, as of now.
    Series(oneshot::Sender<BTreeMap<String, Series>>),
}

/// Receives the result of a user command.
pub(crate) type Reply = oneshot::Sender<Result<AcceptedCommand, Message>>;
