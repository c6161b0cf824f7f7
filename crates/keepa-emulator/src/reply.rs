//! Answers: payload and the seven envelope fields in one object, gzipped, errors too.

use std::io::Write as _;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use crate::json::Json;

/// What an endpoint found.
pub(crate) enum Reply {
    /// Payload keys with their JSON, and the cost in tokens.
    Payload { parts: Vec<(&'static str, Vec<u8>)>, cost: i64 },
    /// A PNG, without an envelope.
    Image { png: Vec<u8>, cost: i64 },
}

impl Reply {
    pub(crate) fn one(key: &'static str, json: Json, cost: i64) -> Self {
        Self::Payload { parts: vec![(key, json.into_bytes())], cost }
    }

    pub(crate) const fn bare(cost: i64) -> Self {
        Self::Payload { parts: Vec::new(), cost }
    }

    pub(crate) const fn cost(&self) -> i64 {
        match self {
            Self::Payload { cost, .. } | Self::Image { cost, .. } => *cost,
        }
    }
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// 400 with the bucket as it is.
    Invalid {
        message: String,
        details: String,
    },
    /// 400 with everything at zero: the service does not know who asks.
    UnknownKey,
    /// 405: more than the service gives at once.
    OutOfRange {
        details: String,
    },
    /// 429.
    NoTokens,
    NotFound,
    /// The emulator's own fault.
    Internal,
}

/// The service's standard sentence.
pub(crate) const INVALID: &str = "You used an invalid parameter for this API call.";

impl Failure {
    pub(crate) fn parameter(name: &str) -> Self {
        Self::Invalid { message: INVALID.to_owned(), details: name.to_owned() }
    }

    pub(crate) fn invalid(message: &str, details: &str) -> Self {
        Self::Invalid { message: message.to_owned(), details: details.to_owned() }
    }

    pub(crate) fn range(details: &str) -> Self {
        Self::OutOfRange { details: details.to_owned() }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } | Self::UnknownKey => StatusCode::BAD_REQUEST,
            Self::OutOfRange { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoTokens => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The `error` object; a 429 has none.
    pub(crate) fn error(&self) -> Option<Vec<u8>> {
        let (kind, message, details) = match self {
            Self::Invalid { message, details } => ("invalidParameter", message.as_str(), details.as_str()),
            Self::UnknownKey => ("invalidParameter", INVALID, ""),
            Self::OutOfRange { details } => {
                ("invalidParameter", "A parameter is out of range.", details.as_str())
            }
            Self::NotFound => ("notFound", "There is nothing here.", ""),
            Self::Internal => ("internalError", "Something went wrong here.", ""),
            Self::NoTokens => return None,
        };
        Some(error_object(kind, message, details))
    }
}

pub(crate) fn error_object(kind: &str, message: &str, details: &str) -> Vec<u8> {
    let mut json = Json::default();
    json.begin().key("details").text(details).key("message").text(message).key("type").text(kind).end();
    json.into_bytes()
}

/// The token fields of an envelope.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) left: i64,
    /// ms.
    pub(crate) refill_in: i64,
    pub(crate) refill_rate: i64,
    pub(crate) consumed: i64,
}

/// One object of payload and envelope, keys in alphabetical order.
pub(crate) fn envelope(
    parts: Vec<(&'static str, Vec<u8>)>,
    tokens: Tokens,
    timestamp: i64,
    took_ms: i64,
) -> Vec<u8> {
    let number = |value: i64| value.to_string().into_bytes();
    let mut parts = parts;
    parts.extend([
        ("processingTimeInMs", number(took_ms)),
        ("refillIn", number(tokens.refill_in)),
        ("refillRate", number(tokens.refill_rate)),
        ("timestamp", number(timestamp)),
        ("tokenFlowReduction", b"0.0".to_vec()),
        ("tokensConsumed", number(tokens.consumed)),
        ("tokensLeft", number(tokens.left)),
    ]);
    parts.sort_by_key(|(key, _)| *key);
    let mut json = Json::with_capacity(parts.iter().map(|(_, part)| part.len() + 24).sum());
    json.begin();
    for (key, part) in parts {
        json.key(key).raw(&part);
    }
    json.end();
    json.into_bytes()
}

/// Gzip, fast rather than small: the reader is on the same machine.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder =
        flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 4 + 64), flate2::Compression::fast());
    // Writing into a Vec cannot fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// A JSON answer whose body is gzipped already.
pub(crate) fn json_response(status: StatusCode, zipped: Body) -> Response<Body> {
    let mut response = Response::new(zipped);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}
