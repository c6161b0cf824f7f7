//! `GET /api/v1/history`, `GET /api/v1/history/{id}` and `GET /api/v1/history/analytics`

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gleaner_core::filters::FieldError;
use gleaner_engine::Engine;
use gleaner_engine::export::history_sheet;
use gleaner_engine::history::{Analytics, AnalyticsQuestion, HistoryEntry, HistoryList, HistoryQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::export::Wanted;
use crate::body::wrong_query;
use crate::problem::Problem;

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Not before this day or moment (UTC).
    #[param(example = "2026-01-01")]
    pub from: Option<String>,
    /// Up to the end of this day, or before this moment (UTC).
    #[param(example = "2026-01-31")]
    pub to: Option<String>,
    /// `discovery`, `scoring` or `autosourcing`.
    #[serde(rename = "type")]
    pub search_type: Option<String>,
    /// `frontend`, `api` or `manual`.
    pub source: Option<String>,
    /// Who asked.
    pub user: Option<String>,
    /// A text that stands in what was asked, or in the error.
    pub text: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows at most: 1 to 1000, 50 when absent. Of a file: 1 to 100,000, as many when absent.
    #[param(value_type = Option<i64>)]
    pub limit: Option<u32>,
}

/// Over what to add up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnalyticsQuery {
    /// The first day (UTC).
    #[param(example = "2026-01-01")]
    pub from: Option<String>,
    /// The last day.
    #[param(example = "2026-01-31")]
    pub to: Option<String>,
    /// Only this kind of search.
    #[serde(rename = "type")]
    pub search_type: Option<String>,
    /// How many of the most used filters: 1 to 1000, 20 when absent.
    #[param(value_type = Option<i64>)]
    pub top: Option<u32>,
    /// `json` or `csv`.
    pub format: Option<String>,
}

/// The permanent history, newest first, with how each question was answered.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file. When there are more rows than it holds,
/// the header `x-gleaner-next-cursor` says where the next one begins.
#[utoipa::path(
    get, path = "/api/v1/history", operation_id = "list_history", tag = "history", params(HistoryQuery),
    responses(
        (status = 200, body = HistoryList),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<HistoryQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let question = HistoryQuestion {
        from: query.from,
        to: query.to,
        search_type: query.search_type,
        source: query.source,
        user: query.user,
        text: query.text,
        cursor: query.cursor,
        limit: query.limit,
    };
    if !wanted.is_file() {
        return Ok(Json(engine.history(question).await?).into_response());
    }
    let file = engine.history_for_file(question).await?;
    let next = file.next_cursor.as_deref().and_then(|next| HeaderValue::from_str(next).ok());
    let mut response = wanted.list(file, engine.now(), |file, now| history_sheet(&file.entries, now)).await?;
    if let Some(next) = next {
        response.headers_mut().insert("x-gleaner-next-cursor", next);
    }
    Ok(response)
}

/// One question of the history.
#[utoipa::path(
    get, path = "/api/v1/history/{id}", operation_id = "get_history_entry", tag = "history",
    params(("id" = String, Path, description = "Id of the question")),
    responses(
        (status = 200, body = HistoryEntry),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Result<Json<HistoryEntry>, Problem> {
    let found = engine.history_entry(&id).await?;
    let gone =
        || Problem::new(StatusCode::NOT_FOUND, "not_found", "the history has no question with this id");
    found.map(Json).ok_or_else(gone)
}

/// What the history adds up to: searches, hit ratios, tokens, filters, verdicts, hours.
///
/// As `csv` it is one table: a line for each figure's value, with its sums.
#[utoipa::path(
    get, path = "/api/v1/history/analytics", operation_id = "get_history_analytics", tag = "history",
    params(AnalyticsQuery),
    responses(
        (status = 200, content((Analytics = "application/json"), (String = "text/csv"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn analytics(
    State(engine): State<Engine>,
    query: Result<Query<AnalyticsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let csv = match query.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Problem::invalid(vec![FieldError::new("format", "must be json or csv")])),
    };
    let question =
        AnalyticsQuestion { from: query.from, to: query.to, search_type: query.search_type, top: query.top };
    let analytics = engine.analytics(question).await?;
    if !csv {
        return Ok(Json(analytics).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"gleaner-analytics.csv\""),
    ];
    Ok((headers, analytics.to_csv()).into_response())
}
