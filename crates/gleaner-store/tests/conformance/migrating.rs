//! Up, down, and the databases that were there before us.

use gleaner_store::{Engine, Group, RollbackTo, Store, StoreError, TableReport, Write};
use uuid::Uuid;

use crate::support::{Db, at, discovery, discovery_hit, history, ledger, outcome, product, score};

/// A table each; the record of them is one more.
const MIGRATIONS: i64 = 38;
/// The table of the newest.
const NEWEST: &str = "gleaner_product_excerpt";

fn count<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap()
}

conformance!(
    migrating_twice_does_nothing_the_second_time,
    up_down_up_leaves_the_same_schema,
    a_step_back_undoes_only_the_newest,
    rolling_back_an_own_database_leaves_nothing,
    a_database_made_by_hand_is_adopted_used_rolled_back_and_keeps_its_rows,
    a_table_that_lacks_a_column_is_not_adopted_and_nothing_is_created,
    tables_of_other_programs_are_left_alone,
    a_database_of_the_version_before_is_upgraded_with_its_rows_and_back,
    a_database_of_every_earlier_version_is_upgraded_with_its_rows_and_back,
    many_programs_migrating_at_once_migrate_once,
    a_database_of_a_newer_program_is_refused,
    a_fresh_database_verifies,
    verify_finds_a_column_altered_by_hand,
    verify_finds_a_dropped_index_and_an_index_on_another_column,
    verify_finds_a_missing_table,
    verify_counts_rows,
);

async fn migrating_twice_does_nothing_the_second_time(db: Db) {
    let store = db.connect().await;
    assert!(!store.is_current().await.unwrap());
    let first = store.migrate().await.unwrap();
    assert_eq!(count(&first.applied), MIGRATIONS);
    assert_eq!(first.applied[0], (1, "product_discovery_cache".to_owned()));
    assert!(first.adopted.is_empty());
    assert!(store.is_current().await.unwrap());
    assert!(store.migrate().await.unwrap().applied.is_empty());
    let status = store.migration_status().await.unwrap();
    assert!(status.iter().all(|one| one.applied_at.is_some() && !one.adopted));
}

/// Everything the catalogue says about tables, columns and indexes.
async fn shape(db: &Db) -> Vec<String> {
    match db.engine {
        Engine::Sqlite => db.column("SELECT COALESCE(sql, name) FROM sqlite_master ORDER BY 1").await,
        Engine::Postgres => {
            let columns = "SELECT (table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || \
                 COALESCE(column_default, ''))::text FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1";
            let indexes = "SELECT indexdef::text FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1";
            [db.column(columns).await, db.column(indexes).await].concat()
        }
    }
}

async fn up_down_up_leaves_the_same_schema(db: Db) {
    let store = db.open().await;
    let before = shape(&db).await;
    assert!(before.len() > 20);
    store.rollback(RollbackTo::Version(0)).await.unwrap();
    assert_eq!(shape(&db).await, Vec::<String>::new());
    store.migrate().await.unwrap();
    assert_eq!(shape(&db).await, before);
    assert!(store.verify().await.unwrap().ok);
}

async fn a_step_back_undoes_only_the_newest(db: Db) {
    let store = db.open().await;
    let report = store.rollback(RollbackTo::Steps(1)).await.unwrap();
    assert_eq!(report.reverted, [(MIGRATIONS, NEWEST.to_owned())]);
    assert!(!store.is_current().await.unwrap());
    let report = store.rollback(RollbackTo::Version(4)).await.unwrap();
    assert_eq!(
        report.reverted.iter().map(|(version, _)| *version).collect::<Vec<_>>(),
        (5..MIGRATIONS).rev().collect::<Vec<_>>()
    );
    assert_eq!(count(&store.migrate().await.unwrap().applied), MIGRATIONS - 4);
}

