//! Discovery filters as they are kept: in a niche, a template, a file. Checked like any others when they
//! are turned into [`RawFilters`].

use keepa::Domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Condition;
use crate::filters::{DEFAULT_LIMIT, RawFilters};

/// What to look for, again and again. Prices are integers in the marketplace's minor unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedFilters {
    /// Marketplace code: us, uk, de, fr, jp, ca, it, es, in, mx or br.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Domain,
    /// Category name or Keepa id; 0 for all.
    #[schema(example = "Books")]
    pub category: CategoryRef,
    /// Best sales rank.
    #[schema(value_type = i64, example = 10_000)]
    pub bsr_min: i64,
    /// Worst sales rank.
    #[schema(value_type = i64, example = 50_000)]
    pub bsr_max: i64,
    /// Lowest price of the new or used offer.
    #[schema(value_type = Option<i64>, example = 1500)]
    pub price_min: Option<i64>,
    /// Highest price of the new or used offer.
    #[schema(value_type = Option<i64>, example = 6000)]
    pub price_max: Option<i64>,
    /// Leave out what Amazon itself sells.
    #[serde(default)]
    pub exclude_amazon: bool,
    /// Condition to buy and sell in; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// How many products at most; 50 when absent.
    #[schema(value_type = Option<i64>, example = 50)]
    pub limit: Option<u32>,
}

/// A category by Keepa's id or by its name in the marketplace's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a category name or a Keepa category id")]
pub enum CategoryRef {
    /// Keepa's id; 0 for all.
    Id(i64),
    /// The name.
    Name(String),
}

impl std::fmt::Display for CategoryRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl SavedFilters {
    /// The filters of a search; `condition` is the strategy's own.
    #[must_use]
    pub fn raw(&self, condition: Condition) -> RawFilters {
        RawFilters {
            marketplace: self.marketplace,
            category: self.category.to_string(),
            bsr_min: self.bsr_min,
            bsr_max: self.bsr_max,
            price_min: self.price_min,
            price_max: self.price_max,
            exclude_amazon: self.exclude_amazon,
            condition: self.condition.unwrap_or(condition),
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_filters_ask_what_the_same_filters_ask_directly() {
        let saved: SavedFilters = serde_json::from_str(
            r#"{"marketplace": "us", "category": 283155, "bsr_min": 1000, "bsr_max": 5000, "price_min": 1500}"#,
        )
        .unwrap();
        let filters = saved.raw(Condition::Used).check().unwrap();
        assert_eq!((filters.category_id(), filters.bsr(), filters.limit()), (283_155, (1000, 5000), 50));
        assert_eq!((filters.price(), filters.condition()), ((Some(1500), None), Condition::Used));
        let named = SavedFilters { category: CategoryRef::Name("books".to_owned()), ..saved.clone() };
        assert_eq!(named.raw(Condition::Used).check().unwrap().cache_key(), filters.cache_key());
        let again: SavedFilters = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
        assert_eq!(again, saved);
    }
}
