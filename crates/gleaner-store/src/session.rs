//! One connection for the length of a question, or of a transaction. Here the two engines meet: everything above
//! speaks [`Statement`]s and rows, whichever engine answers.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres};

use crate::sqlite::Lent;
use crate::statement::{Statement, Value};
use crate::store::CONNECTIONS_TRIED;
use crate::{Engine, Store, StoreError};

/// A row type that both engines can fill.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

pub(crate) enum Connection {
    Sqlite(Lent),
    Postgres(PoolConnection<Postgres>),
}

/// Waits for an answer, but not for ever.
async fn within<T>(
    patience: Option<Duration>,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let Some(patience) = patience else { return answer.await };
    tokio::time::timeout(patience, answer).await.unwrap_or_else(|_| {
        let reason = format!("the server has not answered for {} seconds", patience.as_secs());
        Err(sqlx::Error::Io(std::io::Error::new(ErrorKind::TimedOut, reason)))
    })
}

/// Runs the body for whichever engine the session has.
macro_rules! either {
    ($session:expr, $engine:ident, $connection:ident => $body:expr) => {
        match &mut $session.connection {
            Connection::Sqlite($connection) => {
                use crate::sqlite as $engine;
                let $connection = &mut **$connection;
                $body
            }
            Connection::Postgres($connection) => {
                use crate::postgres as $engine;
                let $connection = &mut **$connection;
                $body
            }
        }
    };
}

/// A connection taken from its pool, perhaps inside a transaction.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the connection")]
pub(crate) struct Session {
    connection: Connection,
    store: Store,
    writing: bool,
    /// How long to wait for the answer to one statement.
    patience: Option<Duration>,
    /// Whether a transaction is open. A session that is dropped in this state closes its connection instead of
    /// handing it to the next one: the engine then undoes what was not committed.
    open: bool,
    /// Whether the connection is of no use any more.
    broken: bool,
    /// Whether the connection is closed in the end, because it was set up for something of its own.
    discarded: bool,
}

impl Session {
    pub(crate) fn new(connection: Connection, store: Store, writing: bool) -> Self {
        let patience = store.patience();
        Self { connection, store, writing, patience, open: false, broken: false, discarded: false }
    }

    pub(crate) fn engine(&self) -> Engine {
        match self.connection {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }

    /// Lifts the limit on how long a statement of this transaction may take.
    pub(crate) async fn take_time(&mut self) -> Result<(), StoreError> {
        self.patience = None;
        match self.engine() {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => self.script(crate::postgres::NO_TIME_LIMIT).await,
        }
    }

    /// Closes the connection in the end instead of giving it back.
    pub(crate) fn discard(&mut self) {
        self.discarded = true;
    }

    fn fail(&mut self, error: sqlx::Error) -> StoreError {
        let silent = matches!(&error, sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut);
        let error = self.store.fail(error);
        if self.writing {
            self.store.wrote(false);
            // A connection of PostgreSQL that was opened to read only stays so: another may be allowed to write.
            self.discarded |= matches!(error, StoreError::ReadOnly { .. });
        }
        if self.engine() == Engine::Postgres && (silent || error.lost_connection()) {
            self.broken = true;
            self.store.doubt_connections();
        }
        error
    }

    /// Opens a transaction, with the engine's own `BEGIN …`.
    pub(crate) async fn begin(&mut self, begin: Cow<'static, str>) -> Result<(), StoreError> {
        // Open from now on: when the answer is lost, so must the connection be.
        self.open = true;
        self.script(begin).await
    }

    /// Ends the transaction, if one is open: commits what went well, undoes what did not.
    pub(crate) async fn end<T>(mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if self.open && !self.broken {
            let outcome = match &result {
                Ok(_) => self.script("COMMIT").await,
                Err(_) => self.script("ROLLBACK").await,
            };
            match (outcome, &result) {
                (Ok(()), _) => {
                    self.open = false;
                    if self.writing && result.is_ok() {
                        self.store.wrote(true);
                    }
                }
                // The connection is closed on drop, which undoes the rest.
                (Err(error), Ok(_)) => return Err(error),
                (Err(_), Err(_)) => {}
            }
        }
        result
    }

    /// Runs a text of several statements without parameters.
    pub(crate) async fn script(&mut self, sql: impl Into<Cow<'static, str>>) -> Result<(), StoreError> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        let patience = self.patience;
        let result = match &mut self.connection {
            Connection::Sqlite(connection) => sql.execute(&mut **connection).await.map(drop),
            Connection::Postgres(connection) => {
                within(patience, sql.execute(&mut **connection)).await.map(drop)
            }
        };
        result.map_err(|error| self.fail(error))
    }

    /// Runs a text inside a transaction of PostgreSQL that a server which only speaks its protocol may not know: there
    /// it is left out.
    pub(crate) async fn attempt(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.script("SAVEPOINT attempt").await?;
        match self.script(sql).await {
            Ok(()) => self.script("RELEASE SAVEPOINT attempt").await,
            Err(StoreError::Other { reason, .. }) => {
                tracing::debug!(sql, reason, "the server does not know this; going on without");
                self.script("ROLLBACK TO SAVEPOINT attempt").await
            }
            Err(error) => Err(error),
        }
    }

    /// Runs a statement; answers how many rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        self.execute_with(statement.sql.clone(), &statement.values).await
    }

