//! What a question is scored under, and whether it can be right at all.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gleaner_core::fee_card::FeeCards;
use gleaner_core::filters::short_hash;
use gleaner_core::money::MAX_AMOUNT;
use gleaner_core::rules::{Rules, Strategy};
use gleaner_core::{Condition, Marketplace};
use gleaner_exchange::codes::Gtin;
use keepa::Asin;
use serde_json::json;

use super::types::{MAX_ASINS, Scored, ScoringQuestion};
use crate::EngineError;
use crate::answer::{Budget, Rejected};
use crate::clock::can_have_been;

/// What all products of one question are scored under.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) marketplace: Marketplace,
    pub(super) condition: Condition,
    pub(super) cost: Option<i64>,
    pub(super) rules: Rules,
    pub(super) cards: Arc<FeeCards>,
    /// How old facts may be.
    pub(super) age: TimeDelta,
    /// What the question may spend.
    pub(super) budget: Budget,
}

impl Terms {
    /// `age` says how old facts may be where the rules allow so many minutes.
    pub(super) fn new(
        question: &ScoringQuestion,
        rules: Rules,
        cards: Arc<FeeCards>,
        age: impl Fn(Option<i64>) -> TimeDelta,
    ) -> Self {
        Self {
            age: age(rules.freshness.score_minutes),
            budget: question.budget.or(rules.budget),
            cards,
            marketplace: question.marketplace,
            condition: question.condition.unwrap_or(rules.condition),
            cost: question.cost,
            rules,
        }
    }

    /// Whether a score is young enough to be an answer.
    pub(super) fn young(&self, scored: &Scored, now: DateTime<Utc>) -> bool {
        let young = |fetched| fetched > now - self.age && can_have_been(fetched, now);
        scored.expires_at() > now && scored.facts_fetched_at.is_none_or(young)
    }

    /// The key in the scoring cache: plain for the default question, else with a hash of the rest.
    pub(super) fn cache_key(&self, asin: Asin) -> String {
        let plain = format!("scoring:{asin}:{}", self.marketplace.id());
        if self.rules.strategy == Strategy::default()
            && self.condition == Condition::New
            && self.cost.is_none()
        {
            return plain;
        }
        let rest = json!({
            "condition": self.condition.as_str(),
            "cost": self.cost,
            "strategy": self.rules.strategy.as_str(),
        });
        format!("{plain}:{}", short_hash(rest.to_string().as_bytes()))
    }
}

pub(super) fn check(question: &ScoringQuestion) -> Result<(), EngineError> {
    if question.asins.is_empty() {
        return Err(EngineError::field("asins", "give at least one ASIN"));
    }
    if question.asins.len() > MAX_ASINS {
        return Err(EngineError::field(
            "asins",
            format!("at most {MAX_ASINS} at once, not {}", question.asins.len()),
        ));
    }
    check_cost(question.cost)
}

/// A cost is 0 or more and within bounds.
pub(crate) fn check_cost(cost: Option<i64>) -> Result<(), EngineError> {
    match cost {
        Some(cost) if cost < 0 => Err(EngineError::field("cost", "must not be negative")),
        Some(cost) if cost > MAX_AMOUNT => {
            Err(EngineError::field("cost", format!("must be at most {MAX_AMOUNT} in the minor unit")))
        }
        _ => Ok(()),
    }
}

/// Splits the inputs into ASINs, each once, and rejections.
pub(super) fn parse(inputs: &[String]) -> (Vec<Asin>, Vec<Rejected>) {
    let (mut asins, mut rejected, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for input in inputs {
        match input.parse::<Asin>() {
            Ok(asin) if seen.insert(asin) => asins.push(asin),
            Ok(_) => {}
            Err(error) => {
                let mut message = error.to_string();
                // A book's ASIN is its ISBN-10: what was meant can be said.
                let digits: String = input.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
                if let Some(asin) = Gtin::parse(&digits).and_then(Gtin::isbn10) {
                    message = format!("`{digits}` is an ISBN-13; the ASIN of that book is {asin}");
                }
                rejected.push(Rejected::new(input, "invalid_asin", message));
            }
        }
    }
    (asins, rejected)
}

pub(super) fn unknown(asin: Asin, marketplace: Marketplace) -> Rejected {
    Rejected::new(
        asin.as_str(),
        "unknown_asin",
        format!("Keepa knows no product {asin} on amazon.{}", marketplace.tld()),
    )
}
