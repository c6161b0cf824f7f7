//! Questions and answers of discovery.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::filters::{FilterName, RawFilters};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Caller;
use crate::answer::{Budget, TokenUse, Written};

/// A question to discover.
#[derive(Debug, Clone)]
pub struct DiscoveryQuestion {
    /// What to look for.
    pub filters: RawFilters,
    /// Pay again and replace what is kept.
    pub force_refresh: bool,
    /// When Keepa does not answer, an expired answer is better than none.
    pub stale_if_error: bool,
    /// The most an answer may be old, where that is less than the program's own time to live.
    pub max_age: Option<TimeDelta>,
    /// What this question may spend.
    pub budget: Budget,
    /// Who asks.
    pub caller: Caller,
}

impl DiscoveryQuestion {
    /// A question with nothing but filters.
    #[must_use]
    pub fn new(filters: RawFilters, caller: Caller) -> Self {
        Self {
            filters,
            force_refresh: false,
            stale_if_error: false,
            max_age: None,
            budget: Budget::default(),
            caller,
        }
    }
}

/// The products that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductDiscoveryResult {
    /// The row of the history that records this question and its answer.
    pub history_id: Uuid,
    /// The key of the answer in the discovery cache.
    pub cache_key: String,
    /// Whether the answer cost nothing because it was known.
    pub cache_hit: bool,
    /// Whether it is past its time, shown because Keepa does not answer.
    pub stale: bool,
    /// When Keepa gave it.
    pub created_at: DateTime<Utc>,
    /// Until when it is an answer.
    pub expires_at: DateTime<Utc>,
    /// How old it is, in seconds.
    #[schema(value_type = i64)]
    pub data_age_seconds: i64,
    /// The filters that were applied, with their defaults.
    #[schema(value_type = Object)]
    pub filters: Written<serde_json::Value>,
    /// The products, best rank first, less those that the facts rule out.
    #[schema(value_type = Vec<String>)]
    pub asins: Written<Vec<String>>,
    /// The same with what is already known of them.
    #[schema(value_type = Vec<DiscoveredProduct>)]
    pub products: Written<Vec<DiscoveredProduct>>,
    /// How many products each step left out, and which came nearest.
    #[schema(value_type = Funnel)]
    pub funnel: Written<Funnel>,
    /// What it cost.
    pub tokens: TokenUse,
    /// Whether the data is synthetic.
    pub demo: bool,
}

impl ProductDiscoveryResult {
    /// About how many bytes its JSON has.
    #[must_use]
    pub fn json_size(&self) -> usize {
        let parts = [
            self.filters.json_size(),
            self.asins.json_size(),
            self.products.json_size(),
            self.funnel.json_size(),
        ];
        parts.iter().sum::<usize>() + 1024
    }
}

/// A product that matches, with what is known of it without spending a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiscoveredProduct {
    /// The product.
    pub asin: String,
    /// Its title, when its facts are known.
    pub title: Option<String>,
    /// Its sales rank.
    #[schema(value_type = Option<i64>)]
    pub bsr: Option<i64>,
    /// Its lowest price in the condition asked for, in the minor unit.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// Whether its facts are known and pass every filter; otherwise Keepa's index is all there is.
    pub checked: bool,
}

/// What each step did to the products.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Funnel {
    /// What the finder matched in total, by Keepa's estimate.
    #[schema(value_type = Option<i64>)]
    pub matched_total: Option<i64>,
    /// What it returned.
    #[schema(value_type = i64)]
    pub returned: i64,
    /// Removed because the facts contradict the index, by filter.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub removed: BTreeMap<FilterName, i64>,
    /// What is left.
    #[schema(value_type = i64)]
    pub kept: i64,
    /// Removed products that came nearest.
    pub nearest_misses: Vec<NearMiss>,
    /// In a sentence why nothing is left; absent otherwise.
    pub explanation: Option<String>,
}

/// A product that one filter removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearMiss {
    /// The product.
    pub asin: String,
    /// Its title.
    pub title: Option<String>,
    /// The filter.
    pub filter: FilterName,
    /// Its own value; null when it has none.
    #[schema(value_type = Option<i64>)]
    pub actual: Option<i64>,
}
