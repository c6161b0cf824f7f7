//! `POST /api/v1/auth/login`

use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::session::SessionInfo;
use crate::access::Visit;
use crate::body::JsonBody;
use crate::problem::Problem;

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The account's name.
    #[serde(alias = "name")]
    pub username: String,
    /// Its password.
    pub password: String,
}

/// Log in.
///
/// The answer sets the session's cookie and tells the token that every change must show. Attempts are limited by account
/// and by address.
#[utoipa::path(
    post, path = "/api/v1/auth/login", operation_id = "log_in", tag = "auth", request_body = Credentials,
    responses(
        (status = 200, body = SessionInfo),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    visit: Visit,
    headers: HeaderMap,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Result<Response, Problem> {
    let gate = visit.gate.clone();
    gate.limits.login(&credentials.username, visit.address)?;
    let client = super::client(&headers);
    let session =
        gate.engine.log_in(&credentials.username, credentials.password, visit.address, client).await?;
    Ok(super::welcome(visit, session))
}
