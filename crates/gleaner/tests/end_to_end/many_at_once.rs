//! Many clients at once: no error, nothing lost, nothing doubled, nothing paid twice.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Db, Http, Market, Server};

on_each_database!(
    ten_clients_on_ten_keys_lose_nothing,
    ten_clients_on_one_key_make_one_request_and_every_hit_counts,
    fifty_identical_score_misses_make_one_request_for_one_token,
    two_servers_on_one_database_pay_once,
    of_two_servers_that_start_at_once_one_does_what_is_done_regularly,
    what_is_done_regularly_is_done_by_one_of_two_servers_and_not_again_at_once,
    a_hundred_hits_at_once_are_all_counted_and_recorded,
    two_hundred_and_fifty_products_are_bought_in_three_requests,
);

fn books(from: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": from, "bsr_max": from + 400_000})
}

async fn ask(http: &Http, questions: impl IntoIterator<Item = Value>) -> Vec<Value> {
    join_all(questions.into_iter().map(|question| async move { http.discover(&question).await })).await
}

fn hits(answers: &[Value]) -> usize {
    answers.iter().filter(|answer| answer["cache_hit"] == true).count()
}

fn charged(answers: &[Value]) -> i64 {
    answers.iter().map(|answer| answer["tokens"]["charged"].as_i64().unwrap()).sum()
}

async fn ten_clients_on_ten_keys_lose_nothing(db: Db) {
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    let all = || (1..=10).map(|n| books(n * 1000));
    assert_eq!(hits(&ask(&server.http, all()).await), 0);
    assert_eq!(market.asked("query"), 10);
    for _ in 0..3 {
        assert_eq!(hits(&ask(&server.http, all()).await), 10);
    }
    assert_eq!(market.asked("query"), 10);
    let counts = db.column("SELECT CAST(hit_count AS TEXT) FROM product_discovery_cache").await;
    assert_eq!(counts, vec!["3"; 10]);
    assert_eq!((db.count("search_history").await, db.count("gleaner_search_outcome").await), (40, 40));
}

async fn ten_clients_on_one_key_make_one_request_and_every_hit_counts(db: Db) {
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    let answers = ask(&server.http, (0..10).map(|_| books(1000))).await;
    assert_eq!(market.asked("query"), 1);
    assert_eq!(hits(&answers), 9, "one pays, nine share");
    assert_eq!(charged(&answers), market.spent());
    let again = ask(&server.http, (0..10).map(|_| books(1000))).await;
    assert_eq!((hits(&again), charged(&again), market.asked("query")), (10, 0, 1));
    assert_eq!(db.column("SELECT CAST(hit_count AS TEXT) FROM product_discovery_cache").await, ["19"]);
    assert_eq!(db.count("search_history").await, 20);
    assert_eq!(db.number("SUM(hits)", "gleaner_search_outcome").await, 19);
    assert!(answers.iter().all(|answer| answer["asins"] == answers[0]["asins"]));
}

async fn fifty_identical_score_misses_make_one_request_for_one_token(db: Db) {
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    let asin = server.http.discover(&books(1000)).await["asins"][0].clone();
    let before = market.spent();
    let question = json!({"marketplace": "us", "asins": [asin]});
    let answers = join_all((0..50).map(|_| server.http.score(&question))).await;
    assert_eq!((market.asked("product"), market.spent() - before, charged(&answers)), (1, 1, 1));
    for answer in &answers {
        assert_eq!(answer["scores"][0]["net"], answers[0]["scores"][0]["net"]);
    }
    let told: i64 = answers.iter().map(|answer| answer["hits"].as_i64().unwrap()).sum();
    assert_eq!(db.number("SUM(hit_count)", "product_scoring_cache").await, told);
    assert_eq!((db.count("product_scoring_cache").await, db.count("search_history").await), (1, 51));
}

async fn two_servers_on_one_database_pay_once(db: Db) {
    let market = Market::now(600, None).await;
    let homes = [market.home(&db), market.home(&db)];
    let servers = [homes[0].serve(&[]).await, homes[1].serve(&[]).await];
    let both = || servers.iter().flat_map(|server| (0..10).map(|_| server.http.clone()));
    let question = books(1000);
    let answers = join_all(both().map(|http| {
        let question = question.clone();
        async move { http.discover(&question).await }
    }))
    .await;
    assert_eq!((market.asked("query"), hits(&answers)), (1, 19));
    assert_eq!(db.column("SELECT CAST(hit_count AS TEXT) FROM product_discovery_cache").await, ["19"]);
    let question = json!({"marketplace": "us", "asins": [answers[0]["asins"][0]]});
    let answers = join_all(both().map(|http| {
        let question = question.clone();
        async move { http.score(&question).await }
    }))
    .await;
    assert_eq!((market.asked("product"), charged(&answers)), (1, 1));
    assert_eq!(db.count("search_history").await, 40);
}

