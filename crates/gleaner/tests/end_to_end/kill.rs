//! A server that is killed under load has lost nothing that it acknowledged.
//!
//! Clients keep a log of what they were told; after the kill it is compared with the database, row by row, by id.
//! The numbers come from `GLEANER_KILL_ROUNDS` and `GLEANER_KILL_ANSWERS`: `cargo xtask soak kill` sets greater ones.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Db, Http, Market};

on_each_database!(nothing_that_was_acknowledged_is_lost_when_the_server_is_killed);

/// Clients that ask at once.
const CLIENTS: usize = 16;
/// Searches that are asked in turns.
const SEARCHES: usize = 4;

fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap())
}

/// What a client was told of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    kind: &'static str,
    hits: i64,
    misses: i64,
    results: i64,
}

type Log = Arc<Mutex<HashMap<String, Told>>>;

fn search(number: usize) -> Value {
    let from = 1_000 * (1 + number);
    json!({"marketplace": "us", "category": "Books", "bsr_min": from, "bsr_max": from + 400_000})
}

fn told(answer: &Value) -> (String, Told) {
    let id = answer["history_id"].as_str().unwrap().to_owned();
    let count = |list: &Value| i64::try_from(list.as_array().unwrap().len()).unwrap();
    let told = if answer["scores"].is_array() {
        let number = |name: &str| answer[name].as_i64().unwrap();
        let results = count(&answer["scores"]);
        Told { kind: "scoring", hits: number("hits"), misses: number("misses"), results }
    } else {
        let hit = i64::from(answer["cache_hit"].as_bool().unwrap());
        Told { kind: "discovery", hits: hit, misses: 1 - hit, results: count(&answer["asins"]) }
    };
    (id, told)
}

/// Asks until the server is gone; notes every answer that came whole.
async fn client(http: Http, number: usize, asins: Value, log: Log, answered: Arc<AtomicUsize>) {
    let scoring = json!({"marketplace": "us", "asins": asins}).to_string();
    for turn in number.. {
        let (path, body) = match turn % 5 {
            4 => ("/api/v1/products/score", scoring.clone()),
            place => ("/api/v1/products/discover", search(place % SEARCHES).to_string()),
        };
        let Ok(answer) = http.try_post(path, body).await else { return };
        let (id, told) = told(&answer.ok());
        assert!(log.lock().unwrap().insert(id, told).is_none(), "an id is given once");
        answered.fetch_add(1, Ordering::SeqCst);
    }
}

async fn nothing_that_was_acknowledged_is_lost_when_the_server_is_killed(db: Db) {
    let (rounds, least) = (setting("GLEANER_KILL_ROUNDS", 2), setting("GLEANER_KILL_ANSWERS", 300));
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let log = Log::default();
    for round in 0..rounds {
        let mut server = home.serve(&[]).await;
        let found = server.http.discover(&search(0)).await;
        let (id, first) = told(&found);
        log.lock().unwrap().insert(id, first);
        let asins: Value = found["asins"].as_array().unwrap()[..5].into();
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (http, log, answered) = (server.http.clone(), log.clone(), answered.clone());
                tokio::spawn(client(http, number, asins.clone(), log, answered))
            })
            .collect();
        // At a moment that nobody chose, after enough answers.
        let random = usize::try_from(RandomState::new().hash_one(round) % 200).unwrap();
        while answered.load(Ordering::SeqCst) < least + random {
            assert!(clients.iter().all(|client| !client.is_finished()), "a client ended before the server");
            tokio::time::sleep(std::time::Duration::from_micros(500)).await;
        }
        server.kill().await;
        for client in clients {
            client.await.unwrap();
        }
        compare(&db, &log, round).await;
    }
    println!("{rounds} kills, {} acknowledged answers, all of them kept", log.lock().unwrap().len());
}

async fn compare(db: &Db, log: &Log, round: usize) {
    let rows = db
        .seen(
            "SELECT h.id, h.search_type, CAST(o.hits AS TEXT), CAST(o.misses AS TEXT), \
             CAST(h.results_count AS TEXT) FROM search_history h \
             LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id",
        )
        .await;
    let kept: HashMap<String, &[String]> = rows.iter().map(|row| (row[0].clone(), &row[1..])).collect();
    assert_eq!(kept.len(), rows.len(), "no row is there twice");
    for (id, told) in log.lock().unwrap().iter() {
        let row = kept.get(id).unwrap_or_else(|| panic!("round {round}: {id} {told:?} is lost"));
        let expected =
            [told.kind.to_owned(), told.hits.to_string(), told.misses.to_string(), told.results.to_string()];
        assert_eq!(**row, expected, "round {round}: {id}");
    }
    // Hits are written with their history: whatever was committed besides what was acknowledged, they agree.
    let hits = |kind: &str| {
        format!(
            "search_history h JOIN gleaner_search_outcome o ON o.history_id = h.id WHERE h.search_type = '{kind}'"
        )
    };
    let of_discovery = db.number("SUM(o.hits)", &hits("discovery")).await;
    assert_eq!(db.number("SUM(hit_count)", "product_discovery_cache").await, of_discovery, "round {round}");
    let of_scoring = db.number("SUM(o.hits)", &hits("scoring")).await;
    let counted = db.number("SUM(hit_count)", "product_scoring_cache").await;
    // A product without an ROI has no row to count on.
    assert!(counted <= of_scoring, "round {round}: {counted} of {of_scoring}");
}
