//! Upkeep on a schedule: expired rows are purged every hour, once however many processes serve.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Engine;

/// How often expired rows are purged.
const PURGE_EVERY: Duration = Duration::from_hours(1);
/// The lease that makes one of several processes do it.
const PURGE_KEY: &str = "upkeep:purge";

impl Engine {
    /// Keeps house until told to stop.
    pub async fn keep_house(self, stop: CancellationToken) {
        let mut hours = tokio::time::interval(PURGE_EVERY);
        hours.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = hours.tick() => self.purge_once().await,
            }
        }
    }

    async fn purge_once(&self) {
        let purge = async {
            let held = self.leases.take(&[PURGE_KEY.to_owned()]).await?;
            if held.keys().is_empty() {
                return Ok(());
            }
            let removed = self.purge().await?;
            tracing::info!(discovery = removed.discovery, scoring = removed.scoring, "purged expired rows");
            Ok::<(), crate::EngineError>(())
        };
        if let Err(error) = purge.await {
            tracing::warn!(code = error.code(), %error, "purging failed; the next hour tries again");
        }
    }
}
