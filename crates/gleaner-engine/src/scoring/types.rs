//! Questions and answers of scoring.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gleaner_core::rules::Strategy;
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Condition, Marketplace, Score};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::count;
use crate::answer::{Budget, Rejected, TokenUse};
use crate::{Caller, EngineError};

/// The most products in one question.
pub const MAX_ASINS: usize = 1_000;

/// A question to score.
#[derive(Debug, Clone)]
pub struct ScoringQuestion {
    /// The marketplace.
    pub marketplace: Marketplace,
    /// ASINs as they were given; wrong ones are rejected one by one.
    pub asins: Vec<String>,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
    /// Pay again and replace what is kept.
    pub force_refresh: bool,
    /// Facts bought at this moment or later are fresh enough, whatever their age: a run that goes on after a pause
    /// does not pay twice.
    pub facts_since: Option<DateTime<Utc>>,
    /// When Keepa does not answer, scores from older facts are better than none.
    pub stale_if_error: bool,
    /// What this question may spend.
    pub budget: Budget,
    /// Who asks.
    pub caller: Caller,
}

impl ScoringQuestion {
    /// A question about products under the default terms.
    #[must_use]
    pub fn new(marketplace: Marketplace, asins: Vec<String>, caller: Caller) -> Self {
        Self {
            marketplace,
            asins,
            condition: None,
            cost: None,
            strategy: Strategy::default(),
            force_refresh: false,
            facts_since: None,
            stale_if_error: false,
            budget: Budget::default(),
            caller,
        }
    }
}

/// A score and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScoredProduct {
    /// The score.
    #[serde(flatten)]
    pub score: Score,
    /// Whether it came from the scoring cache.
    pub cache_hit: bool,
    /// Whether its facts are past their time, used because Keepa does not answer.
    pub stale: bool,
    /// When its facts were bought from Keepa; absent for a saved file.
    pub facts_fetched_at: Option<DateTime<Utc>>,
}

/// A scored product with its JSON, written once and sent as often as it is asked for.
#[derive(Debug, Clone)]
pub struct Scored(Arc<Written>);

#[derive(Debug)]
struct Written {
    product: ScoredProduct,
    json: Box<RawValue>,
    expires_at: DateTime<Utc>,
}

impl Scored {
    pub(crate) fn new(product: ScoredProduct, expires_at: DateTime<Utc>) -> Result<Self, EngineError> {
        let json = serde_json::value::to_raw_value(&product).map_err(|error| {
            tracing::error!(%error, "a score cannot be written");
            EngineError::Internal
        })?;
        Ok(Self(Arc::new(Written { product, json, expires_at })))
    }

    fn json_size(&self) -> usize {
        self.0.json.get().len()
    }

    /// When it stops being an answer.
    pub(super) fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}

impl std::ops::Deref for Scored {
    type Target = ScoredProduct;

    fn deref(&self) -> &ScoredProduct {
        &self.0.product
    }
}

impl Serialize for Scored {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.json.serialize(serializer)
    }
}

/// The answer: scores in the order asked for, and what could not be scored.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProductScoringResult {
    /// The row of the history that records this question and its answer; null when there was nothing to answer.
    pub history_id: Option<Uuid>,
    /// The scores.
    #[schema(value_type = Vec<ScoredProduct>)]
    pub scores: Vec<Scored>,
    /// What could not be scored, and why.
    pub rejected: Vec<Rejected>,
    /// How many scores came from the cache.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// How many did not.
    #[schema(value_type = i64)]
    pub misses: i64,
    /// How many got which verdict.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub verdicts: BTreeMap<String, i64>,
    /// What it cost.
    pub tokens: TokenUse,
    /// Whether the data is synthetic.
    pub demo: bool,
}

impl ProductScoringResult {
    /// About how many bytes its JSON has.
    #[must_use]
    pub fn json_size(&self) -> usize {
        self.scores.iter().map(|scored| scored.json_size() + 1).sum::<usize>()
            + 1024
            + self.rejected.len() * 128
    }
}

/// How many got which verdict; every verdict is there, also with 0.
pub(crate) fn verdicts(scores: &[Scored]) -> BTreeMap<String, i64> {
    let all = [Recommendation::Skip].into_iter().chain(Recommendation::LEVELS);
    all.map(|verdict| {
        let n = scores.iter().filter(|s| s.score.recommendation == verdict).count();
        (verdict.as_str().to_owned(), count(n))
    })
    .collect()
}
