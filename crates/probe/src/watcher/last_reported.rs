//! Remembers the gauge values last reported to the engine, so that only news is reported.

use std::collections::HashMap;
use std::time::Duration;

use goplswatch_core::message::MessageText;
use goplswatch_core::time::Uptime;
use goplswatch_core::{Amount, Gauge, Reading};

/// After a known value, a reason for an unknown value that was reported before is repeated only if
/// this much time has passed since the last report.
const REPEAT_INTERVAL: Duration = Duration::from_secs(30);
/// How many reasons are remembered per gauge.
const MAX_REASONS: usize = 16;

/// The last report of each gauge of a process or of the machine.
#[derive(Default)]
pub(super) struct LastReported(HashMap<Gauge, Report>);

struct Report {
    value: Reading<Amount>,
    at: Uptime,
    /// Reasons why it could not be read so far. Each is reported once, unless the gauge was known
    /// for a while in between.
    reasons: Vec<MessageText>,
}

impl LastReported {
    /// Whether a value is news. If so, it is recorded as reported.
    pub(super) fn is_news(&mut self, gauge: Gauge, value: &Reading<Amount>, now: Uptime) -> bool {
        let news = self.0.get(&gauge).is_none_or(|last| {
            let since = now.since(last.at);
            match (&last.value, value) {
                (Reading::Known(old), Reading::Known(new)) => gauge.is_reportable(*old, *new, since),
                (Reading::Unknown { .. }, Reading::Known(_)) => true,
                (Reading::Known(_), Reading::Unknown { unknown }) => {
                    since >= REPEAT_INTERVAL || !last.reasons.contains(unknown)
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
    pub(super) fn record(&mut self, gauge: Gauge, value: &Reading<Amount>, now: Uptime) {
        let last = self.0.entry(gauge).or_insert_with(|| Report { value: value.clone(), at: now, reasons: Vec::new() });
        last.value = value.clone();
        last.at = now;
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
    use goplswatch_core::time::SECOND;

    use super::*;

    #[test]
    fn a_reason_is_told_once_and_a_value_after_it_at_once() {
        let mut last_reported = LastReported::default();
        let known = |n| Reading::Known(Amount::Exactly(n));
        let unknown = |why: &str| Reading::unknown(why);
        let mut news =
            |value: Reading<Amount>, s: u32| last_reported.is_news(Gauge::Threads, &value, Uptime::BOOT + s * SECOND);
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
