//! The handle to a database: opening it, and lending connections to the rooms' other files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::OwnedMutexGuard;

use crate::address::{self, Target};
use crate::session::{Connection, Session};
use crate::statement::push_json_cast;
use crate::{StoreError, postgres, sqlite};

/// Which engine a database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The embedded one: a file, one process.
    Sqlite,
    /// A server, for several people or processes.
    Postgres,
}

impl Engine {
    /// The engine's name as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    pub(crate) fn json_parameter(self, sql: &mut String, number: usize) {
        push_json_cast(sql, number, self == Self::Postgres);
    }

    /// See [`postgres::SKIP_LOCKED`]; SQLite has one writer at a time.
    pub(crate) fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => postgres::SKIP_LOCKED,
        }
    }

    /// Milliseconds since 1970 by the clock of the database, as an expression.
    pub(crate) fn now_millis(self) -> &'static str {
        match self {
            Self::Sqlite => sqlite::NOW_MILLIS,
            Self::Postgres => postgres::NOW_MILLIS,
        }
    }

    /// The hour of a time, to group by and to read as a text that begins with `2026-01-31 23`.
    pub(crate) fn hour_of(self, column: &str) -> (String, String) {
        match self {
            Self::Sqlite => (format!("substr({column}, 1, 13)"), format!("substr({column}, 1, 13)")),
            Self::Postgres => {
                let hour = format!("date_trunc('hour', {column})");
                (hour.clone(), format!("CAST({hour} AS TEXT)"))
            }
        }
    }

    /// A parameter that holds a time as a text, in the words of the database.
    pub(crate) fn time_parameter(self, number: usize) -> String {
        match self {
            Self::Sqlite => format!("${number}"),
            Self::Postgres => format!("CAST(${number} AS TIMESTAMP)"),
        }
    }

    /// Takes the locks of flights in the order of the bytes of their keys; SQLite has one writer at a time.
    pub(crate) fn lock_flights(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => postgres::LOCK_FLIGHTS,
        }
    }
}

/// How many connections are tried for a question before a loss of the connection is the caller's error.
pub(crate) const CONNECTIONS_TRIED: u32 = 3;

/// What an acknowledged commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The death of the process (SQLite: `synchronous = NORMAL`). PostgreSQL: what the server is set to.
    #[default]
    Normal,
    /// Also the loss of power (SQLite: `synchronous = FULL`, an `fsync` per commit).
    Full,
}

/// How to open a database.
#[derive(Clone)]
pub struct ConnectOptions {
    /// `sqlite:PATH`, `sqlite::memory:`, `postgres://…`; a driver's name behind a plus sign is tolerated.
    pub url: String,
    /// Whether a SQLite file (and its folder) that does not exist is created.
    pub create: bool,
    /// What an acknowledged commit survives.
    pub durability: Durability,
    /// Connections at most; on SQLite the reading ones, beside the one that writes.
    pub pool_size: u32,
    /// Whether statements stay prepared on the server. Off for PostgreSQL behind a transaction pooler.
    pub statement_cache: bool,
    /// How long to wait for a connection, and on SQLite for the write lock, before giving up.
    pub acquire_timeout: Duration,
    /// How long PostgreSQL may work on one statement, and hardly longer than that be silent, before the call fails.
    /// Zero: for ever. Migrations are not bounded by it; SQLite's statements are not either.
    pub statement_timeout: Duration,
}

impl ConnectOptions {
    /// The usual settings: create the file, durability normal, 4 connections, 5 seconds
    /// for a connection, 30 for a statement.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            create: true,
            durability: Durability::Normal,
            pool_size: 4,
            statement_cache: true,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

impl std::fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("url", &address::redact(&self.url))
            .field("create", &self.create)
            .field("durability", &self.durability)
            .field("pool_size", &self.pool_size)
            .field("statement_cache", &self.statement_cache)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .finish()
    }
}

/// A database. Cloning it is cheap and gives the same connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    url: Arc<str>,
    statement_cache: bool,
    /// Whether the last writing went well, as far as it is known.
    writable: AtomicBool,
}

