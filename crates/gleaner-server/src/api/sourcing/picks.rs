//! `/api/v1/sourcing/picks`: what jobs chose.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use gleaner_engine::Engine;
use gleaner_engine::export::picks_sheet;
use gleaner_engine::sourcing::{Pick, PickDetail, PickQuestion, Verification};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::export::Wanted;
use crate::asking::{Acting, Asking};
use crate::body::wrong_query;
use crate::problem::Problem;

/// Which picks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PicksQuery {
    /// Of this job, by its id or name.
    pub job: Option<String>,
    /// This product.
    pub asin: Option<String>,
    /// Of these classes, with commas: new, stable, returning, jackpot, fading.
    #[param(example = "stable,returning")]
    pub class: Option<String>,
    /// In these states, with commas: open, `to_buy`, bought, watching, dismissed.
    #[param(example = "open,to_buy")]
    pub state: Option<String>,
    /// Also those that are no picks any more.
    #[serde(default)]
    pub all: bool,
    /// Seen at this moment or later.
    pub seen_since: Option<DateTime<Utc>>,
    /// How many at most; 100 when absent.
    #[param(value_type = Option<i64>)]
    pub limit: Option<u32>,
}

/// Picks, best ROI first.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/sourcing/picks", operation_id = "list_sourcing_picks", tag = "sourcing", params(PicksQuery),
    responses(
        (status = 200, body = Vec<Pick>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<PicksQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let question = PickQuestion {
        classes: super::words("class", query.class.as_deref())?,
        states: super::words("state", query.state.as_deref())?,
        job: query.job,
        asin: query.asin,
        all: query.all,
        seen_since: query.seen_since,
        limit: super::limit(query.limit),
    };
    let list = engine.sourcing_picks(&question).await?;
    wanted.list(list, engine.now(), |picks, now| picks_sheet(picks, now)).await
}

/// One pick with what was decided on it and what its job's runs saw.
#[utoipa::path(
    get, path = "/api/v1/sourcing/picks/{pick}", operation_id = "get_sourcing_pick", tag = "sourcing",
    params(("pick" = String, Path, description = "The pick's id, or its ASIN where only one job has it")),
    responses(
        (status = 200, body = PickDetail),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    State(engine): State<Engine>,
    Path(pick): Path<String>,
) -> Result<Json<PickDetail>, Problem> {
    Ok(Json(engine.sourcing_pick(&pick).await?))
}

/// Verify a pick before buying it.
///
/// Buys fresh facts (one token), compares them with what the job saw, and says ok, changed or avoid. Kept with the
/// pick.
#[utoipa::path(
    post, path = "/api/v1/sourcing/picks/{pick}/verify", operation_id = "verify_sourcing_pick", tag = "sourcing",
    params(("pick" = String, Path, description = "The pick's id, or its ASIN where only one job has it")),
    responses(
        (status = 200, body = Verification),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn verify(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    Acting(actor): Acting,
    Path(pick): Path<String>,
) -> Result<Json<Verification>, Problem> {
    Ok(Json(engine.verify_pick(&pick, caller, Some(actor.name)).await?))
}
