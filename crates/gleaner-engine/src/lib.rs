//! Gleaner's use cases, the same for the command line, the HTTP API and jobs.
//!
//! A use case is one method of [`Engine`] in a module of its own: it checks what it was asked, looks
//! into the cache, buys from Keepa what is missing, decides with `gleaner-core`, and returns when
//! everything it did is committed. To add one: a module with its question, its answer and an
//! `impl Engine` block; the faces only translate.

pub mod answer;
pub mod cache;
pub mod clock;
pub mod discovery;
pub mod error;
mod flight;
mod purchase;
mod recorder;
pub mod product;
pub mod saved;
pub mod scoring;
pub mod tokens;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_store::Store;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::EngineError;

use discovery::Found;
use flight::Flights;
use purchase::Buyer;
use recorder::Recorder;
use tokens::Meter;

/// What the engine is told once, from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a discovery is an answer.
    pub discovery_ttl: Duration,
    /// How long a score, and the facts under it, are an answer.
    pub scoring_ttl: Duration,
    /// Who fills this database: `demo`, `keepa`, or another server's host. Facts of one never mix with another's.
    pub upstream: String,
    /// Whether the data is the synthetic marketplace's.
    pub demo: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discovery_ttl: Duration::from_secs(24 * 3600),
            scoring_ttl: Duration::from_secs(6 * 3600),
            upstream: "keepa".to_owned(),
            demo: false,
        }
    }
}

/// Who asks, for the permanent history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// The web app.
    Frontend,
    /// A program.
    #[default]
    Api,
    /// A person at the command line.
    Manual,
}

impl Source {
    /// The word in `search_history.source`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Api => "api",
            Self::Manual => "manual",
        }
    }
}

/// Gleaner, ready to work. Cloning it is cheap.
#[derive(Clone)]
pub struct Engine {
    store: Store,
    keepa: keepa::Client,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    cards: Arc<FeeCards>,
    recorder: Recorder,
    meter: Arc<Meter>,
    buyer: Buyer,
    discoveries: Flights<Arc<Found>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the engine on a migrated database. A database that another upstream filled is refused.
    pub async fn start(
        store: Store,
        keepa: keepa::Client,
        clock: Arc<dyn Clock>,
        settings: Settings,
        cards: FeeCards,
    ) -> Result<Self, EngineError> {
        store.claim_upstream(&settings.upstream).await?;
        let recorder = Recorder::start(store.clone());
        let meter = Arc::new(Meter::default());
        let buyer = Buyer::new(keepa.clone(), clock.clone(), recorder.clone(), meter.clone());
        Ok(Self {
            store,
            keepa,
            clock,
            settings: Arc::new(settings),
            cards: Arc::new(cards),
            recorder,
            meter,
            buyer,
            discoveries: Flights::default(),
        })
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The settings it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time, as everything here sees it.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Waits until everything that was asked to be written is committed.
    pub async fn flush(&self) {
        self.recorder.flush().await;
    }
}

/// A moment as the database keeps it: UTC without a zone.
fn stored(moment: DateTime<Utc>) -> NaiveDateTime {
    moment.naive_utc()
}

/// A time to live as the calendar adds it.
fn span(ttl: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(ttl).unwrap_or(chrono::TimeDelta::MAX)
}
