//! A handle to exactly one process, used to ask it to end.
//!
//! A pid does not identify a process: between a look and a signal its owner may end, and another
//! process may get the pid. A caller that wants to signal therefore first opens a handle for a
//! [`ProcessKey`] (`Process::open_handle`); the handle refers to that
//! process or opening it fails. On Linux a pidfd is opened and the start time is compared
//! afterwards, so no signal can reach another process (pidfd_open(2), pidfd_send_signal(2)). macOS
//! has no such descriptor. There the unique id is compared once more right before each kill(2),
//! which leaves a race between two calls.
//!
//! Linux counts start times in hundredths of a second. A pid that was reused within the same
//! hundredth would be taken for the same process; for that, the system would have to start as many
//! processes as it has pids in that time.
//!
//! Only processes of our own effective user are held, never this process itself, and never pid 0 or
//! 1, which mean a process group and the init process. Process groups are never signalled: an
//! editor starts its gopls in its own group.

use goplswatch_core::message::{Count, Message};
use goplswatch_core::{Pid, ProcessKey};
use serde::{Deserialize, Serialize};

/// How a process is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// SIGTERM: the process may clean up first.
    Term,
    /// SIGQUIT: a Go program prints its goroutine stacks and ends (pkg.go.dev/os/signal, "Default
    /// behavior of signals in Go programs").
    Quit,
    /// SIGKILL: the process cannot handle or delay it.
    Kill,
}

impl Signal {
    /// The name as kill(1) spells it: "TERM".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
        }
    }
}

/// The reason why a process must never be signalled by any caller; `None` if it may be.
pub(crate) fn refusal_to_signal(key: ProcessKey) -> Option<Message> {
    let number = Count::new(key.pid.0.into());
    match key.pid {
        Pid(0 | 1) => Some(Message::PidOfSystem { pid: number }),
        Pid(pid) if pid == std::process::id() => Some(Message::PidOfOurs),
        Pid(pid) if i32::try_from(pid).is_err() => Some(Message::NoPid { number }),
        _ => None,
    }
}
