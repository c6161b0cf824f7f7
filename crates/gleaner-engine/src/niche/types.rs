//! What a run of a niche came to, and what it saw.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use gleaner_core::verdict::Recommendation;
use gleaner_store::{NicheFindRow, NicheRunRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Niche;
use crate::scoring::{Scored, count, verdicts};
use crate::search::ProductSearchResult;
use crate::{Caller, EngineError, stored};

/// The verdicts that are worth buying.
pub(super) const BUYS: [Recommendation; 2] = [Recommendation::Buy, Recommendation::StrongBuy];

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NicheOutcome {
    /// Every product that was found is scored.
    Done,
    /// Nothing was found.
    Empty,
    /// Some products could not be scored: for want of tokens, by the run's budget, or because Keepa does not know them.
    Partial,
    /// There is no answer; the code says why.
    Failed,
}

impl NicheOutcome {
    const ALL: [Self; 4] = [Self::Done, Self::Empty, Self::Partial, Self::Failed];

    /// `done`, `empty`, `partial` or `failed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Empty => "empty",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NicheRun {
    /// Its id.
    pub id: Uuid,
    /// Of which niche.
    pub niche_id: Uuid,
    /// In which version.
    #[schema(value_type = i64)]
    pub niche_version: i64,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took.
    #[schema(value_type = i64)]
    pub milliseconds: i64,
    /// Through which door it was asked for: frontend, api or manual.
    pub source: String,
    /// How it ended.
    pub outcome: NicheOutcome,
    /// The code of what went wrong; null when nothing did.
    pub error: Option<String>,
    /// Products found.
    #[schema(value_type = i64)]
    pub found: i64,
    /// Products scored.
    #[schema(value_type = i64)]
    pub scored: i64,
    /// How many got which verdict.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub verdicts: BTreeMap<String, i64>,
    /// Products with BUY or `STRONG_BUY`.
    #[schema(value_type = i64)]
    pub buys: i64,
    /// The median ROI of those in percent; null when there are none.
    pub median_roi_percent: Option<f64>,
    /// Tokens that Keepa charged.
    #[schema(value_type = i64)]
    pub tokens_charged: i64,
    /// Tokens that the cache made unnecessary.
    #[schema(value_type = i64)]
    pub tokens_saved: i64,
    /// Tokens charged for each product worth buying; null when there are none.
    pub tokens_per_buy: Option<f64>,
}

/// What a run saw of a product. Amounts are in the minor unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NicheFind {
    /// The product.
    pub asin: String,
    /// Its title.
    pub title: Option<String>,
    /// Its price in the niche's condition; null when nobody offered it.
    #[schema(value_type = Option<i64>)]
    pub price: Option<i64>,
    /// Its sales rank.
    #[schema(value_type = Option<i64>)]
    pub bsr: Option<i64>,
    /// The verdict; null when it was not scored.
    pub verdict: Option<String>,
    /// Its ROI in percent.
    pub roi_percent: Option<f64>,
    /// The most one may pay for it.
    #[schema(value_type = Option<i64>)]
    pub max_cost: Option<i64>,
}

/// What a niche brought over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NicheYield {
    /// The runs, newest first.
    pub runs: Vec<NicheRun>,
    /// How many of them failed.
    #[schema(value_type = i64)]
    pub failed_runs: i64,
    /// Different products that were worth buying in any run of the niche.
    #[schema(value_type = i64)]
    pub products_worth_buying: i64,
    /// Tokens charged for the runs shown.
    #[schema(value_type = i64)]
    pub tokens_charged: i64,
    /// Tokens charged for each BUY of the runs shown; null when there is none.
    pub tokens_per_buy: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "tokens and products are far below 2^52")]
pub(super) fn ratio(tokens: i64, buys: i64) -> Option<f64> {
    (buys > 0).then(|| tokens as f64 / buys as f64)
}

/// The middle value; of an even number of values the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], upper) } else { upper })
}

