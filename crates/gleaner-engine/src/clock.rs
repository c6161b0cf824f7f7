//! The time, as a parameter.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The current moment.
    fn now(&self) -> DateTime<Utc>;
}

/// How far ahead of the clock a moment may lie: the clocks of several machines differ a little.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// Whether a clock that shows `now` can have noted this moment. If not, it was noted while a clock was wrong, and nobody
/// knows how old it is: it counts as old, or it would stay young until the clock gets there.
pub(crate) fn can_have_been(moment: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    moment <= now + AHEAD
}

/// The machine's clock, in microseconds: databases keep no more, and an answer must show the same moment whether it
/// comes from memory or was read by another process.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the engine reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

/// A clock that stands still until it is moved, for tests and replays.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// A clock that shows a moment.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Moves it, forwards or back.
    pub fn advance(&self, by: TimeDelta) {
        *self.lock() += by;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.lock()
    }
}
