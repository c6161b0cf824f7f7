//! What can go wrong with the database, by kind: a stable code and a sentence for the user, the cause for the log.
//!
//! To add a kind: a variant with its sentence, its word in [`StoreError::code`], and the engine's own signal for
//! it in `sqlite.rs` or `postgres.rs`. No sentence holds a password: addresses are redacted before they get here.

use std::sync::Arc;

use crate::Engine;

/// The driver's own error, shared so that one failed commit can be told to everybody who took part in it.
pub type Cause = Arc<sqlx::Error>;

/// Everything a [`crate::Store`] call can fail with. Cheap to clone.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address of the database cannot be understood.
    #[error(
        "the database address {url} is not understood ({reason}); use sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    BadUrl {
        /// The address, without its password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection, or the connection was lost.
    #[error(
        "the database {url} cannot be reached ({reason}); check that it is running and that the address is right"
    )]
    Unreachable {
        /// The address, without its password.
        url: String,
        /// What was tried and failed, in a few words.
        reason: String,
        /// The driver's error, when there is one.
        #[source]
        source: Option<Cause>,
    },
    /// The server does not let this user in, or not to this table.
    #[error("the database {url} refuses this user ({reason}); check the user name, password and rights")]
    Denied {
        /// The address, without its password.
        url: String,
        /// What the server answered.
        reason: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// Another program holds the lock for longer than we wait, or too many of us wait at once.
    #[error(
        "the database is busy: another program holds it, or too many requests wait; try again in a moment"
    )]
    Busy {
        /// The driver's error, when there is one.
        #[source]
        source: Option<Cause>,
    },
    /// The database file, its folder or the server accepts no writes.
    #[error(
        "the database is read-only; check the rights on its file and folder, or connect to the primary server"
    )]
    ReadOnly {
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// No room left on the disk.
    #[error("the disk of the database is full; nothing was written: make room and try again")]
    Full {
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// A newer Gleaner migrated this database.
    #[error(
        "the database was migrated by a newer Gleaner (schema version {found}, this program knows up to {known}); update this program"
    )]
    NewerSchema {
        /// Newest migration recorded in the database.
        found: i64,
        /// Newest migration this program knows.
        known: i64,
    },
    /// A table this program needs is not there.
    #[error("the database has not been migrated; run `gleaner db migrate`")]
    NotMigrated {
        /// The driver's error, when there is one.
        #[source]
        source: Option<Cause>,
    },
    /// A table with a shared name exists but lacks columns that this program needs, so it cannot be adopted.
    #[error("the existing table {table} cannot be adopted: {finding}; rename it, or use another database")]
    Incompatible {
        /// Name of the table.
        table: String,
        /// What is missing.
        finding: String,
    },
    /// The database holds the data of another upstream.
    #[error(
        "this database was filled from {found}, not from {wanted}; use another database, so that their data never mix"
    )]
    OtherUpstream {
        /// The upstream that filled the database.
        found: String,
        /// The upstream that asked for it now.
        wanted: String,
    },
    /// A value that no table may hold (too long, not a finite number): nothing was written.
    #[error("{field} cannot be stored: {reason}")]
    Invalid {
        /// Column or field name.
        field: &'static str,
        /// What is wrong with the value.
        reason: String,
    },
    /// The file or a row in it cannot be read any more.
    #[error("the database is damaged ({reason}); restore a copy, or start with a new file")]
    Corrupt {
        /// What could not be read.
        reason: String,
        /// The driver's error, when there is one.
        #[source]
        source: Option<Cause>,
    },
    /// Anything else; the cause says what.
    #[error("the database reported an error ({reason}); the log has the details")]
    Other {
        /// The engine's own words.
        reason: String,
        /// The driver's error, when there is one.
        #[source]
        source: Option<Cause>,
    },
}

