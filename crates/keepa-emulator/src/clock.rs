//! Time is a parameter of the emulator: the system's, or one that a test sets by hand.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// Where the emulator takes the time from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The time of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate where the machine's time is read"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands still until it is set or advanced.
#[derive(Debug)]
pub struct VirtualClock(Mutex<DateTime<Utc>>);

impl VirtualClock {
    /// A clock that shows this moment.
    #[must_use]
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows another moment from now on, earlier ones included.
    pub fn set(&self, now: DateTime<Utc>) {
        *lock(&self.0) = now;
    }

    /// Moves on by this much.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = lock(&self.0);
        *now += by;
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        *lock(&self.0)
    }
}

/// A mutex whose holder panicked is used on: what it guards here is always whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The emulator's own time: the clock's, shifted and sped up by the admin calls.
pub(crate) struct WorldTime {
    clock: std::sync::Arc<dyn Clock>,
    course: Mutex<Course>,
}

struct Course {
    /// The clock's time at the last change of course, and the world's time then.
    real: DateTime<Utc>,
    world: DateTime<Utc>,
    /// World seconds per second of the clock.
    rate: f64,
}

impl WorldTime {
    pub(crate) fn new(clock: std::sync::Arc<dyn Clock>) -> Self {
        let now = clock.now();
        Self { clock, course: Mutex::new(Course { real: now, world: now, rate: 1.0 }) }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        lock(&self.course).at(self.clock.now())
    }

    /// Jumps by this much, backwards too.
    pub(crate) fn advance(&self, by: TimeDelta) {
        let real = self.clock.now();
        let mut course = lock(&self.course);
        course.world = course.at(real).checked_add_signed(by).unwrap_or(course.world);
        course.real = real;
    }

    pub(crate) fn set(&self, world: DateTime<Utc>) {
        let real = self.clock.now();
        let mut course = lock(&self.course);
        course.world = world;
        course.real = real;
    }

    /// World seconds per second; 0 stops the world, 1 is life.
    pub(crate) fn set_rate(&self, rate: f64) {
        let real = self.clock.now();
        let mut course = lock(&self.course);
        course.world = course.at(real);
        course.real = real;
        course.rate = rate;
    }

    pub(crate) fn rate(&self) -> f64 {
        lock(&self.course).rate
    }
}

impl Course {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "milliseconds of a run, times a speed: far below the precision of a double, and the cast saturates"
    )]
    fn at(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let passed = (real - self.real).num_milliseconds();
        let scaled =
            if (self.rate - 1.0).abs() < f64::EPSILON { passed } else { (passed as f64 * self.rate) as i64 };
        TimeDelta::try_milliseconds(scaled)
            .and_then(|delta| self.world.checked_add_signed(delta))
            .unwrap_or(self.world)
    }
}

/// Minutes from the Unix epoch to 2011-01-01T00:00Z, where Keepa's time begins.
pub(crate) const KEEPA_EPOCH_MINUTES: i64 = 21_564_000;

/// About the year 2060, Keepa minutes. The world stands still after that: histories of centuries would take minutes.
const LATEST: i64 = 49 * 525_960;

/// Keepa minutes of a moment; not after 2060.
pub(crate) fn keepa_minutes(moment: DateTime<Utc>) -> i32 {
    let minutes = moment.timestamp().div_euclid(60) - KEEPA_EPOCH_MINUTES;
    i32::try_from(minutes.clamp(-KEEPA_EPOCH_MINUTES, LATEST)).unwrap_or(0)
}
