//! What is in the two caches, a page at a time, how old it is, and how often questions were answered from it.

use chrono::NaiveDateTime;

use crate::history_page::escaped;
use crate::statement::Value;
use crate::{Caches, Store, StoreError};

/// How old rows are counted together: each range ends here, in hours; the last one is open.
pub const AGES: [i64; 5] = [1, 6, 12, 24, 72];

/// In which order rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EntryOrder {
    /// The newest first.
    #[default]
    Created,
    /// What expires first.
    Expires,
    /// The most used first.
    Hits,
    /// By key.
    Key,
}

/// Which rows of a cache.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryQuery {
    /// Whether those that are still an answer at a moment, or those that are not; `None`: all.
    pub live: Option<bool>,
    /// Discoveries that found this product, scores of it.
    pub asin: Option<String>,
    /// Discoveries in this category (Keepa's id), scores of products whose root category it is.
    pub category: Option<i64>,
    /// The order.
    pub order: EntryOrder,
    /// The other way round.
    pub reverse: bool,
    /// Rows to pass over.
    pub offset: u32,
    /// Rows at most.
    pub limit: u32,
}

/// A row of a cache.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct CacheEntry {
    /// Its key.
    pub cache_key: String,
    /// When it was made (UTC).
    pub created_at: Option<NaiveDateTime>,
    /// Until when it is an answer (UTC).
    pub expires_at: NaiveDateTime,
    /// How often it was one.
    pub hit_count: i64,
    /// Discoveries: what was asked, JSON.
    pub filters: Option<String>,
    /// Discoveries: what was found, a JSON list.
    pub asins: Option<String>,
    /// Scores: the product.
    pub asin: Option<String>,
    /// Scores: its title.
    pub title: Option<String>,
    /// Scores: the verdict.
    pub recommendation: Option<String>,
    /// Scores: profit of the cost, in percent.
    pub roi_percent: Option<f64>,
}

const DISCOVERY: &str = "c.cache_key, c.created_at, c.expires_at, CAST(COALESCE(c.hit_count, 0) AS BIGINT) AS hit_count, \
     CAST(c.filters_applied AS TEXT) AS filters, CAST(c.asins AS TEXT) AS asins, CAST(NULL AS TEXT) AS asin, \
     CAST(NULL AS TEXT) AS title, CAST(NULL AS TEXT) AS recommendation, \
     CAST(NULL AS DOUBLE PRECISION) AS roi_percent";
const SCORING: &str = "c.cache_key, c.created_at, c.expires_at, CAST(COALESCE(c.hit_count, 0) AS BIGINT) AS hit_count, \
     CAST(NULL AS TEXT) AS filters, CAST(NULL AS TEXT) AS asins, c.asin, c.title, c.recommendation, c.roi_percent";

/// Requests of a kind and how much of them came from the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct HitsOfWindow {
    /// Questions.
    pub requests: i64,
    /// Parts of their answers that came from the cache.
    pub hits: i64,
    /// Parts that did not.
    pub misses: i64,
}

