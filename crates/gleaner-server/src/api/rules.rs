//! `GET` and `PUT /api/v1/rules/{strategy}`, `GET /api/v1/rules/{strategy}/versions`

use axum::Json;
use axum::extract::{Path, State};
use gleaner_core::filters::FieldError;
use gleaner_core::rules::{RuleDocument, Strategy};
use gleaner_engine::Engine;
use gleaner_engine::rules::{RulesEdit, RulesVersion};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::JsonBody;
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

fn strategy(text: &str) -> Result<Strategy, Problem> {
    text.parse().map_err(|message: String| Problem::invalid(vec![FieldError::new("strategy", message)]))
}

/// The newest rules of a strategy.
#[utoipa::path(
    get, path = "/api/v1/rules/{strategy}", tag = "rules",
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
    put, path = "/api/v1/rules/{strategy}", tag = "rules", request_body = RulesRequest,
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
    JsonBody(request): JsonBody<RulesRequest>,
) -> Result<Json<RulesVersion>, Problem> {
    let edit = RulesEdit {
        strategy: strategy(&name)?,
        document: RuleDocument::from_value(request.document).map_err(Problem::invalid)?,
        based_on: request.based_on,
        author: None,
        note: request.note,
    };
    Ok(Json(engine.save_rules(edit).await?))
}

/// Every version of a strategy's rules with what changed, newest first.
#[utoipa::path(
    get, path = "/api/v1/rules/{strategy}/versions", tag = "rules",
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
