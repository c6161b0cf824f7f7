//! Discovery: which products match the filters.
//!
//! A miss costs one Product Finder page; its answer is kept for a day. The finder's index lags behind
//! its products, so every product whose facts are known is checked again, and what that removed is
//! told in the funnel.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gleaner_core::filters::{FilterName, Filters, RawFilters};
use gleaner_store::{DiscoveryPut, HistoryPut, OutcomePut, Write};
use keepa::finder::{current, fields};
use keepa::{Asin, CsvType, KeepaTime, Selection};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::TokenUse;
use crate::tokens::{Call, Purpose};
use crate::{Engine, EngineError, Source, span, stored};

/// Keepa's smallest finder page; a smaller wish is cut here.
const SMALLEST_PAGE: u32 = 50;
/// How many nearest misses an answer tells.
const NEAREST: usize = 5;

/// What the finder said, kept for [`crate::Settings::discovery_ttl`].
#[derive(Debug)]
pub(crate) struct Found {
    asins: Vec<String>,
    total: Option<i64>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    charged: i64,
}

/// A question to discover.
#[derive(Debug, Clone)]
pub struct DiscoveryQuestion {
    /// What to look for.
    pub filters: RawFilters,
    /// Pay again and replace what is kept.
    pub force_refresh: bool,
    /// Who asks.
    pub source: Source,
}

/// The products that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductDiscoveryResult {
    /// The key of the answer in the discovery cache.
    pub cache_key: String,
    /// Whether the answer came from the cache.
    pub cache_hit: bool,
    /// When Keepa gave it.
    pub created_at: DateTime<Utc>,
    /// Until when it is an answer.
    pub expires_at: DateTime<Utc>,
    /// How old it is, in seconds.
    #[schema(value_type = i64)]
    pub data_age_seconds: i64,
    /// The filters that were applied, with their defaults.
    #[schema(value_type = Object)]
    pub filters: serde_json::Value,
    /// The products, best rank first, less those that the facts rule out.
    pub asins: Vec<String>,
    /// The same with what is already known of them.
    pub products: Vec<DiscoveredProduct>,
    /// How many products each step left out, and which came nearest.
    pub funnel: Funnel,
    /// What it cost.
    pub tokens: TokenUse,
    /// Whether the data is synthetic.
    pub demo: bool,
}

/// A product that matches, with what is known of it without spending a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiscoveredProduct {
    /// The product.
    pub asin: String,
    /// Its title, when its facts are known.
    pub title: Option<String>,
    /// Its sales rank.
    #[schema(value_type = Option<i64>)]
    pub bsr: Option<i64>,
    /// Its lowest price in the condition asked for, in the minor unit.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// Whether its facts are known and pass every filter; otherwise Keepa's index is all there is.
    pub checked: bool,
}

/// What each step did to the products.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Funnel {
    /// What the finder matched in total, by Keepa's estimate.
    #[schema(value_type = Option<i64>)]
    pub matched_total: Option<i64>,
    /// What it returned.
    #[schema(value_type = i64)]
    pub returned: i64,
    /// Removed because the facts contradict the index, by filter.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub removed: BTreeMap<FilterName, i64>,
    /// What is left.
    #[schema(value_type = i64)]
    pub kept: i64,
    /// Removed products that came nearest.
    pub nearest_misses: Vec<NearMiss>,
    /// In a sentence why nothing is left; absent otherwise.
    pub explanation: Option<String>,
}

/// A product that one filter removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearMiss {
    /// The product.
    pub asin: String,
    /// Its title.
    pub title: Option<String>,
    /// The filter.
    pub filter: FilterName,
    /// Its own value; null when it has none.
    #[schema(value_type = Option<i64>)]
    pub actual: Option<i64>,
}

