//! Whether a scored product is good enough for a job, and what it falls short of.

use gleaner_core::Score;
use gleaner_core::filters::{FilterMiss, FilterName};
use gleaner_core::verdict::Cap;

use super::spec::PickRules;
use super::{float, word};

/// What a job makes of a product.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Judgement {
    /// What it fell short of first, a stable word; `None`: it passed.
    pub(super) missed: Option<String>,
    /// By how much it fell short, as a share of what was asked for.
    pub(super) shortfall: Option<f64>,
}

/// The word for a filter that the facts contradict.
pub(super) fn filter_word(filter: FilterName) -> String {
    format!("filter_{}", filter.as_str())
}

/// The word for the job's own threshold.
const MIN_PROFIT: &str = "min_profit";
const MIN_ROI: &str = "min_roi_percent";
const MIN_VELOCITY: &str = "min_velocity";

impl Judgement {
    pub(super) fn passed(&self) -> bool {
        self.missed.is_none()
    }

    /// Judges a score. A product that only its own ROI holds back passes on the level below that cap: it will be a
    /// jackpot, to be verified by hand, and nobody could verify what is not shown.
    pub(super) fn of(score: &Score, filter: Option<FilterMiss>, rules: &PickRules) -> Self {
        if let Some(miss) = filter {
            return Self { missed: Some(filter_word(miss.filter)), shortfall: None };
        }
        let level = if score.caps == [Cap::RoiOutlier] {
            score.uncapped_recommendation
        } else {
            score.recommendation
        };
        let first_reason = || score.reasons.first().map_or_else(|| "level".to_owned(), word);
        if score.profit.is_none() {
            return Self { missed: Some(first_reason()), shortfall: None };
        }
        let missed = if rules.levels.contains(&level) {
            own_thresholds(score, rules)
                .into_iter()
                .find(|(_, by)| *by > 0.0)
                .map(|(name, _)| name.to_owned())
        } else if rules.levels.contains(&score.uncapped_recommendation) {
            let cap = score.caps.iter().find(|cap| **cap != Cap::RoiOutlier).or(score.caps.first());
            Some(cap.map_or_else(first_reason, word))
        } else {
            Some(first_reason())
        };
        let shortfall = missed.as_ref().map(|_| shortfall(score, rules));
        Self { missed, shortfall }
    }
}

/// The job's own thresholds with the share by which each is missed; 0 where it is met or not asked for.
fn own_thresholds(score: &Score, rules: &PickRules) -> [(&'static str, f64); 3] {
    let missing = |least: Option<f64>, actual: Option<f64>| least.map_or(0.0, |least| short(least, actual));
    [
        (MIN_PROFIT, missing(rules.min_profit.map(float), score.profit.map(float))),
        (MIN_ROI, missing(rules.min_roi_percent, score.roi_percent.or(infinite(score)))),
        (MIN_VELOCITY, missing(rules.min_velocity, Some(score.velocity_score))),
    ]
}

/// What costs nothing and earns something has an ROI above any.
fn infinite(score: &Score) -> Option<f64> {
    (score.total_cost == Some(0) && score.profit > Some(0)).then_some(f64::INFINITY)
}

/// By which share a value is below a bound; a missing value is short of all of it.
fn short(least: f64, actual: Option<f64>) -> f64 {
    actual.map_or(1.0, |actual| ((least - actual) / least.abs().max(1.0)).max(0.0))
}

/// The sum of all that is missing to the lowest level that is picked, and to the job's own thresholds.
fn shortfall(score: &Score, rules: &PickRules) -> f64 {
    let lowest = rules.levels.iter().min();
    let of_level: f64 = score
        .conditions
        .iter()
        .filter(|condition| Some(&condition.level) == lowest && !condition.holds)
        .map(|condition| short(condition.required, condition.actual))
        .sum();
    of_level + own_thresholds(score, rules).iter().map(|(_, by)| by).sum::<f64>()
}
