//! `PUT /api/v1/auth/password`

use axum::http::StatusCode;
use gleaner_engine::accounts::{AccountError, UserEdit, Way};
use gleaner_engine::{EngineError, Source};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::Visit;
use crate::body::JsonBody;
use crate::problem::Problem;

/// The password as it is, and as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one in use.
    pub current: String,
    /// The new one, at least 8 characters.
    pub new: String,
}

/// Change my password. My other sessions end.
#[utoipa::path(
    put, path = "/api/v1/auth/password", operation_id = "change_password", tag = "auth", request_body = PasswordChange,
    responses(
        (status = 204, description = "Changed"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    visit: Visit,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let engine = &visit.gate.engine;
    let visitor = visit.visitor.as_ref().ok_or(EngineError::from(AccountError::NoAccounts))?;
    visit.gate.limits.login(&visitor.name, visit.address)?;
    let Way::Session(session) = &visitor.way else {
        let detail = "a password is changed by whoever is logged in, not with an API token";
        return Err(Problem::new(StatusCode::CONFLICT, "session_needed", detail));
    };
    if !engine.is_password_of(visitor.user_id, change.current).await? {
        return Err(EngineError::field("current", "is not the password in use").into());
    }
    let actor = visitor.actor(Source::Frontend, visit.address);
    let edit = UserEdit { password: Some(change.new), ..UserEdit::default() };
    engine.edit_user(&actor, &visitor.user_id.to_string(), edit, Some(session)).await?;
    Ok(StatusCode::NO_CONTENT)
}
