//! What is wrong is refused with a clear word, spends no token and changes nothing.

use serde_json::{Value, json};

use crate::support::{Db, Home, KEY, Market};

on_each_database!(
    a_wrong_discovery_over_http_is_refused_and_changes_nothing,
    a_wrong_score_over_http_is_refused_and_changes_nothing,
    a_body_that_is_no_json_is_refused_and_changes_nothing,
    a_batch_with_a_wrong_asin_scores_the_others,
    what_keepa_does_not_know_is_told_apart_from_what_is_malformed,
    a_refused_key_is_told_without_showing_it,
    an_empty_account_says_when_to_come_back_and_spends_nothing,
);

const DISCOVER: &str = "/api/v1/products/discover";
const SCORE: &str = "/api/v1/products/score";

/// Nothing was asked of Keepa and nothing stands in any table.
async fn nothing_happened(market: &Market, db: &Db) {
    assert_eq!(market.emulator.request_counts().into_iter().collect::<Vec<_>>(), []);
    for table in [
        "product_discovery_cache",
        "product_scoring_cache",
        "search_history",
        "gleaner_search_outcome",
        "gleaner_product",
        "gleaner_token_ledger",
    ] {
        assert_eq!(db.count(table).await, 0, "{table}");
    }
}

/// A good discovery with one field replaced, or left out when the value is null.
fn discovery(field: &str, value: Value) -> Value {
    let mut filters = json!({"marketplace": "us", "category": "Books", "bsr_min": 10_000, "bsr_max": 50_000});
    if value.is_null() {
        filters.as_object_mut().unwrap().remove(field);
    } else {
        filters[field] = value;
    }
    filters
}

fn scoring(field: &str, value: Value) -> Value {
    let mut question = json!({"marketplace": "us", "asins": ["0593655036"]});
    if value.is_null() {
        question.as_object_mut().unwrap().remove(field);
    } else {
        question[field] = value;
    }
    question
}

/// The problem names the field and says all the words.
fn names(problem: &Value, field: &str, words: &[&str]) {
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("no field is named: {problem}"));
    let error = errors.iter().find(|error| error["field"].as_str().unwrap().starts_with(field));
    let message =
        error.unwrap_or_else(|| panic!("{field} is not named: {problem}"))["message"].as_str().unwrap();
    for word in words {
        assert!(message.contains(word), "{word:?} is missing: {message}");
    }
}

