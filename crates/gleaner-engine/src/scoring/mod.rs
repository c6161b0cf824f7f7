//! Scoring: what products would earn.
//!
//! A product is bought at most once within its freshness; a score under another condition, cost or
//! strategy is computed from the facts already paid for. Scores with an ROI are kept for six hours,
//! never longer than the facts under them.

mod record;
mod terms;
mod types;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use gleaner_core::money::Money;
use gleaner_core::{Score, ScoreInput, score};
use gleaner_store::{ScoreDetail, ScorePut, ScoreRow, Write};
use keepa::{Asin, KeepaTime, Product};
use uuid::Uuid;

pub use types::{MAX_ASINS, ProductScoringResult, Scored, ScoredProduct, ScoringQuestion};

pub(crate) use terms::check_cost;
pub(crate) use types::verdicts;

use crate::answer::{Rejected, TokenUse};
use crate::purchase::Bought;
use crate::waiting::{Listener, Patience, Progress};
use crate::{ATTEMPTS, Engine, EngineError, span, stored};
use record::history;
use terms::{Terms, check, parse, unknown};

/// Products bought at a time: one call to Keepa.
const BATCH: usize = 100;

/// How a product's facts came to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    /// Bought for it, or before.
    Bought,
    /// Bought by somebody else at the same time.
    Shared,
    /// Past their time.
    Stale,
}

/// What one attempt at a question gathers.
struct Attempt {
    done: HashMap<Asin, Scored>,
    rejected: Vec<Rejected>,
    writes: Vec<Write>,
    hits: i64,
    wanted: i64,
    charged: i64,
    over_budget: bool,
}

/// Who listens while a question is worked on, and how long it waits for tokens.
#[derive(Clone, Copy)]
struct Ear<'a> {
    listener: Listener<'a>,
    patience: Patience<'a>,
}

impl Ear<'_> {
    fn tell(&self, scores: Vec<Scored>) {
        if !scores.is_empty() {
            (self.listener)(Progress::Scores(scores));
        }
    }
}

impl Engine {
    /// Scores products, from the cache and the facts already paid for where it can.
    pub async fn score(&self, question: ScoringQuestion) -> Result<ProductScoringResult, EngineError> {
        self.score_listened(question, &|_| {}).await
    }

    /// The same for who wants to be told scores as they become known, and when it waits for tokens.
    pub async fn score_listened(
        &self,
        question: ScoringQuestion,
        listener: Listener<'_>,
    ) -> Result<ProductScoringResult, EngineError> {
        check(&question)?;
        question.budget.check()?;
        let started = self.now();
        let (asins, malformed) = parse(&question.asins);
        if asins.is_empty() {
            return Ok(self.nothing_scored(malformed));
        }
        let ear = Ear { listener, patience: self.patience(question.caller, listener) };
        let result = self.score_checked(&question, &asins, &malformed, started, ear).await;
        if let Err(error) = &result {
            let filters = record::filters(&question, question.condition);
            Box::pin(self.record_failure("scoring", filters, question.caller, started, error)).await;
        }
        result
    }

    async fn score_checked(
        &self,
        question: &ScoringQuestion,
        asins: &[Asin],
        malformed: &[Rejected],
        started: DateTime<Utc>,
        ear: Ear<'_>,
    ) -> Result<ProductScoringResult, EngineError> {
        let (mut paid, mut anew) = (0, question.force_refresh);
        for _ in 0..ATTEMPTS {
            let generation = self.memory.generation();
            let rules = self.rules_for(question.strategy, question.marketplace, generation).await?;
            let cards = self.cards_at(generation).await?;
            let terms = Terms::new(question, rules, cards, |minutes| self.buyer.age(minutes));
            let mut attempt = self.attempt(question, &terms, asins, anew, generation, ear).await?;
            paid += attempt.charged;
            // What was paid for in a first attempt is there for the next one.
            anew = false;
            let id = Uuid::now_v7();
            let result = self.result(id, question, asins, malformed, &mut attempt, paid);
            let mut writes = attempt.writes;
            writes.extend(history(id, question, &terms, &result, started, self.now()));
            if self.acknowledge(generation, writes).await? {
                return Ok(result);
            }
        }
        Err(EngineError::Unsettled)
    }

