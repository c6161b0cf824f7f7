//! What the cache saved: `search_history` and `gleaner_search_outcome`, added up.

use chrono::{NaiveDate, NaiveDateTime};

use crate::{Store, StoreError};

/// A day's questions of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavingsRow {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: String,
    /// Questions, those of other programs included (their rows have no outcome and add nothing to what follows).
    pub searches: i64,
    /// Parts of the answers that came from the cache.
    pub hits: i64,
    /// Parts that did not.
    pub misses: i64,
    /// Tokens that Keepa charged.
    pub charged: i64,
    /// Tokens that the cache made unnecessary.
    pub saved: i64,
}

/// Finds its rows by the index on `created_at`, their outcomes by its primary key.
const SUMMARY: &str = "SELECT substr(CAST(h.created_at AS TEXT), 1, 10) AS day, h.search_type, \
     CAST(COUNT(*) AS BIGINT) AS searches, CAST(COALESCE(SUM(o.hits), 0) AS BIGINT) AS hits, \
     CAST(COALESCE(SUM(o.misses), 0) AS BIGINT) AS misses, \
     CAST(COALESCE(SUM(o.tokens_charged), 0) AS BIGINT) AS charged, \
     CAST(COALESCE(SUM(o.tokens_saved), 0) AS BIGINT) AS saved \
     FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
     WHERE h.created_at >= $1 GROUP BY 1, 2 ORDER BY 1 DESC, 2";

#[derive(sqlx::FromRow)]
struct Record {
    day: String,
    search_type: String,
    searches: i64,
    hits: i64,
    misses: i64,
    charged: i64,
    saved: i64,
}

impl Record {
    fn read(self) -> Result<SavingsRow, StoreError> {
        let Self { day, search_type, searches, hits, misses, charged, saved } = self;
        let day = day.parse().map_err(|_| StoreError::corrupt(format!("{day} is no day")))?;
        Ok(SavingsRow { day, search_type, searches, hits, misses, charged, saved })
    }
}

impl Store {
    /// Questions since `since` (UTC), per day and kind, newest day first.
    pub async fn savings_summary(&self, since: NaiveDateTime) -> Result<Vec<SavingsRow>, StoreError> {
        let mut session = self.reading().await?;
        let records = session.rows::<Record>(SUMMARY, &[since.into()]).await;
        session.end(records).await?.into_iter().map(Record::read).collect()
    }
}
