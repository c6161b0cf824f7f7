//! The history counted: `gleaner_history_bucket` and its neighbours, which the engine fills and adds up.
//!
//! A bucket is a stretch of time, an hour or a day, with the number of rows it had when it was counted. Counting does
//! not happen where answers are written, so it costs no hit anything; whether a bucket is still true is told by
//! counting rows through an index.

use chrono::{NaiveDate, NaiveDateTime};

use crate::rollup_types::{
    Bucket, BucketPut, GroupBy, HistoryText, Insertions, Recount, RollupLine, RollupQuery, RollupState,
    RollupSum,
};
use crate::session::Session;
use crate::statement::{Insert, Statement, Value, cut, exact, with_keys};
use crate::{Engine, Store, StoreError, archive, postgres, sqlite};

const PUT_BUCKET: Insert = Insert {
    table: "gleaner_history_bucket",
    columns: &["starts_at", "archived", "hours", "row_count"],
    json: &[],
    conflict: "",
};

const PUT_LINE: Insert = Insert {
    table: "gleaner_history_rollup",
    columns: &[
        "starts_at",
        "archived",
        "facet",
        "search_type",
        "name",
        "detail",
        "searches",
        "failed",
        "results",
        "hits",
        "misses",
        "tokens_estimated",
        "tokens_charged",
        "tokens_saved",
        "timed",
        "milliseconds",
    ],
    json: &[],
    conflict: "",
};

const PUT_FILTERS: Insert = Insert {
    table: "gleaner_history_filters",
    columns: &["hash", "filters"],
    json: &[],
    conflict: "ON CONFLICT (hash) DO NOTHING",
};

/// The columns of [`HistoryText`], over `search_history h` and `gleaner_search_outcome o`.
pub(crate) const TEXT_COLUMNS: &str = "h.id, h.user_id, h.search_type, CAST(h.filters AS TEXT) AS filters, \
     CAST(h.results_count AS BIGINT) AS results_count, h.source, h.created_at, \
     CAST(h.created_at AS TEXT) AS written_at, o.hits, o.misses, o.tokens_estimated, o.tokens_charged, \
     o.tokens_saved, o.verdicts, o.milliseconds, o.error";

pub(crate) const SUMS: &str = "CAST(SUM(searches) AS BIGINT) AS searches, CAST(SUM(failed) AS BIGINT) AS failed, \
     CAST(SUM(results) AS BIGINT) AS results, CAST(SUM(hits) AS BIGINT) AS hits, \
     CAST(SUM(misses) AS BIGINT) AS misses, CAST(SUM(tokens_estimated) AS BIGINT) AS tokens_estimated, \
     CAST(SUM(tokens_charged) AS BIGINT) AS tokens_charged, CAST(SUM(tokens_saved) AS BIGINT) AS tokens_saved, \
     CAST(SUM(timed) AS BIGINT) AS timed, CAST(SUM(milliseconds) AS BIGINT) AS milliseconds";

impl BucketPut {
    fn rows(&self) -> Result<Vec<Vec<Value>>, StoreError> {
        self.lines.iter().map(|line| line.row(self.bucket.starts_at)).collect()
    }
}

impl RollupLine {
    fn row(&self, starts_at: NaiveDateTime) -> Result<Vec<Value>, StoreError> {
        let m = &self.measures;
        let sums = [
            m.searches,
            m.failed,
            m.results,
            m.hits,
            m.misses,
            m.tokens_estimated,
            m.tokens_charged,
            m.tokens_saved,
            m.timed,
            m.milliseconds,
        ];
        let mut row = vec![
            starts_at.into(),
            0.into(),
            exact("facet", &self.facet, 20)?,
            cut(Some(&self.search_type), 50),
            cut(Some(&self.name), 100),
            cut(Some(&self.detail), 100),
        ];
        row.extend(sums.map(Value::from));
        Ok(row)
    }
}

impl Store {
    /// How many rows of the history each hour has, oldest first, from a moment on. Rows without a time are not in it.
    pub async fn history_hours(
        &self,
        from: Option<NaiveDateTime>,
    ) -> Result<Vec<(NaiveDateTime, i64)>, StoreError> {
        let (group, hour) = self.engine().hour_of("created_at");
        let bound = if from.is_some() { ">= $1" } else { "IS NOT NULL" };
        let sql = format!(
            "SELECT {hour} AS hour, CAST(COUNT(*) AS BIGINT) FROM search_history WHERE created_at {bound} \
             GROUP BY {group} ORDER BY 1"
        );
        let values: Vec<Value> = from.map(Value::from).into_iter().collect();
        let mut session = self.reading().await?;
        let rows: Result<Vec<(String, i64)>, _> = session.rows(sql, &values).await;
        // What is no time in a database of few types is counted with the rows without one.
        Ok(session
            .end(rows)
            .await?
            .into_iter()
            .filter_map(|(hour, rows)| {
                let hour = format!("{}:00:00", hour.get(..13)?.replace('T', " "));
                Some((NaiveDateTime::parse_from_str(&hour, "%Y-%m-%d %H:%M:%S").ok()?, rows))
            })
            .collect())
    }

