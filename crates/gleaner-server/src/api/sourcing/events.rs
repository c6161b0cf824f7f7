//! `GET /api/v1/sourcing/runs/{run}/events`: a run as it goes on.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use gleaner_engine::Engine;
use gleaner_engine::sourcing::{Run, RunState};

use crate::problem::Problem;

/// How often the stored state is looked at: whichever process works on the run, it is there.
const LOOK: Duration = Duration::from_millis(300);

/// Where a stream is.
enum Next {
    /// The run is looked at until its revision is above this.
    After(i64),
    /// Nothing more is told.
    End,
}

/// Follow a run.
///
/// A stream of `progress` events, each the whole run with its revision as the event's id, then one `ended`. Whoever
/// connects again with `Last-Event-ID` goes on after that revision; a run that has ended is told at once.
#[utoipa::path(
    get, path = "/api/v1/sourcing/runs/{run}/events", operation_id = "follow_sourcing_run", tag = "sourcing",
    params(("run" = String, Path, description = "The run's id")),
    responses(
        (status = 200, content((String = "text/event-stream"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    State(engine): State<Engine>,
    headers: HeaderMap,
    Path(run): Path<String>,
) -> Result<Response, Problem> {
    // A run that does not exist is told with a status, not inside a stream.
    engine.sourcing_run(&run).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let start = Next::After(last.unwrap_or(-1));
    let events = stream::unfold(start, move |next| {
        let (engine, run) = (engine.clone(), run.clone());
        async move {
            let Next::After(revision) = next else { return None };
            let (event, next) = match news(&engine, &run, revision).await {
                Ok(run) if run.state == RunState::Ended => (message("ended", &run), Next::End),
                Ok(run) => (message("progress", &run), Next::After(run.revision)),
                Err(problem) => {
                    let event = Event::default().event("error").json_data(&problem).unwrap_or_default();
                    (event, Next::End)
                }
            };
            Some((Ok::<_, Infallible>(event), next))
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Waits until a run has gone on, or has ended.
async fn news(engine: &Engine, run: &str, revision: i64) -> Result<Run, Problem> {
    loop {
        let run = engine.sourcing_run(run).await?;
        if run.revision > revision || run.state == RunState::Ended {
            return Ok(run);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn message(name: &str, run: &Run) -> Event {
    let event = Event::default().event(name).id(run.revision.to_string());
    event.json_data(run).unwrap_or_else(|error| {
        tracing::error!(%error, name, "an event cannot be written");
        Event::default().event("error").data("{}")
    })
}
