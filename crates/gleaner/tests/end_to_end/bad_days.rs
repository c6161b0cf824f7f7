//! Keepa or the database misbehave: a clear error, or old data where the caller allows it; nothing is paid twice,
//! nothing stays reserved, and the next question works.

use chrono::TimeDelta;
use keepa_emulator::{Fault, FaultRule};
use serde_json::{Value, json};
use sqlx::{Connection, Executor as _, SqliteConnection};

use crate::support::{Answer, Db, Http, Local, Market, Wire, at};

on_each_database!(
    whatever_keepa_does_the_error_is_clear_and_the_next_question_works,
    old_answers_are_better_than_none_only_for_those_who_say_so,
    a_storm_of_refusals_costs_nothing_and_passes,
);

fn books(from: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": from, "bsr_max": from + 400_000})
}

async fn try_discover(http: &Http, question: &Value) -> Answer {
    http.post("/api/v1/products/discover", question).await
}

/// What the ledger says was spent: for certain, and at most (a call whose answer was lost is counted as estimated).
async fn spent(db: &Db) -> (i64, i64) {
    let certain = db.number("SUM(charged)", "gleaner_token_ledger").await;
    (certain, db.number("SUM(COALESCE(charged, estimated))", "gleaner_token_ledger").await)
}

async fn whatever_keepa_does_the_error_is_clear_and_the_next_question_works(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db).with("GLEANER_KEEPA_TIMEOUT", "1s").with("GLEANER_KEEPA_MAX_WAIT", "0s");
    let server = home.serve(&[]).await;
    let faults = [
        (Fault::TooManyRequests, 429),
        (Fault::InternalError, 502),
        (Fault::Unavailable, 502),
        (Fault::Latency { ms: 60_000 }, 504),
        (Fault::CutBody, 502),
        (Fault::TruncatedGzip, 502),
        (Fault::Html, 502),
        (Fault::ErrorWithOk, 502),
        (Fault::SlowBody { ms: 10_000 }, 504),
    ];
    for (n, (fault, status)) in faults.into_iter().enumerate() {
        let told = format!("{fault:?}");
        let question = books(1_000 * (1 + i64::try_from(n).unwrap()));
        let before = market.asked("query");
        market.emulator.add_fault(FaultRule::always(fault).on("query"));
        let problem = try_discover(&server.http, &question).await.problem(status);
        assert_eq!(problem["retry_after_seconds"].is_i64(), status == 429, "{told}: {problem}");
        assert!(!problem.to_string().contains(crate::support::KEY), "{told}: {problem}");
        assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0, "{told}");
        assert_eq!(market.asked("query"), before + 1, "{told}: asked once, because it may have been charged");
        market.emulator.clear_faults();
        let answer = server.http.discover(&question).await;
        assert_eq!(
            (&answer["cache_hit"], &answer["tokens"]["charged"]),
            (&json!(false), &json!(11)),
            "{told}"
        );
        assert_eq!(market.asked("query"), before + 2, "{told}");
        let (certain, most) = spent(&db).await;
        let spent = market.spent();
        assert!((certain..=most).contains(&spent), "{told}: {certain} to {most}, but Keepa charged {spent}");
    }
    let before = market.asked("product");
    market.emulator.add_fault(FaultRule::always(Fault::InternalError).on("product"));
    let found = server.http.discover(&books(1_000)).await;
    let question = json!({"marketplace": "us", "asins": found["asins"]});
    server.http.post("/api/v1/products/score", &question).await.problem(502);
    assert_eq!(market.asked("product"), before + 1);
    assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
    market.emulator.clear_faults();
    let scored = server.http.score(&question).await;
    assert_eq!(scored["scores"].as_array().unwrap().len(), found["asins"].as_array().unwrap().len());
}

async fn old_answers_are_better_than_none_only_for_those_who_say_so(db: Db) {
    let local = Local::start(&db, at("2026-06-01T12:00:00Z"), 600, None).await;
    let fresh = local.http.discover(&books(1_000)).await;
    let asins = json!({"marketplace": "us", "asins": [fresh["asins"][0]]});
    let scored = local.http.score(&asins).await;
    local.advance(TimeDelta::hours(25));
    local.market.emulator.add_fault(FaultRule::always(Fault::InternalError));
    try_discover(&local.http, &books(1_000)).await.problem(502);
    local.http.post("/api/v1/products/score", &asins).await.problem(502);
    let allow = |question: &Value| {
        let mut question = question.clone();
        question["stale_if_error"] = true.into();
        question
    };
    let old = local.http.discover(&allow(&books(1_000))).await;
    assert_eq!((&old["stale"], &old["created_at"]), (&json!(true), &fresh["created_at"]));
    assert_eq!(old["data_age_seconds"], 25 * 3600);
    let old = local.http.score(&allow(&asins)).await;
    assert_eq!(old["scores"][0]["stale"], true);
    assert_eq!(old["scores"][0]["facts_fetched_at"], scored["scores"][0]["facts_fetched_at"]);
    // What nobody ever paid for cannot be old either.
    try_discover(&local.http, &allow(&books(9_000))).await.problem(502);
    local.market.emulator.clear_faults();
    let new = local.http.discover(&allow(&books(1_000))).await;
    assert_eq!((&new["stale"], &new["cache_hit"]), (&json!(false), &json!(false)));
    local.stop().await;
}

