//! Gleaner's HTTP API: thin over the engine.
//!
//! One file per endpoint in [`api`]: the request's type, the handler and its description. To add one,
//! copy a neighbour and register it in [`api::router`]. Errors leave as problem+json, see
//! [`problem`]. Who may call what is a table: an endpoint needs a line in [`access`].

pub mod access;
pub mod api;
pub mod asking;
pub mod body;
mod cookie;
mod metering;
mod oidc;
pub mod options;
pub mod problem;
mod serve;
mod web;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, Request};
use gleaner_engine::Engine;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Description;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub use metering::start_metering;
pub use oidc::try_provider;
pub use options::{OidcOptions, Options, PublicUrl};
pub use serve::serve;

/// The largest request body.
pub const MAX_BODY: usize = 1024 * 1024;

/// What the API document says about itself.
#[derive(OpenApi)]
#[openapi(info(
    title = "Gleaner",
    description = "Finds Amazon products worth reselling, for the fewest Keepa tokens. Amounts are integers in the \
                   minor unit of their currency; a missing value is null, never 0. Errors are problem+json with a \
                   stable `code`."
))]
struct Document;

/// The API and its document.
fn routes() -> OpenApiRouter<Engine> {
    OpenApiRouter::with_openapi(Document::openapi()).merge(api::router())
}

/// The OpenAPI document, as it is served.
#[must_use]
pub fn openapi() -> serde_json::Value {
    api::document::published(&routes().into_openapi())
}

/// Ids of requests: the process's own id and a number, which cost no look at the random generator.
#[derive(Clone)]
struct Numbers {
    process: Arc<str>,
    last: Arc<AtomicU64>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { process: Uuid::now_v7().simple().to_string().into(), last: Arc::default() }
    }
}

impl MakeRequestId for Numbers {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        HeaderValue::try_from(format!("{}-{number}", self.process)).ok().map(RequestId::new)
    }
}

/// Every endpoint that a document describes: its method and path.
fn openapi_methods(document: &Description) -> impl Iterator<Item = (Method, &String)> {
    document.paths.paths.iter().flat_map(|(path, item)| {
        let described = [
            (Method::GET, item.get.is_some()),
            (Method::POST, item.post.is_some()),
            (Method::PUT, item.put.is_some()),
            (Method::PATCH, item.patch.is_some()),
            (Method::DELETE, item.delete.is_some()),
        ];
        described.into_iter().filter(|(_, is)| *is).map(move |(method, _)| (method, path))
    })
}

/// The whole application over an engine.
pub fn app(engine: Engine, options: Options) -> Router {
    let (router, document) = routes().split_for_parts();
    let gate = access::Gate::new(&document, engine.clone(), options);
    let id = HeaderName::from_static("x-request-id");
    router
        .merge(api::document::router(&document))
        .fallback(web::handler)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .with_state(engine)
        // One layer of layers, the outermost first: each `layer` of its own would be a copy more for every request.
        .layer((
            SetRequestIdLayer::new(id.clone(), Numbers::default()),
            PropagateRequestIdLayer::new(id),
            CatchPanicLayer::custom(problem::panicked),
            axum::middleware::from_fn_with_state(gate, access::enforce),
            DefaultBodyLimit::max(MAX_BODY),
        ))
}
