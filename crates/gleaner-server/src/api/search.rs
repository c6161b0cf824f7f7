//! `POST /api/v1/products/search`

use std::convert::Infallible;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use gleaner_core::rules::Strategy;
use gleaner_engine::answer::Budget;
use gleaner_engine::export::scores_sheet;
use gleaner_engine::search::{ProductSearchResult, SearchEvent, SearchQuestion};
use gleaner_engine::{Caller, Engine, EngineError};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use utoipa::ToSchema;

use super::discover::ProductDiscoveryFilters;
use super::export;
use crate::asking::Asking;
use crate::body::JsonBody;
use crate::problem::Problem;

/// Events that may wait for a slow reader.
const QUEUE: usize = 64;

/// What to look for, and under what to score it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductSearchRequest {
    /// What to look for.
    pub filters: ProductDiscoveryFilters,
    /// What one copy costs, before tax, in minor units.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// The rule set.
    #[serde(default)]
    pub strategy: Strategy,
    /// What the run may spend, discovery and scores together; the filters' own budget when absent.
    pub budget: Option<Budget>,
}

/// Discover and score in one call.
///
/// With `Accept: text/event-stream` the answer is a stream: `discovery` when the products are found,
/// `scores` as they are scored, `waiting` when tokens are short, then `result` with everything, or `error` with a
/// problem. Otherwise it is the result alone, with `Accept: text/csv` its
/// scores as a file. Leaving ends the search: nothing further is bought, and what was
/// bought is kept.
#[utoipa::path(
    post, path = "/api/v1/products/search", operation_id = "search_products", tag = "products", request_body = ProductSearchRequest,
    responses(
        (status = 200, content((ProductSearchResult = "application/json"), (SearchEvent = "text/event-stream"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    Asking(caller): Asking,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ProductSearchRequest>,
) -> Result<Response, Problem> {
    let question = request.question(&engine, caller).await?;
    // Mistakes are told with a status, not inside a stream.
    question.discovery.filters.clone().check().map_err(Problem::invalid)?;
    if let Some(format) = export::wanted(&headers) {
        let (now, result) = (engine.now(), engine.search(question, None).await?);
        let left_out = result.scoring.rejected.len();
        let write = move || {
            let scores = result.scoring.scores.iter().map(|scored| &scored.score);
            export::written(scores_sheet(scores, now), format)
        };
        return export::file(format, left_out, write).await;
    }
    if !wants_events(&headers) {
        return Ok(Json(engine.search(question, None).await?).into_response());
    }
    Ok(streamed(|events| async move { engine.search(question, Some(events)).await }))
}

/// Whether the caller asks for a stream of events.
pub(crate) fn wants_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
    accept.contains("text/event-stream")
}

/// A search as a stream: its progress, then `result` with the answer, or `error` with a problem.
pub(crate) fn streamed<T, F>(search: impl FnOnce(mpsc::Sender<SearchEvent>) -> F) -> Response
where
    T: Serialize + Send + 'static,
    F: Future<Output = Result<T, EngineError>> + Send + 'static,
{
    let (sender, events) = mpsc::channel(QUEUE);
    // In a task that ends with the stream: for a reader who has left nothing further is bought.
    let run = AbortOnDropHandle::new(tokio::spawn(search(sender)));
    let progress =
        stream::unfold(events, |mut events| async { Some((events.recv().await?, events)) }).map(|event| {
            let name = match &event {
                SearchEvent::Discovery(_) => "discovery",
                SearchEvent::Scores { .. } => "scores",
                SearchEvent::Waiting(_) => "waiting",
            };
            message(name, &event)
        });
    let end = stream::once(async move {
        match run.await {
            Ok(Ok(result)) => message("result", &result),
            Ok(Err(error)) => message("error", &Problem::from(error)),
            Err(_) => message("error", &Problem::from(EngineError::Internal)),
        }
    });
    let all = progress.chain(end).map(Ok::<_, Infallible>);
    Sse::new(all).keep_alive(KeepAlive::default()).into_response()
}

impl ProductSearchRequest {
    /// The engine's question, in the strategy's condition where none is asked for.
    pub(crate) async fn question(self, engine: &Engine, caller: Caller) -> Result<SearchQuestion, Problem> {
        let mut filters = self.filters;
        if filters.condition.is_none() {
            filters.condition = Some(engine.default_condition(self.strategy).await?);
        }
        let mut discovery = filters.question(caller)?;
        discovery.budget = self.budget.unwrap_or(discovery.budget);
        Ok(SearchQuestion { discovery, cost: self.cost, strategy: self.strategy })
    }
}

fn message(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).unwrap_or_else(|error| {
        tracing::error!(%error, name, "an event cannot be written");
        Event::default().event("error").data("{}")
    })
}
