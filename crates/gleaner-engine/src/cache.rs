//! Upkeep of the two caches: how they do, purging what has expired, clearing.

use chrono::{DateTime, Utc};
use gleaner_store::{CacheStats, Caches};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Engine, EngineError, stored};

/// Rows removed in one transaction, so that a purge never blocks a hit for long.
const PURGE_BATCH: u32 = 500;

/// How one cache does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CacheState {
    /// Rows.
    #[schema(value_type = i64)]
    pub entries: i64,
    /// Rows that are still an answer.
    #[schema(value_type = i64)]
    pub live: i64,
    /// Rows that are not any more.
    #[schema(value_type = i64)]
    pub expired: i64,
    /// Hits of all rows.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// Hits per row; null without rows.
    pub average_reuse: Option<f64>,
    /// The oldest row.
    pub oldest: Option<DateTime<Utc>>,
    /// The newest row.
    pub newest: Option<DateTime<Utc>>,
    /// Bytes on disk, where the database can tell.
    #[schema(value_type = Option<i64>)]
    pub size_bytes: Option<i64>,
}

impl From<CacheStats> for CacheState {
    fn from(stats: CacheStats) -> Self {
        Self {
            entries: stats.entries,
            live: stats.live,
            expired: stats.expired,
            hits: stats.hits,
            average_reuse: stats.average_reuse,
            oldest: stats.oldest.map(|t| t.and_utc()),
            newest: stats.newest.map(|t| t.and_utc()),
            size_bytes: stats.size_bytes,
        }
    }
}

/// How both caches do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CacheReport {
    /// Discoveries.
    pub discovery: CacheState,
    /// Scores.
    pub scoring: CacheState,
}

/// Rows that were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Removed {
    /// Discoveries.
    #[schema(value_type = i64)]
    pub discovery: u64,
    /// Scores.
    #[schema(value_type = i64)]
    pub scoring: u64,
}

impl Engine {
    /// How the caches do.
    pub async fn cache_report(&self) -> Result<CacheReport, EngineError> {
        let report = self.store.cache_stats(stored(self.now())).await?;
        Ok(CacheReport { discovery: report.discovery.into(), scoring: report.scoring.into() })
    }

    /// Removes what has expired; history and paid facts stay.
    pub async fn purge(&self) -> Result<Removed, EngineError> {
        let removed = self.store.purge_expired(stored(self.now()), PURGE_BATCH).await?;
        Ok(Removed { discovery: removed.discovery, scoring: removed.scoring })
    }

    /// Empties the caches; history and paid facts stay.
    pub async fn clear(&self, which: Caches) -> Result<Removed, EngineError> {
        let removed = self.store.clear_caches(which).await?;
        Ok(Removed { discovery: removed.discovery, scoring: removed.scoring })
    }
}
