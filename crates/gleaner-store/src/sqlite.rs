//! What only SQLite needs: opening a file, keeping checkpoints off the commit path, its error codes, its catalogue.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Arguments, Sqlite, SqliteConnection, pool::PoolConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::direct::Direct;
use crate::error::Kind;
use crate::schema::{LiveColumn, LiveIndex};
use crate::session::Session;
use crate::statement::Value;
use crate::{ConnectOptions, Durability, Insertions, RollupState, Since, StoreError};

/// Takes the write lock at once, so that two writers queue instead of failing half-way.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

/// Milliseconds since 1970.
pub(crate) const NOW_MILLIS: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

pub(crate) const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";

/// A checkpoint is due after so many commits. A group commit writes some tens of pages of 4 KiB.
const COMMITS_PER_CHECKPOINT: u32 = 16;

/// But no sooner than this after the one before: the same pages are written again and again, and each checkpoint
/// moves them into the file once, with an `fsync`, and another one for the next commit, which begins the log anew.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(250);

/// Above so many pages (64 MiB) a commit makes a checkpoint itself, should the background one not keep up.
pub(crate) const PAGES_BEFORE_FORCED_CHECKPOINT: &str = "16384";

/// One connection that writes, several that read.
#[derive(Debug, Clone)]
pub(crate) struct Pools {
    writer: SqlitePool,
    /// What writes, between two transactions.
    writers: Arc<Mutex<Writers>>,
    /// How long to wait for them.
    acquire_timeout: Duration,
    readers: SqlitePool,
    /// `None` for a database in memory.
    checkpoints: Option<Arc<Checkpoints>>,
}

/// The connections that write, one at a time.
#[derive(Debug)]
pub(crate) struct Writers {
    /// The driver's. A pool tests what comes back to it, which takes as long as a small transaction.
    kept: Option<PoolConnection<Sqlite>>,
    /// What answers write goes this way; `None` for a database in memory, which has only one connection.
    pub(crate) direct: Option<Direct>,
}

/// A connection that is lent.
#[derive(Debug)]
pub(crate) struct Lent {
    /// `None` only while this is dropped.
    connection: Option<PoolConnection<Sqlite>>,
    /// Where it goes back to; `None`: to its pool.
    home: Option<OwnedMutexGuard<Writers>>,
}

impl Lent {
    /// Closes it instead of giving it back.
    pub(crate) fn close_on_drop(&mut self) {
        self.home = None;
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}

impl From<PoolConnection<Sqlite>> for Lent {
    fn from(connection: PoolConnection<Sqlite>) -> Self {
        Self { connection: Some(connection), home: None }
    }
}

impl Deref for Lent {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("a connection that was given back is not used"),
        }
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("a connection that was given back is not used"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(home) = &mut self.home {
            home.kept = self.connection.take();
        }
    }
}

#[derive(Debug)]
struct Checkpoints {
    pool: SqlitePool,
    commits: AtomicU32,
    running: AtomicBool,
}

