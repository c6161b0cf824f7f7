//! Opening a database, and what happens when that is not possible.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use gleaner_store::{ConnectOptions, Durability, Engine, Store, StoreError, Write};

use crate::support::{Db, at, discovery, discovery_hit, history, score};

conformance!(
    a_database_without_tables_says_what_to_do,
    sessions_keep_universal_time,
    it_works_without_prepared_statements,
    a_reader_finds_what_was_just_written,
    a_lock_held_by_another_program_is_an_error_that_passes,
    a_lost_connection_is_replaced,
);

async fn a_database_without_tables_says_what_to_do(db: Db) {
    let store = db.connect().await;
    store.ping().await.unwrap();
    assert_eq!(store.engine(), db.engine);
    for error in [
        store.discovery("k").await.unwrap_err(),
        store.scores(&["k".to_owned()]).await.unwrap_err(),
        store.upstream().await.unwrap_err(),
        store.commit(&[discovery_hit("k")]).await.unwrap_err(),
        store.purge_expired(at(0), 10).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "database_not_migrated");
        assert!(error.to_string().contains("gleaner db migrate"), "{error}");
    }
    assert!(!store.is_current().await.unwrap());
    let report = store.verify().await.unwrap();
    assert!(!report.ok && report.tables.iter().all(|table| table.rows.is_none()));
}

/// What another program reads is the time in UTC, also where the server lives in another zone.
async fn sessions_keep_universal_time(db: Db) {
    if db.engine == Engine::Postgres {
        let name = db.column("SELECT current_database()::text").await;
        db.by_hand(&format!("ALTER DATABASE {} SET timezone TO 'Asia/Tokyo'", name[0])).await;
    }
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    let written = db.column("SELECT CAST(created_at AS TEXT) FROM product_discovery_cache").await;
    assert_eq!(written, ["2026-01-05 00:00:00"]);
    // And the server's own clock, asked through our session, agrees with the time of this machine in UTC.
    let applied = store.migration_status().await.unwrap()[0].applied_at.unwrap();
    let now = match db.engine {
        Engine::Postgres => "SELECT (now() AT TIME ZONE 'UTC')::timestamp(0)::text",
        Engine::Sqlite => "SELECT CURRENT_TIMESTAMP",
    };
    let now = db.column(now).await;
    let now = chrono::NaiveDateTime::parse_from_str(&now[0], "%Y-%m-%d %H:%M:%S").unwrap();
    assert!((now - applied).num_seconds().abs() < 60, "{now} {applied}");
}

async fn it_works_without_prepared_statements(db: Db) {
    let options = ConnectOptions { statement_cache: false, durability: Durability::Full, ..db.options() };
    let store = Store::connect(&options).await.unwrap();
    store.migrate().await.unwrap();
    for n in 0..3 {
        let writes = [
            Write::PutDiscovery(discovery("k", n)),
            Write::PutScore(score("s", n)),
            discovery_hit("k"),
            Write::History(history(uuid::Uuid::now_v7(), n)),
        ];
        store.commit(&writes).await.unwrap();
        assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
        assert_eq!(store.scores(&["s".to_owned()]).await.unwrap().len(), 1);
    }
    assert!(store.verify().await.unwrap().ok);
    if db.engine == Engine::Postgres {
        let left = db
            .column("SELECT count(*)::text FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()")
            .await;
        assert_eq!(left, ["0"]);
    }
}

async fn a_reader_finds_what_was_just_written(db: Db) {
    let store = db.open().await;
    for n in 0..100 {
        let key = format!("d{n}");
        store.commit(&[Write::PutDiscovery(discovery(&key, n))]).await.unwrap();
        assert!(store.discovery(&key).await.unwrap().is_some(), "{key}");
    }
}

async fn a_lock_held_by_another_program_is_an_error_that_passes(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    if db.engine == Engine::Postgres {
        // There, a row that another program holds is waited for.
        return;
    }
    let impatient = ConnectOptions { acquire_timeout: Duration::from_millis(300), ..db.options() };
    let impatient = Store::connect(&impatient).await.unwrap();
    let holder = {
        use sqlx::Connection;
        let mut holder = sqlx::SqliteConnection::connect(db.database.url()).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut holder).await.unwrap();
        holder
    };
    let error = impatient.commit(&[discovery_hit("k")]).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }) && error.is_transient(), "{error:?}");
    // Reading goes on.
    assert!(impatient.discovery("k").await.unwrap().is_some());
    drop(holder);
    tokio::time::sleep(Duration::from_millis(100)).await;
    impatient.commit(&[discovery_hit("k")]).await.unwrap();
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
}

