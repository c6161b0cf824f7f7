//! Scoring everything again that was ever paid for, under other rules, at no token.
//!
//! It reads and decides, and keeps nothing: what is asked for later is scored under the rules of that moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use gleaner_core::rules::Rules;
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Marketplace, ScoreInput, score};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::scoring::count;
use crate::{Engine, EngineError};

/// What a re-scoring came to, or how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct RescoreReport {
    /// Products that were looked at.
    #[schema(value_type = i64)]
    pub products: i64,
    /// Products whose score has an ROI.
    #[schema(value_type = i64)]
    pub with_roi: i64,
    /// Products whose stored facts cannot be read any more; they can be bought again.
    #[schema(value_type = i64)]
    pub unreadable: i64,
    /// How many got which verdict; every verdict is there, also with 0.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub verdicts: BTreeMap<String, i64>,
}

impl RescoreReport {
    fn empty() -> Self {
        let all = [Recommendation::Skip].into_iter().chain(Recommendation::LEVELS);
        let verdicts = all.map(|verdict| (verdict.as_str().to_owned(), 0)).collect();
        Self { verdicts, ..Self::default() }
    }
}

impl Engine {
    /// Scores every stored product of every marketplace under the rules that `rules` gives for it, in the rules'
    /// own condition, at a cost that nobody says. Memory does not grow with their number; `on_progress` is told
    /// after every page.
    pub async fn rescore_all(
        &self,
        rules: impl Fn(Marketplace) -> Rules + Send,
        mut on_progress: impl FnMut(&RescoreReport) + Send,
    ) -> Result<RescoreReport, EngineError> {
        let mut report = RescoreReport::empty();
        self.memory.renew(&self.store).await?;
        let cards = self.cards_at(self.memory.generation()).await?;
        for marketplace in Marketplace::ALL {
            let (rules, cards) = (rules(marketplace), cards.clone());
            let judge = move |product: &keepa::Product, at| {
                let condition = rules.condition;
                let (rules, cards) = (&rules, &*cards);
                let score = score(&ScoreInput {
                    product,
                    marketplace,
                    condition,
                    cost: None,
                    price: None,
                    at,
                    rules,
                    cards,
                });
                (score.recommendation, score.roi_percent.is_some())
            };
            self.over_stored(marketplace, Arc::new(judge), |page| {
                report.products += count(page.made.len() + page.unreadable);
                report.unreadable += count(page.unreadable);
                for (verdict, with_roi) in page.made {
                    report.with_roi += i64::from(with_roi);
                    *report.verdicts.entry(verdict.as_str().to_owned()).or_default() += 1;
                }
                on_progress(&report);
            })
            .await?;
        }
        Ok(report)
    }
}