async fn a_wrong_discovery_over_http_is_refused_and_changes_nothing(db: Db) {
    let market = Market::now(200, None).await;
    let server = market.home(&db).serve(&[]).await;
    for (field, value, words) in [
        ("category", json!("Boks"), &["Boks", "Books"][..]),
        ("category", json!(""), &[]),
        ("category", json!(987_654_321), &["987654321"]),
        ("category", json!(["Books"]), &["category"]),
        ("category", Value::Null, &["missing"]),
        ("marketplace", json!("xx"), &["us", "de"]),
        ("marketplace", json!(1.5), &[]),
        ("marketplace", Value::Null, &["missing"]),
        ("bsr_min", json!(60_000), &["60000", "50000", "swap"]),
        ("bsr_min", json!(0), &["sales rank"]),
        ("bsr_min", json!("many"), &["expected"]),
        ("bsr_min", json!(1.5), &["expected"]),
        ("bsr_min", Value::Null, &["missing"]),
        ("bsr_max", json!(100_000_001), &["100000000"]),
        ("bsr_max", json!(9_223_372_036_854_775_807_i64), &["sales rank"]),
        ("price_min", json!(-1), &["must be 0"]),
        ("price_max", json!(0), &["never matches"]),
        ("limit", json!(0), &["1 to 10000", "0"]),
        ("limit", json!(10_001), &["1 to 10000"]),
        ("limit", json!(-5), &[]),
        ("condition", json!("broken"), &["new", "used"]),
        ("force_refresh", json!("yes"), &["expected"]),
        ("colour", json!("red"), &["unknown field"]),
    ] {
        let problem = server.http.post(DISCOVER, &discovery(field, value.clone())).await.problem(422);
        assert_eq!(problem["code"], "invalid_request", "{field} {value}");
        names(&problem, field, words);
    }
    let mut prices = discovery("price_min", json!(6000));
    prices["price_max"] = json!(1500);
    names(&server.http.post(DISCOVER, &prices).await.problem(422), "price_min", &["6000", "1500"]);
    // All mistakes in one answer.
    let mut several = prices;
    several["limit"] = json!(0);
    several["category"] = json!("Boks");
    let problem = server.http.post(DISCOVER, &several).await.problem(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    nothing_happened(&market, &db).await;
}

async fn a_wrong_score_over_http_is_refused_and_changes_nothing(db: Db) {
    let market = Market::now(200, None).await;
    let server = market.home(&db).serve(&[]).await;
    let too_many: Vec<String> = (0..1001).map(|n| format!("B{n:09}")).collect();
    for (field, value, words) in [
        ("asins", json!([]), &["at least one"][..]),
        ("asins", json!(too_many), &["1000", "1001"]),
        ("asins", json!("0593655036"), &["expected"]),
        ("asins", json!([593_655_036]), &["expected"]),
        ("asins", Value::Null, &["missing"]),
        ("marketplace", json!("mars"), &["us"]),
        ("cost", json!(-1), &["negative"]),
        ("cost", json!(5.5), &["expected"]),
        ("cost", json!("5"), &["expected"]),
        ("condition", json!("refurbished"), &["new", "used"]),
        ("strategy", json!("greedy"), &["balanced"]),
        ("price", json!(5), &["unknown field"]),
    ] {
        let problem = server.http.post(SCORE, &scoring(field, value.clone())).await.problem(422);
        assert_eq!(problem["code"], "invalid_request", "{field} {value}");
        names(&problem, field, words);
    }
    let malformed = json!(["059365503", "0593655036X", "05936-5503", "", "ÄÖÜ4567890"]);
    let problem = server.http.post(SCORE, &scoring("asins", malformed)).await.problem(422);
    assert_eq!(problem["code"], "invalid_asin");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 5, "{problem}");
    nothing_happened(&market, &db).await;
}

async fn a_body_that_is_no_json_is_refused_and_changes_nothing(db: Db) {
    let market = Market::now(200, None).await;
    let server = market.home(&db).serve(&[]).await;
    let whole = discovery("limit", json!(50)).to_string();
    let cut = &whole[..whole.len() / 2];
    let deep = "[".repeat(100_000);
    let twice = format!("{whole}{whole}");
    for path in [DISCOVER, SCORE] {
        for body in ["", "hello", "{", cut, &twice, "<html></html>", "\u{0}", &deep] {
            let problem = server.http.post_text(path, body).await;
            let problem = if problem.status == 422 { problem.problem(422) } else { problem.problem(400) };
            let code = problem["code"].as_str().unwrap();
            assert!(["malformed_json", "invalid_request"].contains(&code), "{body:.40}: {problem}");
        }
        for body in ["[]", "42", "null", "\"Books\""] {
            let problem = server.http.post_text(path, body).await.problem(422);
            assert_eq!(problem["code"], "invalid_request", "{body}: {problem}");
        }
        let large = format!("{{\"marketplace\": \"{}\"}}", "u".repeat(1024 * 1024));
        let problem = server.http.post_text(path, large).await.problem(413);
        assert_eq!(problem["code"], "body_too_large");
    }
    let problem = server.http.post_text(DISCOVER, cut).await.problem(400);
    assert_eq!(problem["code"], "malformed_json");
    nothing_happened(&market, &db).await;
}

