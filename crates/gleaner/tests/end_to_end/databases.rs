//! `gleaner db`: the schema made, shown, checked, undone; and databases that were there before.

use serde_json::json;

use crate::support::{Db, Market};

on_each_database!(
    a_new_database_is_migrated_verified_and_rolled_back,
    verify_prints_tables_columns_indexes_and_row_counts,
    verify_fails_on_a_table_altered_by_hand,
    the_api_checks_the_database_as_the_command_does,
    a_database_made_by_hand_is_adopted_used_rolled_back_and_still_has_its_rows,
    a_table_that_cannot_be_adopted_is_told_and_left_alone,
    the_first_command_migrates_by_itself,
);

const COLUMNS: [(&str, &[&str]); 3] = [
    (
        "product_discovery_cache",
        &["cache_key", "asins", "filters_applied", "created_at", "expires_at", "hit_count"],
    ),
    (
        "product_scoring_cache",
        &[
            "cache_key",
            "asin",
            "roi_percent",
            "velocity_score",
            "recommendation",
            "title",
            "price",
            "bsr",
            "created_at",
            "expires_at",
            "hit_count",
        ],
    ),
    ("search_history", &["id", "user_id", "search_type", "filters", "results_count", "source", "created_at"]),
];
const INDEXES: [&str; 9] = [
    "idx_discovery_expires_at",
    "idx_discovery_created_at",
    "idx_scoring_expires_at",
    "idx_scoring_asin",
    "idx_scoring_roi",
    "idx_scoring_velocity",
    "idx_history_created_at",
    "idx_history_user_id",
    "idx_history_search_type",
];

/// The three tables as another program made them, with rows, beside a table of its own.
fn by_hand(db: &Db) -> String {
    let uuid = if db.is_sqlite() { "(lower(hex(randomblob(16))))" } else { "gen_random_uuid()" };
    format!(
        "CREATE TABLE product_discovery_cache (cache_key VARCHAR(255) NOT NULL PRIMARY KEY, asins JSON NOT NULL,
             filters_applied JSON, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, expires_at TIMESTAMP NOT NULL,
             hit_count INTEGER DEFAULT 0);
         CREATE TABLE product_scoring_cache (cache_key VARCHAR(255) NOT NULL PRIMARY KEY, asin VARCHAR(20) NOT NULL,
             roi_percent DOUBLE PRECISION NOT NULL, velocity_score DOUBLE PRECISION NOT NULL,
             recommendation VARCHAR(50) NOT NULL, title VARCHAR(500), price DOUBLE PRECISION, bsr INTEGER,
             created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, expires_at TIMESTAMP NOT NULL,
             hit_count INTEGER DEFAULT 0);
         CREATE TABLE search_history (id VARCHAR(36) NOT NULL DEFAULT {uuid} PRIMARY KEY, user_id VARCHAR(36),
             search_type VARCHAR(50) NOT NULL, filters JSON NOT NULL, results_count INTEGER NOT NULL,
             source VARCHAR(50), created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
         CREATE INDEX idx_discovery_expires_at ON product_discovery_cache (expires_at);
         CREATE INDEX idx_discovery_created_at ON product_discovery_cache (created_at);
         CREATE INDEX idx_scoring_expires_at ON product_scoring_cache (expires_at);
         CREATE INDEX idx_scoring_asin ON product_scoring_cache (asin);
         CREATE INDEX idx_scoring_roi ON product_scoring_cache (roi_percent);
         CREATE INDEX idx_scoring_velocity ON product_scoring_cache (velocity_score);
         CREATE INDEX idx_history_created_at ON search_history (created_at);
         CREATE INDEX idx_history_user_id ON search_history (user_id);
         CREATE INDEX idx_history_search_type ON search_history (search_type);
         CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20));
         INSERT INTO users (id, name) VALUES (1, 'ann');
         INSERT INTO product_discovery_cache (cache_key, asins, created_at, expires_at, hit_count)
             VALUES ('discovery:1:0:1-2', '[\"B000000009\"]', '2026-01-05 00:00:00', '2999-01-06 00:00:00', NULL);
         INSERT INTO search_history (search_type, filters, results_count, source)
             VALUES ('discovery', '{{\"category\": 0}}', 1, 'frontend');"
    )
}

