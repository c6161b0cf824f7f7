//! The machine's clock jumps, forwards and back, while Keepa's goes on: nothing stays fresh until the clock gets there
//! again, nothing is bought twice for it, and nothing waits for it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Db, Local, Market, at};

on_each_database!(
    what_was_noted_while_the_clock_was_ahead_is_bought_once_more_and_then_kept,
    a_clock_that_jumps_ahead_ends_what_is_old_and_nothing_else,
    tokens_promised_and_counted_while_the_clock_was_ahead_hold_nobody_up,
    a_session_begun_while_the_clock_was_ahead_does_not_outlast_the_others,
);

const NOW: &str = "2026-06-10T12:00:00Z";

fn books() -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000, "limit": 10})
}

/// What was asked of Keepa and paid for: discoveries and products.
fn paid(market: &Market) -> (u64, u64) {
    (market.asked("query"), market.asked("product"))
}

/// Asks the two questions twice; whether the first and the second time were hits.
async fn asked_twice(local: &Local) -> [(bool, bool); 2] {
    let mut hits = [(false, false); 2];
    for hit in &mut hits {
        let found = local.http.discover(&books()).await;
        let scored = local.http.score(&json!({"marketplace": "us", "asins": found["asins"]})).await;
        *hit = (found["cache_hit"] == true, scored["misses"] == 0);
        assert_eq!(
            (&found["stale"], found["data_age_seconds"].as_i64().unwrap() >= 0),
            (&json!(false), true)
        );
    }
    hits
}

async fn what_was_noted_while_the_clock_was_ahead_is_bought_once_more_and_then_kept(db: Db) {
    for days in [3, 400] {
        db_cleared(&db).await;
        let local = Local::start(&db, at(NOW), 600, None).await;
        local.set_clock(TimeDelta::days(days));
        assert_eq!(asked_twice(&local).await, [(false, false), (true, true)]);
        let before = paid(&local.market);
        local.set_clock(-TimeDelta::days(days));
        assert_eq!(asked_twice(&local).await, [(false, false), (true, true)], "{days} days");
        assert_eq!(paid(&local.market), (before.0 + 1, before.1 + 1), "once each");
        // And so does another process that finds it in the database.
        let other = Local::over(&db, at(NOW), local.stop().await).await;
        assert_eq!(asked_twice(&other).await, [(true, true), (true, true)]);
        assert_eq!(paid(&other.market), (before.0 + 1, before.1 + 1));
        // A few minutes are what clocks differ by.
        other.set_clock(-TimeDelta::minutes(5));
        assert_eq!(asked_twice(&other).await, [(true, true), (true, true)]);
        other.stop().await;
    }
}

async fn a_clock_that_jumps_ahead_ends_what_is_old_and_nothing_else(db: Db) {
    let local = Local::start(&db, at(NOW), 600, None).await;
    asked_twice(&local).await;
    // The hour of daylight saving is none to a clock that counts in UTC.
    local.set_clock(TimeDelta::hours(1));
    assert_eq!(asked_twice(&local).await, [(true, true), (true, true)]);
    let before = paid(&local.market);
    local.set_clock(TimeDelta::days(9));
    assert_eq!(asked_twice(&local).await, [(false, false), (true, true)]);
    assert_eq!(paid(&local.market), (before.0 + 1, before.1 + 1));
    local.stop().await;
}

async fn tokens_promised_and_counted_while_the_clock_was_ahead_hold_nobody_up(db: Db) {
    let local = Local::start(&db, at(NOW), 600, None).await;
    local.set_clock(TimeDelta::days(3));
    local.http.discover(&books()).await;
    // A process that died, and an account that was empty.
    db.by_hand(
        "INSERT INTO gleaner_token_reservation (id, purpose, amount, made_at, expires_at) VALUES \
         ('0195d3a0-0000-7000-8000-000000000001', 'scoring', 59000, '2026-06-13 12:00:00', '2026-06-13 12:05:00'); \
         UPDATE gleaner_token_account SET balance = -50",
    )
    .await;
    local.set_clock(-TimeDelta::days(3));
    let told = local.market.asked("token");
    let answer = local.http.discover(&books()).await;
    assert_eq!((&answer["cache_hit"], &answer["tokens"]["charged"]), (&json!(false), &json!(11)));
    assert_eq!(local.market.asked("token"), told + 1, "Keepa is asked for the balance, which costs nothing");
    let balance = local.http.get("/api/v1/tokens").await.ok()["balance"].as_i64().unwrap();
    assert_eq!(balance, local.market.emulator.tokens_left());
    assert_eq!(
        db.column("SELECT substr(CAST(read_at AS TEXT), 1, 16) FROM gleaner_token_account").await,
        ["2026-06-10 12:00"]
    );
    local.stop().await;
}

async fn a_session_begun_while_the_clock_was_ahead_does_not_outlast_the_others(db: Db) {
    let local = Local::start(&db, at(NOW), 600, None).await;
    let credentials = json!({"username": "anna", "password": "correct horse"});
    local.http.post("/api/v1/auth/setup", &credentials).await.ok();
    local.set_clock(TimeDelta::days(300));
    let ahead = local.http.log_in("anna", "correct horse").await;
    ahead.get("/api/v1/tokens").await.ok();
    local.set_clock(-TimeDelta::days(300));
    assert_eq!(ahead.get("/api/v1/tokens").await.problem(401)["code"], "login_required");
    let now = local.http.log_in("anna", "correct horse").await;
    now.get("/api/v1/tokens").await.ok();
    local.set_clock(TimeDelta::days(31));
    now.get("/api/v1/tokens").await.problem(401);
    local.stop().await;
}

/// Empties the caches and forgets what was paid for.
async fn db_cleared(db: &Db) {
    if !db.is_untouched().await {
        db.by_hand("DELETE FROM product_discovery_cache; DELETE FROM product_scoring_cache; DELETE FROM gleaner_product")
            .await;
    }
}
