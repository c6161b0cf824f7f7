//! `/api/v1/api-tokens`: with what programs come in.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use gleaner_engine::accounts::{AccountError, ApiToken, ApiTokenRequest, NewApiToken, Role, Visitor, Way};
use gleaner_engine::{Engine, EngineError};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::Visit;
use crate::asking::Acting;
use crate::body::JsonBody;
use crate::problem::Problem;

/// An API token to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiTokenBody {
    /// What it is for.
    pub name: String,
    /// What it may do at most; never more than your own role. `viewer` when absent.
    #[serde(default = "viewer")]
    pub scope: Role,
    /// Until when it is good; until it is revoked when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

fn viewer() -> Role {
    Role::Viewer
}

/// Whoever is logged in.
fn me(visit: &Visit) -> Result<&Visitor, Problem> {
    visit.visitor.as_ref().ok_or_else(|| EngineError::from(AccountError::NoAccounts).into())
}

/// My API tokens; an administrator sees everybody's.
#[utoipa::path(
    get, path = "/api/v1/api-tokens", operation_id = "list_api_tokens", tag = "users",
    responses(
        (status = 200, body = Vec<ApiToken>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(engine): State<Engine>, visit: Visit) -> Result<Json<Vec<ApiToken>>, Problem> {
    Ok(Json(engine.api_tokens(whose(&visit).as_deref()).await?))
}

/// Create an API token that comes in as me. Its secret is shown once.
#[utoipa::path(
    post, path = "/api/v1/api-tokens", operation_id = "create_api_token", tag = "users", request_body = ApiTokenBody,
    responses(
        (status = 201, body = NewApiToken),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(engine): State<Engine>,
    visit: Visit,
    Acting(actor): Acting,
    JsonBody(body): JsonBody<ApiTokenBody>,
) -> Result<(StatusCode, Json<NewApiToken>), Problem> {
    let me = me(&visit)?;
    if let Way::ApiToken(_) = me.way {
        // A token that leaked must not outlive its being revoked.
        let detail = "an API token is created by whoever is logged in, not with another token";
        return Err(Problem::new(StatusCode::CONFLICT, "session_needed", detail));
    }
    let request = ApiTokenRequest { name: body.name, scope: body.scope, expires_at: body.expires_at };
    let created = engine.create_api_token(&actor, &me.user_id.to_string(), request).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke an API token of mine; an administrator may revoke everybody's.
#[utoipa::path(
    delete, path = "/api/v1/api-tokens/{id}", operation_id = "revoke_api_token", tag = "users",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "Revoked"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(engine): State<Engine>,
    visit: Visit,
    Acting(actor): Acting,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    engine.revoke_api_token(&actor, &id, whose(&visit).as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose tokens may be seen and revoked; `None`: everybody's.
fn whose(visit: &Visit) -> Option<String> {
    visit.visitor.as_ref().filter(|me| me.role != Role::Admin).map(|me| me.user_id.to_string())
}
