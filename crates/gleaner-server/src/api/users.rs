//! `/api/v1/users`: the accounts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use gleaner_engine::Engine;
use gleaner_engine::accounts::{NewUser, Role, User, UserEdit};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::asking::Acting;
use crate::body::JsonBody;
use crate::problem::Problem;

/// An account to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRequest {
    /// The name to log in with: letters, digits and `. _ - @ +`. For somebody who comes through the identity provider,
    /// the e-mail address they have there.
    #[serde(alias = "name")]
    pub username: String,
    /// The password, at least 8 characters; without one they can only come through the identity provider.
    pub password: Option<String>,
    /// What they may do; `viewer` when absent. The first account is an administrator's.
    pub role: Option<Role>,
}

/// What is to change about an account; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChangeRequest {
    /// What they may do.
    pub role: Option<Role>,
    /// A new password; their sessions end.
    pub password: Option<String>,
    /// Whether they may not come in any more; their sessions end.
    pub disabled: Option<bool>,
}

/// Every account.
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "list_users", tag = "users",
    responses(
        (status = 200, body = Vec<User>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(engine): State<Engine>) -> Result<Json<Vec<User>>, Problem> {
    Ok(Json(engine.users().await?))
}

/// Add an account. From the first one on, everybody has to log in.
#[utoipa::path(
    post, path = "/api/v1/users", operation_id = "add_user", tag = "users", request_body = UserRequest,
    responses(
        (status = 201, body = User),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn add(
    State(engine): State<Engine>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<UserRequest>,
) -> Result<(StatusCode, Json<User>), Problem> {
    let new =
        NewUser { name: request.username, password: request.password, subject: None, role: request.role };
    Ok((StatusCode::CREATED, Json(engine.add_user(&actor, new).await?)))
}

/// One account.
#[utoipa::path(
    get, path = "/api/v1/users/{user}", operation_id = "get_user", tag = "users",
    params(("user" = String, Path, description = "Its id or its name")),
    responses(
        (status = 200, body = User),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(engine): State<Engine>, Path(user): Path<String>) -> Result<Json<User>, Problem> {
    Ok(Json(engine.user(&user).await?))
}

/// Change an account. There is always an administrator who can log in.
#[utoipa::path(
    patch, path = "/api/v1/users/{user}", operation_id = "change_user", tag = "users", request_body = UserChangeRequest,
    params(("user" = String, Path, description = "Its id or its name")),
    responses(
        (status = 200, body = User),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    State(engine): State<Engine>,
    Acting(actor): Acting,
    Path(user): Path<String>,
    JsonBody(request): JsonBody<UserChangeRequest>,
) -> Result<Json<User>, Problem> {
    let edit = UserEdit { role: request.role, password: request.password, disabled: request.disabled };
    Ok(Json(engine.edit_user(&actor, &user, edit, None).await?))
}

/// Remove an account, with its sessions and API tokens. What it asked stays in the history.
#[utoipa::path(
    delete, path = "/api/v1/users/{user}", operation_id = "remove_user", tag = "users",
    params(("user" = String, Path, description = "Its id or its name")),
    responses(
        (status = 204, description = "Removed"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    State(engine): State<Engine>,
    Acting(actor): Acting,
    Path(user): Path<String>,
) -> Result<StatusCode, Problem> {
    engine.remove_user(&actor, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
