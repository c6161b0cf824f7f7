//! Statements as values: text and parameters, put together without a database, run by a [`crate::session::Session`].

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{NaiveDateTime, Timelike};

use crate::{Engine, StoreError};

/// How many rows one statement carries. A few fixed sizes, so that few distinct texts are prepared and cached.
const ROWS: [usize; 4] = [64, 16, 4, 1];

/// How many rows one statement with arrays carries: a hundred products with their facts are a megabyte.
const ROWS_OF_ARRAYS: usize = 512;

/// SQL for: the first moment is more than half an hour after the second, in words that both engines have (a few minutes
/// around midnight between days that are not neighbours are missed). The first is known not to be the earlier one.
macro_rules! far_ahead {
    ($first:literal, $second:literal) => {
        concat!(
            "60 * CAST(substr(CAST(",
            $first,
            " AS TEXT), 12, 2) AS INTEGER) \
             + CAST(substr(CAST(",
            $first,
            " AS TEXT), 15, 2) AS INTEGER) \
             - 60 * CAST(substr(CAST(",
            $second,
            " AS TEXT), 12, 2) AS INTEGER) \
             - CAST(substr(CAST(",
            $second,
            " AS TEXT), 15, 2) AS INTEGER) \
             + CASE WHEN substr(CAST(",
            $first,
            " AS TEXT), 1, 10) > substr(CAST(",
            $second,
            " AS TEXT), 1, 10) \
             THEN 1440 ELSE 0 END > 30"
        )
    };
}
pub(crate) use far_ahead;

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Double(Option<f64>),
    Time(Option<NaiveDateTime>),
    Bytes(Vec<u8>),
    /// A column of many rows; only PostgreSQL has arrays.
    List(List),
}

/// The values of one column, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum List {
    Texts(Vec<Option<String>>),
    Ints(Vec<Option<i64>>),
    Doubles(Vec<Option<f64>>),
    Times(Vec<Option<NaiveDateTime>>),
    Blobs(Vec<Vec<u8>>),
}

impl List {
    /// An empty list of the kind of a value.
    fn of(value: &Value) -> Self {
        match value {
            Value::Text(_) | Value::List(_) => Self::Texts(Vec::new()),
            Value::Int(_) => Self::Ints(Vec::new()),
            Value::Double(_) => Self::Doubles(Vec::new()),
            Value::Time(_) => Self::Times(Vec::new()),
            Value::Bytes(_) => Self::Blobs(Vec::new()),
        }
    }

    /// All rows of a table have the same kinds of values.
    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Texts(list), Value::Text(text)) => list.push(text),
            (Self::Ints(list), Value::Int(number)) => list.push(number),
            (Self::Doubles(list), Value::Double(number)) => list.push(number),
            (Self::Times(list), Value::Time(time)) => list.push(time),
            (Self::Blobs(list), Value::Bytes(bytes)) => list.push(bytes),
            // Never; and if so, the lists differ in length and the server refuses the statement.
            _ => {}
        }
    }

    /// The array type.
    fn kind(&self) -> &'static str {
        match self {
            Self::Texts(_) => "TEXT[]",
            Self::Ints(_) => "BIGINT[]",
            Self::Doubles(_) => "DOUBLE PRECISION[]",
            Self::Times(_) => "TIMESTAMP[]",
            Self::Blobs(_) => "BYTEA[]",
        }
    }
}

/// Rows as a table `r` with the columns named, for PostgreSQL: one text, however many rows.
fn unnested(columns: &[&str], rows: Vec<Vec<Value>>) -> Option<(String, Vec<Value>)> {
    let mut lists: Vec<List> = rows.first()?.iter().map(List::of).collect();
    for row in rows {
        for (list, value) in lists.iter_mut().zip(row) {
            list.push(value);
        }
    }
    let casts: Vec<String> =
        lists.iter().zip(1..).map(|(list, number)| format!("CAST(${number} AS {})", list.kind())).collect();
    let sql = format!("unnest({}) AS r ({})", casts.join(", "), columns.join(", "));
    Some((sql, lists.into_iter().map(Value::List).collect()))
}

impl Value {
    /// About how much room it takes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => size_of::<i64>(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<NaiveDateTime> for Value {
    fn from(time: NaiveDateTime) -> Self {
        Self::Time(Some(micros(time)))
    }
}

impl From<Option<NaiveDateTime>> for Value {
    fn from(time: Option<NaiveDateTime>) -> Self {
        Self::Time(time.map(micros))
    }
}

/// A statement that is ready to run, more than once if need be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
}

/// How rows get into a table.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// The columns of them that are `JSON`: PostgreSQL takes no text for them without a cast.
    pub(crate) json: &'static [&'static str],
    /// `ON CONFLICT …`.
    pub(crate) conflict: &'static str,
}