impl Engine {
    /// Finds products, from the cache where it can.
    pub async fn discover(&self, question: DiscoveryQuestion) -> Result<ProductDiscoveryResult, EngineError> {
        let filters = question.filters.check().map_err(EngineError::Invalid)?;
        let started = self.now();
        let key = filters.cache_key();
        let cached = if question.force_refresh { None } else { self.cached_discovery(&key).await? };
        let (found, cache_hit, charged) = match cached {
            Some(found) => (Arc::new(found), true, 0),
            None => self.buy_discovery(&filters, question.force_refresh).await?,
        };
        let (products, funnel) = self.recheck(&filters, &found).await?;
        let now = self.now();
        let estimated = discovery_cost(filters.limit());
        let tokens = TokenUse {
            estimated: if cache_hit { 0 } else { estimated },
            charged,
            saved: if charged == 0 { finder_price(found.asins.len()) } else { 0 },
            balance: self.meter.balance(now),
        };
        let id = Uuid::now_v7();
        let mut writes = Vec::new();
        if cache_hit {
            writes.push(Write::DiscoveryHit { key: key.clone(), by: 1 });
        }
        writes.push(Write::History(HistoryPut {
            id,
            user_id: None,
            search_type: "discovery".to_owned(),
            filters: filters.to_json(),
            results_count: funnel.kept,
            source: Some(question.source.as_str().to_owned()),
            created_at: stored(now),
        }));
        writes.push(Write::Outcome(OutcomePut {
            history_id: id,
            hits: i64::from(cache_hit),
            misses: i64::from(!cache_hit),
            tokens_estimated: tokens.estimated,
            tokens_charged: tokens.charged,
            tokens_saved: tokens.saved,
            verdicts: json!({}),
            milliseconds: (now - started).num_milliseconds(),
            error: None,
        }));
        self.recorder.record(writes).await?;
        Ok(ProductDiscoveryResult {
            cache_key: key,
            cache_hit,
            created_at: found.created_at,
            expires_at: found.expires_at,
            data_age_seconds: (now - found.created_at).num_seconds().max(0),
            filters: filters.to_json(),
            asins: products.iter().map(|p| p.asin.clone()).collect(),
            products,
            funnel,
            tokens,
            demo: self.settings.demo,
        })
    }

    /// What a discovery would cost, without asking anybody.
    #[must_use]
    pub fn discovery_estimate(filters: &Filters) -> i64 {
        discovery_cost(filters.limit())
    }

    async fn cached_discovery(&self, key: &str) -> Result<Option<Found>, EngineError> {
        let Some(row) = self.store.discovery(key).await? else { return Ok(None) };
        if row.expires_at <= stored(self.now()) {
            return Ok(None);
        }
        Ok(Some(Found {
            total: row.detail.as_ref().and_then(|d| d["total_results"].as_i64()),
            asins: row.asins,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            charged: 0,
        }))
    }

    /// Asks the finder, once however many ask; says whether it was a hit after all, and what this
    /// caller was charged.
    async fn buy_discovery(
        &self,
        filters: &Filters,
        force: bool,
    ) -> Result<(Arc<Found>, bool, i64), EngineError> {
        let key = filters.cache_key();
        let (engine, filters) = (self.clone(), filters.clone());
        let (found, started) = self
            .discoveries
            .join(&key.clone(), || async move {
                // Somebody may have finished between our look into the cache and our start.
                if !force && let Some(found) = engine.cached_discovery(&key).await? {
                    return Ok(Arc::new(found));
                }
                engine.ask_finder(&filters, key).await.map(Arc::new)
            })
            .await;
        let found = found?;
        // Whoever joins somebody else's call, or finds its result, has a hit: it costs nothing.
        let paid = started && found.charged > 0;
        let charged = if paid { found.charged } else { 0 };
        Ok((found, !paid, charged))
    }

