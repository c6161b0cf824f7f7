//! Rows on their way from PostgreSQL into the file of a backup, and back: each value with the kind of its column.

use chrono::NaiveDateTime;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::backup::{failed, file_columns, run};
use crate::schema::LiveColumn;
use crate::session::Session;
use crate::statement::{Statement, Value, batches, tuples};
use crate::{StoreError, postgres, sqlite};

/// Rows that travel together.
const ROWS: u32 = 1_000;

/// What a column holds, for the way from one engine to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Json,
    Int,
    Double,
    Bool,
    Time,
    Bytes,
}

impl Kind {
    /// By the name of a PostgreSQL type.
    fn of(column: &LiveColumn) -> Self {
        match column.kind.as_str() {
            "BIGINT" | "INTEGER" | "SMALLINT" => Self::Int,
            "DOUBLE PRECISION" | "REAL" => Self::Double,
            "BOOLEAN" => Self::Bool,
            "JSON" | "JSONB" => Self::Json,
            "BYTEA" => Self::Bytes,
            kind if kind.starts_with("TIMESTAMP") => Self::Time,
            _ => Self::Text,
        }
    }

    /// A column as it is read from PostgreSQL.
    fn read(self, name: &str) -> String {
        match self {
            Self::Int => format!("CAST({name} AS BIGINT)"),
            Self::Double => format!("CAST({name} AS DOUBLE PRECISION)"),
            Self::Bool => format!("CAST(CAST({name} AS INTEGER) AS BIGINT)"),
            Self::Bytes => name.to_owned(),
            Self::Text | Self::Json | Self::Time => format!("CAST({name} AS TEXT)"),
        }
    }

    /// A parameter as PostgreSQL takes it.
    fn write(self, number: usize) -> String {
        match self {
            Self::Text => format!("CAST(${number} AS TEXT)"),
            Self::Json => format!("CAST(${number} AS JSON)"),
            Self::Int => format!("CAST(${number} AS BIGINT)"),
            Self::Double => format!("CAST(${number} AS DOUBLE PRECISION)"),
            Self::Bool => format!("CAST(CAST(${number} AS INTEGER) AS BOOLEAN)"),
            Self::Time => format!("CAST(${number} AS TIMESTAMP)"),
            Self::Bytes => format!("CAST(${number} AS BYTEA)"),
        }
    }

    fn value<'r, R: Row>(self, row: &'r R, place: usize) -> Result<Value, sqlx::Error>
    where
        usize: sqlx::ColumnIndex<R>,
        Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        Option<f64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    {
        Ok(match self {
            Self::Text | Self::Json | Self::Time => Value::Text(row.try_get::<Option<String>, _>(place)?),
            Self::Int | Self::Bool => Value::Int(row.try_get::<Option<i64>, _>(place)?),
            Self::Double => Value::Double(row.try_get::<Option<f64>, _>(place)?),
            Self::Bytes => row.try_get::<Option<Vec<u8>>, _>(place)?.map_or(Value::Text(None), Value::Bytes),
        })
    }
}

/// A row in whatever columns, for [`Session::rows`]; the kinds are told by the columns' names, see [`alias`].
struct Cells(Vec<Value>);

/// Named for its kind.
fn alias(kind: Kind, place: usize) -> String {
    let letter = match kind {
        Kind::Text | Kind::Json => 't',
        Kind::Int | Kind::Bool => 'i',
        Kind::Double => 'd',
        Kind::Time => 'm',
        Kind::Bytes => 'b',
    };
    format!("{letter}{place}")
}

impl<'r, R: Row> sqlx::FromRow<'r, R> for Cells
where
    usize: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<f64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        use sqlx::Column;
        let cells = row.columns().iter().enumerate().map(|(place, column)| {
            let kind = match column.name().as_bytes().first() {
                Some(b'i') => Kind::Int,
                Some(b'd') => Kind::Double,
                Some(b'b') => Kind::Bytes,
                Some(b'm') => Kind::Time,
                _ => Kind::Text,
            };
            let value = kind.value(row, place)?;
            // As the program itself would have written it into a file.
            Ok(match value {
                Value::Text(Some(time)) if kind == Kind::Time => {
                    moment(&time).map_or(Value::Text(Some(time)), Value::from)
                }
                value => value,
            })
        });
        cells.collect::<Result<_, _>>().map(Self)
    }
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()
}