async fn a_new_database_is_migrated_verified_and_rolled_back(db: Db) {
    let home = Market::now(50, None).await.home(&db);
    let migrated = home.run(&["db", "migrate", "--json"]).await.json(0);
    let steps = migrated["applied"].as_array().unwrap().len();
    assert!(steps >= 9, "{migrated}");
    assert_eq!(migrated["adopted"], json!([]));
    assert_eq!(home.run(&["db", "migrate", "--json"]).await.json(0)["applied"], json!([]));
    let status = home.run(&["db", "status", "--json"]).await.json(0);
    let status = status.as_array().unwrap();
    assert_eq!(status.len(), steps);
    assert!(status.iter().all(|one| one["applied_at"].is_string()), "{status:?}");
    home.run(&["db", "verify"]).await.ended(0);

    let back = home.run(&["db", "rollback", "--json"]).await.json(0);
    assert_eq!(back["reverted"].as_array().unwrap().len(), 1);
    home.run(&["db", "verify"]).await.ended(1);
    home.run(&["db", "rollback", "--to", "4"]).await.ended(0);
    let status = home.run(&["db", "status", "--json"]).await.json(0);
    assert_eq!(status.as_array().unwrap().iter().filter(|one| one["applied_at"].is_string()).count(), 4);
    let back = home.run(&["db", "rollback", "--all", "--json"]).await.json(0);
    assert_eq!((back["reverted"].as_array().unwrap().len(), &back["kept"]), (4, &json!([])));
    home.run(&["db", "migrate"]).await.ended(0);
    home.run(&["db", "verify"]).await.ended(0);
}

