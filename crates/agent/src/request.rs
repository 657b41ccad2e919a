//! What others may ask of the owner, through the one queue that it reads.

use std::collections::BTreeMap;

use goplswatch_core::message::Message;
use goplswatch_core::words::Capability;
use goplswatch_core::{Intent, Series};
use tokio::sync::oneshot;

use crate::api::Followed;

/// What others may ask of the owner.
pub(crate) enum Request {
    /// The user wants something. Answered with the number of the input that it became, or why it cannot be followed.
    Intent(Intent, Reply),
    /// A part of the agent works, or does not.
    Capability(Capability),
    /// The config file may have changed.
    Reload,
    /// The system lost file events of a folder.
    FileEventsLost { folder: String, how: Message },
    /// What was measured of each lineage over a day, as of now.
    Series(oneshot::Sender<BTreeMap<String, Series>>),
}

/// Answers an intent.
pub(crate) type Reply = oneshot::Sender<Result<Followed, Message>>;
