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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConnectOptions;

    #[tokio::test]
    async fn old_history_is_not_looked_at() {
        let store = Store::connect(&ConnectOptions::new("sqlite::memory:")).await.unwrap();
        store.migrate().await.unwrap();
        let mut session = store.reading().await.unwrap();
        let since = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {SUMMARY}");
        let steps: Vec<(i64, i64, i64, String)> = session.rows(sql, &[since.into()]).await.unwrap();
        let text: Vec<&str> = steps.iter().map(|(.., step)| step.as_str()).collect();
        assert!(text.iter().any(|step| step.contains("idx_history_created_at (created_at>?)")), "{text:?}");
        assert!(!text.iter().any(|step| step.starts_with("SCAN")), "{text:?}");
    }
}