async fn verify_prints_tables_columns_indexes_and_row_counts(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    home.run(&["discover", "--category", "Books", "--bsr", "1-5000000", "--score", "--limit", "3"])
        .await
        .ended(0);
    let run = home.run(&["db", "verify"]).await;
    run.ended(0);
    assert!(run.stdout.is_ascii(), "plain ASCII");
    for (table, columns) in COLUMNS {
        let rows = db.count(table).await;
        assert!(rows > 0);
        assert!(run.stdout.contains(&format!("table {table} ({rows} row")), "{table}: {}", run.stdout);
        for column in columns {
            assert!(run.stdout.contains(&format!("column {column} ")), "{table}.{column}: {}", run.stdout);
        }
    }
    for index in INDEXES {
        assert!(run.stdout.contains(&format!("index {index} (")), "{index}: {}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.starts_with("OK ")), "{}", run.stdout);
    let report = home.run(&["db", "verify", "--json"]).await.json(0);
    let history =
        report["tables"].as_array().unwrap().iter().find(|t| t["name"] == "search_history").unwrap();
    assert_eq!((&report["ok"], &history["rows"]), (&json!(true), &json!(2)));
}

async fn verify_fails_on_a_table_altered_by_hand(db: Db) {
    let home = Market::now(50, None).await.home(&db);
    home.run(&["db", "migrate"]).await.ended(0);
    db.by_hand("ALTER TABLE search_history RENAME COLUMN source TO origin; DROP INDEX idx_scoring_roi;")
        .await;
    let run = home.run(&["db", "verify"]).await;
    run.ended(1);
    let failures: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(failures.iter().any(|line| line.contains("source is missing")), "{failures:?}");
    assert!(failures.iter().any(|line| line.contains("idx_scoring_roi")), "{failures:?}");
    assert!(
        run.stdout.contains("OK   table product_discovery_cache"),
        "what is right is still told: {}",
        run.stdout
    );
    assert_eq!(home.run(&["db", "verify", "--json"]).await.json(1)["ok"], false);
}

async fn a_database_made_by_hand_is_adopted_used_rolled_back_and_still_has_its_rows(db: Db) {
    db.by_hand(&by_hand(&db)).await;
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let migrated = home.run(&["db", "migrate", "--json"]).await.json(0);
    assert_eq!(migrated["adopted"].as_array().unwrap().len(), 3, "{migrated}");
    home.run(&["db", "verify"]).await.ended(0);

    // What the other program left is an answer, and its null counts as 0.
    let found = home.run(&["discover", "--category", "0", "--bsr", "1-2", "--json"]).await.json(0);
    assert_eq!((&found["cache_hit"], &found["asins"]), (&json!(true), &json!(["B000000009"])));
    assert_eq!(market.paid_requests(), 0);
    assert_eq!(db.column("SELECT CAST(hit_count AS TEXT) FROM product_discovery_cache").await, ["1"]);
    home.run(&["discover", "--category", "Books", "--bsr", "1-5000000", "--score", "--limit", "3"])
        .await
        .ended(0);

    let kept = [db.count("product_discovery_cache").await, db.count("product_scoring_cache").await, 4];
    assert_eq!(kept[0], 2);
    let back = home.run(&["db", "rollback", "--all", "--json"]).await.json(0);
    assert_eq!(back["kept"].as_array().unwrap().len(), 3, "{back}");
    let left = [
        db.count("product_discovery_cache").await,
        db.count("product_scoring_cache").await,
        db.count("search_history").await,
    ];
    assert_eq!(left, kept, "the three tables keep their rows");
    assert_eq!(db.column("SELECT name FROM users").await, ["ann"]);
    let tables = if db.is_sqlite() {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'gleaner_%'"
    } else {
        "SELECT tablename::text FROM pg_tables WHERE tablename LIKE 'gleaner_%'"
    };
    assert_eq!(db.column(tables).await, Vec::<String>::new(), "nothing of ours is left");
    // And back again.
    home.run(&["db", "migrate"]).await.ended(0);
    home.run(&["db", "verify"]).await.ended(0);
    assert_eq!(db.count("search_history").await, 4);
}

async fn a_table_that_cannot_be_adopted_is_told_and_left_alone(db: Db) {
    db.by_hand("CREATE TABLE search_history (id VARCHAR(36) PRIMARY KEY, query TEXT)").await;
    let market = Market::now(50, None).await;
    let home = market.home(&db);
    for arguments in [&["db", "migrate"][..], &["discover", "--category", "0", "--bsr", "1-2"]] {
        let run = home.run(arguments).await;
        run.ended(1);
        assert!(run.stderr.contains("search_history") && run.stderr.contains("results_count"), "{run:?}");
        assert!(run.stderr.contains("database_incompatible"), "{run:?}");
    }
    assert_eq!(market.paid_requests(), 0);
    assert_eq!(db.count("search_history").await, 0);
}

async fn the_first_command_migrates_by_itself(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    home.run(&["serve", "--listen", "127.0.0.1:0", "--no-migrate"]).await.refused(&["db migrate"]);
    home.run(&["discover", "--category", "Books", "--bsr", "1-5000000"]).await.ended(0);
    let status = home.run(&["db", "status", "--json"]).await.json(0);
    assert!(status.as_array().unwrap().iter().all(|one| one["applied_at"].is_string()), "{status}");
    let mut server = home.serve(&["--no-migrate"]).await;
    assert_eq!(server.stop("-TERM").await, Some(0));
}

async fn the_api_checks_the_database_as_the_command_does(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let server = home.serve(&[]).await;
    let check = server.http.get("/api/v1/database/check").await.ok();
    assert_eq!(check["ok"], true, "{check}");
    assert_eq!(check, home.run(&["db", "verify", "--json"]).await.json(0));
    db.by_hand("ALTER TABLE search_history RENAME COLUMN source TO origin").await;
    let check = server.http.get("/api/v1/database/check").await.ok();
    let tables = check["tables"].as_array().unwrap();
    let wrong: Vec<_> = tables.iter().filter(|table| table["ok"] == false).collect();
    assert_eq!((&check["ok"], wrong.len()), (&json!(false), 1), "{check}");
    assert!(wrong[0]["findings"].to_string().contains("source is missing"), "{}", wrong[0]);
}