enum Pools {
    Sqlite(sqlite::Pools),
    Postgres(postgres::Pool),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("url", &self.inner.url).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a database. It creates a missing SQLite file when told to, but no table: see [`Store::migrate`].
    /// A database that a newer Gleaner migrated is refused.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, StoreError> {
        let url: Arc<str> = address::redact(&options.url).into();
        let pools = match address::parse(&options.url)? {
            Target::Sqlite(path) => {
                let fail = |error| StoreError::from_driver(Engine::Sqlite, &url, error);
                Pools::Sqlite(sqlite::Pools::open(path.as_deref(), &url, options, fail).await?)
            }
            Target::Postgres(target) => {
                let fail = |error| StoreError::from_driver(Engine::Postgres, &url, error);
                Pools::Postgres(postgres::Pool::open(*target, options, fail).await?)
            }
        };
        let inner =
            Inner { pools, url, statement_cache: options.statement_cache, writable: AtomicBool::new(false) };
        let store = Self { inner: Arc::new(inner) };
        store.refuse_newer_schema().await?;
        Ok(store)
    }

    /// The engine behind this database.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.pools {
            Pools::Sqlite(_) => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The address this was opened with, its password replaced by `***`.
    #[must_use]
    pub fn redacted_url(&self) -> String {
        self.inner.url.as_ref().to_owned()
    }

    /// Asks the database for nothing but an answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut session = self.reading().await?;
        let answer = session.row::<(i64,)>("SELECT CAST(1 AS BIGINT)", &[]).await.map(drop);
        session.end(answer).await
    }

    /// Whether the database answers, and takes what is written. Where the last writing went well, nothing is written to
    /// find out; else the smallest there is, which changes nothing: nobody may be sent here any more who would notice
    /// that it works again.
    pub async fn ready(&self) -> Result<(), StoreError> {
        const UNCHANGED: &str = "UPDATE gleaner_generation SET generation = generation WHERE id = 1";
        if self.inner.writable.load(Ordering::Relaxed) {
            return self.ping().await;
        }
        let mut session = self.writing().await?;
        let written = session.execute_with(UNCHANGED, &[]).await.map(drop);
        session.end(written).await
    }

    /// To be called when something was written, or could not be.
    pub(crate) fn wrote(&self, well: bool) {
        // Looked at first: a line of memory that nobody writes is shared by all cores.
        if self.inner.writable.load(Ordering::Relaxed) != well {
            self.inner.writable.store(well, Ordering::Relaxed);
        }
    }

    /// What time it is by the clock of the database; SQLite's is this machine's.
    pub async fn clock(&self) -> Result<DateTime<Utc>, StoreError> {
        let sql = format!("SELECT CAST({} AS BIGINT)", self.engine().now_millis());
        let mut session = self.reading().await?;
        let row = session.row::<(i64,)>(sql, &[]).await;
        let millis = session.end(row).await?.map(|(millis,)| millis);
        millis
            .and_then(DateTime::from_timestamp_millis)
            .ok_or_else(|| StoreError::corrupt("a clock without a time"))
    }

    /// Closes every connection, after what is under way. A SQLite file is whole without its log afterwards.
    pub async fn close(&self) {
        match &self.inner.pools {
            Pools::Sqlite(pools) => pools.close().await,
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn fail(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_driver(self.engine(), &self.inner.url, error)
    }

    /// A session to read with; give it back with [`Session::end`].
    pub(crate) async fn reading(&self) -> Result<Session, StoreError> {
        self.lend(false).await
    }

    /// A session inside a transaction that may write; [`Session::end`] commits it or undoes it.
    pub(crate) async fn writing(&self) -> Result<Session, StoreError> {
        self.lend(true).await
    }

    /// A session on SQLite's connection for writing, whose transaction has yet to begin.
    pub(crate) async fn about_to_write(&self) -> Result<Session, StoreError> {
        match &self.inner.pools {
            Pools::Sqlite(pools) => {
                let connection = pools.writer().await.map_err(|error| self.fail(error))?;
                Ok(Session::new(Connection::Sqlite(connection), self.clone(), true))
            }
            Pools::Postgres(_) => self.writing().await,
        }
    }

    /// A connection that turns out to be dead when its transaction begins is replaced: nothing was done on it.
    async fn lend(&self, writing: bool) -> Result<Session, StoreError> {
        let mut tried = 1;
        loop {
            let (connection, begin) = match &self.inner.pools {
                Pools::Sqlite(pools) if writing => {
                    (pools.writer().await.map(Connection::Sqlite), Some(sqlite::BEGIN.into()))
                }
                Pools::Sqlite(pools) => (pools.reader().await.map(Connection::Sqlite), None),
                Pools::Postgres(pool) => {
                    (pool.acquire().await.map(Connection::Postgres), pool.begin(writing))
                }
            };
            let connection = connection.map_err(|error| self.fail(error))?;
            let mut session = Session::new(connection, self.clone(), writing);
            let Some(begin) = begin else { return Ok(session) };
            match session.begin(begin).await {
                Ok(()) => return Ok(session),
                Err(error) if error.lost_connection() && tried < CONNECTIONS_TRIED => tried += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether statements are kept prepared.
    pub(crate) fn statement_cache(&self) -> bool {
        self.inner.statement_cache
    }

    /// Whether the database lives in its connection, which must never be closed then.
    pub(crate) fn in_memory(&self) -> bool {
        matches!(&self.inner.pools, Pools::Sqlite(pools) if pools.in_memory())
    }

    /// SQLite's connections that write, for the caller alone; `None` on PostgreSQL and for a database in memory.
    pub(crate) async fn direct(&self) -> Result<Option<OwnedMutexGuard<sqlite::Writers>>, StoreError> {
        match &self.inner.pools {
            Pools::Sqlite(pools) if !pools.in_memory() => {
                pools.writers().await.map(Some).map_err(|error| self.fail(error))
            }
            Pools::Sqlite(_) | Pools::Postgres(_) => Ok(None),
        }
    }

    /// How long to wait for the answer to one statement.
    pub(crate) fn patience(&self) -> Option<Duration> {
        match &self.inner.pools {
            Pools::Sqlite(_) => None,
            Pools::Postgres(pool) => pool.patience(),
        }
    }

    /// To be called when a connection was lost: the others are tried before they are used.
    pub(crate) fn doubt_connections(&self) {
        if let Pools::Postgres(pool) = &self.inner.pools {
            pool.doubt();
        }
    }

    /// A pool to listen with; `None` where that is known to be in vain.
    pub(crate) fn listening_pool(&self) -> Option<sqlx::PgPool> {
        match &self.inner.pools {
            Pools::Postgres(pool) if self.inner.statement_cache => Some(pool.for_listening()),
            Pools::Postgres(_) | Pools::Sqlite(_) => None,
        }
    }

    /// To be called after a commit: see [`sqlite::Pools::committed`].
    pub(crate) fn committed(&self) {
        if let Pools::Sqlite(pools) = &self.inner.pools {
            pools.committed();
        }
    }
}
