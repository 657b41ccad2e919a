//! Exponential backoff: how long to wait before a retry.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// After this long without a failure, the backoff starts anew.
const RESET_AFTER: Duration = Duration::from_secs(300);

/// One second after the first failure, then doubled each time, up to a minute.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Option<(Instant, Duration)>,
}

impl Backoff {
    /// How long to wait after a failure at this time.
    pub(super) fn after_failure(&mut self, now: Instant) -> Duration {
        let wait = match self.last {
            Some((since, wait)) if now.saturating_duration_since(since) < wait + RESET_AFTER => (wait * 2).min(LONGEST),
            _ => FIRST,
        };
        self.last = Some((now, wait));
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_minute_and_are_forgotten() {
        let mut patience = Backoff::default();
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = patience.after_failure(now);
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(patience.after_failure(now + RESET_AFTER), FIRST);
    }
}
