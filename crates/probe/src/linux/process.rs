//! A handle to one process, by pidfd. See [`crate::process`].

use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::{ProcessKey, Reading};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::pidfd_send_signal;

use super::procfs::Procfs;
use super::{pidfd, strip_deleted};
use crate::platform::RunState;
use crate::process::{Signal, refusal_to_signal};

/// One living process of our own user.
pub struct Process {
    proc: Procfs,
    pidfd: OwnedFd,
    key: ProcessKey,
}

impl Process {
    /// Opens a handle to exactly this process. `Known(None)`: it has ended, its pid belongs to
    /// another process now, or it is not ours. Unknown: it could not be looked at, or must never be
    /// signalled; the message says why.
    #[must_use]
    pub fn open_handle(key: ProcessKey) -> Reading<Option<Self>> {
        match Self::open(key) {
            Ok(found) => Reading::Known(found),
            Err(why) => Reading::unknown(why),
        }
    }

    fn open(key: ProcessKey) -> Result<Option<Self>, Message> {
        if let Some(why) = refusal_to_signal(key) {
            return Err(why);
        }
        let proc = Procfs::open()?;
        let pidfd = match pidfd::open(key.pid) {
            Ok(pidfd) => pidfd,
            Err(Errno::SRCH) => return Ok(None),
            Err(error) => {
                return Err(Message::NotHeld { why: SharedMessage::new(super::refused("pidfd_open", error)) });
            }
        };
        // The pidfd refers to the process that had the pid when it was opened. If the process that
        // has the pid now has our start time, our process has had it all along.
        let stat = proc.try_stat(key.pid).map_err(|error| Message::LookFailed { error: Verbatim::of(error) })?;
        let ours = stat.is_some_and(|stat| stat.own && stat.start == key.start && stat.state != RunState::Zombie);
        Ok(ours.then_some(Self { proc, pidfd, key }))
    }

    /// The executable it was started from, even if that file is gone.
    #[must_use]
    pub fn exe(&self) -> Reading<String> {
        match self.proc.link(self.key.pid, "exe") {
            // The path was read by pid, so it belongs to this process only if that has not ended
            // meanwhile.
            Ok(_) if self.ended_within(Duration::ZERO) => Reading::unknown(Message::HasEnded),
            Ok(path) => Reading::Known(String::from_utf8_lossy(&strip_deleted(path).0).into_owned()),
            Err(why) => Reading::unknown(why),
        }
    }

    /// Sends a signal to this process and no other. `false`: it had ended.
    ///
    /// # Errors
    /// The error of the system call.
    pub fn signal(&self, signal: Signal) -> Result<bool, Message> {
        let number = match signal {
            Signal::Term => rustix::process::Signal::TERM,
            Signal::Quit => rustix::process::Signal::QUIT,
            Signal::Kill => rustix::process::Signal::KILL,
        };
        match pidfd_send_signal(&self.pidfd, number) {
            Ok(()) => Ok(true),
            Err(Errno::SRCH) => Ok(false),
            Err(error) => Err(Message::SignalRefused {
                signal: Verbatim::of(signal.name()),
                why: SharedMessage::new(Message::reported(error)),
            }),
        }
    }

    /// Waits up to `patience` for the process to end. Returns whether it has ended; a zombie has.
    #[must_use]
    pub fn ended_within(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).ok();
            let mut fds = [PollFd::from_borrowed_fd(self.pidfd.as_fd(), PollFlags::IN)];
            match poll(&mut fds, timeout.as_ref()) {
                Ok(ready) => return ready > 0,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }
}
