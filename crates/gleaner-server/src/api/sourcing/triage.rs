//! `POST /api/v1/sourcing/picks/{pick}/triage` and `…/undo`: what the reseller decides.

use axum::Json;
use axum::extract::{Path, State};
use gleaner_engine::Engine;
use gleaner_engine::sourcing::{PickDetail, TriageRequest};

use crate::asking::Acting;
use crate::body::JsonBody;
use crate::problem::Problem;

/// Decide on a pick.
///
/// `buy`, `bought` (with `quantity` and `unit_cost`), `watch`, `dismiss` (with a `reason`), `note`, `reopen`. A
/// dismissed pick stays so until its price moves, its ROI rises or Amazon leaves, by the rules of its job.
#[utoipa::path(
    post, path = "/api/v1/sourcing/picks/{pick}/triage", operation_id = "triage_sourcing_pick", tag = "sourcing",
    request_body = TriageRequest,
    params(("pick" = String, Path, description = "The pick's id, or its ASIN where only one job has it")),
    responses(
        (status = 200, body = PickDetail),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn decide(
    State(engine): State<Engine>,
    Path(pick): Path<String>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<TriageRequest>,
) -> Result<Json<PickDetail>, Problem> {
    Ok(Json(engine.triage(&pick, request, Some(actor.name)).await?))
}

/// Undo the last decision on a pick that was not undone.
#[utoipa::path(
    post, path = "/api/v1/sourcing/picks/{pick}/undo", operation_id = "undo_sourcing_triage", tag = "sourcing",
    params(("pick" = String, Path, description = "The pick's id, or its ASIN where only one job has it")),
    responses(
        (status = 200, body = PickDetail),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn undo(
    State(engine): State<Engine>,
    Path(pick): Path<String>,
) -> Result<Json<PickDetail>, Problem> {
    Ok(Json(engine.undo_triage(&pick).await?))
}
