//! `POST /api/v1/products/discover`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gleaner_core::filters::{DEFAULT_LIMIT, RawFilters};
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::answer::Budget;
use gleaner_engine::discovery::{DiscoveryQuestion, ProductDiscoveryResult};
use gleaner_engine::export::discovery_sheet;
use gleaner_engine::{Caller, Engine};
use serde::Deserialize;
use utoipa::ToSchema;

use super::export;
use crate::asking::Asking;
use crate::body::{JsonBody, json};
use crate::problem::Problem;

/// What to look for. Prices are integers in the marketplace's minor unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductDiscoveryFilters {
    /// Marketplace code: us, uk, de, fr, jp, ca, it, es, in, mx or br.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// Category name or Keepa id; 0 for all.
    #[schema(example = "Books")]
    pub category: CategoryParameter,
    /// Best sales rank.
    #[schema(value_type = i64, example = 10_000)]
    pub bsr_min: i64,
    /// Worst sales rank.
    #[schema(value_type = i64, example = 50_000)]
    pub bsr_max: i64,
    /// Lowest price of the new or used offer.
    #[schema(value_type = Option<i64>, example = 1500)]
    pub price_min: Option<i64>,
    /// Highest price of the new or used offer.
    #[schema(value_type = Option<i64>, example = 6000)]
    pub price_max: Option<i64>,
    /// Leave out what Amazon itself sells.
    #[serde(default)]
    pub exclude_amazon: bool,
    /// Condition the price is about; `new` when absent, in a search the strategy's.
    pub condition: Option<Condition>,
    /// How many products at most.
    #[schema(value_type = Option<i64>, example = 50)]
    pub limit: Option<u32>,
    /// Pay again and replace what is kept.
    #[serde(default)]
    pub force_refresh: bool,
    /// When Keepa does not answer, an expired answer (marked as stale) is better than an error.
    #[serde(default)]
    pub stale_if_error: bool,
    /// What this question may spend.
    #[serde(default)]
    pub budget: Budget,
    /// How long to wait when tokens are short, in seconds, at most 3600; some seconds when absent.
    #[schema(value_type = Option<i64>)]
    pub max_wait_seconds: Option<u32>,
}

/// A category by name or by id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a category name or a Keepa category id")]
pub enum CategoryParameter {
    /// Keepa's id.
    Id(i64),
    /// The name in the marketplace's language.
    Name(String),
}

/// Find products that match filters.
///
/// Answered from the cache for 24 hours; a miss costs about eleven tokens. With `Accept: text/csv` the products come
/// as a file.
#[utoipa::path(
    post, path = "/api/v1/products/discover", operation_id = "discover_products", tag = "products", request_body = ProductDiscoveryFilters,
    responses(
        (status = 200, body = ProductDiscoveryResult),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    headers: HeaderMap,
    JsonBody(filters): JsonBody<ProductDiscoveryFilters>,
) -> Result<Response, Problem> {
    let marketplace = filters.marketplace;
    let result = engine.discover(filters.question(caller)?).await?;
    if let Some(format) = export::wanted(&headers) {
        let now = engine.now();
        let write = move || export::written(discovery_sheet(&result.products, marketplace, now), format);
        return export::file(format, 0, write).await;
    }
    Ok(json(&result, result.json_size()))
}

impl ProductDiscoveryFilters {
    /// The engine's question.
    pub(crate) fn question(self, caller: Caller) -> Result<DiscoveryQuestion, Problem> {
        let caller = caller.waiting(super::patience(self.max_wait_seconds)?);
        let filters = RawFilters {
            marketplace: self.marketplace,
            category: match self.category {
                CategoryParameter::Id(id) => id.to_string(),
                CategoryParameter::Name(name) => name,
            },
            bsr_min: self.bsr_min,
            bsr_max: self.bsr_max,
            price_min: self.price_min,
            price_max: self.price_max,
            exclude_amazon: self.exclude_amazon,
            condition: self.condition.unwrap_or_default(),
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
        };
        Ok(DiscoveryQuestion {
            force_refresh: self.force_refresh,
            stale_if_error: self.stale_if_error,
            budget: self.budget,
            ..DiscoveryQuestion::new(filters, caller)
        })
    }
}
