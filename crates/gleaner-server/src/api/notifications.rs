//! `/api/v1/notifications`: what people were told, and the channels they are told through

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use gleaner_engine::notices::{Channel, ChannelDraft, Delivery, Notice};
use gleaner_engine::{Engine, EngineError};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::body::{JsonBody, wrong_query};
use crate::problem::Problem;

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LimitQuery {
    /// At most so many, up to 200.
    #[serde(default = "fifty")]
    #[param(default = 50, value_type = Option<i64>)]
    pub limit: u32,
}

fn fifty() -> u32 {
    50
}

/// The id in a path; what is no id names nothing.
fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| EngineError::NotFound { what: "channel", id: text.to_owned() }.into())
}

/// The last pieces of news, newest first, whoever was told of them.
#[utoipa::path(
    get, path = "/api/v1/notifications", operation_id = "list_notifications", tag = "notifications",
    params(LimitQuery),
    responses(
        (status = 200, body = Vec<Notice>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn notices(
    State(engine): State<Engine>,
    query: Result<Query<LimitQuery>, QueryRejection>,
) -> Result<Json<Vec<Notice>>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    Ok(Json(engine.notices(query.limit).await?))
}

/// The channels by name. Secrets are not among what is shown.
#[utoipa::path(
    get, path = "/api/v1/notifications/channels", operation_id = "list_channels", tag = "notifications",
    responses(
        (status = 200, body = Vec<Channel>),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(engine): State<Engine>) -> Result<Json<Vec<Channel>>, Problem> {
    Ok(Json(engine.channels().await?))
}

/// Make a channel.
///
/// The `secret` that a webhook's messages are signed with is in this answer, and never shown again.
#[utoipa::path(
    post, path = "/api/v1/notifications/channels", operation_id = "create_channel", tag = "notifications",
    request_body = ChannelDraft,
    responses(
        (status = 201, body = Channel),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(engine): State<Engine>,
    JsonBody(draft): JsonBody<ChannelDraft>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    Ok((StatusCode::CREATED, Json(engine.add_channel(draft).await?)))
}

/// One channel.
#[utoipa::path(
    get, path = "/api/v1/notifications/channels/{id}", operation_id = "get_channel", tag = "notifications",
    params(("id" = String, Path, description = "The channel's id")),
    responses(
        (status = 200, body = Channel),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(engine): State<Engine>, Path(text): Path<String>) -> Result<Json<Channel>, Problem> {
    Ok(Json(engine.channel(id(&text)?).await?))
}

/// Change a channel. Its secrets stay.
#[utoipa::path(
    put, path = "/api/v1/notifications/channels/{id}", operation_id = "change_channel", tag = "notifications",
    params(("id" = String, Path, description = "The channel's id")), request_body = ChannelDraft,
    responses(
        (status = 200, body = Channel),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    State(engine): State<Engine>,
    Path(text): Path<String>,
    JsonBody(draft): JsonBody<ChannelDraft>,
) -> Result<Json<Channel>, Problem> {
    Ok(Json(engine.change_channel(id(&text)?, draft).await?))
}

/// Remove a channel. What waits to be sent to it is dropped.
#[utoipa::path(
    delete, path = "/api/v1/notifications/channels/{id}", operation_id = "remove_channel", tag = "notifications",
    params(("id" = String, Path, description = "The channel's id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn remove(State(engine): State<Engine>, Path(text): Path<String>) -> Result<StatusCode, Problem> {
    engine.remove_channel(id(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a channel: a test message is sent at once, also in quiet hours. The answer says how it went.
#[utoipa::path(
    post, path = "/api/v1/notifications/channels/{id}/test", operation_id = "test_channel", tag = "notifications",
    params(("id" = String, Path, description = "The channel's id")),
    responses(
        (status = 200, body = Delivery),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn test(State(engine): State<Engine>, Path(text): Path<String>) -> Result<Json<Delivery>, Problem> {
    Ok(Json(engine.test_channel(id(&text)?).await?))
}

/// Make a new secret for a webhook. It is in this answer, and never shown again; messages are signed with the one
/// before as well for 24 hours.
#[utoipa::path(
    post, path = "/api/v1/notifications/channels/{id}/secret", operation_id = "renew_channel_secret",
    tag = "notifications", params(("id" = String, Path, description = "The channel's id")),
    responses(
        (status = 200, body = Channel),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn renew(State(engine): State<Engine>, Path(text): Path<String>) -> Result<Json<Channel>, Problem> {
    Ok(Json(engine.renew_channel_secret(id(&text)?).await?))
}

/// The last messages to a channel with every attempt, newest first.
#[utoipa::path(
    get, path = "/api/v1/notifications/channels/{id}/deliveries", operation_id = "list_deliveries",
    tag = "notifications", params(("id" = String, Path, description = "The channel's id"), LimitQuery),
    responses(
        (status = 200, body = Vec<Delivery>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn deliveries(
    State(engine): State<Engine>,
    Path(text): Path<String>,
    query: Result<Query<LimitQuery>, QueryRejection>,
) -> Result<Json<Vec<Delivery>>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    Ok(Json(engine.deliveries(id(&text)?, query.limit).await?))
}
