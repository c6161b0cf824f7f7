//! Demand, and what Keepa sees of it: the rank several times a day, and Amazon's badge once a week.
//!
//! The rank follows the recent sales of the product, as Amazon's does: it falls with every sale and drifts up until the next.

use super::history::{History, push_pair, slot};
use super::simulate::{Year, day_of_year};
use super::traits::Traits;
use crate::rng::{below, exp_neg, mix, mix_day, mix2, poisson, unit, whole};

/// Days between two turns of a product's fortune.
const TREND_PERIOD: i32 = 45;

/// Days after which the state of demand is set anew from that day's rate. Nobody sees it in the ranks, and whoever needs
/// only the last year can begin at such a day and gets the very same numbers.
const FRESH_START: i32 = 90;

/// The last day from which a year of ranks can be derived alone.
pub(crate) fn begin_for_a_year(until: i32) -> i32 {
    (until.div_euclid(1440) - 370).div_euclid(FRESH_START) * FRESH_START
}

/// Demand and rank of one product while the days go by.
pub(crate) struct Demand<'a> {
    traits: &'a Traits,
    /// Recent sales, as a rate per 30 days.
    recent: f64,
    /// What a look's interval leaves of it, and what one sale adds.
    decay: f64,
    gain: f64,
    /// Sales of the last 30 days, smoothed, and the badge shown for them.
    month: f64,
    badge: i32,
    fresh_block: i32,
    trend_block: i32,
    trend: (f64, f64),
    /// Days on which it is talked about.
    spike: (i32, i32),
}

impl<'a> Demand<'a> {
    pub(crate) fn new(traits: &'a Traits) -> Self {
        let interval = 1.0 / f64::from(traits.looks_per_day);
        let memory = if traits.demand > 400.0 { 2.5 } else { 1.6 };
        let decay = exp_neg(interval / memory);
        Self {
            traits,
            recent: traits.demand,
            decay,
            gain: 30.0 * (1.0 - decay) / interval,
            month: traits.demand,
            badge: -1,
            fresh_block: i32::MIN,
            trend_block: i32::MIN,
            trend: (1.0, 1.0),
            spike: (0, 0),
        }
    }

    /// The course of a product's fortune: up and down within a factor of two, and now and then a week of fame.
    fn fortune(&mut self, day: i32) -> f64 {
        let block = day.div_euclid(TREND_PERIOD);
        if block != self.trend_block {
            self.trend_block = block;
            let key = self.traits.key ^ 0x7E2D;
            let knot = |block: i32| 0.65 + 0.7 * unit(mix_day(key, block));
            self.trend = (knot(block), knot(block + 1));
            let luck = mix(mix_day(key, block));
            let start = block * TREND_PERIOD + below(luck, TREND_PERIOD - 12);
            self.spike = if unit(mix(luck)) < 0.03 { (start, start + 9) } else { (0, 0) };
        }
        let share = f64::from(day - block * TREND_PERIOD) / f64::from(TREND_PERIOD);
        let trend = self.trend.0 + (self.trend.1 - self.trend.0) * share;
        if (self.spike.0..self.spike.1).contains(&day) { trend * 2.5 } else { trend }
    }

    /// One day: sales, the looks at the rank, once a week the badge.
    pub(crate) fn day(
        &mut self,
        day: i32,
        hash: u64,
        year: &Year,
        market: f64,
        until: i32,
        out: &mut History,
    ) {
        let traits = self.traits;
        let rate = traits.demand * year.demand[day_of_year(day)] * self.fortune(day) * market;
        let fresh = day.div_euclid(FRESH_START);
        if fresh != self.fresh_block {
            self.fresh_block = fresh;
            self.recent = rate;
            self.month = rate;
        }
        let looks = traits.looks_per_day;
        let interval = 1440 / looks;
        let mean = rate / 30.0 / f64::from(looks);
        let none = if mean < 6.0 { exp_neg(mean) } else { 0.0 };
        if (day + below(traits.key, 7)).rem_euclid(7) == 0 {
            self.show_badge(day * 1440 + 180, until, out);
        }
        let mut sold_today = 0.0;
        for look in 0..looks {
            let luck = mix2(hash, 100 + u64::from(look.cast_unsigned()));
            let at = (day * 1440 + look * interval + below(luck, interval)) & !1;
            if at > until {
                return;
            }
            if at < traits.tracked_since {
                continue;
            }
            let sold = poisson(mix(luck), mean, none);
            sold_today += sold;
            self.recent = self.recent * self.decay + sold * self.gain;
            let seen = if traits.ranked { self.rank(rate, luck) } else { -1 };
            push_pair(&mut out.series[slot::SALES], at, seen);
        }
        self.month += sold_today - self.month / 30.0;
    }

    fn rank(&self, rate: f64, luck: u64) -> i32 {
        // The long memory of Amazon's rank keeps a product with few sales from falling off the end.
        let strength = 0.7 * self.recent + 0.3 * rate + 0.001;
        let tremble = 0.99 + 0.02 * unit(luck.rotate_left(17));
        let root = self.traits.root;
        whole(root.rank_sales / strength * tremble).clamp(1, root.highest_rank)
    }

    fn show_badge(&mut self, at: i32, until: i32, out: &mut History) {
        if !self.traits.badge || at > until || at < self.traits.tracked_since {
            return;
        }
        let badge = bracket(self.month);
        // A badge that never was there is not recorded as missing.
        if badge != self.badge {
            self.badge = badge;
            push_pair(&mut out.sold, at, badge);
        }
    }
}

/// Amazon's "bought in past month": the lower end of the bracket, -1 below 50.
pub(crate) fn bracket(sales: f64) -> i32 {
    let sales = whole(sales);
    let step = match sales {
        ..50 => return -1,
        50..100 => 50,
        100..1_000 => 100,
        1_000..10_000 => 1_000,
        10_000..100_000 => 10_000,
        _ => return 100_000,
    };
    sales / step * step
}
