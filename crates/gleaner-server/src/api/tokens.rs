//! `GET /api/v1/tokens` and `GET /api/v1/tokens/ledger`

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use gleaner_engine::Engine;
use gleaner_engine::export::ledger_sheet;
use gleaner_engine::tokens::{LedgerPage, LedgerQuestion, Tokens};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::export::Wanted;
use crate::body::wrong_query;
use crate::problem::Problem;

/// The token account: balance, refill, forecast, what was spent and saved per day and purpose, and the newest entries
/// of the ledger.
///
/// The balance is projected from Keepa's last answer; asking costs nothing.
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "get_tokens", tag = "tokens",
    responses(
        (status = 200, body = Tokens),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(engine): State<Engine>) -> Result<Json<Tokens>, Problem> {
    Ok(Json(engine.tokens().await?))
}

/// Which part of the ledger.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    /// Only what was for this: `discovery`, `scoring`, `niche` or `job`.
    pub purpose: Option<String>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many entries, 1 to 500.
    #[serde(default = "usual")]
    #[param(value_type = Option<i64>, example = 50)]
    pub limit: u32,
}

fn usual() -> u32 {
    50
}

/// The ledger, newest first: every paid call, and what the cache saved in each hour.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/tokens/ledger", operation_id = "get_token_ledger", tag = "tokens", params(LedgerQuery),
    responses(
        (status = 200, body = LedgerPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ledger(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(LedgerQuery { purpose, cursor, limit }) = query.map_err(|rejection| wrong_query(&rejection))?;
    let list = engine.token_ledger(LedgerQuestion { purpose, cursor, limit }).await?;
    wanted.list(list, engine.now(), |page, now| ledger_sheet(&page.entries, now)).await
}
