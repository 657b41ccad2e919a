//! Finds servers that wait inside the kernel, where no signal reaches them.
//!
//! Theory of operation. Every program waits like this for a moment now and then, so one check
//! proves nothing. Only a server that uses no CPU is checked, and seldom. A check that differs from
//! what was last reported is repeated every second. A change is reported once several checks in a
//! row agree on it: that the server waits, what it waits on if that was not known, and that it no
//! longer waits.

use std::time::Duration;

use goplswatch_core::message::MessageText;
use goplswatch_core::time::Uptime;
use goplswatch_core::{Observation, ProcessKey, Reading};

use super::Watcher;
use super::gauges::due;
use crate::platform::Platform;

/// How often a quiet server is checked.
const CHECK_INTERVAL: Duration = Duration::from_secs(30);
/// How often it is checked while the checks differ from the last report. A little less than a
/// second, to allow for jitter of the scans.
const RECHECK_INTERVAL: Duration = Duration::from_millis(900);
/// How many checks in a row must differ from the last report.
const MIN_DIFFERING_CHECKS: u32 = 3;
/// A server that uses less than this, in thousandths of a core, is quiet.
const QUIET_PERMILLE: u64 = 10;

/// What is known about kernel waits of one server.
#[derive(Default)]
pub(super) struct KernelWait {
    looked: Option<Uptime>,
    /// How many checks in a row differed from the last report.
    news: u32,
    last_reported: Option<Reading<MessageText>>,
}

impl KernelWait {
    /// Whether it was reported that the server waits.
    pub(super) const fn waits(&self) -> bool {
        self.last_reported.is_some()
    }

    /// Makes the next check due, or not due.
    pub(super) const fn forget(&mut self, due: bool, now: Uptime) {
        self.looked = if due { None } else { Some(now) };
    }

    /// Whether a check agrees with the last report. Threads may wait on different things: the first
    /// known one is kept.
    const fn agrees_with_report(&self, on: Option<&Reading<MessageText>>) -> bool {
        match (&self.last_reported, on) {
            (None, None) | (Some(Reading::Known(_)), Some(_)) => true,
            (Some(Reading::Unknown { .. }), Some(on)) => on.known().is_none(),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

impl<W: Platform> Watcher<W> {
    pub(super) fn check_kernel_wait(&mut self, key: ProcessKey, now: Uptime) {
        let (every, step) = (self.throttled(CHECK_INTERVAL), self.throttled(RECHECK_INTERVAL));
        let Some(server) = self.servers.get(&key).filter(|server| server.class.is_long_running()) else { return };
        let inside = &server.gauges.kernel_wait;
        let quiet = server.gauges.cpu.is_some_and(|permille| permille < QUIET_PERMILLE);
        let wanted = quiet || inside.waits() || inside.news > 0;
        if !wanted || !due(inside.looked, now, if inside.news > 0 { step } else { every }) {
            return;
        }
        let look = self.platform.blocked(key);
        let Some(server) = self.servers.get_mut(&key) else { return };
        let inside = &mut server.gauges.kernel_wait;
        inside.looked = Some(now);
        let Reading::Known(on) = look else {
            // A failed check agrees with nothing.
            inside.news = 0;
            return;
        };
        inside.news = if inside.agrees_with_report(on.as_ref()) { 0 } else { inside.news + 1 };
        if inside.news < MIN_DIFFERING_CHECKS {
            return;
        }
        inside.news = 0;
        inside.last_reported.clone_from(&on);
        self.report(Observation::Blocked { process: key, on });
    }
}