impl NicheRun {
    pub(super) fn read(row: NicheRunRow) -> Result<Self, EngineError> {
        let unreadable = || {
            tracing::error!(run = row.id, "a run of a niche cannot be read");
            EngineError::Internal
        };
        let outcome = NicheOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == row.outcome);
        Ok(Self {
            id: row.id.parse().map_err(|_| unreadable())?,
            niche_id: row.niche_id.parse().map_err(|_| unreadable())?,
            verdicts: serde_json::from_str(&row.verdicts).map_err(|_| unreadable())?,
            outcome: outcome.ok_or_else(unreadable)?,
            niche_version: row.niche_version,
            at: row.at.and_utc(),
            milliseconds: row.milliseconds,
            source: row.source,
            error: row.error,
            found: row.found,
            scored: row.scored,
            buys: row.buys,
            median_roi_percent: row.median_roi,
            tokens_charged: row.tokens_charged,
            tokens_saved: row.tokens_saved,
            tokens_per_buy: ratio(row.tokens_charged, row.buys),
        })
    }

    pub(super) fn row(&self) -> Result<NicheRunRow, EngineError> {
        Ok(NicheRunRow {
            id: self.id.to_string(),
            niche_id: self.niche_id.to_string(),
            niche_version: self.niche_version,
            at: stored(self.at),
            milliseconds: self.milliseconds,
            source: self.source.clone(),
            outcome: self.outcome.as_str().to_owned(),
            error: self.error.clone(),
            found: self.found,
            scored: self.scored,
            verdicts: serde_json::to_string(&self.verdicts).map_err(|_| EngineError::Internal)?,
            buys: self.buys,
            median_roi: self.median_roi_percent,
            tokens_charged: self.tokens_charged,
            tokens_saved: self.tokens_saved,
        })
    }

    /// A run without an answer, and what it cost all the same.
    pub(super) fn failed(
        niche: &Niche,
        caller: Caller,
        at: DateTime<Utc>,
        error: &EngineError,
        tokens_charged: i64,
    ) -> Self {
        Self {
            id: Uuid::now_v7(),
            niche_id: niche.id,
            niche_version: niche.version,
            at,
            milliseconds: 0,
            source: caller.source.as_str().to_owned(),
            outcome: NicheOutcome::Failed,
            error: Some(error.code().to_owned()),
            found: 0,
            scored: 0,
            verdicts: verdicts(&[]),
            buys: 0,
            median_roi_percent: None,
            tokens_charged,
            tokens_saved: 0,
            tokens_per_buy: None,
        }
    }

    pub(super) fn of(niche: &Niche, caller: Caller, at: DateTime<Utc>, result: &ProductSearchResult) -> Self {
        let (found, scores) = (count(result.discovery.asins.len()), &result.scoring.scores);
        let buys = scores.iter().filter(|scored| BUYS.contains(&scored.score.recommendation));
        let (discovery, scoring) = (&result.discovery.tokens, &result.scoring.tokens);
        let (n, tokens_charged) = (count(buys.clone().count()), discovery.charged + scoring.charged);
        Self {
            id: Uuid::now_v7(),
            niche_id: niche.id,
            niche_version: niche.version,
            at,
            milliseconds: 0,
            source: caller.source.as_str().to_owned(),
            outcome: match () {
                () if found == 0 => NicheOutcome::Empty,
                () if count(scores.len()) < found => NicheOutcome::Partial,
                () => NicheOutcome::Done,
            },
            // The first reason stands for the rest: they seldom differ.
            error: result.scoring.rejected.first().map(|rejected| rejected.code.clone()),
            found,
            scored: count(scores.len()),
            verdicts: result.scoring.verdicts.clone(),
            buys: n,
            median_roi_percent: median(buys.filter_map(|scored| scored.score.roi_percent).collect()),
            tokens_charged,
            tokens_saved: discovery.saved + scoring.saved,
            tokens_per_buy: ratio(tokens_charged, n),
        }
    }
}

impl NicheFind {
    pub(super) fn read(row: NicheFindRow) -> Self {
        let NicheFindRow { asin, title, price, bsr, verdict, roi_percent, max_cost } = row;
        Self { asin, title, price, bsr, verdict, roi_percent, max_cost }
    }

    pub(super) fn row(&self) -> NicheFindRow {
        let Self { asin, title, price, bsr, verdict, roi_percent, max_cost } = self.clone();
        NicheFindRow { asin, title, price, bsr, verdict, roi_percent, max_cost }
    }
}

/// What a run saw, scored or not: a product that was found and could not be scored is not gone.
pub(super) fn finds(result: &ProductSearchResult) -> Vec<NicheFind> {
    let scored: HashMap<&str, &Scored> =
        result.scoring.scores.iter().map(|scored| (scored.score.asin.as_str(), scored)).collect();
    let find = |product: &crate::discovery::DiscoveredProduct| match scored.get(product.asin.as_str()) {
        Some(scored) => NicheFind {
            asin: product.asin.clone(),
            title: scored.score.title.clone(),
            price: scored.score.current,
            bsr: scored.score.bsr,
            verdict: Some(scored.score.recommendation.as_str().to_owned()),
            roi_percent: scored.score.roi_percent,
            max_cost: scored.score.max_cost,
        },
        None => NicheFind {
            asin: product.asin.clone(),
            title: product.title.clone(),
            price: None,
            bsr: product.bsr,
            verdict: None,
            roi_percent: None,
            max_cost: None,
        },
    };
    result.discovery.products.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_and_missing_for_nothing() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![31.5]), Some(31.5));
        assert_eq!(median(vec![50.0, 30.0, 40.0]), Some(40.0));
        assert_eq!(median(vec![30.0, 60.0, 40.0, 50.0]), Some(45.0));
    }

    #[test]
    fn tokens_for_a_buy_are_missing_without_one_and_zero_from_the_cache() {
        assert_eq!(ratio(61, 0), None);
        assert_eq!(ratio(61, 2), Some(30.5));
        assert_eq!(ratio(0, 3), Some(0.0));
    }
}
