//! `/api/v1/alerts`: what is wrong, and taking note of it

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use gleaner_engine::alerts::Alert;
use gleaner_engine::{Engine, EngineError};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::asking::Acting;
use crate::body::{JsonBody, wrong_query};
use crate::problem::Problem;

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AlertQuery {
    /// Also those that are over.
    #[serde(default)]
    pub all: bool,
}

/// A silence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SilenceRequest {
    /// Until when nobody is told of the alert; null ends the silence.
    pub until: Option<DateTime<Utc>>,
}

fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| EngineError::NotFound { what: "alert", id: text.to_owned() }.into())
}

/// What is wrong now, newest first.
///
/// Measured every minute: the size, use and expiry of the caches, the tokens, and jobs that fail or find nothing.
#[utoipa::path(
    get, path = "/api/v1/alerts", operation_id = "list_alerts", tag = "alerts", params(AlertQuery),
    responses(
        (status = 200, body = Vec<Alert>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(engine): State<Engine>,
    query: Result<Query<AlertQuery>, QueryRejection>,
) -> Result<Json<Vec<Alert>>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    Ok(Json(engine.alerts(query.all).await?))
}

/// Take note of an alert.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/acknowledge", operation_id = "acknowledge_alert", tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")),
    responses(
        (status = 200, body = Alert),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn acknowledge(
    State(engine): State<Engine>,
    Acting(actor): Acting,
    Path(text): Path<String>,
) -> Result<Json<Alert>, Problem> {
    Ok(Json(engine.acknowledge_alert(id(&text)?, Some(actor.name)).await?))
}

/// Tell nobody of an alert until a moment, also when it clears and comes back meanwhile.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/silence", operation_id = "silence_alert", tag = "alerts",
    params(("id" = String, Path, description = "The alert's id")), request_body = SilenceRequest,
    responses(
        (status = 200, body = Alert),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn silence(
    State(engine): State<Engine>,
    Path(text): Path<String>,
    JsonBody(request): JsonBody<SilenceRequest>,
) -> Result<Json<Alert>, Problem> {
    Ok(Json(engine.silence_alert(id(&text)?, request.until).await?))
}
