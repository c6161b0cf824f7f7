//! `/api/v1/rules`: the rules of each strategy, their versions, what other rules would change

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use gleaner_core::filters::FieldError;
use gleaner_core::rules::{FIELDS, RuleDocument, RuleField, Strategy};
use gleaner_engine::Engine;
use gleaner_engine::preview::{DEFAULT_EXAMPLES, Preview};
use gleaner_engine::rules::{RulesDiff, RulesEdit, RulesVersion};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::asking::Acting;
use crate::body::{JsonBody, wrong_query};
use crate::problem::Problem;

/// A document to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesRequest {
    /// The rules.
    #[schema(value_type = RuleDocument)]
    pub document: serde_json::Value,
    /// The version this edit began from.
    #[schema(value_type = i64)]
    pub based_on: i64,
    /// Why.
    pub note: Option<String>,
}

/// A document to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesPreviewRequest {
    /// The rules.
    #[schema(value_type = RuleDocument)]
    pub document: serde_json::Value,
    /// The most products shown for each kind of change; 10 when absent.
    #[schema(value_type = Option<i64>, example = 10)]
    pub examples: Option<usize>,
}

/// An earlier version to save again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesRestoreRequest {
    /// Which version.
    #[schema(value_type = i64)]
    pub version: i64,
    /// The newest version, as far as the caller knows.
    #[schema(value_type = i64)]
    pub based_on: i64,
    /// Why.
    pub note: Option<String>,
}

/// Which two versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct RulesDiffQuery {
    /// The version compared with.
    #[param(value_type = i64, example = 1)]
    pub from: i64,
    /// The version compared; the newest when absent.
    #[param(value_type = Option<i64>)]
    pub to: Option<i64>,
}

/// What a form for rules needs to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesForm {
    /// The fields of a document, in the order of forms.
    pub fields: &'static [RuleField],
    /// What ships, for each strategy.
    pub shipped: Vec<ShippedRules>,
}

/// The rules that ship for a strategy.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippedRules {
    /// The strategy.
    pub strategy: Strategy,
    /// Its rules.
    pub document: RuleDocument,
}

pub(super) fn strategy(text: &str) -> Result<Strategy, Problem> {
    text.parse().map_err(|message: String| Problem::invalid(vec![FieldError::new("strategy", message)]))
}

/// The strategies, each with its newest rules.
#[utoipa::path(
    get, path = "/api/v1/rules", operation_id = "list_rules", tag = "rules",
    responses(
        (status = 200, body = Vec<RulesVersion>),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(engine): State<Engine>) -> Result<Json<Vec<RulesVersion>>, Problem> {
    Ok(Json(engine.rules_list().await?))
}

/// The fields of a rule document: labels, units, ranges, choices, and what ships.
#[utoipa::path(
    get, path = "/api/v1/rules/schema", operation_id = "get_rules_schema", tag = "rules",
    responses((status = 200, body = RulesForm))
)]
pub async fn schema() -> Json<RulesForm> {
    let shipped = Strategy::ALL
        .into_iter()
        .map(|strategy| ShippedRules { strategy, document: RuleDocument::shipped(strategy) })
        .collect();
    Json(RulesForm { fields: FIELDS, shipped })
}

