//! A database of its own for each test, seen and changed from outside the program.

use gleaner_testkit::TestDatabase;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

pub(crate) struct Db {
    /// `None`: a file that the program wrote.
    database: Option<TestDatabase>,
    url: String,
    file: bool,
}

impl Db {
    pub(crate) fn sqlite() -> Self {
        Self::of(gleaner_testkit::sqlite_database())
    }

    pub(crate) fn postgres() -> Option<Self> {
        gleaner_testkit::postgres_database().map(Self::of)
    }

    fn of(database: TestDatabase) -> Self {
        Self { url: database.url().to_owned(), file: database.file().is_some(), database: Some(database) }
    }

    /// A SQLite file that the program wrote.
    pub(crate) fn at(file: &std::path::Path) -> Self {
        Self { url: format!("sqlite:{}", file.display()), file: true, database: None }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.file
    }

    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.database.as_ref().and_then(TestDatabase::file).unwrap()
    }

    /// Whether anything has been written at all, the schema included.
    pub(crate) async fn is_untouched(&self) -> bool {
        match self.database.as_ref().and_then(TestDatabase::file) {
            Some(file) => !file.exists(),
            None => self
                .column("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
                .await
                .is_empty(),
        }
    }

    async fn server(&self) -> PgConnection {
        let options: PgConnectOptions = self.url().parse().unwrap();
        PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap()
    }

    /// What another program does to the database.
    pub(crate) async fn by_hand(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        if self.is_sqlite() {
            let url = format!("{}?mode=rwc", self.url());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sql.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = self.server().await;
            sql.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }

    /// The rows of a query whose columns are all text; a missing value is shown as `NULL`.
    pub(crate) async fn seen(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = AssertSqlSafe(sql.to_owned());
        macro_rules! texts {
            ($connection:expr) => {{
                let rows = sqlx::raw_sql(sql).fetch_all($connection).await.unwrap();
                let text = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
                rows.iter().map(|row| (0..row.len()).map(|n| text(row.get(n))).collect()).collect()
            }};
        }
        if self.is_sqlite() {
            texts!(&mut SqliteConnection::connect(self.url()).await.unwrap())
        } else {
            texts!(&mut self.server().await)
        }
    }

    /// [`Db::seen`] of a single column.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        self.seen(sql).await.into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// A single number.
    pub(crate) async fn number(&self, expression: &str, table: &str) -> i64 {
        let sql = format!("SELECT CAST(COALESCE({expression}, 0) AS TEXT) FROM {table}");
        self.column(&sql).await[0].parse().unwrap()
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number("COUNT(*)", table).await
    }

    /// `(search_type, source, results_count, hits, misses, charged)` of every question, the oldest first.
    pub(crate) async fn questions(&self) -> Vec<(String, String, [i64; 4])> {
        let sql = "SELECT h.search_type, h.source, CAST(h.results_count AS TEXT), CAST(o.hits AS TEXT), \
                   CAST(o.misses AS TEXT), CAST(o.tokens_charged AS TEXT) \
                   FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id ORDER BY h.id";
        let numbers = |row: &[String]| [2, 3, 4, 5].map(|n: usize| row[n].parse().unwrap());
        self.seen(sql).await.iter().map(|row| (row[0].clone(), row[1].clone(), numbers(row))).collect()
    }

    /// Makes the cache rows look older than they are, so that they have expired.
    pub(crate) async fn expire(&self, table: &str, condition: &str) {
        self.by_hand(&format!("UPDATE {table} SET expires_at = '2020-01-01 00:00:00' WHERE {condition}"))
            .await;
    }
}
