//! What a job is, as people write it.

use gleaner_core::filters::{DEFAULT_LIMIT, FieldError, MAX_LIMIT};
use gleaner_core::money::MAX_AMOUNT;
use gleaner_core::rules::Strategy;
use gleaner_core::saved_filters::SavedFilters;
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Condition, Marketplace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::schedule::Schedule;
use crate::answer::Budget;

/// The most searches in one job.
const MAX_SEARCHES: usize = 20;
/// The most products that one run looks at.
const MAX_PRODUCTS: u32 = MAX_LIMIT;
/// The most parts that a rank range is split into.
const MAX_SUB_RANGES: u32 = 20;
/// The longest name, in characters.
const MAX_NAME: usize = 100;
/// The longest note, in characters.
const MAX_NOTE: usize = 1_000;
/// The longest memory of runs that a class may rest on.
const MAX_RUNS: u32 = 30;

/// A sourcing job: what to look for, when, for how many tokens, and what is good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourcingJobSpec)]
pub struct JobSpec {
    /// Its name; no two jobs share one.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub note: Option<String>,
    /// What to look for: all of these, in one marketplace.
    pub searches: Vec<JobSearch>,
    /// The rule set.
    #[serde(default)]
    pub strategy: Strategy,
    /// What one run may spend.
    #[serde(default)]
    pub budget: Budget,
    /// When it runs by itself; absent: only when somebody asks.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// What is good enough to be picked, and how picks are classed.
    #[serde(default)]
    pub picks: PickRules,
    /// Into how many parts each search's rank range is split, which share its limit: so that results do not cluster
    /// at the best ranks. Each part is a page of Keepa's Product Finder (about eleven tokens, remembered for a day).
    #[serde(default = "three")]
    #[schema(value_type = i64, default = 3)]
    pub sub_ranges: u32,
}

fn three() -> u32 {
    3
}

/// One search of a job: a niche, or filters of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourcingSearch)]
pub struct JobSearch {
    /// A saved search, by its id; its filters are read anew by each run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub niche_id: Option<Uuid>,
    /// Filters of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<SavedFilters>,
    /// What one copy costs, before tax, in minor units; the niche's, or by the strategy's rule, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
}

/// What is good enough to be picked, and how picks are classed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SourcingPickRules)]
pub struct PickRules {
    /// The verdicts that are picked.
    pub levels: Vec<Recommendation>,
    /// Least profit in minor units, beside what the level asks for.
    #[schema(value_type = Option<i64>)]
    pub min_profit: Option<i64>,
    /// Least ROI in percent, beside what the level asks for.
    pub min_roi_percent: Option<f64>,
    /// Least velocity score, beside what the level asks for.
    pub min_velocity: Option<f64>,
    /// An ROI above this makes a pick a jackpot: to be verified before buying.
    pub jackpot_roi_percent: f64,
    /// A pick is stable when it was seen on this many …
    #[schema(value_type = i64)]
    pub stable_seen: u32,
    /// … of this many last runs, the newest among them.
    #[schema(value_type = i64)]
    pub stable_of: u32,
    /// A dismissed pick comes back when its price has moved by this many percent.
    pub reopen_price_percent: f64,
    /// A dismissed pick comes back when its ROI has risen by this many points.
    pub reopen_roi_points: f64,
}

impl Default for PickRules {
    fn default() -> Self {
        Self {
            levels: vec![Recommendation::StrongBuy, Recommendation::Buy],
            min_profit: None,
            min_roi_percent: None,
            min_velocity: None,
            jackpot_roi_percent: 100.0,
            stable_seen: 2,
            stable_of: 3,
            reopen_price_percent: 15.0,
            reopen_roi_points: 15.0,
        }
    }
}

impl JobSpec {
    /// The marketplace of its first search with filters; `None` when all are niches.
    #[must_use]
    pub fn marketplace(&self) -> Option<Marketplace> {
        self.searches.iter().find_map(|search| search.filters.as_ref()).map(|filters| filters.marketplace)
    }

    /// Everything that is wrong with it, as far as it can be told without looking anywhere.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| errors.push(FieldError::new(field, message));
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            wrong("name", format!("must be 1 to {MAX_NAME} characters in one line"));
        }
        if self.note.as_ref().is_some_and(|note| note.chars().count() > MAX_NOTE) {
            wrong("note", format!("must be at most {MAX_NOTE} characters"));
        }
        if self.searches.is_empty() || self.searches.len() > MAX_SEARCHES {
            wrong("searches", format!("give 1 to {MAX_SEARCHES} searches, not {}", self.searches.len()));
        }
        if !(1..=MAX_SUB_RANGES).contains(&self.sub_ranges) {
            wrong("sub_ranges", format!("must be 1 to {MAX_SUB_RANGES}, not {}", self.sub_ranges));
        }
        if self.budget.tokens < 0 {
            wrong("budget.tokens", "must not be negative".to_owned());
        }
        let limits: u32 = self
            .searches
            .iter()
            .filter_map(|search| search.filters.as_ref())
            .fold(0, |sum, filters| sum.saturating_add(filters.limit.unwrap_or(DEFAULT_LIMIT)));
        if limits > MAX_PRODUCTS {
            wrong("searches", format!("ask for at most {MAX_PRODUCTS} products in all, not {limits}"));
        }
        for (index, search) in self.searches.iter().enumerate() {
            errors.extend(search.check(index, self.marketplace()));
        }
        if let Some(schedule) = &self.schedule {
            errors.extend(schedule.check());
        }
        errors.extend(self.picks.check());
        errors
    }
}

