//! Scoring: what products would earn.
//!
//! A product is bought at most once within its freshness; a score under another condition, cost or
//! strategy is computed from the facts already paid for. Scores with an ROI are kept for six hours,
//! never longer than the facts under them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gleaner_core::filters::short_hash;
use gleaner_core::money::{MAX_AMOUNT, Money};
use gleaner_core::rules::{Rules, Strategy};
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Condition, Marketplace, Score, ScoreInput, score};
use gleaner_store::{HistoryPut, OutcomePut, ScoreDetail, ScorePut, ScoreRow, Write};
use keepa::{Asin, KeepaTime, Product, RawProduct};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::{Rejected, TokenUse};
use crate::purchase::Bought;
use crate::{Engine, EngineError, Source, span, stored};

/// The most products in one question.
pub const MAX_ASINS: usize = 1_000;

/// A question to score.
#[derive(Debug, Clone)]
pub struct ScoringQuestion {
    /// The marketplace.
    pub marketplace: Marketplace,
    /// ASINs as they were given; wrong ones are rejected one by one.
    pub asins: Vec<String>,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
    /// Pay again and replace what is kept.
    pub force_refresh: bool,
    /// Who asks.
    pub source: Source,
}

/// Where a score's answer came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScoredProduct {
    /// The score.
    #[serde(flatten)]
    pub score: Score,
    /// Whether it came from the scoring cache.
    pub cache_hit: bool,
    /// When its facts were bought from Keepa; absent for a saved file.
    pub facts_fetched_at: Option<DateTime<Utc>>,
}

/// The answer: scores in the order asked for, and what could not be scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductScoringResult {
    /// The scores.
    pub scores: Vec<ScoredProduct>,
    /// What could not be scored, and why.
    pub rejected: Vec<Rejected>,
    /// How many scores came from the cache.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// How many did not.
    #[schema(value_type = i64)]
    pub misses: i64,
    /// How many got which verdict.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub verdicts: BTreeMap<String, i64>,
    /// What it cost.
    pub tokens: TokenUse,
    /// Whether the data is synthetic.
    pub demo: bool,
}

/// What all products of one question are scored under.
#[derive(Debug, Clone)]
struct Terms {
    marketplace: Marketplace,
    condition: Condition,
    cost: Option<i64>,
    rules: Rules,
}

impl Terms {
    fn new(question: &ScoringQuestion) -> Self {
        let rules = Rules::for_marketplace(question.strategy, question.marketplace);
        Self {
            marketplace: question.marketplace,
            condition: question.condition.unwrap_or(rules.condition),
            cost: question.cost,
            rules,
        }
    }

    /// The key in the scoring cache: plain for the default question, else with a hash of the rest.
    fn cache_key(&self, asin: Asin) -> String {
        let plain = format!("scoring:{asin}:{}", self.marketplace.id());
        if self.rules.strategy == Strategy::default() && self.condition == Condition::New && self.cost.is_none() {
            return plain;
        }
        let rest = json!({
            "condition": self.condition.as_str(),
            "cost": self.cost,
            "strategy": self.rules.strategy.as_str(),
        });
        format!("{plain}:{}", short_hash(rest.to_string().as_bytes()))
    }
}

