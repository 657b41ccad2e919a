//! How a process ended, as far as the kernel reported it, and the message for that. Why it ended is
//! judged in `cause.rs`.

use serde::{Deserialize, Serialize};

use crate::message::{Count, Message, MessageText, SharedMessage, Verbatim};

/// How a process ended, as far as the kernel reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ExitStatus {
    /// It exited by itself with this code.
    Exited(u8),
    /// A signal ended it.
    Signaled {
        /// The signal number on the system where it was observed.
        signal: i32,
        /// The signal name there, such as `SIGKILL`, because numbers differ between systems.
        name: String,
        /// Whether the kernel reported a core dump.
        core: bool,
    },
    /// It is gone, and its exit status could not be obtained.
    Unknown(MessageText),
}

impl ExitStatus {
    /// An exit status that could not be obtained, with the reason.
    pub fn unknown(why: impl Into<MessageText>) -> Self {
        Self::Unknown(why.into())
    }

    /// How it ended, as a fragment.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Exited(code) => Message::ExitCode { code: Count::new((*code).into()) },
            Self::Signaled { name, .. } => Message::BySignal { signal: Verbatim(name.clone()) },
            Self::Unknown(why) => Message::StatusUnknown { why: SharedMessage::clone(&why.message) },
        }
    }
}

/// Details that the kernel added to an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EndDetail {
    /// The kernel ended it because of its code signature (`NOTE_EXIT_CSERROR`).
    CodeSigning,
    /// The kernel ended it for lack of memory (`NOTE_EXIT_MEMORY`).
    Memory,
    /// The kernel's out-of-memory killer ran at the moment of this end (`oom_kill` of /proc/vmstat
    /// increased). It ran somewhere on the machine, so it is likely but not certain that it ended
    /// this process.
    OutOfMemoryKillerRan,
    /// The out-of-memory killer ended something in the same control group as this process
    /// (`oom_kill` of its cgroup's memory.events or memory.oom_control increased).
    GroupOutOfMemory,
    /// Not from the kernel: the process ended while goplswatch was not running.
    Unwatched,
}
