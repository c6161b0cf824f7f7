//! Discovery filters: what to look for, checked before a token is spent and again on the facts.

use keepa::{CsvType, Domain, KeepaTime, Product};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;
use utoipa::ToSchema;

use crate::Condition;
use crate::category::{self, ALL_CATEGORIES, Category};

/// How many products a search returns when nobody says.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most products one search returns: the size of Keepa's largest page.
pub const MAX_LIMIT: u32 = 10_000;
/// The worst sales rank that is accepted as a bound.
pub const MAX_BSR: i64 = 100_000_000;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The field as the caller named it, for example `bsr_min`.
    pub field: String,
    /// What was expected, in a sentence.
    pub message: String,
}

impl FieldError {
    /// An error of one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Filters as they come from outside, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFilters {
    /// The marketplace.
    pub marketplace: Domain,
    /// Category name or Keepa id; `0` or `all` for every category.
    pub category: String,
    /// Best sales rank.
    pub bsr_min: i64,
    /// Worst sales rank.
    pub bsr_max: i64,
    /// Lowest price in minor units, of the new or used offer by condition.
    pub price_min: Option<i64>,
    /// Highest price in minor units.
    pub price_max: Option<i64>,
    /// Leave out what Amazon itself sells.
    pub exclude_amazon: bool,
    /// Condition the price is about.
    pub condition: Condition,
    /// How many products at most.
    pub limit: u32,
}

/// Checked filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    marketplace: Domain,
    category: Option<&'static Category>,
    raw: RawFilters,
}

impl RawFilters {
    /// Checks everything at once, so that a caller sees all mistakes in one answer.
    pub fn check(self) -> Result<Filters, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
        for (field, bound) in [("bsr_min", self.bsr_min), ("bsr_max", self.bsr_max)] {
            if !(1..=MAX_BSR).contains(&bound) {
                wrong(field, format!("{bound} is not a sales rank: use 1 to {MAX_BSR}"));
            }
        }
        if self.bsr_min > self.bsr_max {
            wrong("bsr_min", format!("{} is above bsr_max {}: swap them", self.bsr_min, self.bsr_max));
        }
        for (field, bound) in [("price_min", self.price_min), ("price_max", self.price_max)] {
            if bound.is_some_and(|b| !(0..=crate::money::MAX_AMOUNT).contains(&b)) {
                wrong(field, format!("must be 0 to {} in the minor unit", crate::money::MAX_AMOUNT));
            }
        }
        if self.price_max == Some(0) {
            wrong("price_max", "a price of 0 never matches: leave it out or raise it".to_owned());
        }
        if let (Some(min), Some(max)) = (self.price_min, self.price_max)
            && min > max
        {
            wrong("price_min", format!("{min} is above price_max {max}: swap them"));
        }
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            wrong("limit", format!("must be 1 to {MAX_LIMIT}, not {}", self.limit));
        }
        let category = match category::find(self.marketplace, &self.category) {
            Ok(category) => {
                if let Some(why) = category.and_then(|c| beyond_all_ranks(c, self.bsr_min)) {
                    wrong("bsr_min", why);
                }
                category
            }
            Err(unknown) => {
                wrong("category", unknown.to_string());
                None
            }
        };
        if errors.is_empty() {
            Ok(Filters { marketplace: self.marketplace, category, raw: self })
        } else {
            Err(errors)
        }
    }
}

/// Why no product of a category can have such a rank, where that is known.
///
/// Ranks grow with a category, and the catalogue's figure is of its day: a quarter more is let pass.
fn beyond_all_ranks(category: &Category, bsr_min: i64) -> Option<String> {
    let highest = category.highest_rank?;
    if highest == 0 {
        return Some(format!("{} has no sales ranks: nothing can match", category.name));
    }
    (bsr_min > highest + highest / 4)
        .then(|| format!("{bsr_min} never matches: the ranks of {} end near {highest}", category.name))
}

impl Filters {
    /// The filters as they came from outside.
    #[must_use]
    pub fn raw(&self) -> &RawFilters {
        &self.raw
    }

    /// The marketplace.
    #[must_use]
    pub fn marketplace(&self) -> Domain {
        self.marketplace
    }

