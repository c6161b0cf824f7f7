//! The `offers` of a product and what follows from them.

use super::Options;
use super::stats::{BuyBox, LiveCounts, Winner};
use crate::json::Json;
use crate::stats::{Records, mean};
use crate::world::history::{History, Holder, slot};
use crate::world::offers::{Offer, holder_id};
use crate::world::traits::Traits;

/// The offers that a request gets to see: at most as many as it asked for, gone ones only when they may be there.
pub(crate) fn visible(all: Vec<Offer>, options: &Options) -> Vec<Offer> {
    let limit = options.offers.unwrap_or(0);
    all.into_iter().filter(|offer| offer.live || !options.only_live_offers).take(limit).collect()
}

pub(crate) fn write(json: &mut Json, offers: &[Offer], options: &Options, from: Option<i32>) {
    json.key("offers").begin_list();
    for offer in offers {
        json.begin();
        json.key("condition").int(offer.condition);
        json.key("conditionComment");
        match offer.condition {
            3 => json.text("Clean copy, light shelf wear."),
            4 => json.text("Read, some marks inside. Ships within one day."),
            5 => json.text("Worn, complete, notes and highlighting."),
            _ => json.null(),
        };
        json.key("isAmazon").boolean(offer.amazon);
        json.key("isFBA").boolean(offer.fba);
        json.key("isMAP").boolean(false);
        json.key("isPreorder").boolean(false);
        json.key("isPrime").boolean(offer.fba);
        json.key("isPrimeExcl").boolean(false);
        json.key("isShippable").boolean(offer.live);
        json.key("isWarehouseDeal").boolean(false);
        json.key("lastSeen").int(offer.last_seen);
        json.key("minOrderQty").int(1);
        json.key("offerCSV").ints(super::trimmed(&offer.prices, 3, from));
        json.key("offerId").int(offer.id);
        json.key("sellerId").text(&offer.seller);
        json.key("shipsFromChina").boolean(false);
        if options.stock && offer.live {
            json.key("stockCSV").ints(&[
                offer.last_seen - 1440,
                offer.stock + 3,
                offer.last_seen,
                offer.stock,
            ]);
        }
        json.end();
    }
    json.end_list();
}

/// Places of the live offers, in the order Amazon shows them.
pub(crate) fn live_order(offers: &[Offer]) -> Vec<i32> {
    offers
        .iter()
        .enumerate()
        .filter(|(_, offer)| offer.live)
        .filter_map(|(place, _)| i32::try_from(place).ok())
        .collect()
}

pub(crate) fn counts(offers: &[Offer], options: &Options) -> LiveCounts {
    let live = || offers.iter().filter(|offer| offer.live);
    let count = |wanted: &dyn Fn(&Offer) -> bool| {
        i32::try_from(live().filter(|offer| wanted(offer)).count()).unwrap_or(0)
    };
    let lowest = |fba: bool| {
        live()
            .filter(|offer| offer.condition == 1 && offer.fba == fba && !offer.amazon)
            .min_by_key(|offer| offer.prices.iter().rev().nth(1).copied())
            .map(|offer| vec![offer.seller.clone()])
            .unwrap_or_default()
    };
    LiveCounts {
        retrieved: count(&|_| true),
        fba: count(&|offer| offer.fba),
        fbm: count(&|offer| !offer.fba),
        lowest_fba: lowest(true),
        lowest_fbm: lowest(false),
        stock: options.stock.then(|| {
            let amazon = live().find(|offer| offer.amazon).map_or(-2, |offer| offer.stock);
            let first = live().find(|offer| offer.condition == 1).map_or(-2, |offer| offer.stock);
            (amazon, first)
        }),
    }
}

/// The buy box now, and who held it during the interval.
pub(crate) fn buy_box(
    seed: u64,
    traits: &Traits,
    history: &History,
    window: (i32, i32),
    until: i32,
) -> BuyBox {
    let series = &history.series[slot::BUY_BOX];
    let (price, shipping) = match series.as_slice() {
        [.., price, shipping] => (*price, *shipping),
        _ => (-1, -1),
    };
    let holder = history.buy_box_holders.last().map_or(Holder::Nobody, |(_, holder)| *holder);
    let used = history.current(slot::BUY_BOX_USED).map(|price| {
        let seller = crate::world::offers::seller_id(seed, crate::world::offers::seller_of(traits, 40));
        (price, 0, seller, true, 3)
    });
    BuyBox {
        price,
        shipping,
        seller: (holder != Holder::Nobody).then(|| holder_id(seed, traits, holder)),
        fba: matches!(holder, Holder::Amazon | Holder::Seller(_, true)),
        amazon: holder == Holder::Amazon,
        updated: until,
        used,
        winners: winners(seed, traits, history, window),
    }
}

fn winners(seed: u64, traits: &Traits, history: &History, (start, end): (i32, i32)) -> Vec<Winner> {
    let holders = &history.buy_box_holders;
    let mut held: Vec<(Holder, i64, i32)> = Vec::new();
    let mut all = 0;
    for (place, (from, holder)) in holders.iter().enumerate() {
        let to = holders.get(place + 1).map_or(end, |(next, _)| *next).min(end);
        let minutes = i64::from(to) - i64::from((*from).max(start));
        if minutes <= 0 || *holder == Holder::Nobody {
            continue;
        }
        all += minutes;
        match held.iter_mut().find(|(known, ..)| known == holder) {
            Some((_, sum, last)) => (*sum, *last) = (*sum + minutes, to),
            None => held.push((*holder, minutes, to)),
        }
    }
    let average = mean(Records::new(&history.series[slot::BUY_BOX], 3), start, end, end);
    let new_offers = mean(Records::new(&history.series[slot::COUNT_NEW], 2), start, end, end).max(1);
    held.into_iter()
        .map(|(holder, minutes, last_seen)| Winner {
            seller: holder_id(seed, traits, holder),
            won: minutes * 10_000 / all.max(1),
            average,
            new_offers,
            fba: !matches!(holder, Holder::Seller(_, false)),
            last_seen,
        })
        .collect()
}
