//! How far a run is: what its row keeps so that anybody can go on with it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_core::filters::{FilterName, Filters};
use gleaner_core::saved_filters::SavedFilters;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plan::{saved, split};
use crate::EngineError;

/// What a run is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SourcingPhase)]
pub enum Phase {
    /// Reckons what it will cost.
    #[default]
    Estimate,
    /// Asks for products.
    Discover,
    /// Buys facts and scores.
    Score,
    /// Has ended.
    Done,
}

/// What a run will cost at most, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingEstimate)]
pub struct Estimate {
    /// Pages of the Product Finder that are not known yet.
    #[schema(value_type = i64)]
    pub discovery: i64,
    /// Products whose facts are not known yet; where the products themselves are not known, as many as may be found.
    #[schema(value_type = i64)]
    pub products: i64,
    /// Both.
    #[schema(value_type = i64)]
    pub total: i64,
}

/// What a run has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct RunTokens {
    /// Expected at its start, at most.
    #[schema(value_type = i64)]
    pub estimated: i64,
    /// Charged so far.
    #[schema(value_type = i64)]
    pub charged: i64,
    /// Made unnecessary by the cache.
    #[schema(value_type = i64)]
    pub saved: i64,
    /// Whether its budget was exceeded (only with a budget that warns).
    pub over_budget: bool,
}

/// One page of results: a part of a search's rank range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Which of the run's searches it belongs to.
    pub(super) search: usize,
    /// What to ask for.
    pub(super) filters: SavedFilters,
    /// What was found; `None`: not asked yet.
    pub(super) found: Option<PartFound>,
}

/// What a part found. The run remembers it, whatever becomes of the cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PartFound {
    pub(super) asins: Vec<String>,
    pub(super) matched_total: Option<i64>,
    pub(super) returned: i64,
    pub(super) removed: BTreeMap<FilterName, i64>,
}

/// A search of the run with all that stands in for "by default" filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RunSearch {
    pub(super) filters: SavedFilters,
    pub(super) cost: Option<i64>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) phase: Phase,
    pub(super) searches: Vec<RunSearch>,
    pub(super) parts: Vec<Part>,
    pub(super) tokens: RunTokens,
    pub(super) hits: i64,
    pub(super) misses: i64,
    /// Products judged so far.
    pub(super) scored: i64,
    /// Those of them that passed.
    pub(super) passed: i64,
    /// Products that cannot be scored, by ASIN and condition, and the word for why.
    pub(super) unusable: BTreeMap<String, String>,
    /// Steps in a row that failed for a reason that may pass.
    pub(super) failures: u32,
    /// Since when the run waits without having got on.
    pub(super) waiting_since: Option<DateTime<Utc>>,
    /// Why it waits.
    pub(super) waiting_for: Option<String>,
    /// The last step that was written.
    pub(super) advanced_at: Option<DateTime<Utc>>,
}

/// A product of a run, and the search that found it first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Candidate {
    pub(super) asin: String,
    pub(super) search: usize,
    /// `new` or `used`.
    pub(super) condition: &'static str,
}

impl Candidate {
    /// Tells candidates apart: a product is judged once per condition.
    pub(super) fn key(&self) -> String {
        candidate_key(&self.asin, self.condition)
    }
}

pub(super) fn candidate_key(asin: &str, condition: &str) -> String {
    format!("{asin}:{condition}")
}

impl RunSearch {
    /// The checked filters of the whole search.
    pub(super) fn checked(&self) -> Result<Filters, EngineError> {
        self.filters.raw(self.filters.condition.unwrap_or_default()).check().map_err(EngineError::Invalid)
    }
}

impl Progress {
    /// The parts of searches, none asked for yet.
    pub(super) fn planned(searches: Vec<RunSearch>, sub_ranges: u32) -> Self {
        let parts = searches
            .iter()
            .enumerate()
            .flat_map(|(search, whole)| {
                let raw = whole.filters.raw(whole.filters.condition.unwrap_or_default());
                split(&raw, sub_ranges).into_iter().map(move |part| Part {
                    search,
                    filters: saved(&part),
                    found: None,
                })
            })
            .collect();
        Self { searches, parts, ..Self::default() }
    }

    /// The marketplace of all searches; before they are known nothing was seen in any.
    pub(super) fn marketplace(&self) -> Marketplace {
        self.searches.first().map_or(Marketplace::Us, |search| search.filters.marketplace)
    }

    /// The word for a product that a complete run did not come across.
    pub(super) fn absence(&self) -> &'static str {
        let all_listed = |found: &PartFound| found.matched_total.is_some_and(|total| total <= found.returned);
        let whole = self.parts.iter().all(|part| part.found.as_ref().is_some_and(all_listed));
        if whole { "not_found" } else { "not_listed" }
    }

    /// The products found so far, each once per condition, in the order they were found; and how many were found
    /// more than once.
    pub(super) fn candidates(&self) -> (Vec<Candidate>, i64) {
        let (mut seen, mut candidates, mut doubles) = (std::collections::HashSet::new(), Vec::new(), 0);
        for part in &self.parts {
            let condition = part.filters.condition.unwrap_or_default().as_str();
            for asin in part.found.iter().flat_map(|found| &found.asins) {
                let candidate = Candidate { asin: asin.clone(), search: part.search, condition };
                if seen.insert(candidate.key()) {
                    candidates.push(candidate);
                } else {
                    doubles += 1;
                }
            }
        }
        (candidates, doubles)
    }
}
