//! What was asked is remembered: hits, their count, what they save, how long they last, and what makes them go.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Db, Local, Market, at};

on_each_database!(
    five_hits_in_a_row_count_one_to_five,
    a_plain_question_has_the_documented_key_and_any_further_filter_another,
    a_score_under_another_condition_cost_or_strategy_spends_nothing,
    a_repeated_asin_is_scored_and_paid_once,
    answers_last_for_their_time_to_live_and_not_longer,
    force_refresh_pays_again_and_replaces,
    an_empty_result_is_kept_and_explains_itself,
    the_filter_to_blame_is_found_out_at_a_price_told_first,
    the_ledger_and_the_token_page_account_for_every_token,
    a_score_made_under_other_fee_cards_is_made_anew_for_nothing,
    the_web_app_is_told_from_other_programs_in_the_history,
    an_expired_row_is_purged_a_live_one_kept_and_history_never_touched,
    clearing_empties_the_caches_and_keeps_what_was_paid_for,
);

const NOW: &str = "2026-10-20T09:30:00Z";

async fn local(db: &Db) -> Local {
    Local::start(db, at(NOW), 600, None).await
}

fn books() -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000})
}

/// Some products of the market that have a price in both conditions.
async fn some_asins(local: &Local, n: usize) -> Vec<String> {
    let mut filters = books();
    filters["price_min"] = json!(1500);
    let found = local.http.discover(&filters).await;
    let asins = found["asins"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned());
    let asins: Vec<String> = asins.take(n).collect();
    assert_eq!(asins.len(), n, "the market is too small");
    asins
}

async fn hit_counts(db: &Db, table: &str) -> Vec<String> {
    db.column(&format!("SELECT CAST(hit_count AS TEXT) FROM {table} ORDER BY cache_key")).await
}

async fn five_hits_in_a_row_count_one_to_five(db: Db) {
    let local = local(&db).await;
    local.http.discover(&books()).await;
    for n in 1..=5 {
        assert_eq!(local.http.discover(&books()).await["cache_hit"], true);
        assert_eq!(hit_counts(&db, "product_discovery_cache").await, [n.to_string()]);
    }
    let asin = some_asins(&local, 1).await.remove(0);
    let question = json!({"marketplace": "us", "asins": [asin]});
    assert_eq!(local.http.score(&question).await["hits"], 0);
    for n in 1..=5 {
        assert_eq!(local.http.score(&question).await["hits"], 1);
        assert_eq!(hit_counts(&db, "product_scoring_cache").await, [n.to_string()]);
    }
    assert_eq!(db.count("search_history").await, 13, "one row per question");
    assert_eq!(db.count("gleaner_search_outcome").await, 13);
}

async fn a_plain_question_has_the_documented_key_and_any_further_filter_another(db: Db) {
    let local = local(&db).await;
    let mut all = books();
    all["category"] = json!(0);
    all["bsr_min"] = json!(10_000);
    all["bsr_max"] = json!(50_000);
    assert_eq!(local.http.discover(&all).await["cache_key"], "discovery:1:0:10000-50000");
    assert_eq!(local.http.discover(&books()).await["cache_key"], "discovery:1:283155:1000-500000");
    for category in [json!(283_155), json!("283155"), json!("books")] {
        let mut same = books();
        same["category"] = category;
        assert_eq!(local.http.discover(&same).await["cache_hit"], true, "the same question in other words");
    }
    for (field, value) in [
        ("price_min", json!(1000)),
        ("price_max", json!(9000)),
        ("condition", json!("used")),
        ("exclude_amazon", json!(true)),
        ("limit", json!(7)),
    ] {
        let mut further = books();
        further[field] = value;
        let found = local.http.discover(&further).await;
        assert_eq!(found["cache_hit"], false, "{field} changes the answer");
        let key = found["cache_key"].as_str().unwrap();
        assert!(key.starts_with("discovery:1:283155:1000-500000:"), "{key}");
    }
    let asin = some_asins(&local, 1).await.remove(0);
    local.http.score(&json!({"marketplace": "us", "asins": [asin]})).await;
    let keys = db.column("SELECT cache_key FROM product_scoring_cache").await;
    assert_eq!(keys, [format!("scoring:{asin}:1")]);
}

