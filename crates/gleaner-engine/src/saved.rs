//! Scoring saved Keepa answers: no database, no network, no token.

use chrono::{DateTime, Utc};
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace, ScoreInput, score};
use gleaner_exchange::keepa_json;
use keepa::Product;

use crate::EngineError;
use crate::answer::{Rejected, TokenUse};
use crate::rules::InForce;
use crate::scoring::{ProductScoringResult, Scored, ScoredProduct, check_cost, count, verdicts};

/// A file as it was read, or why it was not.
pub type File = (String, std::io::Result<Vec<u8>>);

/// How saved products are to be scored.
#[derive(Debug, Clone, Copy)]
pub struct SavedQuestion {
    /// For products that do not say theirs.
    pub marketplace: Marketplace,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
    /// The moment to judge at; the answer's own when absent.
    pub as_of: Option<DateTime<Utc>>,
}

/// Scores every product of every file. A file that cannot be used is rejected; the others are scored.
pub fn score_saved(
    files: Vec<File>,
    question: &SavedQuestion,
    in_force: &InForce,
) -> Result<ProductScoringResult, EngineError> {
    check_cost(question.cost)?;
    let (mut scores, mut rejected) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let saved = match bytes {
            Ok(bytes) => keepa_json::read(&bytes).map_err(|e| Rejected::new(&name, e.code(), e.to_string())),
            Err(error) => Err(Rejected::new(&name, "unreadable_file", format!("cannot be read: {error}"))),
        };
        let saved = match saved {
            Ok(saved) => saved,
            Err(rejection) => {
                rejected.push(rejection);
                continue;
            }
        };
        for raw in &saved.products {
            match question.as_of.or_else(|| saved.as_of(&raw.product)) {
                Some(at) => scores.push(score_one(&raw.product, at, question, in_force)?),
                None => rejected.push(Rejected::new(
                    &name,
                    "no_time",
                    "neither the answer nor the product says when it was saved: give --as-of",
                )),
            }
        }
    }
    Ok(ProductScoringResult {
        history_id: None,
        hits: 0,
        misses: count(scores.len()),
        verdicts: verdicts(&scores),
        scores,
        rejected,
        tokens: TokenUse::default(),
        demo: false,
    })
}

fn score_one(
    product: &Product,
    at: DateTime<Utc>,
    question: &SavedQuestion,
    in_force: &InForce,
) -> Result<Scored, EngineError> {
    let marketplace = product.domain.unwrap_or(question.marketplace);
    let rules = in_force.rules(question.strategy, marketplace);
    let score = score(&ScoreInput {
        product,
        marketplace,
        condition: question.condition.unwrap_or(rules.condition),
        cost: question.cost,
        price: None,
        at,
        rules: &rules,
        cards: &in_force.cards,
    });
    Scored::new(ScoredProduct { score, cache_hit: false, stale: false, facts_fetched_at: None }, at)
}