impl Engine {
    /// Scores products, from the cache and the facts already paid for where it can.
    pub async fn score(&self, question: ScoringQuestion) -> Result<ProductScoringResult, EngineError> {
        check(&question)?;
        let started = self.now();
        let terms = Terms::new(&question);
        let (asins, mut rejected) = parse(&question.asins);
        if asins.is_empty() {
            return Ok(self.nothing_scored(rejected));
        }
        let mut done: HashMap<Asin, ScoredProduct> = HashMap::new();
        let mut writes = Vec::new();
        if !question.force_refresh {
            for (asin, hit) in self.cached_scores(&terms, &asins).await? {
                writes.push(Write::ScoreHit { key: terms.cache_key(asin) });
                done.insert(asin, hit);
            }
        }
        let hits = count(done.len());
        let missing: Vec<Asin> = asins.iter().copied().filter(|a| !done.contains_key(a)).collect();
        let known = if question.force_refresh {
            HashMap::new()
        } else {
            self.known_facts(terms.marketplace, &missing).await?
        };
        let wanted: Vec<Asin> = missing.iter().copied().filter(|a| !known.contains_key(a)).collect();
        let purchase = self.buyer.buy(terms.marketplace, &wanted).await;
        let mut facts = known;
        let mut failure = None;
        for (asin, delivery) in purchase.products {
            match delivery {
                Ok(Some(bought)) => {
                    facts.insert(asin, bought);
                }
                Ok(None) => rejected.push(unknown(asin, terms.marketplace)),
                Err(error) => {
                    rejected.push(Rejected::new(asin.as_str(), error.code(), error.to_string()));
                    failure = Some(error);
                }
            }
        }
        // With nothing to show, the failure is the answer; else it is told product by product.
        if let Some(error) = failure
            && done.is_empty()
            && facts.is_empty()
        {
            return Err(error);
        }
        let fresh = self.score_facts(&terms, facts).await?;
        for (asin, scored) in fresh {
            writes.extend(self.put(&terms, asin, &scored).map(Write::PutScore));
            done.insert(asin, scored);
        }
        let scores: Vec<ScoredProduct> = asins.iter().filter_map(|a| done.remove(a)).collect();
        let answered = count(scores.len());
        let now = self.now();
        let result = ProductScoringResult {
            hits,
            misses: answered - hits,
            verdicts: verdicts(&scores),
            tokens: TokenUse {
                estimated: count(wanted.len()),
                charged: purchase.charged,
                saved: answered - purchase.charged,
                balance: self.meter.balance(now),
            },
            scores,
            rejected,
            demo: self.settings.demo,
        };
        writes.extend(self.history(&question, &terms, &result, started, now));
        self.recorder.record(writes).await?;
        Ok(result)
    }

    /// The facts that are already paid for and fresh.
    pub(crate) async fn known_facts(
        &self,
        marketplace: Marketplace,
        asins: &[Asin],
    ) -> Result<HashMap<Asin, Arc<Bought>>, EngineError> {
        if asins.is_empty() {
            return Ok(HashMap::new());
        }
        let names: Vec<String> = asins.iter().map(ToString::to_string).collect();
        let rows = self.store.products(i64::from(marketplace.id()), &names).await?;
        let oldest = stored(self.now() - span(self.settings.scoring_ttl));
        let fresh: Vec<_> = rows.into_iter().filter(|row| row.fetched_at > oldest).collect();
        off_the_runtime(move || {
            fresh
                .into_iter()
                .filter_map(|row| {
                    let asin: Asin = row.asin.parse().ok()?;
                    let text = std::str::from_utf8(&row.json).ok()?;
                    // What cannot be read any more is bought again.
                    let product = RawProduct::decode(text).ok()?.product;
                    Some((asin, Arc::new(Bought { product, fetched_at: row.fetched_at.and_utc() })))
                })
                .collect()
        })
        .await
    }

    /// The moment a product is judged at: now, and never before its own refresh, which Keepa rounds up
    /// to the next minute.
    pub(crate) fn evaluation_time(&self, product: &Product) -> DateTime<Utc> {
        let refreshed = product.last_update.map(KeepaTime::to_datetime);
        let now = self.now();
        refreshed.filter(|r| (*r - now).num_minutes() < 10).map_or(now, |r| r.max(now))
    }

    async fn cached_scores(
        &self,
        terms: &Terms,
        asins: &[Asin],
    ) -> Result<Vec<(Asin, ScoredProduct)>, EngineError> {
        let keys: Vec<String> = asins.iter().map(|a| terms.cache_key(*a)).collect();
        let now = stored(self.now());
        let rows = self.store.scores(&keys).await?;
        Ok(rows
            .into_iter()
            .filter(|row| row.expires_at > now)
            .filter_map(|row| Some((row.asin.parse().ok()?, usable(row, &terms.rules)?)))
            .collect())
    }

