//! A Keepa to ask, and Gleaner's HTTP application in this process at a moment of the test's choice.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_engine::{Engine, ManualClock, Settings};
use gleaner_store::{ConnectOptions, Store};
use keepa_emulator::{Emulator, EmulatorConfig, RunningEmulator, SystemClock, VirtualClock};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::{Db, Home, Http};

/// The key that every market here takes.
pub(crate) const KEY: &str = "e2e-K3y-of-the-tests";

/// A moment.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A running Keepa, with what has been asked of it.
pub(crate) struct Market {
    pub(crate) emulator: RunningEmulator,
    clock: Option<Arc<VirtualClock>>,
}

impl Market {
    fn config(products: u32, catalog: Option<PathBuf>) -> EmulatorConfig {
        EmulatorConfig {
            products,
            catalog,
            keys: vec![KEY.to_owned()],
            refill_rate: 1_000,
            ..EmulatorConfig::default()
        }
    }

    /// One whose time is the machine's, for the built program.
    pub(crate) async fn now(products: u32, catalog: Option<PathBuf>) -> Self {
        let config = Self::config(products, catalog);
        Self { emulator: Emulator::start(config, Arc::new(SystemClock)).await.unwrap(), clock: None }
    }

    /// One whose time stands still.
    pub(crate) async fn at(moment: DateTime<Utc>, products: u32, catalog: Option<PathBuf>) -> Self {
        let clock = Arc::new(VirtualClock::new(moment));
        let emulator = Emulator::start(Self::config(products, catalog), clock.clone()).await.unwrap();
        Self { emulator, clock: Some(clock) }
    }

    /// One that takes every key.
    pub(crate) async fn open_to_all() -> Self {
        let config = EmulatorConfig { keys: Vec::new(), ..Self::config(100, None) };
        Self { emulator: Emulator::start(config, Arc::new(SystemClock)).await.unwrap(), clock: None }
    }

    /// One whose account is empty and fills slowly.
    pub(crate) async fn poor() -> Self {
        let config = EmulatorConfig { tokens: Some(-50), refill_rate: 1, ..Self::config(100, None) };
        Self { emulator: Emulator::start(config, Arc::new(SystemClock)).await.unwrap(), clock: None }
    }

    /// One with so many tokens, more every minute, and so long until the next come. Its time stands still.
    pub(crate) async fn short(tokens: i64, refill_rate: i64, next: Duration) -> Self {
        let config = EmulatorConfig { tokens: Some(tokens), refill_rate, ..Self::config(600, None) };
        let clock = Arc::new(VirtualClock::new(at("2026-06-01T12:00:00Z")));
        let emulator = Emulator::start(config, clock.clone()).await.unwrap();
        let market = Self { emulator, clock: Some(clock) };
        // A key's minutes begin when it is first used.
        let keepa = keepa::Client::builder(KEY.into()).base_url(market.emulator.base_url()).build().unwrap();
        keepa.token_status().await.unwrap();
        market.advance(Duration::from_mins(1).checked_sub(next).unwrap());
        market
    }

    /// The moment at which its time stands still.
    pub(crate) fn moment(&self) -> DateTime<Utc> {
        keepa_emulator::Clock::now(self.clock.as_ref().unwrap().as_ref())
    }

    /// Its time passes.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.as_ref().unwrap().advance(TimeDelta::from_std(by).unwrap());
    }

    /// Requests to an endpoint so far.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        self.emulator.request_counts().get(endpoint).copied().unwrap_or_default()
    }

    /// Requests that may cost something, so far.
    pub(crate) fn paid_requests(&self) -> u64 {
        self.emulator.request_counts().iter().filter(|(name, _)| *name != "token").map(|(_, n)| n).sum()
    }

    /// Tokens spent so far. Only where time stands still, or the account does not fill up meanwhile.
    pub(crate) fn spent(&self) -> i64 {
        1_000 * 60 - self.emulator.tokens_left()
    }

    /// What the program needs to use this one.
    pub(crate) fn home(&self, db: &Db) -> Home {
        Home::new()
            .with("KEEPA_BASE_URL", self.emulator.base_url())
            .with("KEEPA_API_KEY", KEY)
            .with("DATABASE_URL", db.url())
    }
}

/// Gleaner's HTTP application on a real socket, at a moment of the test's choice.
pub(crate) struct Local {
    pub(crate) http: Http,
    pub(crate) market: Market,
    clock: ManualClock,
    stop: Option<oneshot::Sender<()>>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Local {
    pub(crate) async fn start(
        db: &Db,
        moment: DateTime<Utc>,
        products: u32,
        catalog: Option<PathBuf>,
    ) -> Self {
        let market = Market::at(moment, products, catalog).await;
        Self::over(db, moment, market).await
    }

    /// Another server over the same kind of market, as a second program on one database.
    pub(crate) async fn over(db: &Db, moment: DateTime<Utc>, market: Market) -> Self {
        let store = Store::connect(&ConnectOptions::new(db.url())).await.unwrap();
        store.migrate().await.unwrap();
        let keepa = keepa::Client::builder(KEY.into()).base_url(market.emulator.base_url()).build().unwrap();
        let clock = ManualClock::at(moment);
        // The same name that the program gives a server on this machine.
        let settings = Settings { upstream: "server:127.0.0.1".to_owned(), ..Settings::default() };
        let engine = Engine::start(store, keepa, Arc::new(clock.clone()), settings, FeeCards::shipped())
            .await
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(gleaner_server::serve(
            listener,
            engine,
            gleaner_server::Options::default(),
            async move {
                let _ = stopped.await;
            },
        ));
        Self { http, market, clock, stop: Some(stop), server }
    }

    /// Time passes, here and at Keepa.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
        if let Some(clock) = &self.market.clock {
            clock.advance(by);
        }
    }

    /// This clock is moved, forwards or back; Keepa's goes on as it was.
    pub(crate) fn set_clock(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Ends it the way a signal does.
    pub(crate) async fn stop(mut self) -> Market {
        self.stop.take().unwrap().send(()).unwrap();
        self.server.await.unwrap().unwrap();
        self.market
    }
}
