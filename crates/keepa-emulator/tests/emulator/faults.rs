//! Things that go wrong on demand, seen over a real connection.

use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keepa_emulator::{Emulator, EmulatorConfig, Fault, FaultRule, RunningEmulator, VirtualClock};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::common::{NOON, at};

async fn start(config: EmulatorConfig) -> RunningEmulator {
    Emulator::start(config, Arc::new(VirtualClock::new(at(NOON)))).await.unwrap()
}

struct Raw {
    head: String,
    body: Vec<u8>,
    /// The message ended as its head announced.
    whole: bool,
}

impl Raw {
    fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    fn unzipped(&self) -> std::io::Result<String> {
        let mut text = String::new();
        flate2::read::GzDecoder::new(self.body.as_slice()).read_to_string(&mut text)?;
        Ok(text)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.unzipped().unwrap()).unwrap()
    }
}

/// One request over a connection of its own.
async fn ask(emulator: &RunningEmulator, request: &str, body: &str) -> Raw {
    let mut stream = TcpStream::connect(emulator.addr()).await.unwrap();
    let text = format!(
        "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A connection that is cut may end in an error; what came before it counts.
    let ended = stream.read_to_end(&mut bytes).await.is_ok();
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&bytes[..split]).to_lowercase();
    let rest = &bytes[split + 4..];
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse::<usize>().ok());
    if let Some(length) = length {
        return Raw { whole: ended && rest.len() == length, body: rest.to_vec(), head };
    }
    let (body, whole) = unchunked(rest);
    Raw { head, body, whole: ended && whole }
}

fn unchunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let Ok(size) = usize::from_str_radix(&String::from_utf8_lossy(&rest[..line]), 16) else { break };
        if size == 0 {
            return (body, true);
        }
        let Some(piece) = rest.get(line + 2..line + 2 + size) else { break };
        body.extend_from_slice(piece);
        rest = rest.get(line + 4 + size..).unwrap_or_default();
    }
    (body, false)
}

const TOKEN: &str = "GET /token?key=K";
const SEARCH: &str = "GET /query?key=K&domain=1&selection=%7B%22current_SALES_gte%22%3A1%7D";

#[tokio::test]
async fn each_fault_does_what_its_name_says_and_charges_nothing() {
    let emulator = start(EmulatorConfig { products: 200, ..EmulatorConfig::default() }).await;
    emulator.add_fault(FaultRule::once(Fault::TooManyRequests));
    let answer = ask(&emulator, SEARCH, "").await;
    assert_eq!((answer.status(), answer.json()["tokensLeft"].as_i64()), (429, Some(1_200)));

    for (fault, status) in [(Fault::InternalError, 500), (Fault::Unavailable, 503), (Fault::Html, 200)] {
        emulator.add_fault(FaultRule::once(fault));
        let answer = ask(&emulator, SEARCH, "").await;
        assert_eq!(answer.status(), status);
        assert!(serde_json::from_str::<Value>(&answer.unzipped().unwrap()).is_err(), "that is no JSON");
    }
    emulator.add_fault(FaultRule::once(Fault::ErrorWithOk));
    let answer = ask(&emulator, SEARCH, "").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json()["error"]["type"], "invalidParameter");
    assert!(answer.json().get("asinList").is_none());
    assert_eq!(emulator.tokens_left(), 1_200);

    // These answers were given, and charged; they only did not arrive.
    emulator.add_fault(FaultRule::once(Fault::CutBody));
    let answer = ask(&emulator, SEARCH, "").await;
    assert!(!answer.whole && !answer.body.is_empty() && answer.unzipped().is_err());
    emulator.add_fault(FaultRule::once(Fault::TruncatedGzip));
    let answer = ask(&emulator, SEARCH, "").await;
    assert!(answer.whole && answer.unzipped().is_err());
    assert_eq!(emulator.tokens_left(), 1_200 - 2 * 11);

    for fault in [Fault::Latency { ms: 250 }, Fault::SlowBody { ms: 40 }] {
        emulator.add_fault(FaultRule::once(fault));
        let started = Instant::now();
        let answer = ask(&emulator, SEARCH, "").await;
        assert!(started.elapsed() >= Duration::from_millis(230) && answer.json()["asinList"].is_array());
    }
    emulator.add_fault(FaultRule::once(Fault::ClockJump { seconds: -86_400 }));
    let before = ask(&emulator, TOKEN, "").await.json()["timestamp"].as_i64().unwrap();
    assert_eq!(at(NOON).timestamp_millis() - before, 86_400_000);
    emulator.shutdown().await;
}

