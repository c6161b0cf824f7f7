//! The endpoints, one file each. To add one: a file, a line in [`router`], and a line in `access/table.rs` that says who
//! may call it. A handler that needs to know who asks takes an [`crate::asking::Asking`].

pub mod alerts;
pub mod api_tokens;
pub mod audit;
pub mod auth;
pub mod cache;
pub mod categories;
pub mod database;
pub mod discover;
pub mod document;
pub mod estimate;
pub mod explain;
pub mod export;
pub mod fee_cards;
pub mod health;
pub mod history;
pub mod metrics;
pub mod niche_runs;
pub mod niches;
pub mod notifications;
pub mod product;
pub mod rules;
pub mod score;
pub mod search;
pub mod sourcing;
pub mod tokens;
pub mod users;

use std::time::Duration;

use gleaner_core::filters::FieldError;
use gleaner_engine::Engine;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;

/// Every endpoint.
pub(crate) fn router() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(discover::handler))
        .routes(routes!(explain::handler))
        .routes(routes!(score::handler))
        .routes(routes!(search::handler))
        .routes(routes!(estimate::handler))
        .routes(routes!(product::handler))
        .routes(routes!(export::handler))
        .routes(routes!(notifications::notices))
        .routes(routes!(notifications::list, notifications::create))
        .routes(routes!(notifications::show, notifications::change, notifications::remove))
        .routes(routes!(notifications::test))
        .routes(routes!(notifications::renew))
        .routes(routes!(notifications::deliveries))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::acknowledge))
        .routes(routes!(alerts::silence))
        .routes(routes!(tokens::show))
        .routes(routes!(tokens::ledger))
        .routes(routes!(categories::handler))
        .routes(routes!(rules::list))
        .routes(routes!(rules::schema))
        .routes(routes!(rules::show, rules::save))
        .routes(routes!(rules::preview))
        .routes(routes!(rules::versions))
        .routes(routes!(rules::version))
        .routes(routes!(rules::diff))
        .routes(routes!(rules::restore))
        .routes(routes!(fee_cards::list))
        .routes(routes!(fee_cards::preview))
        .routes(routes!(fee_cards::show, fee_cards::save))
        .routes(routes!(fee_cards::versions))
        .routes(routes!(fee_cards::version))
        .routes(routes!(fee_cards::restore))
        .routes(routes!(niches::list, niches::create))
        .routes(routes!(niches::templates))
        .routes(routes!(niches::export))
        .routes(routes!(niches::import))
        .routes(routes!(niches::show, niches::edit, niches::delete))
        .routes(routes!(niches::duplicate))
        .routes(routes!(niches::archive))
        .routes(routes!(niches::unarchive))
        .routes(routes!(niche_runs::run))
        .routes(routes!(niche_runs::list))
        .routes(routes!(niche_runs::compare))
        .routes(routes!(niche_runs::yields))
        .routes(routes!(cache::stats))
        .routes(routes!(cache::entries))
        .routes(routes!(cache::purge))
        .routes(routes!(auth::session::handler))
        .routes(routes!(auth::login::handler))
        .routes(routes!(auth::logout::handler))
        .routes(routes!(auth::setup::handler))
        .routes(routes!(auth::password::handler))
        .routes(routes!(auth::oidc::login))
        .routes(routes!(auth::oidc::callback))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::show, users::change, users::remove))
        .routes(routes!(api_tokens::list, api_tokens::create))
        .routes(routes!(api_tokens::revoke))
        .routes(routes!(audit::handler))
        .routes(routes!(metrics::handler))
        .routes(routes!(cache::clear))
        .routes(routes!(database::check))
        .routes(routes!(history::list))
        .routes(routes!(history::analytics))
        .routes(routes!(history::show))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .merge(sourcing::router())
}

/// The number of a version in a path.
fn version(text: &str) -> Result<i64, Problem> {
    let wrong =
        || Problem::invalid(vec![FieldError::new("version", format!("'{text}' is not a version's number"))]);
    text.parse().map_err(|_| wrong())
}

/// The longest wait for tokens that may be asked for: by then an account is full.
const MAX_WAIT_SECONDS: u32 = 3_600;

/// A wait for tokens as a request says it.
fn patience(max_wait_seconds: Option<u32>) -> Result<Option<Duration>, Problem> {
    match max_wait_seconds {
        Some(seconds) if seconds > MAX_WAIT_SECONDS => {
            let message = format!("must be 0 to {MAX_WAIT_SECONDS}");
            Err(Problem::invalid(vec![FieldError::new("max_wait_seconds", message)]))
        }
        seconds => Ok(seconds.map(|seconds| Duration::from_secs(seconds.into()))),
    }
}
