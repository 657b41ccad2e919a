//! Times of the user: durations and points in time from the command line, the present, and the
//! time zone.

use std::path::Path;

use goplswatch_view::Phrase;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::failure::phrase;
use crate::paths;
use goplswatch_probe::wall_ms;

/// The largest file that is read as a time zone, bytes; real ones have a few thousand.
const MAX_ZONE_BYTES: u64 = 1 << 20;

/// A duration: plain seconds, or with units.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    let parsed = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => text.parse::<SignedDuration>().map_err(|_| phrase(Phrase::NoDuration))?,
    };
    if parsed.is_negative() {
        return Err(phrase(Phrase::NegativeDuration));
    }
    Ok(parsed)
}

/// A point in time as wall-clock milliseconds since 1970.
pub(crate) fn moment(text: &str) -> Result<i64, String> {
    moment_at(text, &now())
}

/// The present. A clock that was set to a year outside of the calendar is taken for the nearest one
/// in it.
pub(crate) fn stamp() -> Timestamp {
    let ms = wall_ms();
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The present in the user's time zone.
pub(crate) fn now() -> jiff::Zoned {
    stamp().to_zoned(zone())
}

/// The user's time zone; UTC if `TZ` leads to something that is no file of a time zone, which would
/// be read to its end, such as `/dev/zero`.
pub(crate) fn zone() -> TimeZone {
    match paths::zone_file() {
        Some(file) if !can_be_zone(&file) => TimeZone::UTC,
        _ => TimeZone::system(),
    }
}

/// Whether this is a small file, or nothing at all: then it is the name of a zone or a rule.
fn can_be_zone(path: &Path) -> bool {
    path.metadata().map_or(true, |about| about.is_file() && about.len() <= MAX_ZONE_BYTES)
}

fn moment_at(text: &str, now: &jiff::Zoned) -> Result<i64, String> {
    let refused = || phrase(Phrase::NoMoment);
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(stamp.as_millisecond());
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        let begin = date.to_zoned(now.time_zone().clone()).map_err(|_| refused())?;
        return Ok(begin.timestamp().as_millisecond());
    }
    let ago: jiff::Span = text.parse().map_err(|_| refused())?;
    let then = now.checked_sub(ago).map_err(|_| refused())?;
    if then > *now {
        return Err(refused());
    }
    Ok(then.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_no_time_zone() {
        for (path, expected) in [("/dev/zero", false), ("/dev", false), ("Europe/Berlin", true), ("UTC0", true)] {
            assert_eq!(can_be_zone(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn times_are_read_or_refused() {
        assert_eq!(duration("90"), Ok(SignedDuration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(SignedDuration::from_secs(5_400)));
        assert!(duration("-5s").is_err() && duration("soon").is_err() && duration("").is_err());
        let now = "2026-11-22T10:15:00+01:00[+01:00]".parse().unwrap();
        let ms = |text| moment_at(text, &now).map(|ms| jiff::Timestamp::from_millisecond(ms).unwrap().to_string());
        for (text, said) in [
            ("2h", "2026-11-22T07:15:00Z"),
            ("3d", "2026-11-19T09:15:00Z"),
            ("1h30m", "2026-11-22T07:45:00Z"),
            ("2026-11-22", "2026-11-21T23:00:00Z"),
            ("2026-11-22T10:15:00Z", "2026-11-22T10:15:00Z"),
        ] {
            assert_eq!(ms(text), Ok(said.into()), "{text}");
        }
        for text in ["-2h", "yesterday", "", "2026-13-01", "99999999y"] {
            assert!(ms(text).is_err(), "{text}");
        }
    }
}
