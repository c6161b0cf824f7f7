//! `search_history`: every question that was answered, for ever, with `gleaner_search_outcome` beside it.

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::statement::{Insert, Value, cut, exact, exact_option, four_bytes, json, read_json};
use crate::{Store, StoreError};

/// A question to record.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPut {
    /// Made by the caller; recording the same id twice records it once.
    pub id: Uuid,
    /// Who asked, at most 36 characters.
    pub user_id: Option<String>,
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: String,
    /// What was asked: an object.
    pub filters: serde_json::Value,
    /// How many results the answer had.
    pub results_count: i64,
    /// `frontend`, `api` or `manual`.
    pub source: Option<String>,
    /// When (UTC).
    pub created_at: NaiveDateTime,
}

/// What the columns of `search_history` cannot hold.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomePut {
    /// The id of its history row.
    pub history_id: Uuid,
    /// Parts of the answer that came from the cache.
    pub hits: i64,
    /// Parts that did not.
    pub misses: i64,
    /// Tokens the answer was expected to cost.
    pub tokens_estimated: i64,
    /// Tokens that Keepa charged.
    pub tokens_charged: i64,
    /// Tokens that it would have cost without the cache, less what it did.
    pub tokens_saved: i64,
    /// How many results got which verdict: an object.
    pub verdicts: serde_json::Value,
    /// How long the answer took.
    pub milliseconds: i64,
    /// Why there was no answer.
    pub error: Option<String>,
}

/// A question that was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// Its id; a UUID in the rows we write.
    pub id: String,
    /// Who asked.
    pub user_id: Option<String>,
    /// `discovery`, `scoring` or `autosourcing`.
    pub search_type: String,
    /// What was asked.
    pub filters: serde_json::Value,
    /// How many results the answer had.
    pub results_count: i64,
    /// `frontend`, `api` or `manual`.
    pub source: Option<String>,
    /// When (UTC); other programs may have left it empty.
    pub created_at: Option<NaiveDateTime>,
    /// The rest; `None` for a row that another program wrote.
    pub outcome: Option<OutcomeRow>,
}

/// The rest of a question that was recorded; the fields are those of [`OutcomePut`].
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "they are described at OutcomePut")]
pub struct OutcomeRow {
    pub hits: i64,
    pub misses: i64,
    pub tokens_estimated: i64,
    pub tokens_charged: i64,
    pub tokens_saved: i64,
    pub verdicts: serde_json::Value,
    pub milliseconds: i64,
    pub error: Option<String>,
}

pub(crate) const INSERT: Insert = Insert {
    table: "search_history",
    columns: &["id", "user_id", "search_type", "filters", "results_count", "source", "created_at"],
    json: &["filters"],
    conflict: "ON CONFLICT (id) DO NOTHING",
};

pub(crate) const INSERT_OUTCOME: Insert = Insert {
    table: "gleaner_search_outcome",
    columns: &[
        "history_id",
        "hits",
        "misses",
        "tokens_estimated",
        "tokens_charged",
        "tokens_saved",
        "verdicts",
        "milliseconds",
        "error",
    ],
    json: &[],
    conflict: "ON CONFLICT (history_id) DO NOTHING",
};

impl HistoryPut {
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            Value::Text(Some(self.id.to_string())),
            exact_option("user_id", self.user_id.as_deref(), 36)?,
            exact("search_type", &self.search_type, 50)?,
            json(&self.filters),
            four_bytes("results_count", self.results_count)?,
            exact_option("source", self.source.as_deref(), 50)?,
            self.created_at.into(),
        ])
    }
}

impl OutcomePut {
    pub(crate) fn row(&self) -> Vec<Value> {
        vec![
            Value::Text(Some(self.history_id.to_string())),
            self.hits.into(),
            self.misses.into(),
            self.tokens_estimated.into(),
            self.tokens_charged.into(),
            self.tokens_saved.into(),
            json(&self.verdicts),
            self.milliseconds.into(),
            cut(self.error.as_deref(), 2_000),
        ]
    }
}

/// What a [`Record`] reads, over `search_history h` and `gleaner_search_outcome o`. The zeros of a row without outcome
/// are dropped with its missing verdicts.
pub(crate) const COLUMNS: &str = "h.id, h.user_id, h.search_type, CAST(h.filters AS TEXT) AS filters, \
     CAST(h.results_count AS BIGINT) AS results_count, h.source, h.created_at, o.verdicts, o.error, \
     COALESCE(o.hits, 0) AS hits, COALESCE(o.misses, 0) AS misses, \
     COALESCE(o.tokens_estimated, 0) AS tokens_estimated, COALESCE(o.tokens_charged, 0) AS tokens_charged, \
     COALESCE(o.tokens_saved, 0) AS tokens_saved, COALESCE(o.milliseconds, 0) AS milliseconds";

#[derive(sqlx::FromRow)]
pub(crate) struct Record {
    id: String,
    user_id: Option<String>,
    search_type: String,
    filters: String,
    results_count: i64,
    source: Option<String>,
    created_at: Option<NaiveDateTime>,
    verdicts: Option<String>,
    #[sqlx(flatten)]
    numbers: Numbers,
    error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Numbers {
    hits: i64,
    misses: i64,
    tokens_estimated: i64,
    tokens_charged: i64,
    tokens_saved: i64,
    milliseconds: i64,
}

impl Record {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn read(self) -> Result<HistoryRow, StoreError> {
        let outcome = match self.verdicts {
            None => None,
            Some(verdicts) => Some(OutcomeRow {
                hits: self.numbers.hits,
                misses: self.numbers.misses,
                tokens_estimated: self.numbers.tokens_estimated,
                tokens_charged: self.numbers.tokens_charged,
                tokens_saved: self.numbers.tokens_saved,
                verdicts: read_json("verdicts", &verdicts)?,
                milliseconds: self.numbers.milliseconds,
                error: self.error,
            }),
        };
        Ok(HistoryRow {
            filters: read_json("filters", &self.filters)?,
            id: self.id,
            user_id: self.user_id,
            search_type: self.search_type,
            results_count: self.results_count,
            source: self.source,
            created_at: self.created_at,
            outcome,
        })
    }
}

impl Store {
    /// The last questions, newest first.
    pub async fn history_recent(&self, limit: u32) -> Result<Vec<HistoryRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
             WHERE h.created_at IS NOT NULL ORDER BY h.created_at DESC, h.id DESC LIMIT $1"
        );
        let mut session = self.reading().await?;
        let records = session.rows::<Record>(sql, &[i64::from(limit).into()]).await;
        session.end(records).await?.into_iter().map(Record::read).collect()
    }
}