async fn rolling_back_an_own_database_leaves_nothing(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    let report = store.rollback(RollbackTo::Steps(u32::MAX)).await.unwrap();
    assert_eq!(count(&report.reverted), MIGRATIONS);
    assert!(report.kept.is_empty());
    assert_eq!(shape(&db).await, Vec::<String>::new());
    assert_eq!(store.discovery("k").await.unwrap_err().code(), "database_not_migrated");
}

/// The three tables as another program made them: with rows, without the indexes.
const BY_HAND: &str = "
    CREATE TABLE product_discovery_cache (cache_key VARCHAR(255) NOT NULL PRIMARY KEY, asins JSON NOT NULL,
        filters_applied JSON, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, expires_at TIMESTAMP NOT NULL,
        hit_count INTEGER DEFAULT 0);
    CREATE TABLE product_scoring_cache (cache_key VARCHAR(255) NOT NULL PRIMARY KEY, asin VARCHAR(20) NOT NULL,
        roi_percent DOUBLE PRECISION NOT NULL, velocity_score DOUBLE PRECISION NOT NULL,
        recommendation VARCHAR(50) NOT NULL, title VARCHAR(500), price DOUBLE PRECISION, bsr INTEGER,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, expires_at TIMESTAMP NOT NULL, hit_count INTEGER DEFAULT 0);
    CREATE TABLE search_history (id VARCHAR(36) NOT NULL DEFAULT UUID_DEFAULT PRIMARY KEY, user_id VARCHAR(36),
        search_type VARCHAR(50) NOT NULL, filters JSON NOT NULL, results_count INTEGER NOT NULL, source VARCHAR(50),
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO product_discovery_cache (cache_key, asins, created_at, expires_at, hit_count)
        VALUES ('discovery:1:0:10000-50000', '[\"B000000009\"]', '2026-01-05 00:00:00', '2026-01-06 00:00:00', NULL);
    INSERT INTO search_history (search_type, filters, results_count, source)
        VALUES ('discovery', '{\"category\": 0}', 1, 'frontend');";

async fn make_by_hand(db: &Db) {
    let uuid = match db.engine {
        Engine::Sqlite => "(lower(hex(randomblob(16))))",
        Engine::Postgres => "gen_random_uuid()",
    };
    db.by_hand(&BY_HAND.replace("UUID_DEFAULT", uuid)).await;
}

async fn a_database_made_by_hand_is_adopted_used_rolled_back_and_keeps_its_rows(db: Db) {
    make_by_hand(&db).await;
    let store = db.connect().await;
    let report = store.migrate().await.unwrap();
    assert_eq!(report.adopted, ["product_discovery_cache", "product_scoring_cache", "search_history"]);
    assert_eq!(store.migration_status().await.unwrap().iter().filter(|one| one.adopted).count(), 3);

    let key = "discovery:1:0:10000-50000";
    let row = store.discovery(key).await.unwrap().unwrap();
    assert_eq!((row.hit_count, row.asins.as_slice()), (0, ["B000000009".to_owned()].as_slice()));
    assert_eq!((row.detail, row.filters_applied), (None, serde_json::Value::Null));
    let id = Uuid::now_v7();
    let writes = [
        discovery_hit(key),
        Write::PutScore(score("scoring:B000000001:1", 0)),
        Write::History(history(id, 0)),
    ];
    store.commit(&writes).await.unwrap();
    assert_eq!(store.discovery(key).await.unwrap().unwrap().hit_count, 1);

    let report = store.rollback(RollbackTo::Version(0)).await.unwrap();
    assert_eq!(report.kept, ["search_history", "product_scoring_cache", "product_discovery_cache"]);
    assert_eq!(db.count("product_discovery_cache").await, 1);
    assert_eq!(db.count("product_scoring_cache").await, 1);
    assert_eq!(db.count("search_history").await, 2);
    let ours = shape(&db).await.into_iter().filter(|line| line.contains("gleaner_")).count();
    assert_eq!(ours, 0);

    assert_eq!(store.migrate().await.unwrap().adopted.len(), 3);
    assert_eq!(store.discovery(key).await.unwrap().unwrap().hit_count, 1);
}

async fn a_table_that_lacks_a_column_is_not_adopted_and_nothing_is_created(db: Db) {
    db.by_hand("CREATE TABLE search_history (id VARCHAR(36) PRIMARY KEY, query TEXT)").await;
    let store = db.connect().await;
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(&error, StoreError::Incompatible { table, .. } if table == "search_history"), "{error}");
    assert!(error.to_string().contains("results_count"), "{error}");
    assert!(!shape(&db).await.iter().any(|line| line.contains("gleaner_") || line.contains("scoring")));
}

