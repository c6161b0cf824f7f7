//! Months of the history that live in files: what is in `gleaner_history_archive`, and moving rows out and in.
//!
//! While a month is on its way (`moving`, `restoring`), its sums stand still; whichever step the program died at,
//! doing it again from the file gives the same.

use chrono::{Months, NaiveDateTime};

use crate::rollup::{hold, replace};
use crate::rollup_types::{HistoryText, Recount};
use crate::session::Session;
use crate::statement::{Insert, Statement, Value, exact, four_bytes, with_keys};
use crate::{Store, StoreError};

/// The file is whole; its rows are leaving the database.
pub const MOVING: &str = "moving";
/// The rows are in the file alone.
pub const ARCHIVED: &str = "archived";
/// The rows are coming back.
pub const RESTORING: &str = "restoring";

/// A file with a month of the history.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ArchiveRow {
    /// Its name.
    pub file: String,
    /// Where it was written.
    pub folder: String,
    /// The first moment of its month (UTC).
    pub month: NaiveDateTime,
    /// [`MOVING`], [`ARCHIVED`] or [`RESTORING`].
    pub state: String,
    /// Rows in it.
    pub row_count: i64,
    /// Its size.
    pub bytes: i64,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// When it was written (UTC).
    pub archived_at: NaiveDateTime,
}

impl ArchiveRow {
    /// Its month as `[from, to)`.
    #[must_use]
    pub fn stretch(&self) -> (NaiveDateTime, NaiveDateTime) {
        (self.month, self.month.checked_add_months(Months::new(1)).unwrap_or(NaiveDateTime::MAX))
    }
}

const PUT: Insert = Insert {
    table: "gleaner_history_archive",
    columns: &["file", "folder", "month", "state", "row_count", "bytes", "sha256", "archived_at"],
    json: &[],
    conflict: "",
};

/// The sums over a month go from one side to the other, to those that are there already.
const TO_ARCHIVE: &str = "INSERT INTO gleaner_history_rollup (starts_at, archived, facet, search_type, name, detail, \
     searches, failed, results, hits, misses, tokens_estimated, tokens_charged, tokens_saved, timed, milliseconds) \
     SELECT starts_at, 1, facet, search_type, name, detail, searches, failed, results, hits, misses, \
     tokens_estimated, tokens_charged, tokens_saved, timed, milliseconds FROM gleaner_history_rollup \
     WHERE archived = 0 AND starts_at >= $1 AND starts_at < $2 \
     ON CONFLICT (facet, starts_at, archived, search_type, name, detail) DO UPDATE SET \
     searches = gleaner_history_rollup.searches + excluded.searches, \
     failed = gleaner_history_rollup.failed + excluded.failed, \
     results = gleaner_history_rollup.results + excluded.results, \
     hits = gleaner_history_rollup.hits + excluded.hits, \
     misses = gleaner_history_rollup.misses + excluded.misses, \
     tokens_estimated = gleaner_history_rollup.tokens_estimated + excluded.tokens_estimated, \
     tokens_charged = gleaner_history_rollup.tokens_charged + excluded.tokens_charged, \
     tokens_saved = gleaner_history_rollup.tokens_saved + excluded.tokens_saved, \
     timed = gleaner_history_rollup.timed + excluded.timed, \
     milliseconds = gleaner_history_rollup.milliseconds + excluded.milliseconds";

/// What came to a month while its sums stood still is looked for at the next counting, even if that is another program's.
const LOOK_AGAIN: &str = "UPDATE gleaner_history_state SET checked_at = NULL";

const BUCKETS_TO_ARCHIVE: &str = "INSERT INTO gleaner_history_bucket (starts_at, archived, hours, row_count) \
     SELECT starts_at, 1, hours, row_count FROM gleaner_history_bucket \
     WHERE archived = 0 AND starts_at >= $1 AND starts_at < $2 \
     ON CONFLICT (starts_at, archived) DO UPDATE SET \
     row_count = gleaner_history_bucket.row_count + excluded.row_count";

impl Store {
    /// Every file, the oldest month first.
    pub async fn archives(&self) -> Result<Vec<ArchiveRow>, StoreError> {
        const ALL: &str = "SELECT file, folder, month, state, row_count, bytes, sha256, archived_at \
                           FROM gleaner_history_archive ORDER BY month, file";
        let mut session = self.reading().await?;
        let rows = session.rows(ALL, &[]).await;
        session.end(rows).await
    }

