//! A Keepa and an engine whose clocks move together.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_engine::sourcing::{JobSpec, Run, RunState, RunsQuestion};
use gleaner_engine::{Caller, Engine, ManualClock, Settings, Source};
use gleaner_store::{ConnectOptions, Store};
use gleaner_testkit::TestDatabase;
use keepa_emulator::{Emulator, EmulatorConfig, RunningEmulator, VirtualClock};
use serde_json::{Value, json};

/// The account that pays.
const KEY: &str = "jobs";
/// Nothing here takes this long in real time.
const PATIENCE: Duration = Duration::from_mins(2);

/// A Keepa and an engine whose clocks move together.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) emulator: RunningEmulator,
    clock: ManualClock,
    market: Arc<VirtualClock>,
    settings: Settings,
    url: String,
    refill_rate: i64,
}

impl World {
    pub(crate) async fn begin(db: &TestDatabase, moment: DateTime<Utc>, refill_rate: i64) -> Self {
        let market = Arc::new(VirtualClock::new(moment));
        let config = EmulatorConfig {
            products: 3_000,
            keys: vec![KEY.to_owned()],
            refill_rate,
            ..EmulatorConfig::default()
        };
        let emulator = Emulator::start(config, market.clone()).await.unwrap();
        let clock = ManualClock::at(moment);
        // Waiting is the run's business, in virtual time.
        let settings = Settings {
            upstream: "server:127.0.0.1".to_owned(),
            token_patience: Duration::ZERO,
            ..Settings::default()
        };
        let url = db.url().to_owned();
        let engine = Self::engine(&url, &emulator, &clock, &settings).await;
        Self { engine, emulator, clock, market, settings, url, refill_rate }
    }

    async fn engine(
        url: &str,
        emulator: &RunningEmulator,
        clock: &ManualClock,
        settings: &Settings,
    ) -> Engine {
        let store = Store::connect(&ConnectOptions::new(url)).await.unwrap();
        store.migrate().await.unwrap();
        let keepa = keepa::Client::builder(KEY.into()).base_url(emulator.base_url()).build().unwrap();
        let clock = Arc::new(clock.clone());
        Engine::start(store, keepa, clock, settings.clone(), FeeCards::shipped()).await.unwrap()
    }

    /// Another process on the same database.
    pub(crate) async fn another(&self) -> Engine {
        Self::engine(&self.url, &self.emulator, &self.clock, &self.settings).await
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.engine.now()
    }

    /// Time passes, here and at Keepa.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
        self.market.advance(by);
    }

    /// This machine's clock is moved, forwards or back; Keepa's goes on as it was.
    pub(crate) fn set_clock(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Time passes in steps of ten minutes, and at each the scheduler looks at the clock; runs end before the next.
    pub(crate) async fn live_until(&self, moment: DateTime<Utc>) {
        while self.now() < moment {
            self.advance(TimeDelta::minutes(10).min(moment - self.now()));
            self.tick().await;
        }
    }

    /// The scheduler looks at the clock; what it sets going ends, or waits.
    pub(crate) async fn tick(&self) {
        let ticked = self.engine.sourcing_tick().await.unwrap();
        for run in ticked.started.iter().chain(&ticked.resumed) {
            self.settled(run).await;
        }
    }

    /// Runs a job until the run has ended or waits.
    pub(crate) async fn run(&self, job: &str) -> Run {
        let run = self.engine.start_sourcing_run(job, Caller::new(Source::Api)).await.unwrap();
        self.settled(&run.id).await
    }

    /// The run when it has ended or waits.
    pub(crate) async fn settled(&self, run: &str) -> Run {
        let begun = tokio::time::Instant::now();
        loop {
            let run = self.engine.sourcing_run(run).await.unwrap();
            let waits = run.state == RunState::Waiting && run.resume_at > Some(self.now());
            if run.state == RunState::Ended || waits {
                return run;
            }
            // Whoever put it to wait may not have let go of it when the scheduler looked: the scheduler looks again.
            if run.state == RunState::Waiting {
                self.engine.sourcing_tick().await.unwrap();
            }
            assert!(begun.elapsed() < PATIENCE, "a run hangs: {run:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The runs of a job, oldest first.
    pub(crate) async fn runs(&self, job: &str) -> Vec<Run> {
        let question = RunsQuestion { job: Some(job.to_owned()), before: None, limit: 100 };
        let mut runs = self.engine.sourcing_runs(&question).await.unwrap();
        runs.reverse();
        runs
    }

    /// Tokens that Keepa's account has less than when it is full. Time must stand still in between.
    pub(crate) fn balance(&self) -> i64 {
        self.emulator.tokens_left()
    }

    /// Tokens of a full account.
    pub(crate) fn full(&self) -> i64 {
        self.refill_rate * 60
    }
}

/// A job over books, with what a test changes.
pub(crate) fn job(changes: &Value) -> JobSpec {
    let mut document = json!({
        "name": "Books",
        "searches": [{"filters": {
            "marketplace": "us", "category": "Books", "bsr_min": 1, "bsr_max": 400_000, "limit": 60}}],
        "sub_ranges": 3,
    });
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

/// A moment.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
