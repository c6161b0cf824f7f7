//! Upkeep of the two caches: how they do, purging what has expired, clearing.

use chrono::{DateTime, Utc};
use gleaner_store::{AGES, CacheEntry, CacheStats, Caches, EntryOrder, EntryQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::history::ratio;
use crate::{Engine, EngineError, stored};

/// Rows removed in one transaction, so that a purge never blocks a hit for long.
const PURGE_BATCH: u32 = 500;

/// The longest window of hits and misses: a month.
const MOST_HOURS: i64 = 24 * 31;

/// How one cache does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CacheState {
    /// Rows.
    #[schema(value_type = i64)]
    pub entries: i64,
    /// Rows that are still an answer.
    #[schema(value_type = i64)]
    pub live: i64,
    /// Rows that are not any more.
    #[schema(value_type = i64)]
    pub expired: i64,
    /// Hits of all rows.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// Hits per row; null without rows.
    pub average_reuse: Option<f64>,
    /// The oldest row.
    pub oldest: Option<DateTime<Utc>>,
    /// The newest row.
    pub newest: Option<DateTime<Utc>>,
    /// Bytes on disk with indexes, where the database can tell.
    #[schema(value_type = Option<i64>)]
    pub size_bytes: Option<i64>,
    /// How old the rows are.
    pub ages: Vec<AgeRange>,
    /// How much was answered from it lately.
    pub window: HitWindow,
}

/// Rows about so old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgeRange {
    /// Hours old at least; null with a null end: of unknown age.
    #[schema(value_type = Option<i64>)]
    pub from_hours: Option<i64>,
    /// Less than so many hours; null: any number.
    #[schema(value_type = Option<i64>)]
    pub to_hours: Option<i64>,
    /// Rows.
    #[schema(value_type = i64)]
    pub entries: i64,
}

/// Hits and misses of the last hours, by the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HitWindow {
    /// How many hours.
    #[schema(value_type = i64)]
    pub hours: i64,
    /// Questions in them.
    #[schema(value_type = i64)]
    pub requests: i64,
    /// Parts of their answers that came from the cache.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// Parts that did not.
    #[schema(value_type = i64)]
    pub misses: i64,
    /// Hits of hits and misses; null without either.
    pub hit_ratio: Option<f64>,
}

impl CacheState {
    fn new(stats: &CacheStats, ages: &[i64], window: HitWindow) -> Self {
        Self {
            ages: age_ranges(ages),
            window,
            entries: stats.entries,
            live: stats.live,
            expired: stats.expired,
            hits: stats.hits,
            average_reuse: stats.average_reuse,
            oldest: stats.oldest.map(|t| t.and_utc()),
            newest: stats.newest.map(|t| t.and_utc()),
            size_bytes: stats.size_bytes,
        }
    }
}

/// How both caches do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CacheReport {
    /// Discoveries.
    pub discovery: CacheState,
    /// Scores.
    pub scoring: CacheState,
}

/// Rows that were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Removed {
    /// Discoveries.
    #[schema(value_type = i64)]
    pub discovery: u64,
    /// Scores.
    #[schema(value_type = i64)]
    pub scoring: u64,
}

impl Engine {
    /// How the caches do; hits and misses are those of the last `hours`, a day when not said.
    pub async fn cache_report(&self, hours: Option<i64>) -> Result<CacheReport, EngineError> {
        let hours = hours.unwrap_or(24);
        if !(1..=MOST_HOURS).contains(&hours) {
            return Err(EngineError::field("hours", format!("must be 1 to {MOST_HOURS}")));
        }
        let now = stored(self.now());
        let report = self.store.cache_stats(now).await?;
        let ages = async |cache| self.store.cache_ages(cache, now).await;
        Ok(CacheReport {
            discovery: CacheState::new(
                &report.discovery,
                &ages(Caches::Discovery).await?,
                self.window("discovery", hours).await?,
            ),
            scoring: CacheState::new(
                &report.scoring,
                &ages(Caches::Scoring).await?,
                self.window("scoring", hours).await?,
            ),
        })
    }

    async fn window(&self, search_type: &str, hours: i64) -> Result<HitWindow, EngineError> {
        let since = stored(self.now()) - chrono::TimeDelta::hours(hours);
        let found = self.store.hits_since(search_type, since).await?;
        let hit_ratio = ratio(found.hits, found.hits + found.misses);
        Ok(HitWindow { hours, requests: found.requests, hits: found.hits, misses: found.misses, hit_ratio })
    }

