//! The short way into a SQLite file, for what answers write: its statements run on the thread of the caller.
//!
//! The driver behind [`crate::session`] has a thread for every connection, and two threads wake each other for every
//! statement. A recorded hit is half a dozen statements of a few microseconds: on a machine that has nothing else to do
//! the waking takes longer than all of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params_from_iter,
};

use crate::sqlite::classify;
use crate::statement::{Statement, Value};
use crate::{ConnectOptions, Durability, StoreError};

/// How many statements stay prepared.
const PREPARED: usize = 200;

/// A connection that is opened when it is needed first.
#[derive(Debug)]
pub(crate) struct Direct {
    path: PathBuf,
    /// The address, for errors.
    url: Arc<str>,
    durability: Durability,
    /// How long to wait for a lock that another program holds.
    patience: Duration,
    connection: Option<Connection>,
}

/// Whether the caller can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// It cannot: a lock that another program holds is an error at once.
    Never,
    /// It is on a thread of its own.
    Patiently,
}

impl Direct {
    pub(crate) fn new(path: PathBuf, url: Arc<str>, options: &ConnectOptions) -> Self {
        let (durability, patience) = (options.durability, options.acquire_timeout);
        Self { path, url, durability, patience, connection: None }
    }

    /// Runs a transaction: commits it when `work` succeeds, else undoes it. After an error the next one begins with a
    /// connection of its own, unless only a lock was in the way.
    pub(crate) fn transaction<T>(
        &mut self,
        wait: Wait,
        work: impl FnOnce(&Open<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = self.attempt(wait, work);
        if let Err(error) = &result
            && !matches!(error, StoreError::Busy { .. })
        {
            self.close();
        }
        result
    }

    fn attempt<T>(
        &mut self,
        wait: Wait,
        work: impl FnOnce(&Open<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let url = Arc::clone(&self.url);
        let fail = |error| failure(&url, error);
        let patience = match wait {
            Wait::Never => Duration::ZERO,
            Wait::Patiently => self.patience,
        };
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => self.connection.insert(open(&self.path, self.durability).map_err(fail)?),
        };
        connection.busy_timeout(patience).map_err(fail)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        let open = Open { transaction, url: &url };
        let made = work(&open)?;
        open.transaction.commit().map_err(fail)?;
        Ok(made)
    }

    pub(crate) fn close(&mut self) {
        self.connection = None;
    }
}

/// A file that is there already, set up like the driver's connections.
fn open(path: &std::path::Path, durability: Durability) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let synchronous = match durability {
        Durability::Normal => "NORMAL",
        Durability::Full => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Checkpoints are made in the background.
    connection.pragma_update(None, "wal_autocheckpoint", crate::sqlite::PAGES_BEFORE_FORCED_CHECKPOINT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// A transaction that is open.
pub(crate) struct Open<'c> {
    transaction: Transaction<'c>,
    url: &'c str,
}

impl Open<'_> {
    /// Runs a statement.
    pub(crate) fn execute(&self, statement: &Statement) -> Result<(), StoreError> {
        // A name each is what `$1` is to SQLite; `?1` is a number.
        let sql = statement.sql.replace('$', "?");
        let run = || {
            let mut prepared = self.transaction.prepare_cached(&sql)?;
            prepared.execute(params_from_iter(&statement.values))
        };
        run().map(drop).map_err(|error| failure(self.url, error))
    }

    /// The number that a query without parameters finds.
    pub(crate) fn number(&self, sql: &str) -> Result<Option<i64>, StoreError> {
        let read = || self.transaction.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional();
        read().map_err(|error| failure(self.url, error))
    }
}

fn failure(url: &str, error: rusqlite::Error) -> StoreError {
    let (code, message) = match &error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            (failure.extended_code, message.clone().unwrap_or_else(|| failure.to_string()))
        }
        other => (0, other.to_string()),
    };
    let source = Arc::new(sqlx::Error::AnyDriverError(Box::new(error)));
    classify(&code.to_string(), &message).build(url.to_owned(), message, Some(source))
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(Some(words)) => ToSqlOutput::Borrowed(ValueRef::Text(words.as_bytes())),
            Self::Int(Some(number)) => (*number).into(),
            Self::Double(Some(number)) => (*number).into(),
            Self::Time(Some(time)) => time.to_string().into(),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Text(None) | Self::Int(None) | Self::Double(None) | Self::Time(None) => {
                ToSqlOutput::Borrowed(ValueRef::Null)
            }
            Self::List(_) => {
                return Err(rusqlite::Error::ToSqlConversionFailure("SQLite has no arrays".into()));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rusqlite::ToSql;

    use super::*;

    #[test]
    fn times_are_written_as_the_driver_writes_them() {
        for micros in [0, 1, 1_000, 120_000, 123_456, 999_999, 1_790_000_000_000_001, 1_790_000_000_500_000] {
            let time = DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            let value = Value::from(time);
            let written = value.to_sql().unwrap();
            assert_eq!(written, ToSqlOutput::from(time.format("%F %T%.f").to_string()));
        }
    }
}
