//! Exactly one process, to be asked to end: the other half of an identity.
//!
//! A pid is nobody's name: between a look and a signal its owner may end, and another process may get it. So whoever
//! wants to signal takes hold of a [`ProcessKey`](goplswatch_core::ProcessKey) first (`Process::hold`), and what it
//! holds is that process or nothing. On Linux a pidfd is opened and then the start mark compared, so that no signal can
//! reach another one (pidfd_open(2), pidfd_send_signal(2)). macOS has no such descriptor: there the unique id is
//! compared once more right before each kill(2), which leaves the time between two calls.
//!
//! Linux counts start marks in hundredths of a second: a pid that came round again within the same hundredth would be
//! taken for the same process. A system would have to start all its pids in that time.
//!
//! Only processes of our own effective user are held, never ourselves, and never pid 0 or 1, which mean a group and the
//! system itself. No process group is ever signalled: an editor starts its gopls in its own group.

use goplswatch_core::message::{Count, Message};
use goplswatch_core::{Pid, ProcessKey};
use serde::{Deserialize, Serialize};

/// How a process is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// SIGTERM: it may put its things in order first.
    Term,
    /// SIGQUIT: a Go program writes what its goroutines do and ends (pkg.go.dev/os/signal, "Default behavior of signals
    /// in Go programs").
    Quit,
    /// SIGKILL: it is not asked.
    Kill,
}

impl Signal {
    /// As `kill` names it: "TERM".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
        }
    }
}

/// Why a process is never held, whoever asks.
pub(crate) fn untouchable(key: ProcessKey) -> Option<Message> {
    let number = Count::new(key.pid.0.into());
    match key.pid {
        Pid(0 | 1) => Some(Message::PidOfSystem { pid: number }),
        Pid(pid) if pid == std::process::id() => Some(Message::PidOfOurs),
        Pid(pid) if i32::try_from(pid).is_err() => Some(Message::NoPid { number }),
        _ => None,
    }
}
