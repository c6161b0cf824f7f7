//! What can go wrong, with a stable code and a sentence for the user; the cause stays for the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gleaner_core::filters::FieldError;
use gleaner_store::StoreError;
use thiserror::Error;

use crate::accounts::AccountError;

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
    /// There are not enough tokens for a call, and they do not come soon enough; nothing was sent.
    #[error("not enough tokens: {needed} needed, {available} available{}", soon(.wait.as_ref()))]
    TokensShort {
        /// Tokens that nobody else has spoken for.
        available: i64,
        /// Tokens the call is expected to cost.
        needed: i64,
        /// How long until there are enough; `None` when that is not known.
        wait: Option<Duration>,
    },
    /// The run's own budget does not cover a call; nothing was sent.
    #[error(
        "this would cost about {needed} tokens, and the budget of this run is {budget}: raise it or ask for less"
    )]
    OverBudget {
        /// Tokens the run may spend.
        budget: i64,
        /// Tokens it is expected to cost.
        needed: i64,
    },
    /// Somebody saved the rules since this edit began.
    #[error(
        "the rules were changed meanwhile: this edit began from version {based_on}, the newest is {newest}; look at the difference and save again"
    )]
    RulesConflict {
        /// The version the edit began from.
        based_on: i64,
        /// The newest version.
        newest: i64,
    },
    /// There is nothing of that name.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Under which id or name.
        id: String,
    },
    /// Somebody changed it since this edit began.
    #[error(
        "the {what} was changed meanwhile: this edit began from version {based_on}, the newest is {newest}; look at it and save again"
    )]
    Conflict {
        /// What was to be changed.
        what: &'static str,
        /// The version the edit began from.
        based_on: i64,
        /// The newest version.
        newest: i64,
    },
    /// A niche that is put aside was to be run.
    #[error("the niche '{name}' is archived: take it out of the archive to run it")]
    Archived {
        /// Its name.
        name: String,
    },
    /// Somebody may not come in, or an account not be changed so.
    #[error("{0}")]
    Account(#[from] AccountError),
    /// It cannot be done as things are.
    #[error("{message}")]
    Refused {
        /// The stable word for programs, for example `run_under_way`.
        code: &'static str,
        /// Why, and what to do.
        message: String,
    },
    /// Rules or caches kept changing while the answer was made.
    #[error("rules or caches changed while this was answered; ask again")]
    Unsettled,
    /// Nobody waited any more, and nothing was paid yet: the work was not done.
    #[error("nobody waited for this any more; ask again")]
    GivenUp,
    /// A file could not be written, read or trusted.
    #[error("cannot {action} {}: {reason}", .file.display())]
    File {
        /// What was tried: `write`, `read`, `check`.
        action: &'static str,
        /// Which file or folder.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A fault of this program.
    #[error("something went wrong inside Gleaner; the log says more")]
    Internal,
    /// The program is stopping.
    #[error("the program is stopping; ask again when it is back")]
    Stopping,
}

fn soon(wait: Option<&Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!("; enough again in {} s", wait.as_secs() + 1))
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

    /// A file that failed.
    #[expect(clippy::needless_pass_by_value, reason = "as it comes out of `map_err`")]
    pub(crate) fn file(action: &'static str, file: &Path, error: std::io::Error) -> Self {
        Self::File { action, file: file.to_owned(), reason: error.to_string() }
    }

    /// It cannot be done as things are.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }

    /// There is nothing of that name.
    pub(crate) fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }

    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_request",
            Self::Keepa(error) => error.kind(),
            Self::Store(error) => error.code(),
            Self::TokensShort { .. } => "tokens_short",
            Self::OverBudget { .. } => "over_budget",
            Self::RulesConflict { .. } => "rules_conflict",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Archived { .. } => "archived",
            Self::Account(error) => error.code(),
            Self::File { .. } => "file_failed",
            Self::Refused { code, .. } => code,
            Self::Unsettled => "unsettled",
            Self::GivenUp => "given_up",
            Self::Internal => "internal_error",
            Self::Stopping => "stopping",
        }
    }

    /// How long to wait before asking again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TokensShort { wait, .. } => *wait,
            Self::Keepa(error) => match error.as_ref() {
                keepa::Error::NoTokens { wait, .. } => Some(*wait),
                _ => None,
            },
            _ => None,
        }
    }
}