    /// The category; `None` for all.
    #[must_use]
    pub fn category(&self) -> Option<&'static Category> {
        self.category
    }

    /// The category's Keepa id, 0 for all.
    #[must_use]
    pub fn category_id(&self) -> i64 {
        self.category.map_or(ALL_CATEGORIES, |c| c.id.0)
    }

    /// Best and worst sales rank.
    #[must_use]
    pub fn bsr(&self) -> (i64, i64) {
        (self.raw.bsr_min, self.raw.bsr_max)
    }

    /// Lowest and highest price, in minor units.
    #[must_use]
    pub fn price(&self) -> (Option<i64>, Option<i64>) {
        (self.raw.price_min, self.raw.price_max)
    }

    /// Whether products that Amazon sells are left out.
    #[must_use]
    pub fn exclude_amazon(&self) -> bool {
        self.raw.exclude_amazon
    }

    /// The condition the price is about.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.raw.condition
    }

    /// How many products at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.raw.limit
    }

    /// The Keepa history that the price filter is about: the lowest new or used offer.
    #[must_use]
    pub fn price_type(&self) -> CsvType {
        match self.raw.condition {
            Condition::New => CsvType::New,
            Condition::Used => CsvType::Used,
        }
    }

    /// The key of the discovery cache: every input that changes the answer.
    ///
    /// Category and rank range alone are `discovery:{domain}:{category}:{min}-{max}`; any further
    /// filter adds a hash of all of them.
    #[must_use]
    pub fn cache_key(&self) -> String {
        let (min, max) = self.bsr();
        let plain = format!("discovery:{}:{}:{min}-{max}", self.marketplace.id(), self.category_id());
        let further = self.further();
        if further.is_empty() {
            return plain;
        }
        let canonical = Value::Object(further).to_string();
        format!("{plain}:{}", short_hash(canonical.as_bytes()))
    }

    /// The filters beyond category and rank range that differ from the default, by name.
    fn further(&self) -> Map<String, Value> {
        let mut further = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                further.insert(name.to_owned(), value);
            }
        };
        set("price_min", self.raw.price_min.map(Value::from));
        set("price_max", self.raw.price_max.map(Value::from));
        set("exclude_amazon", self.raw.exclude_amazon.then(|| Value::from(true)));
        set(
            "condition",
            (self.raw.condition != Condition::New).then(|| Value::from(self.condition().as_str())),
        );
        set("limit", (self.raw.limit != DEFAULT_LIMIT).then(|| Value::from(self.raw.limit)));
        further
    }

    /// All filters as JSON, for the history and for whoever reads the cache.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (bsr_min, bsr_max) = self.bsr();
        let mut all = self.further();
        all.insert("marketplace".to_owned(), json!(self.marketplace.code()));
        all.insert("category".to_owned(), json!(self.category_id()));
        all.insert("bsr_min".to_owned(), json!(bsr_min));
        all.insert("bsr_max".to_owned(), json!(bsr_max));
        all.insert("condition".to_owned(), json!(self.condition().as_str()));
        all.insert("limit".to_owned(), json!(self.limit()));
        Value::Object(all)
    }

    /// Checks a product against every filter; the first that it fails, with what there is.
    ///
    /// Keepa's finder index lags behind its products, so a match there is a claim, not a fact.
    #[must_use]
    pub fn recheck(&self, product: &Product, at: KeepaTime) -> Option<FilterMiss> {
        let now = |kind| product.series(kind).and_then(|s| s.value_at(at)).filter(|v| *v > 0);
        let outside = |value: Option<i64>, min: Option<i64>, max: Option<i64>| {
            value.is_none_or(|v| min.is_some_and(|m| v < m) || max.is_some_and(|m| v > m))
        };
        if !self.in_category(product) {
            return Some(FilterMiss {
                filter: FilterName::Category,
                actual: product.root_category.map(|c| c.0),
            });
        }
        let rank = now(CsvType::Sales);
        if outside(rank, Some(self.raw.bsr_min), Some(self.raw.bsr_max)) {
            return Some(FilterMiss { filter: FilterName::Bsr, actual: rank });
        }
        let (min, max) = self.price();
        let price = now(self.price_type());
        if (min.is_some() || max.is_some()) && outside(price, min, max) {
            return Some(FilterMiss { filter: FilterName::Price, actual: price });
        }
        let amazon = now(CsvType::Amazon);
        if self.raw.exclude_amazon && (amazon.is_some() || product.availability_amazon == Some(0)) {
            return Some(FilterMiss { filter: FilterName::Amazon, actual: amazon });
        }
        None
    }

    fn in_category(&self, product: &Product) -> bool {
        let Some(category) = self.category else { return true };
        let root = product.root_category == Some(category.root);
        let below = || {
            product.categories.contains(&category.id)
                || product.category_tree.iter().any(|node| node.cat_id == category.id)
        };
        root && (category.is_root() || below())
    }
}