    async fn attempt(
        &self,
        question: &ScoringQuestion,
        terms: &Terms,
        asins: &[Asin],
        anew: bool,
        generation: i64,
        ear: Ear<'_>,
    ) -> Result<Attempt, EngineError> {
        let done = if anew { HashMap::new() } else { self.cached_scores(terms, asins, generation).await? };
        let attempt = Attempt {
            hits: count(done.len()),
            writes: done.keys().map(|asin| Write::ScoreHit { key: terms.cache_key(*asin) }).collect(),
            done,
            rejected: Vec::new(),
            wanted: 0,
            charged: 0,
            over_budget: false,
        };
        ear.tell(attempt.done.values().cloned().collect());
        let missing: Vec<Asin> = asins.iter().copied().filter(|a| !attempt.done.contains_key(a)).collect();
        if missing.is_empty() {
            return Ok(Attempt { over_budget: terms.budget.allow(0)?, ..attempt });
        }
        // In a box: a hit would carry the room that a purchase needs from hand to hand.
        Box::pin(self.complete(question, terms, missing, anew, ear, attempt)).await
    }

    /// Scores what the cache does not have, from facts that are known or bought.
    async fn complete(
        &self,
        question: &ScoringQuestion,
        terms: &Terms,
        missing: Vec<Asin>,
        anew: bool,
        ear: Ear<'_>,
        attempt: Attempt,
    ) -> Result<Attempt, EngineError> {
        let Attempt { mut done, mut writes, hits, .. } = attempt;
        let known = if anew {
            HashMap::new()
        } else {
            self.buyer.known_since(terms.marketplace, &missing, terms.age, question.facts_since).await?
        };
        let wanted: Vec<Asin> = missing.iter().copied().filter(|a| !known.contains_key(a)).collect();
        // Keepa answers for an ASIN that does not exist with a product that holds nothing.
        let (nothing, known): (HashMap<_, _>, HashMap<_, _>) =
            known.into_iter().partition(|(_, facts)| facts.product.is_unknown());
        let over_budget = terms.budget.allow(count(wanted.len()))?;
        let mut fresh = self.score_facts(terms, known, Freshness::Bought).await?;
        ear.tell(fresh.iter().map(|(_, scored)| scored.clone()).collect());
        let mut rejected: Vec<Rejected> =
            nothing.into_keys().map(|asin| unknown(asin, terms.marketplace)).collect();
        let (mut failure, mut charged) = (None, 0);
        let (mut joined, mut told) = (Vec::new(), fresh.len());
        // In order, so that a shortage in the middle leaves the first ones bought, and progress shows.
        let age = if anew { TimeDelta::zero() } else { terms.age };
        for batch in wanted.chunks(BATCH) {
            let (mut bought, mut shared) = (HashMap::new(), HashMap::new());
            let charged_before = charged;
            let errand = question.caller.errand;
            for purchase in self.buyer.buy(terms.marketplace, batch, errand, age, ear.patience).await {
                let asin = purchase.asin;
                charged += i64::from(purchase.charged);
                match purchase.delivery {
                    Ok(Some(facts)) if facts.product.is_unknown() => {
                        rejected.push(unknown(asin, terms.marketplace));
                    }
                    Ok(Some(facts)) if purchase.charged => drop(bought.insert(asin, facts)),
                    Ok(Some(facts)) => drop(shared.insert(asin, facts)),
                    Ok(None) => rejected.push(unknown(asin, terms.marketplace)),
                    Err(error) => {
                        rejected.push(Rejected::new(asin.as_str(), error.code(), error.to_string()));
                        failure = Some(error);
                    }
                }
            }
            (ear.listener)(Progress::Charged(charged - charged_before));
            // What came with somebody else's purchase is a hit: it is counted once its row is there.
            for (asin, scored) in self.score_facts(terms, shared, Freshness::Shared).await? {
                joined.push(asin);
                fresh.push((asin, scored));
            }
            let scored = self.score_facts(terms, bought, Freshness::Bought).await?;
            fresh.extend(scored);
            ear.tell(fresh[told..].iter().map(|(_, scored)| scored.clone()).collect());
            told = fresh.len();
            if failure.is_some() {
                break;
            }
        }
        if let Some(error) = failure {
            let open: Vec<Asin> =
                wanted.iter().copied().filter(|a| !fresh.iter().any(|(b, _)| a == b)).collect();
            if question.stale_if_error {
                let old = self.buyer.known_at_any_age(terms.marketplace, &open).await?;
                rejected.retain(|r| !old.keys().any(|asin| asin.as_str() == r.input));
                fresh.extend(self.score_facts(terms, old, Freshness::Stale).await?);
            }
            // With nothing to show, the failure is the answer; else it is told product by product.
            if done.is_empty() && fresh.is_empty() {
                return Err(error);
            }
            let told: HashSet<String> = rejected.iter().map(|r| r.input.clone()).collect();
            let silent = open.iter().filter(|asin| !fresh.iter().any(|(b, _)| *asin == b));
            rejected.extend(
                silent
                    .filter(|asin| !told.contains(asin.as_str()))
                    .map(|asin| Rejected::new(asin.as_str(), error.code(), error.to_string())),
            );
        }
        if anew {
            // Other processes may hold what this replaces.
            writes.push(Write::BumpGeneration);
        }
        for (asin, scored) in fresh {
            writes.extend(self.put(terms, asin, &scored).map(Write::PutScore));
            if joined.contains(&asin) && scored.score.roi_percent.is_some() {
                writes.push(Write::ScoreHit { key: terms.cache_key(asin) });
            }
            done.insert(asin, scored);
        }
        let hits = hits + count(joined.len());
        Ok(Attempt { done, rejected, writes, hits, wanted: count(wanted.len()), charged, over_budget })
    }

