//! `/api/v1/fee-cards`: Amazon's prices as dated cards, their versions, what another card would change

use axum::Json;
use axum::extract::{Path, State};
use gleaner_core::fee_card::FeeCard;
use gleaner_core::rules::Strategy;
use gleaner_engine::Engine;
use gleaner_engine::fee_cards::{FeeCardEdit, FeeCardSummary, FeeCardVersion};
use gleaner_engine::preview::{DEFAULT_EXAMPLES, Preview};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::asking::Acting;
use crate::body::JsonBody;
use crate::problem::Problem;

/// A card to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeCardRequest {
    /// The card.
    #[schema(value_type = FeeCard)]
    pub card: serde_json::Value,
    /// The version this edit began from; 0 for a card that is new.
    #[schema(value_type = i64)]
    pub based_on: i64,
    /// Why.
    pub note: Option<String>,
}

/// A card to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeCardPreviewRequest {
    /// The card.
    #[schema(value_type = FeeCard)]
    pub card: serde_json::Value,
    /// The rules to judge under.
    #[serde(default)]
    pub strategy: Strategy,
    /// The most products shown for each kind of change; 10 when absent.
    #[schema(value_type = Option<i64>, example = 10)]
    pub examples: Option<usize>,
}

/// What to put back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeCardRestoreRequest {
    /// Which version; what ships when absent (a card that does not ship is withdrawn).
    #[schema(value_type = Option<i64>)]
    pub version: Option<i64>,
    /// The newest version, as far as the caller knows.
    #[schema(value_type = i64)]
    pub based_on: i64,
    /// Why.
    pub note: Option<String>,
}

fn card(value: serde_json::Value) -> Result<FeeCard, Problem> {
    FeeCard::from_value(value).map_err(Problem::invalid)
}

/// The fee cards in force, by marketplace and first day.
#[utoipa::path(
    get, path = "/api/v1/fee-cards", operation_id = "list_fee_cards", tag = "rules",
    responses(
        (status = 200, body = Vec<FeeCardSummary>),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(engine): State<Engine>) -> Result<Json<Vec<FeeCardSummary>>, Problem> {
    Ok(Json(engine.fee_cards().await?))
}

/// The newest version of a card.
#[utoipa::path(
    get, path = "/api/v1/fee-cards/{id}", operation_id = "get_fee_card", tag = "rules",
    params(("id" = String, Path, description = "The card's name", example = "us-2026")),
    responses(
        (status = 200, body = FeeCardVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Result<Json<FeeCardVersion>, Problem> {
    Ok(Json(engine.fee_card(&id, None).await?))
}

/// Save a card as the next version of its name.
///
/// Checked as a whole: sizes and weights rise, dates and price bands are in order, no amount is negative.
/// When somebody saved since `based_on`, the answer is `409 conflict`. Everything already paid for is
/// scored anew with the card, at no token.
#[utoipa::path(
    put, path = "/api/v1/fee-cards/{id}", operation_id = "save_fee_card", tag = "rules",
    request_body = FeeCardRequest,
    params(("id" = String, Path, description = "The card's name", example = "us-2026")),
    responses(
        (status = 200, body = FeeCardVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn save(
    State(engine): State<Engine>,
    Path(id): Path<String>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<FeeCardRequest>,
) -> Result<Json<FeeCardVersion>, Problem> {
    let edit = FeeCardEdit {
        card: Some(card(request.card)?),
        id,
        based_on: request.based_on,
        author: Some(actor.name),
        note: request.note,
    };
    Ok(Json(engine.save_fee_card(edit).await?))
}

/// Check a card and tell what it would change, before it is saved: every stored product of its
/// marketplace is judged with it, at no token.
#[utoipa::path(
    post, path = "/api/v1/fee-cards/preview", operation_id = "preview_fee_card", tag = "rules",
    request_body = FeeCardPreviewRequest,
    responses(
        (status = 200, body = Preview),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn preview(
    State(engine): State<Engine>,
    JsonBody(request): JsonBody<FeeCardPreviewRequest>,
) -> Result<Json<Preview>, Problem> {
    let examples = request.examples.unwrap_or(DEFAULT_EXAMPLES);
    Ok(Json(engine.preview_fee_card(card(request.card)?, request.strategy, examples).await?))
}

/// Every version of a card with what changed, newest first.
#[utoipa::path(
    get, path = "/api/v1/fee-cards/{id}/versions", operation_id = "list_fee_card_versions", tag = "rules",
    params(("id" = String, Path, description = "The card's name", example = "us-2026")),
    responses(
        (status = 200, body = Vec<FeeCardVersion>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn versions(
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Result<Json<Vec<FeeCardVersion>>, Problem> {
    Ok(Json(engine.fee_card_versions(&id).await?))
}

/// One version of a card.
#[utoipa::path(
    get, path = "/api/v1/fee-cards/{id}/versions/{version}", operation_id = "get_fee_card_version", tag = "rules",
    params(
        ("id" = String, Path, description = "The card's name", example = "us-2026"),
        ("version" = i64, Path, description = "Its number", example = 1),
    ),
    responses(
        (status = 200, body = FeeCardVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn version(
    State(engine): State<Engine>,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<FeeCardVersion>, Problem> {
    Ok(Json(engine.fee_card(&id, Some(super::version(&number)?)).await?))
}

/// Put back what ships, or an earlier version.
#[utoipa::path(
    post, path = "/api/v1/fee-cards/{id}/restore", operation_id = "restore_fee_card", tag = "rules",
    request_body = FeeCardRestoreRequest,
    params(("id" = String, Path, description = "The card's name", example = "us-2026")),
    responses(
        (status = 200, body = FeeCardVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn restore(
    State(engine): State<Engine>,
    Path(id): Path<String>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<FeeCardRestoreRequest>,
) -> Result<Json<FeeCardVersion>, Problem> {
    let FeeCardRestoreRequest { version, based_on, note } = request;
    Ok(Json(engine.restore_fee_card(&id, version, based_on, Some(actor.name), note).await?))
}
