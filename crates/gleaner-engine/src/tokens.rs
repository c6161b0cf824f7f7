//! The token account as people see it: balance, forecast, what was spent and saved.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// Spent and saved, by day and purpose, newest first.
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

impl DayUse {
    fn of(days: &mut BTreeMap<(NaiveDate, String), Self>, day: NaiveDate, purpose: String) -> &mut Self {
        let empty = Self { day, purpose: purpose.clone(), ..Self::default() };
        days.entry((day, purpose)).or_insert(empty)
    }
}

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
            demo: self.settings.demo,
        })
    }

    /// What was spent (by the ledger) and saved (by the history), by day and purpose.
    async fn days(&self, since: DateTime<Utc>) -> Result<Vec<DayUse>, EngineError> {
        let mut days: BTreeMap<(NaiveDate, String), DayUse> = BTreeMap::new();
        for spent in self.store.ledger_summary(stored(since)).await? {
            let entry = DayUse::of(&mut days, spent.day, spent.purpose);
            entry.calls = spent.calls;
            entry.spent = spent.spent;
            entry.products_bought = spent.products_bought;
            entry.unsettled = spent.unsettled;
        }
        for saved in self.store.savings_summary(stored(since)).await? {
            DayUse::of(&mut days, saved.day, saved.search_type).saved = saved.saved;
        }
        Ok(days.into_values().rev().collect())
    }
}