async fn a_score_under_another_condition_cost_or_strategy_spends_nothing(db: Db) {
    let local = local(&db).await;
    let asins = some_asins(&local, 5).await;
    let plain = json!({"marketplace": "us", "asins": asins});
    assert_eq!(local.http.score(&plain).await["tokens"]["charged"], 5);
    let (spent, requests) = (local.market.spent(), local.market.paid_requests());
    for (field, value) in [
        ("condition", json!("used")),
        ("cost", json!(500)),
        ("cost", json!(0)),
        ("strategy", json!("velocity")),
    ] {
        let mut other = plain.clone();
        other[field] = value;
        let first = local.http.score(&other).await;
        assert_eq!((&first["hits"], &first["tokens"]["charged"]), (&json!(0), &json!(0)), "{other}");
        assert_eq!(first["tokens"]["saved"], 5, "{other}");
        let again = local.http.score(&other).await;
        let kept = first["scores"].as_array().unwrap().iter().filter(|s| !s["roi_percent"].is_null()).count();
        assert_eq!(again["hits"], kept, "what has an ROI is kept: {other}");
    }
    assert_eq!((local.market.spent(), local.market.paid_requests()), (spent, requests));
    let costly = json!({"marketplace": "us", "asins": asins, "cost": 500});
    for score in local.http.score(&costly).await["scores"].as_array().unwrap() {
        assert_eq!((&score["cost"], &score["verdict_basis"]), (&json!(500), &json!("explicit")));
        assert_eq!(score["profit"].as_i64(), score["net"].as_i64().map(|net| net - 500));
    }
}

async fn a_repeated_asin_is_scored_and_paid_once(db: Db) {
    let local = local(&db).await;
    let asin = some_asins(&local, 1).await.remove(0);
    let before = local.market.spent();
    let asins = [asin.clone(), asin.to_lowercase(), format!(" {asin} ")];
    let scored = local.http.score(&json!({"marketplace": "us", "asins": asins})).await;
    assert_eq!(scored["scores"].as_array().unwrap().len(), 1);
    assert_eq!((local.market.spent() - before, &scored["rejected"]), (1, &json!([])));
}

async fn answers_last_for_their_time_to_live_and_not_longer(db: Db) {
    let local = local(&db).await;
    let asins = some_asins(&local, 2).await;
    let question = json!({"marketplace": "us", "asins": asins});
    local.http.discover(&books()).await;
    local.http.score(&question).await;
    local.advance(TimeDelta::minutes(6 * 60 - 1));
    assert_eq!(local.http.score(&question).await["hits"], 2, "a score lasts six hours");
    local.advance(TimeDelta::minutes(2));
    let late = local.http.score(&question).await;
    assert_eq!((&late["hits"], &late["tokens"]["charged"]), (&json!(0), &json!(2)));
    local.advance(TimeDelta::minutes(18 * 60 - 2));
    assert_eq!(local.http.discover(&books()).await["cache_hit"], true, "a discovery lasts a day");
    local.advance(TimeDelta::minutes(2));
    let late = local.http.discover(&books()).await;
    assert_eq!((&late["cache_hit"], &late["data_age_seconds"]), (&json!(false), &json!(0)));
    assert_eq!(db.count("product_discovery_cache").await, 2, "the old row is replaced, not doubled");
}

async fn force_refresh_pays_again_and_replaces(db: Db) {
    let local = local(&db).await;
    let asins = some_asins(&local, 2).await;
    let mut question = json!({"marketplace": "us", "asins": asins});
    let first = local.http.score(&question).await;
    local.http.score(&question).await;
    local.advance(TimeDelta::minutes(30));
    question["force_refresh"] = json!(true);
    let anew = local.http.score(&question).await;
    assert_eq!((&anew["hits"], &anew["tokens"]["charged"]), (&json!(0), &json!(2)));
    assert_eq!(db.count("product_scoring_cache").await, 2, "replaced, not doubled");
    let fetched = |answer: &Value| at(answer["scores"][0]["facts_fetched_at"].as_str().unwrap());
    assert_eq!(fetched(&anew) - fetched(&first), TimeDelta::minutes(30));
    question["force_refresh"] = json!(false);
    let kept = local.http.score(&question).await;
    assert_eq!((&kept["hits"], fetched(&kept)), (&json!(2), fetched(&anew)));

    let mut filters = books();
    local.http.discover(&filters).await;
    filters["force_refresh"] = json!(true);
    local.advance(TimeDelta::minutes(30));
    let anew = local.http.discover(&filters).await;
    assert_eq!(anew["cache_hit"], false);
    assert!(anew["tokens"]["charged"].as_i64().unwrap() > 10, "{anew}");
    let kept = local.http.discover(&books()).await;
    assert_eq!((&kept["cache_hit"], &kept["created_at"]), (&json!(true), &anew["created_at"]));
}

