//! What only PostgreSQL (and what speaks its protocol) needs: opening a pool, its locks, its error codes, its catalogue.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{Arguments, AssertSqlSafe, Connection, PgConnection, Postgres};

use crate::error::Kind;
use crate::schema::{LiveColumn, LiveIndex};
use crate::session::Session;
use crate::statement::{List, Value};
use crate::{ConnectOptions, Insertions, RollupState, Since, StoreError};

/// Said in full: the locks rely on it, and a database may have another default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Behind a transaction pooler every question needs a transaction, or its parts may reach different servers.
const BEGIN_READING: &str = "BEGIN READ ONLY";

pub(crate) const TABLES: &str =
    "SELECT CAST(tablename AS TEXT) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()";

/// Held to the end of the migrating transaction, so that it also works through a transaction pooler. The number is
/// `gleaner` in ASCII. Nobody waits longer than a minute for it.
pub(crate) const LOCK_MIGRATIONS: &str =
    "SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(29111105283319154)";

/// A migration takes as long as it takes.
pub(crate) const NO_TIME_LIMIT: &str = "SET LOCAL statement_timeout = 0";

pub(crate) const FOR_SHARE: &str = "FOR SHARE";
pub(crate) const FOR_UPDATE: &str = "FOR UPDATE";

/// See [`crate::Engine::lock_flights`]. Other collations order otherwise than by bytes.
pub(crate) const LOCK_FLIGHTS: &str = "ORDER BY flight_key COLLATE \"C\" FOR UPDATE";

/// Milliseconds since 1970, at this moment (`now()` would be the beginning of the transaction).
pub(crate) const NOW_MILLIS: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/// The lock of the row is enough to be right. But those who share a row's lock go past the one who waits for it alone,
/// and many together could keep a bump waiting for ever; in the queue for the table nobody goes past.
/// (`CockroachDB` has no such queue, and manages without.)
pub(crate) const QUEUE_FOR_GENERATION: &str = "LOCK TABLE gleaner_generation IN EXCLUSIVE MODE";

const GENERATION_CHANNEL: &str = "gleaner_generation";
pub(crate) const NOTIFY_GENERATION: &str = "NOTIFY gleaner_generation";
pub(crate) const GREET_GENERATION: &str = "SELECT pg_notify('gleaner_generation', $1)";

/// How long a greeting may take to come back. Longer: it was swallowed.
const GREETING: Duration = Duration::from_secs(2);

/// Lets a purge pass over rows that a commit is writing this moment: it would wait, or deadlock with it.
pub(crate) const SKIP_LOCKED: &str = "FOR UPDATE SKIP LOCKED";

/// A connection that was idle for longer is tried before it is used: servers and pools drop idle ones.
const TRUSTED_IDLE: Duration = Duration::from_secs(20);

/// The server answers that its time is over; we wait so much longer for that answer.
const GRACE: Duration = Duration::from_secs(2);

/// The connections, and what is known about them.
#[derive(Debug)]
pub(crate) struct Pool {
    connections: PgPool,
    /// When a connection was lost last: those that have been idle since are tried before they are used.
    lost_at: Arc<Mutex<Option<Instant>>>,
    statement_timeout: Duration,
    /// Whether a transaction pooler may be in between: then every question needs a transaction, which says itself
    /// how long its statements may take.
    pooled: bool,
}