    async fn ask_finder(&self, filters: &Filters, key: String) -> Result<Found, EngineError> {
        let call = Call {
            purpose: Purpose::Discovery,
            request: format!("query {key}"),
            estimated: discovery_cost(filters.limit()),
        };
        let answer = self.keepa.finder(filters.marketplace(), &selection(filters)).await;
        let now = self.now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                if let Some(tokens) = error.tokens() {
                    self.meter.read(tokens, now);
                }
                if error.may_have_been_charged() {
                    let row = call.settled(error.tokens(), now, 0);
                    self.recorder.record(vec![Write::Ledger(row)]).await?;
                }
                return Err(error.into());
            }
        };
        self.meter.read(&answer.tokens, now);
        let wanted = usize::try_from(filters.limit()).unwrap_or(usize::MAX);
        let found = Found {
            asins: answer.value.asins.iter().take(wanted).map(ToString::to_string).collect(),
            total: answer.value.total_results,
            created_at: now,
            expires_at: now + span(self.settings.discovery_ttl),
            charged: answer.tokens.tokens_consumed.unwrap_or_else(|| finder_price(answer.value.asins.len())),
        };
        self.recorder
            .record(vec![
                Write::PutDiscovery(DiscoveryPut {
                    cache_key: key,
                    asins: found.asins.clone(),
                    filters_applied: filters.to_json(),
                    detail: Some(json!({ "total_results": found.total })),
                    created_at: stored(found.created_at),
                    expires_at: stored(found.expires_at),
                }),
                Write::Ledger(call.settled(Some(&answer.tokens), now, 0)),
            ])
            .await?;
        Ok(found)
    }

    /// Checks every product whose facts are known against every filter, at no token.
    async fn recheck(
        &self,
        filters: &Filters,
        found: &Found,
    ) -> Result<(Vec<DiscoveredProduct>, Funnel), EngineError> {
        let asins: Vec<Asin> = found.asins.iter().filter_map(|a| a.parse().ok()).collect();
        let known = self.known_facts(filters.marketplace(), &asins).await?;
        let mut funnel = Funnel {
            matched_total: found.total,
            returned: i64::try_from(found.asins.len()).unwrap_or(i64::MAX),
            ..Funnel::default()
        };
        let mut products = Vec::new();
        for asin in asins {
            let Some(facts) = known.get(&asin) else {
                let asin = asin.to_string();
                products.push(DiscoveredProduct { asin, title: None, bsr: None, price: None, checked: false });
                continue;
            };
            let at = KeepaTime::from_datetime(self.evaluation_time(&facts.product));
            let now = |kind| facts.product.series(kind).and_then(|s| s.value_at(at));
            match filters.recheck(&facts.product, at) {
                Some(miss) => {
                    *funnel.removed.entry(miss.filter).or_default() += 1;
                    funnel.nearest_misses.push(NearMiss {
                        asin: asin.to_string(),
                        title: facts.product.title.clone(),
                        filter: miss.filter,
                        actual: miss.actual,
                    });
                }
                None => products.push(DiscoveredProduct {
                    asin: asin.to_string(),
                    title: facts.product.title.clone(),
                    bsr: now(CsvType::Sales),
                    price: now(filters.price_type()),
                    checked: true,
                }),
            }
        }
        funnel.nearest_misses.sort_by_key(|miss| distance(filters, miss));
        funnel.nearest_misses.truncate(NEAREST);
        funnel.kept = i64::try_from(products.len()).unwrap_or(i64::MAX);
        funnel.explanation = explain(&funnel);
        Ok((products, funnel))
    }
}

/// Tokens for a finder page of `n` ASINs: 10 and one for each started hundred.
fn finder_price(n: usize) -> i64 {
    10 + i64::try_from(n.div_ceil(100)).unwrap_or(i64::MAX - 10)
}

fn discovery_cost(limit: u32) -> i64 {
    finder_price(usize::try_from(limit.max(SMALLEST_PAGE)).unwrap_or(usize::MAX))
}

fn selection(filters: &Filters) -> Selection {
    let (bsr_min, bsr_max) = filters.bsr();
    let mut selection = Selection::new()
        .with(current(CsvType::Sales).between(bsr_min, bsr_max))
        .page(0)
        .per_page(filters.limit().max(SMALLEST_PAGE));
    if let Some(category) = filters.category() {
        selection = selection.root_category([category.root]);
        if !category.is_root() {
            selection = selection.categories_include([category.id]);
        }
    }
    let price = filters.price_type();
    selection = match filters.price() {
        (Some(min), Some(max)) => selection.with(current(price).between(min, max)),
        (Some(min), None) => selection.with(current(price).at_least(min)),
        (None, Some(max)) => selection.with(current(price).at_most(max)),
        (None, None) => selection,
    };
    if filters.exclude_amazon() {
        selection = selection.with(fields::AVAILABILITY_AMAZON.any_of([-1]));
    }
    selection
}

/// How far a removed product is from passing, in parts per thousand of the bound; a missing value is
/// farthest.
fn distance(filters: &Filters, miss: &NearMiss) -> i64 {
    let Some(actual) = miss.actual else { return i64::MAX };
    let beyond = |min: Option<i64>, max: Option<i64>| {
        let below = min.map_or(0, |m| (m - actual).max(0) * 1000 / m.max(1));
        let above = max.map_or(0, |m| (actual - m).max(0) * 1000 / m.max(1));
        below.max(above)
    };
    match miss.filter {
        FilterName::Bsr => beyond(Some(filters.bsr().0), Some(filters.bsr().1)),
        FilterName::Price => beyond(filters.price().0, filters.price().1),
        FilterName::Category | FilterName::Amazon => i64::MAX - 1,
    }
}

fn explain(funnel: &Funnel) -> Option<String> {
    if funnel.kept > 0 {
        return None;
    }
    if funnel.returned == 0 {
        return Some(
            "Keepa's Product Finder matches nothing: widen the rank or price range, or the category".to_owned(),
        );
    }
    let removed: Vec<String> =
        funnel.removed.iter().map(|(filter, n)| format!("{n} by {}", filter.as_str())).collect();
    Some(format!(
        "the Product Finder returned {} products, but their facts contradict its index: {} removed",
        funnel.returned,
        removed.join(", ")
    ))
}
