//! `/api/v1/sourcing/jobs`: jobs made, changed, run, paused, deleted.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use gleaner_engine::Engine;
use gleaner_engine::export::jobs_sheet;
use gleaner_engine::sourcing::{Estimate, Job, JobEdit, JobSpec, Run};

use crate::api::export::Wanted;
use crate::asking::Asking;
use crate::body::JsonBody;
use crate::problem::Problem;

/// All sourcing jobs, by name.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/sourcing/jobs", operation_id = "list_sourcing_jobs", tag = "sourcing",
    responses(
        (status = 200, body = Vec<Job>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(engine): State<Engine>, wanted: Wanted) -> Result<Response, Problem> {
    let list = engine.sourcing_jobs().await?;
    wanted.list(list, engine.now(), |jobs, now| jobs_sheet(jobs, now)).await
}

/// Make a job.
///
/// Only `name` and `searches` are needed. All searches stay in one marketplace.
#[utoipa::path(
    post, path = "/api/v1/sourcing/jobs", operation_id = "create_sourcing_job", tag = "sourcing", request_body = JobSpec,
    responses(
        (status = 201, body = Job),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(engine): State<Engine>,
    JsonBody(spec): JsonBody<JobSpec>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    Ok((StatusCode::CREATED, Json(engine.create_sourcing_job(spec).await?)))
}

/// One job, by its id or its name.
#[utoipa::path(
    get, path = "/api/v1/sourcing/jobs/{job}", operation_id = "get_sourcing_job", tag = "sourcing",
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 200, body = Job),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(engine): State<Engine>, Path(job): Path<String>) -> Result<Json<Job>, Problem> {
    Ok(Json(engine.sourcing_job(&job).await?))
}

/// Change a job.
///
/// A run under way goes on as it began. When somebody changed the job since `version`, the answer is
/// `409 job_conflict`.
#[utoipa::path(
    put, path = "/api/v1/sourcing/jobs/{job}", operation_id = "edit_sourcing_job", tag = "sourcing", request_body = JobEdit,
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 200, body = Job),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn edit(
    State(engine): State<Engine>,
    Path(job): Path<String>,
    JsonBody(edit): JsonBody<JobEdit>,
) -> Result<Json<Job>, Problem> {
    Ok(Json(engine.edit_sourcing_job(&job, edit).await?))
}

/// Delete a job and cancel its run. Its picks are not listed any more.
#[utoipa::path(
    delete, path = "/api/v1/sourcing/jobs/{job}", operation_id = "delete_sourcing_job", tag = "sourcing",
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 204),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn delete(State(engine): State<Engine>, Path(job): Path<String>) -> Result<StatusCode, Problem> {
    engine.delete_sourcing_job(&job).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Run a job now, in the background.
///
/// A job that is running already goes on, and that run is the answer. Follow it at
/// `/api/v1/sourcing/runs/{run}/events`.
#[utoipa::path(
    post, path = "/api/v1/sourcing/jobs/{job}/run", operation_id = "run_sourcing_job", tag = "sourcing",
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 202, body = Run),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn run(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    Path(job): Path<String>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let run = engine.start_sourcing_run(&job, caller).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// Pause a job: it does not run by itself until it is resumed.
#[utoipa::path(
    post, path = "/api/v1/sourcing/jobs/{job}/pause", operation_id = "pause_sourcing_job", tag = "sourcing",
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 200, body = Job),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn pause(State(engine): State<Engine>, Path(job): Path<String>) -> Result<Json<Job>, Problem> {
    Ok(Json(engine.pause_sourcing_job(&job).await?))
}

/// Resume a job: it runs at the next moment of its schedule.
#[utoipa::path(
    post, path = "/api/v1/sourcing/jobs/{job}/resume", operation_id = "resume_sourcing_job", tag = "sourcing",
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 200, body = Job),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn resume(State(engine): State<Engine>, Path(job): Path<String>) -> Result<Json<Job>, Problem> {
    Ok(Json(engine.resume_sourcing_job(&job).await?))
}

/// What a run would cost now, at most. Spends nothing.
#[utoipa::path(
    get, path = "/api/v1/sourcing/jobs/{job}/estimate", operation_id = "estimate_sourcing_job", tag = "sourcing",
    params(("job" = String, Path, description = "The job's id or name")),
    responses(
        (status = 200, body = Estimate),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn estimate(
    State(engine): State<Engine>,
    Path(job): Path<String>,
) -> Result<Json<Estimate>, Problem> {
    Ok(Json(engine.sourcing_estimate(&job).await?))
}
