//! Who sells what: the sellers of the marketplace and the live offers of a product.

use super::history::{History, Holder, slot};
use super::traits::Traits;
use crate::rng::{Draw, below, mix, mix2, unit, whole};

/// How many sellers a marketplace has.
pub(crate) const SELLERS: u32 = 600;
/// Amazon's own account on amazon.com.
pub(crate) const AMAZON: &str = "ATVPDKIKX0DER";

/// The id of a seller of the marketplace.
pub(crate) fn seller_id(seed: u64, number: u32) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut value = mix2(seed ^ 0x005E_11E5, u64::from(number));
    let mut id = String::from("A");
    // The number leads, so that an id can be looked up without a table.
    for digit in [number / 36 % 36, number % 36] {
        id.push(char::from(DIGITS[usize::try_from(digit).unwrap_or(0)]));
    }
    for _ in 0..11 {
        id.push(char::from(DIGITS[usize::try_from(value % 36).unwrap_or(0)]));
        value /= 36;
    }
    id
}

/// The seller with this id.
pub(crate) fn seller_number(seed: u64, id: &str) -> Option<u32> {
    let number = u32::from_str_radix(id.get(1..3)?, 36).ok().filter(|number| *number < SELLERS)?;
    (seller_id(seed, number) == id).then_some(number)
}

/// The seller in a place of a product's list of sellers.
pub(crate) fn seller_of(traits: &Traits, place: u64) -> u32 {
    let bound = i32::try_from(SELLERS).unwrap_or(1);
    below(mix2(traits.key ^ 0x0FFE_2515, place), bound).cast_unsigned()
}

/// The seller id of whoever held the buy box.
pub(crate) fn holder_id(seed: u64, traits: &Traits, holder: Holder) -> String {
    match holder {
        Holder::Nobody => "-1".to_owned(),
        Holder::Amazon => AMAZON.to_owned(),
        Holder::Seller(place, _) => seller_id(seed, seller_of(traits, u64::from(place))),
    }
}

/// One live offer.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) id: i32,
    pub(crate) seller: String,
    /// Keepa's condition: 1 new, 2 to 5 used.
    pub(crate) condition: i32,
    pub(crate) fba: bool,
    pub(crate) amazon: bool,
    /// Triples time, price, shipping.
    pub(crate) prices: Vec<i32>,
    pub(crate) stock: i32,
    pub(crate) last_seen: i32,
    /// False for one that was seen before and is gone.
    pub(crate) live: bool,
}

/// All offers of a product at the last moment of its history, live ones first, each sort cheapest first.
pub(crate) fn offers(seed: u64, traits: &Traits, history: &History, now: i32) -> Vec<Offer> {
    let market = &history.market;
    let mut offers = Vec::new();
    let mut add = |place: u64, condition: i32, fba: bool, amazon: bool, prices: Vec<i32>, live: bool| {
        let mut draw = Draw::new(mix2(traits.key ^ 0x0FFE_2000, place));
        let id = i32::try_from(offers.len()).unwrap_or(0) + 1;
        let gone_for = draw.between(3, 90) * 1440;
        offers.push(Offer {
            id,
            seller: if amazon { AMAZON.to_owned() } else { seller_id(seed, seller_of(traits, place)) },
            condition,
            fba,
            amazon,
            prices,
            stock: draw.between(1, 20) * draw.between(1, 5),
            last_seen: if live { now } else { (now - gone_for).max(traits.tracked_since) },
            live,
        });
    };
    if market.amazon {
        add(99, 1, true, true, recent(history, slot::AMAZON, 0), true);
    }
    for place in 0..market.fba {
        let prices = recent(history, slot::NEW_FBA, dearer(traits, market.fba_price, place));
        add(u64::from(place.cast_unsigned()), 1, true, false, prices, true);
    }
    for place in 0..market.fbm {
        let extra = dearer(traits, market.fbm_price, place);
        let mut prices = Vec::new();
        for record in last_records(&history.series[slot::NEW_FBM_SHIPPING], 3) {
            if record[1] >= 0 {
                prices.extend_from_slice(&[record[0], record[1] + extra, record[2]]);
            }
        }
        add(3 + u64::from(place.cast_unsigned()), 1, false, false, prices, true);
    }
    for place in 0..market.used {
        let luck = mix2(traits.key ^ 0x05ED, u64::from(place.cast_unsigned()));
        let extra = dearer(traits, market.used_price, place);
        let prices = recent(history, slot::USED, extra);
        add(
            40 + u64::from(place.cast_unsigned()),
            2 + below(luck, 4),
            mix(luck) & 1 == 0,
            false,
            prices,
            true,
        );
    }
    for place in 0..below(mix2(traits.key, 0x90E), 4) {
        let prices = recent(history, slot::NEW, dearer(traits, market.fba_price, place));
        add(90 + u64::from(place.cast_unsigned()), 1, false, false, prices, false);
    }
    offers
}

/// How much dearer than the cheapest an offer is.
fn dearer(traits: &Traits, lowest: i32, place: i32) -> i32 {
    if place == 0 {
        return 0;
    }
    let step = 0.01 + 0.05 * unit(mix2(traits.key ^ 0xDEA2, u64::from(place.cast_unsigned())));
    whole(f64::from(lowest) * step * f64::from(place)) + place
}

/// The last price changes of a series as an offer's own history, so much dearer.
fn recent(history: &History, slot: usize, extra: i32) -> Vec<i32> {
    let mut prices = Vec::new();
    for record in last_records(&history.series[slot], 2) {
        if record[1] >= 0 {
            prices.extend_from_slice(&[record[0], record[1] + extra, 0]);
        }
    }
    prices
}

fn last_records(series: &[i32], stride: usize) -> impl Iterator<Item = &[i32]> {
    let records = series.len() / stride;
    series.chunks_exact(stride).skip(records.saturating_sub(12))
}
