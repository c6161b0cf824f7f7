//! Single flight: one identical question asked many times at once is worked on once.
//!
//! The work runs in a task of its own, so that it goes on, and what it paid for is kept, when the
//! caller who started it stops waiting.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use crate::EngineError;

type Landing<V> = Shared<BoxFuture<'static, Result<V, EngineError>>>;

/// The work under way, by key.
#[derive(Clone)]
pub(crate) struct Flights<V> {
    under_way: Arc<Mutex<HashMap<String, Landing<V>>>>,
}

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Self { under_way: Arc::default() }
    }
}

impl<V: Clone + Send + Sync + 'static> Flights<V> {
    /// Joins the work under way for a key, or starts it. The second value says whether this caller
    /// started it.
    pub(crate) async fn join<F>(&self, key: &str, work: impl FnOnce() -> F) -> (Result<V, EngineError>, bool)
    where
        F: Future<Output = Result<V, EngineError>> + Send + 'static,
    {
        let (landing, started) = self.board(key, work);
        (landing.await, started)
    }

    fn board<F>(&self, key: &str, work: impl FnOnce() -> F) -> (Landing<V>, bool)
    where
        F: Future<Output = Result<V, EngineError>> + Send + 'static,
    {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(landing) = under_way.get(key) {
            return (landing.clone(), false);
        }
        let (flights, landed, work) = (self.under_way.clone(), key.to_owned(), work());
        let task = tokio::spawn(async move {
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
        under_way.insert(key.to_owned(), landing.clone());
        (landing, true)
    }
}

struct Removal<V> {
    flights: Arc<Mutex<HashMap<String, Landing<V>>>>,
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

    use super::*;

    #[tokio::test]
    async fn fifty_identical_questions_are_worked_on_once() {
        let flights: Flights<usize> = Flights::default();
        let runs = Arc::new(AtomicUsize::new(0));
        let askers = (0..50).map(|_| {
            let (flights, runs) = (flights.clone(), runs.clone());
            async move {
                flights
                    .join("key", || async move {
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                        Ok(runs.fetch_add(1, Ordering::SeqCst))
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
        let flights: Flights<usize> = Flights::default();
        let runs = Arc::new(AtomicUsize::new(0));
        let work = || {
            let runs = runs.clone();
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                Ok(runs.fetch_add(1, Ordering::SeqCst))
            }
        };
        let left = tokio::time::timeout(std::time::Duration::from_millis(5), flights.join("key", work)).await;
        assert!(left.is_err());
        let (joined, started) = flights.join("key", work).await;
        assert_eq!((joined.unwrap(), started), (0, false));
        let (again, started) = flights.join("key", work).await;
        assert_eq!((again.unwrap(), started), (1, true));
    }
}
