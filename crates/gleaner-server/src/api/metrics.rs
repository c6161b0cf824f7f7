//! `GET /metrics`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use gleaner_engine::Engine;

use crate::metering;
use crate::problem::Problem;

/// What has been counted since the server started, in the text form of Prometheus.
#[utoipa::path(
    get, path = "/metrics", operation_id = "get_metrics", tag = "health",
    responses(
        (status = 200, body = String, content_type = "text/plain; version=0.0.4"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(State(engine): State<Engine>) -> Result<Response, Problem> {
    engine.show_state_in_meters();
    let Some(text) = metering::text() else {
        let detail = "this server counts nothing: it was started without a recorder";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_metered", detail));
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
