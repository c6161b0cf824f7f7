//! Keepa's clock: minutes since the first minute of 2011, UTC.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Minutes between 1970-01-01T00:00Z and 2011-01-01T00:00Z.
const EPOCH_MINUTES: i64 = 21_564_000;
const MS_PER_MINUTE: i64 = 60_000;
const MINUTES_PER_DAY: i64 = 1440;

/// A moment, as minutes since 2011-01-01T00:00Z.
///
/// Arithmetic saturates: the range reaches from the year −2072 to 6094, and nothing outside is ever meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeepaTime(i32);

impl KeepaTime {
    /// The latest moment that can be told.
    pub const MAX: Self = Self(i32::MAX);

    /// The moment `minutes` after 2011-01-01T00:00Z.
    #[must_use]
    pub const fn new(minutes: i32) -> Self {
        Self(minutes)
    }

    /// Minutes since 2011-01-01T00:00Z.
    #[must_use]
    pub const fn minutes(self) -> i32 {
        self.0
    }

    /// The minute that contains this Unix time in milliseconds (rounded down, saturating).
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Self {
        Self::saturating(ms.div_euclid(MS_PER_MINUTE) - EPOCH_MINUTES)
    }

    /// Unix time in milliseconds.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        (self.0 as i64 + EPOCH_MINUTES) * MS_PER_MINUTE
    }

    /// The minute that contains this moment (rounded down, saturating).
    #[must_use]
    pub fn from_datetime(moment: DateTime<Utc>) -> Self {
        Self::from_unix_ms(moment.timestamp_millis())
    }

    /// The same moment as a date and time.
    #[must_use]
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.unix_ms()).unwrap_or_default()
    }

    /// This moment moved by `minutes`, saturating.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self::saturating(i64::from(self.0).saturating_add(minutes))
    }

    /// This moment moved back by `days` of 24 hours, saturating.
    #[must_use]
    pub fn minus_days(self, days: i64) -> Self {
        self.plus_minutes(days.saturating_mul(-MINUTES_PER_DAY))
    }

    /// Minutes from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub const fn minutes_since(self, earlier: Self) -> i64 {
        self.0 as i64 - earlier.0 as i64
    }

    pub(crate) fn saturating(minutes: i64) -> Self {
        let edge = if minutes < 0 { i32::MIN } else { i32::MAX };
        Self(i32::try_from(minutes).unwrap_or(edge))
    }
}

impl fmt::Display for KeepaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_datetime().format("%Y-%m-%dT%H:%MZ"))
    }
}

impl From<KeepaTime> for DateTime<Utc> {
    fn from(time: KeepaTime) -> Self {
        time.to_datetime()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keepa_minutes_agree_with_the_documented_formula() {
        assert_eq!(KeepaTime::new(0).to_string(), "2011-01-01T00:00Z");
        // unix_ms = (m + 21564000) * 60000
        assert_eq!(KeepaTime::new(7_776_156).unix_ms(), 1_760_409_360_000);
        assert_eq!(KeepaTime::from_unix_ms(1_760_409_339_280), KeepaTime::new(7_776_155));
    }

    proptest! {
        #[test]
        fn a_moment_survives_every_conversion(minutes: i32) {
            let time = KeepaTime::new(minutes);
            prop_assert_eq!(KeepaTime::from_unix_ms(time.unix_ms()), time);
            prop_assert_eq!(KeepaTime::from_datetime(time.to_datetime()), time);
        }

        #[test]
        fn arithmetic_never_overflows(minutes: i32, by: i64, ms: i64) {
            let _ = KeepaTime::new(minutes).plus_minutes(by);
            let _ = KeepaTime::new(minutes).minus_days(by);
            let _ = KeepaTime::from_unix_ms(ms);
        }
    }
}
