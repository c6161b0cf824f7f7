//! The token account as people see it: balance, forecast, what was spent and saved, and its ledger.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use gleaner_store::{LedgerPlace, LedgerRow, LedgerSummary};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ledger::Purpose;
use crate::{Engine, EngineError, stored};

/// The state of the token account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// The balance now, projected from Keepa's last answer.
    #[schema(value_type = Option<i64>)]
    pub balance: Option<i64>,
    /// When Keepa last told it.
    pub read_at: Option<DateTime<Utc>>,
    /// Tokens that calls under way have spoken for.
    #[schema(value_type = i64)]
    pub reserved: i64,
    /// Tokens added per minute.
    #[schema(value_type = Option<i64>)]
    pub refill_rate: Option<i64>,
    /// The most the account holds: what is not used within an hour expires.
    #[schema(value_type = Option<i64>)]
    pub capacity: Option<i64>,
    /// Tokens that jobs leave for people.
    #[schema(value_type = i64)]
    pub floor: i64,
    /// When the balance will have reached round numbers.
    pub forecast: Vec<Forecast>,
    /// Spent and saved in the last 30 days, by day and purpose, newest first.
    pub days: Vec<DayUse>,
    /// The newest entries of the ledger.
    pub recent: Vec<LedgerEntry>,
    /// Whether the account is the synthetic marketplace's.
    pub demo: bool,
}

/// When a balance will be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forecast {
    /// Tokens.
    #[schema(value_type = i64)]
    pub tokens: i64,
    /// Seconds from now; null when the account never holds that many.
    #[schema(value_type = Option<i64>)]
    pub in_seconds: Option<i64>,
}

/// What one day's questions for one purpose cost and saved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct DayUse {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// What for.
    pub purpose: String,
    /// Calls to Keepa.
    #[schema(value_type = i64)]
    pub calls: i64,
    /// Tokens charged.
    #[schema(value_type = i64)]
    pub spent: i64,
    /// Products bought.
    #[schema(value_type = i64)]
    pub products_bought: i64,
    /// Calls whose charge is not known (the connection broke).
    #[schema(value_type = i64)]
    pub unsettled: i64,
    /// Tokens that the cache made unnecessary.
    #[schema(value_type = i64)]
    pub saved: i64,
}

impl From<LedgerSummary> for DayUse {
    fn from(sum: LedgerSummary) -> Self {
        Self {
            day: sum.day,
            purpose: sum.purpose,
            calls: sum.calls,
            spent: sum.spent,
            products_bought: sum.products_bought,
            unsettled: sum.unsettled,
            saved: sum.saved,
        }
    }
}

/// An entry of the ledger: a paid call, or what the cache saved for one purpose in one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerEntry {
    /// Its id.
    pub id: String,
    /// When; of what the cache saved the begin of the hour.
    pub at: DateTime<Utc>,
    /// What for: `discovery`, `scoring`, `niche` or `job`.
    pub purpose: String,
    /// What was asked of Keepa.
    pub request: String,
    /// Tokens it was expected to cost.
    #[schema(value_type = i64)]
    pub estimated: i64,
    /// Tokens that Keepa charged; null when it did not tell (the connection broke).
    #[schema(value_type = Option<i64>)]
    pub charged: Option<i64>,
    /// The balance in Keepa's answer.
    #[schema(value_type = Option<i64>)]
    pub balance_after: Option<i64>,
    /// Products bought.
    #[schema(value_type = i64)]
    pub products_bought: i64,
    /// Tokens that the cache made unnecessary.
    #[schema(value_type = i64)]
    pub tokens_saved: i64,
}

impl From<LedgerRow> for LedgerEntry {
    fn from(row: LedgerRow) -> Self {
        Self {
            id: row.id,
            at: row.at.and_utc(),
            purpose: row.purpose,
            request: row.request,
            estimated: row.estimated,
            charged: row.charged,
            balance_after: row.balance_after,
            products_bought: row.products_bought,
            tokens_saved: row.tokens_saved,
        }
    }
}

/// A part of the ledger, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerPage {
    /// The entries.
    pub entries: Vec<LedgerEntry>,
    /// Asks for the entries behind these; null at the end.
    pub next_cursor: Option<String>,
}

