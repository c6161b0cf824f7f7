//! A database, a clock's readings, and things to write, for every test.

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};
use gleaner_store::{
    ConnectOptions, DiscoveryPut, Engine, HistoryPut, LedgerPut, OutcomePut, ProductPut, ScoreDetail,
    ScorePut, Store, Write,
};
use gleaner_testkit::TestDatabase;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

pub(crate) struct Db {
    pub(crate) engine: Engine,
    pub(crate) database: TestDatabase,
}

impl Db {
    pub(crate) fn sqlite() -> Self {
        Self { engine: Engine::Sqlite, database: gleaner_testkit::sqlite_database() }
    }

    pub(crate) fn postgres() -> Option<Self> {
        let database = gleaner_testkit::postgres_database()?;
        Some(Self { engine: Engine::Postgres, database })
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        ConnectOptions {
            acquire_timeout: Duration::from_secs(20),
            statement_cache: std::env::var_os("GLEANER_TEST_POOLER").is_none(),
            ..ConnectOptions::new(self.database.url())
        }
    }

    /// Opened as it is, without migrating.
    pub(crate) async fn connect(&self) -> Store {
        Store::connect(&self.options()).await.unwrap()
    }

    /// Opened and up to date.
    pub(crate) async fn open(&self) -> Store {
        let store = self.connect().await;
        store.migrate().await.unwrap();
        store
    }

    async fn server(&self) -> PgConnection {
        let options: PgConnectOptions = self.database.url().parse().unwrap();
        PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap()
    }

    /// What another program does to the database.
    pub(crate) async fn by_hand(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self.engine {
            Engine::Sqlite => {
                let url = format!("{}?mode=rwc", self.database.url());
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Engine::Postgres => {
                let mut connection = self.server().await;
                sql.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// What another program sees: every column must be text.
    pub(crate) async fn seen(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let sql = AssertSqlSafe(sql.to_owned());
        macro_rules! texts {
            ($connection:expr) => {{
                let rows = sqlx::raw_sql(sql).fetch_all($connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|n| row.get(n)).collect()).collect()
            }};
        }
        match self.engine {
            Engine::Sqlite => {
                texts!(&mut SqliteConnection::connect(self.database.url()).await.unwrap())
            }
            Engine::Postgres => {
                texts!(&mut self.server().await)
            }
        }
    }

    /// [`Db::seen`] of a single column without nulls.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        self.seen(sql).await.into_iter().map(|row| row[0].clone().unwrap()).collect()
    }

    /// Another program that begins a transaction on the server with a statement; it ends when this is dropped.
    pub(crate) async fn hold(&self, sql: &str) -> PgConnection {
        let mut holder = self.server().await;
        let sql = AssertSqlSafe(format!("BEGIN; {sql}"));
        sqlx::raw_sql(sql).execute(&mut holder).await.unwrap();
        holder
    }

    /// Deadlocks that were solved by running a transaction again are seen all the same. Statistics are complete once
    /// the connections are closed.
    pub(crate) async fn no_deadlock(&self, stores: impl IntoIterator<Item = Store>) {
        for store in stores {
            store.close().await;
        }
        if self.engine == Engine::Postgres && std::env::var_os("GLEANER_TEST_POOLER").is_none() {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let sql = "SELECT deadlocks::text FROM pg_stat_database WHERE datname = current_database()";
            assert_eq!(self.column(sql).await, ["0"]);
        }
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let counts = self.column(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}")).await;
        counts[0].parse().unwrap()
    }
}

/// So many minutes after a Monday's midnight.
pub(crate) fn at(minutes: i64) -> NaiveDateTime {
    let monday = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap().and_hms_opt(0, 0, 0).unwrap();
    monday + chrono::Duration::minutes(minutes)
}

pub(crate) const HOUR: i64 = 60;

pub(crate) fn discovery(key: &str, created: i64) -> DiscoveryPut {
    DiscoveryPut {
        cache_key: key.to_owned(),
        asins: vec!["B000000001".to_owned(), "B000000002".to_owned()],
        filters_applied: json!({"bsr": [10_000, 50_000], "category": 0}),
        detail: Some(json!({"matched": 812, "removed": {"price": 3}})),
        created_at: at(created),
        expires_at: at(created + 24 * HOUR),
    }
}

pub(crate) fn score(key: &str, created: i64) -> ScorePut {
    ScorePut {
        cache_key: key.to_owned(),
        asin: "B000000001".to_owned(),
        roi_percent: 41.176_470_588_235_29,
        velocity_score: 72.3,
        recommendation: "BUY".to_owned(),
        title: Some("A book".to_owned()),
        price: Some(14.0),
        bsr: Some(31_250),
        created_at: at(created),
        expires_at: at(created + 6 * HOUR),
        detail: Some(ScoreDetail {
            rules_version: 3,
            strategy: "balanced".to_owned(),
            fee_cards: "us-2026".to_owned(),
            facts_fetched_at: at(created - 30),
            score: r#"{"net":620,"reasons":["ok"]}"#.to_owned(),
        }),
    }
}

pub(crate) fn product(asin: &str, fetched: i64) -> ProductPut {
    ProductPut {
        domain: 1,
        asin: asin.to_owned(),
        fetched_at: at(fetched),
        json: format!(r#"{{"asin":"{asin}","csv":[[1,2,3],null],"minute":{fetched}}}"#).into_bytes(),
        title: Some(format!("Title of {asin}")),
        root_category: Some(283_155),
        bsr: Some(12_345),
        excerpt: None,
    }
}

pub(crate) fn history(id: Uuid, created: i64) -> HistoryPut {
    HistoryPut {
        id,
        user_id: None,
        search_type: "discovery".to_owned(),
        filters: json!({"category": "Books"}),
        results_count: 2,
        source: Some("api".to_owned()),
        created_at: at(created),
    }
}

pub(crate) fn outcome(history_id: Uuid) -> OutcomePut {
    OutcomePut {
        history_id,
        hits: 1,
        misses: 0,
        tokens_estimated: 11,
        tokens_charged: 0,
        tokens_saved: 11,
        verdicts: json!({"BUY": 2}),
        milliseconds: 4,
        error: None,
    }
}

pub(crate) fn ledger(purpose: &str, minutes: i64, charged: Option<i64>, balance: Option<i64>) -> LedgerPut {
    LedgerPut {
        id: Uuid::now_v7(),
        at: at(minutes),
        purpose: purpose.to_owned(),
        request: "product x2".to_owned(),
        estimated: 2,
        charged,
        balance_after: balance,
        products_bought: 2,
        tokens_saved: 1,
    }
}

pub(crate) fn discovery_hit(key: &str) -> Write {
    Write::DiscoveryHit { key: key.to_owned(), by: 1 }
}

pub(crate) fn score_hit(key: &str) -> Write {
    Write::ScoreHit { key: key.to_owned() }
}
