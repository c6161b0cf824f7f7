//! `GET /api/v1/openapi.json`

use axum::Router;
use axum::http::header;
use axum::routing::get;
use gleaner_engine::Engine;
use serde_json::Value;
use utoipa::openapi::OpenApi;

/// The document as it is published.
pub(crate) fn published(document: &OpenApi) -> Value {
    // The document is built from constants; that it serialises is held by a test.
    let mut value = serde_json::to_value(document).unwrap_or_default();
    plain_integers(&mut value);
    value
}

/// Integers are plain: from a width, generators of clients make types that JSON's numbers do not have.
fn plain_integers(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_integer = match members.get("type") {
                Some(Value::String(kind)) => kind == "integer",
                Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "integer"),
                _ => false,
            };
            if is_integer {
                members.remove("format");
            }
            members.values_mut().for_each(plain_integers);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_integers),
        _ => {}
    }
}

/// Serves the document, rendered once.
pub(crate) fn router(document: &OpenApi) -> Router<Engine> {
    let text = published(document).to_string();
    Router::new().route(
        "/api/v1/openapi.json",
        get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text) }),
    )
}
