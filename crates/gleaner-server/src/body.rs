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
        // A list would be read as the fields of an object, one after the other.
        let is_list = bytes.trim_ascii_start().starts_with(b"[");
        // Keeping track of the path takes time, and only a mistake needs it.
        if let Some(value) = (!is_list).then(|| serde_json::from_slice(bytes).ok()).flatten() {
            return Ok(Self(value));
        }
        if is_list && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
            return Err(Problem::invalid(vec![FieldError::new("body", "expected an object, not a list")]));
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
    let field = match named(&message) {
        Some(name) if path == "." => name.to_owned(),
        // serde names the object that lacks the field, not the field.
        Some(name) if message.starts_with("missing field") => format!("{path}.{name}"),
        None if path == "." => "body".to_owned(),
        _ => path,
    };
    Problem::invalid(vec![FieldError::new(field, plain(&message))])
}

/// serde's words about a wrong value, without the words of a programmer.
fn plain(message: &str) -> String {
    if message.starts_with("missing field `") {
        return "is missing".to_owned();
    }
    let Some(wrong) = message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: "))
    else {
        return message.to_owned();
    };
    let Some((given, expected)) = wrong.rsplit_once(", expected ") else { return message.to_owned() };
    let expected = match expected {
        "i64" | "i32" => "a whole number",
        "u64" | "u32" | "u16" | "usize" => "a whole number, 0 or more",
        "f64" => "a number",
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    let given = match given.split_once(' ') {
        Some(("integer" | "floating" | "boolean", value)) => {
            value.trim_start_matches("point ").replace('`', "")
        }
        Some(("string", value)) => format!("the text {value}"),
        _ => match given {
            "sequence" => "a list".to_owned(),
            "map" => "an object".to_owned(),
            other => other.to_owned(),
        },
    };
    format!("expected {expected}, not {given}")
}

/// The field that serde names between backticks in "missing field" and "unknown field".
fn named(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `").or(message.strip_prefix("unknown field `"))?.split('`').next()
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("the request body is not a complete JSON document: {error}");
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read is looked at")]
    struct Request {
        rank: i64,
        limit: Option<u32>,
        name: Option<String>,
        asins: Option<Vec<String>>,
        sure: Option<bool>,
        inner: Option<Box<Request>>,
    }

    async fn told(body: &'static str) -> (String, String) {
        let request = Request::from_request_body(body).await.unwrap_err();
        let error = &request.errors[0];
        (error.field.clone(), error.message.clone())
    }

    impl Request {
        async fn from_request_body(body: &'static str) -> Result<Self, Problem> {
            let request = axum::http::Request::new(axum::body::Body::from(body));
            JsonBody::<Self>::from_request(request, &()).await.map(|JsonBody(request)| request)
        }
    }

    #[tokio::test]
    async fn a_wrong_value_is_told_in_plain_words_with_its_field() {
        for (body, field, message) in [
            (r#"{"rank": "5"}"#, "rank", r#"expected a whole number, not the text "5""#),
            (r#"{"rank": 5.5}"#, "rank", "expected a whole number, not 5.5"),
            (r#"{"rank": null}"#, "rank", "expected a whole number, not null"),
            (r#"{"rank": [1]}"#, "rank", "expected a whole number, not a list"),
            (r#"{"rank": {}}"#, "rank", "expected a whole number, not an object"),
            (r#"{"rank": 1, "limit": -1}"#, "limit", "expected a whole number, 0 or more, not -1"),
            (r#"{"rank": 1, "name": 7}"#, "name", "expected a text, not 7"),
            (
                r#"{"rank": 1, "asins": "B1, expected B2"}"#,
                "asins",
                r#"expected a list, not the text "B1, expected B2""#,
            ),
            (r#"{"rank": 1, "asins": [true]}"#, "asins[0]", "expected a text, not true"),
            (r#"{"rank": 1, "sure": "yes"}"#, "sure", r#"expected true or false, not the text "yes""#),
            (r#"{"rank": 1, "inner": 3}"#, "inner", "expected an object, not 3"),
            (r"{}", "rank", "is missing"),
            (r#"{"rank": 1, "inner": {}}"#, "inner.rank", "is missing"),
            ("[]", "body", "expected an object, not a list"),
            ("3", "body", "expected an object, not 3"),
        ] {
            assert_eq!(told(body).await, (field.to_owned(), message.to_owned()), "{body}");
        }
        let (field, message) = told(r#"{"rank": 1, "colour": 3}"#).await;
        assert_eq!(field, "colour");
        assert!(message.contains("expected one of `rank`"), "{message}");
        let cut = Request::from_request_body("[1, 2").await.unwrap_err();
        assert_eq!(cut.code, "malformed_json");
    }
}
