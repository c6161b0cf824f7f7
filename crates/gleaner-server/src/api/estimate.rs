//! `POST /api/v1/products/estimate`

use axum::Json;
use axum::extract::State;
use gleaner_engine::Engine;
use gleaner_engine::discovery::SearchEstimate;

use super::search::ProductSearchRequest;
use crate::asking::Asking;
use crate::body::JsonBody;
use crate::problem::Problem;

/// What a search would cost in tokens.
///
/// A look only: no token is spent, and it counts as no search and no hit.
#[utoipa::path(
    post, path = "/api/v1/products/estimate", operation_id = "estimate_search", tag = "products", request_body = ProductSearchRequest,
    responses(
        (status = 200, body = SearchEstimate),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    JsonBody(request): JsonBody<ProductSearchRequest>,
) -> Result<Json<SearchEstimate>, Problem> {
    let question = request.question(&engine, caller).await?;
    Ok(Json(engine.search_estimate(&question).await?))
}