impl Pool {
    /// Opens the pool. The first connection is made outside of it: the pool would retry a refusal until its time is
    /// over, and then say nothing about the reason.
    pub(crate) async fn open(
        target: PgConnectOptions,
        options: &ConnectOptions,
        fail: impl Fn(sqlx::Error) -> StoreError,
    ) -> Result<Self, StoreError> {
        // `extra_float_digits` is refused by poolers and without effect on the binary protocol. The time zone of the
        // session is set to UTC by the driver, for every connection.
        let mut target = target.application_name("gleaner").extra_float_digits(None);
        if !options.statement_cache {
            target = target.statement_cache_capacity(0);
        }
        match tokio::time::timeout(options.acquire_timeout, PgConnection::connect_with(&target)).await {
            Ok(Ok(connection)) => drop(connection.close().await),
            Ok(Err(error)) => return Err(fail(error)),
            Err(_) => return Err(fail(sqlx::Error::PoolTimedOut)),
        }
        let pooled = !options.statement_cache;
        let lost_at: Arc<Mutex<Option<Instant>>> = Arc::default();
        let doubts = Arc::clone(&lost_at);
        // Set by a statement, because poolers refuse it among the options of a connection.
        let limit = set_timeout("SET", options.statement_timeout);
        let connections = PgPoolOptions::new()
            .max_connections(options.pool_size.max(1))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                let doubtful = meta.idle_for > TRUSTED_IDLE
                    || doubts.lock().is_ok_and(|at| at.is_some_and(|at| meta.idle_for >= at.elapsed()));
                Box::pin(async move {
                    if doubtful {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                let limit = limit.clone();
                Box::pin(async move {
                    if !pooled {
                        sqlx::raw_sql(AssertSqlSafe(limit)).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(target);
        Ok(Self { connections, lost_at, statement_timeout: options.statement_timeout, pooled })
    }

    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.connections.acquire().await
    }

    /// How a transaction begins; `None`: a question needs none.
    pub(crate) fn begin(&self, writing: bool) -> Option<Cow<'static, str>> {
        let limit = || set_timeout("SET LOCAL", self.statement_timeout);
        match (writing, self.pooled) {
            (true, false) => Some(BEGIN.into()),
            (true, true) => Some(format!("{BEGIN}; {}", limit()).into()),
            (false, false) => None,
            (false, true) => Some(format!("{BEGIN_READING}; {}", limit()).into()),
        }
    }

    /// How long to wait for an answer.
    pub(crate) fn patience(&self) -> Option<Duration> {
        (!self.statement_timeout.is_zero()).then(|| self.statement_timeout + GRACE)
    }

    pub(crate) fn doubt(&self) {
        if let Ok(mut at) = self.lost_at.lock() {
            *at = Some(Instant::now());
        }
    }

    /// One more connection to the same server, to listen with.
    pub(crate) fn for_listening(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.connections.options().get_acquire_timeout())
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(self.connections.connect_options().as_ref().clone())
    }

    pub(crate) async fn close(&self) {
        self.connections.close().await;
    }
}

/// Rounded up, because 0 would mean for ever.
fn set_timeout(set: &str, limit: Duration) -> String {
    let millis = limit.as_nanos().div_ceil(1_000_000).min(i32::MAX.unsigned_abs().into());
    format!("{set} statement_timeout = {millis}")
}

/// Begins to listen for bumps of the generation.
pub(crate) async fn listen(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen(GENERATION_CHANNEL).await?;
    Ok(listener)
}

/// Whether a greeting that was sent comes back.
pub(crate) async fn hears(listener: &mut PgListener, greeting: &str) -> bool {
    let heard = async {
        loop {
            match listener.try_recv().await {
                Ok(Some(notice)) if notice.payload() == greeting => return true,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return false,
            }
        }
    };
    tokio::time::timeout(GREETING, heard).await.unwrap_or(false)
}

pub(crate) fn arguments<'a>(values: impl IntoIterator<Item = &'a Value>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text.as_deref()),
            Value::Int(number) => arguments.add(*number),
            Value::Double(number) => arguments.add(*number),
            Value::Time(time) => arguments.add(*time),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
            Value::List(List::Texts(texts)) => arguments.add(texts),
            Value::List(List::Ints(numbers)) => arguments.add(numbers),
            Value::List(List::Doubles(numbers)) => arguments.add(numbers),
            Value::List(List::Times(times)) => arguments.add(times),
            Value::List(List::Blobs(blobs)) => arguments.add(blobs),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// Sorts a SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(crate) fn classify(code: &str) -> Kind {
    match code {
        // Undefined table.
        "42P01" => Kind::NotMigrated,
        // Read-only transaction: a standby, or `default_transaction_read_only`.
        "25006" => Kind::ReadOnly,
        "53100" => Kind::Full,
        // Serialization failure, deadlock, lock not available, statement cancelled by a time-out.
        "40001" | "40P01" | "55P03" | "57014" => Kind::Busy,
        // Wrong user or password, missing right.
        "28000" | "28P01" | "42501" => Kind::Denied,
        // No such database; shutting down, crashed, starting up.
        "3D000" | "57P01" | "57P02" | "57P03" => Kind::Unreachable,
        "XX001" | "XX002" => Kind::Corrupt,
        code if code.starts_with("08") || code.starts_with("53") => Kind::Unreachable,
        _ => Kind::Other,
    }
}

/// Bytes that a table takes with its indexes.
pub(crate) async fn table_size(session: &mut Session, table: &str) -> Option<i64> {
    const SIZE: &str = "SELECT pg_total_relation_size(to_regclass(CAST($1 AS TEXT)))";
    session.row::<(Option<i64>,)>(SIZE, &[table.into()]).await.ok()??.0
}

/// Where the insertions into the history stand, as the server's statistics have it; `None` on servers without them.
pub(crate) async fn insertions(
    session: &mut Session,
    state: &RollupState,
) -> Result<Option<Insertions>, StoreError> {
    const INSERTED: &str = "SELECT CAST(n_tup_ins AS BIGINT) FROM pg_catalog.pg_stat_user_tables \
                            WHERE schemaname = current_schema() AND relname = 'search_history'";
    match session.row::<(i64,)>(INSERTED, &[]).await {
        Ok(row) => Ok(row.map(|(mark,)| Insertions {
            mark,
            marker: None,
            since: state.mark.map_or(Since::Unknown, |earlier| Since::AtLeast(mark.saturating_sub(earlier))),
        })),
        Err(StoreError::NotMigrated { .. } | StoreError::Other { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) async fn columns(session: &mut Session, table: &str) -> Result<Vec<LiveColumn>, StoreError> {
    const COLUMNS: &str = "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind, \
         CAST(character_maximum_length AS BIGINT) AS length, is_nullable = 'YES' AS nullable, \
         CAST(column_default AS TEXT) AS content \
         FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 \
         ORDER BY ordinal_position";
    let rows: Vec<ColumnRecord> = session.rows(COLUMNS, &[table.into()]).await?;
    Ok(rows.into_iter().map(LiveColumn::from).collect())
}

#[derive(sqlx::FromRow)]
struct ColumnRecord {
    name: String,
    kind: String,
    length: Option<i64>,
    nullable: bool,
    content: Option<String>,
}

impl From<ColumnRecord> for LiveColumn {
    fn from(record: ColumnRecord) -> Self {
        let kind = match (record.kind.as_str(), record.length) {
            ("character varying", Some(length)) => format!("VARCHAR({length})"),
            ("character varying", None) => "VARCHAR".to_owned(),
            ("timestamp without time zone", _) => "TIMESTAMP".to_owned(),
            (other, _) => other.to_uppercase(),
        };
        Self { name: record.name, kind, nullable: record.nullable, default: record.content }
    }
}

pub(crate) async fn indexes(session: &mut Session, table: &str) -> Result<Vec<LiveIndex>, StoreError> {
    const INDEXES: &str = "SELECT CAST(i.relname AS TEXT), x.indisunique, x.indisprimary, \
         x.indisvalid AND x.indpred IS NULL, \
         string_agg(CAST(COALESCE(a.attname, '(expression)') AS TEXT), ',' ORDER BY k.place) \
         FROM pg_catalog.pg_index x \
         JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
         JOIN pg_catalog.pg_class t ON t.oid = x.indrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
         CROSS JOIN LATERAL unnest(CAST(x.indkey AS SMALLINT[])) WITH ORDINALITY AS k (number, place) \
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number AND k.number > 0 \
         WHERE n.nspname = current_schema() AND t.relname = $1 \
         GROUP BY 1, 2, 3, 4 ORDER BY 1";
    let rows: Vec<(String, bool, bool, bool, String)> = session.rows(INDEXES, &[table.into()]).await?;
    Ok(rows
        .into_iter()
        .map(|(name, unique, primary, whole, columns)| LiveIndex {
            name,
            columns: columns.split(',').map(ToOwned::to_owned).collect(),
            unique,
            primary,
            whole,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{Kind, classify};

    #[test]
    fn server_errors_are_sorted_by_what_helps_against_them() {
        for (code, kind) in [
            ("42P01", Kind::NotMigrated),
            ("25006", Kind::ReadOnly),
            ("53100", Kind::Full),
            ("53300", Kind::Unreachable),
            ("08006", Kind::Unreachable),
            ("57P01", Kind::Unreachable),
            ("40P01", Kind::Busy),
            ("28P01", Kind::Denied),
            ("23502", Kind::Other),
        ] {
            assert_eq!(classify(code), kind, "{code}");
        }
    }
}
