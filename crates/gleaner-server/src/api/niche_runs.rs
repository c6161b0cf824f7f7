//! `/api/v1/niches/{id}/run`, `/runs`, `/runs/compare` and `/yield`

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use gleaner_engine::Engine;
use gleaner_engine::answer::Budget;
use gleaner_engine::export::{niche_comparison_sheet, niche_runs_sheet, scores_sheet};
use gleaner_engine::niche::{NicheComparison, NicheRun, NicheRunQuestion, NicheRunResult, NicheYield};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::niches::id;
use super::search::{streamed, wants_events};
use crate::api::export::{self, Wanted};
use crate::asking::Asking;
use crate::body::{OptionalBody, wrong_query};
use crate::problem::Problem;

/// How to run a niche. Nothing is required: an empty body is a plain run.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NicheRunRequest {
    /// Pay again and replace what is kept.
    #[serde(default)]
    pub force_refresh: bool,
    /// When Keepa does not answer, older answers (marked as stale) are better than an error.
    #[serde(default)]
    pub stale_if_error: bool,
    /// What the run may spend.
    #[serde(default)]
    pub budget: Budget,
}

/// How many runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NicheRunsQuery {
    /// The most that are shown, 1 to 1000.
    #[serde(default = "default_limit")]
    #[param(value_type = Option<i64>, example = 50)]
    pub limit: u32,
}

fn default_limit() -> u32 {
    50
}

/// Which two runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NicheCompareQuery {
    /// The earlier run; the one before `to` when absent.
    pub from: Option<Uuid>,
    /// The later run; the last one that has an answer when absent.
    pub to: Option<Uuid>,
}

/// Run a niche: discover, score, keep what was seen, compare with the run before.
///
/// With `Accept: text/event-stream` the answer is a stream as in a search: `discovery`, `scores`, then
/// `result` or `error`; with `Accept: text/csv`, or that of a spreadsheet, the scores come as a file. An archived
/// niche is refused with `409 archived`.
#[utoipa::path(
    post, path = "/api/v1/niches/{id}/run", operation_id = "run_niche", tag = "niches",
    request_body = NicheRunRequest,
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 200, content((NicheRunResult = "application/json"), (String = "text/event-stream"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn run(
    State(engine): State<Engine>,
    Path(niche): Path<String>,
    headers: HeaderMap,
    Asking(caller): Asking,
    OptionalBody(request): OptionalBody<NicheRunRequest>,
) -> Result<Response, Problem> {
    let question = NicheRunQuestion {
        niche: id(&niche)?,
        force_refresh: request.force_refresh,
        stale_if_error: request.stale_if_error,
        budget: request.budget,
        caller,
    };
    if !wants_events(&headers) {
        let (format, now) = (export::wanted(&headers), engine.now());
        // In a task of its own: a caller who leaves does not lose what the run sees.
        let run = tokio::spawn(async move { engine.run_niche(question, None).await });
        let result = run.await.map_err(|_| gleaner_engine::EngineError::Internal)??;
        let Some(format) = format else { return Ok(Json(result).into_response()) };
        let left_out = result.search.scoring.rejected.len();
        let write = move || {
            let scores = result.search.scoring.scores.iter().map(|scored| &scored.score);
            export::written(scores_sheet(scores, now), format)
        };
        return export::file(format, left_out, write).await;
    }
    // Mistakes are told with a status, not inside a stream.
    engine.runnable_niche(&question).await?;
    Ok(streamed(|events| async move {
        // In a task of its own: for a reader who leaves nothing further is bought, but the run is kept.
        let run = tokio::spawn(async move { engine.run_niche(question, Some(events)).await });
        run.await.unwrap_or(Err(gleaner_engine::EngineError::Internal))
    }))
}

/// The last runs of a niche, newest first.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/niches/{id}/runs", operation_id = "list_niche_runs", tag = "niches",
    params(("id" = String, Path, description = "The niche's id"), NicheRunsQuery),
    responses(
        (status = 200, body = Vec<NicheRun>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(engine): State<Engine>,
    wanted: Wanted,
    Path(niche): Path<String>,
    query: Result<Query<NicheRunsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let list = engine.niche_runs(id(&niche)?, query.limit).await?;
    wanted.list(list, engine.now(), |runs, now| niche_runs_sheet(runs, now)).await
}

/// What changed between two runs: new, gone, another price, another verdict.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/niches/{id}/runs/compare", operation_id = "compare_niche_runs", tag = "niches",
    params(("id" = String, Path, description = "The niche's id"), NicheCompareQuery),
    responses(
        (status = 200, body = NicheComparison),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn compare(
    State(engine): State<Engine>,
    wanted: Wanted,
    Path(niche): Path<String>,
    query: Result<Query<NicheCompareQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let niche = engine.niche(id(&niche)?).await?;
    let list = engine.compare_niche_runs(niche.id, query.from, query.to).await?;
    let marketplace = niche.filters.marketplace;
    wanted.list(list, engine.now(), move |list, now| niche_comparison_sheet(list, marketplace, now)).await
}

/// What a niche brought over time: products worth buying, their median ROI, tokens for each.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/niches/{id}/yield", operation_id = "get_niche_yield", tag = "niches",
    params(("id" = String, Path, description = "The niche's id"), NicheRunsQuery),
    responses(
        (status = 200, body = NicheYield),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn yields(
    State(engine): State<Engine>,
    wanted: Wanted,
    Path(niche): Path<String>,
    query: Result<Query<NicheRunsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let list = engine.niche_yield(id(&niche)?, query.limit).await?;
    wanted.list(list, engine.now(), |brought, now| niche_runs_sheet(&brought.runs, now)).await
}
