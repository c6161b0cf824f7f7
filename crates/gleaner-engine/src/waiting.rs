//! Waiting for tokens: said aloud, bounded by the patience of each who asks, and ended when nobody waits any more.
//!
//! Work that finds too few tokens gives back what it holds, tells those who wait for it how long it will take, and
//! sleeps. Whether that is too long is decided by each of them.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{self, Either};
use futures::stream::{self, StreamExt};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::EngineError;
use crate::flight::Desk;
use crate::scoring::Scored;

/// The shortest sleep before tokens are looked for again.
const SHORTEST: Duration = Duration::from_millis(50);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiting {
    /// Tokens that the next call is expected to cost, where that is what is short.
    #[schema(value_type = Option<i64>)]
    pub needed: Option<i64>,
    /// Tokens that nobody else has spoken for.
    #[schema(value_type = Option<i64>)]
    pub available: Option<i64>,
    /// Seconds until there should be enough.
    #[schema(value_type = i64)]
    pub seconds: u64,
    /// The moment that is.
    pub until: DateTime<Utc>,
}

/// Why work waits: the error that it is for those who do not.
#[derive(Debug, Clone)]
pub(crate) struct Short {
    pub(crate) waiting: Waiting,
    error: EngineError,
    wait: Duration,
    /// When there should be enough.
    over: Instant,
}

impl Short {
    /// `Err`: an error that no waiting helps against.
    pub(crate) fn new(error: EngineError, now: DateTime<Utc>) -> Result<Self, EngineError> {
        let Some(wait) = error.retry_after() else { return Err(error) };
        let (needed, available) = match &error {
            EngineError::TokensShort { needed, available, .. } => (Some(*needed), Some(*available)),
            _ => (None, None),
        };
        let until = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let waiting = Waiting { needed, available, seconds, until };
        Ok(Self { waiting, error, wait, over: Instant::now() + wait })
    }

    /// Sleeps until there should be enough. An error when the program ends before.
    pub(crate) async fn sleep(&self, ending: &CancellationToken) -> Result<(), EngineError> {
        tokio::select! {
            () = tokio::time::sleep(self.wait.max(SHORTEST)) => Ok(()),
            () = ending.cancelled() => Err(EngineError::Stopping),
        }
    }

    /// The same; `false` when one of those it was for has gone before.
    pub(crate) async fn sleep_for(
        &self,
        desks: &[&Desk],
        ending: &CancellationToken,
    ) -> Result<bool, EngineError> {
        let gone = desks.iter().map(|desk| Box::pin(desk.deserted()));
        tokio::select! {
            slept = self.sleep(ending) => slept.map(|()| true),
            _ = future::select_all(gone) => Ok(false),
        }
    }
}

/// What is told while a question is worked on.
#[derive(Debug, Clone)]
pub enum Progress {
    /// So many tokens were charged for something just now.
    Charged(i64),
    /// More products are scored.
    Scores(Vec<Scored>),
    /// So many products of a list were looked at.
    Done(usize),
    /// There are too few tokens; the work goes on when there are enough.
    Waiting(Waiting),
}

/// Told while a question is worked on.
pub type Listener<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// How long somebody waits for tokens, and who is told meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    until: Instant,
    listener: Listener<'a>,
}

impl<'a> Patience<'a> {
    /// It begins now.
    pub(crate) fn new(patience: Duration, listener: Listener<'a>) -> Self {
        let now = Instant::now();
        // A patience beyond the clock's end lasts as long as any account takes to fill.
        let until = now.checked_add(patience).unwrap_or(now + Duration::from_hours(24));
        Self { until, listener }
    }

    /// Tells what is waited for; an error when that is too long.
    pub(crate) fn bear(&self, short: &Short) -> Result<(), EngineError> {
        if short.over > self.until {
            return Err(short.error.clone());
        }
        (self.listener)(Progress::Waiting(short.waiting));
        Ok(())
    }

    /// Waits for work, as long as what it waits for itself is borne.
    pub(crate) async fn for_one<V>(
        &self,
        work: impl Future<Output = Result<V, EngineError>>,
        news: News,
    ) -> Result<V, EngineError> {
        let mut result = Err(EngineError::Stopping);
        self.for_all(pin!(stream::once(work)), vec![news], |end| result = end).await?;
        result
    }

    /// Takes what work delivers, as long as what it waits for itself is borne.
    pub(crate) async fn for_all<T>(
        &self,
        mut work: impl stream::Stream<Item = T> + Unpin,
        news: Vec<News>,
        mut take: impl FnMut(T),
    ) -> Result<(), EngineError> {
        let news = news.into_iter().map(|news| stream::unfold((news, true), heard).boxed());
        let mut news = stream::select_all(news).chain(stream::pending());
        let mut last = None;
        loop {
            match future::select(work.next(), news.next()).await {
                Either::Left((Some(delivered), _)) => take(delivered),
                Either::Left((None, _)) => return Ok(()),
                // Many parts of one call tell the same.
                Either::Right((Some(short), _)) if last != Some(short.over) => {
                    last = Some(short.over);
                    self.bear(&short)?;
                }
                Either::Right(_) => {}
            }
        }
    }
}

/// What work waits for itself, as those who wait for it hear it.
pub(crate) type News = watch::Receiver<Option<Short>>;

/// The next thing that is told; for who comes first what was told before.
async fn heard((mut news, mut first): (News, bool)) -> Option<(Short, (News, bool))> {
    loop {
        let late = std::mem::take(&mut first);
        if !late {
            news.changed().await.ok()?;
        }
        let told = news.borrow_and_update().clone();
        // What was waited for before one came is over by now, or not.
        if let Some(short) = told.filter(|short| !late || short.over > Instant::now()) {
            return Some((short, (news, false)));
        }
    }
}