impl StoreError {
    /// A stable word for programs: it never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => "database_url_invalid",
            Self::Unreachable { .. } => "database_unreachable",
            Self::Denied { .. } => "database_denied",
            Self::Busy { .. } => "database_busy",
            Self::ReadOnly { .. } => "database_read_only",
            Self::Full { .. } => "database_full",
            Self::NewerSchema { .. } => "database_newer_schema",
            Self::NotMigrated { .. } => "database_not_migrated",
            Self::Incompatible { .. } => "database_incompatible",
            Self::OtherUpstream { .. } => "database_other_upstream",
            Self::Invalid { .. } => "database_value_invalid",
            Self::Corrupt { .. } => "database_corrupt",
            Self::Other { .. } => "database_error",
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. } | Self::Full { .. })
    }

    /// Whether the engine undid the transaction because of others, so that running it again is right and safe.
    pub(crate) fn lost_a_race(&self) -> bool {
        let Self::Busy { source: Some(cause) } = self else { return false };
        let sqlx::Error::Database(error) = cause.as_ref() else { return false };
        // Serialization failure and deadlock.
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether the connection ended under the call (and not: the server was silent for too long), so that another
    /// connection may have the answer at once.
    pub(crate) fn lost_connection(&self) -> bool {
        let Self::Unreachable { source: Some(cause), .. } = self else { return false };
        match cause.as_ref() {
            sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::TimedOut,
            sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            // Shut down, crashed, and everything about connections.
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| code.starts_with("08") || matches!(code.as_ref(), "57P01" | "57P02")),
            _ => false,
        }
    }

    pub(crate) fn corrupt(reason: impl Into<String>) -> Self {
        Self::Corrupt { reason: reason.into(), source: None }
    }

    /// Sorts a driver error into its kind.
    pub(crate) fn from_driver(engine: Engine, url: &str, error: sqlx::Error) -> Self {
        let cause = Arc::new(error);
        let source = Some(Arc::clone(&cause));
        let url = url.to_owned();
        match cause.as_ref() {
            sqlx::Error::Database(error) => {
                let code = error.code();
                let code = code.as_deref().unwrap_or_default();
                let reason = error.message().to_owned();
                match engine {
                    Engine::Sqlite => crate::sqlite::classify(code, &reason),
                    Engine::Postgres => crate::postgres::classify(code),
                }
                .build(url, reason, source)
            }
            sqlx::Error::PoolTimedOut => match engine {
                Engine::Sqlite => Self::Busy { source },
                Engine::Postgres => {
                    Self::Unreachable { url, reason: "no connection in the time allowed".to_owned(), source }
                }
            },
            sqlx::Error::Io(error) => Self::Unreachable { url, reason: error.to_string(), source },
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unreachable { url, reason: "the connection is closed".to_owned(), source }
            }
            sqlx::Error::Tls(_) => {
                Self::Unreachable { url, reason: "no encrypted connection could be made".to_owned(), source }
            }
            sqlx::Error::Configuration(_) => {
                Self::BadUrl { url, reason: "an option in it is unknown or wrong".to_owned() }
            }
            sqlx::Error::Protocol(_) => {
                Self::Unreachable { url, reason: "the answer is not a database's".to_owned(), source }
            }
            error @ (sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)) => Self::Corrupt { reason: error.to_string(), source },
            error => Self::Other { reason: error.to_string(), source },
        }
    }
}

/// The kinds an engine's error code is sorted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unreachable,
    Denied,
    Busy,
    ReadOnly,
    Full,
    NotMigrated,
    Corrupt,
    Other,
}

impl Kind {
    pub(crate) fn build(self, url: String, reason: String, source: Option<Cause>) -> StoreError {
        match self {
            Self::Unreachable => StoreError::Unreachable { url, reason, source },
            Self::Denied => StoreError::Denied { url, reason, source },
            Self::Busy => StoreError::Busy { source },
            Self::ReadOnly => StoreError::ReadOnly { source },
            Self::Full => StoreError::Full { source },
            Self::NotMigrated => StoreError::NotMigrated { source },
            Self::Corrupt => StoreError::Corrupt { reason, source },
            Self::Other => StoreError::Other { reason, source },
        }
    }
}