impl JobSearch {
    fn check(&self, index: usize, marketplace: Option<Marketplace>) -> Vec<FieldError> {
        let path = format!("searches[{index}]");
        let mut errors = Vec::new();
        match (&self.niche_id, &self.filters) {
            (None, None) => errors.push(FieldError::new(path.as_str(), "give either niche_id or filters")),
            (Some(_), Some(_)) => {
                errors.push(FieldError::new(path.as_str(), "give niche_id or filters, not both"));
            }
            (Some(_), None) => {}
            (None, Some(filters)) => {
                if Some(filters.marketplace) != marketplace {
                    let field = format!("{path}.filters.marketplace");
                    errors.push(FieldError::new(
                        field,
                        "a job stays in one marketplace: make another job for this one",
                    ));
                }
                if let Err(wrong) = filters.raw(Condition::New).check() {
                    let named =
                        |e: FieldError| FieldError::new(format!("{path}.filters.{}", e.field), e.message);
                    errors.extend(wrong.into_iter().map(named));
                }
            }
        }
        if self.cost.is_some_and(|cost| !(0..=MAX_AMOUNT).contains(&cost)) {
            let message = format!("must be 0 to {MAX_AMOUNT} in the minor unit");
            errors.push(FieldError::new(format!("{path}.cost"), message));
        }
        errors
    }
}

impl PickRules {
    fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| {
            errors.push(FieldError::new(format!("picks.{field}"), message));
        };
        if self.levels.is_empty() {
            wrong("levels", "give at least one of STRONG_BUY, BUY, CONSIDER".to_owned());
        }
        if self.levels.contains(&Recommendation::Skip) {
            wrong("levels", "SKIP is never picked: use STRONG_BUY, BUY, CONSIDER".to_owned());
        }
        if self.min_profit.is_some_and(|profit| !(0..=MAX_AMOUNT).contains(&profit)) {
            wrong("min_profit", format!("must be 0 to {MAX_AMOUNT} in the minor unit"));
        }
        let range = |value: f64, most: f64| value.is_finite() && (0.0..=most).contains(&value);
        if self.min_roi_percent.is_some_and(|roi| !range(roi, 10_000.0)) {
            wrong("min_roi_percent", "must be 0 to 10000".to_owned());
        }
        if self.min_velocity.is_some_and(|velocity| !range(velocity, 100.0)) {
            wrong("min_velocity", "must be 0 to 100".to_owned());
        }
        for (field, value) in [
            ("jackpot_roi_percent", self.jackpot_roi_percent),
            ("reopen_price_percent", self.reopen_price_percent),
            ("reopen_roi_points", self.reopen_roi_points),
        ] {
            if !range(value, 10_000.0) || value <= 0.0 {
                wrong(field, "must be above 0 and at most 10000".to_owned());
            }
        }
        if !(2..=MAX_RUNS).contains(&self.stable_of) {
            wrong("stable_of", format!("must be 2 to {MAX_RUNS}, not {}", self.stable_of));
        }
        if !(2..=self.stable_of).contains(&self.stable_seen) {
            wrong("stable_seen", format!("must be 2 to stable_of, not {}", self.stable_seen));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> serde_json::Value {
        json!({"name": "Books", "searches": [{"filters": {
            "marketplace": "us", "category": "Books", "bsr_min": 10_000, "bsr_max": 50_000}}]})
    }

    fn fields(document: serde_json::Value) -> Vec<String> {
        let spec: JobSpec = serde_json::from_value(document).unwrap();
        spec.check().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_job_needs_a_name_and_a_search_and_nothing_else() {
        assert_eq!(fields(document()), Vec::<String>::new());
        let spec: JobSpec = serde_json::from_value(document()).unwrap();
        assert_eq!(spec.sub_ranges, 3);
        assert_eq!(spec.picks.levels, [Recommendation::StrongBuy, Recommendation::Buy]);
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let mut wrong = document();
        wrong["name"] = json!(" ");
        wrong["sub_ranges"] = json!(0);
        wrong["budget"] = json!({"tokens": -1, "mode": "stop"});
        wrong["searches"] = json!([
            {"filters": {"marketplace": "us", "category": "Boks", "bsr_min": 5, "bsr_max": 1}},
            {"filters": {"marketplace": "de", "category": 0, "bsr_min": 1, "bsr_max": 5}, "cost": -1},
            {},
            {"niche_id": "0197e4c8-7c5b-7000-8000-000000000000", "filters": {"marketplace": "us", "category": 0, "bsr_min": 1, "bsr_max": 5}},
        ]);
        wrong["picks"] = json!({"levels": ["SKIP"], "min_velocity": 101, "stable_of": 1});
        wrong["schedule"] = json!({"cron": "every day", "time_zone": "Mars/Base"});
        let found = fields(wrong);
        for field in [
            "name",
            "sub_ranges",
            "budget.tokens",
            "searches[0].filters.bsr_min",
            "searches[0].filters.category",
            "searches[1].filters.marketplace",
            "searches[1].cost",
            "searches[2]",
            "searches[3]",
            "picks.levels",
            "picks.min_velocity",
            "picks.stable_of",
            "schedule.cron",
            "schedule.time_zone",
        ] {
            assert!(found.iter().any(|f| f == field), "{field} is missing in {found:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let mut wrong = document();
        wrong["pics"] = json!({});
        assert!(serde_json::from_value::<JobSpec>(wrong).is_err());
    }
}
