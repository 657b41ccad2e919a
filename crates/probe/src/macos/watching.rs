//! Detects the ends of watched processes: by events of the queue, and by polling in case an event
//! was lost.

use std::collections::BTreeSet;

use goplswatch_core::ProcessKey;
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::message::{Message, SharedMessage};
use goplswatch_core::time::Uptime;

use super::kqueue::{ProcEvent, Report};
use super::sys::Refusal;
use super::{MacPlatform, ONLY_LOOK};
use crate::platform::{PlatformEvent, RunState};
use crate::xnu::{self, errno};

impl MacPlatform {
    /// Attaches to a process, requesting fewer events as long as the kernel refuses. Returns what
    /// the kernel granted, or its last refusal; `Err(None)` if there is no such process.
    pub(super) fn attach(&mut self, pid: u32, number: u64) -> Result<u32, Option<Message>> {
        let queue = self.queue.as_mut().map_err(|why| Some(why.clone()))?;
        let mut notes = xnu::NOTE_ALL;
        loop {
            let refusal = match queue.watch(pid, notes, number) {
                Ok(()) => return Ok(notes),
                Err(refusal) => refusal,
            };
            if refusal.is(errno::ESRCH) {
                return Err(None);
            }
            match refusal {
                Refusal::Errno(number) => match xnu::next_notes(notes, number) {
                    Some(less) => notes = less,
                    None => return Err(Some(refusal.of("kevent64"))),
                },
                _ => return Err(Some(refusal.of("kevent64"))),
            }
        }
    }

    pub(super) fn forget(&mut self, key: ProcessKey) {
        if let Some(number) = self.numbers.remove(&key) {
            self.watched.remove(&number);
        }
        self.missing.remove(&key);
    }

    pub(super) fn take(&mut self, report: Report) {
        match report {
            Report::Event(event) => self.take_event(event),
            Report::Broken(refusal) => {
                self.queue = Err(Message::EventQueueFailed { why: SharedMessage::new(refusal.into()) });
            }
        }
    }

    fn take_event(&mut self, event: ProcEvent) {
        let Some(&key) = self.watched.get(&event.udata) else { return };
        if event.notes & xnu::NOTE_EXEC != 0 {
            // The process runs another file now.
            self.origins.remove(&key);
        }
        let notes = if self.trust_status { event.notes } else { event.notes & !xnu::NOTE_EXITSTATUS };
        if xnu::platform_events(key, event.flags, notes, event.data, &mut self.pending) {
            self.forget(key);
            self.origins.remove(&key);
        }
    }

    /// Polls the watched processes in case an event was lost. A process has ended if it is gone at
    /// two polls in a row, or at one while no event can come.
    pub(super) fn look_again(&mut self, now: Uptime) {
        let events_come = self.queue.is_ok();
        let pause = if events_come { self.look_every } else { ONLY_LOOK };
        if self.numbers.is_empty() || now < self.looked + pause {
            return;
        }
        self.looked = now;
        let gone: BTreeSet<ProcessKey> = self.numbers.keys().filter(|key| !self.lives(**key)).copied().collect();
        for &key in &gone {
            if events_come && !self.missing.contains(&key) {
                continue;
            }
            self.forget(key);
            self.origins.remove(&key);
            let status = ExitStatus::unknown(Message::EndedWithoutEvent);
            self.pending.push_back(PlatformEvent::Ended { key, status, detail: None });
        }
        self.missing = gone.into_iter().filter(|key| self.numbers.contains_key(key)).collect();
    }

    pub(super) fn lives(&self, key: ProcessKey) -> bool {
        self.table.look_at(key).is_some_and(|basics| basics.state != RunState::Zombie)
    }
}
