//! The recorder: one task that commits what many answers write, together.
//!
//! An answer goes out only after [`Recorder::record`] returned. While one transaction runs, the next
//! answers queue up and share the one after it.

use gleaner_store::{Store, Write};
use tokio::sync::{mpsc, oneshot};

use crate::EngineError;

/// How many answers may wait; more wait for a place.
const QUEUE: usize = 4096;
/// The most answers in one transaction.
const GROUP: usize = 512;

struct Entry {
    writes: Vec<Write>,
    done: oneshot::Sender<Result<(), EngineError>>,
}

/// The way to the recorder task.
#[derive(Clone)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Entry>,
}

impl Recorder {
    /// Starts the task; it ends when the last handle is gone and the queue is empty.
    pub(crate) fn start(store: Store) -> Self {
        let (queue, mut entries) = mpsc::channel::<Entry>(QUEUE);
        tokio::spawn(async move {
            let mut group = Vec::new();
            while entries.recv_many(&mut group, GROUP).await > 0 {
                commit(&store, std::mem::take(&mut group)).await;
            }
        });
        Self { queue }
    }

    /// Commits the writes of one answer; when this returns, they survive the death of the process.
    pub(crate) async fn record(&self, writes: Vec<Write>) -> Result<(), EngineError> {
        let (done, committed) = oneshot::channel();
        self.queue.send(Entry { writes, done }).await.map_err(|_| EngineError::Stopping)?;
        committed.await.map_err(|_| EngineError::Stopping)?
    }

    /// Waits until everything queued before is committed.
    pub(crate) async fn flush(&self) {
        let _ = self.record(Vec::new()).await;
    }
}

async fn commit(store: &Store, group: Vec<Entry>) {
    let (mut writes, mut answers) = (Vec::new(), Vec::new());
    for entry in group {
        answers.push((entry.writes.len(), entry.done));
        writes.extend(entry.writes);
    }
    let Err(error) = store.commit(&writes).await else {
        for (_, done) in answers {
            let _ = done.send(Ok(()));
        }
        return;
    };
    tracing::warn!(answers = answers.len(), code = error.code(), error = %error, "commit failed");
    // One answer's unusable value must not cost the others theirs: on their own the good ones pass.
    let alone = answers.len() > 1 && !error.is_transient();
    for (size, done) in answers {
        let mine: Vec<Write> = writes.drain(..size).collect();
        let result = if alone { store.commit(&mine).await } else { Err(error.clone()) };
        let _ = done.send(result.map_err(EngineError::from));
    }
}