/// The columns that both sides have, in the server's order.
fn both<'a>(live: &'a [LiveColumn], names: &[String]) -> Vec<(&'a str, Kind)> {
    let shared = live.iter().filter(|column| names.contains(&column.name));
    shared.map(|column| (column.name.as_str(), Kind::of(column))).collect()
}

/// Copies a table of the server's into the file.
pub(crate) async fn carry_table(
    session: &mut Session,
    copy: &mut SqliteConnection,
    table: &str,
) -> Result<(), StoreError> {
    let live = postgres::columns(session, table).await?;
    let columns = both(&live, &file_columns(copy, table).await?);
    let read: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, (name, kind))| format!("{} AS {}", kind.read(name), alias(*kind, place)))
        .collect();
    session
        .script(format!(
            "DECLARE carried_{table} NO SCROLL CURSOR FOR SELECT {} FROM {table}",
            read.join(", ")
        ))
        .await?;
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    run(copy, "BEGIN".to_owned()).await?;
    loop {
        let rows: Vec<Cells> = session.rows(format!("FETCH {ROWS} FROM carried_{table}"), &[]).await?;
        if rows.is_empty() {
            break;
        }
        let rows = rows.into_iter().map(|cells| cells.0).collect();
        for (count, values) in batches(rows) {
            let tuples = tuples(count, names.len(), |_, sql, number| {
                sql.push('$');
                sql.push_str(&number.to_string());
            });
            let sql = format!("INSERT INTO {table} ({}) VALUES {tuples}", names.join(", "));
            let arguments = sqlite::arguments(&values).map_err(failed)?;
            sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut *copy).await.map_err(failed)?;
        }
    }
    run(copy, "COMMIT".to_owned()).await?;
    session.script(format!("CLOSE carried_{table}")).await
}

/// Copies a table of the file into the server's.
pub(crate) async fn fetch_table(
    session: &mut Session,
    copy: &mut SqliteConnection,
    table: &str,
) -> Result<(), StoreError> {
    let live = postgres::columns(session, table).await?;
    let columns = both(&live, &file_columns(copy, table).await?);
    let listed: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let read: Vec<String> = columns
        .iter()
        .map(|(name, kind)| match kind {
            Kind::Int | Kind::Bool => format!("CAST({name} AS INTEGER)"),
            Kind::Double => format!("CAST({name} AS REAL)"),
            Kind::Bytes => (*name).to_owned(),
            Kind::Text | Kind::Json | Kind::Time => format!("CAST({name} AS TEXT)"),
        })
        .collect();
    let select =
        format!("SELECT {}, rowid FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {ROWS}", read.join(", "));
    let mut last = i64::MIN;
    loop {
        let query = sqlx::query(AssertSqlSafe(select.clone())).bind(last);
        let rows = query.fetch_all(&mut *copy).await.map_err(failed)?;
        let Some(row) = rows.last() else { return Ok(()) };
        last = row.try_get(columns.len()).map_err(failed)?;
        let cells = |row: &SqliteRow| {
            columns
                .iter()
                .enumerate()
                .map(|(place, (_, kind))| kind.value(row, place))
                .collect::<Result<Vec<_>, _>>()
        };
        let rows: Vec<Vec<Value>> = rows.iter().map(cells).collect::<Result<_, _>>().map_err(failed)?;
        for (count, values) in batches(rows) {
            let tuples = tuples(count, columns.len(), |column, sql, number| {
                sql.push_str(&columns[column].1.write(number));
            });
            let sql = format!("INSERT INTO {table} ({}) VALUES {tuples}", listed.join(", "));
            session.execute(&Statement { sql: sql.into(), values }).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_either_engine_is_read_and_nothing_else() {
        for text in ["2026-01-05 00:00:00", "2026-01-05 00:00:00.5", "2026-01-05 00:00:00.123456"] {
            assert!(moment(text).is_some(), "{text}");
        }
        assert_eq!(moment("2026-01-05 00:00:00.5"), moment("2026-01-05 00:00:00.500000"));
        assert!(moment("infinity").is_none());
    }
}
