//! What changed between two runs of a niche.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::run::MAX_RUNS;
use super::types::{NicheFind, NicheRun};
use crate::scoring::count;
use crate::{Engine, EngineError};

/// What changed from one run to a later one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NicheComparison {
    /// The earlier run.
    pub from: NicheRun,
    /// The later run.
    pub to: NicheRun,
    /// Products that only the later run saw.
    pub new: Vec<NicheFind>,
    /// Products that only the earlier run saw.
    pub gone: Vec<NicheFind>,
    /// Products whose price is another, appeared or went away.
    pub price_changed: Vec<NicheChange>,
    /// Products with another verdict.
    pub verdict_changed: Vec<NicheChange>,
    /// Products with the same price and verdict in both.
    #[schema(value_type = i64)]
    pub unchanged: i64,
    /// Products that both saw and one of them could not score.
    #[schema(value_type = i64)]
    pub not_comparable: i64,
}

/// A product that both runs saw, and saw differently.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NicheChange {
    /// The product.
    pub asin: String,
    /// Its title, as the later run saw it.
    pub title: Option<String>,
    /// What the earlier run saw.
    pub before: NicheFind,
    /// What the later run saw.
    pub after: NicheFind,
}

/// Compares what two runs saw, product by product.
pub(super) fn compare(
    (from, old): (NicheRun, Vec<NicheFind>),
    (to, mut new): (NicheRun, Vec<NicheFind>),
) -> NicheComparison {
    // The same in whatever order the runs saw them.
    new.sort_by(|a, b| a.asin.cmp(&b.asin));
    let mut old: BTreeMap<String, NicheFind> =
        old.into_iter().map(|find| (find.asin.clone(), find)).collect();
    let mut comparison = NicheComparison {
        from,
        to,
        new: Vec::new(),
        gone: Vec::new(),
        price_changed: Vec::new(),
        verdict_changed: Vec::new(),
        unchanged: 0,
        not_comparable: 0,
    };
    for after in new {
        let Some(before) = old.remove(&after.asin) else {
            comparison.new.push(after);
            continue;
        };
        // What was not scored says nothing of price and verdict.
        if before.verdict.is_none() || after.verdict.is_none() {
            comparison.not_comparable += 1;
            continue;
        }
        let (price, verdict) = (before.price != after.price, before.verdict != after.verdict);
        comparison.unchanged += count(usize::from(!price && !verdict));
        let change = NicheChange { asin: after.asin.clone(), title: after.title.clone(), before, after };
        if verdict {
            comparison.verdict_changed.push(change.clone());
        }
        if price {
            comparison.price_changed.push(change);
        }
    }
    comparison.gone = old.into_values().collect();
    comparison
}

impl Engine {
    /// Compares two runs of a niche: by default the last one that has an answer with the one before it.
    pub async fn compare_niche_runs(
        &self,
        id: Uuid,
        from: Option<Uuid>,
        to: Option<Uuid>,
    ) -> Result<NicheComparison, EngineError> {
        self.niche(id).await?;
        let answered = self.answered_runs(id, MAX_RUNS).await?;
        let named = |run: Uuid| {
            let known = answered.iter().find(|known| known.id == run).cloned();
            known.ok_or_else(|| EngineError::NotFound { what: "run with an answer", id: run.to_string() })
        };
        let to = match to {
            Some(to) => Some(named(to)?),
            None => answered.first().cloned(),
        };
        let from = match (from, &to) {
            (Some(from), _) => Some(named(from)?),
            (None, Some(to)) => answered.iter().find(|run| run.id < to.id).cloned(),
            (None, None) => None,
        };
        let (Some(from), Some(to)) = (from, to) else {
            return Err(EngineError::refused(
                "nothing_to_compare",
                "there are no two runs to compare yet: run the niche again",
            ));
        };
        let (old, new) = (self.run_finds(from.id).await?, self.run_finds(to.id).await?);
        Ok(compare((from, old), (to, new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::niche::NicheOutcome;

    fn run() -> NicheRun {
        NicheRun {
            id: Uuid::nil(),
            niche_id: Uuid::nil(),
            niche_version: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            milliseconds: 0,
            source: "api".to_owned(),
            outcome: NicheOutcome::Done,
            error: None,
            found: 0,
            scored: 0,
            verdicts: BTreeMap::new(),
            buys: 0,
            median_roi_percent: None,
            tokens_charged: 0,
            tokens_saved: 0,
            tokens_per_buy: None,
        }
    }

    fn find(asin: &str, price: Option<i64>, verdict: Option<&str>) -> NicheFind {
        NicheFind {
            asin: asin.to_owned(),
            title: None,
            price,
            bsr: None,
            verdict: verdict.map(str::to_owned),
            roi_percent: None,
            max_cost: None,
        }
    }

    #[test]
    fn every_product_stands_where_it_belongs_and_none_is_lost() {
        let old = vec![
            find("SAME", Some(1500), Some("BUY")),
            find("CHEAPER", Some(1500), Some("BUY")),
            find("SOLDOUT", Some(1500), Some("BUY")),
            find("WORSE", Some(1500), Some("BUY")),
            find("BOTH", Some(1500), Some("BUY")),
            find("GONE", Some(1500), Some("BUY")),
            find("UNSCORED", Some(1500), Some("BUY")),
        ];
        let new = vec![
            find("SAME", Some(1500), Some("BUY")),
            find("CHEAPER", Some(1499), Some("BUY")),
            find("SOLDOUT", None, Some("BUY")),
            find("WORSE", Some(1500), Some("SKIP")),
            find("BOTH", Some(1200), Some("SKIP")),
            find("NEW", Some(2000), Some("CONSIDER")),
            find("UNSCORED", None, None),
        ];
        let compared = compare((run(), old), (run(), new));
        let asins = |finds: &[NicheFind]| finds.iter().map(|f| f.asin.clone()).collect::<Vec<_>>();
        let changed = |changes: &[NicheChange]| changes.iter().map(|c| c.asin.clone()).collect::<Vec<_>>();
        assert_eq!(asins(&compared.new), ["NEW"]);
        assert_eq!(asins(&compared.gone), ["GONE"]);
        assert_eq!(changed(&compared.price_changed), ["BOTH", "CHEAPER", "SOLDOUT"]);
        assert_eq!(changed(&compared.verdict_changed), ["BOTH", "WORSE"]);
        assert_eq!((compared.unchanged, compared.not_comparable), (1, 1));
    }
}
