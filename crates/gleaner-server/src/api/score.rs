//! `POST /api/v1/products/score`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gleaner_core::filters::FieldError;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::Engine;
use gleaner_engine::answer::{Budget, Rejected};
use gleaner_engine::export::scores_sheet;
use gleaner_engine::scoring::{ProductScoringResult, ScoringQuestion};
use serde::Deserialize;
use utoipa::ToSchema;

use super::export;
use crate::asking::Asking;
use crate::body::{JsonBody, json};
use crate::problem::Problem;

/// Which products to score, and under what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductScoringRequest {
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
    /// Pay again and replace what is kept.
    #[serde(default)]
    pub force_refresh: bool,
    /// When Keepa does not answer, scores from older facts (marked as stale) are better than an error.
    #[serde(default)]
    pub stale_if_error: bool,
    /// What this question may spend.
    #[serde(default)]
    pub budget: Budget,
    /// How long to wait when tokens are short, in seconds, at most 3600; some seconds when absent.
    #[schema(value_type = Option<i64>)]
    pub max_wait_seconds: Option<u32>,
}

/// Score products.
///
/// A product costs one token, once within six hours; a score under another condition, cost or
/// strategy costs nothing. A wrong ASIN is reported and the others are scored. With `Accept: text/csv` the scores come
/// as a file.
#[utoipa::path(
    post, path = "/api/v1/products/score", operation_id = "score_products", tag = "products", request_body = ProductScoringRequest,
    responses(
        (status = 200, body = ProductScoringResult),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ProductScoringRequest>,
) -> Result<Response, Problem> {
    let caller = caller.waiting(super::patience(request.max_wait_seconds)?);
    let question = ScoringQuestion {
        condition: request.condition,
        cost: request.cost,
        strategy: request.strategy,
        force_refresh: request.force_refresh,
        stale_if_error: request.stale_if_error,
        budget: request.budget,
        ..ScoringQuestion::new(request.marketplace, request.asins, caller)
    };
    let result = engine.score(question).await?;
    // When every input was malformed, the request as a whole is the caller's mistake.
    if result.scores.is_empty() && result.rejected.iter().all(|r| r.code == "invalid_asin") {
        return Err(malformed(&result.rejected));
    }
    if let Some(format) = export::wanted(&headers) {
        let (now, left_out) = (engine.now(), result.rejected.len());
        let write = move || {
            export::written(scores_sheet(result.scores.iter().map(|scored| &scored.score), now), format)
        };
        return export::file(format, left_out, write).await;
    }
    Ok(json(&result, result.json_size()))
}

/// The answer when every ASIN of a request was malformed.
pub(crate) fn malformed(rejected: &[Rejected]) -> Problem {
    let errors = rejected.iter().map(|r| FieldError::new("asins", r.message.clone())).collect();
    let code = "invalid_asin".to_owned();
    Problem { code, status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(), ..Problem::invalid(errors) }
}
