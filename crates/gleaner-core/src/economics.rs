//! Cost, profit, ROI, and the two prices that matter: the most to pay and the least to ask.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::facts::Facts;
use crate::fees::FeeSchedule;
use crate::money::{floor_div, percent_of, round};
use crate::price::{PriceRange, prices_netting};
use crate::rules::{BuyCost, Rules, Thresholds};

/// Where the cost of a copy comes from; a verdict is only as firm as this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// Given by the caller or a supplier's file.
    Explicit,
    /// The cheapest offer on Amazon.
    AmazonLowest,
    /// A share of the sell price.
    Factor,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictBasis {
    /// A cost that was given.
    Explicit,
    /// An offer that exists.
    Offer,
    /// An assumed cost: what decides is the most one may pay.
    Assumed,
}

impl CostSource {
    /// What a verdict with a cost of this kind rests on.
    #[must_use]
    pub fn basis(self) -> VerdictBasis {
        match self {
            Self::Explicit => VerdictBasis::Explicit,
            Self::AmazonLowest => VerdictBasis::Offer,
            Self::Factor => VerdictBasis::Assumed,
        }
    }
}

/// Which kind of cost applies, by the caller's wish and the rules.
#[must_use]
pub fn cost_source(explicit: Option<i64>, rules: &Rules) -> CostSource {
    match (explicit, rules.buy_cost) {
        (Some(_), _) => CostSource::Explicit,
        (None, BuyCost::AmazonLowest) => CostSource::AmazonLowest,
        (None, BuyCost::Factor(_)) => CostSource::Factor,
    }
}

/// The cost of a copy before tax; `None` when the rule finds none or there is no price to sell at.
#[must_use]
pub fn cost(explicit: Option<i64>, rules: &Rules, facts: &Facts, sell_price: Option<i64>) -> Option<i64> {
    explicit.or_else(|| match (rules.buy_cost, sell_price?) {
        (BuyCost::AmazonLowest, _) => facts.amazon_lowest,
        (BuyCost::Factor(share), price) => Some(round(Decimal::from(price) * share)),
    })
}

/// Cost and its tax.
#[must_use]
pub fn total_cost(cost: i64, rules: &Rules) -> i64 {
    cost + percent_of(cost, rules.buy_tax_percent)
}

/// ROI in percent, exact; `None` for a cost of 0.
#[must_use]
pub fn roi_percent(profit: i64, total_cost: i64) -> Option<Decimal> {
    (total_cost > 0).then(|| Decimal::from(profit) * Decimal::ONE_HUNDRED / Decimal::from(total_cost))
}

/// Whether profit and cost meet a level's ROI, compared exactly; a cost of 0 meets it with any profit.
#[must_use]
pub fn meets_roi(profit: i64, total_cost: i64, level: &Thresholds) -> bool {
    if total_cost == 0 {
        return profit > 0;
    }
    Decimal::from(profit) * Decimal::ONE_HUNDRED >= level.roi_percent * Decimal::from(total_cost)
}

/// Whether a profit meets a level's; a threshold of 0 asks for more than nothing.
#[must_use]
pub fn meets_profit(profit: i64, level: &Thresholds) -> bool {
    if level.profit == 0 { profit > 0 } else { profit >= level.profit }
}

/// The most one may pay before buy tax and still have a level's ROI and profit; `None` when that is
/// nothing.
#[must_use]
pub fn max_cost(net: i64, level: &Thresholds, rules: &Rules) -> Option<i64> {
    let tax = Decimal::ONE + rules.buy_tax_percent / Decimal::ONE_HUNDRED;
    let roi = Decimal::ONE + level.roi_percent / Decimal::ONE_HUNDRED;
    let by_roi = floor_div(Decimal::from(net), roi * tax);
    let by_profit = floor_div(Decimal::from(net - level.profit), tax);
    Some(by_roi.min(by_profit)).filter(|cost| *cost > 0)
}

/// The break-even price and the lower windows that break even too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BreakEven {
    /// The smallest price such that it and every higher price cover the cost.
    pub price: Option<i64>,
    /// Ranges of lower prices that cover the cost as well.
    pub windows: Vec<PriceRange>,
}

/// Finds the prices that cover a total cost.
#[must_use]
pub fn break_even(fees: &FeeSchedule, total_cost: i64) -> BreakEven {
    let mut windows = prices_netting(fees, total_cost);
    let price = windows.pop_if(|range| range.to.is_none()).map(|range| range.from);
    BreakEven { price, windows }
}

/// The smallest change that reaches a level, each alone. Amounts are minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reach {
    /// The highest cost that reaches it.
    #[schema(value_type = Option<i64>)]
    pub cost_at_most: Option<i64>,
    /// The lowest higher price that reaches it.
    #[schema(value_type = Option<i64>)]
    pub price_at_least: Option<i64>,
}

/// What cost, or what price, would reach a level's ROI and profit.
#[must_use]
pub fn reach(fees: &FeeSchedule, sell_price: i64, cost: i64, level: &Thresholds, rules: &Rules) -> Reach {
    let meets = |profit, total| meets_roi(profit, total, level) && meets_profit(profit, level);
    let cost_at_most = fees.net(sell_price).and_then(|net| {
        let fits = |cost: i64| {
            let total = total_cost(cost, rules);
            meets(net - total, total)
        };
        // Profit falls as the cost rises, so the costs that fit are 0 to some highest one.
        let (mut low, mut high) = (0, cost);
        if !fits(low) {
            return None;
        }
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if fits(middle) { low = middle } else { high = middle - 1 }
        }
        Some(low)
    });
    let total = total_cost(cost, rules);
    let roi_profit = -floor_div(-(level.roi_percent * Decimal::from(total)), Decimal::ONE_HUNDRED);
    let needed = roi_profit.max(level.profit).max(i64::from(level.profit == 0 || total == 0));
    let price_at_least = prices_netting(fees, total + needed)
        .into_iter()
        .find(|range| range.to.is_none_or(|to| to > sell_price))
        .map(|range| range.from.max(sell_price + 1));
    Reach { cost_at_most, price_at_least }
}