    fn result(
        &self,
        id: Uuid,
        question: &ScoringQuestion,
        asins: &[Asin],
        malformed: &[Rejected],
        attempt: &mut Attempt,
        paid: i64,
    ) -> ProductScoringResult {
        let scores: Vec<Scored> = asins.iter().filter_map(|a| attempt.done.remove(a)).collect();
        let answered = count(scores.len());
        let mut rejected = malformed.to_vec();
        // In the order asked for, whatever the order they were found out in, and as the caller wrote them.
        let mut found_out: Vec<(Option<usize>, Rejected)> = std::mem::take(&mut attempt.rejected)
            .into_iter()
            .map(|r| (question.asins.iter().position(|a| a.trim().eq_ignore_ascii_case(&r.input)), r))
            .collect();
        found_out.sort_by_key(|(place, _)| *place);
        rejected.extend(found_out.into_iter().map(|(place, r)| {
            let input = place.and_then(|i| question.asins.get(i)).cloned().unwrap_or(r.input);
            Rejected { input, ..r }
        }));
        ProductScoringResult {
            history_id: Some(id),
            hits: attempt.hits,
            misses: answered - attempt.hits,
            verdicts: verdicts(&scores),
            tokens: TokenUse {
                estimated: attempt.wanted,
                charged: paid,
                saved: (answered - paid).max(0),
                balance: self.ledger.last_seen(self.now()),
                over_budget: attempt.over_budget,
            },
            scores,
            rejected,
            demo: self.settings.demo,
        }
    }

    /// The moment a product is judged at: now, and never before its own refresh, which Keepa rounds up
    /// to the next minute.
    pub(crate) fn evaluation_time(&self, product: &Product) -> DateTime<Utc> {
        let refreshed = product.last_update.map(KeepaTime::to_datetime);
        let now = self.now();
        refreshed.filter(|r| (*r - now).num_minutes() < 10).map_or(now, |r| r.max(now))
    }

