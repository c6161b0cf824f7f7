//! Scoring everything again that was ever paid for, under other rules, at no token.
//!
//! It reads and decides, and keeps nothing: what is asked for later is scored under the rules of that moment.

use std::collections::{BTreeMap, VecDeque};

use gleaner_core::rules::Rules;
use gleaner_core::verdict::Recommendation;
use gleaner_core::{Marketplace, ScoreInput, score};
use gleaner_store::PackedProduct;
use keepa::RawProduct;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::scoring::{count, off_the_runtime};
use crate::{Engine, EngineError};

/// Products that are read at a time: with some ten KB of compressed facts each, a page is about a megabyte.
const PAGE: u32 = 128;

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

/// What one page came to; cheaper to count than a report.
#[derive(Default)]
struct Tally {
    products: usize,
    with_roi: usize,
    unreadable: usize,
    verdicts: BTreeMap<&'static str, usize>,
}

impl RescoreReport {
    fn empty() -> Self {
        let all = [Recommendation::Skip].into_iter().chain(Recommendation::LEVELS);
        let verdicts = all.map(|verdict| (verdict.as_str().to_owned(), 0)).collect();
        Self { verdicts, ..Self::default() }
    }

    fn add(&mut self, tally: &Tally) {
        self.products += count(tally.products);
        self.with_roi += count(tally.with_roi);
        self.unreadable += count(tally.unreadable);
        for (verdict, n) in &tally.verdicts {
            *self.verdicts.entry((*verdict).to_owned()).or_default() += count(*n);
        }
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
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        for marketplace in Marketplace::ALL {
            let rules = rules(marketplace);
            let domain = i64::from(marketplace.id());
            let mut under_way = VecDeque::new();
            let mut after: Option<String> = None;
            loop {
                let page = self.store.products_page_packed(domain, after.as_deref(), PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.asin().to_owned());
                let (engine, rules) = (self.clone(), rules.clone());
                // Started now, and waited for when as many are under way as there are cores.
                under_way.push_back(tokio::spawn(off_the_runtime(move || {
                    engine.tally(marketplace, &rules, page)
                })));
                if under_way.len() > workers {
                    finish(&mut under_way, &mut report, &mut on_progress).await?;
                }
            }
            while !under_way.is_empty() {
                finish(&mut under_way, &mut report, &mut on_progress).await?;
            }
        }
        Ok(report)
    }

    fn tally(&self, marketplace: Marketplace, rules: &Rules, page: Vec<PackedProduct>) -> Tally {
        let mut tally = Tally::default();
        for packed in page {
            tally.products += 1;
            let Some(product) = packed.unpack().ok().and_then(|row| {
                let text = std::str::from_utf8(&row.json).ok()?;
                Some(RawProduct::decode(text).ok()?.product)
            }) else {
                tally.unreadable += 1;
                continue;
            };
            let score = score(&ScoreInput {
                product: &product,
                marketplace,
                condition: rules.condition,
                cost: None,
                price: None,
                at: self.evaluation_time(&product),
                rules,
                cards: &self.cards,
            });
            tally.with_roi += usize::from(score.roi_percent.is_some());
            *tally.verdicts.entry(score.recommendation.as_str()).or_default() += 1;
        }
        tally
    }
}

type UnderWay = VecDeque<tokio::task::JoinHandle<Result<Tally, EngineError>>>;

async fn finish(
    under_way: &mut UnderWay,
    report: &mut RescoreReport,
    on_progress: &mut (impl FnMut(&RescoreReport) + Send),
) -> Result<(), EngineError> {
    if let Some(page) = under_way.pop_front() {
        report.add(&page.await.map_err(|_| EngineError::Internal)??);
        on_progress(report);
    }
    Ok(())
}
