//! Scores of products whose facts are paid for already, for a file: at no token, and without a trace in the caches.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use gleaner_core::filters::FieldError;
use gleaner_core::money::MAX_AMOUNT;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace, Score, ScoreInput, score};
use gleaner_store::ProductRow;
use keepa::{Asin, RawProduct};

use crate::answer::Rejected;
use crate::scoring::off_the_runtime;
use crate::{Engine, EngineError};

/// The most products in one file.
pub const MAX_EXPORTED: usize = 10_000;

/// Products that are read and scored at a time: with their facts some ten megabytes.
const PAGE: usize = 100;

/// What to put into a file.
#[derive(Debug, Clone)]
pub struct ExportQuestion {
    /// The marketplace.
    pub marketplace: Marketplace,
    /// ASINs as they were given; what is not known is left out and told.
    pub asins: Vec<String>,
    /// The condition; the strategy's own when absent.
    pub condition: Option<Condition>,
    /// What one copy costs, before tax, in minor units.
    pub cost: Option<i64>,
    /// The rule set.
    pub strategy: Strategy,
}

/// A score, and how old what it rests on is.
#[derive(Debug, Clone)]
pub struct KnownScore {
    /// The score.
    pub score: Score,
    /// When its facts were bought from Keepa.
    pub facts_fetched_at: DateTime<Utc>,
}

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub struct KnownScores {
    /// The scores, in the order asked for.
    pub scores: Vec<KnownScore>,
    /// What was left out, and why.
    pub rejected: Vec<Rejected>,
}

impl Engine {
    /// Scores what is known of these products, spending nothing.
    pub async fn known_scores(&self, question: ExportQuestion) -> Result<KnownScores, EngineError> {
        let mut known = KnownScores::default();
        let asins = check(&question, &mut known.rejected)?;
        // Nothing is committed here that would notice new rules, so they are looked for.
        self.memory.renew(&self.store).await?;
        let generation = self.memory.generation();
        let rules = self.rules_for(question.strategy, question.marketplace, generation).await?;
        let cards = self.cards_at(generation).await?;
        let (marketplace, cost) = (question.marketplace, question.cost);
        let condition = question.condition.unwrap_or(rules.condition);
        for page in asins.chunks(PAGE) {
            let rows = self.store.products(i64::from(marketplace.id()), page).await?;
            let (engine, rules, cards) = (self.clone(), rules.clone(), cards.clone());
            let mut scored: HashMap<String, Option<KnownScore>> = off_the_runtime(move || {
                let score = |row: &ProductRow| {
                    // Facts that cannot be read any more are as good as unknown: they can be bought again.
                    let product = RawProduct::decode(std::str::from_utf8(&row.json).ok()?).ok()?.product;
                    // Keepa's answer for what does not exist holds nothing.
                    if product.is_unknown() {
                        return Some((row.asin.clone(), None));
                    }
                    let at = engine.evaluation_time(&product);
                    let (product, rules, cards) = (&product, &rules, &cards);
                    let input =
                        ScoreInput { product, marketplace, condition, cost, price: None, at, rules, cards };
                    let known =
                        KnownScore { score: score(&input), facts_fetched_at: row.fetched_at.and_utc() };
                    Some((row.asin.clone(), Some(known)))
                };
                rows.iter().filter_map(score).collect()
            })
            .await?;
            for asin in page {
                match scored.remove(asin) {
                    Some(Some(score)) => known.scores.push(score),
                    Some(None) => {
                        known.rejected.push(Rejected::new(
                            asin,
                            "unknown_asin",
                            "Keepa knows no such product",
                        ));
                    }
                    None => known.rejected.push(Rejected::new(
                        asin,
                        "not_known",
                        "nothing is known of this product yet: score it first, for one token",
                    )),
                }
            }
        }
        Ok(known)
    }
}

/// The ASINs that are some, each once; what is none goes to the rejected.
fn check(question: &ExportQuestion, rejected: &mut Vec<Rejected>) -> Result<Vec<String>, EngineError> {
    let mut errors = Vec::new();
    if question.cost.is_some_and(|cost| !(0..=MAX_AMOUNT).contains(&cost)) {
        errors.push(FieldError::new("cost", format!("must be 0 to {MAX_AMOUNT} in the minor unit")));
    }
    let count = question.asins.len();
    if !(1..=MAX_EXPORTED).contains(&count) {
        errors.push(FieldError::new("asins", format!("must be 1 to {MAX_EXPORTED} products, not {count}")));
    }
    if !errors.is_empty() {
        return Err(EngineError::Invalid(errors));
    }
    let mut seen = HashSet::new();
    let mut asins = Vec::with_capacity(count);
    for text in &question.asins {
        match text.parse::<Asin>() {
            Ok(asin) if seen.insert(asin) => asins.push(asin.to_string()),
            Ok(_) => {}
            Err(error) => rejected.push(Rejected::new(text, "invalid_asin", error.to_string())),
        }
    }
    Ok(asins)
}
