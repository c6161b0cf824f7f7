//! How often: log-ins, and calls that may spend tokens, by account and by address.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use gleaner_engine::Engine;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::options::Options;
use crate::problem::Problem;

/// So many names or addresses are remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// The time that has passed by the engine's clock, so that a test can move it. Going back is no time: nobody would be let
/// in until a clock that was put back got there again.
#[derive(Clone)]
struct Ticks {
    engine: Engine,
    passed: Arc<Mutex<Passed>>,
}

struct Passed {
    looked_at: DateTime<Utc>,
    nanos: u64,
}

impl Ticks {
    fn of(engine: &Engine) -> Self {
        let passed = Passed { looked_at: engine.now(), nanos: 0 };
        Self { engine: engine.clone(), passed: Arc::new(Mutex::new(passed)) }
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.engine.now();
        let since = (now - passed.looked_at).to_std().unwrap_or_default();
        passed.nanos = passed.nanos.saturating_add(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
        passed.looked_at = now;
        Nanos::from(passed.nanos)
    }
}

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Nanos>>;

/// A number of times a minute for each key.
struct Limit<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    clock: Ticks,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn a_minute(times: NonZeroU32, clock: Ticks) -> Self {
        Self { limiter: RateLimiter::hashmap_with_clock(Quota::per_minute(times), clock.clone()), clock }
    }

    /// How long to wait, if it was too often.
    fn check(&self, key: &K) -> Result<(), Duration> {
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// All limits.
pub(crate) struct Limits {
    calls: Option<(Limit<Uuid>, Limit<IpAddr>)>,
    logins: (Limit<String>, Limit<IpAddr>),
}

impl Limits {
    pub(crate) fn new(engine: &Engine, options: &Options) -> Self {
        let clock = Ticks::of(engine);
        Self {
            calls: options
                .calls_per_minute
                .map(|times| (Limit::a_minute(times, clock.clone()), Limit::a_minute(times, clock.clone()))),
            logins: (
                Limit::a_minute(options.logins_per_minute, clock.clone()),
                Limit::a_minute(options.logins_per_minute, clock),
            ),
        }
    }

    /// A call that may spend tokens.
    pub(crate) fn call(&self, account: Option<Uuid>, address: Option<IpAddr>) -> Result<(), Problem> {
        let Some((by_account, by_address)) = &self.calls else { return Ok(()) };
        let checked = account.map_or(Ok(()), |account| by_account.check(&account));
        checked.and_then(|()| address.map_or(Ok(()), |address| by_address.check(&network(address)))).map_err(
            |wait| too_often("too many calls that may spend tokens from this account or address", wait),
        )
    }

    /// An attempt to log in.
    pub(crate) fn login(&self, name: &str, address: Option<IpAddr>) -> Result<(), Problem> {
        let (by_name, by_address) = &self.logins;
        // Names are made up at will: nothing longer than a real one is remembered.
        let name: String = name.trim().to_lowercase().chars().take(100).collect();
        let checked = address.map_or(Ok(()), |address| by_address.check(&network(address)));
        checked.and_then(|()| by_name.check(&name)).map_err(|wait| {
            too_often("too many attempts to log in for this account or from this address", wait)
        })
    }
}

/// Whoever has one address of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

fn too_often(what: &str, wait: Duration) -> Problem {
    let seconds = u32::try_from(wait.as_secs().saturating_add(1)).unwrap_or(u32::MAX);
    Problem {
        retry_after_seconds: Some(seconds),
        ..Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("{what}: try again in {seconds} s"),
        )
    }
}