/// Which part of the ledger.
#[derive(Debug, Clone, Default)]
pub struct LedgerQuestion {
    /// Only what was for this.
    pub purpose: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many entries at most.
    pub limit: u32,
}

/// The most entries on a page.
pub const MAX_LEDGER_PAGE: u32 = 500;
/// How many entries the token page shows.
const RECENT: u32 = 10;

/// How many days the token page looks back.
const DAYS: i64 = 30;
/// Balances that the forecast is about.
const MILESTONES: [i64; 4] = [20, 60, 200, 1000];

impl Engine {
    /// The token account. Asks Keepa (for free) only when no balance is known at all.
    pub async fn tokens(&self) -> Result<Tokens, EngineError> {
        let balance = self.ledger.known_balance().await?;
        let now = self.now();
        Ok(Tokens {
            balance: balance.map(|b| b.at(now)),
            read_at: balance.map(|b| b.read_at),
            reserved: self.store.reserved(stored(now)).await?,
            refill_rate: balance.and_then(|b| b.refill_rate),
            capacity: balance.and_then(|b| b.capacity()),
            floor: self.settings.token_floor,
            forecast: balance.map_or_else(Vec::new, |b| {
                let ahead = MILESTONES.into_iter().filter(|tokens| b.at(now) < *tokens);
                ahead
                    .map(|tokens| {
                        let in_seconds = b.reaches(tokens, now).map(|wait| wait.num_seconds());
                        Forecast { tokens, in_seconds }
                    })
                    .collect()
            }),
            days: self.days(now - TimeDelta::days(DAYS)).await?,
            recent: self.store.ledger_page(None, None, RECENT).await?.into_iter().map(Into::into).collect(),
            demo: self.settings.demo,
        })
    }

    /// What was spent and saved, by day and purpose.
    async fn days(&self, since: DateTime<Utc>) -> Result<Vec<DayUse>, EngineError> {
        Ok(self.store.ledger_summary(stored(since)).await?.into_iter().map(Into::into).collect())
    }

    /// A page of the ledger, newest first.
    pub async fn token_ledger(&self, question: LedgerQuestion) -> Result<LedgerPage, EngineError> {
        let LedgerQuestion { purpose, cursor, limit } = question;
        if !(1..=MAX_LEDGER_PAGE).contains(&limit) {
            return Err(EngineError::field("limit", format!("must be 1 to {MAX_LEDGER_PAGE}")));
        }
        if let Some(purpose) =
            purpose.as_deref().filter(|word| !Purpose::ALL.iter().any(|p| p.as_str() == *word))
        {
            let message = format!("'{purpose}' is no purpose: use discovery, scoring, niche or job");
            return Err(EngineError::field("purpose", message));
        }
        let after = cursor.as_deref().map(place).transpose()?;
        // One more than wanted tells whether there are more.
        let mut rows = self.store.ledger_page(purpose.as_deref(), after.as_ref(), limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| more);
        let next_cursor = last.map(|row| format!("{}.{}", row.at.and_utc().timestamp_micros(), row.id));
        Ok(LedgerPage { entries: rows.into_iter().map(Into::into).collect(), next_cursor })
    }
}

/// Reads a cursor.
fn place(cursor: &str) -> Result<LedgerPlace, EngineError> {
    let read = || {
        let (micros, id) = cursor.split_once('.')?;
        let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?.naive_utc();
        (id.len() <= 36).then(|| LedgerPlace { at, id: id.to_owned() })
    };
    read().ok_or_else(|| {
        EngineError::field("cursor", "is not one that a page gave: leave it out to begin anew")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_page_gave_is_a_cursor() {
        let read = place("1780000000123456.saved:2026-05-28T20:discovery").unwrap();
        assert_eq!(read.at.and_utc().timestamp_micros(), 1_780_000_000_123_456);
        assert_eq!(read.id, "saved:2026-05-28T20:discovery");
        let long = format!("1.{}", "x".repeat(37));
        for wrong in ["", ".", "x.y", "12", "99999999999999999999.a", long.as_str()] {
            assert_eq!(place(wrong).unwrap_err().code(), "invalid_request", "{wrong}");
        }
    }
}