#[tokio::test]
async fn faults_can_be_aimed_counted_and_ended() {
    let rule = FaultRule { after: 1, times: Some(2), ..FaultRule::always(Fault::Unavailable).on("/token/") };
    let emulator =
        start(EmulatorConfig { products: 50, faults: vec![rule], ..EmulatorConfig::default() }).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(ask(&emulator, TOKEN, "").await.status());
        assert_eq!(ask(&emulator, SEARCH, "").await.status(), 200, "another endpoint is not hit");
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    emulator.add_fault(FaultRule::always(Fault::InternalError));
    assert_eq!(ask(&emulator, TOKEN, "").await.status(), 500);
    emulator.clear_faults();
    assert_eq!(ask(&emulator, TOKEN, "").await.status(), 200);
    assert_eq!(emulator.request_counts()["token"], 6);
    assert_eq!(emulator.request_counts()["query"], 4);
}

#[tokio::test]
async fn the_admin_calls_move_the_world_only_where_they_are_allowed() {
    let emulator = start(EmulatorConfig { products: 50, admin: true, ..EmulatorConfig::default() }).await;
    let admin = async |call: &str, body: &str| {
        let answer = ask(&emulator, &format!("POST /_emulator/{call}"), body).await;
        (answer.status(), serde_json::from_slice::<Value>(&answer.body).unwrap())
    };
    let (status, time) = admin("time/advance", "{\"days\": 2, \"hours\": -1}").await;
    assert_eq!((status, time["now"].as_str()), (200, Some("2026-11-24T14:00:00+00:00")));
    assert_eq!(
        admin("time/set", "{\"now\": \"2026-12-24T18:00:00Z\"}").await.1["now"],
        "2026-12-24T18:00:00+00:00"
    );
    assert_eq!(admin("time/rate", "{\"rate\": 3600}").await.1["rate"], 3600.0);
    assert_eq!(
        admin("faults/add", "{\"kind\": \"latency\", \"ms\": 1, \"endpoint\": \"product\"}").await.0,
        200
    );
    assert_eq!(admin("faults", "").await.1["faults"][0]["kind"], "latency");
    assert_eq!(admin("faults/clear", "").await.1["faults"], serde_json::json!([]));
    assert_eq!(admin("tokens", "{\"key\": \"K\", \"tokens\": -7}").await.0, 200);
    assert_eq!(ask(&emulator, TOKEN, "").await.json()["tokensLeft"], -7);
    assert_eq!(admin("counts", "").await.1["counts"]["token"], 1);
    for (call, body) in [
        ("time/set", "{}"),
        ("time/advance", "{}"),
        ("time/rate", "{\"rate\": -1}"),
        ("faults/add", "{\"kind\": \"meteor\"}"),
        ("nonsense", ""),
        ("tokens", "{"),
    ] {
        let (status, answer) = admin(call, body).await;
        assert_eq!(status, 400, "{call}");
        assert!(answer["error"].is_string());
    }
    let closed = start(EmulatorConfig { products: 50, ..EmulatorConfig::default() }).await;
    assert_eq!(ask(&closed, "POST /_emulator/time/advance?key=K", "{\"days\": 1}").await.status(), 404);
}

#[tokio::test]
async fn an_emulator_ends_when_it_is_dropped_and_says_why_it_cannot_start() {
    let emulator = start(EmulatorConfig { products: 10, ..EmulatorConfig::default() }).await;
    let addr = emulator.addr();
    let taken = Emulator::start(
        EmulatorConfig { listen: addr, ..EmulatorConfig::default() },
        Arc::new(VirtualClock::new(at(NOON))),
    )
    .await;
    assert!(taken.unwrap_err().to_string().contains(&addr.to_string()));
    drop(emulator);
    let mut gone = false;
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        gone = TcpStream::connect(addr).await.is_err();
        if gone {
            break;
        }
    }
    assert!(gone, "it still listens");
}

#[tokio::test]
async fn starting_takes_no_time_whatever_the_number_of_products() {
    let started = Instant::now();
    let emulator = start(EmulatorConfig { products: 5_000_000, ..EmulatorConfig::default() }).await;
    let took = started.elapsed();
    println!("started over 5,000,000 products in {took:?}");
    assert!(took < Duration::from_millis(500));
    emulator.shutdown().await;
}
