//! `product_discovery_cache`: answers to discoveries, with `gleaner_discovery_detail` beside it.

use chrono::NaiveDateTime;

use crate::statement::{Insert, Value, exact, json, read_json};
use crate::{Store, StoreError};

pub(crate) const TABLE: &str = "product_discovery_cache";
pub(crate) const DETAIL_TABLE: &str = "gleaner_discovery_detail";

/// A cached discovery. It is found whether it has expired or not: what is fresh is for the caller to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscoveryRow {
    /// `discovery:{domain}:{category}:{bsr}`, perhaps with a hash behind it.
    pub cache_key: String,
    /// The products found, in the order of the answer.
    pub asins: Vec<String>,
    /// The filters as the caller wrote them down; `null` in rows of programs that did not.
    pub filters_applied: serde_json::Value,
    /// What the shared table has no column for; `None` for a row that another program wrote.
    pub detail: Option<serde_json::Value>,
    /// When it was bought (UTC).
    pub created_at: NaiveDateTime,
    /// When it stops being an answer (UTC).
    pub expires_at: NaiveDateTime,
    /// How often it was used since it was bought.
    pub hit_count: i64,
}

/// A discovery to keep. It replaces what is there under its key, and its hits count from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscoveryPut {
    /// At most 255 characters.
    pub cache_key: String,
    /// The products found, in the order of the answer.
    pub asins: Vec<String>,
    /// The filters: an object, or `null`.
    pub filters_applied: serde_json::Value,
    /// Anything else the answer needs: an object.
    pub detail: Option<serde_json::Value>,
    /// When it was bought (UTC).
    pub created_at: NaiveDateTime,
    /// When it stops being an answer (UTC).
    pub expires_at: NaiveDateTime,
}

pub(crate) const INSERT: Insert = Insert {
    table: TABLE,
    columns: &["cache_key", "asins", "filters_applied", "created_at", "expires_at", "hit_count"],
    json: &["asins", "filters_applied"],
    conflict: "ON CONFLICT (cache_key) DO UPDATE SET asins = excluded.asins, \
               filters_applied = excluded.filters_applied, created_at = excluded.created_at, \
               expires_at = excluded.expires_at, hit_count = 0",
};

pub(crate) const INSERT_DETAIL: Insert = Insert {
    table: DETAIL_TABLE,
    columns: &["cache_key", "created_at", "expires_at", "detail"],
    json: &[],
    conflict: "ON CONFLICT (cache_key) DO UPDATE SET created_at = excluded.created_at, \
               expires_at = excluded.expires_at, detail = excluded.detail",
};

impl DiscoveryPut {
    pub(crate) fn row(&self) -> Result<Vec<Value>, StoreError> {
        let filters = match &self.filters_applied {
            serde_json::Value::Null => Value::Text(None),
            filters => json(filters),
        };
        Ok(vec![
            exact("cache_key", &self.cache_key, 255)?,
            json(&self.asins.as_slice().into()),
            filters,
            self.created_at.into(),
            self.expires_at.into(),
            0.into(),
        ])
    }

    pub(crate) fn detail_row(&self) -> Option<Vec<Value>> {
        let detail = self.detail.as_ref()?;
        Some(vec![
            self.cache_key.as_str().into(),
            self.created_at.into(),
            self.expires_at.into(),
            json(detail),
        ])
    }
}

#[derive(sqlx::FromRow)]
struct Record {
    cache_key: String,
    asins: String,
    filters_applied: Option<String>,
    detail: Option<String>,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    hit_count: i64,
}

impl Record {
    fn read(self) -> Result<DiscoveryRow, StoreError> {
        let filters_applied =
            self.filters_applied.map(|text| read_json("filters_applied", &text)).transpose()?;
        Ok(DiscoveryRow {
            asins: read_json("asins", &self.asins)?,
            filters_applied: filters_applied.unwrap_or_default(),
            detail: self.detail.map(|text| read_json("detail", &text)).transpose()?,
            cache_key: self.cache_key,
            created_at: self.created_at,
            expires_at: self.expires_at,
            hit_count: self.hit_count,
        })
    }
}

impl Store {
    /// The discovery kept under a key. A row without `created_at` (another program may write such) is not found: how
    /// old it is could not be told.
    pub async fn discovery(&self, key: &str) -> Result<Option<DiscoveryRow>, StoreError> {
        const FIND: &str = "SELECT c.cache_key, CAST(c.asins AS TEXT) AS asins, \
             CAST(c.filters_applied AS TEXT) AS filters_applied, d.detail, c.created_at, c.expires_at, \
             CAST(COALESCE(c.hit_count, 0) AS BIGINT) AS hit_count \
             FROM product_discovery_cache c LEFT JOIN gleaner_discovery_detail d \
             ON d.cache_key = c.cache_key AND d.created_at = c.created_at \
             WHERE c.cache_key = $1 AND c.created_at IS NOT NULL";
        let mut session = self.reading().await?;
        let record = session.row::<Record>(FIND, &[key.into()]).await;
        session.end(record).await?.map(Record::read).transpose()
    }
}
