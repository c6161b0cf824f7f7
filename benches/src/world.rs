//! What benchmarks share: a Keepa to buy from, databases, and how long to measure.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use gleaner_testkit::TestDatabase;
use keepa_emulator::{Emulator, EmulatorConfig, RunningEmulator, SystemClock};
use serde_json::{Value, json};

use crate::http::{Connection, post};
use crate::process::Served;

/// The key of the emulator.
pub(crate) const KEY: &str = "bench";

/// The path of a discovery.
pub(crate) const DISCOVER: &str = "/api/v1/products/discover";
/// The path of a scoring.
pub(crate) const SCORE: &str = "/api/v1/products/score";

/// Everything around what is measured.
#[derive(Debug)]
pub(crate) struct World {
    /// How often each measurement is taken.
    pub(crate) rounds: usize,
    /// How long each takes.
    pub(crate) seconds: f64,
    /// Rows of a long history.
    pub(crate) rows: u32,
    /// The Keepa that servers buy from.
    pub(crate) emulator: RunningEmulator,
}

/// A database engine, with the share of the targets that it has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// A new database; `None` where there is no server.
    pub(crate) fn database(self) -> Option<TestDatabase> {
        match self {
            Self::Sqlite => Some(gleaner_testkit::sqlite_database()),
            Self::Postgres => gleaner_testkit::postgres_database(),
        }
    }
}

impl World {
    pub(crate) async fn new(rounds: usize, seconds: f64, rows: u32) -> Result<Self> {
        let config =
            EmulatorConfig { keys: vec![KEY.to_owned()], refill_rate: 10_000, ..EmulatorConfig::default() };
        let emulator = Emulator::start(config, Arc::new(SystemClock)).await?;
        Ok(Self { rounds: rounds.max(1), seconds, rows: rows.max(1), emulator })
    }

    /// A server on a database.
    pub(crate) async fn serve(&self, database: &str) -> Result<Served> {
        let base = self.emulator.base_url();
        // A backup in the background would be measured as well.
        let never = ("GLEANER_BACKUP_EVERY", "0s");
        let keepa = [("KEEPA_BASE_URL", base.as_str()), ("KEEPA_API_KEY", KEY)];
        Served::gleaner(&[("DATABASE_URL", database), never, keepa[0], keepa[1]]).await
    }

    /// Requests to an endpoint of Keepa so far.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        self.emulator.request_counts().get(endpoint).copied().unwrap_or_default()
    }
}

/// A plain search, and no other than its number's.
pub(crate) fn search(number: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": 1_000 + number, "bsr_max": 400_000 + number})
}

/// Asks a server to discover, so that the answer is cached, and to score all it found; the ASINs.
pub(crate) async fn warm(address: SocketAddr, number: i64) -> Result<Vec<Value>> {
    let mut connection = Connection::open(address).await?;
    let found = connection.json(&post(DISCOVER, &search(number))).await?;
    let asins = found["asins"].as_array().context("no ASINs")?.clone();
    let answer = connection.json(&post(SCORE, &json!({"marketplace": "us", "asins": asins}))).await?;
    let scores = answer["scores"].as_array().map_or(0, Vec::len);
    anyhow::ensure!(scores == asins.len(), "only {scores} of {} products were scored", asins.len());
    Ok(asins)
}
