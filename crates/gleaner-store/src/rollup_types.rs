//! What the history is counted in: buckets, sums, and what is asked of them. See [`crate::rollup`] for the queries.

use chrono::{NaiveDate, NaiveDateTime};

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Measures {
    /// Questions.
    pub searches: i64,
    /// Those without an answer.
    pub failed: i64,
    /// Results of the answers; of the facet `verdict` those with that verdict.
    pub results: i64,
    /// Parts that came from the cache.
    pub hits: i64,
    /// Parts that did not.
    pub misses: i64,
    /// Tokens they were expected to cost.
    pub tokens_estimated: i64,
    /// Tokens that Keepa charged.
    pub tokens_charged: i64,
    /// Tokens that they would have cost without the cache, less what they did.
    pub tokens_saved: i64,
    /// Questions of which it is known how long they took.
    pub timed: i64,
    /// How long these took together.
    pub milliseconds: i64,
}

/// A sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollupLine {
    /// What `name` and `detail` are.
    pub facet: String,
    /// `discovery`, `scoring`, ….
    pub search_type: String,
    /// The value of the facet, at most 100 characters.
    pub name: String,
    /// A second value, where the facet has one.
    pub detail: String,
    /// The sums.
    pub measures: Measures,
}

/// A stretch of the history that is counted.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Bucket {
    /// When it begins (UTC).
    pub starts_at: NaiveDateTime,
    /// Hours it is long: 1 or 24.
    pub hours: i64,
    /// Rows of the history in it when it was counted.
    pub row_count: i64,
}

/// A bucket to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPut {
    /// The bucket.
    pub bucket: Bucket,
    /// Its sums; no two for the same facet, type, name and detail.
    pub lines: Vec<RollupLine>,
}

/// Buckets that replace others, and the filters that their lines speak of, by hash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recount {
    /// Begins of the buckets that go, with their lines.
    pub gone: Vec<NaiveDateTime>,
    /// Buckets that come.
    pub buckets: Vec<BucketPut>,
    /// Hash and text.
    pub filters: Vec<(String, String)>,
}

/// Up to where the history was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct RollupState {
    /// When it was looked at last (UTC); `None`: never.
    pub checked_at: Option<NaiveDateTime>,
    /// [`Insertions::mark`] then.
    pub mark: Option<i64>,
    /// [`Insertions::marker`] then.
    pub marker: Option<String>,
    /// Rows that the buckets and the rows without a time came to then.
    pub accounted: i64,
}

/// Where the insertions into the history stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertions {
    /// Grows with every row that is inserted: SQLite's last rowid, PostgreSQL's own count (up to a second late).
    pub mark: i64,
    /// SQLite: the id of the row with that rowid. Another one there later means that rows were numbered anew.
    pub marker: Option<String>,
    /// What was inserted since an earlier state.
    pub since: Since,
}

/// What was inserted since an earlier state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// That cannot be told.
    Unknown,
    /// Rows of these days (SQLite).
    Days(Vec<NaiveDate>),
    /// So many rows, or some more (PostgreSQL).
    AtLeast(i64),
}

/// A row of the history as it is kept, for counting.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at HistoryPut and OutcomePut")]
pub struct HistoryText {
    pub id: String,
    pub user_id: Option<String>,
    pub search_type: String,
    /// JSON, as it is kept.
    pub filters: String,
    pub results_count: i64,
    pub source: Option<String>,
    /// Never `None` in a stretch of time.
    pub created_at: NaiveDateTime,
    /// The same as the database writes it.
    pub written_at: String,
    #[sqlx(flatten)]
    pub outcome: OutcomeText,
}

/// The outcome of such a row; all are `None` when another program wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, sqlx::FromRow)]
#[expect(missing_docs, reason = "they are described at OutcomePut")]
pub struct OutcomeText {
    pub hits: Option<i64>,
    pub misses: Option<i64>,
    pub tokens_estimated: Option<i64>,
    pub tokens_charged: Option<i64>,
    pub tokens_saved: Option<i64>,
    /// JSON, as it is kept.
    pub verdicts: Option<String>,
    pub milliseconds: Option<i64>,
    pub error: Option<String>,
}

/// Which lines are added up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollupQuery {
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Before this day.
    pub before: Option<NaiveDate>,
    /// Only this kind of search.
    pub search_type: Option<String>,
    /// Stretches `[from, to)` whose archived lines do not count: their files are gone.
    pub without: Vec<(NaiveDateTime, NaiveDateTime)>,
}

/// A sum over buckets.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RollupSum {
    /// The day, the kind of search or the facet's value, as asked.
    pub name: String,
    /// The facet's second value.
    pub detail: String,
    /// The sums.
    #[sqlx(flatten)]
    pub measures: Measures,
}

/// What lines are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The facet's values.
    Values,
    /// The day, `2026-01-31`, and as a second value the kind of search.
    Day,
    /// The kind of search.
    SearchType,
}