impl Insert {
    /// The statements that insert `rows`, each with a value for every column. With an `ON CONFLICT … DO UPDATE` the
    /// rows must have different keys: PostgreSQL updates no row twice in one statement.
    pub(crate) fn statements(&self, engine: Engine, rows: Vec<Vec<Value>>) -> Vec<Statement> {
        let columns = self.columns.join(", ");
        if engine == Engine::Postgres && rows.len() > 1 {
            return self.by_arrays(&columns, rows);
        }
        batches(rows)
            .map(|(count, values)| {
                let tuples = tuples(count, self.columns.len(), |column, sql, number| {
                    if self.json.contains(&self.columns[column]) {
                        engine.json_parameter(sql, number);
                    } else {
                        push_parameter(sql, number);
                    }
                });
                let Self { table, conflict, .. } = self;
                let sql = format!("INSERT INTO {table} ({columns}) VALUES {tuples} {conflict}");
                Statement { sql: sql.into(), values }
            })
            .collect()
    }

    fn by_arrays(&self, columns: &str, mut rows: Vec<Vec<Value>>) -> Vec<Statement> {
        let Self { table, conflict, .. } = self;
        let chosen: Vec<String> = self
            .columns
            .iter()
            .map(|name| {
                if self.json.contains(name) { format!("CAST(r.{name} AS JSON)") } else { format!("r.{name}") }
            })
            .collect();
        let mut statements = Vec::new();
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(ROWS_OF_ARRAYS));
            if let Some((source, values)) = unnested(self.columns, std::mem::replace(&mut rows, rest)) {
                let sql = format!(
                    "INSERT INTO {table} ({columns}) SELECT {} FROM {source} {conflict}",
                    chosen.join(", ")
                );
                statements.push(Statement { sql: sql.into(), values });
            }
        }
        statements
    }
}

/// Adds to the `hit_count` of rows, each key with its own number; a null counts as 0.
pub(crate) fn add_hits(engine: Engine, table: &'static str, hits: Vec<(String, i64)>) -> Vec<Statement> {
    let update = format!(
        "UPDATE {table} SET hit_count = COALESCE(hit_count, 0) + r.by_n FROM source \
         WHERE {table}.cache_key = r.cache_key"
    );
    let rows: Vec<_> = hits.into_iter().map(|(key, by)| vec![Value::Text(Some(key)), by.into()]).collect();
    if engine == Engine::Postgres {
        return unnested(&["cache_key", "by_n"], rows)
            .map(|(source, values)| Statement { sql: update.replace("source", &source).into(), values })
            .into_iter()
            .collect();
    }
    batches(rows)
        .map(|(count, values)| {
            let tuples = tuples(count, 2, |_, sql, number| push_parameter(sql, number));
            let update = update.replace("source", "r");
            let sql = format!("WITH r (cache_key, by_n) AS (VALUES {tuples}) {update}");
            Statement { sql: sql.into(), values }
        })
        .collect()
}

/// Statements of the form `{front} ($1, $2, …) {back}` that cover all keys.
pub(crate) fn with_keys(front: &str, back: &str, keys: Vec<String>) -> Vec<Statement> {
    let rows = keys.into_iter().map(|key| vec![Value::Text(Some(key))]).collect();
    batches(rows)
        .map(|(count, values)| {
            let sql = format!("{front} ({}) {back}", parameters(1, count));
            Statement { sql: sql.into(), values }
        })
        .collect()
}

/// `$first, …` – `count` of them.
pub(crate) fn parameters(first: usize, count: usize) -> String {
    let mut sql = String::with_capacity(count * 5);
    for number in first..first + count {
        if number > first {
            sql.push_str(", ");
        }
        push_parameter(&mut sql, number);
    }
    sql
}

/// Fills a list up to the next of a few sizes by repeating its last item, for `IN` lists: the same rows are found,
/// and few distinct texts are prepared.
pub(crate) fn padded<'a>(keys: &'a [&'a str]) -> Vec<&'a str> {
    let mut keys = keys.to_vec();
    if let Some(&last) = keys.last() {
        let size = [1, 10, 50].into_iter().find(|&size| size >= keys.len()).unwrap_or(100);
        keys.resize(size.max(keys.len()), last);
    }
    keys
}

pub(crate) fn push_parameter(sql: &mut String, number: usize) {
    // Writing to a string cannot fail.
    let _ = write!(sql, "${number}");
}

/// A parameter for a `JSON` column, with the cast that PostgreSQL wants and SQLite must not have (there it would make a
/// number of the text).
pub(crate) fn push_json_cast(sql: &mut String, number: usize, cast: bool) {
    if cast {
        let _ = write!(sql, "CAST(${number} AS JSON)");
    } else {
        push_parameter(sql, number);
    }
}

pub(crate) fn tuples(rows: usize, width: usize, parameter: impl Fn(usize, &mut String, usize)) -> String {
    let mut sql = String::with_capacity(rows * width * 6);
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            if column > 0 {
                sql.push_str(", ");
            }
            parameter(column, &mut sql, row * width + column + 1);
        }
        sql.push(')');
    }
    sql
}

/// Cuts rows into batches of the sizes of [`ROWS`], largest first, their values in a line.
pub(crate) fn batches(rows: Vec<Vec<Value>>) -> impl Iterator<Item = (usize, Vec<Value>)> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let count = ROWS.into_iter().find(|&size| size <= rows.len())?;
        Some((count, rows.by_ref().take(count).flatten().collect()))
    })
}