async fn what_is_done_regularly_is_done_by_one_of_two_servers_and_not_again_at_once(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let first = home.serve(&[]).await;
    let done = "SELECT flight_key FROM gleaner_flight WHERE flight_key = 'upkeep:purge:done'";
    while db.column(done).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    first.http.discover(&books(1000)).await;
    db.expire("product_discovery_cache", "1 = 1").await;
    // A second server starts with what is due, and this is not.
    let mut second = home.serve(&[]).await;
    second.http.discover(&books(2000)).await;
    assert_eq!(second.stop("-TERM").await, Some(0));
    assert_eq!(db.count("product_discovery_cache").await, 2);
}

/// Runs of a chore by outcome, as a server's meters count them.
async fn runs_of(server: &Server, chore: &str, outcome: &str) -> u64 {
    let name = format!("gleaner_chores_total{{chore=\"{chore}\",outcome=\"{outcome}\"}} ");
    let meters = server.http.get("/metrics").await.text;
    meters.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse().unwrap())
}

async fn of_two_servers_that_start_at_once_one_does_what_is_done_regularly(db: Db) {
    let market = Market::now(600, None).await;
    let homes = [market.home(&db), market.home(&db)];
    homes[0].run(&["db", "migrate"]).await.ended(0);
    let servers = tokio::join!(homes[0].serve(&[]), homes[1].serve(&[]));
    let servers = [servers.0, servers.1];
    for chore in ["purge", "alerts", "due times"] {
        let (mut done, mut left_to_the_other) = (0, 0);
        // Until both have looked; the next time is a minute away.
        while done + left_to_the_other < 2 {
            (done, left_to_the_other) = (0, 0);
            for server in &servers {
                done += runs_of(server, chore, "done").await;
                left_to_the_other += runs_of(server, chore, "elsewhere").await;
                assert_eq!(runs_of(server, chore, "failed").await, 0, "{chore}");
            }
        }
        assert_eq!((done, left_to_the_other), (1, 1), "{chore}");
    }
}

async fn a_hundred_hits_at_once_are_all_counted_and_recorded(db: Db) {
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    let found = server.http.discover(&books(1000)).await;
    let asins: Vec<Value> = found["asins"].as_array().unwrap().iter().take(5).cloned().collect();
    let question = json!({"marketplace": "us", "asins": asins});
    server.http.score(&question).await;
    let kept = db.count("product_scoring_cache").await;
    let answers =
        join_all(
            (0..100).map(|n| {
                let (http, question) = (server.http.clone(), question.clone());
                async move {
                    if n % 2 == 0 { http.discover(&books(1000)).await } else { http.score(&question).await }
                }
            }),
        )
        .await;
    assert_eq!(charged(&answers), 0);
    assert_eq!(db.number("SUM(hit_count)", "product_discovery_cache").await, 50);
    assert_eq!(db.number("SUM(hit_count)", "product_scoring_cache").await, 50 * kept);
    assert_eq!(db.count("search_history").await, 102);
    assert_eq!(db.number("SUM(hits)", "gleaner_search_outcome").await, 50 + 50 * kept);
}

async fn two_hundred_and_fifty_products_are_bought_in_three_requests(db: Db) {
    let market = Market::now(2000, None).await;
    let server = market.home(&db).serve(&[]).await;
    let filters =
        json!({"marketplace": "us", "category": 0, "bsr_min": 1, "bsr_max": 10_000_000, "limit": 250});
    let found = server.http.discover(&filters).await;
    assert_eq!(found["asins"].as_array().unwrap().len(), 250);
    let before = market.spent();
    let scored = server.http.score(&json!({"marketplace": "us", "asins": found["asins"]})).await;
    assert_eq!(scored["scores"].as_array().unwrap().len(), 250);
    assert_eq!((market.asked("product"), market.spent() - before), (3, 250));
    let order: Vec<&Value> =
        scored["scores"].as_array().unwrap().iter().map(|score| &score["asin"]).collect();
    let asked: Vec<&Value> = found["asins"].as_array().unwrap().iter().collect();
    assert_eq!(order, asked, "scores come in the order asked for");
}
