//! `POST /api/v1/products/discover/explain`

use axum::Json;
use axum::extract::State;
use gleaner_engine::Engine;
use gleaner_engine::answer::Budget;
use gleaner_engine::discovery::{DiscoveryQuestion, ProductDiscoveryExplanation};
use serde::Deserialize;
use utoipa::ToSchema;

use super::discover::ProductDiscoveryFilters;
use crate::asking::Asking;
use crate::body::JsonBody;
use crate::problem::Problem;

/// A search that found too little.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductExplainRequest {
    /// What was looked for.
    pub filters: ProductDiscoveryFilters,
    /// Spend the tokens; without it the answer is the price.
    #[serde(default)]
    pub spend: bool,
    /// What it may spend.
    #[serde(default)]
    pub budget: Budget,
}

/// Find out which filter is to blame for a search that finds too little.
///
/// The search is asked again without one filter at a time. Without `spend` nothing is asked: the answer
/// tells what it would cost in `tokens.estimated`.
#[utoipa::path(
    post, path = "/api/v1/products/discover/explain", operation_id = "explain_discovery", tag = "products", request_body = ProductExplainRequest,
    responses(
        (status = 200, body = ProductDiscoveryExplanation),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    JsonBody(request): JsonBody<ProductExplainRequest>,
) -> Result<Json<ProductDiscoveryExplanation>, Problem> {
    let question = DiscoveryQuestion { budget: request.budget, ..request.filters.question(caller)? };
    let told =
        if request.spend { engine.explain(&question).await? } else { engine.explain_plan(&question).await? };
    Ok(Json(told))
}
