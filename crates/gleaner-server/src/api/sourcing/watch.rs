//! `POST /api/v1/sourcing/picks/watch`: products onto the watch list that no job chose.

use axum::Json;
use axum::extract::State;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::Engine;
use gleaner_engine::sourcing::{WatchQuestion, WatchResult};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::score::malformed;
use crate::asking::Acting;
use crate::body::JsonBody;
use crate::problem::Problem;

/// Which products to watch, and the terms that they are judged under.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchRequest {
    /// Marketplace code: us, uk, de, fr, jp, ca, it, es, in, mx or br.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// ASINs, at most 1,000.
    #[schema(example = json!(["0593655036"]))]
    pub asins: Vec<String>,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    #[schema(value_type = Option<i64>, example = 500)]
    pub cost: Option<i64>,
    /// The rule set.
    #[serde(default)]
    pub strategy: Strategy,
    /// A note on each.
    pub note: Option<String>,
}

/// Watch products that were found or looked up.
///
/// They become picks in the state `watching`, without a job (`job` is null), by the facts that are paid for already: it
/// spends no token. A pick that a job has open is decided on there. What was decided before holds: `already_watched`, or
/// `decided` with the state. What is not known yet is under `rejected`: score it first. Undone like any decision.
#[utoipa::path(
    post, path = "/api/v1/sourcing/picks/watch", operation_id = "watch_products", tag = "sourcing",
    request_body = WatchRequest,
    responses(
        (status = 200, body = WatchResult),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<WatchRequest>,
) -> Result<Json<WatchResult>, Problem> {
    let question = WatchQuestion {
        marketplace: request.marketplace,
        asins: request.asins,
        condition: request.condition,
        cost: request.cost,
        strategy: request.strategy,
        note: request.note,
        author: Some(actor.name),
    };
    let result = engine.watch_products(question).await?;
    // When every input was malformed, the request as a whole is the caller's mistake.
    if result.products.is_empty() && result.rejected.iter().all(|r| r.code == "invalid_asin") {
        return Err(malformed(&result.rejected));
    }
    Ok(Json(result))
}
