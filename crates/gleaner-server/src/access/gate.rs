//! The middleware: finds the line of the table for a request, and lets it pass or not.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;

use super::table::{Line, TABLE};
use crate::problem::{self, Problem};

/// The table, ready to look into.
pub(crate) struct Gate {
    paths: HashMap<String, Vec<(Method, Option<&'static Line>)>>,
}

impl Gate {
    /// The table, with every endpoint of the document that it lacks: those are refused to everybody.
    pub(crate) fn new(document: &OpenApi) -> Arc<Self> {
        let mut paths: HashMap<String, Vec<(Method, Option<&'static Line>)>> = HashMap::new();
        for line in TABLE {
            if let Ok(method) = line.method.parse() {
                paths.entry(line.path.to_owned()).or_default().push((method, Some(line)));
            }
        }
        for (path, item) in &document.paths.paths {
            let lines = paths.entry(path.clone()).or_default();
            let described = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, _) in described.into_iter().filter(|(_, operation)| operation.is_some()) {
                if lines.iter().all(|(listed, _)| *listed != method) {
                    tracing::error!(%method, path, "an endpoint is not in the access table, it is refused");
                    lines.push((method, None));
                }
            }
        }
        Arc::new(Self { paths })
    }

    /// The line for a method and a path as it was matched.
    fn find(&self, method: &Method, path: &str) -> Found {
        let Some(lines) = self.paths.get(path) else { return Found::Unlisted };
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        match lines.iter().find(|(listed, _)| listed == method) {
            Some((_, Some(line))) => Found::Line(line),
            Some((_, None)) => Found::Unlisted,
            None => Found::OtherMethods(allowed(lines)),
        }
    }
}

enum Found {
    Line(&'static Line),
    Unlisted,
    /// The path is known, the method is not; with those that are.
    OtherMethods(HeaderValue),
}

fn allowed(lines: &[(Method, Option<&'static Line>)]) -> HeaderValue {
    let mut names: Vec<&str> = lines.iter().map(|(method, _)| method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    HeaderValue::try_from(names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("GET"))
}

/// Lets a request pass, or not.
pub(crate) async fn enforce(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    // What no route matches is answered with "not found", or is the web app, which anyone may load.
    let Some(path) = request.extensions().get::<MatchedPath>() else { return next.run(request).await };
    match gate.find(request.method(), path.as_str()) {
        Found::Line(line) => {
            tracing::trace!(method = line.method, path = line.path, "listed");
            next.run(request).await
        }
        Found::Unlisted => Problem::new(
            StatusCode::FORBIDDEN,
            "not_in_access_table",
            "nobody may call this: it is not in the table of who may call what, which is a fault of the program",
        )
        .into_response(),
        Found::OtherMethods(allow) => {
            ([(header::ALLOW, allow)], problem::method_not_allowed().await).into_response()
        }
    }
}