async fn an_empty_result_is_kept_and_explains_itself(db: Db) {
    let local = local(&db).await;
    let nothing = json!({
        "marketplace": "us", "category": "Books", "bsr_min": 1, "bsr_max": 2, "price_min": 99_000,
        "price_max": 99_001,
    });
    let first = local.http.discover(&nothing).await;
    assert_eq!((&first["asins"], &first["cache_hit"]), (&json!([]), &json!(false)));
    let explanation = first["funnel"]["explanation"].as_str().unwrap();
    assert!(explanation.contains("Product Finder matches nothing"), "{explanation}");
    let (spent, requests) = (local.market.spent(), local.market.paid_requests());
    let again = local.http.discover(&nothing).await;
    assert_eq!((&again["cache_hit"], &again["funnel"]), (&json!(true), &first["funnel"]));
    assert_eq!((local.market.spent(), local.market.paid_requests()), (spent, requests));
    assert_eq!(hit_counts(&db, "product_discovery_cache").await, ["1"]);
}

async fn the_filter_to_blame_is_found_out_at_a_price_told_first(db: Db) {
    let local = local(&db).await;
    let nothing = json!({
        "marketplace": "us", "category": "Books", "bsr_min": 1, "bsr_max": 100_000_000, "price_min": 99_000,
        "price_max": 99_001,
    });
    local.http.discover(&nothing).await;
    let explain = "/api/v1/products/discover/explain";
    let (spent, requests) = (local.market.spent(), local.market.paid_requests());
    let price = local.http.post(explain, &json!({"filters": nothing})).await.ok();
    // Every rank is asked for, so that category and price are left.
    let without: Vec<&Value> = price["probes"].as_array().unwrap().iter().map(|p| &p["without"]).collect();
    assert_eq!(without, [&json!("category"), &json!("price")]);
    assert_eq!((&price["asked"], &price["tokens"]["estimated"]), (&json!(false), &json!(22)));
    let budget = json!({"tokens": 21, "mode": "stop"});
    let refused = json!({"filters": nothing, "spend": true, "budget": budget});
    assert_eq!(local.http.post(explain, &refused).await.problem(422)["code"], "over_budget");
    assert_eq!(
        (local.market.spent(), local.market.paid_requests()),
        (spent, requests),
        "only told the price"
    );

    let told = local.http.post(explain, &json!({"filters": nothing, "spend": true})).await.ok();
    assert_eq!(told["probes"][0]["matched_total"], 0, "{told}");
    let books = told["probes"][1]["matched_total"].as_i64().unwrap();
    assert!(books > 100, "{told}");
    let sentence = told["explanation"].as_str().unwrap();
    assert!(sentence.contains("without the price filter") && sentence.contains(&books.to_string()), "{told}");
    let charged = local.market.spent() - spent;
    assert_eq!(told["tokens"]["charged"], charged);
    assert!((20..=22).contains(&charged), "{told}");
    // What was found out is kept like any other search.
    let again = local.http.post(explain, &json!({"filters": nothing})).await.ok();
    assert_eq!(again["tokens"]["estimated"], 0, "{again}");
    let again = local.http.post(explain, &json!({"filters": nothing, "spend": true})).await.ok();
    assert_eq!((&again["tokens"]["charged"], &again["explanation"]), (&json!(0), &told["explanation"]));
    assert_eq!(local.market.spent(), spent + charged);
    let market = local.stop().await;
    let home = market.home(&db);
    let asked =
        ["discover", "--category", "Books", "--bsr", "1-100000000", "--price", "990-990.01", "--explain"];
    let run = home.run(&asked).await;
    run.ended(1);
    assert!(run.stderr.contains("tokens") && run.stdout.contains("without the price filter"), "{run:?}");
}

async fn the_ledger_and_the_token_page_account_for_every_token(db: Db) {
    let local = local(&db).await;
    let asins = some_asins(&local, 3).await;
    local.http.score(&json!({"marketplace": "us", "asins": asins})).await;
    local.http.discover(&books()).await;
    local.http.discover(&books()).await;
    let spent = local.market.spent();
    assert!(spent >= 3 + 2 * 11);
    assert_eq!(db.number("SUM(charged)", "gleaner_token_ledger").await, spent);
    let tokens = local.http.get("/api/v1/tokens").await.ok();
    assert_eq!(tokens["balance"], 60_000 - spent, "{tokens}");
    assert_eq!(tokens["refill_rate"], 1_000, "{tokens}");
    let days = tokens["days"].as_array().unwrap();
    let total: i64 = days.iter().map(|day| day["spent"].as_i64().unwrap()).sum();
    assert_eq!(total, spent, "{tokens}");
    let charged = db.number("SUM(tokens_charged)", "gleaner_search_outcome").await;
    assert_eq!(charged, spent, "what the answers say they cost is what was paid");
}

