//! Upkeep of the two caches: counting, purging what has expired, clearing. It never touches history or paid facts.

use chrono::NaiveDateTime;

use crate::generation::{self, Hold};
use crate::session::Session;
use crate::statement::Statement;
use crate::{Engine, Store, StoreError, account, discovery, flight, postgres, race, scoring, sqlite};

/// Rows that were removed from each cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// From `product_discovery_cache`.
    pub discovery: u64,
    /// From `product_scoring_cache`.
    pub scoring: u64,
}

/// Which of the caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Caches {
    /// Only discoveries.
    Discovery,
    /// Only scores.
    Scoring,
    /// Both.
    #[default]
    All,
}

/// How one cache is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheStats {
    /// Rows.
    pub entries: i64,
    /// Rows that are still an answer.
    pub live: i64,
    /// Rows that are not any more.
    pub expired: i64,
    /// Sum of their hits.
    pub hits: i64,
    /// Hits per row; `None` without rows.
    pub average_reuse: Option<f64>,
    /// `created_at` of the oldest row (UTC).
    pub oldest: Option<NaiveDateTime>,
    /// `created_at` of the newest row (UTC).
    pub newest: Option<NaiveDateTime>,
    /// Bytes on disk with indexes, where the engine can tell.
    pub size_bytes: Option<i64>,
}

/// How both are doing.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheStatsReport {
    /// `product_discovery_cache`.
    pub discovery: CacheStats,
    /// `product_scoring_cache`.
    pub scoring: CacheStats,
}

#[derive(sqlx::FromRow)]
struct StatsRecord {
    entries: i64,
    live: i64,
    hits: i64,
    average_reuse: Option<f64>,
    oldest: Option<NaiveDateTime>,
    newest: Option<NaiveDateTime>,
}

impl Store {
    /// Removes the rows that expired at `now` or before, with their details, `batch` rows to a transaction so that
    /// nobody waits long.
    pub async fn purge_expired(&self, now: NaiveDateTime, batch: u32) -> Result<Purged, StoreError> {
        let discovery = self.purge_table(discovery::TABLE, now, batch).await?;
        self.purge_table(discovery::DETAIL_TABLE, now, batch).await?;
        let scoring = self.purge_table(scoring::TABLE, now, batch).await?;
        self.purge_table(scoring::DETAIL_TABLE, now, batch).await?;
        self.purge_leftovers(now).await?;
        Ok(Purged { discovery, scoring })
    }

    /// Removes what processes that died left behind: reservations, and flights that nobody asked for again. They are
    /// few.
    async fn purge_leftovers(&self, now: NaiveDateTime) -> Result<(), StoreError> {
        let engine = self.engine();
        let mut session = self.writing().await?;
        let mut removed = Ok(());
        for statement in [account::remove_expired(engine, now), flight::remove_abandoned(engine)] {
            if removed.is_ok() {
                removed = session.execute(&statement).await.map(drop);
            }
        }
        session.end(removed).await
    }

    async fn purge_table(&self, table: &str, now: NaiveDateTime, batch: u32) -> Result<u64, StoreError> {
        let batch = batch.max(1);
        // Said twice: a row that is refreshed at this moment is looked at again before it goes.
        let sql = format!(
            "DELETE FROM {table} WHERE expires_at <= $1 AND cache_key IN (SELECT cache_key FROM {table} \
             WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 {})",
            self.engine().skip_locked()
        );
        let statement = Statement { sql: sql.into(), values: vec![now.into(), i64::from(batch).into()] };
        let mut removed = 0;
        loop {
            let mut session = self.writing().await?;
            let count = session.execute(&statement).await;
            let count = session.end(count).await?;
            self.committed();
            removed += count;
            if count < u64::from(batch) {
                return Ok(removed);
            }
        }
    }

    /// Empties caches, with their details, and raises the generation: what was computed before is not kept any more.
    /// Answers how many rows went.
    pub async fn clear_caches(&self, which: Caches) -> Result<Purged, StoreError> {
        let mut attempt = 1;
        loop {
            let mut session = self.writing().await?;
            let purged = clear(&mut session, which).await;
            let purged = session.end(purged).await;
            if let Err(error) = &purged
                && race::again(error, &mut attempt).await
            {
                continue;
            }
            self.committed();
            return purged;
        }
    }

    /// Counts both caches; what has expired is judged at `now`.
    pub async fn cache_stats(&self, now: NaiveDateTime) -> Result<CacheStatsReport, StoreError> {
        Ok(CacheStatsReport {
            discovery: self.table_stats(discovery::TABLE, now).await?,
            scoring: self.table_stats(scoring::TABLE, now).await?,
        })
    }

    async fn table_stats(&self, table: &str, now: NaiveDateTime) -> Result<CacheStats, StoreError> {
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BIGINT) AS entries, \
             CAST(COALESCE(SUM(CASE WHEN expires_at > $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS live, \
             CAST(COALESCE(SUM(COALESCE(hit_count, 0)), 0) AS BIGINT) AS hits, \
             CAST(AVG(COALESCE(hit_count, 0)) AS DOUBLE PRECISION) AS average_reuse, \
             MIN(created_at) AS oldest, MAX(created_at) AS newest FROM {table}"
        );
        let mut session = self.reading().await?;
        let record = session.row::<StatsRecord>(sql, &[now.into()]).await;
        let size_bytes = match (record.is_ok(), session.engine()) {
            (false, _) => None,
            (true, Engine::Sqlite) => sqlite::table_size(&mut session, table).await,
            (true, Engine::Postgres) => postgres::table_size(&mut session, table).await,
        };
        let record = session.end(record).await?;
        let record = record.ok_or_else(|| StoreError::corrupt("a count without a row"))?;
        Ok(CacheStats {
            entries: record.entries,
            live: record.live,
            expired: record.entries - record.live,
            hits: record.hits,
            average_reuse: record.average_reuse,
            oldest: record.oldest,
            newest: record.newest,
            size_bytes,
        })
    }
}

async fn clear(session: &mut Session, which: Caches) -> Result<Purged, StoreError> {
    let generation = generation::hold(session, Hold::Alone).await?;
    let mut purged = Purged::default();
    for (sql, mine) in [
        ("DELETE FROM product_discovery_cache", which != Caches::Scoring),
        ("DELETE FROM gleaner_discovery_detail", which != Caches::Scoring),
        ("DELETE FROM product_scoring_cache", which != Caches::Discovery),
        ("DELETE FROM gleaner_score_detail", which != Caches::Discovery),
    ] {
        if mine {
            let count = session.execute(&Statement { sql: sql.into(), values: Vec::new() }).await?;
            if sql.ends_with(discovery::TABLE) {
                purged.discovery = count;
            } else if sql.ends_with(scoring::TABLE) {
                purged.scoring = count;
            }
        }
    }
    generation::raise(session, generation.saturating_add(1)).await?;
    Ok(purged)
}
