//! Which filter is to blame for a search that finds too little.
//!
//! The Product Finder tells how many products match, not why the others do not. So the same search is
//! asked again without one filter at a time. Each of these is a discovery like any other: kept, counted
//! and in the history, and free where the answer is known already. Their price is told first
//! ([`Engine::explain_plan`]); nothing is asked unless somebody wants it.

use gleaner_core::filters::{DEFAULT_LIMIT, FilterName, Filters, MAX_BSR, RawFilters};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::DiscoveryQuestion;
use super::finder::discovery_cost;
use crate::answer::{Budget, TokenUse};
use crate::{Engine, EngineError};

/// What is left of a search without one of its filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilterProbe {
    /// The filter that is left out; of a sub-category, the root category stays.
    pub without: FilterName,
    /// How many products match then, by Keepa's estimate; null before it was asked, or when Keepa does not tell.
    #[schema(value_type = Option<i64>)]
    pub matched_total: Option<i64>,
    /// Tokens that asking costs, or did; 0 where the answer is known already.
    #[schema(value_type = i64)]
    pub tokens: i64,
}

/// Which filters a search would find more without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductDiscoveryExplanation {
    /// Whether the searches below were made; otherwise this is their price only.
    pub asked: bool,
    /// The same search without one filter at a time.
    pub probes: Vec<FilterProbe>,
    /// The result in a sentence; null before it was asked.
    pub explanation: Option<String>,
    /// What it costs: estimated before, charged after.
    pub tokens: TokenUse,
}

impl Engine {
    /// What finding out would cost, without asking Keepa anything.
    pub async fn explain_plan(
        &self,
        question: &DiscoveryQuestion,
    ) -> Result<ProductDiscoveryExplanation, EngineError> {
        let filters = question.filters.clone().check().map_err(EngineError::Invalid)?;
        let generation = self.memory.generation();
        let mut probes = Vec::new();
        for (without, raw) in relaxed(&filters) {
            let relaxed = raw.check().map_err(EngineError::Invalid)?;
            let known =
                self.cached_discovery(&relaxed.cache_key(), generation, question.max_age).await?.is_some();
            let tokens = if known { 0 } else { discovery_cost(relaxed.limit()) };
            probes.push(FilterProbe { without, matched_total: None, tokens });
        }
        let tokens = TokenUse {
            estimated: probes.iter().map(|probe| probe.tokens).sum(),
            balance: self.ledger.last_seen(self.now()),
            ..TokenUse::default()
        };
        Ok(ProductDiscoveryExplanation { asked: false, probes, explanation: None, tokens })
    }

    /// Asks, within the question's budget. When it stops half-way, what was paid for is known the next time.
    pub async fn explain(
        &self,
        question: &DiscoveryQuestion,
    ) -> Result<ProductDiscoveryExplanation, EngineError> {
        question.budget.check()?;
        let mut told = self.explain_plan(question).await?;
        told.tokens.over_budget = question.budget.allow(told.tokens.estimated)?;
        let filters = question.filters.clone().check().map_err(EngineError::Invalid)?;
        for ((_, raw), probe) in relaxed(&filters).into_iter().zip(&mut told.probes) {
            let asked = DiscoveryQuestion {
                filters: raw,
                force_refresh: false,
                budget: Budget::default(),
                ..question.clone()
            };
            let found = self.discover(asked).await?;
            probe.matched_total = found.funnel.matched_total;
            probe.tokens = found.tokens.charged;
            told.tokens.charged += found.tokens.charged;
            told.tokens.saved += found.tokens.saved;
            told.tokens.balance = found.tokens.balance;
        }
        told.asked = true;
        told.explanation = Some(sentence(&told.probes));
        Ok(told)
    }
}