async fn a_score_made_under_other_fee_cards_is_made_anew_for_nothing(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let (question, scored) = {
        let server = home.serve(&[]).await;
        let asins = json!([server.http.discover(&books()).await["asins"][0]]);
        let question = json!({"marketplace": "us", "asins": asins});
        (question.clone(), server.http.score(&question).await)
    };
    // As a program with other cards left it.
    db.by_hand("UPDATE gleaner_score_detail SET fee_cards = 'others', score = '{}'").await;
    let server = home.serve(&[]).await;
    let spent = market.spent();
    let again = server.http.score(&question).await;
    assert_eq!((&again["hits"], &again["scores"][0]["net"]), (&json!(0), &scored["scores"][0]["net"]));
    assert_eq!(server.http.score(&question).await["hits"], 1);
    assert_eq!(market.spent(), spent);
}

async fn the_web_app_is_told_from_other_programs_in_the_history(db: Db) {
    let local = local(&db).await;
    local.http.discover(&books()).await;
    local.http.as_web_app().discover(&books()).await;
    let sources: Vec<String> = db.questions().await.into_iter().map(|(_, source, _)| source).collect();
    assert_eq!(sources, ["api", "frontend"]);
    let filters = db.column("SELECT CAST(filters AS TEXT) FROM search_history").await;
    let filters: Value = serde_json::from_str(&filters[0]).unwrap();
    assert_eq!((&filters["bsr_min"], &filters["bsr_max"]), (&json!(1000), &json!(500_000)));
}

async fn an_expired_row_is_purged_a_live_one_kept_and_history_never_touched(db: Db) {
    let local = local(&db).await;
    let asins = some_asins(&local, 2).await;
    local.http.score(&json!({"marketplace": "us", "asins": asins})).await;
    local.http.discover(&books()).await;
    let home = local.stop().await.home(&db);
    // What was asked at the test's moment is compared with the machine's clock now: live until far away, or long gone.
    for table in ["product_discovery_cache", "product_scoring_cache"] {
        db.by_hand(&format!("UPDATE {table} SET expires_at = '2999-01-01 00:00:00'")).await;
    }
    db.expire("product_discovery_cache", "cache_key = 'discovery:1:283155:1000-500000'").await;
    db.expire("product_scoring_cache", &format!("asin = '{}'", asins[0])).await;
    let stats = home.run(&["cache", "stats", "--json"]).await.json(0);
    for cache in ["discovery", "scoring"] {
        let numbers = ["entries", "live", "expired"].map(|name| stats[cache][name].as_i64().unwrap());
        assert_eq!(numbers, [2, 1, 1], "{stats}");
    }
    let removed = home.run(&["cache", "purge", "--json"]).await.json(0);
    assert_eq!(removed, json!({"discovery": 1, "scoring": 1}));
    let left = db.column("SELECT cache_key FROM product_scoring_cache").await;
    assert_eq!(left, [format!("scoring:{}:1", asins[1])]);
    assert_eq!(db.count("product_discovery_cache").await, 1);
    assert_eq!((db.count("search_history").await, db.count("gleaner_search_outcome").await), (3, 3));
    assert_eq!(db.count("gleaner_product").await, 2, "paid facts stay");
    let removed = home.run(&["cache", "purge", "--json"]).await.json(0);
    assert_eq!(removed, json!({"discovery": 0, "scoring": 0}));
}

async fn clearing_empties_the_caches_and_keeps_what_was_paid_for(db: Db) {
    let local = local(&db).await;
    let asins = some_asins(&local, 2).await;
    local.http.score(&json!({"marketplace": "us", "asins": asins})).await;
    let home = local.stop().await.home(&db);
    home.run(&["cache", "clear"]).await.refused(&["--yes"]);
    assert_eq!(db.count("product_scoring_cache").await, 2, "nothing happens unasked");
    let removed = home.run(&["cache", "clear", "--cache", "scoring", "--yes", "--json"]).await.json(0);
    assert_eq!(removed, json!({"discovery": 0, "scoring": 2}));
    let removed = home.run(&["cache", "clear", "--yes", "--json"]).await.json(0);
    assert_eq!(removed, json!({"discovery": 1, "scoring": 0}));
    assert_eq!((db.count("gleaner_product").await, db.count("search_history").await), (2, 2));
}
