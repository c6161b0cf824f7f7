//! `POST /api/v1/export`, and lists as files wherever somebody asks for one by `Accept`.

use std::convert::Infallible;
use std::str::FromStr;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::export::{ExportQuestion, Format, Sheet, WriteError, scores_sheet};
use gleaner_engine::{Engine, EngineError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::problem::Problem;

/// Which products to put into a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// `csv` or `xlsx`.
    #[serde(default = "csv")]
    #[schema(example = "csv", default = "csv")]
    pub format: String,
    /// Marketplace code: us, uk, de, fr, jp, ca, it, es, in, mx or br.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// ASINs, at most 10,000.
    #[schema(example = json!(["0593655036"]))]
    pub asins: Vec<String>,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    #[schema(value_type = Option<i64>, example = 500)]
    pub cost: Option<i64>,
    /// The rule set.
    #[serde(default)]
    pub strategy: Strategy,
}

fn csv() -> String {
    Format::Csv.extension().to_owned()
}

/// Scores as a file: CSV or XLSX.
///
/// Only of products whose facts are paid for already: it spends no token. How many rows the file has is in the
/// header `x-gleaner-rows`, how many products were left out because nothing is known of them in `x-gleaner-left-out`.
/// Every other list comes as a file when the request says `Accept: text/csv`.
#[utoipa::path(
    post, path = "/api/v1/export", operation_id = "export_scores", tag = "products", request_body = ExportRequest,
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    JsonBody(request): JsonBody<ExportRequest>,
) -> Result<Response, Problem> {
    let format = Format::from_str(&request.format)
        .map_err(|message| Problem::invalid(vec![FieldError::new("format", message)]))?;
    let question = ExportQuestion {
        marketplace: request.marketplace,
        asins: request.asins,
        condition: request.condition,
        cost: request.cost,
        strategy: request.strategy,
    };
    let known = engine.known_scores(question).await?;
    if known.scores.is_empty() {
        let detail = known.rejected.first().map_or_else(String::new, |first| first.message.clone());
        return Err(Problem::new(StatusCode::NOT_FOUND, "nothing_known", detail));
    }
    let (now, left_out) = (engine.now(), known.rejected.len());
    file(format, left_out, move || {
        written(scores_sheet(known.scores.iter().map(|known| &known.score), now), format)
    })
    .await
}

/// The format that the request's `Accept` names, if it names one.
pub(crate) fn wanted(headers: &HeaderMap) -> Option<Format> {
    let accept = headers.get(header::ACCEPT)?.to_str().ok()?;
    let named = |format: &Format| {
        let name = format.media_type().split(';').next().unwrap_or_default();
        accept.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case(name))
    };
    Format::ALL.into_iter().find(named)
}

/// In which form a list is wanted: take it as an argument of a handler, and hand the list to it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted(Option<Format>);

impl<S: Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(wanted(&parts.headers)))
    }
}

impl Wanted {
    /// Whether it is wanted as a file.
    pub(crate) fn is_file(self) -> bool {
        self.0.is_some()
    }

    /// The list as JSON, or as a file of its sheet.
    pub(crate) async fn list<T: Serialize + Send + 'static>(
        self,
        list: T,
        now: DateTime<Utc>,
        sheet: impl FnOnce(&T, DateTime<Utc>) -> Sheet<'_> + Send + 'static,
    ) -> Result<Response, Problem> {
        match self.0 {
            None => Ok(Json(list).into_response()),
            Some(format) => file(format, 0, move || written(sheet(&list, now), format)).await,
        }
    }
}

/// A file that is written.
pub(crate) struct Written {
    name: String,
    rows: u64,
    bytes: Vec<u8>,
}

/// Writes a sheet.
pub(crate) fn written(sheet: Sheet<'_>, format: Format) -> Result<Written, WriteError> {
    let name = sheet.file_name(format);
    let mut bytes = Vec::new();
    let rows = sheet.write(format, &mut bytes)?;
    Ok(Written { name, rows, bytes })
}

/// A file as an answer. Thousands of rows take a while: they are written beside the tasks that answer.
pub(crate) async fn file(
    format: Format,
    left_out: usize,
    write: impl FnOnce() -> Result<Written, WriteError> + Send + 'static,
) -> Result<Response, Problem> {
    let failed = |error: String| {
        tracing::error!(%error, "a file could not be written");
        Problem::from(EngineError::Internal)
    };
    let written = tokio::task::spawn_blocking(write).await.map_err(|error| failed(error.to_string()))?;
    let Written { name, rows, bytes } = written.map_err(|error| failed(error.to_string()))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    // Names are ours: letters, digits, a dash and a dot.
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert("x-gleaner-rows", rows.into());
    headers.insert("x-gleaner-left-out", left_out.into());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_sent_only_to_who_asks_for_one() {
        let wanted = |accept: &'static str| {
            wanted(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert_eq!(wanted("text/csv"), Some(Format::Csv));
        assert_eq!(wanted("application/json;q=0.5, TEXT/CSV; charset=utf-8"), Some(Format::Csv));
        assert_eq!(
            wanted("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            Some(Format::Xlsx)
        );
        assert_eq!(wanted("*/*"), None);
        assert_eq!(wanted("application/json"), None);
        assert_eq!(super::wanted(&HeaderMap::new()), None);
    }
}