    /// How many rows of the history have no time.
    pub async fn history_undated(&self) -> Result<i64, StoreError> {
        const UNDATED: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM search_history WHERE created_at IS NULL";
        let mut session = self.reading().await?;
        let count = session.row::<(i64,)>(UNDATED, &[]).await;
        Ok(session.end(count).await?.map_or(0, |(count,)| count))
    }

    /// The rows of `[from, to)`, oldest first, at most `limit`, behind the last one of an earlier call.
    pub async fn history_stretch(
        &self,
        from: NaiveDateTime,
        to: NaiveDateTime,
        behind: Option<&HistoryText>,
        limit: u32,
    ) -> Result<Vec<HistoryText>, StoreError> {
        // By the time as it is written: it need not come out of a value as it went in.
        let time = self.engine().time_parameter(4);
        let behind_last = match behind {
            Some(_) => format!(" AND h.created_at >= {time} AND (h.created_at > {time} OR h.id > $5)"),
            None => String::new(),
        };
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
             WHERE h.created_at >= $1 AND h.created_at < $2{behind_last} ORDER BY h.created_at, h.id LIMIT $3"
        );
        let mut values: Vec<Value> = vec![from.into(), to.into(), i64::from(limit).into()];
        if let Some(last) = behind {
            values.extend([Value::from(last.written_at.as_str()), Value::from(last.id.as_str())]);
        }
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }

    /// The buckets of rows that are in the database, oldest first, from a moment on.
    pub async fn history_buckets(&self, from: Option<NaiveDateTime>) -> Result<Vec<Bucket>, StoreError> {
        let bound = if from.is_some() { "AND starts_at >= $1" } else { "" };
        let sql = format!(
            "SELECT starts_at, hours, row_count FROM gleaner_history_bucket WHERE archived = 0 {bound} ORDER BY 1"
        );
        let values: Vec<Value> = from.map(Value::from).into_iter().collect();
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }

    /// Replaces buckets, all or nothing.
    pub async fn history_recount(&self, recount: &Recount) -> Result<(), StoreError> {
        let mut session = self.writing().await?;
        let done = async {
            hold(&mut session).await?;
            // A month that is on its way to a file, or back, keeps its sums.
            let frozen = archive::in_motion(&mut session).await?;
            let free = |at: &NaiveDateTime| !frozen.iter().any(|(from, to)| (*from..*to).contains(at));
            let mut recount = recount.clone();
            recount.gone.retain(free);
            recount.buckets.retain(|put| free(&put.bucket.starts_at));
            replace(&mut session, &recount).await
        };
        let done = done.await;
        session.end(done).await?;
        self.committed();
        Ok(())
    }

    /// Forgets every bucket of rows that are in the database, and what was counted when.
    pub async fn history_forget_counts(&self) -> Result<(), StoreError> {
        const FORGET: &str = "DELETE FROM gleaner_history_rollup WHERE archived = 0; \
             DELETE FROM gleaner_history_bucket WHERE archived = 0; \
             UPDATE gleaner_history_state SET checked_at = NULL, mark = NULL, marker = NULL, accounted = 0";
        let mut session = self.writing().await?;
        let done = async {
            hold(&mut session).await?;
            session.script(FORGET).await
        };
        let done = done.await;
        session.end(done).await
    }

    /// Up to where the history was counted.
    pub async fn history_state(&self) -> Result<RollupState, StoreError> {
        const STATE: &str =
            "SELECT checked_at, mark, marker, accounted FROM gleaner_history_state WHERE id = 1";
        let mut session = self.reading().await?;
        let state = session.row(STATE, &[]).await;
        Ok(session.end(state).await?.unwrap_or_default())
    }

    /// Keeps up to where the history was counted: at `now`, with what the buckets and the `undated` rows come to.
    pub async fn history_counted(
        &self,
        now: NaiveDateTime,
        mark: Option<i64>,
        marker: Option<&str>,
        accounted: i64,
    ) -> Result<(), StoreError> {
        const COUNTED: &str = "UPDATE gleaner_history_state SET checked_at = $1, mark = $2, marker = $3, \
                               accounted = $4 WHERE id = 1";
        let values =
            vec![now.into(), Value::Int(mark), Value::Text(marker.map(str::to_owned)), accounted.into()];
        let mut session = self.writing().await?;
        let done = session.execute(&Statement { sql: COUNTED.into(), values }).await;
        session.end(done).await?;
        self.committed();
        Ok(())
    }

    /// Where the insertions into the history stand, and how many there were since a state; `None` where the engine
    /// does not tell.
    pub async fn history_insertions(&self, state: &RollupState) -> Result<Option<Insertions>, StoreError> {
        let mut session = self.reading().await?;
        let insertions = match self.engine() {
            Engine::Sqlite => sqlite::insertions(&mut session, state).await,
            Engine::Postgres => postgres::insertions(&mut session, state).await,
        };
        session.end(insertions).await
    }

    /// Rows that the buckets of the database come to.
    pub async fn history_rows_counted(&self) -> Result<i64, StoreError> {
        const COUNTED: &str = "SELECT CAST(COALESCE(SUM(row_count), 0) AS BIGINT) FROM gleaner_history_bucket \
                               WHERE archived = 0";
        let mut session = self.reading().await?;
        let rows = session.row::<(i64,)>(COUNTED, &[]).await;
        Ok(session.end(rows).await?.map_or(0, |(rows,)| rows))
    }

    /// Adds up a facet. Without a limit in the order of the groups; with one, those with most searches.
    pub async fn history_sums(
        &self,
        facet: &str,
        by: GroupBy,
        query: &RollupQuery,
        limit: Option<u32>,
    ) -> Result<Vec<RollupSum>, StoreError> {
        let (name, detail) = match by {
            GroupBy::Values => ("name", "detail"),
            GroupBy::Day => ("substr(CAST(starts_at AS TEXT), 1, 10)", "search_type"),
            GroupBy::SearchType => ("search_type", "''"),
        };
        let (bounds, mut values) = bounds(facet, query);
        let order = match limit {
            None => "ORDER BY 1, 2".to_owned(),
            Some(most) => {
                values.push(i64::from(most).into());
                format!("ORDER BY 3 DESC, 1, 2 LIMIT ${}", values.len())
            }
        };
        let sql = format!(
            "SELECT {name} AS name, {detail} AS detail, {SUMS} FROM gleaner_history_rollup WHERE {bounds} \
             GROUP BY 1, 2 {order}"
        );
        let mut session = self.reading().await?;
        let rows = session.rows(sql, &values).await;
        session.end(rows).await
    }

    /// The texts of filters by their hashes.
    pub async fn history_filters(&self, hashes: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let mut texts = Vec::with_capacity(hashes.len());
        let mut session = self.reading().await?;
        for ask in
            with_keys("SELECT hash, filters FROM gleaner_history_filters WHERE hash IN", "", hashes.to_vec())
        {
            let found: Vec<(String, String)> = session.rows(ask.sql.clone(), &ask.values).await?;
            texts.extend(found);
        }
        session.end(Ok(texts)).await
    }
}