async fn tables_of_other_programs_are_left_alone(db: Db) {
    db.by_hand("CREATE TABLE users (id INTEGER); CREATE TABLE autosourcing_jobs (id INTEGER);").await;
    let store = db.open().await;
    store.rollback(RollbackTo::Version(0)).await.unwrap();
    assert_eq!(db.count("users").await + db.count("autosourcing_jobs").await, 0);
}

/// Version 9 is what the first release had.
async fn a_database_of_the_version_before_is_upgraded_with_its_rows_and_back(db: Db) {
    let store = db.open().await;
    store.rollback(RollbackTo::Version(9)).await.unwrap();
    let old = shape(&db).await;
    let id = Uuid::now_v7();
    let writes = [
        Write::PutDiscovery(discovery("k", 0)),
        Write::PutScore(score("s", 0)),
        Write::PutProduct(product("B000000001", 0)),
        Write::History(history(id, 0)),
        Write::Outcome(outcome(id)),
        Write::Ledger(ledger("scoring", 0, Some(2), Some(298))),
    ];
    store.commit(&writes).await.unwrap();
    store.close().await;

    let store = db.connect().await;
    let applied = store.migrate().await.unwrap().applied;
    let versions: Vec<_> = applied.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (10..=MIGRATIONS).collect::<Vec<_>>());
    assert!(store.verify().await.unwrap().ok);
    let groups = [Group { generation: Some(0), writes: vec![discovery_hit("k"), Write::BumpGeneration] }];
    assert_eq!(store.commit_groups(&groups).await.unwrap(), [true]);
    assert_eq!(store.account().await.unwrap(), None);
    assert_eq!(db.column("SELECT CAST(tokens_saved AS TEXT) FROM gleaner_search_outcome").await, ["11"]);

    store.rollback(RollbackTo::Version(9)).await.unwrap();
    assert_eq!(shape(&db).await, old);
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
    assert_eq!(store.scores(&["s".to_owned()]).await.unwrap().len(), 1);
    assert_eq!(store.products(1, &["B000000001".to_owned()]).await.unwrap().len(), 1);
    assert_eq!(store.history_recent(9).await.unwrap().len(), 1);
    assert_eq!(store.last_balance().await.unwrap(), Some((298, at(0))));
    assert_eq!(count(&store.migrate().await.unwrap().applied), MIGRATIONS - 9);
}

/// A row for some tables, as a program of the version that made the table would have written it.
const ROWS: [(i64, &str, &str); 7] = [
    (
        1,
        "product_discovery_cache",
        "(cache_key, asins, expires_at) VALUES ('k', '[]', '2026-01-01 00:00:00')",
    ),
    (
        2,
        "product_scoring_cache",
        "(cache_key, asin, roi_percent, velocity_score, recommendation, expires_at) \
         VALUES ('s', 'B000000001', 1.5, 2.5, 'SKIP', '2026-01-01 00:00:00')",
    ),
    (3, "search_history", "(search_type, filters, results_count) VALUES ('discovery', '{}', 3)"),
    (4, "gleaner_meta", "(name, value) VALUES ('note', 'kept')"),
    (
        6,
        "gleaner_discovery_detail",
        "(cache_key, created_at, expires_at, detail) \
         VALUES ('k', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '{}')",
    ),
    (13, "gleaner_flight", "(flight_key, owner, lease_until) VALUES ('k', 'me', 1)"),
    (
        14,
        "gleaner_rules",
        "(strategy, version, document, created_at) VALUES ('b', 2, '{}', '2026-01-01 00:00:00')",
    ),
];

