//! Time as types: points of the two clocks, and how lengths of time are written.
//!
//! A point of the continuous clock is an [`Uptime`], a length is a [`Duration`]. An [`Uptime`] and a
//! length are added and subtracted saturating, since a recording may hold any number. Sums of
//! lengths panic on overflow, as everywhere; thresholds are limited to a [`YEAR`] for that.
//!
//! In JSON all of them are integers. A field has its unit in its name (`at_ns`, `lived_ms`), and
//! its comment states it too, since JSON schemas are made from them. A length that is written in
//! milliseconds must hold whole ones, or what is read back would not be what was written.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One second.
pub const SECOND: Duration = Duration::from_secs(1);
/// One minute.
pub const MINUTE: Duration = Duration::from_secs(60);
/// One hour.
pub const HOUR: Duration = Duration::from_secs(3_600);
/// One day of 24 hours.
pub const DAY: Duration = Duration::from_secs(86_400);
/// A length that is as good as forever: thresholds and pauses are limited to it.
pub const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// A point of the continuous clock: the time since boot *including sleep* (Linux `CLOCK_BOOTTIME`,
/// macOS `mach_continuous_time`), in nanoseconds. Every decision rests on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "testing", schemars(inline))]
#[serde(transparent)]
pub struct Uptime(u64);

impl Uptime {
    /// The moment of booting.
    pub const BOOT: Self = Self(0);
    /// The latest point that can be written.
    pub const MAX: Self = Self(u64::MAX);

    /// The point this many nanoseconds after boot.
    #[must_use]
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds since boot.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length of time since an earlier point; zero if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Like [`since`](Self::since), in whole milliseconds, as lengths are recorded.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0) / 1_000_000)
    }

    /// How many whole steps of this length there were since boot.
    #[must_use]
    pub fn steps(self, length: Duration) -> u64 {
        self.0 / nanos(length).max(1)
    }

    /// The same point or the next later one that is a multiple of this length after boot.
    #[must_use]
    pub fn rounded_up(self, length: Duration) -> Self {
        let step = nanos(length).max(1);
        Self(self.0.div_ceil(step).saturating_mul(step))
    }

    /// This long ago; `None` if that is before boot.
    #[must_use]
    pub fn checked_sub(self, length: Duration) -> Option<Self> {
        self.0.checked_sub(nanos(length)).map(Self)
    }
}

impl Add<Duration> for Uptime {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(nanos(length)))
    }
}

impl AddAssign<Duration> for Uptime {
    fn add_assign(&mut self, length: Duration) {
        *self = *self + length;
    }
}

impl Sub<Duration> for Uptime {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(length)))
    }
}

/// When something was observed: the wall clock for display, the continuous clock for every
/// decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z. May jump; used for display only.
    pub wall_ms: i64,
    /// Nanoseconds since boot *including sleep* (Linux `CLOCK_BOOTTIME`, macOS
    /// `mach_continuous_time`).
    #[serde(rename = "cont_ns")]
    pub uptime: Uptime,
}

impl Moment {
    /// An earlier moment of the continuous clock, with the wall clock time computed back from now.
    #[must_use]
    pub fn back_to(self, uptime: Uptime) -> Self {
        let ago = i64::try_from(millis(self.uptime.since(uptime))).unwrap_or(i64::MAX);
        Self { wall_ms: self.wall_ms.saturating_sub(ago), uptime }
    }

    /// RFC 3339 in UTC with milliseconds, as in every JSON line.
    #[must_use]
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.wall_ms) {
            Ok(stamp) => stamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            // A wall clock outside of the years -9999..9999 is broken; the number itself is still
            // accurate.
            Err(_) => format!("{}ms", self.wall_ms),
        }
    }
}

/// A length in nanoseconds; one of more than 584 years is cut to that.
#[must_use]
pub fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

/// A length in whole milliseconds.
#[must_use]
pub fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// Declares how a length is written: as an integer of a unit, for `#[serde(with = "…")]`.
macro_rules! written {
    ($($(#[$doc:meta])* $Name:ident, $Optional:ident: $to:path, $from:path;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Name;

        impl $Name {
            #[expect(missing_docs, reason = "serde calls it")]
            pub fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
                debug_assert_eq!($from($to(*length)), *length, "finer than it is written");
                to.serialize_u64($to(*length))
            }

            #[expect(missing_docs, reason = "serde calls it")]
            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
                u64::deserialize(from).map($from)
            }
        }

        #[doc = concat!("Like [`", stringify!($Name), "`], for a length that may be unknown.")]
        #[derive(Debug)]
        pub struct $Optional;

        impl $Optional {
            #[expect(missing_docs, reason = "serde calls it")]
            pub fn serialize<S: Serializer>(length: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
                debug_assert_eq!(length.map($to).map($from), *length, "finer than it is written");
                length.map($to).serialize(to)
            }

            #[expect(missing_docs, reason = "serde calls it")]
            pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
                Ok(Option::<u64>::deserialize(from)?.map($from))
            }
        }

        #[cfg(feature = "testing")]
        written!(schema $Name: u64);
        #[cfg(feature = "testing")]
        written!(schema $Optional: Option<u64>);
    )+};
    (schema $Name:ident: $Type:ty) => {
        impl schemars::JsonSchema for $Name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <$Type>::json_schema(generator)
            }
        }
    };
}

written! {
    /// A length that is written in whole milliseconds.
    Ms, OptionalMs: millis, Duration::from_millis;
    /// A length that is written in nanoseconds.
    Ns, OptionalNs: nanos, Duration::from_nanos;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_differences_saturate() {
        let late = Uptime::MAX - SECOND;
        assert_eq!((late + YEAR, Uptime::BOOT - SECOND), (Uptime::MAX, Uptime::BOOT));
        assert_eq!(Uptime::BOOT.since(late), Duration::ZERO);
        assert_eq!(Uptime::MAX + Duration::MAX, Uptime::MAX);
        assert_eq!((Uptime::BOOT + 90 * SECOND).steps(MINUTE), 1);
        assert_eq!(Uptime::from_nanos(1_999_999).millis_since(Uptime::BOOT), Duration::from_millis(1));
    }
}