impl Store {
    /// A page of a cache, and how many rows there are in all; what has expired is judged at `now`.
    pub async fn cache_entries(
        &self,
        cache: Caches,
        query: &EntryQuery,
        now: NaiveDateTime,
    ) -> Result<(Vec<CacheEntry>, i64), StoreError> {
        let (table, columns) = match cache {
            Caches::Scoring => ("product_scoring_cache", SCORING),
            Caches::Discovery | Caches::All => ("product_discovery_cache", DISCOVERY),
        };
        let mut values: Vec<Value> = Vec::new();
        let mut bounds = String::from("1 = 1");
        let mut and = |text: &str, value: Value| {
            values.push(value);
            bounds.push_str(&text.replace('?', &format!("${}", values.len())));
        };
        match query.live {
            Some(true) => and(" AND c.expires_at > ?", now.into()),
            Some(false) => and(" AND c.expires_at <= ?", now.into()),
            None => {}
        }
        let scoring = cache == Caches::Scoring;
        if let Some(asin) = &query.asin {
            if scoring {
                and(" AND c.asin = ?", asin.as_str().into());
            } else {
                let like = format!("%\"{}\"%", escaped(asin));
                and(r" AND CAST(c.asins AS TEXT) LIKE ? ESCAPE '\'", like.as_str().into());
            }
        }
        if let Some(category) = query.category {
            if scoring {
                // The key of a score ends with its marketplace, or goes on behind it with a colon.
                and(
                    " AND EXISTS (SELECT 1 FROM gleaner_product p WHERE p.asin = c.asin AND p.root_category = ? \
                     AND c.cache_key || ':' LIKE 'scoring:' || c.asin || ':' || CAST(p.domain AS TEXT) || ':%')",
                    category.into(),
                );
            } else {
                let like = format!("discovery:%:{category}:%");
                and(" AND c.cache_key LIKE ?", like.as_str().into());
            }
        }
        let (column, descending) = match query.order {
            EntryOrder::Created => ("c.created_at", true),
            EntryOrder::Expires => ("c.expires_at", false),
            EntryOrder::Hits => ("COALESCE(c.hit_count, 0)", true),
            EntryOrder::Key => ("c.cache_key", false),
        };
        let direction = if descending == query.reverse { "ASC" } else { "DESC" };
        let count = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table} c WHERE {bounds}");
        let mut session = self.reading().await?;
        let total = session.row::<(i64,)>(count, &values).await?.map_or(0, |(rows,)| rows);
        values.extend([Value::from(i64::from(query.limit)), Value::from(i64::from(query.offset))]);
        let sql = format!(
            "SELECT {columns} FROM {table} c WHERE {bounds} ORDER BY {column} {direction}, c.cache_key {direction} \
             LIMIT ${} OFFSET ${}",
            values.len() - 1,
            values.len()
        );
        let rows = session.rows(sql, &values).await;
        Ok((session.end(rows).await?, total))
    }

    /// How many rows of a cache are up to each of [`AGES`] old, more than the last, and of unknown age.
    pub async fn cache_ages(&self, cache: Caches, now: NaiveDateTime) -> Result<Vec<i64>, StoreError> {
        let table = match cache {
            Caches::Scoring => "product_scoring_cache",
            Caches::Discovery | Caches::All => "product_discovery_cache",
        };
        // Before each of these moments a row is older; each range leaves out the one before.
        let moments: Vec<Value> =
            AGES.iter().map(|hours| Value::from(now - chrono::TimeDelta::hours(*hours))).collect();
        let mut parts: Vec<String> = (1..=AGES.len())
            .map(|n| {
                let newer = if n == 1 { String::new() } else { format!(" AND created_at < ${}", n - 1) };
                format!("COUNT(CASE WHEN created_at >= ${n}{newer} THEN 1 END)")
            })
            .collect();
        parts.push(format!("COUNT(CASE WHEN created_at < ${} THEN 1 END)", AGES.len()));
        parts.push("COUNT(CASE WHEN created_at IS NULL THEN 1 END)".to_owned());
        let union: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(place, part)| {
                format!("SELECT {place} AS place, CAST({part} AS BIGINT) AS entries FROM {table}")
            })
            .collect();
        let sql = format!(
            "SELECT CAST(place AS BIGINT), entries FROM ({}) ages ORDER BY 1",
            union.join(" UNION ALL ")
        );
        let mut session = self.reading().await?;
        let rows = session.rows::<(i64, i64)>(sql, &moments).await;
        Ok(session.end(rows).await?.into_iter().map(|(_, entries)| entries).collect())
    }

    /// Requests of a kind since a moment, by the history.
    pub async fn hits_since(
        &self,
        search_type: &str,
        since: NaiveDateTime,
    ) -> Result<HitsOfWindow, StoreError> {
        // The empty text keeps the index on the time: one on the kind would find most of the history.
        const HITS: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS requests, \
             CAST(COALESCE(SUM(o.hits), 0) AS BIGINT) AS hits, CAST(COALESCE(SUM(o.misses), 0) AS BIGINT) AS misses \
             FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id \
             WHERE h.created_at >= $1 AND h.search_type || '' = $2";
        let mut session = self.reading().await?;
        let hits = session.row(HITS, &[since.into(), search_type.into()]).await;
        Ok(session.end(hits).await?.unwrap_or_default())
    }
}
