//! `GET /api/v1/openapi.json`

use axum::Router;
use axum::http::header;
use axum::routing::get;
use gleaner_engine::Engine;
use utoipa::openapi::OpenApi;

/// Serves the document, rendered once.
pub(crate) fn router(document: &OpenApi) -> Router<Engine> {
    // The document is built from constants; that it serialises is held by a test.
    let text = document.to_json().unwrap_or_default();
    Router::new().route(
        "/api/v1/openapi.json",
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text) }),
    )
}
