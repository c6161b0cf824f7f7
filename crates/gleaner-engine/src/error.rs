//! What can go wrong, with a stable code and a sentence for the user; the cause stays for the log.

use std::sync::Arc;
use std::time::Duration;

use gleaner_core::filters::FieldError;
use gleaner_store::StoreError;
use thiserror::Error;

/// Why a question has no answer. Cheap to clone: everybody who waited for one call gets the same.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The question itself is wrong; no token was spent.
    #[error("{}", sentence(.0))]
    Invalid(Vec<FieldError>),
    /// Keepa did not answer, or refused.
    #[error("{0}")]
    Keepa(Arc<keepa::Error>),
    /// The database did not do its part.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A fault of this program.
    #[error("something went wrong inside Gleaner; the log says more")]
    Internal,
    /// The program is stopping.
    #[error("the program is stopping; ask again when it is back")]
    Stopping,
}

fn sentence(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl From<keepa::Error> for EngineError {
    fn from(error: keepa::Error) -> Self {
        Self::Keepa(Arc::new(error))
    }
}

impl EngineError {
    /// One wrong field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_request",
            Self::Keepa(error) => error.kind(),
            Self::Store(error) => error.code(),
            Self::Internal => "internal_error",
            Self::Stopping => "stopping",
        }
    }

    /// How long to wait before asking again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Keepa(error) => match error.as_ref() {
                keepa::Error::NoTokens { wait, .. } => Some(*wait),
                _ => None,
            },
            _ => None,
        }
    }
}
