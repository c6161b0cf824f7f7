//! `GET /api/v1/cache/stats` and `POST /api/v1/cache/purge`

use axum::Json;
use axum::extract::State;
use gleaner_engine::Engine;
use gleaner_engine::cache::{CacheReport, Removed};

use crate::problem::Problem;

/// How the caches do: entries, live and expired, hits, size.
#[utoipa::path(
    get, path = "/api/v1/cache/stats", operation_id = "get_cache_stats", tag = "cache",
    responses(
        (status = 200, body = CacheReport),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn stats(State(engine): State<Engine>) -> Result<Json<CacheReport>, Problem> {
    Ok(Json(engine.cache_report().await?))
}

/// Remove what has expired. History and paid facts stay.
#[utoipa::path(
    post, path = "/api/v1/cache/purge", operation_id = "purge_caches", tag = "cache",
    responses(
        (status = 200, body = Removed),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn purge(State(engine): State<Engine>) -> Result<Json<Removed>, Problem> {
    Ok(Json(engine.purge().await?))
}
