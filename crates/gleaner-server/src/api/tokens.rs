//! `GET /api/v1/tokens`

use axum::Json;
use axum::extract::State;
use gleaner_engine::Engine;
use gleaner_engine::tokens::Tokens;

use crate::problem::Problem;

/// The token account: balance, refill, forecast, and what was spent per day and purpose.
///
/// The balance is projected from Keepa's last answer; asking costs nothing.
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "get_tokens", tag = "tokens",
    responses(
        (status = 200, body = Tokens),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(State(engine): State<Engine>) -> Result<Json<Tokens>, Problem> {
    Ok(Json(engine.tokens().await?))
}