/// Makes those who count at once wait for each other; SQLite has one writer at a time.
pub(crate) async fn hold(session: &mut Session) -> Result<(), StoreError> {
    const HOLD: &str = "UPDATE gleaner_history_state SET accounted = accounted WHERE id = 1";
    session.execute(&Statement { sql: HOLD.into(), values: Vec::new() }).await.map(drop)
}

pub(crate) async fn replace(session: &mut Session, recount: &Recount) -> Result<(), StoreError> {
    hold(session).await?;
    let begins = recount.gone.iter().chain(recount.buckets.iter().map(|put| &put.bucket.starts_at));
    for &begin in begins {
        for table in ["gleaner_history_rollup", "gleaner_history_bucket"] {
            let sql = format!("DELETE FROM {table} WHERE starts_at = $1 AND archived = 0");
            session.execute(&Statement { sql: sql.into(), values: vec![begin.into()] }).await?;
        }
    }
    let engine = session.engine();
    let buckets = recount.buckets.iter().map(|put| {
        let bucket = &put.bucket;
        vec![bucket.starts_at.into(), 0.into(), bucket.hours.into(), bucket.row_count.into()]
    });
    let mut statements = PUT_BUCKET.statements(engine, buckets.collect());
    let lines: Result<Vec<_>, _> = recount.buckets.iter().map(BucketPut::rows).collect();
    statements.extend(PUT_LINE.statements(engine, lines?.concat()));
    let filters = recount.filters.iter().map(|(hash, text)| vec![hash.as_str().into(), text.as_str().into()]);
    statements.extend(PUT_FILTERS.statements(engine, filters.collect()));
    for statement in &statements {
        session.execute(statement).await?;
    }
    Ok(())
}

fn bounds(facet: &str, query: &RollupQuery) -> (String, Vec<Value>) {
    let mut sql = "facet = $1".to_owned();
    let mut values: Vec<Value> = vec![facet.into()];
    let mut and = |text: &str, value: Value| {
        values.push(value);
        sql.push_str(&text.replace('?', &format!("${}", values.len())));
    };
    let midnight = |day: NaiveDate| Value::from(NaiveDateTime::from(day));
    if let Some(day) = query.from {
        and(" AND starts_at >= ?", midnight(day));
    }
    if let Some(day) = query.before {
        and(" AND starts_at < ?", midnight(day));
    }
    if let Some(kind) = &query.search_type {
        and(" AND search_type = ?", kind.as_str().into());
    }
    for &(from, to) in &query.without {
        and(" AND NOT (archived = 1 AND starts_at >= ?", from.into());
        and(" AND starts_at < ?)", to.into());
    }
    (sql, values)
}
