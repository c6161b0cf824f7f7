//! Upkeep on a schedule: what has to happen again and again while a server runs, once however many
//! processes serve one database.
//!
//! To add a chore: one line in [`CHORES`].

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::{Engine, EngineError, meters};

/// What became of a chore that another process is at, or did a short while ago.
const ELSEWHERE: &str = "elsewhere";

/// Something that is done regularly.
struct Chore {
    /// Its name in the log and in the lease that makes one of several processes do it.
    name: &'static str,
    /// The time between two runs, however many processes there are.
    every: Duration,
    /// The time from the start to the first run.
    first: Duration,
    /// What is done.
    run: fn(&Engine) -> BoxFuture<'_, Result<(), EngineError>>,
}

/// Everything that is done regularly.
const CHORES: &[Chore] = &[
    Chore {
        name: "purge",
        every: Duration::from_hours(1),
        first: Duration::ZERO,
        run: |engine| engine.purge_expired().boxed(),
    },
    Chore {
        name: "history",
        every: Duration::from_hours(1),
        first: Duration::from_mins(5),
        run: |engine| engine.count_history(true).boxed(),
    },
    // Whether one is due is told by the backups that are there.
    Chore {
        name: "backup",
        every: Duration::from_mins(10),
        first: Duration::from_mins(10),
        run: |engine| engine.back_up_on_schedule().boxed(),
    },
    Chore {
        name: "sourcing",
        every: Duration::from_secs(5),
        first: Duration::ZERO,
        run: |engine| engine.run_due_jobs().boxed(),
    },
    Chore {
        name: "due times",
        every: Duration::from_mins(1),
        first: Duration::ZERO,
        run: |engine| engine.mend_due_times().boxed(),
    },
    Chore {
        name: "alerts",
        every: Duration::from_mins(1),
        first: Duration::ZERO,
        run: |engine| engine.watch().boxed(),
    },
    Chore {
        name: "notices",
        every: Duration::from_secs(10),
        first: Duration::ZERO,
        run: |engine| engine.tell().boxed(),
    },
];

impl Engine {
    /// Keeps house until told to stop.
    pub async fn keep_house(self, stop: CancellationToken) {
        let engine = &self;
        let all = futures::future::join_all(CHORES.iter().map(|chore| engine.repeat(chore)));
        tokio::select! {
            () = stop.cancelled() => {}
            _ = all => {}
        }
    }

    async fn repeat(&self, chore: &Chore) {
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + chore.first, chore.every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.do_once(chore).await {
                let chore = chore.name;
                tracing::warn!(chore, code = error.code(), %error, "upkeep failed; it is tried again");
            }
        }
    }

    /// Does a chore unless another process is at it, or did it a short while ago.
    async fn do_once(&self, chore: &Chore) -> Result<(), EngineError> {
        let held = self.leases.take(&[format!("upkeep:{}", chore.name)]).await?;
        if held.keys().is_empty() {
            meters::chore(chore.name, ELSEWHERE);
            return Ok(());
        }
        let mark = format!("upkeep:{}:done", chore.name);
        // A little less than the whole time, so that the next one finds the mark gone.
        let pause = chore.every * 19 / 20;
        let done = match self.leases.is_marked(&mark, pause).await {
            Ok(true) => {
                meters::chore(chore.name, ELSEWHERE);
                Ok(())
            }
            Ok(false) => match self.run(chore).await {
                Ok(()) => self.leases.mark(mark, pause).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        held.release().await;
        done
    }

    async fn run(&self, chore: &Chore) -> Result<(), EngineError> {
        let done = (chore.run)(self).await;
        meters::chore(chore.name, if done.is_ok() { "done" } else { "failed" });
        done
    }

    async fn watch(&self) -> Result<(), EngineError> {
        self.evaluate_alerts().await.map(drop)
    }

    async fn purge_expired(&self) -> Result<(), EngineError> {
        let removed = self.purge().await?;
        tracing::info!(discovery = removed.discovery, scoring = removed.scoring, "purged expired rows");
        self.purge_sessions().await?;
        Ok(())
    }
}