async fn a_storm_of_refusals_costs_nothing_and_passes(db: Db) {
    let market = Market::now(600, None).await;
    let server = market.home(&db).with("GLEANER_KEEPA_MAX_WAIT", "0s").serve(&[]).await;
    market.emulator.add_fault(FaultRule::always(Fault::TooManyRequests).on("query"));
    let questions: Vec<Value> = (1..=20).map(|n| books(n * 1_000)).collect();
    let asking = questions.iter().map(|question| try_discover(&server.http, question));
    for answer in futures::future::join_all(asking).await {
        let problem = answer.problem(429);
        assert!(problem["retry_after_seconds"].as_i64().is_some(), "{problem}");
    }
    assert_eq!(market.spent(), 0);
    assert_eq!(db.count("gleaner_token_ledger").await, 0);
    assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
    market.emulator.clear_faults();
    for question in &questions {
        assert_eq!(server.http.discover(question).await["cache_hit"], false);
    }
    assert_eq!(market.spent(), db.number("SUM(charged)", "gleaner_token_ledger").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_sqlite_file_costs_errors_and_no_restart() {
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    server.http.discover(&books(1_000)).await;
    let mut other = SqliteConnection::connect(db.url()).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let problem = try_discover(&server.http, &books(1_000)).await.problem(503);
    assert_eq!(problem["code"], "database_busy", "{problem}");
    assert!(problem["retry_after_seconds"].is_i64(), "{problem}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(server.http.discover(&books(1_000)).await["cache_hit"], true);
    // The answer that was not acknowledged is not there; the two that were are.
    assert_eq!(db.count("search_history").await, 2);
    assert_eq!(db.column("SELECT CAST(hit_count AS TEXT) FROM product_discovery_cache").await, ["1"]);
    assert_eq!(market.asked("query"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_paid_for_while_the_database_was_locked_is_kept_when_it_is_free_again() {
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    market.emulator.add_fault(FaultRule::once(Fault::Latency { ms: 500 }).on("query"));
    let http = server.http.clone();
    let asking = tokio::spawn(async move { try_discover(&http, &books(1_000)).await });
    while market.asked("query") == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let mut other = SqliteConnection::connect(db.url()).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    asking.await.unwrap().problem(503);
    other.execute("ROLLBACK").await.unwrap();
    while db.count("gleaner_token_ledger").await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let answer = server.http.discover(&books(1_000)).await;
    assert_eq!((&answer["cache_hit"], market.asked("query"), market.spent()), (&json!(true), 1, 11));
    assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_gone_for_a_while_costs_errors_and_no_restart() {
    let Some(db) = Db::postgres() else { return };
    let market = Market::now(600, None).await;
    let wire = Wire::to(&db).await;
    let server = market.home(&db).with("DATABASE_URL", &wire.url).serve(&[]).await;
    server.http.discover(&books(1_000)).await;
    wire.cut();
    // In memory or not: what cannot be recorded is not answered.
    for question in [books(1_000), books(2_000)] {
        let answer = try_discover(&server.http, &question).await;
        let problem = answer.problem(503);
        assert!(problem["code"].as_str().unwrap().starts_with("database_"), "{problem}");
        assert_eq!(answer.headers["retry-after"], problem["retry_after_seconds"].to_string());
    }
    assert_eq!(server.http.get("/readyz").await.status, 503);
    assert_eq!(server.http.get("/healthz").await.status, 200);
    wire.mend();
    let first = server.http.discover(&books(1_000)).await;
    assert_eq!(first["cache_hit"], true);
    assert_eq!(server.http.discover(&books(2_000)).await["cache_hit"], false);
    assert_eq!(server.http.get("/readyz").await.status, 200);
    assert_eq!(db.count("search_history").await, 3);
    assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
    // A silence that ends is only a delay.
    wire.silence();
    let http = server.http.clone();
    let waiting = tokio::spawn(async move { http.discover(&books(1_000)).await });
    tokio::task::yield_now().await;
    wire.mend();
    assert_eq!(waiting.await.unwrap()["cache_hit"], true);
    assert_eq!(db.count("search_history").await, 4);
}