/// The filters that are checked again on the facts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FilterName {
    /// Root or sub-category.
    Category,
    /// Sales rank.
    Bsr,
    /// Lowest new or used price.
    Price,
    /// Amazon's own offer.
    Amazon,
}

impl FilterName {
    /// `category`, `bsr`, `price` or `amazon`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Bsr => "bsr",
            Self::Price => "price",
            Self::Amazon => "amazon",
        }
    }
}

/// A filter that a product does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterMiss {
    /// Which filter.
    pub filter: FilterName,
    /// The product's own value; `None` when it has none.
    pub actual: Option<i64>,
}

/// The first 16 hex digits of a SHA-256: enough for keys, short enough to read.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{first:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw() -> RawFilters {
        RawFilters {
            marketplace: Domain::Us,
            category: "Books".to_owned(),
            bsr_min: 10_000,
            bsr_max: 50_000,
            price_min: None,
            price_max: None,
            exclude_amazon: false,
            condition: Condition::New,
            limit: DEFAULT_LIMIT,
        }
    }

    #[test]
    fn a_plain_search_has_the_documented_key() {
        assert_eq!(raw().check().unwrap().cache_key(), "discovery:1:283155:10000-50000");
        let all = RawFilters { category: "0".to_owned(), ..raw() };
        assert_eq!(all.check().unwrap().cache_key(), "discovery:1:0:10000-50000");
        let by_id = RawFilters { category: "283155".to_owned(), ..raw() };
        assert_eq!(by_id.check().unwrap().cache_key(), "discovery:1:283155:10000-50000");
    }

    #[test]
    fn every_further_filter_has_a_key_of_its_own() {
        let variants = [
            RawFilters { price_min: Some(1500), ..raw() },
            RawFilters { price_max: Some(1500), ..raw() },
            RawFilters { price_min: Some(1500), price_max: Some(6000), ..raw() },
            RawFilters { exclude_amazon: true, ..raw() },
            RawFilters { condition: Condition::Used, ..raw() },
            RawFilters { limit: 100, ..raw() },
            raw(),
        ];
        let keys: std::collections::HashSet<_> =
            variants.iter().map(|v| v.clone().check().unwrap().cache_key()).collect();
        assert_eq!(keys.len(), variants.len());
        assert!(keys.iter().all(|k| k.starts_with("discovery:1:283155:10000-50000")));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let wrong = RawFilters {
            category: "Boks".to_owned(),
            bsr_min: 50_000,
            bsr_max: 10_000,
            price_min: Some(6000),
            price_max: Some(1500),
            limit: 0,
            ..raw()
        };
        let fields: Vec<String> = wrong.check().unwrap_err().into_iter().map(|e| e.field).collect();
        assert_eq!(fields, ["bsr_min", "price_min", "limit", "category"]);
    }

    #[test]
    fn ranks_beyond_all_of_a_category_are_refused() {
        let gift_cards = |bsr_min, bsr_max| {
            RawFilters { category: "Gift Cards".to_owned(), bsr_min, bsr_max, ..raw() }.check()
        };
        assert!(gift_cards(1_000, 5_000).is_ok());
        assert!(gift_cards(9_000, 50_000).is_ok(), "ranks may have grown a little since");
        let error = gift_cards(10_000, 50_000).unwrap_err();
        assert_eq!(error[0].field, "bsr_min");
        assert!(error[0].message.contains("7273"), "{error:?}");
        let unranked = RawFilters { category: "Alexa Skills".to_owned(), ..raw() };
        assert!(unranked.check().is_err());
        let below_a_root = |bsr_min, bsr_max| {
            RawFilters { category: "Programming".to_owned(), bsr_min, bsr_max, ..raw() }.check()
        };
        assert!(below_a_root(20_000_000, 25_000_000).is_ok());
        assert!(below_a_root(40_000_000, 50_000_000).is_err(), "a sub-category ranks within its root");
        let anywhere =
            RawFilters { category: "0".to_owned(), bsr_min: 40_000_000, bsr_max: 50_000_000, ..raw() };
        assert!(anywhere.check().is_ok());
    }

    #[test]
    fn bounds_that_never_match_are_refused() {
        for wrong in [
            RawFilters { bsr_min: 0, ..raw() },
            RawFilters { bsr_min: -1, ..raw() },
            RawFilters { bsr_max: MAX_BSR + 1, ..raw() },
            RawFilters { price_max: Some(0), ..raw() },
            RawFilters { price_min: Some(-1), ..raw() },
            RawFilters { limit: MAX_LIMIT + 1, ..raw() },
        ] {
            assert!(wrong.clone().check().is_err(), "{wrong:?}");
        }
    }
}
