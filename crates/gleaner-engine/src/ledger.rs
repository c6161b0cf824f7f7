//! The ledger: the one place that every paid call passes through.
//!
//! A call is estimated, reserved, sent and settled with what Keepa charged. Reservations and the
//! balance live in the database, so that several processes never promise the same token twice. The
//! balance is taken from every answer and projected between them, never polled.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_store::{AccountRow, LedgerPut, Reservation, SavedPut, Store, Write};
use keepa::TokenStatus;
use uuid::Uuid;

use crate::clock::can_have_been;
use crate::{Clock, EngineError, Errand, meters, stored};

/// Unused tokens expire after this many minutes of refill.
const CAPACITY_MINUTES: i64 = 60;
/// A reservation whose holder died counts no longer than this: longer than any call may take.
const RESERVATION: TimeDelta = TimeDelta::minutes(5);

/// What a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Discovery,
    Scoring,
    Niche,
    Job,
}

impl Purpose {
    pub(crate) const ALL: [Self; 4] = [Self::Discovery, Self::Scoring, Self::Niche, Self::Job];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Scoring => "scoring",
            Self::Niche => "niche",
            Self::Job => "job",
        }
    }
}

/// The balance as Keepa last told it, and what has become of it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) read_at: DateTime<Utc>,
    told: i64,
    pub(crate) refill_rate: Option<i64>,
    refill_in_ms: Option<i64>,
}

impl From<&AccountRow> for Balance {
    fn from(row: &AccountRow) -> Self {
        Self {
            read_at: row.read_at.and_utc(),
            told: row.balance,
            refill_rate: row.refill_rate.filter(|rate| *rate > 0),
            refill_in_ms: row.refill_in_ms,
        }
    }
}

impl Balance {
    /// The balance after the refill ticks since it was read.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> i64 {
        let Some(rate) = self.refill_rate else { return self.told };
        let (passed, first) = self.clock(now);
        let ticks = if passed < first { 0 } else { 1 + (passed - first) / 60_000 };
        let full = (rate * CAPACITY_MINUTES).max(self.told);
        self.told.saturating_add(ticks.saturating_mul(rate)).min(full)
    }

    /// How long until the balance has reached a number of tokens; `None` when it never holds that many.
    pub(crate) fn reaches(&self, wanted: i64, now: DateTime<Utc>) -> Option<TimeDelta> {
        let missing = wanted - self.at(now);
        if missing <= 0 {
            return Some(TimeDelta::zero());
        }
        let rate = self.refill_rate.filter(|rate| wanted <= rate * CAPACITY_MINUTES)?;
        let (passed, first) = self.clock(now);
        let next = if passed < first { first - passed } else { 60_000 - (passed - first) % 60_000 };
        let ticks = (missing + rate - 1) / rate;
        Some(TimeDelta::milliseconds(next + (ticks - 1) * 60_000))
    }

    /// The most the account holds.
    pub(crate) fn capacity(&self) -> Option<i64> {
        self.refill_rate.map(|rate| rate * CAPACITY_MINUTES)
    }

    /// Milliseconds since it was read, and those after which the first tick fell.
    fn clock(&self, now: DateTime<Utc>) -> (i64, i64) {
        ((now - self.read_at).num_milliseconds(), self.refill_in_ms.unwrap_or(60_000))
    }
}

/// Estimates, reserves and settles.
#[derive(Clone)]
pub(crate) struct Ledger {
    store: Store,
    keepa: keepa::Client,
    clock: Arc<dyn Clock>,
    /// Tokens that jobs leave for people.
    floor: i64,
    /// Who is paid: a database keeps the facts of one upstream only.
    upstream: String,
    /// What this process saw last: good enough to show, not to decide on.
    seen: Arc<Mutex<Option<Balance>>>,
}

