//! `GET /api/v1/openapi.json`

use axum::Router;
use axum::http::header;
use axum::routing::get;
use gleaner_engine::Engine;
use gleaner_engine::accounts::Role;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::access::TABLE;

/// The document as it is published.
pub(crate) fn published(document: &OpenApi) -> Value {
    // The document is built from constants; that it serialises is held by a test.
    let mut value = serde_json::to_value(document).unwrap_or_default();
    plain_integers(&mut value);
    access(&mut value);
    value
}

/// Says of every endpoint who may call it, from the one table.
fn access(document: &mut Value) {
    for line in TABLE {
        let path = document.get_mut("paths").and_then(|paths| paths.get_mut(line.path));
        let operation = path.and_then(|path| path.get_mut(line.method.to_ascii_lowercase()));
        // The document itself is not described in it.
        if let Some(Value::Object(operation)) = operation {
            let role = line.who.map_or("anyone", Role::as_str);
            operation
                .insert("x-gleaner-access".to_owned(), json!({"role": role, "spends_tokens": line.spends}));
        }
    }
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
