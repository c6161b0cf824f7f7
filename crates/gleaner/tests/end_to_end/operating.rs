//! What an operator relies on: meters, logs that can be followed, a doctor that finds what is wrong.

use serde_json::{Value, json};

use crate::support::{Db, Home};

on_each_database!(the_meters_say_what_the_history_says, the_doctor_looks_at_everything_and_changes_nothing);

/// The value of a meter, with its labels as they are written.
fn meter(text: &str, name: &str) -> i64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing:\n{text}")).parse().unwrap()
}

async fn the_meters_say_what_the_history_says(db: Db) {
    let home = Home::new().with("DATABASE_URL", db.url());
    let server = home.serve(&[]).await;
    let books = json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000});
    let found = server.http.discover(&books).await;
    server.http.discover(&books).await;
    let asins: Vec<_> = found["asins"].as_array().unwrap().iter().take(3).cloned().collect();
    for _ in 0..2 {
        server.http.score(&json!({"marketplace": "us", "asins": asins})).await;
    }
    server.http.post("/api/v1/products/discover", &json!({})).await.problem(422);
    let answer = server.http.get("/metrics").await;
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = answer.text;
    for kind in ["discovery", "scoring"] {
        for (name, column) in [("gleaner_hits_total", "hits"), ("gleaner_misses_total", "misses")] {
            let rows = "gleaner_search_outcome o JOIN search_history h ON h.id = o.history_id";
            let known = db
                .number(&format!("SUM(CASE WHEN h.search_type = '{kind}' THEN o.{column} END)"), rows)
                .await;
            assert_eq!(meter(&text, &format!("{name}{{kind=\"{kind}\"}}")), known, "{kind} {column}");
        }
        assert_eq!(meter(&text, &format!("gleaner_answers_total{{kind=\"{kind}\"}}")), 2);
    }
    let saved = db.number("SUM(tokens_saved)", "gleaner_search_outcome").await;
    assert_eq!(meter(&text, "gleaner_tokens_saved_total"), saved);
    for purpose in ["discovery", "scoring"] {
        let sum = format!("SUM(CASE WHEN purpose = '{purpose}' THEN charged END)");
        let spent = db.number(&sum, "gleaner_token_ledger").await;
        assert!(spent > 0);
        assert_eq!(meter(&text, &format!("gleaner_tokens_spent_total{{purpose=\"{purpose}\"}}")), spent);
    }
    let left = server.http.get("/api/v1/tokens").await.ok()["balance"].as_i64().unwrap();
    assert!((left - meter(&text, "gleaner_tokens_left")).abs() <= 120, "a refill may have come in between");
    assert_eq!(meter(&text, "gleaner_recorder_queue"), 0);
    let path = "method=\"POST\",path=\"/api/v1/products/discover\"";
    assert_eq!(meter(&text, &format!("gleaner_http_seconds_count{{{path}}}")), 3);
    assert_eq!(meter(&text, &format!("gleaner_http_answers_total{{{path},status=\"4xx\"}}")), 1);
    assert_eq!(meter(&text, "gleaner_keepa_call_seconds_count{call=\"finder\"}"), 1);
}

async fn the_doctor_looks_at_everything_and_changes_nothing(db: Db) {
    let home = Home::new().with("DATABASE_URL", db.url());
    let before = home.run(&["doctor", "--json"]).await.json(0);
    assert!(db.is_untouched().await, "{before}");
    home.run(&["tokens"]).await.ended(0);
    let status = |report: &Value, name: &str| {
        let checks = report["checks"].as_array().unwrap().iter();
        checks.clone().find(|check| check["name"] == name).map(|check| check["status"].clone())
    };
    let well = home.run(&["doctor", "--json"]).await.json(0);
    for name in ["configuration", "database", "schema", "access", "key", "clock"] {
        assert_eq!(status(&well, name), Some(json!("ok")), "{name}: {well}");
    }
    db.by_hand("ALTER TABLE search_history RENAME TO search_history_gone").await;
    let ill = home.run(&["doctor", "--json"]).await.json(1);
    assert_eq!((&ill["ok"], status(&ill, "schema")), (&json!(false), Some(json!("fail"))));
    assert!(home.run(&["doctor"]).await.ended(1).stdout.contains("gleaner db verify"));
    db.by_hand("ALTER TABLE search_history_gone RENAME TO search_history").await;
    let open = Home::new().with("DATABASE_URL", db.url()).with("GLEANER_LISTEN", "0.0.0.0:8080");
    assert_eq!(status(&open.run(&["doctor", "--json"]).await.json(1), "access"), Some(json!("fail")));
    let other = Home::new().with("DATABASE_URL", db.url()).with("GLEANER_DEMO_SEED", "8");
    home.run(&["discover", "--category", "Books", "--bsr", "1000-500000"]).await.ended(0);
    assert_eq!(status(&other.run(&["doctor", "--json"]).await.json(1), "upstream"), Some(json!("fail")));
}

#[tokio::test]
async fn a_wrong_setting_and_a_key_that_is_refused_are_found_without_a_token() {
    let wrong = Home::new().with("GLEANER_POOL_SIZE", "0");
    let report = wrong.run(&["doctor", "--json"]).await.json(1);
    assert_eq!(report["checks"][0]["status"], "fail");
    assert!(report["checks"][0]["detail"].as_str().unwrap().contains("pool_size"), "{report}");
    let nobody = Home::new().with("KEEPA_API_KEY", "somekey").with("KEEPA_BASE_URL", "http://127.0.0.1:9");
    let report = nobody.run(&["doctor", "--json"]).await.json(1);
    let key = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "key").unwrap();
    assert_eq!(key["status"], "fail");
    assert!(!report.to_string().contains("somekey"), "{report}");
}

#[tokio::test]
async fn every_line_of_the_log_about_a_request_has_the_id_of_its_answer() {
    let home = Home::new().with("GLEANER_LOG_FORMAT", "json");
    let server = home.serve(&[]).await;
    home.run(&["users", "add", "anna", "--password", "correct horse"]).await.ended(0);
    let login = json!({"username": "anna", "password": "wr0ng horse"});
    let visitor = server.http.nobody().with("cookie", "gleaner_session=s3cret");
    let answer = visitor.post("/api/v1/auth/login", &login).await;
    assert_eq!(answer.status, 401);
    let id = answer.headers["x-request-id"].to_str().unwrap();
    let log = std::fs::read_to_string(home.path().join("serve.log")).unwrap();
    let told = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let refused =
        told.into_iter().find(|line| line["span"]["request_id"] == id).expect("the refusal is logged");
    assert_eq!(refused["span"]["path"], "/api/v1/auth/login");
    assert!(!log.contains("wr0ng") && !log.contains("s3cret"), "{log}");
}