async fn a_batch_with_a_wrong_asin_scores_the_others(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let found = home.run(&["discover", "--category", "Books", "--bsr", "1-5000000", "--json"]).await.json(0);
    let [a, b] = [0, 1].map(|n| found["asins"][n].as_str().unwrap());
    let result = home.run(&["score", a, "12345", b, "--json"]).await.json(0);
    assert_eq!(result["scores"].as_array().unwrap().len(), 2);
    let [rejected] = result["rejected"].as_array().unwrap().as_slice() else { panic!("{result}") };
    assert_eq!((&rejected["input"], &rejected["code"]), (&json!("12345"), &json!("invalid_asin")));
    assert!(
        rejected["message"].as_str().unwrap().contains("10"),
        "it says what an ASIN looks like: {rejected}"
    );
    assert_eq!(market.asked("product"), 1);
    let table = home.run(&["score", a, "12345", b]).await;
    table.ended(0);
    assert!(table.stdout.contains(a) && table.stdout.contains(b), "{table:?}");
    assert!(table.stderr.contains("12345") && table.stderr.contains("invalid_asin"), "{table:?}");
    let server = home.serve(&[]).await;
    let answer = server.http.score(&json!({"marketplace": "us", "asins": ["12345", a]})).await;
    assert_eq!((answer["scores"].as_array().unwrap().len(), &answer["hits"]), (1, &json!(1)));
    assert_eq!(answer["rejected"][0]["code"], "invalid_asin");
}

