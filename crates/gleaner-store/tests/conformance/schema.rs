//! The three tables are exactly as existing deployments know them, seen with the engine's own catalogue.

use gleaner_store::Engine;

use crate::support::Db;

conformance!(
    columns_have_their_types_nullability_and_defaults,
    indexes_have_their_names_and_columns,
    defaults_fill_what_other_programs_leave_out,
    every_other_table_is_named_gleaner,
);

/// Table, column, type on PostgreSQL, length, type on SQLite, nullable. From the product's description, section 2.
const COLUMNS: &[(&str, &str, &str, &str, &str, bool)] = &[
    ("product_discovery_cache", "cache_key", "character varying", "255", "VARCHAR(255)", false),
    ("product_discovery_cache", "asins", "json", "-", "JSON", false),
    ("product_discovery_cache", "filters_applied", "json", "-", "JSON", true),
    ("product_discovery_cache", "created_at", "timestamp without time zone", "-", "TIMESTAMP", true),
    ("product_discovery_cache", "expires_at", "timestamp without time zone", "-", "TIMESTAMP", false),
    ("product_discovery_cache", "hit_count", "integer", "-", "INTEGER", true),
    ("product_scoring_cache", "cache_key", "character varying", "255", "VARCHAR(255)", false),
    ("product_scoring_cache", "asin", "character varying", "20", "VARCHAR(20)", false),
    ("product_scoring_cache", "roi_percent", "double precision", "-", "DOUBLE PRECISION", false),
    ("product_scoring_cache", "velocity_score", "double precision", "-", "DOUBLE PRECISION", false),
    ("product_scoring_cache", "recommendation", "character varying", "50", "VARCHAR(50)", false),
    ("product_scoring_cache", "title", "character varying", "500", "VARCHAR(500)", true),
    ("product_scoring_cache", "price", "double precision", "-", "DOUBLE PRECISION", true),
    ("product_scoring_cache", "bsr", "integer", "-", "INTEGER", true),
    ("product_scoring_cache", "created_at", "timestamp without time zone", "-", "TIMESTAMP", true),
    ("product_scoring_cache", "expires_at", "timestamp without time zone", "-", "TIMESTAMP", false),
    ("product_scoring_cache", "hit_count", "integer", "-", "INTEGER", true),
    ("search_history", "id", "character varying", "36", "VARCHAR(36)", false),
    ("search_history", "user_id", "character varying", "36", "VARCHAR(36)", true),
    ("search_history", "search_type", "character varying", "50", "VARCHAR(50)", false),
    ("search_history", "filters", "json", "-", "JSON", false),
    ("search_history", "results_count", "integer", "-", "INTEGER", false),
    ("search_history", "source", "character varying", "50", "VARCHAR(50)", true),
    ("search_history", "created_at", "timestamp without time zone", "-", "TIMESTAMP", true),
];

const INDEXES: &[(&str, &str, &str)] = &[
    ("product_discovery_cache", "idx_discovery_created_at", "created_at"),
    ("product_discovery_cache", "idx_discovery_expires_at", "expires_at"),
    ("product_scoring_cache", "idx_scoring_asin", "asin"),
    ("product_scoring_cache", "idx_scoring_expires_at", "expires_at"),
    ("product_scoring_cache", "idx_scoring_roi", "roi_percent"),
    ("product_scoring_cache", "idx_scoring_velocity", "velocity_score"),
    ("search_history", "idx_history_created_at", "created_at"),
    ("search_history", "idx_history_search_type", "search_type"),
    ("search_history", "idx_history_user_id", "user_id"),
];

async fn columns_have_their_types_nullability_and_defaults(db: Db) {
    db.open().await;
    let mut found = Vec::new();
    for table in ["product_discovery_cache", "product_scoring_cache", "search_history"] {
        let sql = match db.engine {
            Engine::Postgres => format!(
                "SELECT column_name::text, data_type::text, COALESCE(character_maximum_length::text, '-'), \
                 is_nullable::text FROM information_schema.columns WHERE table_name = '{table}' \
                 ORDER BY ordinal_position"
            ),
            Engine::Sqlite => format!(
                "SELECT name, type, '-', CASE WHEN \"notnull\" = 0 THEN 'YES' ELSE 'NO' END \
                 FROM pragma_table_info('{table}') ORDER BY cid"
            ),
        };
        for row in db.seen(&sql).await {
            let row: Vec<String> = row.into_iter().map(Option::unwrap).collect();
            found.push(format!("{table}.{} {} {} {}", row[0], row[1], row[2], row[3]));
        }
    }
    let expected: Vec<String> = COLUMNS
        .iter()
        .map(|&(table, column, postgres, length, sqlite, nullable)| {
            let null = if nullable { "YES" } else { "NO" };
            match db.engine {
                Engine::Postgres => format!("{table}.{column} {postgres} {length} {null}"),
                Engine::Sqlite => format!("{table}.{column} {sqlite} - {null}"),
            }
        })
        .collect();
    assert_eq!(found, expected);
}

async fn indexes_have_their_names_and_columns(db: Db) {
    db.open().await;
    let found = match db.engine {
        Engine::Postgres => {
            db.column("SELECT (tablename || ' ' || indexname || ' ' || indexdef)::text FROM pg_indexes ORDER BY 1").await
        }
        Engine::Sqlite => {
            db.column("SELECT tbl_name || ' ' || name || ' ' || sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").await
        }
    };
    for (table, index, column) in INDEXES {
        let one = found.iter().find(|line| line.starts_with(&format!("{table} {index} ")));
        assert!(one.is_some_and(|line| line.ends_with(&format!("({column})"))), "{index}: {found:#?}");
    }
    let theirs = found.iter().filter(|line| !line.starts_with("gleaner_") && line.contains(" idx_")).count();
    assert_eq!(theirs, INDEXES.len(), "{found:#?}");
}

async fn defaults_fill_what_other_programs_leave_out(db: Db) {
    db.open().await;
    db.by_hand(
        "INSERT INTO product_discovery_cache (cache_key, asins, expires_at) VALUES ('k', '[]', '2026-01-05 00:00:00');
         INSERT INTO search_history (search_type, filters, results_count) VALUES ('scoring', '{}', 0);
         INSERT INTO search_history (search_type, filters, results_count) VALUES ('scoring', '{}', 0);",
    )
    .await;
    assert_eq!(db.column("SELECT CAST(hit_count AS TEXT) FROM product_discovery_cache").await, ["0"]);
    // The default is the time in UTC, whatever the server's zone.
    let age = match db.engine {
        Engine::Postgres => {
            "SELECT (abs(extract(epoch FROM created_at - (now() AT TIME ZONE 'UTC'))) < 60)::text FROM search_history"
        }
        Engine::Sqlite => {
            "SELECT CASE WHEN abs(julianday(created_at) - julianday('now')) < 0.001 THEN 'true' END FROM search_history"
        }
    };
    assert_eq!(db.column(age).await, ["true", "true"]);
    let ids = db.column("SELECT id FROM search_history").await;
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let id: uuid::Uuid = id.parse().unwrap();
        assert_eq!(id.get_version_num(), 4);
    }
}

async fn every_other_table_is_named_gleaner(db: Db) {
    db.open().await;
    let tables = match db.engine {
        Engine::Postgres => {
            db.column("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await
        }
        Engine::Sqlite => db.column("SELECT name FROM sqlite_master WHERE type = 'table'").await,
    };
    let others = tables.iter().filter(|name| !name.starts_with("gleaner_")).count();
    assert_eq!(others, 3, "{tables:?}");
}
