//! `product_scoring_cache`: scores, with `gleaner_score_detail` beside it.

use chrono::NaiveDateTime;

use crate::statement::{Insert, Value, cut, exact, finite, four_bytes, padded, parameters};
use crate::{Store, StoreError};

pub(crate) const TABLE: &str = "product_scoring_cache";
pub(crate) const DETAIL_TABLE: &str = "gleaner_score_detail";

/// A cached score. It is found whether it has expired or not: what is fresh is for the caller to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// `scoring:{asin}:{domain}`, perhaps with a hash behind it.
    pub cache_key: String,
    /// The product.
    pub asin: String,
    /// Profit / cost, in percent, unrounded.
    pub roi_percent: f64,
    /// 0 to 100.
    pub velocity_score: f64,
    /// The verdict's word.
    pub recommendation: String,
    /// The product's title, at most 500 characters.
    pub title: Option<String>,
    /// The selling price in major units (14.00).
    pub price: Option<f64>,
    /// The sales rank.
    pub bsr: Option<i64>,
    /// When it was computed (UTC).
    pub created_at: NaiveDateTime,
    /// When it stops being an answer (UTC).
    pub expires_at: NaiveDateTime,
    /// How often it was used since it was computed.
    pub hit_count: i64,
    /// The rest of the score; `None` for a row that another program wrote.
    pub detail: Option<ScoreDetail>,
}

/// What the shared table has no column for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreDetail {
    /// The version of the rules it was computed under.
    pub rules_version: i64,
    /// The strategy's name, at most 50 characters.
    pub strategy: String,
    /// What tells its fee cards from others, at most 50 characters.
    pub fee_cards: String,
    /// When the facts it was computed from were bought (UTC).
    pub facts_fetched_at: NaiveDateTime,
    /// The complete score, as JSON.
    pub score: String,
}

/// A score to keep. It replaces what is there under its key. Its hits count from 0, unless it ends its life when the
/// replaced one did: then both rest on the same facts, and the hits go on.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorePut {
    /// At most 255 characters.
    pub cache_key: String,
    /// At most 20 characters.
    pub asin: String,
    /// Profit / cost, in percent, unrounded, finite.
    pub roi_percent: f64,
    /// 0 to 100.
    pub velocity_score: f64,
    /// The verdict's word, at most 50 characters.
    pub recommendation: String,
    /// The product's title; cut to 500 characters.
    pub title: Option<String>,
    /// The selling price in major units (14.00).
    pub price: Option<f64>,
    /// The sales rank.
    pub bsr: Option<i64>,
    /// When it was computed (UTC).
    pub created_at: NaiveDateTime,
    /// When it stops being an answer (UTC).
    pub expires_at: NaiveDateTime,
    /// The rest of the score.
    pub detail: Option<ScoreDetail>,
}

pub(crate) const INSERT: Insert = Insert {
    table: TABLE,
    columns: &[
        "cache_key",
        "asin",
        "roi_percent",
        "velocity_score",
        "recommendation",
        "title",
        "price",
        "bsr",
        "created_at",
        "expires_at",
        "hit_count",
    ],
    json: &[],
    conflict: "ON CONFLICT (cache_key) DO UPDATE SET asin = excluded.asin, roi_percent = excluded.roi_percent, \
               velocity_score = excluded.velocity_score, recommendation = excluded.recommendation, \
               title = excluded.title, price = excluded.price, bsr = excluded.bsr, \
               created_at = excluded.created_at, expires_at = excluded.expires_at, \
               hit_count = CASE WHEN product_scoring_cache.expires_at = excluded.expires_at \
               THEN COALESCE(product_scoring_cache.hit_count, 0) ELSE 0 END",
};

pub(crate) const INSERT_DETAIL: Insert = Insert {
    table: DETAIL_TABLE,
    columns: &[
        "cache_key",
        "created_at",
        "expires_at",
        "rules_version",
        "strategy",
        "fee_cards",
        "facts_fetched_at",
        "score",
    ],
    json: &[],
    conflict: "ON CONFLICT (cache_key) DO UPDATE SET created_at = excluded.created_at, \
               expires_at = excluded.expires_at, rules_version = excluded.rules_version, \
               strategy = excluded.strategy, fee_cards = excluded.fee_cards, \
               facts_fetched_at = excluded.facts_fetched_at, score = excluded.score",
};

