//! `/api/v1/sourcing/runs`: what jobs did, or are doing.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use gleaner_engine::Engine;
use gleaner_engine::export::{diff_sheet, runs_sheet, sightings_sheet};
use gleaner_engine::sourcing::{DiffAgainst, Run, RunDiff, RunsQuestion, Sighting};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::export::Wanted;
use crate::body::wrong_query;
use crate::problem::Problem;

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RunsQuery {
    /// Of this job, by its id or name.
    pub job: Option<String>,
    /// Only with a job: with a number below this.
    #[param(value_type = Option<i64>)]
    pub before: Option<i64>,
    /// How many at most; 100 when absent.
    #[param(value_type = Option<i64>)]
    pub limit: Option<u32>,
}

/// What to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DiffQuery {
    /// `day` (the last complete run of an earlier day), `previous`, or an earlier run's id or number.
    #[serde(default)]
    #[param(example = "day")]
    pub against: String,
}

/// Runs, newest first.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/sourcing/runs", operation_id = "list_sourcing_runs", tag = "sourcing", params(RunsQuery),
    responses(
        (status = 200, body = Vec<Run>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<RunsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let limit = super::limit(query.limit);
    let question = RunsQuestion { job: query.job, before: query.before, limit };
    let list = engine.sourcing_runs(&question).await?;
    wanted.list(list, engine.now(), |runs, now| runs_sheet(runs, now)).await
}

/// One run: where it is, what it cost, how it ended, and its funnel.
#[utoipa::path(
    get, path = "/api/v1/sourcing/runs/{run}", operation_id = "get_sourcing_run", tag = "sourcing",
    params(("run" = String, Path, description = "The run's id")),
    responses(
        (status = 200, body = Run),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(engine): State<Engine>, Path(run): Path<String>) -> Result<Json<Run>, Problem> {
    Ok(Json(engine.sourcing_run(&run).await?))
}

/// Cancel a run. What it judged until then is kept.
#[utoipa::path(
    post, path = "/api/v1/sourcing/runs/{run}/cancel", operation_id = "cancel_sourcing_run", tag = "sourcing",
    params(("run" = String, Path, description = "The run's id")),
    responses(
        (status = 200, body = Run),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn cancel(State(engine): State<Engine>, Path(run): Path<String>) -> Result<Json<Run>, Problem> {
    Ok(Json(engine.cancel_sourcing_run(&run).await?))
}

/// What changed since an earlier run: new, gone, changed.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/sourcing/runs/{run}/diff", operation_id = "diff_sourcing_run", tag = "sourcing",
    params(("run" = String, Path, description = "The run's id"), DiffQuery),
    responses(
        (status = 200, body = RunDiff),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn diff(
    State(engine): State<Engine>,
    wanted: Wanted,
    Path(run): Path<String>,
    query: Result<Query<DiffQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let against = query.against.parse::<DiffAgainst>().unwrap_or_default();
    let list = engine.sourcing_diff(&run, against).await?;
    wanted.list(list, engine.now(), diff_sheet).await
}

/// Everything that a run judged, what passed first.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/sourcing/runs/{run}/sightings", operation_id = "list_sourcing_sightings", tag = "sourcing",
    params(("run" = String, Path, description = "The run's id")),
    responses(
        (status = 200, body = Vec<Sighting>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sightings(
    State(engine): State<Engine>,
    wanted: Wanted,
    Path(run): Path<String>,
) -> Result<Response, Problem> {
    let list = engine.sourcing_sightings(&run).await?;
    wanted.list(list, engine.now(), |seen, now| sightings_sheet(seen, now)).await
}
