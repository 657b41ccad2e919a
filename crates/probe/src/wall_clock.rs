//! The wall clock. It is shown and decides nothing, and may be set to any time at all.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The present in milliseconds since 1970, negative before. A calendar may not hold that year.
#[must_use]
pub fn wall_ms() -> i64 {
    in_ms(SystemTime::now())
}

fn in_ms(time: SystemTime) -> i64 {
    let ms = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => ms(since),
        Err(before) => -ms(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Moment;
    use goplswatch_core::time::Uptime;

    use super::*;

    #[test]
    fn any_wall_clock_is_written() {
        let at = |seconds: i64| {
            let length = Duration::from_secs(seconds.unsigned_abs());
            let time = if seconds < 0 { UNIX_EPOCH - length } else { UNIX_EPOCH + length };
            Moment { wall_ms: in_ms(time), uptime: Uptime::BOOT }.rfc3339()
        };
        assert_eq!(at(-1), "1969-12-31T23:59:59.000Z");
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(300_000_000_000), "300000000000000ms", "the year 11476");
        assert_eq!(at(-400_000_000_000), "-400000000000000ms");
    }
}
