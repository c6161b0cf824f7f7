//! Gleaner's use cases, the same for the command line, the HTTP API and jobs.
//!
//! A use case is one method of [`Engine`] in a module of its own: it checks what it was asked, looks
//! into the cache, buys from Keepa what is missing, decides with `gleaner-core`, and returns when
//! everything it did is committed. To add one: a module with its question, its answer and an
//! `impl Engine` block; the faces only translate.

pub mod accounts;
pub mod alerts;
pub mod answer;
pub mod backup;
pub mod cache;
mod caller;
pub mod clock;
pub mod database;
pub mod discovery;
pub mod error;
pub mod export;
pub mod fee_cards;
pub mod files;
mod flight;
pub mod history;
mod leases;
mod ledger;
mod memory;
mod meters;
pub mod niche;
pub mod notices;
pub mod preview;
pub mod product;
mod purchase;
mod recorder;
pub mod rescore;
pub mod rules;
pub mod saved;
pub mod scoring;
pub mod search;
pub mod sourcing;
mod stored;
pub mod tokens;
pub mod upkeep;
pub mod waiting;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_store::{HistoryPut, OutcomePut, Store, Write};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use caller::{Caller, Errand, Source};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::EngineError;

use discovery::Found;
use flight::Flights;
use leases::Leases;
use ledger::Ledger;
use memory::Memory;
use purchase::Buyer;
use recorder::{Recorded, Recorder};

/// How often an answer is made anew when the generation it was made under ends in between.
const ATTEMPTS: usize = 5;

/// What the engine is told once, from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a discovery is an answer.
    pub discovery_ttl: Duration,
    /// How long a score, and the facts under it, are an answer.
    pub scoring_ttl: Duration,
    /// Who fills this database: `demo`, `keepa`, or another server's host. Facts of one never mix with another's.
    pub upstream: String,
    /// Whether the data is the synthetic marketplace's.
    pub demo: bool,
    /// Tokens that jobs leave for people.
    pub token_floor: i64,
    /// How long a caller waits for tokens who does not say how long.
    pub token_patience: Duration,
    /// How long a session lasts at most.
    pub session_ttl: Duration,
    /// How long a session lasts that is not used.
    pub session_idle: Duration,
    /// Backups on a schedule; `None`: none.
    pub backups: Option<backup::BackupPlan>,
    /// Where months of the history are looked for that are not where they were archived.
    pub archive_dir: Option<std::path::PathBuf>,
    /// What alerts are measured against.
    pub alerts: alerts::AlertThresholds,
    /// How people are told.
    pub notify: gleaner_notify::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            discovery_ttl: Duration::from_hours(24),
            scoring_ttl: Duration::from_hours(6),
            upstream: "keepa".to_owned(),
            demo: false,
            token_floor: 0,
            token_patience: Duration::from_secs(10),
            session_ttl: Duration::from_hours(30 * 24),
            session_idle: Duration::from_hours(7 * 24),
            backups: None,
            archive_dir: None,
            alerts: alerts::AlertThresholds::default(),
            notify: gleaner_notify::Settings::default(),
        }
    }
}

/// Gleaner, ready to work. Cloning it is cheap: every request does.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

/// What the engine works with.
pub struct Parts {
    store: Store,
    keepa: keepa::Client,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    /// The cards that saved ones are laid over.
    shipped_cards: Arc<FeeCards>,
    recorder: Recorder,
    memory: Memory,
    ledger: Ledger,
    leases: Leases,
    rule_book: rules::RuleBook,
    buyer: Buyer,
    known: accounts::Known,
    discoveries: Flights<Arc<Found>>,
    /// Everything that goes on when whoever asked for it has left.
    tasks: TaskTracker,
    ending: CancellationToken,
    /// Held by whoever brings the sums over the history up to date.
    counting: tokio::sync::Mutex<()>,
    /// Held by whoever moves months of the history out or in.
    archiving: tokio::sync::Mutex<()>,
    sourcing: sourcing::Active,
    sender: tokio::sync::OnceCell<gleaner_notify::Sender>,
}

