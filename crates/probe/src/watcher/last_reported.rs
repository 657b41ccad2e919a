//! Remembers the gauge values last reported to the engine, so that only news is reported.

use std::collections::HashMap;

use goplswatch_core::message::MessageText;
use goplswatch_core::{Amount, Gauge, Reading};

use super::SECOND;

/// After a known value, a reason for an unknown value that was reported before is repeated only if
/// this much time has passed since the last report.
const REPEAT_INTERVAL_NS: u64 = 30 * SECOND;
/// How many reasons are remembered per gauge.
const MAX_REASONS: usize = 16;

/// The last report of each gauge of a process or of the machine.
#[derive(Default)]
pub(super) struct LastReported(HashMap<Gauge, Report>);

struct Report {
    value: Reading<Amount>,
    at_ns: u64,
    /// Reasons why it could not be read so far. Each is reported once, unless the gauge was known
    /// for a while in between.
    reasons: Vec<MessageText>,
}

impl LastReported {
    /// Whether a value is news. If so, it is recorded as reported.
    pub(super) fn is_news(&mut self, gauge: Gauge, value: &Reading<Amount>, now: u64) -> bool {
        let news = self.0.get(&gauge).is_none_or(|last| {
            let since = now.saturating_sub(last.at_ns);
            match (&last.value, value) {
                (Reading::Known(old), Reading::Known(new)) => gauge.is_reportable(*old, *new, since),
                (Reading::Unknown { .. }, Reading::Known(_)) => true,
                (Reading::Known(_), Reading::Unknown { unknown }) => {
                    since >= REPEAT_INTERVAL_NS || !last.reasons.contains(unknown)
                }
                (Reading::Unknown { .. }, Reading::Unknown { unknown }) => !last.reasons.contains(unknown),
            }
        });
        if news {
            self.record(gauge, value, now);
        }
        news
    }

    /// Records a value as reported, whether or not it is news.
    pub(super) fn record(&mut self, gauge: Gauge, value: &Reading<Amount>, now: u64) {
        let last =
            self.0.entry(gauge).or_insert_with(|| Report { value: value.clone(), at_ns: now, reasons: Vec::new() });
        last.value = value.clone();
        last.at_ns = now;
        if let Reading::Unknown { unknown } = value
            && last.reasons.len() < MAX_REASONS
            && !last.reasons.contains(unknown)
        {
            last.reasons.push(MessageText::clone(unknown));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_and_a_value_after_it_at_once() {
        let mut last_reported = LastReported::default();
        let known = |n| Reading::Known(Amount::Exactly(n));
        let unknown = |why: &str| Reading::unknown(why);
        let mut news = |value: Reading<Amount>, s: u64| last_reported.is_news(Gauge::Threads, &value, s * SECOND);
        assert!(news(unknown("a"), 1) && !news(unknown("a"), 100));
        assert!(news(unknown("b"), 101) && !news(unknown("a"), 200), "told before");
        assert!(news(known(10), 201));
        assert!(!news(known(12), 202), "below the floor");
        assert!(!news(unknown("a"), 203), "a hiccup");
        assert!(news(unknown("a"), 240), "gone for good");
        assert!(!news(unknown("a"), 400));
        assert!(news(known(10), 401));
        assert!(news(known(100), 402));
    }
}
