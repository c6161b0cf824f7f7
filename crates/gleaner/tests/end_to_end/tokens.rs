//! Tokens: what was paid and saved can be read, nobody pays more than they said, and waiting for tokens is told,
//! bounded, and ended by leaving.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use keepa_emulator::{Fault, FaultRule};

use crate::support::{Db, Home, Market, Server};

on_each_database!(
    the_ledger_tells_every_call_and_what_the_cache_saved,
    a_budget_that_stops_costs_nothing_and_one_that_warns_says_so,
    who_waits_is_told_for_how_long_and_gets_the_answer,
    who_leaves_while_waiting_for_tokens_pays_nothing,
    a_server_that_is_told_to_stop_keeps_nobody_waiting_for_tokens,
);

fn books() -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000})
}

fn with(mut question: Value, name: &str, value: Value) -> Value {
    question[name] = value;
    question
}

async fn the_ledger_tells_every_call_and_what_the_cache_saved(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let server = home.serve(&[]).await;
    let found = server.http.discover(&books()).await;
    let asins: Value = found["asins"].as_array().unwrap()[..5].into();
    let question = json!({"marketplace": "us", "asins": asins});
    server.http.score(&question).await;
    for _ in 0..3 {
        server.http.discover(&books()).await;
    }
    server.http.score(&question).await;
    let tokens = server.http.get("/api/v1/tokens").await.ok();
    let sum = |purpose: &str, name: &str| -> i64 {
        let days = tokens["days"].as_array().unwrap().iter();
        days.filter(|day| day["purpose"] == purpose).map(|day| day[name].as_i64().unwrap()).sum()
    };
    let numbers = |purpose| ["calls", "spent", "products_bought", "saved"].map(|name| sum(purpose, name));
    assert_eq!(numbers("discovery"), [1, 11, 0, 33], "{tokens}");
    assert_eq!(numbers("scoring"), [1, 5, 5, 5], "{tokens}");
    assert_eq!(db.number("SUM(tokens_saved)", "gleaner_token_ledger").await, 38);
    // Page by page, by purpose, and on the command line it is the same ledger.
    let path = |query: &str| format!("/api/v1/tokens/ledger{query}");
    let whole = server.http.get(&path("")).await.ok();
    assert_eq!((&whole["entries"], &whole["next_cursor"]), (&tokens["recent"], &Value::Null));
    let (mut paged, mut query) = (Vec::new(), "?limit=1".to_owned());
    loop {
        let page = server.http.get(&path(&query)).await.ok();
        paged.extend(page["entries"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=1&cursor={cursor}");
    }
    assert_eq!(&Value::from(paged), &whole["entries"]);
    let call = whole["entries"].as_array().unwrap().iter().find(|entry| entry["charged"] == 5).unwrap();
    assert_eq!(
        (&call["purpose"], &call["estimated"], &call["products_bought"], &call["balance_after"]),
        (&json!("scoring"), &json!(5), &json!(5), &tokens["balance"]),
    );
    let only = server.http.get(&path("?purpose=discovery")).await.ok();
    assert!(
        only["entries"].as_array().unwrap().iter().all(|entry| entry["purpose"] == "discovery"),
        "{only}"
    );
    let printed = home.run(&["tokens", "--ledger", "50", "--json"]).await.json(0);
    assert_eq!(printed, whole);
    for (wrong, field) in [("?limit=0", "limit"), ("?cursor=x", "cursor"), ("?purpose=fun", "purpose")] {
        let problem = server.http.get(&path(wrong)).await.problem(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    home.run(&["tokens", "--ledger", "5", "--purpose", "fun"]).await.refused(&["purpose", "discovery"]);
}

async fn a_budget_that_stops_costs_nothing_and_one_that_warns_says_so(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let server = home.serve(&[]).await;
    let budget = |mode: &str, tokens: i64| json!({"mode": mode, "tokens": tokens});
    let question = with(books(), "budget", budget("stop", 10));
    let problem = server.http.post("/api/v1/products/discover", &question).await.problem(422);
    assert_eq!(problem["code"], "over_budget", "{problem}");
    let refused = ["discover", "--category", "Books", "--bsr", "1000-500000", "--max-tokens", "10"];
    home.run(&refused).await.ended(1);
    assert_eq!(market.paid_requests(), 0);
    let warned = server.http.discover(&with(books(), "budget", budget("warn", 10))).await;
    assert_eq!((&warned["tokens"]["charged"], &warned["tokens"]["over_budget"]), (&json!(11), &json!(true)));
    let again = server.http.discover(&with(books(), "budget", budget("stop", 0))).await;
    assert_eq!(again["cache_hit"], true, "what costs nothing is within any budget");
    let mut words = refused.to_vec();
    words[4] = "2000-400000";
    words.extend(["--budget-mode", "warn", "--json"]);
    assert_eq!(home.run(&words).await.json(0)["tokens"]["over_budget"], true);
}

/// A search as a stream of events; what was read of it so far.
struct Events {
    stream: tokio::net::TcpStream,
    text: String,
}

impl Events {
    async fn ask(server: &Server, body: &Value) -> Self {
        let address = server.http.url.trim_start_matches("http://").to_owned();
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let body = body.to_string();
        let head = format!(
            "POST /api/v1/products/search HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        Self { stream, text: String::new() }
    }

    async fn until(&mut self, words: &str) {
        while !self.text.contains(words) {
            let mut part = [0; 4096];
            let n = self.stream.read(&mut part).await.unwrap();
            assert!(n > 0, "the stream ended without {words}: {}", self.text);
            self.text.push_str(&String::from_utf8_lossy(&part[..n]));
        }
    }

    /// The data of the first event of a kind.
    fn data(&self, event: &str) -> Value {
        let after = self.text.split(&format!("event: {event}\n")).nth(1).unwrap();
        let line = after.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str(line).unwrap()
    }
}

async fn who_waits_is_told_for_how_long_and_gets_the_answer(db: Db) {
    // Some seconds before the next twenty tokens come.
    let market = Market::short(5, 20, Duration::from_secs(5)).await;
    let home = market.home(&db).with("GLEANER_KEEPA_MAX_WAIT", "0s");
    let server = home.serve(&[]).await;
    let problem = server.http.post("/api/v1/products/discover", &books()).await.problem(429);
    assert_eq!((&problem["code"], market.paid_requests()), (&json!("tokens_short"), 0));
    let filters = with(with(books(), "limit", json!(5)), "max_wait_seconds", json!(60));
    let mut events = Events::ask(&server, &json!({"filters": filters})).await;
    events.until("event: discovery").await;
    let waiting = events.data("waiting");
    assert_eq!((&waiting["needed"], &waiting["available"]), (&json!(11), &json!(5)));
    assert!((1..=5).contains(&waiting["seconds"].as_i64().unwrap()), "{waiting}");
    assert_eq!(market.asked("query"), 1);
    // The products are paid for from the minutes after.
    market.advance(Duration::from_mins(30));
    events.until("event: result").await;
}

/// What is waited for lasts minutes here: whoever ends at once has not waited.
async fn who_leaves_while_waiting_for_tokens_pays_nothing(db: Db) {
    let market = Market::short(5, 1, Duration::from_secs(50)).await;
    let home = market.home(&db);
    let server = home.serve(&[]).await;
    let filters = with(books(), "max_wait_seconds", json!(3600));
    let mut events = Events::ask(&server, &json!({"filters": filters})).await;
    events.until("event: waiting").await;
    drop(events);
    // Who waits at the command line sees it, and can stop it.
    let words = ["discover", "--category", "Books", "--bsr", "2000-400000", "--wait", "1h"];
    let mut child = home.command(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = lines.next_line().await.unwrap().unwrap();
    assert!(said.contains("11 tokens needed, 5 available") && said.contains("Ctrl-C"), "{said}");
    interrupt(child.id()).await;
    assert_eq!(child.wait().await.unwrap().code(), Some(130));
    // When enough has come the account is not touched: nobody wants it any more.
    market.advance(Duration::from_hours(1));
    assert_eq!((market.paid_requests(), db.count("gleaner_token_ledger").await), (0, 0));
    assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
    assert_eq!(db.count("product_discovery_cache").await, 0);
}

async fn a_server_that_is_told_to_stop_keeps_nobody_waiting_for_tokens(db: Db) {
    let market = Market::short(5, 1, Duration::from_secs(50)).await;
    let home = market.home(&db);
    let mut server = home.serve(&[]).await;
    let filters = with(books(), "max_wait_seconds", json!(3600));
    let mut events = Events::ask(&server, &json!({"filters": filters})).await;
    events.until("event: waiting").await;
    let (code, ()) = tokio::join!(server.stop("-TERM"), events.until("event: error"));
    assert_eq!((code, &events.data("error")["code"]), (Some(0), &json!("stopping")));
    assert_eq!(market.paid_requests(), 0);
}

async fn interrupt(id: Option<u32>) {
    let sent = Command::new("kill").args(["-INT", &id.unwrap().to_string()]).status().await.unwrap();
    assert!(sent.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_is_stopped_in_the_middle_of_a_call_keeps_what_it_paid_for() {
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let home: Home = market.home(&db);
    market.emulator.add_fault(FaultRule::once(Fault::Latency { ms: 1_500 }).on("query"));
    let words = ["discover", "--category", "Books", "--bsr", "1000-500000", "--json"];
    let mut child = home.command(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while market.asked("query") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    interrupt(child.id()).await;
    assert_eq!(child.wait().await.unwrap().code(), Some(130));
    assert_eq!(home.run(&words).await.json(0)["cache_hit"], true);
    assert_eq!((market.asked("query"), market.spent()), (1, 11));
}
