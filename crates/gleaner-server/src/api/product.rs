//! `GET /api/v1/products/{asin}`

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::Engine;
use gleaner_engine::product::{ProductDetail, ProductQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::body::wrong_query;
use crate::problem::Problem;

/// The terms of the score; a what-if is the same question under other terms.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ProductQuery {
    /// Marketplace code, for example `us`.
    #[param(value_type = String, example = "us")]
    #[serde(default = "us")]
    pub marketplace: Marketplace,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    #[param(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// What one copy is to be listed for, in minor units.
    #[param(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// The moment to judge at, for example `2026-10-15T00:00:00Z`; now when absent.
    pub date: Option<DateTime<Utc>>,
    /// The rule set.
    #[serde(default)]
    pub strategy: Strategy,
}

fn us() -> Marketplace {
    Marketplace::Us
}

/// One product: facts, histories for charts, and its score under any cost, price, date, condition or
/// strategy.
///
/// Answered from facts that are already paid for; it never spends a token. A product that was not
/// bought yet is `404 unknown_product`: score it first.
#[utoipa::path(
    get, path = "/api/v1/products/{asin}", operation_id = "get_product", tag = "products",
    params(("asin" = String, Path, description = "The product", example = "0593655036"), ProductQuery),
    responses(
        (status = 200, body = ProductDetail),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Path(asin): Path<String>,
    query: Result<Query<ProductQuery>, QueryRejection>,
) -> Result<Json<ProductDetail>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let question = ProductQuestion {
        marketplace: query.marketplace,
        asin: asin.clone(),
        condition: query.condition,
        cost: query.cost,
        price: query.price,
        date: query.date,
        strategy: query.strategy,
    };
    let detail = engine.product(question).await?;
    detail.map(Json).ok_or_else(|| {
        let detail = format!("the facts of {asin} are not known yet: score it first, it costs one token");
        Problem::new(StatusCode::NOT_FOUND, "unknown_product", detail)
    })
}
