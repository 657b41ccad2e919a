//! Growth rates that a single peak cannot distort.
//!
//! Theory of operation. A rate is the median of the slopes between all pairs of points (Theil–Sen
//! estimator): up to three in ten of the points may have any value without moving it. A value
//! *keeps* growing only if, in addition, both halves of the time contributed and no earlier value
//! was as high. A heap that is repeatedly collected, a single jump, and a finished load each fail
//! one of these conditions.
//!
//! Slow growth (creeping) is detected differently, since its points are far apart: the last ones
//! must all have risen, and the reported rate is the slowest one between two neighbours. If one of
//! the intervals was a jump, or still belonged to the load, there is no slow growth.

use std::time::Duration;

use crate::time::{MINUTE, Uptime, nanos};

/// The time of a report and its value; the value holds until the next point.
pub(super) type Point = (Uptime, u64);

/// Each half of the time must contribute at least one part in this many of the total growth.
const LEAST_SHARE: u64 = 8;
/// Minimum number of points for a trend.
const LEAST_POINTS: usize = 3;
/// Minimum number of points for slow growth.
const LEAST_CREEPING: usize = 4;
/// If the fastest interval is this many times as fast as the slowest, it was a load or a jump, and
/// not slow growth.
const MAX_RATE_RATIO: u64 = 8;

/// The growth per minute over all of the last `span`, or `None` if the value did not keep
/// growing. The points are in order of time, and the last one is the present.
///
/// A value is reported when it has changed by enough, so the points of a large value are far apart.
/// If the span holds too few of them, it is extended until it holds enough.
pub(super) fn sustained_growth(points: &[Point], span: Duration) -> Option<u64> {
    let (end, last) = *points.last()?;
    let start = end.checked_sub(span)?;
    let before = points.iter().rposition(|(at, _)| *at <= start)?;
    let first = before.min(points.len().checked_sub(LEAST_POINTS)?);
    let start = if first < before { points[first].0 } else { start };
    let (earlier, window) = points.split_at(first);
    let so_far = earlier.iter().chain(&window[..window.len() - 1]).map(|(_, value)| *value).max()?;
    let middle = value_at(window, start + end.since(start) / 2)?;
    let (one, two) = (middle.checked_sub(window[0].1)?, last.checked_sub(middle)?);
    let least = (last - window[0].1) / LEAST_SHARE;
    if so_far >= last || one == 0 || two == 0 || one < least || two < least {
        return None;
    }
    // Each point is exact at its own time, so the one before the span is used as it is and not
    // moved to the start of the span: between two points the value changed gradually.
    per_minute(window).filter(|rate| *rate > 0)
}

/// The least growth per minute of a value that rose from each point to the next, at about the same
/// rate, over the last `span` or longer; `None` if it did not, or if an earlier value was as
/// high.
pub(super) fn slow_growth(points: &[Point], span: Duration) -> Option<u64> {
    let (end, last) = *points.last()?;
    let before = points.iter().rposition(|(at, _)| *at + span <= end)?;
    let first = before.min(points.len().checked_sub(LEAST_CREEPING)?);
    let (earlier, window) = points.split_at(first);
    if earlier.iter().any(|(_, value)| *value >= last) {
        return None;
    }
    let rate = |pair: &[Point]| {
        let (more, over) = (pair[1].1.checked_sub(pair[0].1)?, pair[1].0.since(pair[0].0));
        // A recording may hold times that run backwards.
        (pair[1].0 >= pair[0].0).then_some(())?;
        Some(u64::try_from(u128::from(more) * MINUTE.as_nanos() / over.as_nanos().max(1)).unwrap_or(u64::MAX))
    };
    let rates: Vec<u64> = window.windows(2).map(rate).collect::<Option<_>>()?;
    let (least, most) = (*rates.iter().min()?, *rates.iter().max()?);
    (least > 0 && most / least < MAX_RATE_RATIO).then_some(least)
}

