//! An engine over a database, a clock, and a receiver of webhooks.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_engine::alerts::AlertThresholds;
use gleaner_engine::notices::{ChannelDraft, ChannelKind};
use gleaner_engine::{Engine, ManualClock, Settings};
use gleaner_store::{ConnectOptions, NoticePut, Store, Write};
use gleaner_testkit::TestDatabase;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use uuid::Uuid;

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    database: TestDatabase,
}

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl House {
    pub(crate) async fn new(database: TestDatabase) -> Self {
        let clock = ManualClock::at(moment("2026-01-05T07:00:00Z"));
        Self::over(database, clock).await
    }

    async fn over(database: TestDatabase, clock: ManualClock) -> Self {
        let store = Store::connect(&ConnectOptions::new(database.url())).await.unwrap();
        store.migrate().await.unwrap();
        let keepa = keepa::Client::builder("none".into()).base_url("http://127.0.0.1:9").build().unwrap();
        let settings = Settings {
            alerts: AlertThresholds { tokens: 50, cache_entries: 10, ..AlertThresholds::default() },
            notify: gleaner_engine::notices::Settings {
                allowed: "127.0.0.1".parse().unwrap(),
                ..gleaner_engine::notices::Settings::default()
            },
            ..Settings::default()
        };
        let engine =
            Engine::start(store.clone(), keepa, Arc::new(clock.clone()), settings, FeeCards::shipped())
                .await
                .unwrap();
        Self { engine, store, clock, database }
    }

    /// The program dies and another one opens the database.
    pub(crate) async fn killed_and_started_again(self) -> Self {
        let Self { engine, store, clock, database } = self;
        drop((engine, store));
        Self::over(database, clock).await
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.engine.now()
    }

    pub(crate) fn until(&self, text: &str) {
        self.clock.advance(moment(text) - self.now());
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Something happens that is to be told.
    pub(crate) async fn happens(&self, kind: &str, subject: &str) {
        self.happens_to(kind, subject, json!({})).await;
    }

    pub(crate) async fn happens_to(&self, kind: &str, subject: &str, payload: Value) {
        let notice = NoticePut {
            id: Uuid::now_v7(),
            at: self.now().naive_utc(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            text: String::new(),
            payload,
        };
        self.store.commit(&[Write::Notice(notice)]).await.unwrap();
    }

    /// What a server does every few seconds; answers how many messages arrived.
    pub(crate) async fn tell(&self) -> usize {
        self.engine.hand_out_notices().await.unwrap();
        self.engine.deliver_notices().await.unwrap()
    }
}

/// A webhook's channel.
pub(crate) fn webhook(receiver: &Receiver) -> ChannelDraft {
    ChannelDraft {
        name: "flow".to_owned(),
        kind: ChannelKind::Webhook,
        target: format!("http://127.0.0.1:{}/hook", receiver.port),
        events: Vec::new(),
        digest_at: None,
        quiet_from: None,
        quiet_until: None,
        time_zone: "Europe/Paris".to_owned(),
        daily_limit: None,
        enabled: true,
        token: None,
    }
}

/// A message as a receiver got it.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) id: String,
    pub(crate) signature: String,
    pub(crate) body: Value,
}

impl Got {
    /// The subjects of the notices in it.
    pub(crate) fn subjects(&self) -> Vec<String> {
        let subject = |notice: &Value| notice["subject"].as_str().unwrap().to_owned();
        match self.body["data"]["notices"].as_array() {
            Some(notices) => notices.iter().map(subject).collect(),
            None => vec![subject(&self.body["data"])],
        }
    }
}

/// A program that takes webhooks, with the status that it is told to answer.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    status: Arc<Mutex<u16>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (got, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(204)));
        let (kept, answer) = (got.clone(), status.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut reader = BufReader::new(stream);
                let (mut length, mut id, mut signature) = (0, String::new(), String::new());
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).await.unwrap_or(0) == 0 || line.trim().is_empty() {
                        break;
                    }
                    let Some((name, value)) = line.trim().split_once(": ") else { continue };
                    match name.to_lowercase().as_str() {
                        "content-length" => length = value.parse().unwrap(),
                        "webhook-id" => value.clone_into(&mut id),
                        "webhook-signature" => value.clone_into(&mut signature),
                        _ => {}
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).await.unwrap();
                let body = serde_json::from_slice(&body).unwrap();
                kept.lock().unwrap().push(Got { id, signature, body });
                let status = *answer.lock().unwrap();
                let answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                reader.get_mut().write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { port, got, status }
    }

    pub(crate) fn answers(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    /// What arrived since this was asked last.
    pub(crate) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}
