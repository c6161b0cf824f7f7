//! Demand: how many copies sell in a month, and how fast that is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::facts::DemandFacts;

/// Estimated sales. These are the sales of the whole listing, all sellers and conditions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Demand {
    /// Copies in 30 days; `None` when nothing tells.
    pub sales30: Option<f64>,
    /// The caller's share: the listing's sales divided among the competing offers and one more.
    pub your_sales30: Option<f64>,
    /// Days until one copy sells at that share.
    pub days_to_sell: Option<f64>,
    /// 0 to 100, logarithmic in `sales30`; 0 without demand data. Not rounded.
    pub velocity: f64,
}

impl Demand {
    /// Estimates the demand from Keepa's signals: the badge is a floor, rank drops the evidence.
    #[must_use]
    pub fn estimate(facts: &DemandFacts, competing_offers: Option<i64>) -> Self {
        let third = facts.drops90.map(|drops| exact(drops) / 3.0);
        let drops = match (facts.drops30.map(exact), third) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let badge = facts.monthly_sold.map(exact);
        let sales30 = match (badge, drops) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let your_sales30 = sales30.zip(competing_offers).map(|(sales, offers)| sales / (1.0 + exact(offers)));
        Self {
            sales30,
            your_sales30,
            days_to_sell: your_sales30.filter(|s| *s > 0.0).map(|s| 30.0 / s),
            velocity: sales30.map_or(0.0, velocity),
        }
    }
}

/// `100 * ln(1 + sales) / ln(101)`, at most 100: 100 sales a month are full speed.
fn velocity(sales30: f64) -> f64 {
    (100.0 * sales30.ln_1p() / 101_f64.ln()).min(100.0)
}

/// Counts stay far below 2^53, where a float is exact.
#[expect(clippy::cast_precision_loss, reason = "sales and offer counts are far below 2^53")]
fn exact(count: i64) -> f64 {
    count as f64
}

/// Rounds half up to one decimal, as scores are shown.
#[must_use]
pub fn one_decimal(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(drops30: Option<i64>, drops90: Option<i64>, badge: Option<i64>) -> DemandFacts {
        DemandFacts { drops30, drops90, monthly_sold: badge, ..DemandFacts::default() }
    }

    #[test]
    fn the_lower_of_both_drop_rates_counts_and_the_badge_is_a_floor() {
        let sales = |f| Demand::estimate(&f, None).sales30;
        assert_eq!(sales(facts(Some(50), Some(138), None)), Some(46.0));
        assert_eq!(sales(facts(Some(30), Some(138), None)), Some(30.0));
        assert_eq!(sales(facts(Some(30), Some(138), Some(300))), Some(300.0));
        assert_eq!(sales(facts(None, Some(9), None)), Some(3.0));
        assert_eq!(sales(facts(None, None, Some(50))), Some(50.0));
    }

    #[test]
    fn no_signal_is_no_demand_figure_not_zero_sales() {
        let none = Demand::estimate(&facts(None, None, None), Some(3));
        assert_eq!((none.sales30, none.your_sales30, none.days_to_sell), (None, None, None));
        let zero = Demand::estimate(&facts(Some(0), Some(0), None), Some(3));
        assert_eq!((zero.sales30, zero.your_sales30, zero.days_to_sell), (Some(0.0), Some(0.0), None));
    }

    #[test]
    fn velocity_is_full_at_a_hundred_sales() {
        let of = |drops, badge| one_decimal(Demand::estimate(&facts(drops, None, badge), None).velocity);
        assert_eq!((of(None, Some(100)), of(None, Some(100_000))), (100.0, 100.0));
        assert_eq!((of(Some(46), None), of(Some(1), None)), (83.4, 15.0));
    }

    #[test]
    fn your_share_shrinks_with_every_competitor() {
        let share = |offers| Demand::estimate(&facts(Some(30), None, None), offers).your_sales30;
        assert_eq!((share(Some(0)), share(Some(2)), share(None)), (Some(30.0), Some(10.0), None));
    }
}
