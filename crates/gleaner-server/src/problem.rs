//! Errors as problem+json (RFC 9457): a status, a stable code, a sentence, and the fields at fault.

use std::any::Any;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gleaner_core::filters::FieldError;
use gleaner_engine::EngineError;
use gleaner_engine::accounts::AccountError;
use serde::Serialize;
use utoipa::ToSchema;

/// When to ask again after the database was busy, full or gone: nobody knows how long that takes.
const DATABASE_SECONDS: u32 = 5;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says what kind it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(value_type = i64)]
    pub status: u16,
    /// A stable word for programs, for example `invalid_request`.
    pub code: String,
    /// A sentence for people: what is wrong and what to do.
    pub detail: String,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds after which the same request may succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub retry_after_seconds: Option<u32>,
}

impl Problem {
    /// A problem without further detail.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// A request with wrong fields.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = EngineError::Invalid(errors.clone()).to_string();
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail) }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let status = match &error {
            EngineError::Invalid(errors) => return Self::invalid(errors.clone()),
            EngineError::Keepa(keepa) => match keepa.as_ref() {
                keepa::Error::NoTokens { .. } => StatusCode::TOO_MANY_REQUESTS,
                keepa::Error::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
                _ => StatusCode::BAD_GATEWAY,
            },
            EngineError::TokensShort { .. } => StatusCode::TOO_MANY_REQUESTS,
            EngineError::RulesConflict { .. }
            | EngineError::Conflict { .. }
            | EngineError::Refused { .. }
            | EngineError::Archived { .. } => StatusCode::CONFLICT,
            EngineError::NotFound { .. } => StatusCode::NOT_FOUND,
            EngineError::Account(error) => match error {
                AccountError::WrongCredentials => StatusCode::UNAUTHORIZED,
                AccountError::NotInvited(_) => StatusCode::FORBIDDEN,
                AccountError::NoSuchUser(_) | AccountError::NoSuchToken(_) => StatusCode::NOT_FOUND,
                AccountError::NameTaken(_)
                | AccountError::LastAdministrator
                | AccountError::AlreadySetUp
                | AccountError::NoAccounts => StatusCode::CONFLICT,
            },
            EngineError::OverBudget { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            EngineError::Store(_) | EngineError::Stopping | EngineError::Unsettled | EngineError::GivenUp => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        tracing::warn!(code = error.code(), error = %error, status = status.as_u16(), "request failed");
        let retry_after_seconds = match &error {
            EngineError::Store(error) if error.is_transient() => Some(DATABASE_SECONDS),
            error => error.retry_after().map(|wait| u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX)),
        };
        Self { retry_after_seconds, ..Self::new(status, error.code(), error.to_string()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_seconds;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

pub(crate) fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this address; see /api/v1/openapi.json",
    )
}

pub(crate) async fn method_not_allowed() -> Problem {
    wrong_method()
}

pub(crate) fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this address does not take that method; see /api/v1/openapi.json",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "the panic layer hands the payload over")]
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("no message"), "a request panicked");
    Problem::from(EngineError::Internal).into_response()
}
