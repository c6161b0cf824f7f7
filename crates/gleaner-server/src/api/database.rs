//! `GET /api/v1/database/check`

use axum::Json;
use axum::extract::State;
use gleaner_engine::Engine;
use gleaner_engine::database::DatabaseCheck;

use crate::problem::Problem;

/// Compare the database with what this program expects, table by table, and count its rows. It changes nothing.
#[utoipa::path(
    get, path = "/api/v1/database/check", operation_id = "check_database", tag = "health",
    responses(
        (status = 200, body = DatabaseCheck),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn check(State(engine): State<Engine>) -> Result<Json<DatabaseCheck>, Problem> {
    Ok(Json(engine.check_database().await?))
}