    async fn score_facts(
        &self,
        terms: &Terms,
        facts: HashMap<Asin, Arc<Bought>>,
    ) -> Result<Vec<(Asin, ScoredProduct)>, EngineError> {
        let timed: Vec<_> = facts
            .into_iter()
            .map(|(asin, bought)| (asin, self.evaluation_time(&bought.product), bought))
            .collect();
        let (terms, cards) = (terms.clone(), self.cards.clone());
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
                        cards: &cards,
                    });
                    let facts_fetched_at = Some(bought.fetched_at);
                    (asin, ScoredProduct { score, cache_hit: false, facts_fetched_at })
                })
                .collect()
        })
        .await
    }

    /// The cache row of a score; one without an ROI has none.
    fn put(&self, terms: &Terms, asin: Asin, scored: &ScoredProduct) -> Option<ScorePut> {
        let score = &scored.score;
        let fetched = scored.facts_fetched_at?;
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
            expires_at: stored(fetched + span(self.settings.scoring_ttl)),
            detail: Some(ScoreDetail {
                rules_version: terms.rules.version,
                strategy: terms.rules.strategy.as_str().to_owned(),
                facts_fetched_at: stored(fetched),
                score: serde_json::to_string(score).ok()?,
            }),
        })
    }

    fn history(
        &self,
        question: &ScoringQuestion,
        terms: &Terms,
        result: &ProductScoringResult,
        started: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> [Write; 2] {
        let id = Uuid::now_v7();
        let filters = json!({
            "marketplace": terms.marketplace.code(),
            "asins": question.asins,
            "condition": terms.condition.as_str(),
            "cost": terms.cost,
            "strategy": terms.rules.strategy.as_str(),
        });
        [
            Write::History(HistoryPut {
                id,
                user_id: None,
                search_type: "scoring".to_owned(),
                filters,
                results_count: count(result.scores.len()),
                source: Some(question.source.as_str().to_owned()),
                created_at: stored(now),
            }),
            Write::Outcome(OutcomePut {
                history_id: id,
                hits: result.hits,
                misses: result.misses,
                tokens_estimated: result.tokens.estimated,
                tokens_charged: result.tokens.charged,
                tokens_saved: result.tokens.saved,
                verdicts: json!(result.verdicts),
                milliseconds: (now - started).num_milliseconds(),
                error: None,
            }),
        ]
    }

    fn nothing_scored(&self, rejected: Vec<Rejected>) -> ProductScoringResult {
        ProductScoringResult {
            scores: Vec::new(),
            rejected,
            hits: 0,
            misses: 0,
            verdicts: verdicts(&[]),
            tokens: TokenUse { balance: self.meter.balance(self.now()), ..TokenUse::default() },
            demo: self.settings.demo,
        }
    }
}

fn check(question: &ScoringQuestion) -> Result<(), EngineError> {
    if question.asins.is_empty() {
        return Err(EngineError::field("asins", "give at least one ASIN"));
    }
    if question.asins.len() > MAX_ASINS {
        return Err(EngineError::field("asins", format!("at most {MAX_ASINS} at once, not {}", question.asins.len())));
    }
    check_cost(question.cost)
}

/// A cost is 0 or more and within bounds.
pub(crate) fn check_cost(cost: Option<i64>) -> Result<(), EngineError> {
    match cost {
        Some(cost) if cost < 0 => Err(EngineError::field("cost", "must not be negative")),
        Some(cost) if cost > MAX_AMOUNT => {
            Err(EngineError::field("cost", format!("must be at most {MAX_AMOUNT} in the minor unit")))
        }
        _ => Ok(()),
    }
}

/// Splits the inputs into ASINs, each once, and rejections.
fn parse(inputs: &[String]) -> (Vec<Asin>, Vec<Rejected>) {
    let (mut asins, mut rejected, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for input in inputs {
        match input.parse::<Asin>() {
            Ok(asin) if seen.insert(asin) => asins.push(asin),
            Ok(_) => {}
            Err(error) => rejected.push(Rejected::new(input, "invalid_asin", error.to_string())),
        }
    }
    (asins, rejected)
}

fn unknown(asin: Asin, marketplace: Marketplace) -> Rejected {
    Rejected::new(asin.as_str(), "unknown_asin", format!("Keepa knows no product {asin} on amazon.{}", marketplace.tld()))
}

/// A cached row as an answer, if it was made under today's rules and is complete.
fn usable(row: ScoreRow, rules: &Rules) -> Option<ScoredProduct> {
    let detail = row.detail?;
    if detail.rules_version != rules.version || detail.strategy != rules.strategy.as_str() {
        return None;
    }
    let score: Score = serde_json::from_str(&detail.score).ok()?;
    Some(ScoredProduct { score, cache_hit: true, facts_fetched_at: Some(detail.facts_fetched_at.and_utc()) })
}

/// How many got which verdict; every verdict is there, also with 0.
pub(crate) fn verdicts(scores: &[ScoredProduct]) -> BTreeMap<String, i64> {
    let all = [Recommendation::Skip].into_iter().chain(Recommendation::LEVELS);
    all.map(|verdict| {
        let n = scores.iter().filter(|s| s.score.recommendation == verdict).count();
        (verdict.as_str().to_owned(), count(n))
    })
    .collect()
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
