//! Wiring: from the configuration to a running engine.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use gleaner_core::fee_card::FeeCards;
use gleaner_engine::rules::InForce;
use gleaner_engine::{Clock, Engine, EngineError, Settings, SystemClock, backup};
use gleaner_store::{ConnectOptions, MigrationReport, Store, StoreError, sqlite_file};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::demo::Demo;
use crate::exit::Stopped;

/// A running engine, with the built-in marketplace behind it when there is no key.
pub struct App {
    /// The engine.
    pub engine: Engine,
    /// Kept alive as long as the engine.
    _demo: Option<Demo>,
}

impl App {
    /// Works until it is done or the user stops it. A call that is under way then is waited for: it is paid for, and
    /// its answer is kept.
    pub async fn until_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, EngineError>>,
    ) -> anyhow::Result<T> {
        let stopped = stop();
        tokio::select! {
            done = work => return Ok(done?),
            () = stopped => {}
        }
        // The work is gone by now; only what nobody may stop is left.
        tokio::task::yield_now().await;
        if self.engine.is_busy() {
            eprintln!(
                "gleaner: a call is under way and paid for; its answer is kept (Ctrl-C again gives it up)"
            );
        }
        let again = stop();
        tokio::select! {
            () = self.engine.flush() => {}
            () = again => {}
        }
        Err(Stopped.into())
    }
}

/// Opens the database as the configuration says; a SQLite file that is missing is created or not.
pub async fn open_store(config: &Config, create: bool) -> Result<Store, EngineError> {
    let options = ConnectOptions {
        create,
        durability: config.durability,
        pool_size: config.pool_size,
        statement_cache: config.statement_cache,
        ..ConnectOptions::new(&config.database_url)
    };
    Ok(Store::connect(&options).await?)
}

/// What saved answers and exports are judged under: the rules and fee cards of the database where there is one, else
/// those that ship; and a sentence that says which. No database is made for it, and one that does not answer is no
/// obstacle.
pub async fn rules_at_hand(config: anyhow::Result<Config>) -> (InForce, String) {
    const SHIPPED: &str = "Judged under the rules and fee cards as shipped";
    let config = match config {
        Ok(config) => config,
        Err(error) => return (InForce::shipped(), format!("{SHIPPED}: {error:#}.")),
    };
    if sqlite_file(&config.database_url).is_some_and(|file| !file.exists()) {
        return (InForce::shipped(), format!("{SHIPPED}: there is no database here."));
    }
    let found = async {
        let store = open_store(&config, false).await?;
        InForce::of(&store, &FeeCards::shipped()).await
    };
    match found.await {
        Ok(in_force) => (in_force, "Judged under the rules and fee cards of the database.".to_owned()),
        Err(EngineError::Store(StoreError::NotMigrated { .. })) => {
            (InForce::shipped(), format!("{SHIPPED}: the database holds none yet."))
        }
        Err(error) => {
            eprintln!("gleaner: the rules of the database are not to be had: {error}");
            (InForce::shipped(), format!("{SHIPPED}."))
        }
    }
}

/// Brings the schema up to date, after a backup of what there is to lose.
pub async fn migrate_store(store: &Store, config: &Config) -> Result<MigrationReport, EngineError> {
    if config.backup_before_migration
        && let Some(made) = backup::before_migration(store, &config.backups, SystemClock.now()).await?
    {
        tracing::info!(file = %made.file.display(), rows = made.rows, "backed up before the schema is changed");
    }
    Ok(store.migrate().await?)
}

/// Opens and migrates the database, starts the built-in marketplace if there is no key, and the engine.
pub async fn start(config: &Config, migrate: bool) -> anyhow::Result<App> {
    let store = open_store(config, true).await?;
    if migrate {
        migrate_store(&store, config).await?;
    }
    let demo = if config.demo() { Some(Demo::start(config).await?) } else { None };
    let (key, base_url) = match (&demo, &config.keepa_api_key) {
        (Some(demo), _) => (Demo::key(), demo.base_url()),
        (None, Some(key)) => (key.clone(), config.keepa_base_url.clone()),
        (None, None) => unreachable!("without a key there is a demo"),
    };
    let keepa = keepa::Client::builder(key)
        .base_url(base_url)
        .timeout(config.keepa_timeout)
        // The engine waits instead: it says so, and ends the wait when nobody is there any more.
        .max_wait(Duration::ZERO)
        .build()
        .map_err(EngineError::from)?;
    let settings = Settings {
        discovery_ttl: config.discovery_ttl,
        scoring_ttl: config.scoring_ttl,
        upstream: config.upstream(),
        demo: config.demo(),
        token_floor: config.token_floor,
        token_patience: config.keepa_max_wait,
        session_ttl: config.session_ttl,
        session_idle: config.session_idle,
        // Synthetic data are made again for nothing.
        backups: (!config.demo()).then(|| config.backups.clone()),
        archive_dir: Some(config.archive_dir.clone()),
        alerts: config.alerts.clone(),
        notify: config.notify.clone(),
    };
    let engine = Engine::start(store, keepa, Arc::new(SystemClock), settings, FeeCards::shipped()).await?;
    Ok(App { engine, _demo: demo })
}

/// Logs go to standard error. A server's are as the configuration says; `-v` and `GLEANER_LOG` win over it.
pub fn start_logging(verbose: u8, server: Option<&Config>) {
    let level = match (verbose, server) {
        (0, None) => "error",
        (0, Some(config)) => &config.log_level,
        (1, _) => "info",
        _ => "debug",
    };
    let json = match server.map(|config| config.log_format) {
        None | Some(LogFormat::Text) => false,
        Some(LogFormat::Json) => true,
        Some(LogFormat::Auto) => !std::io::stderr().is_terminal(),
    };
    let filter = EnvFilter::try_from_env("GLEANER_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},sqlx=warn,hyper=warn,reqwest=warn")));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        builder.json().init();
    } else {
        builder.with_target(false).init();
    }
}

/// Completes on Ctrl-C or a request to terminate; they are waited for from the call on, not from the first poll.
pub fn stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let [mut interrupt, mut terminate] =
            [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
        async move {
            tokio::select! {
                Some(()) = next(&mut interrupt) => {}
                Some(()) = next(&mut terminate) => {}
                // Without a handler there is nothing to wait for; the process can still be killed.
                else => std::future::pending().await,
            }
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn next(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}
