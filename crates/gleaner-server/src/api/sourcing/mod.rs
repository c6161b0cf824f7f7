//! AutoSourcing: jobs, their runs, their picks.

pub mod buy_list;
pub mod events;
pub mod jobs;
pub mod picks;
pub mod runs;
pub mod triage;
pub mod watch;

use gleaner_core::filters::FieldError;
use gleaner_engine::Engine;
use gleaner_engine::sourcing::parse_word;
use serde::de::DeserializeOwned;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;

/// Every endpoint of this kind.
pub(super) fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(jobs::list, jobs::create))
        .routes(routes!(jobs::show, jobs::edit, jobs::delete))
        .routes(routes!(jobs::run))
        .routes(routes!(jobs::pause))
        .routes(routes!(jobs::resume))
        .routes(routes!(jobs::estimate))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::diff))
        .routes(routes!(runs::sightings))
        .routes(routes!(events::handler))
        .routes(routes!(picks::list))
        .routes(routes!(watch::handler))
        .routes(routes!(picks::show))
        .routes(routes!(picks::verify))
        .routes(routes!(triage::decide))
        .routes(routes!(triage::undo))
        .routes(routes!(buy_list::handler))
}

/// How many rows a list has when nobody says.
const LIMIT: u32 = 100;
/// The most rows of a list.
const MOST: u32 = 1_000;

/// The number of rows asked for, within bounds.
fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(LIMIT).clamp(1, MOST)
}

/// The words of a list such as `new,stable`, each of a closed list.
fn words<T: DeserializeOwned>(field: &str, text: Option<&str>) -> Result<Vec<T>, Problem> {
    let read = |word: &str| {
        parse_word(word).map_err(|message| Problem::invalid(vec![FieldError::new(field, message)]))
    };
    text.into_iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|w| !w.is_empty())
        .map(read)
        .collect()
}
