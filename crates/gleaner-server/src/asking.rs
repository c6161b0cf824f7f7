//! Who asks, for the endpoints.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use gleaner_engine::{Caller, Source};

/// The header by which the web app tells itself from other programs.
const CLIENT: &str = "x-gleaner-client";

/// Who asks: take it as an argument of a handler, and hand it to the engine.
#[derive(Debug, Clone, Copy)]
pub struct Asking(pub Caller);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The web app says so, everything else is a program.
        let web = parts.headers.get(CLIENT).is_some_and(|client| client == "web");
        Ok(Self(Caller::new(if web { Source::Frontend } else { Source::Api })))
    }
}
