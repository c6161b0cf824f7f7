//! The recorder: one task that commits what many answers write, together.
//!
//! An answer goes out only after [`Recorder::record`] returned. While one transaction runs, the next
//! answers queue up and share the one after it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use gleaner_store::{Group, Store, StoreError, Write};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::EngineError;
use crate::meters::{Meters, Tally};

/// How many answers may wait; more wait for a place.
const QUEUE: usize = 4096;
/// The most answers in one transaction.
const GROUP: usize = 512;
/// How often what was paid for is tried again when the database did not take it, and how many times: it may be gone
/// for some minutes.
const AGAIN: Duration = Duration::from_millis(500);
const TRIES: u32 = 600;

/// What became of an answer's writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// Committed; they survive the death of the process.
    Committed,
    /// The generation the answer was made under is over: nothing was written.
    Outdated,
}

struct Entry {
    group: Group,
    done: oneshot::Sender<Result<Recorded, EngineError>>,
}

/// The way to the recorder task.
#[derive(Clone)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Entry>,
    tasks: TaskTracker,
    meters: Meters,
}

impl Recorder {
    /// Starts the task; it ends when the last handle is gone and the queue is empty.
    pub(crate) fn start(store: Store, tasks: TaskTracker, meters: Meters) -> Self {
        let (queue, mut entries) = mpsc::channel::<Entry>(QUEUE);
        tokio::spawn(async move {
            let (mut batch, mut several) = (Vec::new(), false);
            while entries.recv_many(&mut batch, GROUP).await > 0 {
                if several {
                    // Whoever is about to record something as well shares this transaction, and waits for no other.
                    tokio::task::yield_now().await;
                    while batch.len() < GROUP
                        && let Ok(entry) = entries.try_recv()
                    {
                        batch.push(entry);
                    }
                }
                several = batch.len() > 1;
                commit(&store, std::mem::take(&mut batch)).await;
            }
        });
        Self { queue, tasks, meters }
    }

    /// Commits the writes of an answer that was made under a generation.
    pub(crate) async fn record_at(
        &self,
        generation: i64,
        writes: Vec<Write>,
    ) -> Result<Recorded, EngineError> {
        self.enqueue(Group { generation: Some(generation), writes }).await
    }

    /// Commits writes that hold under any generation: paid facts, ledger rows.
    pub(crate) async fn record(&self, writes: Vec<Write>) -> Result<(), EngineError> {
        self.enqueue(Group { generation: None, writes }).await.map(drop)
    }

    /// [`Recorder::record`] for what was paid for: when the database does not take it, the caller is told, and it is
    /// tried again until the database is back.
    pub(crate) async fn keep(&self, writes: Vec<Write>) -> Result<(), EngineError> {
        let first = self.record(writes.clone()).await;
        // A value that no database takes is not taken later either.
        if let Err(EngineError::Store(error)) = &first
            && !matches!(error, StoreError::Invalid { .. })
        {
            tracing::warn!(code = error.code(), %error, "what was paid for could not be kept; it is tried again");
            let recorder = self.clone();
            self.tasks.spawn(async move {
                for _ in 0..TRIES {
                    tokio::time::sleep(AGAIN).await;
                    if recorder.record(writes.clone()).await.is_ok() {
                        return;
                    }
                }
                tracing::error!("what was paid for is lost: the database did not come back");
            });
        }
        first
    }

    async fn enqueue(&self, group: Group) -> Result<Recorded, EngineError> {
        let answers = Tally::of(&group.writes);
        let (done, committed) = oneshot::channel();
        self.queue.send(Entry { group, done }).await.map_err(|_| EngineError::Stopping)?;
        let recorded = committed.await.map_err(|_| EngineError::Stopping)??;
        if recorded == Recorded::Committed {
            self.meters.count(&answers);
        }
        Ok(recorded)
    }

    /// Waits until everything queued before is committed.
    pub(crate) async fn flush(&self) {
        // A failure was told to whoever wrote; here only the order counts.
        let _ = self.record(Vec::new()).await;
    }

    /// How many answers wait to be committed.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }
}

async fn commit(store: &Store, batch: Vec<Entry>) {
    let (groups, answers): (Vec<Group>, Vec<_>) = batch.into_iter().map(|e| (e.group, e.done)).unzip();
    let groups = Arc::new(groups);
    // A panic must end these answers, not the task that all others wait for.
    let committed = AssertUnwindSafe(store.commit_shared(groups.clone())).catch_unwind().await;
    let Ok(committed) = committed else {
        tracing::error!(answers = answers.len(), "a commit panicked");
        for done in answers {
            let _ = done.send(Err(EngineError::Internal));
        }
        return;
    };
    match committed {
        Ok(written) => {
            for (done, written) in answers.into_iter().zip(written) {
                let _ = done.send(Ok(recorded(written)));
            }
        }
        Err(error) => {
            tracing::warn!(answers = groups.len(), code = error.code(), error = %error, "commit failed");
            // One answer's unusable value must not cost the others theirs: on their own the good ones pass.
            let alone = groups.len() > 1 && !error.is_transient();
            for (group, done) in Arc::unwrap_or_clone(groups).into_iter().zip(answers) {
                let result = if alone { commit_one(store, group).await } else { Err(error.clone()) };
                let _ = done.send(result.map(recorded).map_err(EngineError::from));
            }
        }
    }
}

async fn commit_one(store: &Store, group: Group) -> Result<bool, StoreError> {
    Ok(store.commit_groups(&[group]).await?.first().copied().unwrap_or(false))
}

fn recorded(written: bool) -> Recorded {
    if written { Recorded::Committed } else { Recorded::Outdated }
}