impl std::ops::Deref for Engine {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the engine on a migrated database. A database that another upstream filled is refused.
    pub async fn start(
        store: Store,
        keepa: keepa::Client,
        clock: Arc<dyn Clock>,
        settings: Settings,
        cards: FeeCards,
    ) -> Result<Self, EngineError> {
        // Facts of different upstreams never mix; an empty database is claimed by the first paid call.
        if let Some(found) = store.upstream().await?.filter(|found| *found != settings.upstream) {
            let wanted = settings.upstream;
            return Err(gleaner_store::StoreError::OtherUpstream { found, wanted }.into());
        }
        let (tasks, ending) = (TaskTracker::new(), CancellationToken::new());
        let recorder = Recorder::start(store.clone(), tasks.clone(), meters::Meters::find());
        let memory = Memory::start(&store).await?;
        let leases = Leases::start(store.clone());
        let ledger = Ledger::new(
            store.clone(),
            keepa.clone(),
            clock.clone(),
            settings.token_floor,
            settings.upstream.clone(),
        );
        // So that answers can show the balance from the start.
        ledger.balance().await?;
        let buyer = Buyer::new(purchase::Parts {
            store: store.clone(),
            keepa: keepa.clone(),
            clock: clock.clone(),
            recorder: recorder.clone(),
            memory: memory.clone(),
            ledger: ledger.clone(),
            leases: leases.clone(),
            freshness: span(settings.scoring_ttl),
            tasks: tasks.clone(),
            ending: ending.clone(),
        });
        Ok(Self(Arc::new(Parts {
            store,
            keepa,
            clock,
            settings: Arc::new(settings),
            shipped_cards: Arc::new(cards),
            recorder,
            memory,
            ledger,
            leases,
            rule_book: rules::RuleBook::default(),
            buyer,
            discoveries: Flights::new(tasks.clone()),
            tasks,
            ending,
            known: accounts::Known::default(),
            counting: tokio::sync::Mutex::default(),
            archiving: tokio::sync::Mutex::default(),
            sourcing: sourcing::Active::default(),
            sender: tokio::sync::OnceCell::new(),
        })))
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The settings it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The time, as everything here sees it.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Records a question that failed: what was asked and why there is no answer.
    async fn record_failure(
        &self,
        search_type: &str,
        filters: serde_json::Value,
        caller: Caller,
        started: DateTime<Utc>,
        error: &EngineError,
    ) {
        let (id, now) = (uuid::Uuid::now_v7(), self.now());
        let writes = vec![
            Write::History(HistoryPut {
                id,
                user_id: caller.user_column(),
                search_type: search_type.to_owned(),
                filters,
                results_count: 0,
                source: Some(caller.source_column()),
                created_at: stored(now),
            }),
            Write::Outcome(OutcomePut {
                history_id: id,
                hits: 0,
                misses: 0,
                tokens_estimated: 0,
                tokens_charged: 0,
                tokens_saved: 0,
                verdicts: serde_json::json!({}),
                milliseconds: (now - started).num_milliseconds(),
                error: Some(error.code().to_owned()),
            }),
        ];
        // The caller is told the first failure; that its record failed too is for the log.
        if let Err(failure) = self.recorder.record(writes).await {
            tracing::warn!(code = failure.code(), error = %failure, "a failed question could not be recorded");
        }
    }

    /// Commits an answer; `false` when the generation it was made under is over and it must be made anew.
    async fn acknowledge(&self, generation: i64, writes: Vec<Write>) -> Result<bool, EngineError> {
        match self.recorder.record_at(generation, writes).await? {
            Recorded::Committed => Ok(true),
            Recorded::Outdated => {
                Box::pin(self.memory.renew(&self.store)).await?;
                Ok(false)
            }
        }
    }

    /// How many answers wait to be committed.
    #[must_use]
    pub fn waiting_to_commit(&self) -> usize {
        self.recorder.waiting()
    }

    /// Ends every wait for tokens: the program is stopping, and those who wait are told so.
    pub fn stop_waiting(&self) {
        self.ending.cancel();
    }

    /// Waits until the calls under way have ended, what they brought is kept, and everything that was asked to be
    /// written is committed. To be called when nobody asks any more.
    pub async fn flush(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.recorder.flush().await;
    }

    /// Whether a call is under way, or something that was paid for is yet to be kept.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// How long a caller waits for tokens, from now.
    fn patience<'a>(&self, caller: Caller, listener: waiting::Listener<'a>) -> waiting::Patience<'a> {
        waiting::Patience::new(caller.patience.unwrap_or(self.settings.token_patience), listener)
    }
}

/// A moment as the database keeps it: UTC without a zone, in microseconds. What comes back is then equal to what
/// went in, by which the store tells that two scores rest on the same facts.
fn stored(moment: DateTime<Utc>) -> NaiveDateTime {
    moment.naive_utc().trunc_subsecs(6)
}

/// A time to live as the calendar adds it.
fn span(ttl: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(ttl).unwrap_or(chrono::TimeDelta::MAX)
}
