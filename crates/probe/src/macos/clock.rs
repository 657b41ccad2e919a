//! The continuous clock: nanoseconds since boot, sleep included.
//!
//! `std::time::Instant` and tokio's timers stop while the Mac sleeps; `mach_continuous_time` does
//! not. If its values are implausible, `CLOCK_MONOTONIC_RAW` is used instead (the same clock on
//! macOS, Libc gen/clock_gettime.c). If that fails too, the clock is the time since this program
//! started, which suffices for order and durations while nothing sleeps.
#![expect(unsafe_code, reason = "the clocks are C interfaces")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use goplswatch_core::time::{Uptime, nanos};
use mach2::mach_time::{mach_absolute_time, mach_continuous_time, mach_timebase_info};

use super::sys::{self, pause};
use crate::xnu::ticks_to_ns;

/// The source of the continuous time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// `mach_continuous_time`.
    Mach,
    /// `clock_gettime(CLOCK_MONOTONIC_RAW)`.
    Raw,
    /// The time since this platform value was created.
    SinceStart(Instant),
}

/// The continuous clock of this machine. Never goes backwards.
#[derive(Debug)]
pub(super) struct Clock {
    source: Source,
    numer: u32,
    denom: u32,
    /// The latest time told, nanoseconds.
    last_ns: AtomicU64,
}

impl Clock {
    /// Picks the first source that works.
    pub(super) fn new() -> Self {
        let (numer, denom) = timebase();
        let mut clock = Self { source: Source::Mach, numer, denom, last_ns: AtomicU64::new(0) };
        for source in [Source::Mach, Source::Raw, Source::SinceStart(Instant::now())] {
            clock.source = source;
            if clock.runs() {
                break;
            }
        }
        clock
    }

    pub(super) const fn source(&self) -> Source {
        self.source
    }

    /// The present time of the continuous clock.
    pub(super) fn now(&self) -> Uptime {
        let now = self.read().unwrap_or(0);
        Uptime::from_nanos(self.last_ns.fetch_max(now, Ordering::Relaxed).max(now))
    }

    /// How long the machine has slept since boot: the continuous clock minus the one that
    /// stops during sleep. Zero if no clock counts sleep.
    pub(super) fn asleep(&self) -> Duration {
        match self.source {
            Source::SinceStart(_) => Duration::ZERO,
            // Read the clock that stops first, so that the difference is never too small.
            Source::Mach | Source::Raw => {
                let awake = self.ticks_to_ns(mach_absolute());
                if awake == 0 { Duration::ZERO } else { self.now().since(Uptime::from_nanos(awake)) }
            }
        }
    }

    /// Converts mach ticks, in which CPU times are counted, to nanoseconds.
    pub(super) fn ticks_to_ns(&self, ticks: u64) -> u64 {
        ticks_to_ns(ticks, self.numer, self.denom)
    }

    fn read(&self) -> Option<u64> {
        match self.source {
            Source::Mach => Some(ticks_to_ns(mach_continuous(), self.numer, self.denom)),
            Source::Raw => monotonic_raw_ns(),
            // Never 0, which would look like a missing clock.
            Source::SinceStart(start) => Some(nanos(start.elapsed()).saturating_add(1)),
        }
    }

    /// Whether the source runs at the rate of real time. A clock that stands still for some
    /// milliseconds is rejected, and so is one whose time base is wrong.
    fn runs(&self) -> bool {
        let Some(first) = self.read().filter(|&ns| ns != 0 && ns < u64::MAX / 4) else { return false };
        let begun = Instant::now();
        pause(Duration::from_millis(4));
        let Some(second) = self.read() else { return false };
        let passed = nanos(begun.elapsed());
        let measured = second.saturating_sub(first);
        measured >= passed / 2 && measured <= passed.saturating_mul(2).saturating_add(1_000_000)
    }
}

/// Nanoseconds of the wall clock since 1970; 0 before that.
pub(super) fn wall_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanos)
}

/// `kern.bootsessionuuid`; if there is none, the second of the boot.
pub(super) fn boot_id(clock: &Clock) -> String {
    if let Ok(bytes) = sys::sysctl_named::<64>(c"kern.bootsessionuuid") {
        let text: String = bytes.iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect();
        if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return text;
        }
    }
    // struct timeval: 64 bits of seconds come first.
    let boot_time = sys::sysctl_named::<16>(c"kern.boottime").ok();
    let seconds = boot_time.and_then(|bytes| bytes.first_chunk::<8>().map(|chunk| i64::from_le_bytes(*chunk)));
    match seconds.filter(|&seconds| seconds > 0) {
        Some(seconds) => format!("boot-{seconds}"),
        // Rounded to minutes, since the two clocks are not read at the same moment.
        None => format!("boot-about-{}", wall_ns().saturating_sub(clock.now().as_nanos()) / 60_000_000_000),
    }
}

fn mach_continuous() -> u64 {
    // SAFETY: the function takes no arguments and reads a counter.
    unsafe { mach_continuous_time() }
}

fn mach_absolute() -> u64 {
    // SAFETY: the function takes no arguments and reads a counter.
    unsafe { mach_absolute_time() }
}

fn timebase() -> (u32, u32) {
    let mut base = mach2::mach_time::mach_timebase_info { numer: 0, denom: 0 };
    // SAFETY: `base` may be written. It stays 0/0 if the call fails, which counts as 1/1.
    unsafe { mach_timebase_info(&raw mut base) };
    (base.numer, base.denom)
}

fn monotonic_raw_ns() -> Option<u64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` may be written.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_RAW, &raw mut time) };
    if answer != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(u64::try_from(time.tv_nsec).ok()?)
}
