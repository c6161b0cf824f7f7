//! Clients that ask the server without a pause and note what they were told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Http, Server};

/// Clients that ask at once.
const CLIENTS: usize = 16;
/// Searches that are asked in turns.
const SEARCHES: usize = 4;

/// What a client was told of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: &'static str,
    pub(crate) hits: i64,
    pub(crate) misses: i64,
    pub(crate) results: i64,
}

/// What was told, by the id of its row in the history.
pub(crate) type Log = Arc<Mutex<HashMap<String, Told>>>;

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

/// A number from the environment, by which a soak is longer than a test.
pub(crate) fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap())
}

/// Clients at work.
pub(crate) struct Load {
    clients: Vec<tokio::task::JoinHandle<()>>,
    answered: Arc<AtomicUsize>,
}

impl Load {
    /// Lets them ask; what they are told goes into the log.
    pub(crate) async fn start(server: &Server, log: &Log) -> Self {
        let found = server.http.discover(&search(0)).await;
        let (id, first) = told(&found);
        log.lock().unwrap().insert(id, first);
        let asins: Value = found["asins"].as_array().unwrap()[..5].into();
        let answered = Arc::new(AtomicUsize::new(0));
        let clients = (0..CLIENTS)
            .map(|number| {
                let (http, log, answered) = (server.http.clone(), log.clone(), answered.clone());
                tokio::spawn(client(http, number, asins.clone(), log, answered))
            })
            .collect();
        Self { clients, answered }
    }

    /// Answers so far.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Waits until so many answers came. No client may end before its server.
    pub(crate) async fn reaches(&self, answers: usize) {
        while self.answered() < answers {
            assert!(
                self.clients.iter().all(|client| !client.is_finished()),
                "a client ended before the server"
            );
            tokio::time::sleep(std::time::Duration::from_micros(500)).await;
        }
    }

    /// Waits for the clients of a server that is gone.
    pub(crate) async fn end(self) {
        for client in self.clients {
            client.await.unwrap();
        }
    }
}