impl ScorePut {
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            exact("cache_key", &self.cache_key, 255)?,
            exact("asin", &self.asin, 20)?,
            finite("roi_percent", self.roi_percent)?,
            finite("velocity_score", self.velocity_score)?,
            exact("recommendation", &self.recommendation, 50)?,
            cut(self.title.as_deref(), 500),
            self.price.map_or(Ok(Value::Double(None)), |price| finite("price", price))?,
            self.bsr.map_or(Ok(Value::Int(None)), |bsr| four_bytes("bsr", bsr))?,
            self.created_at.into(),
            self.expires_at.into(),
            0.into(),
        ])
    }

    pub(crate) fn detail_row(&self) -> Result<Option<Vec<Value>>, StoreError> {
        let Some(detail) = &self.detail else { return Ok(None) };
        Ok(Some(vec![
            self.cache_key.as_str().into(),
            self.created_at.into(),
            self.expires_at.into(),
            detail.rules_version.into(),
            exact("strategy", &detail.strategy, 50)?,
            exact("fee_cards", &detail.fee_cards, 50)?,
            detail.facts_fetched_at.into(),
            detail.score.as_str().into(),
        ]))
    }
}

#[derive(sqlx::FromRow)]
struct Record {
    cache_key: String,
    asin: String,
    roi_percent: f64,
    velocity_score: f64,
    recommendation: String,
    title: Option<String>,
    price: Option<f64>,
    bsr: Option<i64>,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    hit_count: i64,
    rules_version: Option<i64>,
    strategy: Option<String>,
    fee_cards: Option<String>,
    facts_fetched_at: Option<NaiveDateTime>,
    score: Option<String>,
}

impl From<Record> for ScoreRow {
    fn from(record: Record) -> Self {
        // All of them are there, or the row has no detail.
        let detail = || {
            Some(ScoreDetail {
                rules_version: record.rules_version?,
                strategy: record.strategy?,
                fee_cards: record.fee_cards?,
                facts_fetched_at: record.facts_fetched_at?,
                score: record.score?,
            })
        };
        let detail = detail();
        Self {
            cache_key: record.cache_key,
            asin: record.asin,
            roi_percent: record.roi_percent,
            velocity_score: record.velocity_score,
            recommendation: record.recommendation,
            title: record.title,
            price: record.price,
            bsr: record.bsr,
            created_at: record.created_at,
            expires_at: record.expires_at,
            hit_count: record.hit_count,
            detail,
        }
    }
}

impl Store {
    /// The scores kept under these keys, in no particular order, one for each key that is there. Up to 100 keys are
    /// one query. Rows without `created_at` are not found, as in [`Store::discovery`].
    pub async fn scores(&self, keys: &[String]) -> Result<Vec<ScoreRow>, StoreError> {
        const FIND: &str = "SELECT c.cache_key, c.asin, CAST(c.roi_percent AS DOUBLE PRECISION) AS roi_percent, \
             CAST(c.velocity_score AS DOUBLE PRECISION) AS velocity_score, c.recommendation, c.title, \
             CAST(c.price AS DOUBLE PRECISION) AS price, CAST(c.bsr AS BIGINT) AS bsr, c.created_at, c.expires_at, \
             CAST(COALESCE(c.hit_count, 0) AS BIGINT) AS hit_count, d.rules_version, d.strategy, \
             d.fee_cards, d.facts_fetched_at, d.score \
             FROM product_scoring_cache c LEFT JOIN gleaner_score_detail d \
             ON d.cache_key = c.cache_key AND d.created_at = c.created_at \
             WHERE c.created_at IS NOT NULL AND c.cache_key IN";
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut session = self.reading().await?;
        let mut found = Ok(Vec::with_capacity(keys.len()));
        for keys in keys.chunks(100) {
            let values: Vec<Value> = padded(keys).into_iter().map(Value::from).collect();
            let sql = format!("{FIND} ({})", parameters(1, values.len()));
            let records = session.rows::<Record>(sql, &values).await;
            found = found.and_then(|mut found: Vec<ScoreRow>| {
                found.extend(records?.into_iter().map(ScoreRow::from));
                Ok(found)
            });
        }
        session.end(found).await
    }
}
