//! What can go wrong, by kind. No message ever holds the key.

use std::time::Duration;

use crate::answer::TokenStatus;
use crate::wire::{Text, object};

object! {
    /// The `error` object of an answer.
    pub struct ApiError {
        /// Keepa's word for the kind of error; `invalidParameter` is the only one known.
        pub kind: Option<String> = "type" as Text,
        /// What went wrong, for people.
        pub message: Option<String> = "message" as Text,
        /// More of it, often the name of the parameter.
        pub details: Option<String> = "details" as Text,
    }
}

impl ApiError {
    pub(crate) fn into_rejection(self, status: u16, tokens: TokenStatus) -> Error {
        Error::Rejected {
            status,
            kind: self.kind,
            message: self.message.unwrap_or_else(|| "no reason was given".to_owned()),
            details: self.details,
            tokens: Box::new(tokens),
        }
    }
}

/// A refusal that comes with an account that never fills: it is nobody's. Every known key has a refill rate.
fn unknown_key(tokens: &TokenStatus) -> bool {
    tokens.refill_rate == Some(0)
}

/// Why a request has no answer.
///
/// [`may_have_been_charged`](Error::may_have_been_charged) says whether Keepa may have taken tokens all the same.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request cannot be right; nothing was sent.
    #[error("{field}: {message}")]
    Invalid {
        /// The field that is wrong.
        field: String,
        /// What is wrong with it.
        message: String,
    },
    /// Keepa refused the request (400, 405, another 4xx, or 200 with an `error` object): a parameter or the key is wrong.
    #[error(
        "Keepa refused the request ({status}): {message}{}{}",
        .details.as_ref().filter(|details| !details.is_empty()).map(|details| format!(" ({details})")).unwrap_or_default(),
        if unknown_key(.tokens) { " Keepa does not know this API key: check it" } else { "" }
    )]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Keepa's word for the kind of error, e.g. `invalidParameter`.
        kind: Option<String>,
        /// What Keepa says.
        message: String,
        /// What Keepa adds, often the parameter's name.
        details: Option<String>,
        /// The balance sent along; all zero when the key is unknown.
        tokens: Box<TokenStatus>,
    },
    /// The key has no paid access to the API (402).
    #[error("the Keepa key has no active API subscription (402){}", .message.as_ref().map(|m| format!(": {m}")).unwrap_or_default())]
    Payment {
        /// What Keepa says.
        message: Option<String>,
        /// The balance sent along.
        tokens: Box<TokenStatus>,
    },
    /// The token balance is used up (429). Nothing was charged.
    #[error("no tokens left (balance {}); enough again in {} s", .tokens_left.map_or_else(|| "unknown".to_owned(), |n| n.to_string()), .wait.as_secs_f64().ceil())]
    NoTokens {
        /// The balance, zero or negative.
        tokens_left: Option<i64>,
        /// Until the next refill.
        refill_in: Duration,
        /// Tokens per minute.
        refill_rate: Option<i64>,
        /// Until the balance is positive again.
        wait: Duration,
        /// All that was sent along.
        tokens: Box<TokenStatus>,
    },
    /// Keepa has a fault of its own (500, 503, another 5xx).
    #[error("Keepa has a fault of its own (status {status})")]
    Server {
        /// The HTTP status.
        status: u16,
        /// The balance, if the body held one.
        tokens: Option<Box<TokenStatus>>,
    },
    /// The body is not what was expected: not JSON, cut off, broken compression.
    #[error("unreadable answer: {what}")]
    Malformed {
        /// What was found.
        what: String,
    },
    /// There is no such endpoint or object (404).
    #[error("not found: {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// No answer in time. The request may have been carried out.
    #[error("no complete answer in time")]
    Timeout {
        /// What the transport says, without the address.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// No connection; nothing was sent.
    #[error("no connection to the Keepa server")]
    Connect {
        /// What the transport says, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke after the request was sent. It may have been carried out.
    #[error("the connection broke before the answer was complete")]
    Transport {
        /// What the transport says, without the address.
        #[source]
        source: reqwest::Error,
    },
}

impl Error {
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// A stable word for the kind of error, for programs and statistics.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_request",
            Self::Rejected { .. } => "keepa_rejected",
            Self::Payment { .. } => "keepa_payment_required",
            Self::NoTokens { .. } => "keepa_no_tokens",
            Self::Server { .. } => "keepa_server_error",
            Self::Malformed { .. } => "keepa_malformed_answer",
            Self::NotFound { .. } => "keepa_not_found",
            Self::Timeout { .. } => "keepa_timeout",
            Self::Connect { .. } => "keepa_unreachable",
            Self::Transport { .. } => "keepa_transport",
        }
    }

    /// The token balance, where the answer told it.
    #[must_use]
    pub fn tokens(&self) -> Option<&TokenStatus> {
        match self {
            Self::Rejected { tokens, .. } | Self::Payment { tokens, .. } | Self::NoTokens { tokens, .. } => {
                Some(tokens)
            }
            Self::Server { tokens, .. } => tokens.as_deref(),
            _ => None,
        }
    }

    /// Whether Keepa may have taken tokens although there is no answer. Such a request is never repeated by the client.
    #[must_use]
    pub const fn may_have_been_charged(&self) -> bool {
        matches!(
            self,
            Self::Server { .. } | Self::Malformed { .. } | Self::Timeout { .. } | Self::Transport { .. }
        )
    }
}

/// How long until the balance is positive: until the next refill, and one minute more for every further refill needed.
///
/// A refill adds the plan's rate less what trackings take.
#[must_use]
pub fn wait_for_tokens(tokens: &TokenStatus) -> Duration {
    const MINUTE_MS: u64 = 60_000;
    let first = tokens.refill_in_ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(MINUTE_MS);
    let missing = tokens.tokens_left.unwrap_or(0).min(0).unsigned_abs();
    let rate = tokens.refill_rate.and_then(|rate| u32::try_from(rate).ok()).map_or(0.0, f64::from);
    let flow = rate - tokens.token_flow_reduction.unwrap_or(0.0).max(0.0);
    let further = if missing == 0 || flow <= 0.0 { 0 } else { refills(missing, flow) };
    Duration::from_millis(first.saturating_add(further.saturating_mul(MINUTE_MS)))
}

/// Refills after the first one until `missing` tokens are more than made up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a positive quotient of small numbers; the cast saturates"
)]
fn refills(missing: u64, flow: f64) -> u64 {
    (missing as f64 / flow).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_seconds(left: i64, refill_in_ms: i64, rate: i64, reduction: f64) -> u64 {
        wait_for_tokens(&TokenStatus {
            tokens_left: Some(left),
            refill_in_ms: Some(refill_in_ms),
            refill_rate: Some(rate),
            token_flow_reduction: Some(reduction),
            ..TokenStatus::default()
        })
        .as_secs()
    }

    #[test]
    fn the_wait_lasts_until_the_balance_is_positive_again() {
        assert_eq!(wait_seconds(0, 20_000, 20, 0.0), 20);
        assert_eq!(wait_seconds(-19, 20_000, 20, 0.0), 20, "one refill of 20 leaves 1");
        assert_eq!(wait_seconds(-20, 20_000, 20, 0.0), 80, "one refill of 20 leaves 0, which is not enough");
        assert_eq!(wait_seconds(-249, 45_000, 5, 0.0), 45 + 49 * 60);
        assert_eq!(wait_seconds(-20, 20_000, 20, 10.0), 140, "trackings take half of the refill");
        assert_eq!(wait_seconds(-20, 20_000, 0, 0.0), 20);
    }
}
