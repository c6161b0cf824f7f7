//! The endpoints, one file each.

pub mod cache;
pub mod categories;
pub mod discover;
pub mod document;
pub mod health;
pub mod product;
pub mod rules;
pub mod score;
pub mod search;
pub mod tokens;

use axum::http::HeaderMap;
use gleaner_engine::{Caller, Engine, Source};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every endpoint.
pub(crate) fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(discover::handler))
        .routes(routes!(score::handler))
        .routes(routes!(search::handler))
        .routes(routes!(product::handler))
        .routes(routes!(tokens::handler))
        .routes(routes!(categories::handler))
        .routes(routes!(rules::show, rules::save))
        .routes(routes!(rules::versions))
        .routes(routes!(cache::stats))
        .routes(routes!(cache::purge))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}

/// The header by which the web app tells itself from other programs.
const CLIENT: &str = "x-gleaner-client";

/// Who asks: the web app says so, everything else is a program.
fn caller(headers: &HeaderMap) -> Caller {
    let web = headers.get(CLIENT).is_some_and(|client| client == "web");
    Caller::new(if web { Source::Frontend } else { Source::Api })
}
