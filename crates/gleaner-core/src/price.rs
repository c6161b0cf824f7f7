//! Which prices earn enough: the inverse of the net amount.
//!
//! The net amount rises within a range of constant rates but falls where a fee steps up (at 10.00,
//! at 50.01, where a commission changes), so the prices that earn enough are a list of ranges.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fees::{FeeSchedule, Piece};
use crate::money::floor_div;

/// A range of prices, both ends included, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceRange {
    /// Lowest price.
    #[schema(value_type = i64)]
    pub from: i64,
    /// Highest price; absent when every higher price is in.
    #[schema(value_type = Option<i64>)]
    pub to: Option<i64>,
}

/// Every price from 1 upwards whose net amount is at least `target`, as ranges in rising order.
///
/// Empty when there is no fulfilment fee, or when commission and allowance eat the whole price.
#[must_use]
pub fn prices_netting(fees: &FeeSchedule, target: i64) -> Vec<PriceRange> {
    let mut ranges: Vec<PriceRange> = Vec::new();
    for piece in fees.pieces() {
        let Some((first_possible, first_certain)) = bounds(&piece, target) else { return Vec::new() };
        let last = piece.to.unwrap_or(i64::MAX);
        let certain = first_certain.max(piece.from);
        for price in first_possible.max(piece.from)..certain.min(last.saturating_add(1)) {
            if fees.net(price).is_some_and(|net| net >= target) {
                append(&mut ranges, PriceRange { from: price, to: Some(price) });
            }
        }
        if certain <= last {
            append(&mut ranges, PriceRange { from: certain, to: piece.to });
        }
    }
    ranges
}

/// The first price of a piece that may reach the target, and the first from which all do.
///
/// Two lines are rounded (commission and allowance), each by at most half a unit, so the rounded net
/// amount stays within one unit of the exact one, which rises. `None` when it does not rise.
fn bounds(piece: &Piece, target: i64) -> Option<(i64, i64)> {
    let allowance = piece.allowance_percent / Decimal::ONE_HUNDRED;
    let kept = Decimal::ONE - allowance;
    let kept_after_referral = kept - piece.referral_percent / Decimal::ONE_HUNDRED;
    if kept_after_referral <= Decimal::ZERO {
        return None;
    }
    // The exact net amount is the lower of two rising lines: with the commission's rate and with its
    // minimum. Both must reach the goal.
    let reach = |goal: i64| {
        let by_rate = ceil_div(goal + piece.fixed, kept_after_referral);
        let by_minimum = ceil_div(goal + piece.fixed + piece.referral_minimum, kept);
        by_rate.max(by_minimum)
    };
    Some((reach(target - 1), reach(target + 1)))
}

/// The smallest whole number `n` with `n * divisor >= value`.
fn ceil_div(value: i64, divisor: Decimal) -> i64 {
    -floor_div(Decimal::from(-value), divisor)
}

fn append(ranges: &mut Vec<PriceRange>, next: PriceRange) {
    match ranges.last_mut() {
        Some(last) if last.to == Some(next.from - 1) => last.to = next.to,
        _ => ranges.push(next),
    }
}
