//! What every answer tells about itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an answer cost in Keepa tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct TokenUse {
    /// Expected before anything was sent.
    #[schema(value_type = i64)]
    pub estimated: i64,
    /// Charged by Keepa.
    #[schema(value_type = i64)]
    pub charged: i64,
    /// Made unnecessary by the cache.
    #[schema(value_type = i64)]
    pub saved: i64,
    /// The balance, as far as it is known.
    #[schema(value_type = Option<i64>)]
    pub balance: Option<i64>,
}

/// An input that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejected {
    /// What was given.
    pub input: String,
    /// A stable word for programs, for example `invalid_asin`.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl Rejected {
    pub(crate) fn new(input: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { input: input.into(), code: code.to_owned(), message: message.into() }
    }
}
