//! `GET /api/v1/sourcing/buy-list`

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use gleaner_engine::Engine;
use gleaner_engine::export::buy_list_sheet;
use gleaner_engine::sourcing::{BuyList, BuyListQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::export::Wanted;
use crate::body::wrong_query;
use crate::problem::Problem;

/// Which picks go on the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct BuyListQuery {
    /// Of this job, by its id or name.
    pub job: Option<String>,
    /// Seen within so many hours; 36 when absent.
    #[param(value_type = Option<i64>)]
    pub max_age_hours: Option<i64>,
    /// How many at most; 100 when absent.
    #[param(value_type = Option<i64>)]
    pub limit: Option<u32>,
}

/// What to buy today, best first.
///
/// What was decided to be bought first, then stable, returning and new picks, then those to be verified first. What
/// was bought or dismissed, and what the newest runs did not see, is not on it.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/sourcing/buy-list", operation_id = "get_buy_list", tag = "sourcing", params(BuyListQuery),
    responses(
        (status = 200, body = BuyList),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<BuyListQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let question = BuyListQuestion {
        job: query.job,
        max_age_hours: query.max_age_hours,
        limit: super::limit(query.limit),
    };
    let list = engine.buy_list(&question).await?;
    wanted.list(list, engine.now(), |list, _| buy_list_sheet(list)).await
}