async fn a_database_of_every_earlier_version_is_upgraded_with_its_rows_and_back(db: Db) {
    let store = db.open().await;
    for version in 1..MIGRATIONS {
        store.rollback(RollbackTo::Version(version)).await.unwrap();
        let old = shape(&db).await;
        let rows = || ROWS.into_iter().filter(|(since, ..)| *since <= version);
        for (_, table, row) in rows() {
            db.by_hand(&format!("INSERT INTO {table} {row}")).await;
        }
        store.migrate().await.unwrap();
        assert!(store.verify().await.unwrap().ok, "from version {version}");
        for (_, table, _) in rows() {
            assert_eq!(db.count(table).await, 1, "{table}, up from version {version}");
        }
        store.rollback(RollbackTo::Version(version)).await.unwrap();
        assert_eq!(shape(&db).await, old, "version {version}");
        for (_, table, _) in rows() {
            assert_eq!(db.count(table).await, 1, "{table}, back to version {version}");
        }
        store.rollback(RollbackTo::Version(0)).await.unwrap();
        store.migrate().await.unwrap();
    }
}

async fn many_programs_migrating_at_once_migrate_once(db: Db) {
    let programs: Vec<_> = (0..6)
        .map(|_| {
            let options = db.options();
            tokio::spawn(async move {
                let store = Store::connect(&options).await?;
                store.migrate().await
            })
        })
        .collect();
    let mut applied = 0;
    for program in programs {
        applied += count(&program.await.unwrap().unwrap().applied);
    }
    assert_eq!(applied, MIGRATIONS);
    assert_eq!(db.count("gleaner_schema_migration").await, MIGRATIONS);
}

async fn a_database_of_a_newer_program_is_refused(db: Db) {
    let store = db.open().await;
    db.by_hand(
        "INSERT INTO gleaner_schema_migration (version, name, adopted) VALUES (900, 'gleaner_future', '0')",
    )
    .await;
    let newer = |error: StoreError| {
        assert!(
            matches!(error, StoreError::NewerSchema { found: 900, known } if known == MIGRATIONS),
            "{error}"
        );
        assert!(error.to_string().contains("update"), "{error}");
    };
    newer(Store::connect(&db.options()).await.unwrap_err());
    newer(store.migrate().await.unwrap_err());
    newer(store.rollback(RollbackTo::Steps(1)).await.unwrap_err());
    newer(store.verify().await.unwrap_err());
    newer(store.is_current().await.unwrap_err());
}

async fn a_fresh_database_verifies(db: Db) {
    let report = db.open().await.verify().await.unwrap();
    assert!(report.ok, "{report:#?}");
    assert_eq!(count(&report.tables), 1 + MIGRATIONS);
    let columns: usize = report.tables.iter().map(|table| table.columns.len()).sum();
    let indexes: usize = report.tables.iter().map(|table| table.indexes.len()).sum();
    assert_eq!((columns, indexes), (24, 9));
}

async fn table(store: &Store, name: &str) -> TableReport {
    let report = store.verify().await.unwrap();
    assert!(!report.ok);
    report.tables.into_iter().find(|table| table.name == name).unwrap()
}

