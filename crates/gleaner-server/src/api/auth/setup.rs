//! `POST /api/v1/auth/setup`

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use gleaner_engine::EngineError;
use gleaner_engine::accounts::AccountError;

use super::login::Credentials;
use super::session::SessionInfo;
use crate::access::{Visit, came_through_a_proxy};
use crate::asking::Acting;
use crate::body::JsonBody;
use crate::problem::Problem;

/// Create the first account, an administrator's, and log in.
///
/// Only while there is none, and only from this machine: on a server that is open to the network, use
/// `gleaner users add`.
#[utoipa::path(
    post, path = "/api/v1/auth/setup", operation_id = "set_up", tag = "auth", request_body = Credentials,
    responses(
        (status = 200, body = SessionInfo),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    visit: Visit,
    Acting(actor): Acting,
    headers: HeaderMap,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Result<Response, Problem> {
    let gate = visit.gate.clone();
    if gate.engine.has_accounts().await? {
        return Err(EngineError::from(AccountError::AlreadySetUp).into());
    }
    let here = visit.address.is_none_or(|address| address.is_loopback()) && !came_through_a_proxy(&headers);
    if !here || gate.options.require_accounts {
        let detail = "the first account is created at the machine itself: `gleaner users add NAME`";
        return Err(Problem::new(StatusCode::FORBIDDEN, "only_at_this_machine", detail));
    }
    gate.limits.login(&credentials.username, visit.address)?;
    let password = credentials.password.clone();
    gate.engine.set_up(&actor, &credentials.username, credentials.password).await?;
    let client = super::client(&headers);
    let session = gate.engine.log_in(&credentials.username, password, visit.address, client).await?;
    Ok(super::welcome(visit, session))
}
