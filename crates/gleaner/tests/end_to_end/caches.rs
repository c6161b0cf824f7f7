//! The caches, looked at: every figure is a plain count, every row is found by what it is.

use serde_json::{Value, json};

use super::history::{near, rows_by_hand};
use crate::support::{Db, Market, Server};

on_each_database!(
    statistics_of_the_caches_equal_plain_counts,
    rows_of_the_caches_are_found_by_what_they_are,
    clearing_over_http_empties_what_was_named_and_keeps_the_history,
);

async fn get(server: &Server, path: &str) -> Value {
    let answer = server.http.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// A moment so many hours before now, in SQL.
fn ago(db: &Db, hours: &str) -> String {
    if db.is_sqlite() {
        format!("datetime('now', (-({hours})) || ' hours')")
    } else {
        format!("(now() AT TIME ZONE 'UTC' - ({hours}) * INTERVAL '1 hour')")
    }
}

fn numbers(db: &Db, most: u32) -> String {
    if db.is_sqlite() {
        format!(
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) SELECT i FROM n) n"
        )
    } else {
        format!("(SELECT CAST(i AS BIGINT) AS i FROM generate_series(1, {most}) i) n")
    }
}

/// Waits for the purge that a server begins with: what is put in afterwards stays for an hour.
async fn purged(server: &crate::support::Server) {
    let done = |text: &str| {
        text.lines().any(|line| line.starts_with("gleaner_chores_total{") && line.contains("\"purge\""))
    };
    while !done(&server.http.get("/metrics").await.text) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn filled(db: &Db) {
    let json = if db.is_sqlite() { "" } else { "::json" };
    db.by_hand(&format!(
        "INSERT INTO product_discovery_cache SELECT 'discovery:1:' || (i % 7) || ':1-' || i, \
         ('[\"B' || (1000000000 + i % 50) || '\", \"B2\"]'){json}, '{{\"category\": 1}}'{json}, \
         CASE WHEN i % 101 = 0 THEN NULL ELSE {} END, {}, CASE WHEN i % 5 = 0 THEN NULL ELSE i % 9 END FROM {}; \
         INSERT INTO product_scoring_cache SELECT 'scoring:B' || i || ':' || (1 + i % 11), 'B' || i, i % 90, i % 100, \
         CASE WHEN i % 2 = 0 THEN 'BUY' ELSE 'SKIP' END, 'Title ' || i, 14.0, i, {}, {}, i % 13 FROM {}; \
         INSERT INTO gleaner_product SELECT 1 + i % 11, 'B' || i, {}, NULL, 1000 + i % 3, i, {} FROM {}",
        ago(db, "i % 100"),
        ago(db, "i % 100 - 24"),
        numbers(db, 2_000),
        ago(db, "i % 9"),
        ago(db, "i % 9 - 6"),
        numbers(db, 900),
        ago(db, "i % 9"),
        if db.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" },
        numbers(db, 900),
    ))
    .await;
}

async fn statistics_of_the_caches_equal_plain_counts(db: Db) {
    let home = Market::now(50, None).await.home(&db);
    let server = home.serve(&[]).await;
    purged(&server).await;
    filled(&db).await;
    db.by_hand(&rows_by_hand(&db, 4_000, 86.4)).await;
    db.by_hand(&format!(
        "UPDATE search_history SET created_at = {} WHERE created_at IS NOT NULL",
        ago(&db, "results_count + 0.5")
    ))
    .await;
    let now = ago(&db, "0");
    let stats = get(&server, "/api/v1/cache/stats?hours=48").await;
    for (name, table) in [("discovery", "product_discovery_cache"), ("scoring", "product_scoring_cache")] {
        let (found, count) = (&stats[name], async |rest: &str| db.count(&format!("{table} {rest}")).await);
        assert_eq!(found["entries"], count("").await, "{name}");
        assert_eq!(found["live"], count(&format!("WHERE expires_at > {now}")).await);
        assert_eq!(found["expired"], count(&format!("WHERE expires_at <= {now}")).await);
        let hits = db.number("CAST(SUM(COALESCE(hit_count, 0)) AS BIGINT)", table).await;
        assert_eq!(found["hits"], hits);
        near(&found["average_reuse"], hits, found["entries"].as_i64().unwrap());
        assert!(found["size_bytes"].as_i64().unwrap() > 8_000);
        let mut all = 0;
        for range in found["ages"].as_array().unwrap() {
            // Rows were made some seconds after the full hour: half an hour is on neither side of a limit.
            let at = |hours: &Value| hours.as_i64().map(|hours| ago(&db, &format!("{hours} - 0.0")));
            let expected = match (at(&range["from_hours"]), at(&range["to_hours"])) {
                (Some(from), Some(to)) => {
                    count(&format!("WHERE created_at <= {from} AND created_at > {to}")).await
                }
                (Some(from), None) => count(&format!("WHERE created_at <= {from}")).await,
                (None, _) => count("WHERE created_at IS NULL").await,
            };
            assert_eq!(range["entries"], expected, "{name} {range}");
            all += expected;
        }
        assert_eq!(all, found["entries"]);
        let window = &found["window"];
        let within = format!(
            "search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
             WHERE h.search_type = '{name}' AND h.created_at >= {}",
            ago(&db, "48")
        );
        let sum = async |column: &str| db.number(&format!("CAST(SUM({column}) AS BIGINT)"), &within).await;
        let (hits, misses) = (sum("o.hits").await, sum("o.misses").await);
        assert!(hits > 0);
        assert_eq!((&window["hits"], &window["misses"]), (&json!(hits), &json!(misses)), "{name}");
        assert_eq!(window["requests"], db.number("COUNT(*)", &within).await);
        near(&window["hit_ratio"], hits, hits + misses);
    }
    assert_eq!(server.http.get("/api/v1/cache/stats?hours=0").await.status, 422);
    let shown = home.run(&["cache", "stats"]).await;
    assert!(shown.ended(0).stdout.contains("answered from the cache"), "{shown:?}");
}

async fn rows_of_the_caches_are_found_by_what_they_are(db: Db) {
    let home = Market::now(50, None).await.home(&db);
    let server = home.serve(&[]).await;
    purged(&server).await;
    filled(&db).await;
    let now = ago(&db, "0");
    for (query, table, condition) in [
        ("cache=discovery", "product_discovery_cache", "1 = 1".to_owned()),
        ("cache=discovery&state=live", "product_discovery_cache", format!("expires_at > {now}")),
        ("cache=scoring&state=expired", "product_scoring_cache", format!("expires_at <= {now}")),
        ("cache=scoring&asin=b7", "product_scoring_cache", "asin = 'B7'".to_owned()),
        (
            "cache=discovery&asin=B1000000007",
            "product_discovery_cache",
            "CAST(asins AS TEXT) LIKE '%B1000000007%'".to_owned(),
        ),
        (
            "cache=discovery&category=3",
            "product_discovery_cache",
            "cache_key LIKE 'discovery:1:3:%'".to_owned(),
        ),
        (
            "cache=scoring&category=1002",
            "product_scoring_cache",
            "asin IN (SELECT asin FROM gleaner_product WHERE root_category = 1002)".to_owned(),
        ),
    ] {
        let mut keys = Vec::new();
        let mut offset = json!(0);
        while !offset.is_null() {
            let page =
                get(&server, &format!("/api/v1/cache/entries?{query}&sort=key&limit=301&offset={offset}"))
                    .await;
            assert_eq!(page["total"], db.count(&format!("{table} WHERE {condition}")).await, "{query}");
            keys.extend(
                page["entries"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap().to_owned()),
            );
            offset = page["next_offset"].clone();
        }
        let mut expected = db.column(&format!("SELECT cache_key FROM {table} WHERE {condition}")).await;
        keys.sort();
        expected.sort();
        assert_eq!(keys, expected, "{query}");
    }
    for (sort, field) in
        [("hits&reverse=true", "hits"), ("expires", "expires_at"), ("created&reverse=true", "created_at")]
    {
        let page = get(&server, &format!("/api/v1/cache/entries?cache=scoring&sort={sort}&limit=1000")).await;
        let rows = page["entries"].as_array().unwrap();
        let sorted =
            |value: &Value| value.as_i64().map_or_else(|| value.to_string(), |number| format!("{number:09}"));
        assert!(rows.is_sorted_by_key(|row| sorted(&row[field])), "{sort}");
    }
    let one = &get(&server, "/api/v1/cache/entries?cache=discovery&limit=1").await["entries"][0];
    assert_eq!(
        (&one["results"], &one["filters"], &one["asin"]),
        (&json!(2), &json!({"category": 1}), &Value::Null)
    );
    for (query, field) in [
        ("cache=all", "cache"),
        ("state=old", "state"),
        ("sort=size", "sort"),
        ("limit=0", "limit"),
        ("category=Books", "category"),
    ] {
        let answer = server.http.get(&format!("/api/v1/cache/entries?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
}

async fn clearing_over_http_empties_what_was_named_and_keeps_the_history(db: Db) {
    let home = Market::now(50, None).await.home(&db);
    let server = home.serve(&[]).await;
    purged(&server).await;
    filled(&db).await;
    db.by_hand(&rows_by_hand(&db, 100, 86.4)).await;
    let removed = server.http.post("/api/v1/cache/clear", &json!({"cache": "scoring"})).await;
    assert_eq!(removed.json(), json!({"discovery": 0, "scoring": 900}));
    assert_eq!(server.http.post_text("/api/v1/cache/clear", "{}").await.status, 422);
    assert_eq!(server.http.post_text("/api/v1/cache/clear", r#"{"cache": "history"}"#).await.status, 422);
    assert_eq!((db.count("product_scoring_cache").await, db.count("search_history").await), (0, 100));
    assert!(db.count("product_discovery_cache").await > 0);
}
