//! What every answer tells about itself.

use std::sync::Arc;

use gleaner_core::rules::RunBudget;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::EngineError;

/// A part of an answer with its JSON, written once and sent as often as it is asked for.
#[derive(Debug)]
pub struct Written<T>(Arc<(T, Box<RawValue>)>);

impl<T: Serialize> Written<T> {
    /// Writes it.
    pub fn new(value: T) -> Result<Self, EngineError> {
        let json = serde_json::value::to_raw_value(&value).map_err(|error| {
            tracing::error!(%error, "an answer cannot be written");
            EngineError::Internal
        })?;
        Ok(Self(Arc::new((value, json))))
    }
}

impl<T> Written<T> {
    /// Bytes of its JSON.
    #[must_use]
    pub fn json_size(&self) -> usize {
        self.0.1.get().len()
    }
}

impl<T> Clone for Written<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> std::ops::Deref for Written<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.0
    }
}

impl<T: PartialEq> PartialEq for Written<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.1.serialize(serializer)
    }
}

impl<'de, T: Serialize + Deserialize<'de>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(T::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// What an answer cost in Keepa tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct TokenUse {
    /// Expected before anything was sent.
    #[schema(value_type = i64)]
    pub estimated: i64,
    /// Charged by Keepa.
    #[schema(value_type = i64)]
    pub charged: i64,
    /// Made unnecessary by the cache.
    #[schema(value_type = i64)]
    pub saved: i64,
    /// The balance, as far as it is known.
    #[schema(value_type = Option<i64>)]
    pub balance: Option<i64>,
    /// Whether the run's budget was exceeded (only with a budget that warns).
    pub over_budget: bool,
}

pub use gleaner_core::rules::BudgetMode;

/// A run's own limit, beside the account's balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Tokens.
    #[schema(value_type = i64)]
    pub tokens: i64,
    /// What happens beyond.
    pub mode: BudgetMode,
}

impl From<RunBudget> for Budget {
    fn from(budget: RunBudget) -> Self {
        Self { tokens: budget.tokens, mode: budget.mode }
    }
}

impl Budget {
    /// This budget, or the rules' own where nobody gave one.
    pub(crate) fn or(self, rules: RunBudget) -> Self {
        if self.mode == BudgetMode::Off { rules.into() } else { self }
    }

    /// A budget is 0 or more.
    pub(crate) fn check(self) -> Result<(), EngineError> {
        if self.tokens < 0 {
            Err(EngineError::field("budget.tokens", "must not be negative"))
        } else {
            Ok(())
        }
    }

    /// Refuses an estimate beyond a limit that stops; says whether one that warns is exceeded.
    pub(crate) fn allow(self, estimated: i64) -> Result<bool, EngineError> {
        let over = estimated > 0 && estimated > self.tokens;
        match self.mode {
            BudgetMode::Warn => Ok(over),
            BudgetMode::Stop if over => {
                Err(EngineError::OverBudget { budget: self.tokens, needed: estimated })
            }
            BudgetMode::Off | BudgetMode::Stop => Ok(false),
        }
    }
}

/// An input that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejected {
    /// What was given.
    pub input: String,
    /// A stable word for programs, for example `invalid_asin`.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl Rejected {
    pub(crate) fn new(input: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { input: input.into(), code: code.to_owned(), message: message.into() }
    }
}