    /// The scores in memory or in the database that are still answers.
    async fn cached_scores(
        &self,
        terms: &Terms,
        asins: &[Asin],
        generation: i64,
    ) -> Result<HashMap<Asin, Scored>, EngineError> {
        let now = self.now();
        let mut found = HashMap::new();
        let mut unknown = Vec::new();
        for asin in asins {
            let key = terms.cache_key(*asin);
            match self.memory.score(&key, generation).filter(|scored| terms.young(scored, now)) {
                Some(scored) => {
                    found.insert(*asin, scored);
                }
                None => unknown.push(key),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        for row in Box::pin(self.store.scores(&unknown)).await? {
            let (key, expires_at) = (row.cache_key.clone(), row.expires_at.and_utc());
            let Ok(asin) = row.asin.parse::<Asin>() else { continue };
            let Some(product) = usable(row, terms) else { continue };
            let scored = Scored::new(product, expires_at)?;
            if !terms.young(&scored, now) {
                continue;
            }
            self.memory.remember_score(key, generation, scored.clone());
            found.insert(asin, scored);
        }
        Ok(found)
    }

    async fn score_facts(
        &self,
        terms: &Terms,
        facts: HashMap<Asin, Arc<Bought>>,
        freshness: Freshness,
    ) -> Result<Vec<(Asin, Scored)>, EngineError> {
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        let timed: Vec<_> = facts
            .into_iter()
            .map(|(asin, bought)| (asin, self.evaluation_time(&bought.product), bought))
            .collect();
        let (terms, ttl) = (terms.clone(), span(self.settings.scoring_ttl));
        off_the_runtime(move || {
            timed
                .into_iter()
                .map(|(asin, at, bought)| {
                    let score = score(&ScoreInput {
                        product: &bought.product,
                        marketplace: terms.marketplace,
                        condition: terms.condition,
                        cost: terms.cost,
                        price: None,
                        at,
                        rules: &terms.rules,
                        cards: &terms.cards,
                    });
                    let facts_fetched_at = Some(bought.fetched_at);
                    let cache_hit = freshness == Freshness::Shared;
                    let stale = freshness == Freshness::Stale;
                    let product = ScoredProduct { score, cache_hit, stale, facts_fetched_at };
                    // Nor is it an answer once other fees hold.
                    let other_fees = terms.cards.next_change(terms.marketplace, at.date_naive());
                    let other_fees = other_fees.map(|day| day.and_time(NaiveTime::MIN).and_utc());
                    let until = bought.fetched_at + ttl;
                    Ok((asin, Scored::new(product, other_fees.map_or(until, |day| day.min(until)))?))
                })
                .collect()
        })
        .await?
    }

    /// The cache row of a score; one without an ROI, or from old facts, has none.
    fn put(&self, terms: &Terms, asin: Asin, scored: &Scored) -> Option<ScorePut> {
        let score = &scored.score;
        let fetched =
            scored.facts_fetched_at.filter(|_| !scored.stale && scored.expires_at() > self.now())?;
        Some(ScorePut {
            cache_key: terms.cache_key(asin),
            asin: asin.to_string(),
            roi_percent: score.roi_percent?,
            velocity_score: score.velocity_score,
            recommendation: score.recommendation.as_str().to_owned(),
            title: score.title.clone(),
            price: score.sell_price.map(|p| Money::new(p, terms.marketplace).major_f64()),
            bsr: score.bsr,
            created_at: stored(self.now()),
            expires_at: stored(scored.expires_at()),
            detail: Some(ScoreDetail {
                rules_version: terms.rules.version,
                strategy: terms.rules.strategy.as_str().to_owned(),
                fee_cards: terms.cards.fingerprint().to_owned(),
                facts_fetched_at: stored(fetched),
                score: serde_json::to_string(score).ok()?,
            }),
        })
    }

    pub(crate) fn nothing_scored(&self, rejected: Vec<Rejected>) -> ProductScoringResult {
        ProductScoringResult {
            history_id: None,
            scores: Vec::new(),
            rejected,
            hits: 0,
            misses: 0,
            verdicts: verdicts(&[]),
            tokens: TokenUse { balance: self.ledger.last_seen(self.now()), ..TokenUse::default() },
            demo: self.settings.demo,
        }
    }
}

/// A cached row as an answer, if it was made under today's rules and fee cards and is complete.
fn usable(row: ScoreRow, terms: &Terms) -> Option<ScoredProduct> {
    let (detail, rules) = (row.detail?, &terms.rules);
    let same_rules = detail.rules_version == rules.version && detail.strategy == rules.strategy.as_str();
    if !same_rules || detail.fee_cards != terms.cards.fingerprint() {
        return None;
    }
    let score: Score = serde_json::from_str(&detail.score).ok()?;
    let facts_fetched_at = Some(detail.facts_fetched_at.and_utc());
    Some(ScoredProduct { score, cache_hit: true, stale: false, facts_fetched_at })
}

pub(crate) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Decoding and scoring hold a core for milliseconds; they do so beside the tasks that answer.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "scoring failed");
        EngineError::Internal
    })
}