    /// Runs a text with values; answers how many rows it touched.
    pub(crate) async fn execute_with<'v>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = &'v Value>,
    ) -> Result<u64, StoreError> {
        let sql = AssertSqlSafe(sql.into());
        let persistent = self.store.statement_cache();
        let patience = self.patience;
        let result = either!(self, engine, connection => match engine::arguments(values) {
            Ok(arguments) => {
                let query = sqlx::query_with(sql, arguments).persistent(persistent);
                within(patience, query.execute(connection)).await.map(|done| done.rows_affected())
            }
            Err(error) => Err(error),
        });
        result.map_err(|error| self.fail(error))
    }

    /// All rows of a query. One that only reads and whose connection turns out to be dead is asked again on another.
    pub(crate) async fn rows<R: Row>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: &[Value],
    ) -> Result<Vec<R>, StoreError> {
        let sql = sql.into();
        let mut tried = 1;
        loop {
            match self.rows_once(sql.clone(), values).await {
                Err(error) if error.lost_connection() && !self.writing && tried < CONNECTIONS_TRIED => {
                    tried += 1;
                    *self = self.store.clone().reading().await?;
                }
                result => return result,
            }
        }
    }

    async fn rows_once<R: Row>(
        &mut self,
        sql: Cow<'static, str>,
        values: &[Value],
    ) -> Result<Vec<R>, StoreError> {
        let sql = AssertSqlSafe(sql);
        let persistent = self.store.statement_cache();
        let patience = self.patience;
        let result = either!(self, engine, connection => match engine::arguments(values) {
            Ok(arguments) => {
                let query = sqlx::query_as_with(sql, arguments).persistent(persistent);
                within(patience, query.fetch_all(connection)).await
            }
            Err(error) => Err(error),
        });
        result.map_err(|error| self.fail(error))
    }

    /// The first row of a query, if there is one.
    pub(crate) async fn row<R: Row>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: &[Value],
    ) -> Result<Option<R>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The names of the tables that exist (on PostgreSQL: in the schema where ours would be created).
    pub(crate) async fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = match self.engine() {
            Engine::Sqlite => crate::sqlite::TABLES,
            Engine::Postgres => crate::postgres::TABLES,
        };
        let names: Vec<(String,)> = self.rows(sql, &[]).await?;
        Ok(names.into_iter().map(|(name,)| name).collect())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if (self.open || self.broken || self.discarded) && !self.store.in_memory() {
            match &mut self.connection {
                Connection::Sqlite(connection) => connection.close_on_drop(),
                Connection::Postgres(connection) => connection.close_on_drop(),
            }
        }
    }
}
