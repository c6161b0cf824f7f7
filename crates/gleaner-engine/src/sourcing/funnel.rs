//! Why a run has the picks it has: how many products each step removed, and which came nearest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::figures::Figures;
use super::progress::Progress;
use crate::scoring::count;

/// How many nearest misses are told.
const NEAREST: usize = 5;

/// What removes products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourcingFunnelStepName)]
pub enum StepName {
    /// Facts that were known already contradict Keepa's index.
    Index,
    /// Found by more than one search.
    Duplicates,
    /// No facts: Keepa does not know the product, or the run ended before they were bought.
    Facts,
    /// The facts contradict the filters.
    Filters,
    /// No price, no fee or no cost: nothing to reckon with.
    Economics,
    /// The verdict, or one of the job's own thresholds.
    Thresholds,
    /// Dismissed by you, and nothing changed since.
    Dismissed,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingFunnelStep)]
pub struct FunnelStep {
    /// What it looks at.
    pub step: StepName,
    /// How many products came to it.
    #[schema(value_type = i64)]
    pub entered: i64,
    /// How many it removed.
    #[schema(value_type = i64)]
    pub removed: i64,
    /// By what.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub by: BTreeMap<String, i64>,
}

/// A product that was not picked but came near.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingNearMiss)]
pub struct RunMiss {
    /// The product.
    pub asin: String,
    /// What it fell short of first.
    pub missed: String,
    /// Its figures.
    pub figures: Figures,
}

/// How a run's products became its picks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingFunnel)]
pub struct RunFunnel {
    /// What the finder matched in all, by Keepa's estimate; null when it does not say.
    #[schema(value_type = Option<i64>)]
    pub matched_total: Option<i64>,
    /// What it returned.
    #[schema(value_type = i64)]
    pub returned: i64,
    /// The steps in their order.
    pub steps: Vec<FunnelStep>,
    /// What is left.
    #[schema(value_type = i64)]
    pub picks: i64,
    /// Products that came nearest to being picked.
    pub nearest_misses: Vec<RunMiss>,
    /// In a sentence why nothing is left; null otherwise.
    pub explanation: Option<String>,
}

/// A product of a run as the funnel sees it.
pub(super) struct Judged {
    pub(super) asin: String,
    pub(super) missed: Option<String>,
    /// Passed, but dismissed before and nothing changed.
    pub(super) dismissed: bool,
    pub(super) figures: Figures,
}

impl RunFunnel {
    /// Counts. `open` is the word for why candidates were not judged.
    pub(super) fn new(progress: &Progress, judged: &[Judged], open: &str) -> Self {
        let found = progress.parts.iter().filter_map(|part| part.found.as_ref());
        let totals: Vec<Option<i64>> = found.clone().map(|found| found.matched_total).collect();
        let matched_total = if totals.is_empty() { None } else { totals.into_iter().sum::<Option<i64>>() };
        let returned = found.clone().map(|found| found.returned).sum();
        let (candidates, doubles) = progress.candidates();
        let mut index = BTreeMap::new();
        for (filter, n) in found.flat_map(|found| &found.removed) {
            *index.entry(filter.as_str().to_owned()).or_default() += n;
        }
        let mut facts: BTreeMap<String, i64> = BTreeMap::new();
        for word in progress.unusable.values() {
            *facts.entry(word.clone()).or_default() += 1;
        }
        let not_judged = count(candidates.len()) - count(judged.len()) - count(progress.unusable.len());
        if not_judged > 0 {
            facts.insert(open.to_owned(), not_judged);
        }
        let (mut filters, mut economics, mut thresholds) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for product in judged {
            let Some(missed) = &product.missed else { continue };
            let step = match missed.strip_prefix("filter_") {
                Some(filter) => filters.entry(filter.to_owned()),
                None if product.figures.profit.is_none() => economics.entry(missed.clone()),
                None => thresholds.entry(missed.clone()),
            };
            *step.or_default() += 1;
        }
        let dismissed = count(judged.iter().filter(|product| product.dismissed).count());
        let one = |word: &str, n: i64| (n > 0).then(|| (word.to_owned(), n)).into_iter().collect();
        let mut funnel = Self { matched_total, returned, picks: returned, ..Self::default() };
        for (step, by) in [
            (StepName::Index, index),
            (StepName::Duplicates, one("found_before", doubles)),
            (StepName::Facts, facts),
            (StepName::Filters, filters),
            (StepName::Economics, economics),
            (StepName::Thresholds, thresholds),
            (StepName::Dismissed, one("unchanged", dismissed)),
        ] {
            let removed = by.values().sum();
            funnel.steps.push(FunnelStep { step, entered: funnel.picks, removed, by });
            funnel.picks -= removed;
        }
        funnel.nearest_misses = nearest(judged);
        funnel.explanation = funnel.explain();
        funnel
    }

    /// In a sentence, why nothing is left.
    fn explain(&self) -> Option<String> {
        if self.picks > 0 {
            return None;
        }
        if self.returned == 0 {
            return Some(
                "Keepa's Product Finder matches nothing: widen the rank or price range, or the category"
                    .to_owned(),
            );
        }
        let most = self.steps.iter().max_by_key(|step| step.removed)?;
        let what = match most.step {
            StepName::Index => "the known facts contradict Keepa's index",
            StepName::Duplicates => "several searches found the same products",
            StepName::Facts => "the facts could not be had",
            StepName::Filters => "the fresh facts contradict the filters",
            StepName::Economics => "there is no price, fee or cost to reckon with",
            StepName::Thresholds => "they fall short of the job's thresholds",
            StepName::Dismissed => "you dismissed them and nothing has changed since",
        };
        let mut by: Vec<_> = most.by.iter().collect();
        by.sort_by_key(|(word, n)| (-**n, word.as_str()));
        let by: Vec<String> = by.into_iter().map(|(word, n)| format!("{n} by {word}")).collect();
        Some(format!(
            "of {} products found, {} were left out because {what}: {}",
            self.returned,
            most.removed,
            by.join(", ")
        ))
    }
}

fn nearest(judged: &[Judged]) -> Vec<RunMiss> {
    let mut near: Vec<(&Judged, &String, f64)> = judged
        .iter()
        .filter_map(|product| Some((product, product.missed.as_ref()?, product.figures.shortfall?)))
        .collect();
    near.sort_by(|a, b| a.2.total_cmp(&b.2).then_with(|| a.0.asin.cmp(&b.0.asin)));
    near.into_iter()
        .take(NEAREST)
        .map(|(product, missed, _)| RunMiss {
            asin: product.asin.clone(),
            missed: missed.clone(),
            figures: product.figures.clone(),
        })
        .collect()
}
