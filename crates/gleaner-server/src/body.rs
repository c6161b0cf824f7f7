//! Reading a JSON body with errors that name the field.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gleaner_core::filters::FieldError;
use gleaner_engine::EngineError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::MAX_BODY;
use crate::problem::Problem;

/// A request body read as JSON, whatever its content type says.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        Self::read(&bytes)
    }
}

/// The same where an empty body means that nothing is out of the ordinary.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(T::default()));
        }
        JsonBody::read(&bytes).map(|JsonBody(value)| Self(value))
    }
}

impl<T: DeserializeOwned> JsonBody<T> {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        // Keeping track of the path takes time, and only a mistake needs it.
        if let Ok(value) = serde_json::from_slice(bytes) {
            return Ok(Self(value));
        }
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| wrong(&error))?;
        reader.end().map_err(|error| malformed(&error))?;
        Ok(Self(value))
    }
}

/// A query that cannot be read, by the parameter at fault.
pub(crate) fn wrong_query(rejection: &QueryRejection) -> Problem {
    let text = rejection.body_text();
    let message = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
    let (field, message) = match message.split_once(": ") {
        Some((field, message)) if field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
            (field, message)
        }
        _ => (named(message).unwrap_or("query"), message),
    };
    Problem::invalid(vec![FieldError::new(field, message)])
}

/// An answer as JSON, written into a buffer of about the size it needs.
pub fn json(answer: &impl Serialize, size: usize) -> Response {
    let mut body = Vec::with_capacity(size);
    if let Err(error) = serde_json::to_writer(&mut body, answer) {
        tracing::error!(%error, "an answer cannot be written");
        return Problem::from(EngineError::Internal).into_response();
    }
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("the request is larger than {} KB: send less at once", MAX_BODY / 1024);
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail);
    }
    Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", "the request body could not be read completely")
}

fn wrong(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return malformed(error.inner());
    }
    // The position in the text says nothing to somebody whose program wrote it; the field does.
    let text = error.inner().to_string();
    let message = text.split(" at line ").next().unwrap_or_default().to_owned();
    let path = error.path().to_string();
    let field = if path == "." { named(&message).unwrap_or("body").to_owned() } else { path };
    Problem::invalid(vec![FieldError::new(field, message)])
}

/// The field that serde names between backticks in "missing field" and "unknown field".
fn named(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `").or(message.strip_prefix("unknown field `"))?.split('`').next()
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("the request body is not a complete JSON document: {error}");
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
}
