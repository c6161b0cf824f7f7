//! Single facts of a synthetic product that its object and the finder both tell.

use crate::rng::{below, mix2};
use crate::stats::DAY;
use crate::world::fees;
use crate::world::history::{History, slot};
use crate::world::traits::Traits;

/// Amazon's fee as Keepa last saw it, once a fortnight, for the new offer of that day: (Keepa minutes, cents).
pub(crate) fn fba_fee(traits: &Traits, history: &History, until: i32) -> Option<(i32, i32)> {
    let (sides, weight) = (traits.sides?, traits.weight?);
    if traits.key.is_multiple_of(41) {
        return None;
    }
    let period = 14 * DAY;
    let offset = below(mix2(traits.key, 0xFEE), period);
    let at = ((until - offset).div_euclid(period) * period + offset).max(traits.tracked_since);
    let price = [slot::BUY_BOX, slot::NEW_FBA, slot::NEW]
        .into_iter()
        .find_map(|slot| history.at(slot, at))
        .unwrap_or_else(|| crate::rng::whole(traits.price));
    let extra = if traits.lithium { 11 } else { 0 };
    Some((at, fees::pick_and_pack(sides, weight, price, at.div_euclid(DAY)) + extra))
}

/// The file name of the main image; there is no such file.
pub(crate) fn image(traits: &Traits) -> String {
    format!("{:02}S{:08X}L.jpg", traits.key % 89 + 10, traits.key >> 32)
}

/// Keepa's "listed since": up to two and a half years before it was first tracked.
pub(crate) fn listed_since(traits: &Traits) -> i32 {
    traits.tracked_since - below(mix2(traits.key, 0x1157), 900) * DAY
}

/// Publication day as `YYYYMMDD`; media only.
pub(crate) fn published(traits: &Traits) -> Option<i32> {
    let (month, day) = (below(traits.key, 12) + 1, below(mix2(traits.key, 3), 28) + 1);
    traits.root.media.then_some(traits.year * 10_000 + month * 100 + day)
}

/// The rank inside the main sub-category: a fraction of the one in the root.
pub(super) fn leaf_ranks(ranks: &[i32]) -> Vec<i32> {
    let mut below = Vec::with_capacity(ranks.len());
    for pair in ranks.chunks_exact(2) {
        let rank = if pair[1] < 0 { -1 } else { pair[1] / 60 + 1 };
        crate::world::history::push_pair(&mut below, pair[0], rank);
    }
    below
}

/// Keepa computes the percentage back from the fee in whole cents, which is why 15 % often is 14.97 or 15.02: (rounded, hundredths).
pub(super) fn referral(traits: &Traits, price: i32) -> (i32, i64) {
    // Beauty, health and groceries pay 8 % while they are cheap.
    let cheap_until = match traits.root.id {
        3_760_911 | 3_760_901 => 1_000,
        16_310_101 => 1_500,
        _ => 0,
    };
    let percent = if price <= cheap_until { 8.0 } else { traits.kind.referral };
    let fee = i64::from(crate::rng::whole(f64::from(price) * percent / 100.0));
    let price = i64::from(price.max(1));
    (crate::rng::whole(percent), (fee * 10_000 * 2 + price) / (2 * price))
}
