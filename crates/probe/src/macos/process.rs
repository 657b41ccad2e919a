//! A handle to one process, by its unique id. See [`crate::process`].

use std::time::{Duration, Instant};

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::{ProcessKey, Reading};

use super::libproc;
use super::sys::{self, Refusal};
use super::table::Table;
use crate::platform::RunState;
use crate::process::{Signal, refusal_to_signal};
use crate::xnu::errno;

/// How often to check whether the process has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// One living process of our own user.
pub struct Process {
    table: Table,
    key: ProcessKey,
}

impl Process {
    /// Opens a handle to exactly this process. `Known(None)`: it has ended, its pid belongs to
    /// another process now, or it is not ours. Unknown: it could not be looked at, or must never be
    /// signalled; the message says why.
    #[must_use]
    pub fn open_handle(key: ProcessKey) -> Reading<Option<Self>> {
        if let Some(why) = refusal_to_signal(key) {
            return Reading::unknown(why);
        }
        match Table::new() {
            Ok(table) => {
                let held = Self { table, key };
                Reading::Known(held.lives().then_some(held))
            }
            Err(why) => Reading::unknown(why),
        }
    }

    fn lives(&self) -> bool {
        self.table.look_at(self.key).is_some_and(|basics| basics.state != RunState::Zombie)
    }

    /// Its executable; unknown once there is no file at that path.
    #[must_use]
    pub fn exe(&self) -> Reading<String> {
        match libproc::path(self.key.pid.0) {
            // The path was read by pid, so it belongs to this process only if it still has the pid.
            Ok(_) if !self.lives() => Reading::unknown(Message::HasEnded),
            Ok(path) => Reading::Known(String::from_utf8_lossy(&path).into_owned()),
            Err(refusal) => Reading::unknown(refusal.of("proc_pidpath")),
        }
    }

    /// Sends a signal to this process if it still has the pid. `false`: it had ended.
    ///
    /// # Errors
    /// The error of the system call.
    pub fn signal(&self, signal: Signal) -> Result<bool, Message> {
        let number = match signal {
            Signal::Term => libc::SIGTERM,
            Signal::Quit => libc::SIGQUIT,
            Signal::Kill => libc::SIGKILL,
        };
        if !self.lives() {
            return Ok(false);
        }
        match sys::kill(self.key.pid.0, number) {
            Ok(()) => Ok(true),
            Err(Refusal::Errno(errno::ESRCH)) => Ok(false),
            Err(refusal) => Err(Message::SignalRefused {
                signal: Verbatim::of(signal.name()),
                why: SharedMessage::new(refusal.into()),
            }),
        }
    }

    /// Waits up to `patience` for the process to end. Returns whether it has ended; a zombie has.
    #[must_use]
    pub fn ended_within(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        while self.lives() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            sys::pause(left.min(LOOK_AGAIN));
        }
        true
    }
}
