//! Single flight: one identical question asked many times at once is worked on once.
//!
//! The work runs in a task of its own, so that it goes on, and what it paid for is kept, when the
//! caller who started it stops waiting. What has not been paid for yet ends with the last caller: see
//! [`Desk::deserted`].

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::EngineError;
use crate::waiting::{News, Patience, Short};

type Landing<V> = Shared<BoxFuture<'static, Result<V, EngineError>>>;

/// Where work tells those who wait for it what it waits for itself, and sees whether anybody still does.
#[derive(Clone, Debug)]
pub(crate) struct Desk(watch::Sender<Option<Short>>);

impl Default for Desk {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Desk {
    /// Comes to wait.
    pub(crate) fn queue(&self) -> News {
        self.0.subscribe()
    }

    /// Tells everybody that the work waits for tokens.
    pub(crate) fn tell(&self, short: &Short) {
        self.0.send_replace(Some(short.clone()));
    }

    /// Completes when nobody waits.
    pub(crate) async fn deserted(&self) {
        self.0.closed().await;
    }

    /// Whether nobody waits now.
    pub(crate) fn is_deserted(&self) -> bool {
        self.0.is_closed()
    }
}

/// The work under way, by key.
#[derive(Clone)]
pub(crate) struct Flights<V> {
    under_way: UnderWay<V>,
    tasks: TaskTracker,
}

type UnderWay<V> = Arc<Mutex<HashMap<String, (Landing<V>, Desk)>>>;

impl<V: Clone + Send + Sync + 'static> Flights<V> {
    /// Nothing is under way; what will be is tracked, so that the program can wait for it when it ends.
    pub(crate) fn new(tasks: TaskTracker) -> Self {
        Self { under_way: Arc::default(), tasks }
    }

    /// Joins the work under way for a key, or starts it, and waits as long as patience lasts. The second value says
    /// whether this caller started it.
    pub(crate) async fn join<F>(
        &self,
        key: &str,
        patience: Patience<'_>,
        work: impl Fn(Desk) -> F,
    ) -> (Result<V, EngineError>, bool)
    where
        F: Future<Output = Result<V, EngineError>> + Send + 'static,
    {
        loop {
            let (landing, queue, started) = self.board(key, &work);
            let landed = patience.for_one(landing, queue).await;
            // Work that was given up as this caller came is not this caller's end.
            if !matches!(landed, Err(EngineError::GivenUp)) {
                return (landed, started);
            }
        }
    }

    fn board<F>(&self, key: &str, work: &impl Fn(Desk) -> F) -> (Landing<V>, News, bool)
    where
        F: Future<Output = Result<V, EngineError>> + Send + 'static,
    {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((landing, desk)) = under_way.get(key) {
            crate::meters::coalesced();
            return (landing.clone(), desk.queue(), false);
        }
        let desk = Desk::default();
        let queue = desk.queue();
        let (flights, landed, work) = (self.under_way.clone(), key.to_owned(), work(desk.clone()));
        let task = self.tasks.spawn(async move {
            // Removed when the work ends in any way, also by a panic.
            let _remove = Removal { flights, key: landed };
            work.await
        });
        let landing = task
            .map(|end| match end {
                Ok(result) => result,
                Err(failure) if failure.is_panic() => Err(EngineError::Internal),
                Err(_) => Err(EngineError::Stopping),
            })
            .boxed()
            .shared();
        under_way.insert(key.to_owned(), (landing.clone(), desk));
        (landing, queue, true)
    }
}

struct Removal<V> {
    flights: UnderWay<V>,
    key: String,
}

impl<V> Drop for Removal<V> {
    fn drop(&mut self) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::waiting::Progress;

    fn flights() -> Flights<usize> {
        Flights::new(TaskTracker::new())
    }

