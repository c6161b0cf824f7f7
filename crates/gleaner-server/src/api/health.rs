//! `GET /healthz` and `GET /readyz`

use axum::Json;
use axum::extract::State;
use gleaner_engine::{Engine, EngineError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The server is alive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    pub status: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// Whether the data is synthetic.
    pub demo: bool,
}

impl Health {
    fn of(engine: &Engine) -> Json<Self> {
        Json(Self { status: "ok", version: env!("CARGO_PKG_VERSION"), demo: engine.settings().demo })
    }
}

/// Whether the server is alive.
#[utoipa::path(get, path = "/healthz", operation_id = "get_health", tag = "health", responses((status = 200, body = Health)))]
pub async fn healthz(State(engine): State<Engine>) -> Json<Health> {
    Health::of(&engine)
}

/// Whether the server can answer: its database is reachable, migrated and takes what is written. Unless the last writing
/// failed, nothing is written to find out.
#[utoipa::path(
    get, path = "/readyz", operation_id = "get_readiness", tag = "health",
    responses(
        (status = 200, body = Health),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn readyz(State(engine): State<Engine>) -> Result<Json<Health>, Problem> {
    engine.store().ready().await.map_err(EngineError::from)?;
    Ok(Health::of(&engine))
}
