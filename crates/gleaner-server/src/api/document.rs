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
    refusals(&mut value);
    query_parameters(&mut value);
    open_parts(&mut value);
    value
}

/// A schema that is part of another one says nothing about what else stands there: "nothing else", which holds for
/// it alone, would forbid the rest of the whole. What is refused in a request is refused all the same.
fn open_parts(document: &mut Value) {
    let mut parts = Vec::new();
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    for part in schemas.values().filter_map(|schema| schema["allOf"].as_array()).flatten() {
        parts.extend(part["$ref"].as_str().and_then(|name| name.rsplit('/').next()).map(str::to_owned));
    }
    for name in parts {
        if let Some(part) = schemas.get_mut(&name).and_then(Value::as_object_mut) {
            part.remove("additionalProperties");
        }
    }
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

/// Any call may be refused before its handler sees it: by its origin, for want of an account or a role, or because it
/// came too often.
fn refusals(document: &mut Value) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            responses.entry("4XX").or_insert_with(|| {
                json!({
                    "description": "",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                })
            });
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

/// A parameter that the path does not name stands in the query. Where a handler takes its query as a `Result`, the
/// description does not see that it is one and says "path".
fn query_parameters(document: &mut Value) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let operations = item.as_object_mut().into_iter().flat_map(|item| item.values_mut());
        let parameters =
            operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten();
        for parameter in parameters {
            let named = parameter["name"].as_str().is_some_and(|name| path.contains(&format!("{{{name}}}")));
            if parameter["in"] == "path" && !named {
                parameter["in"] = "query".into();
                // Only what stands in a path is always there; what is missing and must not be is told by the handler.
                parameter["required"] = false.into();
            }
        }
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn every_parameter_in_a_path_is_named_by_the_path() {
        let document = crate::openapi();
        let mut seen = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                for parameter in operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default() {
                    let name = parameter["name"].as_str().unwrap();
                    let named = path.contains(&format!("{{{name}}}"));
                    assert_eq!(
                        parameter["in"],
                        Value::from(if named { "path" } else { "query" }),
                        "{path} {name}"
                    );
                    seen += 1;
                }
            }
        }
        assert!(seen > 5, "the document has parameters");
    }
}