    fn patient() -> Patience<'static> {
        Patience::new(Duration::from_mins(1), &|_| {})
    }

    fn short(wait: u64) -> Short {
        let wait = Some(Duration::from_secs(wait));
        Short::new(EngineError::TokensShort { available: 0, needed: 11, wait }, chrono::DateTime::UNIX_EPOCH)
            .unwrap()
    }

    #[tokio::test]
    async fn fifty_identical_questions_are_worked_on_once() {
        let flights = flights();
        let runs = Arc::new(AtomicUsize::new(0));
        let askers = (0..50).map(|_| {
            let (flights, runs) = (flights.clone(), runs.clone());
            async move {
                flights
                    .join("key", patient(), |_| {
                        let runs = runs.clone();
                        async move {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                            Ok(runs.fetch_add(1, Ordering::SeqCst))
                        }
                    })
                    .await
            }
        });
        let answers = futures::future::join_all(askers).await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert_eq!(answers.iter().filter(|(_, started)| *started).count(), 1);
        assert!(answers.iter().all(|(answer, _)| *answer.as_ref().unwrap() == 0));
    }

    #[tokio::test]
    async fn work_goes_on_when_the_first_asker_leaves_and_the_next_question_is_worked_on_anew() {
        let flights = flights();
        let runs = Arc::new(AtomicUsize::new(0));
        let work = |_| {
            let runs = runs.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(30)).await;
                Ok(runs.fetch_add(1, Ordering::SeqCst))
            }
        };
        let left = tokio::time::timeout(Duration::from_millis(5), flights.join("key", patient(), work)).await;
        assert!(left.is_err());
        let (joined, started) = flights.join("key", patient(), work).await;
        assert_eq!((joined.unwrap(), started), (0, false));
        let (again, started) = flights.join("key", patient(), work).await;
        assert_eq!((again.unwrap(), started), (1, true));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_told_for_what_and_who_has_no_patience_leaves_the_others_waiting() {
        let flights = flights();
        let work = |desk: Desk| async move {
            desk.tell(&short(30));
            tokio::select! {
                () = desk.deserted() => Err(EngineError::GivenUp),
                () = tokio::time::sleep(Duration::from_secs(30)) => Ok(7),
            }
        };
        let told = Mutex::new(Vec::new());
        let listener = |progress| {
            if let Progress::Waiting(waiting) = progress {
                told.lock().unwrap().push(waiting.seconds);
            }
        };
        let patient = flights.join("key", Patience::new(Duration::from_mins(1), &listener), work);
        let hasty = flights.join("key", Patience::new(Duration::from_secs(10), &|_| {}), work);
        let ((patient, _), (hasty, _)) = tokio::join!(patient, hasty);
        assert_eq!(patient.unwrap(), 7);
        assert_eq!(*told.lock().unwrap(), [30]);
        let error = hasty.unwrap_err();
        assert_eq!((error.code(), error.retry_after()), ("tokens_short", Some(Duration::from_secs(30))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_of_no_time_at_all_wears_patience_out_too() {
        let flights = flights();
        let work = |desk: Desk| async move {
            loop {
                let short = short(0);
                desk.tell(&short);
                if !short.sleep_for(&[&desk], &tokio_util::sync::CancellationToken::new()).await? {
                    return Err(EngineError::GivenUp);
                }
            }
        };
        let hasty = Patience::new(Duration::ZERO, &|_| {});
        tokio::time::advance(Duration::from_millis(1)).await;
        let (end, _) = flights.join("key", hasty, work).await;
        assert_eq!(end.unwrap_err().code(), "tokens_short");
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_still_waits_for_tokens_ends_with_the_last_who_asked() {
        let flights = flights();
        let ends = Arc::new(Mutex::new(Vec::new()));
        let work = |desk: Desk| {
            let ends = ends.clone();
            async move {
                desk.tell(&short(30));
                tokio::select! {
                    () = desk.deserted() => ends.lock().unwrap().push("given up"),
                    () = tokio::time::sleep(Duration::from_secs(30)) => ends.lock().unwrap().push("done"),
                }
                Err(EngineError::GivenUp)
            }
        };
        let asked = flights.join("key", patient(), work);
        assert!(tokio::time::timeout(Duration::from_secs(1), asked).await.is_err());
        flights.tasks.close();
        flights.tasks.wait().await;
        assert_eq!(*ends.lock().unwrap(), ["given up"]);
    }
}
