//! The token balance: taken from every answer, projected between them, never polled.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_store::LedgerPut;
use keepa::TokenStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Engine, EngineError, stored};

/// Unused tokens expire after this many minutes of refill.
const CAPACITY_MINUTES: i64 = 60;

/// What a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Discovery,
    Scoring,
}

impl Purpose {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Scoring => "scoring",
        }
    }
}

/// The balance as Keepa last told it.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: DateTime<Utc>,
    balance: i64,
    refill_rate: Option<i64>,
    refill_in_ms: Option<i64>,
}

/// Remembers the last balance.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Option<Reading>>);

impl Meter {
    pub(crate) fn read(&self, status: &TokenStatus, at: DateTime<Utc>) {
        let Some(balance) = status.tokens_left else { return };
        // A refused key answers with an empty bucket that says nothing of the account.
        if status.refill_rate == Some(0) {
            return;
        }
        let reading =
            Reading { at, balance, refill_rate: status.refill_rate, refill_in_ms: status.refill_in_ms };
        *self.lock() = Some(reading);
    }

    fn last(&self) -> Option<Reading> {
        *self.lock()
    }

    pub(crate) fn balance(&self, now: DateTime<Utc>) -> Option<i64> {
        self.last().map(|reading| reading.projected(now))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Reading>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// The balance after the refill ticks since it was read.
    fn projected(&self, now: DateTime<Utc>) -> i64 {
        let Some(rate) = self.refill_rate.filter(|rate| *rate > 0) else { return self.balance };
        let passed = (now - self.at).num_milliseconds();
        let first = self.refill_in_ms.unwrap_or(60_000);
        let ticks = if passed < first { 0 } else { 1 + (passed - first) / 60_000 };
        self.balance.saturating_add(ticks.saturating_mul(rate)).min((rate * CAPACITY_MINUTES).max(self.balance))
    }

    /// When the balance will have reached a number of tokens, from `now` on.
    fn reaches(&self, wanted: i64, now: DateTime<Utc>) -> Option<TimeDelta> {
        let rate = self.refill_rate.filter(|rate| *rate > 0)?;
        let missing = wanted - self.projected(now);
        if missing <= 0 {
            return Some(TimeDelta::zero());
        }
        if wanted > rate * CAPACITY_MINUTES {
            return None;
        }
        let passed = (now - self.at).num_milliseconds();
        let first = self.refill_in_ms.unwrap_or(60_000);
        let next = if passed < first { first - passed } else { 60_000 - (passed - first) % 60_000 };
        let ticks = (missing + rate - 1) / rate;
        Some(TimeDelta::milliseconds(next + (ticks - 1) * 60_000))
    }
}

/// What a call did to the ledger.
pub(crate) struct Call {
    pub(crate) purpose: Purpose,
    pub(crate) request: String,
    pub(crate) estimated: i64,
}

impl Call {
    /// The ledger's row for a call that ended.
    pub(crate) fn settled(self, status: Option<&TokenStatus>, at: DateTime<Utc>, bought: usize) -> LedgerPut {
        LedgerPut {
            id: Uuid::now_v7(),
            at: stored(at),
            purpose: self.purpose.as_str().to_owned(),
            request: self.request,
            estimated: self.estimated,
            charged: status.and_then(|s| s.tokens_consumed),
            balance_after: status.and_then(|s| s.tokens_left),
            products_bought: i64::try_from(bought).unwrap_or(i64::MAX),
            tokens_saved: 0,
        }
    }
}

/// The state of the token account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// The balance now, projected from the last answer; null before the first one.
    #[schema(value_type = Option<i64>)]
    pub balance: Option<i64>,
    /// When Keepa last told it.
    pub read_at: Option<DateTime<Utc>>,
    /// Tokens added per minute.
    #[schema(value_type = Option<i64>)]
    pub refill_rate: Option<i64>,
    /// The most the account holds: what is not used within an hour expires.
    #[schema(value_type = Option<i64>)]
    pub capacity: Option<i64>,
    /// When the balance will have reached round numbers.
    pub forecast: Vec<Forecast>,
    /// Spent, by day and purpose, newest first.
    pub days: Vec<DayUse>,
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

/// What one day's calls for one purpose cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayUse {
    /// The day, in UTC.
    pub day: chrono::NaiveDate,
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
    /// Tokens that answers from the cache made unnecessary.
    #[schema(value_type = i64)]
    pub saved: i64,
}

/// How many days the token page looks back.
const DAYS: i64 = 30;

impl Engine {
    /// The token account: balance, forecast and what was spent. Asks Keepa (for free) only when no
    /// balance is known at all.
    pub async fn tokens(&self) -> Result<Tokens, EngineError> {
        let now = self.now();
        if self.meter.last().is_none() {
            let status = self.keepa.token_status().await?;
            self.meter.read(&status, now);
        }
        let days = self.store.ledger_summary(stored(now - TimeDelta::days(DAYS))).await?;
        let reading = self.meter.last();
        let rate = reading.and_then(|r| r.refill_rate);
        Ok(Tokens {
            balance: reading.map(|r| r.projected(now)),
            read_at: reading.map(|r| r.at),
            refill_rate: rate,
            capacity: rate.map(|rate| rate * CAPACITY_MINUTES),
            forecast: reading.map_or_else(Vec::new, |r| {
                [20, 60, 200, 1000]
                    .into_iter()
                    .filter(|tokens| r.projected(now) < *tokens)
                    .map(|tokens| Forecast {
                        tokens,
                        in_seconds: r.reaches(tokens, now).map(|wait| wait.num_seconds()),
                    })
                    .collect()
            }),
            days: days
                .into_iter()
                .map(|day| DayUse {
                    day: day.day,
                    purpose: day.purpose,
                    calls: day.calls,
                    spent: day.spent,
                    products_bought: day.products_bought,
                    unsettled: day.unsettled,
                    saved: day.saved,
                })
                .collect(),
            demo: self.settings.demo,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(balance: i64, rate: i64, refill_in_ms: i64) -> (Reading, DateTime<Utc>) {
        let at = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        (Reading { at, balance, refill_rate: Some(rate), refill_in_ms: Some(refill_in_ms) }, at)
    }

    #[test]
    fn the_balance_grows_by_ticks_and_stops_at_an_hour_of_refill() {
        let (r, at) = reading(100, 20, 30_000);
        let after = |seconds| r.projected(at + TimeDelta::seconds(seconds));
        assert_eq!([after(0), after(29), after(30), after(89), after(90)], [100, 100, 120, 120, 140]);
        assert_eq!(after(100_000), 1200);
    }

    #[test]
    fn the_forecast_counts_the_ticks_that_are_missing() {
        let (r, at) = reading(-5, 20, 30_000);
        assert_eq!(r.reaches(1, at), Some(TimeDelta::seconds(30)));
        assert_eq!(r.reaches(60, at), Some(TimeDelta::seconds(30 + 3 * 60)));
        assert_eq!(r.reaches(1200, at).unwrap().num_minutes(), 60);
        assert_eq!(r.reaches(1201, at), None, "the account never holds that many");
        assert_eq!(r.reaches(-5, at), Some(TimeDelta::zero()));
    }
}
