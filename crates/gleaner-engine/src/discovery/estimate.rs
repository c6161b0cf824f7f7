//! What a search would cost, before anything is spent.

use chrono::TimeDelta;
use keepa::Asin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::discovery::finder::discovery_cost;
use crate::search::SearchQuestion;
use crate::{Engine, EngineError};

/// What a search would cost in tokens. It is a look only: it counts as no search and no hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchEstimate {
    /// Whether the products that match are known, so that finding them costs nothing.
    pub discovery_known: bool,
    /// For finding the products.
    #[schema(value_type = i64)]
    pub discovery_tokens: i64,
    /// For scoring them, at least.
    #[schema(value_type = i64)]
    pub scoring_tokens_min: i64,
    /// For scoring them, at most: how many there are, and which of them are known, is only known once they are found.
    #[schema(value_type = i64)]
    pub scoring_tokens_max: i64,
    /// The balance now; null when no balance is known.
    #[schema(value_type = Option<i64>)]
    pub balance: Option<i64>,
}

impl Engine {
    /// What [`Engine::search`] would cost.
    pub async fn search_estimate(&self, question: &SearchQuestion) -> Result<SearchEstimate, EngineError> {
        let discovery = &question.discovery;
        let filters = discovery.filters.clone().check().map_err(EngineError::Invalid)?;
        let balance = self.ledger.known_balance().await?.map(|balance| balance.at(self.now()));
        let generation = self.memory.generation();
        let marketplace = discovery.filters.marketplace;
        let rules = self.rules_for(question.strategy, marketplace, generation).await?;
        let max_age = rules.freshness.discovery_minutes.and_then(TimeDelta::try_minutes);
        let known = if discovery.force_refresh {
            None
        } else {
            self.cached_discovery(&filters.cache_key(), generation, max_age).await?
        };
        let Some(found) = known else {
            return Ok(SearchEstimate {
                discovery_known: false,
                discovery_tokens: discovery_cost(filters.limit()),
                scoring_tokens_min: 0,
                scoring_tokens_max: i64::from(filters.limit()),
                balance,
            });
        };
        let asins: Vec<Asin> = found.asins.iter().filter_map(|asin| asin.parse().ok()).collect();
        let age = self.buyer.age(rules.freshness.score_minutes);
        let fresh = self.buyer.known(marketplace, &asins, age).await?.len();
        let to_buy = i64::try_from(asins.len().saturating_sub(fresh)).unwrap_or(i64::MAX);
        Ok(SearchEstimate {
            discovery_known: true,
            discovery_tokens: 0,
            scoring_tokens_min: to_buy,
            scoring_tokens_max: to_buy,
            balance,
        })
    }
}
