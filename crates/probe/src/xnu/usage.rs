//! Decodes what a process has used, and the units of time: `proc_pid_rusage` (xnu
//! bsd/sys/resource.h) and mach ticks.

use std::time::Duration;

use goplswatch_core::Reading;
use goplswatch_core::message::Message;
use goplswatch_core::time::Uptime;

use super::u64_at;

/// Size of `struct rusage_info_v4`, the largest flavour that is requested.
pub const RUSAGE_V4_SIZE: usize = 296;

/// What `proc_pid_rusage` counts; times are still in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rusage {
    /// CPU time, user and system, mach ticks.
    pub cpu_ticks: u64,
    /// Bytes read from and written to disk. What the page cache serves is not counted (Linux counts
    /// it). `None` in the oldest flavour, which does not count bytes.
    pub disk_bytes: Option<u64>,
    /// `phys_footprint` (Activity Monitor's "Memory"), or the resident size if the kernel leaves
    /// that zero.
    pub memory_bytes: u64,
}

/// Parses a `struct rusage_info_v0`, `_v2` or `_v4`. `None` for all zeros: even a sleeping process
/// has memory.
#[must_use]
pub fn rusage(bytes: &[u8]) -> Option<Rusage> {
    let cpu_ticks = u64_at(bytes, 16)?.saturating_add(u64_at(bytes, 24)?);
    let memory_bytes = match (u64_at(bytes, 72)?, u64_at(bytes, 64)?) {
        (0, resident) => resident,
        (footprint, _) => footprint,
    };
    let disk_bytes = match (u64_at(bytes, 144), u64_at(bytes, 152)) {
        (Some(read), Some(written)) => Some(read.saturating_add(written)),
        _ => None,
    };
    (cpu_ticks != 0 || memory_bytes != 0).then_some(Rusage { cpu_ticks, disk_bytes, memory_bytes })
}

/// Converts mach ticks to nanoseconds. A time base that contains a zero is invalid and counts as
/// 1/1.
#[must_use]
pub fn ticks_to_ns(ticks: u64, numer: u32, denom: u32) -> u64 {
    if numer == 0 || denom == 0 {
        return ticks;
    }
    let ns = u128::from(ticks) * u128::from(numer) / u128::from(denom);
    u64::try_from(ns).unwrap_or(u64::MAX)
}

/// The factor for CPU times, from our own time as `proc_pid_rusage` reports it and as getrusage(2)
/// does. A translated program gets a time base of 1/1 while the kernel counts ticks of 125/3 ns
/// (Apple silicon). `None`: no known factor relates the two.
#[must_use]
pub fn tick_scale(told_ns: u64, true_ns: u64) -> Option<(u32, u32)> {
    let near = |ns: u64| ns >= true_ns / 2 && ns <= true_ns.saturating_mul(2) && true_ns != 0;
    [(1, 1), (125, 3)].into_iter().find(|&(numer, denom)| near(ticks_to_ns(told_ns, numer, denom)))
}

/// Converts a start time that the kernel noted on the wall clock to the continuous clock.
///
/// The wall clock may have been set since. The result is then off by as much, and unknown if it
/// falls before the boot.
#[must_use]
pub fn started(started_wall_us: Option<u64>, now_wall_ns: u64, now: Uptime) -> Reading<Uptime> {
    let Some(started) = started_wall_us else {
        return Reading::unknown(Message::StartUntold);
    };
    // A clock that was set back puts the start into the future; the closest possible time is "just
    // now".
    let age = Duration::from_nanos(now_wall_ns.saturating_sub(started.saturating_mul(1000)));
    match now.checked_sub(age) {
        Some(start) => Reading::Known(start),
        None => Reading::unknown(Message::ClockWasSet),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::put;
    use super::*;

    #[test]
    fn cpu_times_are_scaled_only_where_that_makes_them_true() {
        assert_eq!(tick_scale(10_500_000, 10_000_000), Some((1, 1)));
        assert_eq!(tick_scale(240_000, 10_000_000), Some((125, 3)), "translated on Apple silicon");
        assert_eq!([tick_scale(0, 10_000_000), tick_scale(10_000_000, 0), tick_scale(u64::MAX, 1)], [None; 3]);
    }

    #[test]
    fn usage_by_flavour() {
        let mut bytes = [0u8; RUSAGE_V4_SIZE];
        for (offset, value) in [(16, 3u64), (24, 4), (64, 500), (72, 600), (144, 10), (152, 20)] {
            put(&mut bytes, offset, &value.to_le_bytes());
        }
        assert_eq!(rusage(&bytes), Some(Rusage { cpu_ticks: 7, disk_bytes: Some(30), memory_bytes: 600 }));
        for (flavour, size) in [(2, 160), (3, 232), (4, RUSAGE_V4_SIZE)] {
            assert_eq!(rusage(&bytes[..size]).unwrap().disk_bytes, Some(30), "v{flavour}");
        }
        assert_eq!(rusage(&bytes[..144]).unwrap().disk_bytes, None, "v1");
        assert_eq!(rusage(&bytes[..96]), Some(Rusage { cpu_ticks: 7, disk_bytes: None, memory_bytes: 600 }));
        put(&mut bytes, 72, &[0; 8]);
        assert_eq!(rusage(&bytes).unwrap().memory_bytes, 500);
        assert_eq!(rusage(&[0; RUSAGE_V4_SIZE]), None);
        assert_eq!(rusage(&bytes[..79]), None);
    }

    #[test]
    fn ticks_of_both_kinds_of_mac() {
        assert_eq!(ticks_to_ns(24_000_000, 125, 3), 1_000_000_000);
        assert_eq!(ticks_to_ns(5, 1, 1), 5);
        assert_eq!(ticks_to_ns(5, 0, 0), 5);
        assert_eq!(ticks_to_ns(u64::MAX, 125, 3), u64::MAX);
    }

    #[test]
    fn a_start_on_the_continuous_clock() {
        let now = 2_000_000_000_000_000_000;
        let at = |seconds| Uptime::BOOT + Duration::from_secs(seconds);
        assert_eq!(started(Some(1_999_999_999_000_000), now, at(5)), Reading::Known(at(4)));
        assert_eq!(started(Some(2_000_000_001_000_000), now, at(5)), Reading::Known(at(5)));
        assert!(started(Some(1_999_999_990_000_000), now, at(5)).known().is_none());
        assert!(started(None, now, at(5)).known().is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..2 * RUSAGE_V4_SIZE)) {
            let _ = rusage(&bytes);
        }

        #[test]
        fn times_never_overflow(start: u64, wall: u64, cont: u64, ticks: u64, numer: u32, denom: u32) {
            let _ = started(Some(start), wall, Uptime::from_nanos(cont));
            let _ = ticks_to_ns(ticks, numer, denom);
        }
    }
}