/// A call that may be made: its tokens are spoken for until it is settled.
#[must_use = "a reservation is settled or released"]
pub(crate) struct Promise {
    id: Uuid,
    purpose: Purpose,
    request: String,
    estimated: i64,
}

impl Ledger {
    pub(crate) fn new(
        store: Store,
        keepa: keepa::Client,
        clock: Arc<dyn Clock>,
        floor: i64,
        upstream: String,
    ) -> Self {
        Self { store, keepa, clock, floor, upstream, seen: Arc::default() }
    }

    /// The balance as it is known; `None` before Keepa ever told it.
    pub(crate) async fn balance(&self) -> Result<Option<Balance>, EngineError> {
        let balance = self.store.account().await?.as_ref().map(Balance::from);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = balance;
        Ok(balance)
    }

    /// The balance as this process saw it last, for showing: costs no look into the database.
    pub(crate) fn last_seen(&self, now: DateTime<Utc>) -> Option<i64> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).map(|balance| balance.at(now))
    }

    /// The balance, asked of Keepa (for free) when none is known, or the clock was put back since it was told.
    pub(crate) async fn known_balance(&self) -> Result<Option<Balance>, EngineError> {
        if let Some(balance) = self.balance().await?
            && can_have_been(balance.read_at, self.clock.now())
        {
            return Ok(Some(balance));
        }
        let status = Box::pin(self.keepa.token_status()).await?;
        let writes: Vec<Write> = self.reading(Some(&status)).into_iter().collect();
        self.store.commit(&writes).await?;
        self.balance().await
    }

    /// Speaks for the tokens of a call; an error when there are too few. Who waits for more holds nothing meanwhile
    /// that others may wait for: see [`crate::waiting`].
    pub(crate) async fn reserve(
        &self,
        call: Purpose,
        errand: Errand,
        request: String,
        estimated: i64,
    ) -> Result<Promise, EngineError> {
        self.store.claim_upstream(&self.upstream).await?;
        self.known_balance().await?;
        let purpose = errand.purpose(call);
        let floor = if errand.leaves_the_floor() { self.floor } else { 0 };
        let now = self.clock.now();
        let reservation = Reservation {
            id: Uuid::now_v7(),
            purpose: purpose.as_str().to_owned(),
            amount: estimated,
            made_at: stored(now),
            expires_at: stored(now + RESERVATION),
        };
        let mut short = None;
        let decide = |account: Option<&AccountRow>, reserved: i64| {
            short = account.and_then(|row| shortage(&Balance::from(row), now, reserved, estimated, floor));
            short.is_none()
        };
        if Box::pin(self.store.reserve(&reservation, decide)).await? {
            return Ok(Promise { id: reservation.id, purpose, request, estimated });
        }
        Err(short.unwrap_or(EngineError::Internal))
    }

    /// What a call that ended writes: its ledger row, the new balance, and the end of its reservation.
    /// A call that was certainly not charged leaves no row.
    pub(crate) fn settle(
        &self,
        promise: Promise,
        status: Option<&TokenStatus>,
        charged: bool,
        bought: usize,
    ) -> Vec<Write> {
        let mut writes = vec![Write::Release { reservation: promise.id }];
        writes.extend(self.reading(status));
        if charged {
            meters::spent(promise.purpose.as_str(), status.and_then(|s| s.tokens_consumed));
            writes.push(Write::Ledger(LedgerPut {
                id: promise.id,
                at: stored(self.clock.now()),
                purpose: promise.purpose.as_str().to_owned(),
                request: promise.request,
                estimated: promise.estimated,
                charged: status.and_then(|s| s.tokens_consumed),
                balance_after: status.and_then(|s| s.tokens_left),
                products_bought: i64::try_from(bought).unwrap_or(i64::MAX),
                tokens_saved: 0,
            }));
        }
        writes
    }

    /// The balance in an answer. A refused key answers with an empty bucket that tells nothing.
    fn reading(&self, status: Option<&TokenStatus>) -> Option<Write> {
        let status = status.filter(|s| s.refill_rate != Some(0))?;
        let row = AccountRow {
            balance: status.tokens_left?,
            read_at: stored(self.clock.now()),
            refill_rate: status.refill_rate,
            refill_in_ms: status.refill_in_ms,
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Balance::from(&row));
        Some(Write::Account(row))
    }
}