async fn what_keepa_does_not_know_is_told_apart_from_what_is_malformed(db: Db) {
    let market = Market::now(200, None).await;
    let home = market.home(&db);
    let result = home.run(&["score", "ZZZZZZZZZZ", "zz", "--json"]).await.json(1);
    let codes: Vec<&str> =
        result["rejected"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!((codes, &result["scores"]), (vec!["invalid_asin", "unknown_asin"], &json!([])));
    let malformed = home.run(&["score", "zz", "yy", "--json"]).await.json(2);
    assert_eq!(malformed["rejected"].as_array().unwrap().len(), 2);
    assert_eq!(db.count("product_scoring_cache").await, 0);
}

async fn a_refused_key_is_told_without_showing_it(db: Db) {
    let market = Market::now(200, None).await;
    let wrong = "wr0ng-Key-4711";
    let home = market.home(&db).with("KEEPA_API_KEY", wrong);
    let arguments = ["discover", "--category", "Books", "--bsr", "1000-500000", "-vv"];
    let run = home.run(&arguments).await;
    run.ended(1);
    assert!(run.stderr.contains("does not know this API key"), "{run:?}");
    let server = home.serve(&[]).await;
    let answer = server.http.post(DISCOVER, &discovery("limit", json!(50))).await;
    let problem = answer.problem(502);
    let log = std::fs::read_to_string(home.path().join("serve.log")).unwrap();
    for text in [&run.stdout, &run.stderr, &problem.to_string(), &log] {
        assert!(!text.contains(wrong), "{text}");
    }
    assert_eq!(db.count("product_discovery_cache").await, 0);
}

async fn an_empty_account_says_when_to_come_back_and_spends_nothing(db: Db) {
    let market = Market::poor().await;
    let home = market.home(&db).with("GLEANER_KEEPA_MAX_WAIT", "0s");
    let server = home.serve(&[]).await;
    let answer = server.http.post(DISCOVER, &discovery("limit", json!(50))).await;
    let problem = answer.problem(429);
    assert!(problem["retry_after_seconds"].as_u64().is_some_and(|seconds| seconds > 0), "{problem}");
    let header: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(header > 0);
    let run = home.run(&["score", "0593655036"]).await;
    run.ended(1);
    assert!(run.stderr.contains("token"), "{run:?}");
    assert_eq!(db.count("product_discovery_cache").await + db.count("product_scoring_cache").await, 0);
    assert_eq!(db.number("SUM(charged)", "gleaner_token_ledger").await, 0);
}

#[tokio::test]
async fn a_wrong_command_line_is_refused_before_anything_is_opened() {
    let home = Home::new();
    let discover = |extra: &[&'static str]| {
        [&["discover", "--category", "Books", "--bsr", "10000-50000"], extra].concat()
    };
    let file = home.write("x.json", "{}");
    for (arguments, words) in [
        (vec!["discover", "--category", "Boks", "--bsr", "1-5"], &["--category", "Books"][..]),
        (vec!["discover", "--category", "Books", "--bsr", "50000-10000"], &["--bsr", "50000", "10000"]),
        (vec!["discover", "--category", "Books", "--bsr", "0-10000"], &["--bsr"]),
        (vec!["discover", "--category", "Books", "--bsr", "many"], &["--bsr", "10000-50000"]),
        (vec!["discover", "--category", "Books"], &["--bsr"]),
        (vec!["discover", "--bsr", "1-5"], &["--category"]),
        (discover(&["--price", "60-15"]), &["--price"]),
        (discover(&["--price", "cheap"]), &["--price", "15-60"]),
        (discover(&["--price", "1.999-5"]), &["--price", "1.999"]),
        (discover(&["--price", "-"]), &["--price"]),
        (discover(&["--limit", "0"]), &["--limit", "10000"]),
        (discover(&["--limit", "-1"]), &["--limit", "10000"]),
        (discover(&["--yes"]), &["--explain"]),
        (discover(&["--limit", "10001"]), &["--limit", "10000"]),
        (discover(&["--limit", "5000", "--score"]), &["--limit", "1000"]),
        (discover(&["--marketplace", "xx"]), &["--marketplace", "us"]),
        (discover(&["--condition", "broken"]), &["--condition", "used"]),
        (discover(&["--score", "--cost", "-5"]), &["--cost", "negative"]),
        (discover(&["--cost", "5"]), &["--score"]),
        (discover(&["--colour", "red"]), &["--colour"]),
        (vec!["score"], &["ASIN"]),
        (vec!["score", "0593655036", "--cost", "-5"], &["--cost", "negative"]),
        (vec!["score", "0593655036", "--cost", "five"], &["--cost", "five"]),
        (vec!["score", "0593655036", "--cost", "5.001"], &["--cost", "5.001"]),
        (vec!["score", "0593655036", "--strategy", "greedy"], &["--strategy", "balanced"]),
        (vec!["score", "0593655036", "--as-of", "2025-10-14"], &["--keepa-json"]),
        (vec!["score", "--keepa-json", &file, "--as-of", "yesterday"], &["--as-of", "yesterday"]),
        (vec!["score", "0593655036", "--keepa-json", &file], &["--keepa-json"]),
        (vec!["cache", "clear"], &["--yes"]),
        (vec!["cache", "clear", "--yes", "--cache", "history"], &["discovery", "scoring", "all"]),
        (vec!["cache"], &["stats"]),
        (vec!["db", "rollback", "--all", "--to", "3"], &["--to"]),
        (vec!["db", "sideways"], &["sideways"]),
        (vec!["serve", "--listen", "8080"], &["--listen"]),
        (vec!["serve", "--listen", "0.0.0.0:0"], &["0.0.0.0:0", "127.0.0.1"]),
        (vec!["emulator", "--catalog", "nowhere"], &["--catalog", "nowhere"]),
        (vec!["emulator", "--refill-rate", "0"], &["--refill-rate"]),
        (vec!["plunder"], &["plunder"]),
        (vec![], &["Usage"]),
    ] {
        home.run(&arguments).await.refused(words);
    }
    assert!(!home.has_data(), "nothing was opened");
}

#[tokio::test]
async fn malformed_asins_alone_end_with_two_and_leave_no_history() {
    let (db, market) = (Db::sqlite(), Market::now(50, None).await);
    let run = market.home(&db).run(&["score", "abc", "0593655036X"]).await;
    run.ended(2);
    assert!(run.stderr.contains("abc") && run.stderr.contains("invalid_asin"), "{run:?}");
    assert!(market.emulator.request_counts().is_empty());
    if !db.is_untouched().await {
        assert_eq!(db.count("search_history").await, 0);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = Home::new();
    home.run(&["serve", "--listen", &address]).await.refused(&["--listen", &address]);
    home.run(&["emulator", "--listen", &address, "--key", KEY]).await.refused(&["--listen", &address]);
}
