//! `gleaner_token_ledger`: every token spent, and what the cache saved.

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use uuid::Uuid;

use crate::statement::{Insert, Value, cut, exact};
use crate::{Store, StoreError};

/// A paid call. The same id again settles what was reserved before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPut {
    /// Made by the caller.
    pub id: Uuid,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// `discovery`, `scoring`, `niche` or `job`; at most 50 characters.
    pub purpose: String,
    /// What was asked of Keepa, in short, without the key.
    pub request: String,
    /// Tokens it was expected to cost.
    pub estimated: i64,
    /// Tokens that Keepa charged; `None`: not known yet.
    pub charged: Option<i64>,
    /// The balance in Keepa's answer.
    pub balance_after: Option<i64>,
    /// Products in the answer.
    pub products_bought: i64,
    /// Tokens that the cache made unnecessary.
    pub tokens_saved: i64,
}

/// Tokens that the cache made unnecessary. All of one hour and purpose share a row: an hour of hits is one line of the
/// ledger, not thousands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPut {
    /// When (UTC).
    pub at: NaiveDateTime,
    /// As in [`LedgerPut::purpose`].
    pub purpose: &'static str,
    /// Tokens.
    pub tokens: i64,
}

/// A place in the ledger: what comes after it is older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPlace {
    /// The row's moment (UTC).
    pub at: NaiveDateTime,
    /// The row's id.
    pub id: String,
}

/// A row of the ledger; the fields are those of [`LedgerPut`]. What the cache saved has a row for each hour, at its
/// begin, with nothing estimated and nothing charged.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at LedgerPut")]
pub struct LedgerRow {
    pub id: String,
    pub at: NaiveDateTime,
    pub purpose: String,
    pub request: String,
    pub estimated: i64,
    pub charged: Option<i64>,
    pub balance_after: Option<i64>,
    pub products_bought: i64,
    pub tokens_saved: i64,
}

/// A day's spending for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerSummary {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// What for.
    pub purpose: String,
    /// Calls made to Keepa.
    pub calls: i64,
    /// Tokens expected.
    pub estimated: i64,
    /// Tokens charged, as far as known.
    pub spent: i64,
    /// Calls whose charge is not known.
    pub unsettled: i64,
    /// Products bought.
    pub products_bought: i64,
    /// Tokens that the cache made unnecessary.
    pub saved: i64,
}

pub(crate) const INSERT: Insert = Insert {
    table: "gleaner_token_ledger",
    columns: &[
        "id",
        "at",
        "purpose",
        "request",
        "estimated",
        "charged",
        "balance_after",
        "products_bought",
        "tokens_saved",
    ],
    json: &[],
    conflict: "ON CONFLICT (id) DO UPDATE SET at = excluded.at, purpose = excluded.purpose, \
               request = excluded.request, estimated = excluded.estimated, charged = excluded.charged, \
               balance_after = excluded.balance_after, products_bought = excluded.products_bought, \
               tokens_saved = excluded.tokens_saved",
};

/// Adds to the hour's row.
pub(crate) const INSERT_SAVED: Insert = Insert {
    table: INSERT.table,
    columns: INSERT.columns,
    json: &[],
    conflict: "ON CONFLICT (id) DO UPDATE SET \
               tokens_saved = gleaner_token_ledger.tokens_saved + excluded.tokens_saved",
};

/// What the row of savings says was asked.
const FROM_THE_CACHE: &str = "answered from the cache";

impl SavedPut {
    /// The hour it belongs to.
    pub(crate) fn hour(&self) -> NaiveDateTime {
        self.at.date().and_hms_opt(self.at.hour(), 0, 0).unwrap_or(self.at)
    }

    /// The hour's row with a sum of tokens.
    pub(crate) fn row(hour: NaiveDateTime, purpose: &str, tokens: i64) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            exact("id", &format!("saved:{}:{purpose}", hour.format("%Y-%m-%dT%H")), 36)?,
            hour.into(),
            exact("purpose", purpose, 50)?,
            FROM_THE_CACHE.into(),
            0.into(),
            0.into(),
            Value::Int(None),
            0.into(),
            tokens.into(),
        ])
    }
}

