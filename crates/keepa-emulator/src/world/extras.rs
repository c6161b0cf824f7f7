//! The minor series: ratings, collectible copies, lightning deals, trade-in, how many offers were fetched.

use super::history::{History, slot};
use super::kinds::Naming;
use super::traits::Traits;
use crate::rng::{below, mix, mix_day, unit, whole};

/// Days between two looks at the rating.
const RATING_PERIOD: i32 = 12;
/// Days of one period that may hold a lightning deal.
const DEAL_PERIOD: i32 = 60;

/// Adds the minor series up to a moment; the main ones are already there.
pub(crate) fn record(traits: &Traits, until: i32, out: &mut History) {
    ratings(traits, until, out);
    lightning(traits, until, out);
    let first = traits.tracked_since;
    if traits.kind.is_book() && traits.key % 19 == 0 {
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
    if traits.key % 23 == 0 {
        monthly(traits, until, 0x3A2E, |at, luck| {
            let price = whole(traits.price * (0.7 + 0.15 * unit(mix(luck))));
            out.record(slot::WAREHOUSE, at, if unit(luck) < 0.3 { price } else { -1 });
        });
    }
    let mut at = first;
    for offers in 0..i32::MAX {
        let Some(count) = out.at_or_before_count(at) else { break };
        out.series[slot::EXTRA_INFO].extend_from_slice(&[at, count.max(1)]);
        at += (19 + offers % 5) * 1440;
        if at > until {
            break;
        }
    }
}

impl History {
    /// New and used offers known at a time, for the record of a fetch.
    fn at_or_before_count(&self, time: i32) -> Option<i32> {
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

fn lightning(traits: &Traits, until: i32, out: &mut History) {
    if traits.root.media || traits.key % 8 != 0 {
        return;
    }
    let first_block = traits.first_day().div_euclid(DEAL_PERIOD) + 1;
    for block in first_block..=until.div_euclid(1440 * DEAL_PERIOD) {
        let luck = mix_day(traits.key ^ 0x11DE, block);
        if unit(luck) > 0.35 {
            continue;
        }
        let start = (block * DEAL_PERIOD + below(mix(luck), DEAL_PERIOD)) * 1440 + 480;
        if start > until {
            break;
        }
        // A running deal is recorded with its end, which lies ahead.
        out.record(slot::LIGHTNING_DEAL, start, whole(traits.price * 0.78));
        out.record(slot::LIGHTNING_DEAL, start + 360, -1);
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
