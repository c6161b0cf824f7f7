//! The history: found again, counted right to the last row, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Db, Home, Server};

on_each_database!(
    every_figure_of_a_million_rows_equals_a_plain_count,
    pages_show_every_row_once_in_order_and_filters_find_what_they_name,
    a_file_holds_every_row_and_says_where_more_begin,
    rows_that_come_late_from_other_programs_are_counted,
    what_was_searched_is_in_the_history_and_in_the_figures_at_once,
    wrong_questions_to_the_history_are_refused_by_their_field,
);

/// Rows from 2026-01-01 on, one every so many seconds.
pub(crate) fn rows_by_hand(db: &Db, rows: u32, seconds: f64) -> String {
    let sqlite = db.is_sqlite();
    let numbers = if sqlite {
        format!(
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n) n"
        )
    } else {
        format!("(SELECT CAST(i AS BIGINT) AS i FROM generate_series(1, {rows}) i) n")
    };
    let id = if sqlite { "printf('%032x', i)" } else { "lpad(to_hex(i), 32, '0')" };
    let at = if sqlite {
        format!("strftime('%Y-%m-%d %H:%M:%f', 1767225600 + i * {seconds}, 'unixepoch')")
    } else {
        format!("TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '{seconds} seconds'")
    };
    let json = if sqlite { "" } else { "::json" };
    let found = "'{\"marketplace\": \"us\", \"category\": ' || ((i % 5) * 1000) || ', \"bsr_min\": 1, \"bsr_max\": ' \
                 || ((1 + i % 7) * 1000) || CASE WHEN i % 11 = 0 THEN ', \"exclude_amazon\": true' ELSE '' END \
                 || CASE WHEN i % 13 = 0 THEN ', \"niche\": \"n' || (i % 3) || '\"' ELSE '' END || '}'";
    let scored = "'{\"marketplace\": \"us\", \"asins\": [\"A' || i || '\"], \"cost\": null, \"strategy\": \"balanced\"}'";
    format!(
        "INSERT INTO search_history (id, user_id, search_type, filters, results_count, source, created_at) \
         SELECT {id}, CASE WHEN i % 4 = 0 THEN NULL ELSE 'user' || (i % 4) END, \
         CASE WHEN i % 3 = 0 THEN 'scoring' WHEN i % 17 = 0 THEN 'autosourcing' ELSE 'discovery' END, \
         (CASE WHEN i % 3 = 0 THEN {scored} ELSE {found} END){json}, i % 250, \
         CASE WHEN i % 6 = 0 THEN NULL WHEN i % 6 < 3 THEN 'api' WHEN i % 6 < 5 THEN 'frontend' ELSE 'manual' END, \
         CASE WHEN i % 1009 = 0 THEN NULL ELSE {at} END FROM {numbers}; \
         INSERT INTO gleaner_search_outcome SELECT {id}, i % 5, i % 7, i % 23, i % 12, i % 31, \
         CASE WHEN i % 3 = 0 THEN '{{\"BUY\": ' || (i % 9) || ', \"SKIP\": ' || (i % 4) || '}}' ELSE '{{}}' END, i % 900, \
         CASE WHEN i % 97 = 0 THEN 'tokens_short' ELSE NULL END FROM {numbers} WHERE i % 10 > 0;"
    )
}

/// Sums of the table, by what a second method, plain SQL, groups them by.
async fn counted(db: &Db, group: &str, condition: &str) -> BTreeMap<String, [i64; 9]> {
    let sum = |column: &str| format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)");
    let columns =
        ["h.results_count", "o.hits", "o.misses", "o.tokens_estimated", "o.tokens_charged", "o.tokens_saved"];
    let sums: Vec<String> = columns.iter().map(|column| format!("CAST({} AS TEXT)", sum(column))).collect();
    let sql = format!(
        "SELECT COALESCE(CAST({group} AS TEXT), 'NULL'), CAST(COUNT(*) AS TEXT), CAST(COUNT(o.error) AS TEXT), {}, \
         CAST(CAST({} AS BIGINT) AS TEXT) FROM search_history h \
         LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
         WHERE h.created_at IS NOT NULL AND {condition} GROUP BY 1",
        sums.join(", "),
        sum("o.milliseconds"),
    );
    let numbers = |row: &[String]| std::array::from_fn(|n| row[n + 1].parse().unwrap());
    db.seen(&sql).await.iter().map(|row| (row[0].clone(), numbers(row))).collect()
}