impl LedgerPut {
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            Value::Text(Some(self.id.to_string())),
            self.at.into(),
            exact("purpose", &self.purpose, 50)?,
            cut(Some(&self.request), 2_000),
            self.estimated.into(),
            Value::Int(self.charged),
            Value::Int(self.balance_after),
            self.products_bought.into(),
            self.tokens_saved.into(),
        ])
    }
}

#[derive(sqlx::FromRow)]
struct SummaryRecord {
    day: String,
    purpose: String,
    calls: i64,
    estimated: i64,
    spent: i64,
    unsettled: i64,
    products_bought: i64,
    saved: i64,
}

impl Store {
    /// The last entries, newest first; with a place those behind it, with a purpose those of it.
    pub async fn ledger_page(
        &self,
        purpose: Option<&str>,
        after: Option<&LedgerPlace>,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut values: Vec<Value> = vec![i64::from(limit).into()];
        let mut wanted = Vec::new();
        if let Some(place) = after {
            values.extend([place.at.into(), place.id.as_str().into()]);
            wanted.push("at <= $2 AND (at < $2 OR id < $3)".to_owned());
        }
        if let Some(purpose) = purpose {
            values.push(purpose.into());
            wanted.push(format!("purpose = ${}", values.len()));
        }
        let filter =
            if wanted.is_empty() { String::new() } else { format!("WHERE {}", wanted.join(" AND ")) };
        let sql = format!(
            "SELECT id, at, purpose, request, estimated, charged, balance_after, products_bought, tokens_saved \
             FROM gleaner_token_ledger {filter} ORDER BY at DESC, id DESC LIMIT $1"
        );
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }

    /// Spending since `since` (UTC), per day and purpose, newest day first.
    pub async fn ledger_summary(&self, since: NaiveDateTime) -> Result<Vec<LedgerSummary>, StoreError> {
        const SUMMARY: &str = "SELECT substr(CAST(at AS TEXT), 1, 10) AS day, purpose, \
             CAST(SUM(CASE WHEN estimated > 0 THEN 1 ELSE 0 END) AS BIGINT) AS calls, CAST(SUM(estimated) AS BIGINT) AS estimated, \
             CAST(COALESCE(SUM(charged), 0) AS BIGINT) AS spent, \
             CAST(SUM(CASE WHEN charged IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS unsettled, \
             CAST(SUM(products_bought) AS BIGINT) AS products_bought, CAST(SUM(tokens_saved) AS BIGINT) AS saved \
             FROM gleaner_token_ledger WHERE at >= $1 GROUP BY 1, 2 ORDER BY 1 DESC, 2";
        let mut session = self.reading().await?;
        let rows = session.rows::<SummaryRecord>(SUMMARY, &[since.into()]).await;
        let summary = |row: SummaryRecord| {
            let day = row.day.parse().map_err(|_| StoreError::corrupt(format!("{} is no day", row.day)))?;
            Ok(LedgerSummary {
                day,
                purpose: row.purpose,
                calls: row.calls,
                estimated: row.estimated,
                spent: row.spent,
                unsettled: row.unsettled,
                products_bought: row.products_bought,
                saved: row.saved,
            })
        };
        session.end(rows).await?.into_iter().map(summary).collect()
    }

    /// The balance that Keepa reported last, and when (UTC).
    pub async fn last_balance(&self) -> Result<Option<(i64, NaiveDateTime)>, StoreError> {
        const LAST: &str = "SELECT balance_after, at FROM gleaner_token_ledger WHERE balance_after IS NOT NULL \
                            ORDER BY at DESC, id DESC LIMIT 1";
        let mut session = self.reading().await?;
        let last = session.row(LAST, &[]).await;
        session.end(last).await
    }
}