/// What an answer writes that needed fewer tokens than it would have without a cache.
pub(crate) fn saved(errand: Errand, call: Purpose, tokens: i64, now: DateTime<Utc>) -> Option<Write> {
    let purpose = errand.purpose(call).as_str();
    (tokens > 0).then(|| Write::Saved(SavedPut { at: stored(now), purpose, tokens }))
}

/// Why a call cannot be made now; `None` when it can. A call dearer than a full account may start when
/// the account is full.
fn shortage(
    balance: &Balance,
    now: DateTime<Utc>,
    reserved: i64,
    estimated: i64,
    floor: i64,
) -> Option<EngineError> {
    let available = balance.at(now) - reserved - floor;
    let most = balance.capacity().map_or(i64::MAX, |capacity| (capacity - floor).max(1));
    let needed = estimated.min(most);
    if available >= needed {
        return None;
    }
    // What is reserved will be spent, so it is the balance without it that has to grow.
    let unspoken = Balance { told: balance.told - reserved, ..*balance };
    let wait = unspoken.reaches(needed + floor, now).and_then(|wait| wait.to_std().ok());
    Some(EngineError::TokensShort { available, needed: estimated, wait })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn balance(balance: i64, rate: i64, refill_in_ms: i64) -> (Balance, DateTime<Utc>) {
        let read_at = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let refill_in_ms = Some(refill_in_ms);
        (Balance { read_at, told: balance, refill_rate: Some(rate), refill_in_ms }, read_at)
    }

    #[test]
    fn the_balance_grows_by_ticks_and_stops_at_an_hour_of_refill() {
        let (b, at) = balance(100, 20, 30_000);
        let after = |seconds| b.at(at + TimeDelta::seconds(seconds));
        assert_eq!([after(0), after(29), after(30), after(89), after(90)], [100, 100, 120, 120, 140]);
        assert_eq!(after(100_000), 1200);
    }

    #[test]
    fn the_forecast_counts_the_ticks_that_are_missing() {
        let (b, at) = balance(-5, 20, 30_000);
        assert_eq!(b.reaches(1, at), Some(TimeDelta::seconds(30)));
        assert_eq!(b.reaches(60, at), Some(TimeDelta::seconds(30 + 3 * 60)));
        assert_eq!(b.reaches(1200, at).unwrap().num_minutes(), 60);
        assert_eq!(b.reaches(1201, at), None, "the account never holds that many");
        assert_eq!(b.reaches(-5, at), Some(TimeDelta::zero()));
    }

    #[test]
    fn what_is_reserved_is_not_promised_again_and_jobs_leave_the_floor() {
        let (b, at) = balance(100, 20, 30_000);
        assert!(shortage(&b, at, 0, 100, 0).is_none());
        assert!(shortage(&b, at, 1, 100, 0).is_some());
        assert!(shortage(&b, at, 0, 80, 20).is_none());
        assert!(shortage(&b, at, 0, 81, 20).is_some());
        let short = shortage(&b, at, 60, 50, 0).unwrap();
        assert_eq!(short.retry_after(), Some(Duration::from_secs(30)), "the next tick brings enough");
    }

    #[test]
    fn a_call_dearer_than_the_account_ever_holds_starts_when_it_is_full() {
        let (full, at) = balance(1200, 20, 30_000);
        assert!(shortage(&full, at, 0, 1300, 0).is_none());
        let (almost, at) = balance(1199, 20, 30_000);
        assert!(shortage(&almost, at, 0, 1300, 0).is_some());
    }
}
