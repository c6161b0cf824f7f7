//! `GET /api/v1/cache/stats` and `/entries`, `POST /api/v1/cache/purge` and `/clear`

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use gleaner_engine::Engine;
use gleaner_engine::cache::{CacheEntries, CacheReport, EntriesQuestion, Removed, which};
use gleaner_engine::export::cache_entries_sheet;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::export::Wanted;
use crate::body::{JsonBody, wrong_query};
use crate::problem::Problem;

/// Over how long.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// Hits and misses of the last so many hours: 1 to 744, 24 when absent.
    #[param(value_type = Option<i64>)]
    pub hours: Option<i64>,
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// `discovery` or `scoring`; discoveries when absent.
    pub cache: Option<String>,
    /// `live`, `expired` or `all`; all when absent.
    pub state: Option<String>,
    /// Discoveries that found this product, scores of it.
    pub asin: Option<String>,
    /// Discoveries in this category (Keepa's id), scores of products whose root category it is.
    #[param(value_type = Option<i64>)]
    pub category: Option<i64>,
    /// `created` (the newest first), `expires` (the next first), `hits` (the most first) or `key`.
    pub sort: Option<String>,
    /// The other way round.
    #[serde(default)]
    pub reverse: bool,
    /// Rows to pass over.
    #[param(value_type = Option<i64>)]
    pub offset: Option<u32>,
    /// Rows at most: 1 to 1000, 50 when absent.
    #[param(value_type = Option<i64>)]
    pub limit: Option<u32>,
}

/// What to empty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearRequest {
    /// `discovery`, `scoring` or `all`.
    pub cache: String,
}

/// How the caches do: entries, live and expired, hits, hit ratio lately, ages, size.
#[utoipa::path(
    get, path = "/api/v1/cache/stats", operation_id = "get_cache_stats", tag = "cache", params(StatsQuery),
    responses(
        (status = 200, body = CacheReport),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn stats(
    State(engine): State<Engine>,
    query: Result<Query<StatsQuery>, QueryRejection>,
) -> Result<Json<CacheReport>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    Ok(Json(engine.cache_report(query.hours).await?))
}

/// What is in a cache, a page at a time.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/cache/entries", operation_id = "list_cache_entries", tag = "cache", params(EntriesQuery),
    responses(
        (status = 200, body = CacheEntries),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn entries(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<EntriesQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let question = EntriesQuestion {
        cache: query.cache,
        state: query.state,
        asin: query.asin,
        category: query.category,
        sort: query.sort,
        reverse: query.reverse,
        offset: query.offset,
        limit: query.limit,
    };
    let list = engine.cache_entries(question).await?;
    wanted.list(list, engine.now(), |page, now| cache_entries_sheet(&page.entries, now)).await
}

/// Empty a cache. What it holds has to be paid for again; history and paid facts stay.
#[utoipa::path(
    post, path = "/api/v1/cache/clear", operation_id = "clear_caches", tag = "cache", request_body = ClearRequest,
    responses(
        (status = 200, body = Removed),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn clear(
    State(engine): State<Engine>,
    JsonBody(request): JsonBody<ClearRequest>,
) -> Result<Json<Removed>, Problem> {
    Ok(Json(engine.clear(which("cache", &request.cache)?).await?))
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