/// The search without one filter at a time; a filter that lets everything through is not among them.
fn relaxed(filters: &Filters) -> Vec<(FilterName, RawFilters)> {
    let raw = RawFilters { limit: DEFAULT_LIMIT, ..filters.raw().clone() };
    let mut all = Vec::new();
    if let Some(category) = filters.category() {
        let wider = if category.is_root() { 0 } else { category.root.0 };
        all.push((FilterName::Category, RawFilters { category: wider.to_string(), ..raw.clone() }));
    }
    if filters.bsr() != (1, MAX_BSR) {
        all.push((FilterName::Bsr, RawFilters { bsr_min: 1, bsr_max: MAX_BSR, ..raw.clone() }));
    }
    if filters.price() != (None, None) {
        all.push((FilterName::Price, RawFilters { price_min: None, price_max: None, ..raw.clone() }));
    }
    if filters.exclude_amazon() {
        all.push((FilterName::Amazon, RawFilters { exclude_amazon: false, ..raw }));
    }
    all
}

fn sentence(probes: &[FilterProbe]) -> String {
    let mut helpful: Vec<(FilterName, i64)> =
        probes.iter().filter_map(|p| Some((p.without, p.matched_total.filter(|n| *n > 0)?))).collect();
    helpful.sort_by_key(|(_, matched)| -matched);
    let count = |n: i64| if n == 1 { "1 product matches".to_owned() } else { format!("{n} products match") };
    match helpful.as_slice() {
        [] => "no filter alone is to blame: nothing matches without any one of them either".to_owned(),
        [(filter, matched), rest @ ..] => {
            let mut text = format!("without the {} filter {}", filter.as_str(), count(*matched));
            for (filter, matched) in rest {
                text += &[", without ", filter.as_str(), " ", &matched.to_string()].concat();
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_core::{Condition, Marketplace};

    fn raw() -> RawFilters {
        RawFilters {
            marketplace: Marketplace::Us,
            category: "Programming".to_owned(),
            bsr_min: 1,
            bsr_max: 2,
            price_min: Some(99_000),
            price_max: None,
            exclude_amazon: true,
            condition: Condition::Used,
            limit: 7,
        }
    }

    fn without(raw: RawFilters) -> Vec<(FilterName, Filters)> {
        let filters = raw.check().unwrap();
        relaxed(&filters).into_iter().map(|(name, raw)| (name, raw.check().unwrap())).collect()
    }

    #[test]
    fn each_filter_is_left_out_once_and_the_others_stay() {
        let all = without(raw());
        let names: Vec<FilterName> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [FilterName::Category, FilterName::Bsr, FilterName::Price, FilterName::Amazon]);
        for (name, filters) in &all {
            assert_eq!(filters.category_id() != 3839, *name == FilterName::Category);
            assert_eq!(filters.bsr() != (1, 2), *name == FilterName::Bsr);
            assert_eq!(filters.price().0.is_none(), *name == FilterName::Price);
            assert_eq!(!filters.exclude_amazon(), *name == FilterName::Amazon);
            assert_eq!((filters.condition(), filters.limit()), (Condition::Used, DEFAULT_LIMIT));
        }
        assert_eq!(all[0].1.category_id(), 283_155, "of a sub-category the root stays");
    }

    #[test]
    fn a_filter_that_lets_everything_through_costs_no_question() {
        let plain = RawFilters { category: "0".to_owned(), price_min: None, exclude_amazon: false, ..raw() };
        let names: Vec<FilterName> = without(plain).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [FilterName::Bsr]);
    }

    #[test]
    fn the_sentence_names_the_filter_that_keeps_most_away_first() {
        let probe = |without, matched_total| FilterProbe { without, matched_total, tokens: 11 };
        let told = sentence(&[
            probe(FilterName::Bsr, Some(3)),
            probe(FilterName::Price, Some(120)),
            probe(FilterName::Category, Some(0)),
            probe(FilterName::Amazon, None),
        ]);
        assert_eq!(told, "without the price filter 120 products match, without bsr 3");
        assert!(sentence(&[probe(FilterName::Bsr, Some(0))]).starts_with("no filter alone"));
    }
}
