//! One connection for the length of a question, or of a transaction. Here the two engines meet: everything above
//! speaks [`Statement`]s and rows, whichever engine answers.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres, Sqlite};

use crate::statement::{Statement, Value};
use crate::{Engine, StoreError};

/// A row type that both engines can fill.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
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
pub(crate) struct Session {
    connection: Connection,
    url: Arc<str>,
    /// Whether statements are kept prepared on the server.
    persistent: bool,
    /// Whether a transaction is open. A session that is dropped in this state closes its connection instead of
    /// handing it to the next one: the engine then undoes what was not committed.
    open: bool,
    /// A database in memory lives in its connection, which must never be closed.
    in_memory: bool,
}

impl Session {
    pub(crate) fn new(connection: Connection, url: Arc<str>, persistent: bool, in_memory: bool) -> Self {
        Self { connection, url, persistent, open: false, in_memory }
    }

    pub(crate) fn engine(&self) -> Engine {
        match self.connection {
            Connection::Sqlite(_) => Engine::Sqlite,
            Connection::Postgres(_) => Engine::Postgres,
        }
    }

    fn fail(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_driver(self.engine(), &self.url, error)
    }

    /// Opens a transaction, with the engine's own `BEGIN …`.
    pub(crate) async fn begin(&mut self, begin: &'static str) -> Result<(), StoreError> {
        // Open from now on: when the answer is lost, so must the connection be.
        self.open = true;
        self.script(begin).await
    }

    /// Ends the transaction, if one is open: commits what went well, undoes what did not.
    pub(crate) async fn end<T>(mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if self.open {
            let outcome = match &result {
                Ok(_) => self.script("COMMIT").await,
                Err(_) => self.script("ROLLBACK").await,
            };
            match (outcome, &result) {
                (Ok(()), _) => self.open = false,
                // The connection is closed on drop, which undoes the rest.
                (Err(error), Ok(_)) => return Err(error),
                (Err(_), Err(_)) => {}
            }
        }
        result
    }

    /// Runs a text of several statements without parameters.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let sql = sqlx::raw_sql(sql);
        let result = match &mut self.connection {
            Connection::Sqlite(connection) => sql.execute(&mut **connection).await.map(drop),
            Connection::Postgres(connection) => sql.execute(&mut **connection).await.map(drop),
        };
        result.map_err(|error| self.fail(error))
    }

    /// Runs a statement; answers how many rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        let sql = AssertSqlSafe(statement.sql.clone());
        let persistent = self.persistent;
        let result = either!(self, engine, connection => match engine::arguments(&statement.values) {
            Ok(arguments) => sqlx::query_with(sql, arguments)
                .persistent(persistent)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
            Err(error) => Err(error),
        });
        result.map_err(|error| self.fail(error))
    }

    /// All rows of a query.
    pub(crate) async fn rows<R: Row>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: &[Value],
    ) -> Result<Vec<R>, StoreError> {
        let sql = AssertSqlSafe(sql.into());
        let persistent = self.persistent;
        let result = either!(self, engine, connection => match engine::arguments(values) {
            Ok(arguments) => sqlx::query_as_with(sql, arguments)
                .persistent(persistent)
                .fetch_all(connection)
                .await,
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
        if self.open && !self.in_memory {
            match &mut self.connection {
                Connection::Sqlite(connection) => connection.close_on_drop(),
                Connection::Postgres(connection) => connection.close_on_drop(),
            }
        }
    }
}
