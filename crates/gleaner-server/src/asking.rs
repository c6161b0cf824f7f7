//! Who asks, for the endpoints.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use gleaner_engine::accounts::Actor;
use gleaner_engine::{Caller, EngineError, Source};

use crate::access::{Visit, nobody};
use crate::problem::Problem;

/// The header by which the web app tells itself from other programs.
const CLIENT: &str = "x-gleaner-client";

/// Through which door: the web app says so, everything else is a program.
pub(crate) fn source(headers: &HeaderMap) -> Source {
    let web = headers.get(CLIENT).is_some_and(|client| client == "web");
    if web { Source::Frontend } else { Source::Api }
}

/// Who asks: take it as an argument of a handler, and hand it to the engine.
#[derive(Debug, Clone, Copy)]
pub struct Asking(pub Caller);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let source = source(&parts.headers);
        let visitor = parts.extensions.get::<Visit>().and_then(|visit| visit.visitor.as_ref());
        Ok(Self(visitor.map_or_else(|| Caller::new(source), |visitor| visitor.caller(source))))
    }
}

/// Who does something that is noted, with their name.
#[derive(Debug, Clone)]
pub struct Acting(pub Actor);

impl<S: Sync> FromRequestParts<S> for Acting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let visit = parts.extensions.get::<Visit>();
        let address = visit.and_then(|visit| visit.address);
        let visitor = visit.and_then(|visit| visit.visitor.as_ref());
        Ok(Self(visitor.map_or_else(
            || nobody(&parts.headers, address),
            |visitor| visitor.actor(source(&parts.headers), address),
        )))
    }
}

/// Everything the gate knows about who stands there.
impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The gate puts it there before any endpoint that asks for it is reached.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::from(EngineError::Internal))
    }
}
