//! The in-process cache in front of the database.
//!
//! Entries are keyed like the tables and never live longer than their rows. What makes several
//! processes agree is the generation: a number in the database that grows whenever something cached
//! must no longer be used. An answer is made under the generation this process knows, and committed
//! only if that is still the current one; else the process takes over the new one and answers anew.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use gleaner_store::Store;
use moka::sync::Cache;

use crate::EngineError;
use crate::discovery::Found;
use crate::scoring::Scored;

/// Discoveries kept in memory.
const DISCOVERIES: u64 = 2_000;
/// Scores kept in memory.
const SCORES: u64 = 20_000;
/// What is not asked for is forgotten after this long.
const IDLE: Duration = Duration::from_mins(30);

/// What this process remembers.
#[derive(Clone)]
pub(crate) struct Memory(Arc<Inner>);

pub(crate) struct Inner {
    discoveries: Cache<String, Remembered<Arc<Found>>>,
    scores: Cache<String, Remembered<Scored>>,
    generation: AtomicI64,
    /// Grows whenever this process learns facts: what was checked against the facts before is checked again.
    facts: AtomicU64,
}

/// Something remembered under a generation.
#[derive(Clone)]
struct Remembered<T> {
    generation: i64,
    value: T,
}

impl Deref for Memory {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Memory {
    /// Starts empty at the database's generation, and listens for changes where the database can tell.
    pub(crate) async fn start(store: &Store) -> Result<Self, EngineError> {
        let inner = Arc::new(Inner {
            discoveries: Cache::builder().max_capacity(DISCOVERIES).time_to_idle(IDLE).build(),
            scores: Cache::builder().max_capacity(SCORES).time_to_idle(IDLE).build(),
            generation: AtomicI64::new(store.generation().await?),
            facts: AtomicU64::new(0),
        });
        // Listening only makes this process learn of a change sooner; the commit is what decides.
        if let Some(mut listener) = store.listen_generation().await? {
            let (store, inner) = (store.clone(), Arc::downgrade(&inner));
            tokio::spawn(async move {
                while listener.changed().await.is_ok() {
                    let Some(inner) = inner.upgrade() else { return };
                    if let Err(error) = Memory(inner).renew(&store).await {
                        tracing::warn!(%error, "a change of generation could not be followed");
                    }
                }
            });
        }
        Ok(Self(inner))
    }

    /// Takes over the database's generation; what was remembered under another one is not used again.
    pub(crate) async fn renew(&self, store: &Store) -> Result<(), EngineError> {
        let current = store.generation().await?;
        if self.generation.swap(current, Ordering::SeqCst) != current {
            self.discoveries.invalidate_all();
            self.scores.invalidate_all();
        }
        Ok(())
    }
}

impl Inner {
    /// The generation answers are made under.
    pub(crate) fn generation(&self) -> i64 {
        self.generation.load(Ordering::SeqCst)
    }

    pub(crate) fn discovery(&self, key: &str, generation: i64) -> Option<Arc<Found>> {
        let remembered = self.discoveries.get(key)?;
        (remembered.generation == generation).then_some(remembered.value)
    }

    pub(crate) fn remember_discovery(&self, key: &str, generation: i64, value: Arc<Found>) {
        self.discoveries.insert(key.to_owned(), Remembered { generation, value });
    }

    pub(crate) fn score(&self, key: &str, generation: i64) -> Option<Scored> {
        let remembered = self.scores.get(key)?;
        (remembered.generation == generation).then_some(remembered.value)
    }

    pub(crate) fn remember_score(&self, key: String, generation: i64, value: Scored) {
        self.scores.insert(key, Remembered { generation, value });
    }

    /// How often this process has learned facts.
    pub(crate) fn facts_learned(&self) -> u64 {
        self.facts.load(Ordering::SeqCst)
    }

    /// Notes that facts were learned.
    pub(crate) fn learn(&self) {
        self.facts.fetch_add(1, Ordering::SeqCst);
    }
}