    /// Notes a file that is whole, and takes the sums of its month from it: from now on they stand still.
    pub async fn archive_begin(&self, file: &ArchiveRow, sums: &Recount) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        let done = begin(&mut session, file, sums).await;
        session.end(done).await?;
        self.committed();
        Ok(())
    }

    /// Removes rows that are in a file, with their outcomes.
    pub async fn archive_remove(&self, ids: Vec<String>) -> Result<(), StoreError> {
        let mut statements =
            with_keys("DELETE FROM gleaner_search_outcome WHERE history_id IN", "", ids.clone());
        statements.extend(with_keys("DELETE FROM search_history WHERE id IN", "", ids));
        self.all_of(statements).await
    }

    /// The rows of a file have left the database: its month counts as archived.
    pub async fn archive_finish(&self, file: &ArchiveRow) -> Result<(), StoreError> {
        const LEAVE: [&str; 2] = [
            "DELETE FROM gleaner_history_rollup WHERE archived = 0 AND starts_at >= $1 AND starts_at < $2",
            "DELETE FROM gleaner_history_bucket WHERE archived = 0 AND starts_at >= $1 AND starts_at < $2",
        ];
        const ARCHIVE: &str = "UPDATE gleaner_history_archive SET state = $1 WHERE file = $2";
        let (from, to) = file.stretch();
        let mut statements: Vec<Statement> = [TO_ARCHIVE, BUCKETS_TO_ARCHIVE, LEAVE[0], LEAVE[1]]
            .map(|sql| Statement { sql: sql.into(), values: vec![from.into(), to.into()] })
            .into();
        let values = vec![ARCHIVED.into(), file.file.as_str().into()];
        statements.push(Statement { sql: ARCHIVE.into(), values });
        statements.push(Statement { sql: LOOK_AGAIN.into(), values: Vec::new() });
        self.all_of(statements).await
    }

    /// The rows of a month begin to come back.
    pub async fn archive_restoring(&self, month: NaiveDateTime) -> Result<(), StoreError> {
        const RESTORE: &str = "UPDATE gleaner_history_archive SET state = $1 WHERE month = $2";
        let values = vec![RESTORING.into(), month.into()];
        self.all_of(vec![Statement { sql: RESTORE.into(), values }]).await
    }

    /// Puts rows back; those that are there stay as they are.
    pub async fn archive_put_back(&self, rows: &[HistoryText]) -> Result<(), StoreError> {
        let history: Result<Vec<_>, StoreError> = rows.iter().map(history_row).collect();
        let engine = self.engine();
        let mut statements = crate::history::INSERT.statements(engine, history?);
        let outcomes = rows.iter().filter_map(outcome_row).collect();
        statements.extend(crate::history::INSERT_OUTCOME.statements(engine, outcomes));
        self.all_of(statements).await
    }

    /// How many of these ids are in the database.
    pub async fn history_present(&self, ids: Vec<String>) -> Result<u64, StoreError> {
        let mut session = self.reading().await?;
        let mut present = 0;
        for ask in with_keys("SELECT CAST(COUNT(*) AS BIGINT) FROM search_history WHERE id IN", "", ids) {
            let count = session.row::<(i64,)>(ask.sql.clone(), &ask.values).await?;
            present += count.map_or(0, |(count,)| u64::try_from(count).unwrap_or_default());
        }
        session.end(Ok(present)).await
    }

    /// The rows of a month are back: its files are forgotten, and its sums, which are counted again.
    pub async fn archive_restored(&self, month: NaiveDateTime) -> Result<(), StoreError> {
        const FORGET: &str = "DELETE FROM gleaner_history_archive WHERE month = $1";
        let to = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDateTime::MAX);
        let mut statements: Vec<Statement> = [
            "DELETE FROM gleaner_history_rollup WHERE starts_at >= $1 AND starts_at < $2",
            "DELETE FROM gleaner_history_bucket WHERE starts_at >= $1 AND starts_at < $2",
        ]
        .map(|sql| Statement { sql: sql.into(), values: vec![month.into(), to.into()] })
        .into();
        statements.push(Statement { sql: FORGET.into(), values: vec![month.into()] });
        statements.push(Statement { sql: LOOK_AGAIN.into(), values: Vec::new() });
        self.all_of(statements).await
    }

    async fn all_of(&self, statements: Vec<Statement>) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        let done = all(&mut session, statements).await;
        session.end(done).await?;
        self.committed();
        Ok(())
    }
}

/// The months that are on their way, as `[from, to)`.
pub(crate) async fn in_motion(
    session: &mut Session,
) -> Result<Vec<(NaiveDateTime, NaiveDateTime)>, StoreError> {
    const MOTION: &str = "SELECT file, folder, month, state, row_count, bytes, sha256, archived_at \
                          FROM gleaner_history_archive WHERE state <> $1";
    let rows: Vec<ArchiveRow> = session.rows(MOTION, &[ARCHIVED.into()]).await?;
    Ok(rows.iter().map(ArchiveRow::stretch).collect())
}

async fn all(session: &mut Session, statements: Vec<Statement>) -> Result<(), StoreError> {
    hold(session).await?;
    for statement in &statements {
        session.execute(statement).await?;
    }
    Ok(())
}

async fn begin(session: &mut Session, file: &ArchiveRow, sums: &Recount) -> Result<(), StoreError> {
    replace(session, sums).await?;
    let row = vec![
        exact("file", &file.file, 255)?,
        file.folder.as_str().into(),
        file.month.into(),
        file.state.as_str().into(),
        file.row_count.into(),
        file.bytes.into(),
        file.sha256.as_str().into(),
        file.archived_at.into(),
    ];
    for statement in &PUT.statements(session.engine(), vec![row]) {
        session.execute(statement).await?;
    }
    Ok(())
}

/// As it was, also where another program wrote what this one would not.
fn history_row(row: &HistoryText) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        row.id.as_str().into(),
        Value::Text(row.user_id.clone()),
        row.search_type.as_str().into(),
        Value::Text(Some(row.filters.clone())),
        four_bytes("results_count", row.results_count)?,
        Value::Text(row.source.clone()),
        row.created_at.into(),
    ])
}

fn outcome_row(row: &HistoryText) -> Option<Vec<Value>> {
    let outcome = &row.outcome;
    Some(vec![
        row.id.as_str().into(),
        outcome.hits?.into(),
        outcome.misses?.into(),
        outcome.tokens_estimated?.into(),
        outcome.tokens_charged?.into(),
        outcome.tokens_saved?.into(),
        outcome.verdicts.as_deref()?.into(),
        outcome.milliseconds?.into(),
        Value::Text(outcome.error.clone()),
    ])
}
