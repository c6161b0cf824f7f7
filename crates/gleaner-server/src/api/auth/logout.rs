//! `POST /api/v1/auth/logout`

use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use gleaner_engine::accounts::Way;

use crate::access::Visit;
use crate::cookie;
use crate::problem::Problem;

/// Log out: the session is over, here and in the database.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", operation_id = "log_out", tag = "auth",
    responses(
        (status = 204, description = "Logged out"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(visit: Visit) -> Result<Response, Problem> {
    if let Some(Way::Session(id)) = visit.visitor.as_ref().map(|visitor| &visitor.way) {
        visit.gate.engine.log_out(id).await?;
    }
    let end = cookie::set_session(None, 0, super::https(&visit));
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, end)])).into_response())
}