impl Pools {
    /// Opens the file, or a database in memory when there is none.
    pub(crate) async fn open(
        path: Option<&Path>,
        url: &str,
        options: &ConnectOptions,
        fail: impl Fn(sqlx::Error) -> StoreError,
    ) -> Result<Self, StoreError> {
        let pool = |connections: u32| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(options.acquire_timeout)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let base = SqliteConnectOptions::new()
            .foreign_keys(true)
            .busy_timeout(options.acquire_timeout)
            .statement_cache_capacity(200)
            .synchronous(match options.durability {
                Durability::Normal => SqliteSynchronous::Normal,
                Durability::Full => SqliteSynchronous::Full,
            });
        let Some(path) = path else {
            // A database in memory belongs to its connection: one for everything, never closed.
            let writer = pool(1).connect_with(base.in_memory(true)).await.map_err(fail)?;
            let writers = Arc::new(Mutex::new(Writers { kept: None, direct: None }));
            let acquire_timeout = options.acquire_timeout;
            return Ok(Self { readers: writer.clone(), writer, writers, acquire_timeout, checkpoints: None });
        };
        if options.create
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder).map_err(|error| fail(sqlx::Error::Io(error)))?;
        }
        let file = base.filename(path);
        let writing = file
            .clone()
            .create_if_missing(options.create)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("wal_autocheckpoint", PAGES_BEFORE_FORCED_CHECKPOINT);
        // Changing to WAL does not wait for other programs that are doing the same: try until the time is over.
        let deadline = tokio::time::Instant::now() + options.acquire_timeout;
        let writer = loop {
            match pool(1).connect_with(writing.clone()).await.map_err(&fail) {
                Err(StoreError::Busy { .. }) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => break other?,
            }
        };
        let readers =
            pool(options.pool_size.max(1)).connect_lazy_with(file.clone().pragma("query_only", "ON"));
        let checkpoints = Checkpoints {
            pool: pool(1).connect_lazy_with(file),
            commits: AtomicU32::new(0),
            running: AtomicBool::new(false),
        };
        let direct = Some(Direct::new(path.to_owned(), url.into(), options));
        Ok(Self {
            writer,
            writers: Arc::new(Mutex::new(Writers { kept: None, direct })),
            acquire_timeout: options.acquire_timeout,
            readers,
            checkpoints: Some(Arc::new(checkpoints)),
        })
    }

    pub(crate) fn in_memory(&self) -> bool {
        self.checkpoints.is_none()
    }

    pub(crate) async fn reader(&self) -> Result<Lent, sqlx::Error> {
        Ok(self.readers.acquire().await?.into())
    }

    pub(crate) async fn writer(&self) -> Result<Lent, sqlx::Error> {
        if self.in_memory() {
            // It reads as well, through the same pool.
            return self.reader().await;
        }
        let mut home = self.writers().await?;
        let connection = match home.kept.take() {
            Some(connection) => connection,
            None => self.writer.acquire().await?,
        };
        Ok(Lent { connection: Some(connection), home: Some(home) })
    }

    /// What writes, for the caller alone.
    pub(crate) async fn writers(&self) -> Result<OwnedMutexGuard<Writers>, sqlx::Error> {
        let wait = tokio::time::timeout(self.acquire_timeout, Arc::clone(&self.writers).lock_owned());
        wait.await.map_err(|_| sqlx::Error::PoolTimedOut)
    }

    /// Counts a commit, and now and then moves the log into the file, in the background: the `fsync` this takes
    /// delays no commit.
    pub(crate) fn committed(&self) {
        let Some(checkpoints) = &self.checkpoints else { return };
        if checkpoints.commits.fetch_add(1, Ordering::Relaxed) + 1 < COMMITS_PER_CHECKPOINT
            || checkpoints.running.swap(true, Ordering::AcqRel)
        {
            return;
        }
        checkpoints.commits.store(0, Ordering::Relaxed);
        let checkpoints = Arc::clone(checkpoints);
        tokio::spawn(async move {
            let done = sqlx::raw_sql("PRAGMA wal_checkpoint(PASSIVE)").execute(&checkpoints.pool).await;
            if let Err(error) = done {
                tracing::debug!(%error, "the checkpoint in the background failed; a later one will do its work");
            }
            tokio::time::sleep(CHECKPOINT_EVERY).await;
            checkpoints.running.store(false, Ordering::Release);
        });
    }

    pub(crate) async fn close(&self) {
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.pool.close().await;
        }
        self.readers.close().await;
        let mut writers = self.writers.lock().await;
        drop(writers.kept.take());
        writers.direct.iter_mut().for_each(Direct::close);
        self.writer.close().await;
    }
}