/// The increase per minute: the median of the slopes between all pairs; `None` if it is negative,
/// or if there are too few points.
pub(super) fn per_minute(points: &[Point]) -> Option<u64> {
    if points.len() < LEAST_POINTS {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    for (i, (earlier, before)) in points.iter().enumerate() {
        for (later, after) in &points[i + 1..] {
            let ns = i128::from(nanos(later.since(*earlier)));
            if ns > 0 {
                slopes.push((i128::from(*after) - i128::from(*before)) * i128::from(nanos(MINUTE)) / ns);
            }
        }
    }
    slopes.sort_unstable();
    u64::try_from(*slopes.get(slopes.len() / 2)?).ok()
}

/// The value at a given time.
fn value_at(points: &[Point], time: Uptime) -> Option<u64> {
    points.iter().rev().find(|(at, _)| *at <= time).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanoseconds(points: &[(u64, u64)]) -> Vec<Point> {
        points.iter().map(|(ns, value)| (Uptime::from_nanos(*ns), *value)).collect()
    }

    fn at(seconds: &[(u64, u64)]) -> Vec<Point> {
        seconds.iter().map(|(s, value)| (Uptime::BOOT + Duration::from_secs(*s), *value)).collect()
    }

    #[test]
    fn growth_is_told_from_what_looks_like_it() {
        let grows = |points: &[(u64, u64)]| sustained_growth(&at(points), Duration::from_secs(120));
        let steady: Vec<_> = (0..=12).map(|i| (i * 10, 1_000 + i * 100)).collect();
        assert_eq!(grows(&steady), Some(600));
        // One outlier in ten readings.
        let mut noisy = steady.clone();
        noisy[4].1 = 0;
        assert_eq!(grows(&noisy), Some(600));
        assert_eq!(grows(&steady[..12]), None, "not over all of the time");
        assert_eq!(grows(&[(0, 1_000), (110, 1_300), (120, 5_000)]), None, "a jump at its end");
        assert_eq!(grows(&[(0, 1_000), (10, 5_000), (60, 5_010), (120, 5_020)]), None, "a jump at its beginning");
        assert_eq!(grows(&[(0, 9_000), (30, 1_000), (60, 2_000), (90, 3_000), (160, 4_000)]), None, "it was higher");
        assert_eq!(grows(&[(0, 1_000), (120, 2_000)]), None, "two points");
        assert_eq!(grows(&[(0, 1_000), (300, 2_000), (600, 3_000)]), Some(200), "far apart");
        assert_eq!(grows(&[(0, 0), (90, 900), (180, 1_800), (250, 2_500)]), Some(600), "one lies before the span");
        assert_eq!(grows(&[(0, 3_000), (60, 2_000), (120, 1_000)]), None);
        assert_eq!(grows(&[]), None);
    }

    #[test]
    fn what_creeps_went_up_each_time() {
        let creeps = |points: &[(u64, u64)]| slow_growth(&at(points), Duration::from_secs(1_200));
        assert_eq!(creeps(&[(0, 400), (900, 475), (1_800, 550), (2_700, 640)]), Some(5));
        assert_eq!(creeps(&[(0, 400), (900, 475), (1_800, 550)]), None, "too few");
        assert_eq!(creeps(&[(0, 400), (60, 475), (120, 550), (180, 640)]), None, "not for so long");
        assert_eq!(creeps(&[(0, 400), (900, 475), (1_800, 470), (2_700, 640)]), None, "it gave some back");
        assert_eq!(creeps(&[(0, 700), (60, 400), (900, 475), (1_800, 550), (2_700, 640)]), None, "it was higher");
        let loaded = [(240, 3_000), (300, 4_200), (360, 4_700), (10_860, 5_400)];
        assert_eq!(creeps(&loaded), None, "that was the load");
        assert_eq!(creeps(&[]), None);
        let most = u64::MAX;
        assert_eq!(
            super::slow_growth(&at(&[(0, 0), (0, most / 3), (0, most / 2), (0, most)]), Duration::ZERO),
            Some(most),
            "no time passed"
        );
    }

    #[test]
    fn a_rate_survives_any_numbers() {
        assert_eq!(per_minute(&at(&[(0, 0), (0, u64::MAX), (0, 7)])), None, "no time passed");
        assert_eq!(per_minute(&at(&[(0, u64::MAX), (1, 0), (2, 0)])), None, "it shrinks");
        assert_eq!(per_minute(&nanoseconds(&[(0, 0), (1, u64::MAX), (2, u64::MAX)])), None, "more than can be said");
        assert_eq!(per_minute(&at(&[(0, 0), (60, 10), (120, 20)])), Some(10));
    }
}