async fn a_lost_connection_is_replaced(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    if db.engine == Engine::Sqlite {
        return;
    }
    db.by_hand(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    // Nobody is told who only reads.
    assert!(store.discovery("k").await.unwrap().is_some());
    store.commit(&[discovery_hit("k")]).await.unwrap();
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
}

/// All that a person or a log could see of an error.
fn shown(error: &StoreError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        write!(text, " {cause} {cause:?}").unwrap();
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn an_unreachable_server_is_reported_quickly_and_without_the_password() {
    // Nobody listens on the first; the second swallows everything; the third has no such name.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent =
        format!("postgresql+asyncpg://ann:s3cret@127.0.0.1:{}/db", silent.local_addr().unwrap().port());
    for url in [
        "postgres://ann:s3cret@127.0.0.1:1/db",
        silent.as_str(),
        "postgres://ann:s3cret@no.such.host.invalid/db",
    ] {
        let began = Instant::now();
        let options = ConnectOptions { acquire_timeout: Duration::from_secs(2), ..ConnectOptions::new(url) };
        let error = Store::connect(&options).await.unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
        assert!(!shown(&error).contains("s3cret"), "{}", shown(&error));
        assert!(error.to_string().contains("ann:***@"), "{error}");
        assert!(!format!("{options:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_wrong_database_or_user_is_named_without_the_password() {
    let Some(db) = Db::postgres() else { return };
    let url = db.database.url();
    let (front, query) = url.split_once('?').map_or((url, ""), |(front, query)| (front, query));
    let missing = format!("{}/no_such_database?{query}", front.rsplit_once('/').unwrap().0);
    let error = Store::connect(&ConnectOptions::new(missing)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("no_such_database"), "{error}");
}

#[tokio::test]
async fn a_missing_file_is_created_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a/b/gleaner.db");
    let options = ConnectOptions::new(format!("sqlite:{}", file.display()));
    let refused = ConnectOptions { create: false, ..options.clone() };
    let error = Store::connect(&refused).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(!file.exists());
    Store::connect(&options).await.unwrap().migrate().await.unwrap();
    assert!(file.exists());
    Store::connect(&refused).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    let text = "not a database at all, ".repeat(100);
    std::fs::write(&file, &text).unwrap();
    let error = Store::connect(&ConnectOptions::new(format!("sqlite:{}", file.display()))).await.unwrap_err();
    assert_eq!(error.code(), "database_corrupt", "{error:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

/// A full disk makes SQLite end a transaction on its own, before we ask it to. A trigger does the same here.
#[tokio::test]
async fn a_transaction_that_the_engine_ended_does_not_spoil_the_next() {
    let db = Db::sqlite();
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    db.by_hand(
        "CREATE TRIGGER ends BEFORE INSERT ON search_history BEGIN SELECT RAISE(ROLLBACK, 'ended by the engine'); END",
    )
    .await;
    for _ in 0..3 {
        let writes = [discovery_hit("k"), Write::History(history(uuid::Uuid::now_v7(), 0))];
        let error = store.commit(&writes).await.unwrap_err();
        assert_eq!(error.code(), "database_error", "{error:?}");
        store.commit(&[discovery_hit("k")]).await.unwrap();
    }
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 3);
}

#[tokio::test]
async fn a_server_that_accepts_no_writes_says_so_and_answers_questions() {
    let Some(db) = Db::postgres() else { return };
    db.open().await.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    if std::env::var_os("GLEANER_TEST_POOLER").is_some() {
        // The connections that a pooler has already do not notice the setting.
        return;
    }
    let name = db.column("SELECT current_database()::text").await;
    db.by_hand(&format!("ALTER DATABASE {} SET default_transaction_read_only TO on", name[0])).await;
    let store = db.connect().await;
    let error = store.commit(&[discovery_hit("k")]).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 0);
}

/// What a server on one side of a pooler does to a program on the other: the connection dies during a commit.
#[tokio::test]
async fn a_commit_that_fails_with_its_connection_is_told() {
    let Some(db) = Db::postgres() else { return };
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    db.by_hand(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    let mut acknowledged = 0;
    for _ in 0..20 {
        match store.commit(&[discovery_hit("k")]).await {
            Ok(()) => acknowledged += 1,
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(acknowledged >= 16, "{acknowledged}");
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, acknowledged);
}

#[tokio::test]
async fn a_database_in_memory_is_whole() {
    let store = Store::connect(&ConnectOptions::new("sqlite::memory:")).await.unwrap();
    store.migrate().await.unwrap();
    store.commit(&[Write::PutDiscovery(discovery("k", 0)), discovery_hit("k")]).await.unwrap();
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
    assert!(store.verify().await.unwrap().ok);
}