pub(crate) fn arguments<'a>(
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text.as_deref()),
            Value::Int(number) => arguments.add(*number),
            Value::Double(number) => arguments.add(*number),
            Value::Time(time) => arguments.add(*time),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
            Value::List(_) => Err("SQLite has no arrays".into()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// Sorts a result code (<https://www.sqlite.org/rescode.html>), primary or extended.
pub(crate) fn classify(code: &str, message: &str) -> Kind {
    match code.parse::<u32>().map_or(0, |code| code & 0xff) {
        5 | 6 => Kind::Busy,
        8 => Kind::ReadOnly,
        11 | 26 => Kind::Corrupt,
        13 => Kind::Full,
        // An I/O error, and "unable to open".
        10 | 14 => Kind::Unreachable,
        3 | 23 => Kind::Denied,
        1 if message.contains("no such table") => Kind::NotMigrated,
        _ => Kind::Other,
    }
}

/// Bytes that a table and its indexes take, from the `dbstat` table; `None` where SQLite was built without it.
pub(crate) async fn table_size(session: &mut Session, table: &str) -> Option<i64> {
    // Only by whole names are other tables' pages left unread.
    const SIZE: &str = "SELECT SUM(pgsize) FROM dbstat WHERE aggregate = 1 AND name IN \
                        (SELECT name FROM sqlite_master WHERE tbl_name = $1)";
    session.row::<(Option<i64>,)>(SIZE, &[table.into()]).await.ok()??.0
}

/// Where the insertions into the history stand. A new row gets the next number, and all rows get new ones when the
/// file is vacuumed or restored: that is seen by the row that bears the number of last time.
pub(crate) async fn insertions(
    session: &mut Session,
    state: &RollupState,
) -> Result<Option<Insertions>, StoreError> {
    const LAST: &str = "SELECT rowid, id FROM search_history ORDER BY rowid DESC LIMIT 1";
    const MARKED: &str = "SELECT id FROM search_history WHERE rowid = $1";
    const SINCE: &str = "SELECT DISTINCT substr(created_at, 1, 10) FROM search_history \
                         WHERE rowid > $1 AND created_at IS NOT NULL";
    let (mark, marker) =
        session.row::<(i64, String)>(LAST, &[]).await?.map_or((0, None), |(mark, id)| (mark, Some(id)));
    let since = match state.mark {
        None => Since::Unknown,
        Some(last) => {
            let found = session.row::<(String,)>(MARKED, &[last.into()]).await?.map(|(id,)| id);
            if found == state.marker {
                let days: Vec<(String,)> = session.rows(SINCE, &[last.into()]).await?;
                Since::Days(days.iter().filter_map(|(day,)| day.parse().ok()).collect())
            } else {
                Since::Unknown
            }
        }
    };
    Ok(Some(Insertions { mark, marker, since }))
}

/// The names of a table's columns, in the database of a connection that bears this name.
pub(crate) async fn columns_of(
    session: &mut Session,
    database: &str,
    table: &str,
) -> Result<Vec<String>, StoreError> {
    const NAMES: &str = "SELECT name FROM pragma_table_info($1, $2) ORDER BY cid";
    let names: Vec<(String,)> = session.rows(NAMES, &[table.into(), database.into()]).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

pub(crate) async fn columns(session: &mut Session, table: &str) -> Result<Vec<LiveColumn>, StoreError> {
    const COLUMNS: &str =
        r#"SELECT name, type, "notnull" = 0 AND pk = 0, dflt_value FROM pragma_table_info($1) ORDER BY cid"#;
    let rows: Vec<(String, String, bool, Option<String>)> = session.rows(COLUMNS, &[table.into()]).await?;
    Ok(rows
        .into_iter()
        .map(|(name, kind, nullable, default)| LiveColumn {
            name,
            kind: kind.to_uppercase(),
            nullable,
            default,
        })
        .collect())
}

pub(crate) async fn indexes(session: &mut Session, table: &str) -> Result<Vec<LiveIndex>, StoreError> {
    const INDEXES: &str =
        r#"SELECT name, "unique" = 1, origin = 'pk', partial = 0 FROM pragma_index_list($1) ORDER BY name"#;
    const INDEX_COLUMNS: &str = "SELECT name FROM pragma_index_info($1) ORDER BY seqno";
    let rows: Vec<(String, bool, bool, bool)> = session.rows(INDEXES, &[table.into()]).await?;
    let mut indexes = Vec::with_capacity(rows.len());
    for (name, unique, primary, whole) in rows {
        let columns: Vec<(Option<String>,)> = session.rows(INDEX_COLUMNS, &[name.as_str().into()]).await?;
        let columns =
            columns.into_iter().map(|(name,)| name.unwrap_or_else(|| "(expression)".into())).collect();
        indexes.push(LiveIndex { name, columns, unique, primary, whole });
    }
    Ok(indexes)
}

#[cfg(test)]
mod tests {
    use super::{Kind, classify};

    #[test]
    fn result_codes_are_sorted_by_what_helps_against_them() {
        for (code, message, kind) in [
            // SQLITE_BUSY, _BUSY_SNAPSHOT, _LOCKED_SHAREDCACHE
            ("5", "database is locked", Kind::Busy),
            ("517", "database is locked", Kind::Busy),
            ("262", "database table is locked", Kind::Busy),
            // SQLITE_READONLY, _READONLY_DIRECTORY
            ("8", "attempt to write a readonly database", Kind::ReadOnly),
            ("1544", "attempt to write a readonly database", Kind::ReadOnly),
            ("13", "database or disk is full", Kind::Full),
            ("26", "file is not a database", Kind::Corrupt),
            ("14", "unable to open database file", Kind::Unreachable),
            ("1", "no such table: search_history", Kind::NotMigrated),
            ("1", "near \"SELEC\": syntax error", Kind::Other),
            ("1299", "NOT NULL constraint failed", Kind::Other),
        ] {
            assert_eq!(classify(code, message), kind, "{code} {message}");
        }
    }
}