    /// A page of a cache.
    pub async fn cache_entries(&self, question: EntriesQuestion) -> Result<CacheEntries, EngineError> {
        let limit = question.limit.unwrap_or(50);
        if !(1..=1_000).contains(&limit) {
            return Err(EngineError::field("limit", "must be 1 to 1000"));
        }
        let cache = which("cache", question.cache.as_deref().unwrap_or("discovery"))?;
        if cache == Caches::All {
            return Err(EngineError::field("cache", "must be discovery or scoring"));
        }
        let live = match question.state.as_deref() {
            None | Some("all") => None,
            Some("live") => Some(true),
            Some("expired") => Some(false),
            Some(_) => return Err(EngineError::field("state", "must be live, expired or all")),
        };
        let order = match question.sort.as_deref() {
            None | Some("created") => EntryOrder::Created,
            Some("expires") => EntryOrder::Expires,
            Some("hits") => EntryOrder::Hits,
            Some("key") => EntryOrder::Key,
            Some(_) => return Err(EngineError::field("sort", "must be created, expires, hits or key")),
        };
        if question.asin.as_ref().is_some_and(|asin| asin.len() > 20 || asin.contains('\0')) {
            return Err(EngineError::field("asin", "must be an ASIN"));
        }
        let now = stored(self.now());
        let offset = question.offset.unwrap_or(0);
        let query = EntryQuery {
            live,
            asin: question.asin.map(|asin| asin.to_uppercase()),
            category: question.category,
            order,
            reverse: question.reverse,
            offset,
            limit,
        };
        let (rows, total) = self.store.cache_entries(cache, &query, now).await?;
        let entries: Vec<_> = rows.into_iter().map(|row| Entry::new(row, now)).collect();
        let end = i64::from(offset) + i64::try_from(entries.len()).unwrap_or(i64::MAX);
        Ok(CacheEntries { entries, total, next_offset: (end < total).then_some(end) })
    }

    /// Removes what has expired; history and paid facts stay.
    pub async fn purge(&self) -> Result<Removed, EngineError> {
        let removed = self.store.purge_expired(stored(self.now()), PURGE_BATCH).await?;
        Ok(Removed { discovery: removed.discovery, scoring: removed.scoring })
    }

    /// Empties the caches; history and paid facts stay.
    pub async fn clear(&self, which: Caches) -> Result<Removed, EngineError> {
        let removed = self.store.clear_caches(which).await?;
        Ok(Removed { discovery: removed.discovery, scoring: removed.scoring })
    }
}

/// Which rows of a cache; everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntriesQuestion {
    /// `discovery` or `scoring`; discoveries when not said.
    pub cache: Option<String>,
    /// `live`, `expired` or `all`.
    pub state: Option<String>,
    /// Discoveries that found this product, scores of it.
    pub asin: Option<String>,
    /// Keepa's id of a category.
    pub category: Option<i64>,
    /// `created` (the newest first), `expires` (the next first), `hits` (the most first) or `key`.
    pub sort: Option<String>,
    /// The other way round.
    pub reverse: bool,
    /// Rows to pass over.
    pub offset: Option<u32>,
    /// Rows at most; 50 when not said, at most 1000.
    pub limit: Option<u32>,
}

/// A page of a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CacheEntries {
    /// Its rows.
    pub entries: Vec<Entry>,
    /// How many rows there are in all.
    #[schema(value_type = i64)]
    pub total: i64,
    /// Where the next page begins; null at the end.
    #[schema(value_type = Option<i64>)]
    pub next_offset: Option<i64>,
}

/// A row of a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// When it was made; null where another program did not say.
    pub created_at: Option<DateTime<Utc>>,
    /// Until when it is an answer.
    pub expires_at: DateTime<Utc>,
    /// Whether it is one now.
    pub live: bool,
    /// How often it was one.
    #[schema(value_type = i64)]
    pub hits: i64,
    /// Discoveries: what was asked.
    #[schema(value_type = Option<Object>)]
    pub filters: Option<serde_json::Value>,
    /// Discoveries: how many products were found.
    #[schema(value_type = Option<i64>)]
    pub results: Option<i64>,
    /// Scores: the product.
    pub asin: Option<String>,
    /// Scores: its title.
    pub title: Option<String>,
    /// Scores: the verdict.
    pub recommendation: Option<String>,
    /// Scores: profit of the cost, in percent.
    pub roi_percent: Option<f64>,
}

impl Entry {
    fn new(row: CacheEntry, now: chrono::NaiveDateTime) -> Self {
        let found =
            row.asins.as_deref().and_then(|text| serde_json::from_str::<Vec<serde_json::Value>>(text).ok());
        Self {
            key: row.cache_key,
            created_at: row.created_at.map(|at| at.and_utc()),
            expires_at: row.expires_at.and_utc(),
            live: row.expires_at > now,
            hits: row.hit_count,
            filters: row.filters.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            results: found.and_then(|list| i64::try_from(list.len()).ok()),
            asin: row.asin,
            title: row.title,
            recommendation: row.recommendation,
            roi_percent: row.roi_percent,
        }
    }
}

/// Reads `discovery`, `scoring` or `all`.
pub fn which(field: &'static str, text: &str) -> Result<Caches, EngineError> {
    match text {
        "discovery" => Ok(Caches::Discovery),
        "scoring" => Ok(Caches::Scoring),
        "all" => Ok(Caches::All),
        other => {
            Err(EngineError::field(field, format!("'{other}' is not a cache: use discovery, scoring or all")))
        }
    }
}

/// The counts of [`AGES`], of what is older, and of unknown age, with their ends.
fn age_ranges(counts: &[i64]) -> Vec<AgeRange> {
    let from = std::iter::once(0).chain(AGES).map(Some).chain([None]);
    let to = AGES.iter().copied().map(Some).chain([None, None]);
    let ranges = from.zip(to).zip(counts);
    let all = ranges.map(|((from_hours, to_hours), &entries)| AgeRange { from_hours, to_hours, entries });
    // Only other programs leave rows without a time.
    all.filter(|range| range.from_hours.is_some() || range.entries > 0).collect()
}
