//! One emulator's state: who may ask, what it costs them, what has reached it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use crate::EmulatorConfig;
use crate::catalog::Catalog;
use crate::clock::{Clock, WorldTime, keepa_minutes, lock};
use crate::faults::Faults;
use crate::finder::columns::Columns;
use crate::params::Params;
use crate::reply::{Failure, Tokens};
use crate::tokens::Bucket;
use crate::world::World;

/// Everything one emulator knows.
pub(crate) struct App {
    pub(crate) config: EmulatorConfig,
    pub(crate) world: World,
    pub(crate) time: WorldTime,
    pub(crate) columns: Columns,
    pub(crate) catalog: Catalog,
    pub(crate) faults: Faults,
    buckets: Mutex<HashMap<String, Bucket>>,
    /// The key that asked last, for `tokens_left`.
    last_key: Mutex<Option<String>>,
    counts: Mutex<BTreeMap<String, u64>>,
    /// Graph images asked for, by query, and when (Unix ms).
    pub(crate) images: Mutex<HashMap<String, i64>>,
    category_counts: std::sync::OnceLock<Vec<u32>>,
    /// Trackings by key and ASIN, as they were added.
    pub(crate) trackings: Mutex<BTreeMap<(String, String), serde_json::Value>>,
}

impl App {
    pub(crate) fn new(config: EmulatorConfig, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let world = World::new(config.seed, config.products);
        let catalog = match &config.catalog {
            Some(folder) => Catalog::open(folder).map_err(|error| {
                std::io::Error::new(error.kind(), format!("catalog folder {}: {error}", folder.display()))
            })?,
            None => Catalog::default(),
        };
        if config.catalog.is_some() {
            tracing::info!(products = catalog.len(), skipped = catalog.skipped.len(), "saved products read");
        }
        let time = WorldTime::new(clock);
        time.set_rate(config.speed);
        Ok(Self {
            time,
            columns: Columns::new(world),
            catalog,
            faults: Faults::new(config.faults.clone()),
            buckets: Mutex::default(),
            last_key: Mutex::default(),
            counts: Mutex::default(),
            images: Mutex::default(),
            trackings: Mutex::default(),
            category_counts: std::sync::OnceLock::new(),
            world,
            config,
        })
    }

    /// Notes that a request for this endpoint came in.
    pub(crate) fn count(&self, endpoint: &str) {
        // Names that nobody knows are counted together: they could be any number.
        let name = if crate::endpoints::NAMES.contains(&endpoint) { endpoint } else { "unknown" };
        *lock(&self.counts).entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.counts).clone()
    }

    /// Products in or below each category, in the order of the category table.
    pub(crate) fn category_counts(&self) -> &[u32] {
        self.category_counts.get_or_init(|| crate::endpoints::category::count(&self.world))
    }

    pub(crate) fn knows_key(&self, key: &str) -> bool {
        self.config.keys.is_empty() || self.config.keys.iter().any(|known| known == key)
    }

    /// Does something with a key's bucket, filled up to now.
    pub(crate) fn bucket<T>(&self, key: &str, now_ms: i64, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = lock(&self.buckets);
        let bucket = buckets.entry(key.to_owned()).or_insert_with(|| {
            let mut full = Bucket::full(self.config.refill_rate, now_ms);
            if let Some(tokens) = self.config.tokens {
                full.set_balance(tokens);
            }
            full
        });
        bucket.refill(now_ms);
        let done = act(bucket);
        drop(buckets);
        *lock(&self.last_key) = Some(key.to_owned());
        done
    }

    /// The balance of the key that asked last, else of the first configured one, else of a new one.
    pub(crate) fn tokens_left(&self) -> i64 {
        let now_ms = self.time.now().timestamp_millis();
        let key =
            lock(&self.last_key).clone().or_else(|| self.config.keys.first().cloned()).unwrap_or_default();
        self.bucket(&key, now_ms, |bucket| bucket.balance())
    }
}

/// One request on its way through an endpoint.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) params: &'a Params,
    pub(crate) key: &'a str,
    pub(crate) now: DateTime<Utc>,
    /// The query string as it came.
    pub(crate) query: &'a str,
}

impl Call<'_> {
    /// The present in Keepa minutes.
    pub(crate) fn minute(&self) -> i32 {
        keepa_minutes(self.now)
    }

    /// Lets a costly request pass when the balance is above zero, whatever it will cost.
    pub(crate) fn admit(&self) -> Result<(), Failure> {
        let balance = self.app.bucket(self.key, self.now.timestamp_millis(), |bucket| bucket.balance());
        if balance > 0 { Ok(()) } else { Err(Failure::NoTokens) }
    }

    /// The `domain` parameter: one of the numbers of a marketplace.
    pub(crate) fn domain(&self) -> Result<i64, Failure> {
        domain_of(self.params.number("domain").ok().flatten())
    }

    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, Failure> {
        self.params.flag(name, default).map_err(|()| Failure::parameter(name))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Failure> {
        self.params.number(name).map_err(|()| Failure::parameter(name))
    }
}

pub(crate) fn domain_of(id: Option<i64>) -> Result<i64, Failure> {
    id.filter(|id| matches!(id, 1..=6 | 8..=12)).ok_or_else(|| Failure::parameter("domain"))
}

/// The token fields of an answer, after a charge.
pub(crate) fn settle(app: &App, key: &str, now_ms: i64, cost: i64) -> Tokens {
    app.bucket(key, now_ms, |bucket| {
        bucket.charge(cost);
        Tokens {
            left: bucket.balance(),
            refill_in: bucket.refill_in(now_ms),
            refill_rate: bucket.rate(),
            consumed: cost,
        }
    })
}
