//! Discovery: which products match the filters.
//!
//! A miss costs one Product Finder page; its answer is kept for a day. The finder's index lags behind
//! its products, so every product whose facts are known is checked again, and what that removed is
//! told in the funnel.

mod estimate;
mod explain;
mod finder;
mod funnel;
mod record;
mod types;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::filters::Filters;
use uuid::Uuid;

pub use estimate::SearchEstimate;
pub use explain::{FilterProbe, ProductDiscoveryExplanation};
pub use types::{DiscoveredProduct, DiscoveryQuestion, Funnel, NearMiss, ProductDiscoveryResult};

use crate::answer::{TokenUse, Written};
use crate::clock::can_have_been;
use crate::flight::Desk;
use crate::waiting::{Listener, Patience, Short};
use crate::{ATTEMPTS, Engine, EngineError, Errand};
use finder::{discovery_cost, finder_price};
use record::history;

/// What the finder said, kept for [`crate::Settings::discovery_ttl`].
#[derive(Debug)]
pub(crate) struct Found {
    asins: Vec<String>,
    filters: Written<serde_json::Value>,
    total: Option<i64>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// What the call that brought this was charged; 0 when it was found in the database.
    charged: i64,
    /// The last comparison with the facts.
    checked: Mutex<Option<Arc<Checked>>>,
}

impl Found {
    /// Whether it is still an answer.
    fn young(&self, now: DateTime<Utc>, max_age: Option<TimeDelta>) -> bool {
        self.expires_at > now
            && can_have_been(self.created_at, now)
            && max_age.is_none_or(|age| self.created_at > now - age)
    }
}

/// A discovery compared with the facts that were known at some moment.
#[derive(Debug)]
struct Checked {
    /// How often this process had learned facts by then.
    facts_learned: u64,
    at: DateTime<Utc>,
    asins: Written<Vec<String>>,
    products: Written<Vec<DiscoveredProduct>>,
    funnel: Written<Funnel>,
}

/// Other processes learn facts too, which this one does not hear of: a comparison is repeated after this long.
const CHECK_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// Where an answer came from.
struct Origin {
    found: Arc<Found>,
    hit: bool,
    stale: bool,
    charged: i64,
    over_budget: bool,
}

impl Engine {
    /// Finds products, from the cache where it can. A question that fails is in the history too.
    pub async fn discover(&self, question: DiscoveryQuestion) -> Result<ProductDiscoveryResult, EngineError> {
        self.discover_listened(question, &|_| {}).await
    }

    /// The same for who wants to be told when it waits for tokens.
    pub async fn discover_listened(
        &self,
        question: DiscoveryQuestion,
        listener: Listener<'_>,
    ) -> Result<ProductDiscoveryResult, EngineError> {
        let filters = question.filters.clone().check().map_err(EngineError::Invalid)?;
        question.budget.check()?;
        let started = self.now();
        let patience = self.patience(question.caller, listener);
        let result = self.discover_checked(&question, &filters, started, patience).await;
        if let Err(error) = &result {
            Box::pin(self.record_failure("discovery", filters.to_json(), question.caller, started, error))
                .await;
        }
        result
    }

    async fn discover_checked(
        &self,
        question: &DiscoveryQuestion,
        filters: &Filters,
        started: DateTime<Utc>,
        patience: Patience<'_>,
    ) -> Result<ProductDiscoveryResult, EngineError> {
        let key = filters.cache_key();
        let mut paid = 0;
        let mut anew = question.force_refresh;
        for _ in 0..ATTEMPTS {
            let generation = self.memory.generation();
            let mut origin = self.origin(filters, &key, question, anew, generation, patience).await?;
            paid += origin.charged;
            origin.charged = paid;
            origin.hit &= paid == 0;
            // What was paid for in a first attempt is there for the next one.
            anew = false;
            let result = self.answer(filters, &key, &origin).await?;
            let writes = history(question, &key, &result, origin.hit, started, self.now());
            if self.acknowledge(generation, writes).await? {
                return Ok(result);
            }
        }
        Err(EngineError::Unsettled)
    }

    /// What a discovery would cost, without asking anybody.
    #[must_use]
    pub fn discovery_estimate(filters: &Filters) -> i64 {
        discovery_cost(filters.limit())
    }