/// The same from an answer.
fn answered(list: &Value, name: &str) -> BTreeMap<String, [i64; 8]> {
    let fields = [
        "searches",
        "failed",
        "results",
        "hits",
        "misses",
        "tokens_estimated",
        "tokens_charged",
        "tokens_saved",
    ];
    let line = |line: &Value| {
        let key = match &line[name] {
            Value::Null => "NULL".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (key, fields.map(|field| line[field].as_i64().unwrap()))
    };
    list.as_array().unwrap().iter().map(line).collect()
}

fn without_time(counts: BTreeMap<String, [i64; 9]>) -> BTreeMap<String, [i64; 8]> {
    counts.into_iter().map(|(key, all)| (key, std::array::from_fn(|n| all[n]))).collect()
}

/// Up to the last digit, which readers of JSON round one way or the other.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn near(found: &Value, part: i64, whole: i64) {
    let expected = part as f64 / whole as f64;
    assert!((found.as_f64().unwrap() - expected).abs() < expected * 1e-12, "{found} {expected}");
}

async fn served(db: &Db) -> (Home, Server) {
    let home = Home::new().with("GLEANER_DATABASE_URL", db.url());
    let server = home.serve(&[]).await;
    (home, server)
}

async fn get(server: &Server, path: &str) -> Value {
    let answer = server.http.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// The part of a JSON text, as text.
fn member(db: &Db, name: &str) -> String {
    if db.is_sqlite() {
        format!("json_extract(h.filters, '$.{name}')")
    } else {
        format!("(h.filters ->> '{name}')")
    }
}

#[expect(clippy::too_many_lines, reason = "one figure after the other, each beside its plain count")]
async fn every_figure_of_a_million_rows_equals_a_plain_count(db: Db) {
    let home = Home::new().with("GLEANER_DATABASE_URL", db.url());
    home.run(&["db", "migrate"]).await.ended(0);
    db.by_hand(&rows_by_hand(&db, 1_000_000, 8.64)).await;
    // The first look counts a million rows, which takes its time on a busy machine.
    let counted_once =
        home.command(&["history", "analytics", "--json", "--top", "1000"]).output().await.unwrap();
    let all: Value = serde_json::from_slice(&counted_once.stdout).unwrap();

    let total = counted(&db, "'all'", "1 = 1").await["all"];
    assert_eq!(answered(&json!([all["total"]]), "-")["NULL"], std::array::from_fn(|n| total[n]));
    near(&all["total"]["hit_ratio"], total[3], total[3] + total[4]);
    near(&all["average_results"], total[2], total[0]);
    let timed = db.number("COUNT(*)", "gleaner_search_outcome o JOIN search_history h ON h.id = o.history_id WHERE h.created_at IS NOT NULL").await;
    near(&all["total"]["average_milliseconds"], total[8], timed);
    assert_eq!(all["undated"], db.number("COUNT(*)", "search_history WHERE created_at IS NULL").await);

    let day = "substr(CAST(h.created_at AS TEXT), 1, 10)";
    for (list, name, group, condition) in [
        ("per_day", "day", day.to_owned(), "1 = 1".to_owned()),
        ("by_type", "search_type", "h.search_type".to_owned(), "1 = 1".to_owned()),
        ("by_source", "source", "h.source".to_owned(), "1 = 1".to_owned()),
        ("by_user", "user_id", "h.user_id".to_owned(), "1 = 1".to_owned()),
        (
            "by_category",
            "category",
            member(&db, "category"),
            format!("{} IS NOT NULL", member(&db, "category")),
        ),
        ("by_niche", "niche", member(&db, "niche"), format!("{} IS NOT NULL", member(&db, "niche"))),
    ] {
        let expected = without_time(counted(&db, &group, &condition).await);
        assert!(expected.len() > 1, "{list}");
        assert_eq!(answered(&all[list], name), expected, "{list}");
    }
    let kinds = counted(&db, &format!("{day} || ' ' || h.search_type"), "1 = 1").await;
    for line in all["per_day"].as_array().unwrap() {
        for (kind, searches) in line["by_type"].as_object().unwrap() {
            assert_eq!(*searches, kinds[&format!("{} {kind}", line["day"].as_str().unwrap())][0]);
        }
    }
    let hours = counted(&db, "substr(CAST(h.created_at AS TEXT), 12, 2)", "1 = 1").await;
    for line in all["hours"].as_array().unwrap() {
        assert_eq!(line["searches"], hours[&format!("{:02}", line["hour"].as_i64().unwrap())][0], "{line}");
    }
    for range in all["results_per_search"].as_array().unwrap() {
        let to = range["to"].as_i64().unwrap_or(i64::from(i32::MAX));
        let within = format!("h.results_count BETWEEN {} AND {to}", range["from"]);
        let expected = counted(&db, "'all'", &within).await.get("all").map_or(0, |all| all[0]);
        assert_eq!(range["searches"], expected, "{range}");
    }
    for (verdict, position) in [("BUY", "BUY"), ("SKIP", "SKIP")] {
        let part = if db.is_sqlite() {
            format!("json_extract(o.verdicts, '$.{position}')")
        } else {
            format!("CAST(CAST(o.verdicts AS JSON) ->> '{position}' AS BIGINT)")
        };
        let table = "gleaner_search_outcome o JOIN search_history h ON h.id = o.history_id WHERE h.created_at IS NOT NULL";
        let expected = db.number(&format!("CAST(SUM({part}) AS BIGINT)"), table).await;
        let line =
            all["verdicts"].as_array().unwrap().iter().find(|line| line["verdict"] == verdict).unwrap();
        assert_eq!(line["results"], expected);
    }
    // The texts of discoveries as they are; scorings differ in nothing but their products.
    let texts = counted(
        &db,
        "CASE WHEN h.search_type = 'scoring' THEN '{}' ELSE CAST(h.filters AS TEXT) END",
        "1 = 1",
    )
    .await;
    let expected: BTreeMap<String, i64> = texts
        .into_iter()
        .map(|(text, all)| match text.as_str() {
            "{}" => (json!({"cost": null, "marketplace": "us", "strategy": "balanced"}).to_string(), all[0]),
            text => (serde_json::from_str::<Value>(text).unwrap().to_string(), all[0]),
        })
        .collect();
    let filters = all["top_filters"].as_array().unwrap();
    let found: BTreeMap<String, i64> = filters
        .iter()
        .map(|line| (line["filters"].to_string(), line["searches"].as_i64().unwrap()))
        .collect();
    assert_eq!(found, expected);
    assert!(filters.is_sorted_by_key(|line| -line["searches"].as_i64().unwrap()));
    let fields: BTreeMap<&str, i64> = all["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["field"].as_str().unwrap(), line["searches"].as_i64().unwrap()))
        .collect();
    let amazon =
        counted(&db, "'all'", &format!("{} IS NOT NULL", member(&db, "exclude_amazon"))).await["all"][0];
    assert_eq!((fields["exclude_amazon"], fields.get("cost")), (amazon, None));

    // A stretch of days, one kind of search.
    let some = home
        .run(&[
            "history",
            "analytics",
            "--json",
            "--from",
            "2026-02-03",
            "--to",
            "2026-02-10",
            "--type",
            "discovery",
        ])
        .await
        .json(0);
    let within =
        "h.created_at >= '2026-02-03' AND h.created_at < '2026-02-11' AND h.search_type = 'discovery'";
    assert_eq!(answered(&some["by_user"], "user_id"), without_time(counted(&db, "h.user_id", within).await));
    assert_eq!(answered(&some["per_day"], "day").len(), 8);
    // The table for spreadsheets says the same.
    home.run(&["history", "analytics", "--csv", "all.csv"]).await.ended(0);
    let csv = std::fs::read_to_string(home.path().join("all.csv")).unwrap();
    let line = csv.lines().find(|line| line.starts_with("total,")).unwrap();
    assert!(line.starts_with(&format!("total,,,{},{},{},", total[0], total[1], total[2])), "{line}");
}

async fn pages_show_every_row_once_in_order_and_filters_find_what_they_name(db: Db) {
    let (_home, server) = served(&db).await;
    db.by_hand(&rows_by_hand(&db, 3_000, 8.64)).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(&server, &format!("/api/v1/history?limit=700{cursor}")).await;
        seen.extend(
            page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let expected = db
        .column(
            "SELECT id FROM search_history WHERE created_at IS NOT NULL ORDER BY created_at DESC, id DESC",
        )
        .await;
    assert_eq!(seen, expected);
    for (query, condition) in [
        ("type=scoring", "search_type = 'scoring'"),
        ("source=manual", "source = 'manual'"),
        ("user=user3&type=discovery", "user_id = 'user3' AND search_type = 'discovery'"),
        ("text=EXCLUDE_amazon", "CAST(filters AS TEXT) LIKE '%exclude_amazon%'"),
        ("text=%25", "1 = 0"),
        ("from=2026-01-01&to=2026-01-01T02:00:00Z", "created_at < '2026-01-01 02:00:00'"),
        ("from=2026-01-01T06:30:00%2B02:00", "created_at >= '2026-01-01 04:30:00'"),
    ] {
        let found = get(&server, &format!("/api/v1/history?limit=1000&{query}")).await;
        let found: Vec<&str> =
            found["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        let sql = format!(
            "SELECT id FROM search_history WHERE created_at IS NOT NULL AND {condition} ORDER BY created_at DESC, id DESC LIMIT 1000"
        );
        assert_eq!(found, db.column(&sql).await, "{query}");
    }
    let one = get(&server, &format!("/api/v1/history/{}", expected[0])).await;
    assert_eq!((one["id"].as_str(), one["outcome"].is_null()), (Some(expected[0].as_str()), true));
    assert_eq!(server.http.get("/api/v1/history/nobody").await.status, 404);
    let found = get(&server, "/api/v1/history?text=tokens_short&limit=1").await;
    assert_eq!(found["entries"][0]["outcome"]["error"], "tokens_short");
}

async fn rows_that_come_late_from_other_programs_are_counted(db: Db) {
    let (_home, server) = served(&db).await;
    let total =
        async || get(&server, "/api/v1/history/analytics").await["total"]["searches"].as_i64().unwrap();
    assert_eq!(total().await, 0);
    let row = |id: &str, day: &str| {
        format!(
            "INSERT INTO search_history (id, search_type, filters, results_count, created_at) \
             VALUES ('{id}', 'scoring', '{{}}', 1, '{day} 10:00:00')"
        )
    };
    for (n, day) in ["2024-02-29", "2026-05-01", "2025-12-31", "2024-02-29"].into_iter().enumerate() {
        db.by_hand(&row(&format!("late-{n}"), day)).await;
        let expected = i64::try_from(n).unwrap() + 1;
        // PostgreSQL hears of another session's insertions a moment later.
        for _ in 0..300 {
            if db.is_sqlite() || total().await == expected {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(total().await, expected, "{day}");
    }
    let days = get(&server, "/api/v1/history/analytics?to=2024-12-31").await;
    assert_eq!(answered(&days["per_day"], "day")["2024-02-29"][0], 2);
}

async fn what_was_searched_is_in_the_history_and_in_the_figures_at_once(db: Db) {
    let (_home, server) = served(&db).await;
    let books = json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000});
    for asked in 1..=3 {
        let found = server.http.discover(&books).await;
        let entry = get(&server, &format!("/api/v1/history/{}", found["history_id"].as_str().unwrap())).await;
        assert_eq!(entry["outcome"]["hits"], i64::from(asked > 1));
        let figures = get(&server, "/api/v1/history/analytics").await;
        assert_eq!(
            (&figures["total"]["searches"], &figures["total"]["hits"]),
            (&json!(asked), &json!(asked - 1))
        );
        assert_eq!(figures["by_category"][0]["name"], "Books");
        assert_eq!(figures["by_category"][0]["tokens_charged"], figures["total"]["tokens_charged"]);
    }
}

async fn a_file_holds_every_row_and_says_where_more_begin(db: Db) {
    let home = Home::new().with("DATABASE_URL", db.url());
    let server = home.serve(&[]).await;
    db.by_hand(&rows_by_hand(&db, 2_300, 8.64)).await;
    let reader = server.http.nobody().with("accept", "text/csv");
    let ids = |text: &str| -> Vec<String> {
        let lines = text.trim_start_matches('\u{feff}').lines().skip(1);
        lines.map(|line| line.rsplit(',').next().unwrap().to_owned()).collect()
    };
    let whole = reader.get("/api/v1/history").await;
    assert_eq!((whole.status, whole.headers.get("x-gleaner-next-cursor")), (200, None));
    let whole = ids(&whole.text);
    // What another program wrote without a time has no place in the list.
    let timed = db.number("COUNT(*)", "search_history WHERE created_at IS NOT NULL").await;
    assert!(timed > 2_200);
    assert_eq!(i64::try_from(whole.len()).unwrap(), timed);
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len());
    let part = reader.get("/api/v1/history?limit=1500").await;
    let next = part.headers["x-gleaner-next-cursor"].to_str().unwrap().to_owned();
    let rest = reader.get(&format!("/api/v1/history?cursor={next}")).await;
    assert_eq!([ids(&part.text), ids(&rest.text)].concat(), whole);
    for wrong in ["0", "100001"] {
        let refused = reader.get(&format!("/api/v1/history?limit={wrong}")).await.problem(422);
        assert_eq!(refused["errors"][0]["field"], "limit");
    }
    server.http.get("/api/v1/history?limit=1500").await.problem(422);
    let run = home.run(&["history", "list", "--output", "all.csv"]).await;
    let shown = run.ended(0).stdout.lines().count();
    assert!(shown < 60, "{shown} lines on the terminal");
    assert_eq!(ids(&std::fs::read_to_string(home.path().join("all.csv")).unwrap()), whole);
}

async fn wrong_questions_to_the_history_are_refused_by_their_field(db: Db) {
    let (home, server) = served(&db).await;
    for (query, field) in [
        ("history?limit=0", "limit"),
        ("history?limit=many", "limit"),
        ("history?from=yesterday", "from"),
        ("history?from=2026-02-01&to=2026-01-01", "from"),
        ("history?cursor=x", "cursor"),
        ("history?colour=red", "colour"),
        ("history/analytics?to=2026-13-01", "to"),
        ("history/analytics?from=2026-02-01&to=2026-01-01", "from"),
        ("history/analytics?top=0", "top"),
        ("history/analytics?format=pdf", "format"),
    ] {
        let answer = server.http.get(&format!("/api/v1/{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {answer:?}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{query}");
    }
    home.run(&["history", "list", "--from", "then"]).await.refused(&["--from", "2026-01-31"]);
}
