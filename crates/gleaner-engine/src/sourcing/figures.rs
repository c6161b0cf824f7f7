//! The figures of a product that a sighting and a pick keep: enough to decide, to compare and to say why.

use chrono::{DateTime, Utc};
use gleaner_core::economics::VerdictBasis;
use gleaner_core::rules::Strategy;
use gleaner_core::score::NearestChange;
use gleaner_core::verdict::{Assumption, Cap, Confidence, Reason, Recommendation, Warning};
use gleaner_core::{Condition, Score};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::judge::Judgement;

/// A product as a run judged it. Amounts are minor units of the currency; what is missing is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingFigures)]
pub struct Figures {
    /// Title as Keepa has it.
    pub title: Option<String>,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Condition to buy and sell in.
    pub condition: Condition,
    /// The rule set.
    pub strategy: Strategy,
    /// Its version.
    #[schema(value_type = i64)]
    pub rules_version: i64,
    /// The price the sale is reckoned with.
    #[schema(value_type = Option<i64>)]
    pub sell_price: Option<i64>,
    /// What one copy costs, before tax.
    #[schema(value_type = Option<i64>)]
    pub cost: Option<i64>,
    /// The most to pay, before tax, and still have BUY's ROI and profit.
    #[schema(value_type = Option<i64>)]
    pub max_cost: Option<i64>,
    /// Sell price less all fees, less cost and tax.
    #[schema(value_type = Option<i64>)]
    pub profit: Option<i64>,
    /// Profit in percent of the total cost, not rounded.
    pub roi_percent: Option<f64>,
    /// What the verdict rests on; with `assumed` the `max_cost` is what decides.
    pub verdict_basis: VerdictBasis,
    /// The verdict.
    pub recommendation: Recommendation,
    /// How far the numbers can be trusted.
    pub confidence: Confidence,
    /// 0 to 100.
    pub velocity_score: f64,
    /// Sales rank.
    #[schema(value_type = Option<i64>)]
    pub bsr: Option<i64>,
    /// Copies the listing sells in 30 days, all sellers.
    pub sales30: Option<f64>,
    /// Days until one copy sells at an even share.
    pub days_to_sell: Option<f64>,
    /// Amazon sells it now; null when nothing tells.
    pub amazon_in_stock: Option<bool>,
    /// Percent of the last 90 days with Amazon in stock.
    #[schema(value_type = Option<i64>)]
    pub amazon_share90: Option<i64>,
    /// Offers in new condition.
    #[schema(value_type = Option<i64>)]
    pub offers_new: Option<i64>,
    /// Offers fulfilled by Amazon.
    #[schema(value_type = Option<i64>)]
    pub offers_fba: Option<i64>,
    /// Why the verdict is not better.
    pub reasons: Vec<Reason>,
    /// What lowers the verdict whatever the numbers.
    pub caps: Vec<Cap>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// What to mind.
    pub warnings: Vec<Warning>,
    /// The smallest change that reaches the next level.
    pub nearest_change: Option<NearestChange>,
    /// What it fell short of first; null for what passed.
    pub missed: Option<String>,
    /// By how much it fell short, as a share of what was asked for; null where that cannot be said.
    pub shortfall: Option<f64>,
    /// When its facts were bought from Keepa.
    pub facts_fetched_at: Option<DateTime<Utc>>,
    /// The moment it was judged at.
    pub evaluated_at: DateTime<Utc>,
}

impl Figures {
    pub(super) fn new(score: &Score, facts_fetched_at: Option<DateTime<Utc>>, judgement: &Judgement) -> Self {
        Self {
            title: score.title.clone(),
            currency: score.currency.clone(),
            condition: score.condition,
            strategy: score.strategy,
            rules_version: score.rules_version,
            sell_price: score.sell_price,
            cost: score.cost,
            max_cost: score.max_cost,
            profit: score.profit,
            roi_percent: score.roi_percent,
            verdict_basis: score.verdict_basis,
            recommendation: score.recommendation,
            confidence: score.confidence,
            velocity_score: score.velocity_score,
            bsr: score.bsr,
            sales30: score.sales30,
            days_to_sell: score.days_to_sell,
            amazon_in_stock: score.amazon_in_stock,
            amazon_share90: score.amazon_share90,
            offers_new: score.offers_new,
            offers_fba: score.offers_fba,
            reasons: score.reasons.clone(),
            caps: score.caps.clone(),
            assumptions: score.assumptions.clone(),
            warnings: score.warnings.clone(),
            nearest_change: score.nearest_change,
            missed: judgement.missed.clone(),
            shortfall: judgement.shortfall,
            facts_fetched_at,
            evaluated_at: score.evaluated_at,
        }
    }
}
