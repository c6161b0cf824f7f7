//! What other rules or other fee cards would change, before they are saved: every stored product is scored twice, at
//! no token, and nothing is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use gleaner_core::fee_card::FeeCards;
use gleaner_core::rules::{RuleDocument, Strategy};
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Marketplace, Score, ScoreInput, score};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::scoring::count;
use crate::{Engine, EngineError};

/// Products shown for each kind of change when nobody says.
pub const DEFAULT_EXAMPLES: usize = 10;
/// The most that are shown.
pub const MAX_EXAMPLES: usize = 1_000;

/// What would change.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Stored products that were scored both ways.
    #[schema(value_type = i64)]
    pub products: i64,
    /// Those with another verdict.
    #[schema(value_type = i64)]
    pub changed: i64,
    /// Those with a better one.
    #[schema(value_type = i64)]
    pub better: i64,
    /// Those with a worse one.
    #[schema(value_type = i64)]
    pub worse: i64,
    /// Those whose profit would be another, whatever the verdict.
    #[schema(value_type = i64)]
    pub profit_changed: i64,
    /// Products whose stored facts cannot be read any more.
    #[schema(value_type = i64)]
    pub unreadable: i64,
    /// How many have which verdict now.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub before: BTreeMap<String, i64>,
    /// How many would have which.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub after: BTreeMap<String, i64>,
    /// From which verdict to which, with products: the most frequent first.
    pub transitions: Vec<Transition>,
}

/// Products that would go from one verdict to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Transition {
    /// The verdict now.
    pub from: Recommendation,
    /// The verdict then.
    pub to: Recommendation,
    /// How many.
    #[schema(value_type = i64)]
    pub count: i64,
    /// Some of them, by ASIN.
    pub examples: Vec<PreviewExample>,
}

/// A product that would get another verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreviewExample {
    /// The product.
    pub asin: String,
    /// Its title.
    pub title: Option<String>,
    /// Marketplace code.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Marketplace,
    /// As it is.
    pub before: Judged,
    /// As it would be.
    pub after: Judged,
}

/// A verdict and what it rests on. Amounts are in the minor unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Judged {
    /// The verdict.
    pub verdict: Recommendation,
    /// ROI in percent.
    pub roi_percent: Option<f64>,
    /// Velocity, 0 to 100.
    pub velocity_score: f64,
    /// Profit.
    #[schema(value_type = Option<i64>)]
    pub profit: Option<i64>,
    /// The most one may pay.
    #[schema(value_type = Option<i64>)]
    pub max_cost: Option<i64>,
}

impl From<&Score> for Judged {
    fn from(score: &Score) -> Self {
        Self {
            verdict: score.recommendation,
            roi_percent: score.roi_percent,
            velocity_score: score.velocity_score,
            profit: score.profit,
            max_cost: score.max_cost,
        }
    }
}

/// Rules and cards to score under.
#[derive(Clone)]
pub(crate) struct Regime {
    pub(crate) document: RuleDocument,
    pub(crate) cards: Arc<FeeCards>,
}

/// What came of a product under both.
struct Pair {
    from: Recommendation,
    to: Recommendation,
    profit_changed: bool,
    /// For those whose verdict changes.
    example: Option<Box<PreviewExample>>,
}

impl Engine {
    /// What other rules would change: every stored product is judged under the newest rules of the strategy and under
    /// the document, each in its own condition.
    pub async fn preview_rules(
        &self,
        strategy: Strategy,
        document: RuleDocument,
        examples: usize,
    ) -> Result<Preview, EngineError> {
        let errors = document.check();
        if !errors.is_empty() {
            return Err(EngineError::Invalid(errors));
        }
        let newest = self.rules_version(strategy, None).await?.document;
        let cards = self.cards_now().await?;
        let before = Regime { document: newest, cards: cards.clone() };
        let after = Regime { document, cards };
        self.preview(strategy, &before, &after, &Marketplace::ALL, examples).await
    }

    /// Scores every stored product of some marketplaces both ways.
    pub(crate) async fn preview(
        &self,
        strategy: Strategy,
        before: &Regime,
        after: &Regime,
        marketplaces: &[Marketplace],
        examples: usize,
    ) -> Result<Preview, EngineError> {
        if examples > MAX_EXAMPLES {
            return Err(EngineError::field("examples", format!("must be 0 to {MAX_EXAMPLES}")));
        }
        let levels = || [Recommendation::Skip].into_iter().chain(Recommendation::LEVELS);
        let none: BTreeMap<String, i64> = levels().map(|level| (level.as_str().to_owned(), 0)).collect();
        let mut preview = Preview { before: none.clone(), after: none, ..Preview::default() };
        let mut transitions: BTreeMap<(Recommendation, Recommendation), Transition> = BTreeMap::new();
        for marketplace in marketplaces {
            let both = [before, after]
                .map(|regime| (regime.document.resolve(strategy, 0, *marketplace), regime.cards.clone()));
            let marketplace = *marketplace;
            let judge = move |product: &keepa::Product, at| {
                let [old, new] = both.each_ref().map(|(rules, cards)| {
                    let condition = rules.condition;
                    score(&ScoreInput {
                        product,
                        marketplace,
                        condition,
                        cost: None,
                        price: None,
                        at,
                        rules,
                        cards,
                    })
                });
                let changed = old.recommendation != new.recommendation;
                Pair {
                    from: old.recommendation,
                    to: new.recommendation,
                    profit_changed: old.profit != new.profit,
                    example: changed.then(|| {
                        Box::new(PreviewExample {
                            before: Judged::from(&old),
                            after: Judged::from(&new),
                            asin: new.asin,
                            title: new.title,
                            marketplace,
                        })
                    }),
                }
            };
            self.over_stored(marketplace, Arc::new(judge), |page| {
                preview.products += count(page.made.len());
                preview.unreadable += count(page.unreadable);
                for Pair { from, to, profit_changed, example } in page.made {
                    preview.profit_changed += i64::from(profit_changed);
                    *preview.before.entry(from.as_str().to_owned()).or_default() += 1;
                    *preview.after.entry(to.as_str().to_owned()).or_default() += 1;
                    let Some(example) = example else { continue };
                    preview.changed += 1;
                    preview.better += i64::from(to > from);
                    preview.worse += i64::from(to < from);
                    let transition = transitions.entry((from, to)).or_insert_with(|| Transition {
                        from,
                        to,
                        count: 0,
                        examples: Vec::new(),
                    });
                    transition.count += 1;
                    if transition.examples.len() < examples {
                        transition.examples.push(*example);
                    }
                }
            })
            .await?;
        }
        preview.transitions = transitions.into_values().collect();
        preview.transitions.sort_by_key(|transition| std::cmp::Reverse(transition.count));
        Ok(preview)
    }
}
