//! Which searches a run makes: each search's rank range in parts that share its limit.

use gleaner_core::filters::RawFilters;
use gleaner_core::saved_filters::{CategoryRef, SavedFilters};

/// Filters as a run keeps them.
pub(super) fn saved(raw: &RawFilters) -> SavedFilters {
    SavedFilters {
        marketplace: raw.marketplace,
        category: CategoryRef::Name(raw.category.clone()),
        bsr_min: raw.bsr_min,
        bsr_max: raw.bsr_max,
        price_min: raw.price_min,
        price_max: raw.price_max,
        exclude_amazon: raw.exclude_amazon,
        condition: Some(raw.condition),
        limit: Some(raw.limit),
    }
}

/// Splits a search's rank range into parts of equal width; together they ask for as many products as the search.
/// Never more parts than ranks or products.
pub(super) fn split(search: &RawFilters, parts: u32) -> Vec<RawFilters> {
    let ranks = search.bsr_max - search.bsr_min + 1;
    let parts = i64::from(parts).min(ranks).min(i64::from(search.limit)).max(1);
    let bound = |part: i64| search.bsr_min + ranks * part / parts;
    let limit = i64::from(search.limit);
    (0..parts)
        .map(|part| RawFilters {
            bsr_min: bound(part),
            bsr_max: bound(part + 1) - 1,
            limit: u32::try_from(limit / parts + i64::from(part < limit % parts)).unwrap_or(search.limit),
            ..search.clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use gleaner_core::{Condition, Marketplace};
    use proptest::prelude::*;

    use super::*;

    fn search(bsr_min: i64, bsr_max: i64, limit: u32) -> RawFilters {
        RawFilters {
            marketplace: Marketplace::Us,
            category: "0".to_owned(),
            bsr_min,
            bsr_max,
            price_min: None,
            price_max: None,
            exclude_amazon: false,
            condition: Condition::New,
            limit,
        }
    }

    #[test]
    fn a_range_is_split_evenly() {
        let parts = split(&search(1, 100_000, 50), 3);
        let told: Vec<_> = parts.iter().map(|p| (p.bsr_min, p.bsr_max, p.limit)).collect();
        assert_eq!(told, [(1, 33_333, 17), (33_334, 66_666, 17), (66_667, 100_000, 16)]);
    }

    proptest! {
        #[test]
        fn parts_cover_the_range_once_and_share_the_limit(
            min in 1_i64..1_000_000, width in 0_i64..1_000_000, limit in 1_u32..10_000, count in 1_u32..=20,
        ) {
            let whole = search(min, min + width, limit);
            let parts = split(&whole, count);
            prop_assert!(parts.len() <= count as usize);
            prop_assert_eq!(parts[0].bsr_min, whole.bsr_min);
            prop_assert_eq!(parts[parts.len() - 1].bsr_max, whole.bsr_max);
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].bsr_max + 1, pair[1].bsr_min);
            }
            prop_assert_eq!(parts.iter().map(|p| p.limit).sum::<u32>(), limit);
            for part in parts {
                prop_assert!(part.check().is_ok());
            }
        }
    }
}
