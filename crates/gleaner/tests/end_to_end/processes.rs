//! Two servers on one PostgreSQL behave as one, directly and through a transaction pooler.

use futures::future::join_all;
use keepa_emulator::{Emulator, EmulatorConfig, Fault, FaultRule, RunningEmulator, SystemClock};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Db, Home, KEY, Pooler, Server};

/// Two servers on one database, and what stands behind and between.
struct Pair {
    emulator: RunningEmulator,
    homes: [Home; 2],
    servers: [Server; 2],
    db: Db,
    _pooler: Option<Pooler>,
}

impl Pair {
    /// `None`, saying so, where there is no PostgreSQL, or no pooler.
    async fn start(pooled: bool, tokens: i64) -> Option<Self> {
        let db = Db::postgres()?;
        let between = if pooled { Some(Pooler::before(&db).await?) } else { None };
        let config = EmulatorConfig {
            products: 600,
            tokens: Some(tokens),
            refill_rate: 1,
            ..EmulatorConfig::default()
        };
        let emulator = Emulator::start(config, Arc::new(SystemClock)).await.unwrap();
        let home = || {
            let url = between.as_ref().map_or(db.url(), |pooler| &pooler.url);
            Home::new()
                .with("KEEPA_BASE_URL", emulator.base_url())
                .with("KEEPA_API_KEY", KEY)
                .with("DATABASE_URL", url)
                .with("GLEANER_STATEMENT_CACHE", (!pooled).to_string())
                .with("GLEANER_KEEPA_MAX_WAIT", "0s")
        };
        let homes = [home(), home()];
        let servers = [homes[0].serve(&[]).await, homes[1].serve(&[]).await];
        Some(Self { emulator, homes, servers, db, _pooler: between })
    }

    fn asked(&self, endpoint: &str) -> u64 {
        self.emulator.request_counts().get(endpoint).copied().unwrap_or_default()
    }

    /// Keepa takes its time, so that everybody is there before the first answer.
    fn slow(&self) {
        self.emulator.add_fault(FaultRule::always(Fault::Latency { ms: 300 }));
    }

    async fn discover(&self, server: usize, body: &Value) -> Value {
        self.servers[server].http.discover(body).await
    }

    /// Waits until Keepa was asked so often.
    async fn until_asked(&self, endpoint: &str, times: u64) {
        while self.asked(endpoint) < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn books(from: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": from, "bsr_max": from + 400_000})
}

fn refreshed(from: i64) -> Value {
    let mut question = books(from);
    question["force_refresh"] = true.into();
    question
}

macro_rules! directly_and_pooled {
    ($($name:ident),+ $(,)?) => {
        mod directly {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(false).await;
            })+
        }
        mod through_a_transaction_pooler {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(true).await;
            })+
        }
    };
}

directly_and_pooled!(
    identical_misses_cost_one_call_over_both,
    a_refresh_by_one_is_seen_by_the_other_at_once,
    a_third_process_clears_the_caches_of_both,
    together_they_never_spend_more_than_there_is,
    when_the_one_that_asks_dies_the_other_takes_over,
);

async fn identical_misses_cost_one_call_over_both(pooled: bool) {
    let Some(pair) = Pair::start(pooled, 1_000).await else { return };
    pair.slow();
    let question = books(1000);
    let answers = join_all((0..50).map(|n| pair.discover(n % 2, &question))).await;
    assert_eq!(pair.asked("query"), 1);
    assert_eq!(answers.iter().filter(|answer| answer["cache_hit"] == false).count(), 1);
    let charged: i64 = answers.iter().map(|answer| answer["tokens"]["charged"].as_i64().unwrap()).sum();
    assert_eq!(pair.db.number("SUM(charged)", "gleaner_token_ledger").await, charged);
    let question = json!({"marketplace": "us", "asins": [answers[0]["asins"][0]]});
    let scored = join_all((0..50).map(|n| pair.servers[n % 2].http.score(&question))).await;
    assert_eq!(pair.asked("product"), 1);
    assert!(scored.iter().all(|answer| answer["scores"][0]["net"] == scored[0]["scores"][0]["net"]));
    assert_eq!(pair.db.count("search_history").await, 100);
    assert_eq!(pair.db.number("SUM(hit_count)", "product_discovery_cache").await, 49);
}

