//! The minor series: ratings, collectible copies, lightning deals, trade-in, how many offers were fetched.

use super::history::{History, slot};
use super::kinds::Naming;
use super::traits::Traits;
use crate::rng::{below, mix, mix_day, unit, whole};

/// Days between two looks at the rating.
const RATING_PERIOD: i32 = 12;
/// Days of one period that may hold a lightning deal.
const DEAL_PERIOD: i32 = 60;

/// Whether a series is one of the minor ones.
pub(crate) const fn is_minor(slot: usize) -> bool {
    matches!(
        slot,
        slot::COLLECTIBLE
            | slot::LIGHTNING_DEAL
            | slot::WAREHOUSE
            | slot::EXTRA_INFO
            | slot::RATING
            | slot::COUNT_REVIEWS
            | slot::TRADE_IN
    )
}

/// Adds the minor series up to a moment; the main ones are already there.
pub(crate) fn record(traits: &Traits, until: i32, out: &mut History) {
    ratings(traits, until, out);
    lightning(traits, until, out);
    if traits.tracked_since > until {
        return;
    }
    if traits.kind.is_book() && traits.key.is_multiple_of(19) {
        monthly(traits, until, 0xC011, |at, luck| {
            let there = unit(luck) < 0.7;
            let price = whole(traits.price * (1.5 + unit(mix(luck))));
            out.record(slot::COLLECTIBLE, at, if there { price } else { -1 });
        });
    }
    if traits.kind.naming == Naming::Textbook {
        monthly(traits, until, 0x72AD, |at, luck| {
            out.record(slot::TRADE_IN, at, if unit(luck) < 0.5 { whole(traits.price * 0.18) } else { -1 });
        });
    }
    if traits.key.is_multiple_of(23) {
        monthly(traits, until, 0x3A2E, |at, luck| {
            let price = whole(traits.price * (0.7 + 0.15 * unit(mix(luck))));
            out.record(slot::WAREHOUSE, at, if unit(luck) < 0.3 { price } else { -1 });
        });
    }
    // Every three weeks or so the offers themselves were fetched.
    let mut at = traits.tracked_since;
    while let Some(count) = out.offers_at(at).filter(|_| at <= until) {
        out.series[slot::EXTRA_INFO].extend_from_slice(&[at, count.max(1)]);
        at += (19 + below(mix(traits.key ^ u64::from(at.cast_unsigned())), 5)) * 1440;
    }
}

impl History {
    /// New and used offers known at a time, for the record of a fetch.
    fn offers_at(&self, time: i32) -> Option<i32> {
        let new = self.at(slot::COUNT_NEW, time)?;
        Some(new + self.at(slot::COUNT_USED, time).unwrap_or(0))
    }
}

fn ratings(traits: &Traits, until: i32, out: &mut History) {
    if traits.rating == 0 {
        return;
    }
    let first_day = traits.first_day();
    let before = 3.0 + traits.demand * f64::from((2026 - traits.year).clamp(0, 20)) * 0.04;
    let mut at = traits.tracked_since;
    let mut step = 0;
    while at <= until {
        let days = f64::from(at / 1440 - first_day);
        out.record(slot::COUNT_REVIEWS, at, whole(before + traits.demand * days / 30.0 * 0.015));
        let wobble = below(mix_day(traits.key ^ 0x2A7E, step / 6), 3) - 1;
        out.record(slot::RATING, at, (traits.rating + wobble).clamp(10, 50));
        at += RATING_PERIOD * 1440;
        step += 1;
    }
}

/// One lightning deal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LightningDeal {
    /// Keepa minutes.
    pub(crate) start: i32,
    pub(crate) end: i32,
    /// Cents.
    pub(crate) price: i32,
    /// How much of the stock would be gone at the end, per cent; above 100 it sells out before.
    pub(crate) demand: i32,
}

/// The deals of a product that touch a span of time.
pub(crate) fn lightning_deals(traits: &Traits, from: i32, to: i32) -> Vec<LightningDeal> {
    let mut deals = Vec::new();
    if traits.root.media || !traits.key.is_multiple_of(8) {
        return deals;
    }
    let first_block = traits.first_day().div_euclid(DEAL_PERIOD) + 1;
    let first_block = first_block.max(from.div_euclid(1440 * DEAL_PERIOD));
    for block in first_block..=to.div_euclid(1440 * DEAL_PERIOD) {
        let luck = mix_day(traits.key ^ 0x11DE, block);
        let start = (block * DEAL_PERIOD + below(mix(luck), DEAL_PERIOD - 1)) * 1440 + 480;
        let end = start + 360;
        if unit(luck) < 0.35 && start <= to && end >= from {
            let demand = 30 + below(mix(luck ^ 1), 110);
            deals.push(LightningDeal { start, end, price: whole(traits.price * 0.78), demand });
        }
    }
    deals
}

fn lightning(traits: &Traits, until: i32, out: &mut History) {
    for deal in lightning_deals(traits, traits.tracked_since, until) {
        // A running deal is recorded with its end, which lies ahead.
        out.record(slot::LIGHTNING_DEAL, deal.start, deal.price);
        out.record(slot::LIGHTNING_DEAL, deal.end, -1);
    }
}

fn monthly(traits: &Traits, until: i32, stream: u64, mut write: impl FnMut(i32, u64)) {
    let mut at = traits.tracked_since;
    let mut month = 0;
    while at <= until {
        write(at, mix_day(traits.key ^ stream, month));
        at += 30 * 1440;
        month += 1;
    }
}
