//! `GET /api/v1/audit`

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use gleaner_engine::Engine;
use gleaner_engine::accounts::AuditEntry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::wrong_query;
use crate::problem::Problem;

/// Which part of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// How many lines, 1 to 500.
    #[param(value_type = Option<i64>)]
    #[serde(default = "fifty")]
    pub limit: u32,
    /// Only lines before the one of this id: the `next` of the page before.
    pub before: Option<String>,
}

fn fifty() -> u32 {
    50
}

/// A page of the audit log, the newest line first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// The lines.
    pub entries: Vec<AuditEntry>,
    /// What to ask for `before` to see the next page; absent on the last one.
    pub next: Option<String>,
}

/// What administrators did.
#[utoipa::path(
    get, path = "/api/v1/audit", operation_id = "list_audit", tag = "users", params(AuditQuery),
    responses(
        (status = 200, body = AuditPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<AuditPage>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    if !(1..=500).contains(&query.limit) {
        return Err(gleaner_engine::EngineError::field("limit", "must be 1 to 500").into());
    }
    let entries = engine.audit_log(query.before.as_deref(), query.limit).await?;
    let full = u32::try_from(entries.len()).is_ok_and(|count| count == query.limit);
    let next = entries.last().filter(|_| full).map(|entry| entry.id.clone());
    Ok(Json(AuditPage { entries, next }))
}