async fn verify_finds_a_column_altered_by_hand(db: Db) {
    let store = db.open().await;
    match db.engine {
        Engine::Postgres => {
            db.by_hand("ALTER TABLE product_scoring_cache ALTER COLUMN roi_percent TYPE REAL").await;
            let found = table(&store, "product_scoring_cache").await;
            assert_eq!(found.findings, ["column roi_percent: expected DOUBLE PRECISION, found REAL"]);
            db.by_hand(
                "ALTER TABLE product_scoring_cache ALTER COLUMN roi_percent TYPE DOUBLE PRECISION;
                 ALTER TABLE product_scoring_cache ALTER COLUMN hit_count DROP DEFAULT;
                 ALTER TABLE product_scoring_cache ALTER COLUMN asin DROP NOT NULL;
                 ALTER TABLE product_scoring_cache ALTER COLUMN title TYPE VARCHAR(400);
                 ALTER TABLE product_scoring_cache DROP CONSTRAINT product_scoring_cache_pkey;",
            )
            .await;
            let found = table(&store, "product_scoring_cache").await;
            assert_eq!(
                found.findings,
                [
                    "column asin: expected NOT NULL, found nullable",
                    "column title: expected VARCHAR(500), found VARCHAR(400)",
                    "column hit_count: expected default 0, found no default",
                    "primary key: expected cache_key, found none",
                ]
            );
        }
        Engine::Sqlite => {
            db.by_hand(
                "DROP INDEX idx_scoring_roi;
                 ALTER TABLE product_scoring_cache DROP COLUMN roi_percent;
                 ALTER TABLE product_scoring_cache ADD COLUMN roi_percent TEXT NOT NULL DEFAULT '';
                 CREATE INDEX idx_scoring_roi ON product_scoring_cache (roi_percent);",
            )
            .await;
            let found = table(&store, "product_scoring_cache").await;
            assert_eq!(found.findings, ["column roi_percent: expected DOUBLE PRECISION, found TEXT"]);
        }
    }
    db.by_hand("ALTER TABLE search_history ADD COLUMN note TEXT; ALTER TABLE search_history RENAME COLUMN source TO src;")
        .await;
    let found = table(&store, "search_history").await;
    assert_eq!(
        found.findings,
        ["column source is missing", "column src should not exist", "column note should not exist"]
    );
}

async fn verify_finds_a_dropped_index_and_an_index_on_another_column(db: Db) {
    let store = db.open().await;
    db.by_hand(
        "DROP INDEX idx_history_user_id; DROP INDEX idx_history_search_type;
         CREATE INDEX idx_history_search_type ON search_history (source);",
    )
    .await;
    let found = table(&store, "search_history").await;
    assert_eq!(
        found.findings,
        [
            "index idx_history_user_id (user_id) is missing",
            "index idx_history_search_type: expected (search_type), found (source)",
        ]
    );
    db.by_hand("CREATE INDEX harmless ON product_scoring_cache (price)").await;
    let report = store.verify().await.unwrap();
    assert!(report.tables.iter().find(|table| table.name == "product_scoring_cache").unwrap().ok);
    db.by_hand("CREATE UNIQUE INDEX harmful ON product_scoring_cache (asin)").await;
    let found = table(&store, "product_scoring_cache").await;
    assert_eq!(found.findings, ["unique index harmful (asin) should not exist"]);
}

async fn verify_finds_a_missing_table(db: Db) {
    let store = db.open().await;
    db.by_hand("DROP TABLE product_discovery_cache; DROP TABLE gleaner_token_ledger;").await;
    for name in ["product_discovery_cache", "gleaner_token_ledger"] {
        let found = table(&store, name).await;
        assert_eq!((found.rows, found.findings), (None, vec!["the table is missing".to_owned()]));
    }
}

async fn verify_counts_rows(db: Db) {
    let store = db.open().await;
    let mut writes: Vec<Write> = (0..7).map(|n| Write::History(history(Uuid::now_v7(), n))).collect();
    writes.push(Write::PutDiscovery(discovery("k", 0)));
    store.commit(&writes).await.unwrap();
    let report = store.verify().await.unwrap();
    let rows = |name: &str| report.tables.iter().find(|table| table.name == name).unwrap().rows;
    assert_eq!(rows("search_history"), Some(7));
    assert_eq!(rows("product_discovery_cache"), Some(1));
    assert_eq!(rows("product_scoring_cache"), Some(0));
    assert_eq!(rows("gleaner_schema_migration"), Some(MIGRATIONS));
    assert!(store.migration_status().await.unwrap()[0].applied_at.unwrap() > at(0));
}