/// The time as it can be kept: PostgreSQL has microseconds, SQLite would keep nanoseconds.
pub(crate) fn micros(time: NaiveDateTime) -> NaiveDateTime {
    time.with_nanosecond(time.nanosecond() / 1_000 * 1_000).unwrap_or(time)
}

/// A text that must fit as it is: a key, an ASIN, a word from a list. SQLite would accept any length.
pub(crate) fn exact(field: &'static str, text: &str, most: usize) -> Result<Value, StoreError> {
    let length = text.chars().count();
    let reason = if length == 0 {
        "it is empty".to_owned()
    } else if length > most {
        format!("it has {length} characters, at most {most} fit")
    } else if text.contains('\0') {
        "it contains a NUL character".to_owned()
    } else {
        return Ok(text.into());
    };
    Err(StoreError::Invalid { field, reason })
}

/// The same for a text that may be absent.
pub(crate) fn exact_option(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<Value, StoreError> {
    text.map_or(Ok(Value::Text(None)), |text| exact(field, text, most))
}

/// A text for people (a title): cut to `most` characters, without the NUL that PostgreSQL refuses.
pub(crate) fn cut(text: Option<&str>, most: usize) -> Value {
    Value::Text(text.map(|text| text.chars().filter(|&c| c != '\0').take(most).collect()))
}

/// A number that the column `DOUBLE PRECISION` can give back on both engines: SQLite turns NaN into null.
pub(crate) fn finite(field: &'static str, number: f64) -> Result<Value, StoreError> {
    if number.is_finite() {
        Ok(Value::Double(Some(number)))
    } else {
        Err(StoreError::Invalid { field, reason: format!("{number} is not a finite number") })
    }
}

/// A number for an `INTEGER` column, which holds four bytes in PostgreSQL.
pub(crate) fn four_bytes(field: &'static str, number: i64) -> Result<Value, StoreError> {
    i32::try_from(number).map(|_| Value::Int(Some(number))).map_err(|_| StoreError::Invalid {
        field,
        reason: format!("{number} is beyond the range of its column"),
    })
}

/// A JSON value for a column that is always an object or an array (a bare number would change its type in SQLite).
pub(crate) fn json(value: &serde_json::Value) -> Value {
    Value::Text(Some(value.to_string()))
}

/// A JSON text that was read, or an error that names its column.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(
    column: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::corrupt(format!("{column} is not readable: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Insert = Insert { table: "t", columns: &["a", "b"], json: &["b"], conflict: "" };

    fn rows(count: usize) -> Vec<Vec<Value>> {
        (0..count).map(|n| vec![Value::Int(i64::try_from(n).ok()), "{}".into()]).collect()
    }

    #[test]
    fn every_row_is_in_exactly_one_statement() {
        for count in [0, 1, 3, 64, 65, 103] {
            let statements = TABLE.statements(Engine::Sqlite, rows(count));
            let values: Vec<_> = statements.iter().flat_map(|s| s.values.clone()).collect();
            assert_eq!(values, rows(count).concat());
            for statement in &statements {
                assert_eq!(statement.sql.matches('$').count(), statement.values.len());
            }
        }
    }

    #[test]
    fn postgres_takes_many_rows_as_one_array_for_each_column() {
        let statements = TABLE.statements(Engine::Postgres, rows(700));
        assert_eq!(statements.len(), 2);
        assert_eq!(
            statements[0].sql.trim(),
            "INSERT INTO t (a, b) SELECT r.a, CAST(r.b AS JSON) \
             FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS r (a, b)"
        );
        let lengths: Vec<_> = statements
            .iter()
            .map(|s| {
                s.values
                    .iter()
                    .map(|v| matches!(v, Value::List(List::Ints(l)) if l.len() > 1))
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(lengths, [[true, false], [true, false]]);
    }

    #[test]
    fn only_postgres_casts_json() {
        let sql = |engine| TABLE.statements(engine, rows(1))[0].sql.clone();
        assert_eq!(sql(Engine::Sqlite).trim(), "INSERT INTO t (a, b) VALUES ($1, $2)");
        assert_eq!(sql(Engine::Postgres).trim(), "INSERT INTO t (a, b) VALUES ($1, CAST($2 AS JSON))");
    }

    #[test]
    fn a_title_is_cut_by_characters_not_bytes() {
        let title = "é".repeat(600);
        assert_eq!(cut(Some(&title), 500), Value::Text(Some("é".repeat(500))));
        assert_eq!(cut(Some("a\0b"), 500), "ab".into());
        assert_eq!(cut(None, 500), Value::Text(None));
    }

    #[test]
    fn a_padded_list_finds_the_same_keys() {
        assert_eq!(padded(&["a"]), ["a"]);
        assert_eq!(padded(&["a", "b"]).len(), 10);
        assert_eq!(padded(&["a", "b"])[1..], ["b"; 9]);
        assert_eq!(padded(&["a"; 100]).len(), 100);
    }
}