async fn a_refresh_by_one_is_seen_by_the_other_at_once(pooled: bool) {
    let Some(pair) = Pair::start(pooled, 1_000).await else { return };
    let first = pair.discover(0, &books(1000)).await;
    // Both have it in memory now.
    assert_eq!(pair.discover(1, &books(1000)).await["created_at"], first["created_at"]);
    for round in 0..5 {
        let (one, other) = (round % 2, (round + 1) % 2);
        let new = pair.discover(one, &refreshed(1000)).await;
        assert_ne!(new["created_at"], first["created_at"]);
        let seen = pair.discover(other, &books(1000)).await;
        assert_eq!((&seen["created_at"], &seen["cache_hit"]), (&new["created_at"], &json!(true)));
    }
    assert_eq!(pair.asked("query"), 6);
}

async fn a_third_process_clears_the_caches_of_both(pooled: bool) {
    let Some(pair) = Pair::start(pooled, 1_000).await else { return };
    pair.discover(0, &books(1000)).await;
    assert_eq!(pair.discover(1, &books(1000)).await["cache_hit"], true);
    pair.homes[0].run(&["cache", "clear", "--yes"]).await.ended(0);
    assert_eq!(pair.discover(1, &books(1000)).await["cache_hit"], false, "its memory is not used any more");
    let bought = pair.discover(1, &books(1000)).await;
    let other = pair.discover(0, &books(1000)).await;
    assert_eq!((&other["cache_hit"], &other["created_at"]), (&json!(true), &bought["created_at"]));
    assert_eq!(pair.asked("query"), 2);
}

async fn together_they_never_spend_more_than_there_is(pooled: bool) {
    let Some(pair) = Pair::start(pooled, 60).await else { return };
    // Somebody else's account tells which products there are.
    let keepa =
        keepa::Client::builder("another-key".into()).base_url(pair.emulator.base_url()).build().unwrap();
    let any = keepa::finder::current(keepa::CsvType::Sales).at_least(1);
    let selection = keepa::Selection::new().with(any).page(0).per_page(80);
    let found = keepa.finder(keepa::Domain::Us, &selection).await.unwrap().value;
    let asins: Vec<String> = found.asins.iter().map(ToString::to_string).collect();
    pair.slow();
    let questions = [&asins[..40], &asins[40..80]].map(|asins| json!({"marketplace": "us", "asins": asins}));
    let ask = |n: usize| pair.servers[n].http.post("/api/v1/products/score", &questions[n]);
    let (one, other) = tokio::join!(ask(0), ask(1));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429], "{} {}", one.text, other.text);
    let refused = if one.status == 429 { &one } else { &other };
    let problem = refused.problem(429);
    assert_eq!(problem["code"], "tokens_short");
    assert!(problem["retry_after_seconds"].as_i64().unwrap() > 0, "{problem}");
    assert_eq!(pair.asked("product"), 1, "the other call was not sent");
    assert_eq!(pair.db.number("SUM(charged)", "gleaner_token_ledger").await, 40);
    assert_eq!(pair.db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
}

async fn when_the_one_that_asks_dies_the_other_takes_over(pooled: bool) {
    let Some(mut pair) = Pair::start(pooled, 1_000).await else { return };
    // Only the first call hangs.
    let hang = FaultRule::once(Fault::Latency { ms: 600_000 }).on("query");
    pair.emulator.add_fault(hang);
    let question = books(1000).to_string();
    let http = pair.servers[0].http.clone();
    let asking = question.clone();
    let left = tokio::spawn(async move { http.try_post("/api/v1/products/discover", asking).await.is_ok() });
    pair.until_asked("query", 1).await;
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let (http, question) = (pair.servers[1].http.clone(), books(1000));
            tokio::spawn(async move { http.discover(&question).await })
        })
        .collect();
    pair.servers[0].kill().await;
    assert!(!left.await.unwrap(), "a dead server does not answer");
    let answers: Vec<Value> = join_all(waiting).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(pair.asked("query"), 2);
    assert_eq!(answers.iter().filter(|answer| answer["cache_hit"] == false).count(), 1);
    // What the dead one had reserved ends by itself; the other can spend on.
    assert_eq!(pair.discover(1, &books(2000)).await["cache_hit"], false);
}
