//! Looks for servers that wait inside the kernel, where no signal reaches them.
//!
//! Theory of operation. Every program waits so for a moment now and then, so one look proves nothing. Only a server that
//! uses no CPU is looked at, seldom. A look that says something else than what was told is repeated every second, and
//! what several looks in a row agree on is told: that it waits, on what if that was not known, and that it does so no
//! more.

use goplswatch_core::message::Said;
use goplswatch_core::{Fact, ProcessKey, Reading};

use super::gauges::due;
use super::{SECOND, Watcher};
use crate::world::World;

/// How often a quiet server is looked at.
const EVERY_NS: u64 = 30 * SECOND;
/// How often while the looks say something new; a scan's own jitter is forgiven.
const STEP_NS: u64 = SECOND * 9 / 10;
/// So many looks must agree.
const LOOKS: u32 = 3;
/// A server that uses less than this is quiet, thousandths of a core.
const QUIET_PERMILLE: u64 = 10;

/// What is known of the inside of a server.
#[derive(Default)]
pub(super) struct Inside {
    looked_ns: Option<u64>,
    /// How many looks in a row said something else than what was told.
    news: u32,
    told: Option<Reading<Said>>,
}

impl Inside {
    /// Whether it was told that it waits.
    pub(super) const fn waits(&self) -> bool {
        self.told.is_some()
    }

    /// Makes the next look due, or not.
    pub(super) const fn forget(&mut self, due: bool, now: u64) {
        self.looked_ns = if due { None } else { Some(now) };
    }

    /// Whether a look says nothing new. On what it waits may differ from thread to thread: the first that is known stays.
    const fn is_told(&self, on: Option<&Reading<Said>>) -> bool {
        match (&self.told, on) {
            (None, None) | (Some(Reading::Known(_)), Some(_)) => true,
            (Some(Reading::Unknown { .. }), Some(on)) => on.known().is_none(),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

impl<W: World> Watcher<W> {
    pub(super) fn look_inside(&mut self, key: ProcessKey, now: u64) {
        let (every, step) = (self.stretched(EVERY_NS), self.stretched(STEP_NS));
        let Some(server) = self.servers.get(&key).filter(|server| server.class.stays()) else { return };
        let inside = &server.gauges.inside;
        let quiet = server.gauges.cpu.is_some_and(|permille| permille < QUIET_PERMILLE);
        let wanted = quiet || inside.waits() || inside.news > 0;
        if !wanted || !due(inside.looked_ns, now, if inside.news > 0 { step } else { every }) {
            return;
        }
        let look = self.world.blocked(key);
        let Some(server) = self.servers.get_mut(&key) else { return };
        let inside = &mut server.gauges.inside;
        inside.looked_ns = Some(now);
        let Reading::Known(on) = look else {
            // What cannot be seen agrees with nothing.
            inside.news = 0;
            return;
        };
        inside.news = if inside.is_told(on.as_ref()) { 0 } else { inside.news + 1 };
        if inside.news < LOOKS {
            return;
        }
        inside.news = 0;
        inside.told.clone_from(&on);
        self.tell(Fact::Blocked { process: key, on });
    }
}
