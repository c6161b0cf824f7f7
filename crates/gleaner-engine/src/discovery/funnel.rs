//! Comparing what the finder said with the facts.

use gleaner_core::filters::{FilterName, Filters};
use keepa::{Asin, CsvType, KeepaTime};

use super::Found;
use super::types::{DiscoveredProduct, Funnel, NearMiss};
use crate::scoring::count;
use crate::{Engine, EngineError};

/// How many nearest misses an answer tells.
const NEAREST: usize = 5;

impl Engine {
    /// Checks every product whose facts are known against every filter, at no token.
    pub(super) async fn recheck(
        &self,
        filters: &Filters,
        found: &Found,
    ) -> Result<(Vec<DiscoveredProduct>, Funnel), EngineError> {
        let asins: Vec<Asin> = found.asins.iter().filter_map(|a| a.parse().ok()).collect();
        let known = self.buyer.known(filters.marketplace(), &asins, self.buyer.age(None)).await?;
        let mut funnel =
            Funnel { matched_total: found.total, returned: count(found.asins.len()), ..Funnel::default() };
        let mut products = Vec::new();
        for asin in asins {
            let Some(facts) = known.get(&asin) else {
                let asin = asin.to_string();
                products.push(DiscoveredProduct {
                    asin,
                    title: None,
                    bsr: None,
                    price: None,
                    checked: false,
                });
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
        funnel.kept = count(products.len());
        funnel.explanation = explain(&funnel);
        Ok((products, funnel))
    }
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
            "Keepa's Product Finder matches nothing: widen the rank or price range, or the category"
                .to_owned(),
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