    async fn origin(
        &self,
        filters: &Filters,
        key: &str,
        question: &DiscoveryQuestion,
        anew: bool,
        generation: i64,
        patience: Patience<'_>,
    ) -> Result<Origin, EngineError> {
        let max_age = question.max_age;
        if !anew && let Some(found) = self.cached_discovery(key, generation, max_age).await? {
            return Ok(Origin { found, hit: true, stale: false, charged: 0, over_budget: false });
        }
        let over_budget = question.budget.allow(discovery_cost(filters.limit()))?;
        // In boxes: a hit would carry the room that a purchase needs from hand to hand.
        let errand = question.caller.errand;
        match Box::pin(self.buy_discovery(filters, anew, max_age, errand, patience)).await {
            Ok((found, charged)) => {
                self.memory.remember_discovery(key, generation, found.clone());
                Ok(Origin { found, hit: charged == 0, stale: false, charged, over_budget })
            }
            Err(error) if question.stale_if_error => match Box::pin(self.kept_discovery(key)).await? {
                Some(found) => {
                    let found = Arc::new(found);
                    Ok(Origin { found, hit: true, stale: true, charged: 0, over_budget: false })
                }
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The answer in memory or in the database, if it is still one.
    async fn cached_discovery(
        &self,
        key: &str,
        generation: i64,
        max_age: Option<TimeDelta>,
    ) -> Result<Option<Arc<Found>>, EngineError> {
        let now = self.now();
        if let Some(found) = self.memory.discovery(key, generation).filter(|found| found.young(now, max_age))
        {
            return Ok(Some(found));
        }
        let found =
            Box::pin(self.kept_discovery(key)).await?.filter(|found| found.young(now, max_age)).map(Arc::new);
        if let Some(found) = &found {
            self.memory.remember_discovery(key, generation, found.clone());
        }
        Ok(found)
    }

    /// The answer in the database, however old.
    async fn kept_discovery(&self, key: &str) -> Result<Option<Found>, EngineError> {
        let Some(row) = self.store.discovery(key).await? else { return Ok(None) };
        Ok(Some(Found {
            total: row.detail.as_ref().and_then(|d| d["total_results"].as_i64()),
            asins: row.asins,
            filters: Written::new(row.filters_applied)?,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            charged: 0,
            checked: Mutex::default(),
        }))
    }

    /// Asks the finder, once however many ask in however many processes; says what this caller was charged.
    async fn buy_discovery(
        &self,
        filters: &Filters,
        anew: bool,
        max_age: Option<TimeDelta>,
        errand: Errand,
        patience: Patience<'_>,
    ) -> Result<(Arc<Found>, i64), EngineError> {
        let key = filters.cache_key();
        let lead = |desk: Desk| {
            let (engine, filters, key) = (self.clone(), filters.clone(), key.clone());
            async move { engine.lead_discovery(&filters, key, anew, max_age, errand, &desk).await }
        };
        let (found, started) = self.discoveries.join(&key, patience, lead).await;
        let found = found?;
        // Whoever joins somebody else's call, or finds its result, has a hit: it costs nothing.
        let charged = if started { found.charged } else { 0 };
        Ok((found, charged))
    }

    async fn lead_discovery(
        &self,
        filters: &Filters,
        key: String,
        anew: bool,
        max_age: Option<TimeDelta>,
        errand: Errand,
        desk: &Desk,
    ) -> Result<Arc<Found>, EngineError> {
        loop {
            let held = self.leases.take(std::slice::from_ref(&key)).await?;
            // Somebody may have finished between our look into the cache and our lease.
            let now = self.now();
            let kept =
                if anew { None } else { self.kept_discovery(&key).await?.filter(|f| f.young(now, max_age)) };
            if let Some(found) = kept {
                held.release().await;
                return Ok(Arc::new(found));
            }
            if !held.keys().is_empty() {
                let found = self.ask_finder(filters, key.clone(), anew, errand).await;
                held.release().await;
                let error = match found {
                    Ok(found) => return Ok(Arc::new(found)),
                    Err(error) => error,
                };
                let short = Short::new(error, self.now())?;
                desk.tell(&short);
                if !short.sleep_for(&[desk], &self.ending).await? {
                    return Err(EngineError::GivenUp);
                }
                continue;
            }
            // Another process is asking; when it has ended, its answer is there, or we ask ourselves.
            self.leases.freed(std::slice::from_ref(&key)).await?;
        }
    }

    async fn answer(
        &self,
        filters: &Filters,
        key: &str,
        origin: &Origin,
    ) -> Result<ProductDiscoveryResult, EngineError> {
        let found = &origin.found;
        let checked = self.compare(filters, found).await?;
        let cost = discovery_cost(filters.limit());
        let tokens = TokenUse {
            estimated: if origin.hit { 0 } else { cost },
            charged: origin.charged,
            saved: if origin.charged == 0 && !origin.stale { finder_price(found.asins.len()) } else { 0 },
            balance: self.ledger.last_seen(self.now()),
            over_budget: origin.over_budget,
        };
        Ok(ProductDiscoveryResult {
            history_id: Uuid::now_v7(),
            cache_key: key.to_owned(),
            cache_hit: origin.hit,
            stale: origin.stale,
            created_at: found.created_at,
            expires_at: found.expires_at,
            data_age_seconds: (self.now() - found.created_at).num_seconds().max(0),
            filters: found.filters.clone(),
            asins: checked.asins.clone(),
            products: checked.products.clone(),
            funnel: checked.funnel.clone(),
            tokens,
            demo: self.settings.demo,
        })
    }

    /// The comparison with the facts: the last one while nothing new is known.
    async fn compare(&self, filters: &Filters, found: &Found) -> Result<Arc<Checked>, EngineError> {
        let (facts_learned, at) = (self.memory.facts_learned(), self.now());
        let last = found.checked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(last) = last.filter(|c| c.facts_learned == facts_learned && at - c.at < CHECK_AGAIN) {
            return Ok(last);
        }
        let (products, funnel) = Box::pin(self.recheck(filters, found)).await?;
        let checked = Arc::new(Checked {
            facts_learned,
            at,
            asins: Written::new(products.iter().map(|p| p.asin.clone()).collect())?,
            products: Written::new(products)?,
            funnel: Written::new(funnel)?,
        });
        *found.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(checked.clone());
        Ok(checked)
    }
}
