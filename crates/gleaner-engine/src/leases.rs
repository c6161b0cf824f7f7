//! Single flight across processes: who works on what is a lease in the database.
//!
//! A lease is short and renewed while its holder lives. When the holder dies, its lease runs out and
//! somebody else takes over; nobody waits for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gleaner_store::Store;
use uuid::Uuid;

use crate::EngineError;

/// How long a lease outlives its holder.
const LEASE: Duration = Duration::from_secs(10);
/// How often a holder renews its leases.
const RENEWAL: Duration = Duration::from_secs(3);
/// How often somebody else's lease is looked at.
const LOOK: Duration = Duration::from_millis(60);

/// This process's leases.
#[derive(Clone)]
pub(crate) struct Leases {
    store: Store,
    owner: Uuid,
    held: Arc<AtomicUsize>,
}

/// Leases that are held, until they are released.
pub(crate) struct Held {
    leases: Leases,
    keys: Vec<String>,
}

impl Held {
    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }
}

impl Held {
    /// Gives the leases back; when this returns, others may take them.
    pub(crate) async fn release(mut self) {
        let keys = self.let_go();
        self.leases.give_back(keys).await;
    }

    fn let_go(&mut self) -> Vec<String> {
        self.leases.held.fetch_sub(self.keys.len(), Ordering::SeqCst);
        std::mem::take(&mut self.keys)
    }
}

impl Drop for Held {
    /// For work that was cut off; what ends by itself releases.
    fn drop(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let (leases, keys) = (self.leases.clone(), self.let_go());
        // Without a runtime the process is ending, and the leases run out by themselves.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { leases.give_back(keys).await });
        }
    }
}

impl Leases {
    /// Starts renewing; it ends with the last handle.
    pub(crate) fn start(store: Store) -> Self {
        let leases = Self { store, owner: Uuid::now_v7(), held: Arc::default() };
        let (store, owner, held) = (leases.store.clone(), leases.owner, Arc::downgrade(&leases.held));
        tokio::spawn(async move {
            while let Some(held) = held.upgrade() {
                let any = held.load(Ordering::SeqCst) > 0;
                drop(held);
                if any && let Err(error) = store.flights_renew(owner, LEASE).await {
                    tracing::warn!(%error, "leases could not be renewed");
                }
                tokio::time::sleep(RENEWAL).await;
            }
        });
        leases
    }

    async fn give_back(&self, keys: Vec<String>) {
        if !keys.is_empty()
            && let Err(error) = self.store.flights_release(self.owner, &keys).await
        {
            tracing::warn!(%error, "leases could not be given back; they run out by themselves");
        }
    }

    /// Takes what is free of these keys.
    pub(crate) async fn take(&self, keys: &[String]) -> Result<Held, EngineError> {
        let keys = self.store.flights_acquire(keys, self.owner, LEASE).await?;
        self.held.fetch_add(keys.len(), Ordering::SeqCst);
        Ok(Held { leases: self.clone(), keys })
    }

    /// Leaves a mark for every process on this database, for a while. Nobody holds it and nobody renews it.
    pub(crate) async fn mark(&self, key: String, time: Duration) -> Result<(), EngineError> {
        self.store.flights_acquire(&[key], Uuid::nil(), time).await?;
        Ok(())
    }

    /// Whether there is such a mark, left for so long.
    pub(crate) async fn is_marked(&self, key: &str, time: Duration) -> Result<bool, EngineError> {
        Ok(!self.store.flights_held(&[key.to_owned()], time).await?.is_empty())
    }

    /// Waits until none of these keys is held by anybody.
    pub(crate) async fn freed(&self, keys: &[String]) -> Result<(), EngineError> {
        while !self.store.flights_held(keys, LEASE).await?.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}