/// The newest rules of a strategy.
#[utoipa::path(
    get, path = "/api/v1/rules/{strategy}", operation_id = "get_rules", tag = "rules",
    params(("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced")),
    responses(
        (status = 200, body = RulesVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    State(engine): State<Engine>,
    Path(name): Path<String>,
) -> Result<Json<RulesVersion>, Problem> {
    Ok(Json(engine.rules_version(strategy(&name)?, None).await?))
}

/// Save rules as the next version.
///
/// Checked as a whole; an unknown key is refused with the nearest known one. When somebody saved since
/// `based_on`, the answer is `409 rules_conflict`. Everything already paid for is scored anew under the
/// new rules, at no token; scores under the old ones are not returned any more.
#[utoipa::path(
    put, path = "/api/v1/rules/{strategy}", operation_id = "save_rules", tag = "rules", request_body = RulesRequest,
    params(("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced")),
    responses(
        (status = 200, body = RulesVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn save(
    State(engine): State<Engine>,
    Path(name): Path<String>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<RulesRequest>,
) -> Result<Json<RulesVersion>, Problem> {
    let edit = RulesEdit {
        strategy: strategy(&name)?,
        document: RuleDocument::from_value(request.document).map_err(Problem::invalid)?,
        based_on: request.based_on,
        author: Some(actor.name),
        note: request.note,
    };
    Ok(Json(engine.save_rules(edit).await?))
}

/// What other rules would change, before they are saved.
///
/// Every stored product is judged under the newest rules and under the document, at no token: how many
/// would get another verdict, in which direction, and which ones.
#[utoipa::path(
    post, path = "/api/v1/rules/{strategy}/preview", operation_id = "preview_rules", tag = "rules",
    request_body = RulesPreviewRequest,
    params(("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced")),
    responses(
        (status = 200, body = Preview),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn preview(
    State(engine): State<Engine>,
    Path(name): Path<String>,
    JsonBody(request): JsonBody<RulesPreviewRequest>,
) -> Result<Json<Preview>, Problem> {
    let strategy = strategy(&name)?;
    let document = RuleDocument::from_value(request.document).map_err(Problem::invalid)?;
    let examples = request.examples.unwrap_or(DEFAULT_EXAMPLES);
    Ok(Json(engine.preview_rules(strategy, document, examples).await?))
}

/// Every version of a strategy's rules with what changed, newest first.
#[utoipa::path(
    get, path = "/api/v1/rules/{strategy}/versions", operation_id = "list_rules_versions", tag = "rules",
    params(("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced")),
    responses(
        (status = 200, body = Vec<RulesVersion>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn versions(
    State(engine): State<Engine>,
    Path(name): Path<String>,
) -> Result<Json<Vec<RulesVersion>>, Problem> {
    Ok(Json(engine.rules_versions(strategy(&name)?).await?))
}

/// One version of a strategy's rules.
#[utoipa::path(
    get, path = "/api/v1/rules/{strategy}/versions/{version}", operation_id = "get_rules_version", tag = "rules",
    params(
        ("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced"),
        ("version" = i64, Path, description = "Its number; 1 is what ships", example = 1),
    ),
    responses(
        (status = 200, body = RulesVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn version(
    State(engine): State<Engine>,
    Path((name, number)): Path<(String, String)>,
) -> Result<Json<RulesVersion>, Problem> {
    Ok(Json(engine.rules_version(strategy(&name)?, Some(super::version(&number)?)).await?))
}

/// What changed from one version to another, value by value.
#[utoipa::path(
    get, path = "/api/v1/rules/{strategy}/diff", operation_id = "diff_rules", tag = "rules",
    params(
        ("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced"),
        RulesDiffQuery,
    ),
    responses(
        (status = 200, body = RulesDiff),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn diff(
    State(engine): State<Engine>,
    Path(name): Path<String>,
    query: Result<Query<RulesDiffQuery>, QueryRejection>,
) -> Result<Json<RulesDiff>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    Ok(Json(engine.rules_diff(strategy(&name)?, query.from, query.to).await?))
}

/// Save an earlier version again as the newest.
#[utoipa::path(
    post, path = "/api/v1/rules/{strategy}/restore", operation_id = "restore_rules", tag = "rules",
    request_body = RulesRestoreRequest,
    params(("strategy" = String, Path, description = "balanced, velocity or textbook", example = "balanced")),
    responses(
        (status = 200, body = RulesVersion),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn restore(
    State(engine): State<Engine>,
    Path(name): Path<String>,
    Acting(actor): Acting,
    JsonBody(request): JsonBody<RulesRestoreRequest>,
) -> Result<Json<RulesVersion>, Problem> {
    let RulesRestoreRequest { version, based_on, note } = request;
    Ok(Json(engine.restore_rules(strategy(&name)?, version, based_on, Some(actor.name), note).await?))
}
