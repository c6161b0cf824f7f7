//! How one product fares, day by day, from its first record to a moment.
//!
//! Each day's events come from a hash of (product, day) and from the state the day before, never from the moment one
//! looks: asked again later the histories are longer, and their past is what it was.

use std::sync::OnceLock;

use super::history::{History, Holder, Market, slot};
use super::kinds::{Season, demand_by_month, price_by_month};
use super::rank::Demand;
use super::traits::{AmazonStock, Traits};
use crate::rng::{below, mix, mix_day, mix2, unit, whole};

/// Relative demand and price level for each day of the year.
pub(crate) struct Year {
    pub(crate) demand: [f64; 367],
    price: [f64; 367],
}

/// The year of a season, interpolated between the middles of the months.
pub(crate) fn year(season: Season) -> &'static Year {
    static YEARS: OnceLock<[Year; 5]> = OnceLock::new();
    let years = YEARS.get_or_init(|| {
        [Season::Even, Season::Textbook, Season::Gift, Season::Summer, Season::Resolution].map(|season| {
            Year { demand: daily(demand_by_month(season)), price: daily(price_by_month(season)) }
        })
    });
    match season {
        Season::Even => &years[0],
        Season::Textbook => &years[1],
        Season::Gift => &years[2],
        Season::Summer => &years[3],
        Season::Resolution => &years[4],
    }
}

fn daily(months: [f64; 12]) -> [f64; 367] {
    let mut days = [1.0; 367];
    let mut day = 0.0_f64;
    for value in &mut days {
        let month = day / 30.5 + 11.5;
        let place = month.floor();
        let fraction = month - place;
        let at = |offset: f64| {
            let index = usize::try_from(whole(place + offset)).unwrap_or(0) % 12;
            months[index]
        };
        *value = at(0.0) + (at(1.0) - at(0.0)) * fraction;
        day += 1.0;
    }
    days
}

/// Day of the year, 0 to 366, of a day since 2011-01-01 (within a day, which is enough for seasons).
pub(crate) fn day_of_year(day: i32) -> usize {
    let in_year = (i64::from(day) * 10_000).rem_euclid(3_652_425) / 10_000;
    usize::try_from(in_year).unwrap_or(0)
}

/// Days of one period that may hold a price war.
const WAR_PERIOD: i32 = 75;

/// Writes the whole history of a product up to and including a moment (Keepa minutes) into `out`.
pub(crate) fn simulate(traits: &Traits, until: i32, out: &mut History) {
    main_series(traits, until, i32::MIN, out);
    super::extras::record(traits, until, out);
}

/// The same without the minor series of `extras`, and with ranks only from a day on (one that `begin_for_a_year` named).
pub(crate) fn main_series(traits: &Traits, until: i32, ranks_from: i32, out: &mut History) {
    out.clear();
    let first = traits.tracked_since;
    if first > until {
        return;
    }
    let seasons = year(traits.kind.season);
    let mut market = State::new(traits);
    let mut demand = Demand::new(traits);
    market.reprice(traits, traits.first_day(), seasons);
    market.record(traits, first, out);
    if traits.list_price > 0 {
        out.record(slot::LIST_PRICE, first, traits.list_price);
    }
    for day in traits.first_day()..=until.div_euclid(1440) {
        let hash = mix_day(traits.key, day);
        if day >= ranks_from {
            demand.day(day, hash, seasons, market.factor(), until, out);
        }
        let at = (day * 1440 + below(mix(hash), 1440)) & !1;
        if at > first && at <= until && market.stirs(traits, day, hash) {
            market.step(traits, mix2(hash, 1));
            market.reprice(traits, day, seasons);
            market.record(traits, at, out);
        }
    }
    out.market = market.now;
}

/// What the market of a product looks like while the days go by.
struct State {
    now: Market,
    /// Price levels relative to the typical price.
    level: f64,
    used_level: f64,
    amazon_level: f64,
    /// Merchant price in relation to the FBA price, landed.
    merchant: f64,
    /// Reach of the present price war, 0 = peace.
    war: f64,
    war_block: i32,
    war_days: (i32, i32),
    war_depth: f64,
    holder: u8,
}

impl State {
    fn new(traits: &Traits) -> Self {
        let hash = mix2(traits.key, 0x57A7_E000);
        Self {
            now: Market {
                amazon: match traits.amazon {
                    AmazonStock::Never => false,
                    AmazonStock::Always => true,
                    AmazonStock::OnAndOff => hash & 1 == 0,
                },
                fba: traits.fba_offers,
                fbm: traits.fbm_offers,
                used: traits.used_offers,
                ..Market::default()
            },
            level: 0.92 + 0.16 * unit(hash),
            used_level: 1.0,
            amazon_level: 0.9 + 0.1 * unit(mix(hash)),
            merchant: 0.86 + 0.2 * unit(mix2(hash, 2)),
            war: 0.0,
            war_block: i32::MIN,
            war_days: (0, 0),
            war_depth: 0.0,
            holder: 0,
        }
    }

    /// Whether anything changes today.
    fn stirs(&mut self, traits: &Traits, day: i32, hash: u64) -> bool {
        let block = day.div_euclid(WAR_PERIOD);
        if block != self.war_block {
            self.war_block = block;
            let luck = mix_day(traits.key ^ 0x3A60, block);
            let start = block * WAR_PERIOD + below(luck, WAR_PERIOD - 26);
            let fought = unit(mix(luck)) < 0.09 && traits.fba_offers + traits.fbm_offers > 1;
            self.war_days = if fought { (start, start + 8 + below(mix2(luck, 1), 16)) } else { (0, 0) };
            self.war_depth = 0.12 + 0.25 * unit(mix2(luck, 2));
        }
        let (from, to) = self.war_days;
        let before = self.war;
        self.war = if (from..to).contains(&day) {
            self.war_depth * (f64::from(day - from + 1) / f64::from(to - from))
        } else {
            0.0
        };
        // Sellers undercut each other daily in a war and come back to their senses when it is over.
        if self.war > 0.0 || before > 0.0 {
            return true;
        }
        unit(hash) < traits.restless.max(0.03)
    }

    fn step(&mut self, traits: &Traits, hash: u64) {
        let around = |bits: u64| 2.0 * unit(bits) - 1.0;
        let swing = traits.swing;
        self.level = (self.level + 0.12 * (1.0 - self.level) + swing * around(mix2(hash, 1))).clamp(0.6, 1.6);
        self.used_level =
            (self.used_level + 0.1 * (1.0 - self.used_level) + 1.6 * swing * around(mix2(hash, 2)))
                .clamp(0.5, 1.8);
        if hash.trailing_zeros() >= 3 {
            self.amazon_level = 0.88 + 0.13 * unit(mix2(hash, 3));
        }
        if hash & 0x30 == 0 {
            self.merchant = 0.86 + 0.2 * unit(mix2(hash, 4));
            self.holder = u8::try_from(below(mix2(hash, 5), 3)).unwrap_or(0);
        }
        if hash & 0x40 == 0 {
            wander(&mut self.now.fba, traits.fba_offers, mix2(hash, 6));
            wander(&mut self.now.fbm, traits.fbm_offers, mix2(hash, 7));
        }
        if hash & 0x80 == 0 && traits.used_offers > 0 {
            wander(&mut self.now.used, traits.used_offers, mix2(hash, 8));
        }
        let luck = unit(mix2(hash, 9));
        match (traits.amazon, self.now.amazon) {
            (AmazonStock::OnAndOff, true) => self.now.amazon = luck > 0.14,
            (AmazonStock::OnAndOff, false) => self.now.amazon = luck < 0.1,
            (AmazonStock::Always, true) => self.now.amazon = luck > 0.004,
            (AmazonStock::Always, false) => self.now.amazon = luck < 0.5,
            (AmazonStock::Never, _) => {}
        }
    }

    /// Sets all prices from the levels.
    fn reprice(&mut self, traits: &Traits, day: i32, year: &Year) {
        let season = year.price[day_of_year(day)];
        let typical = traits.price * season;
        let fba = ending(typical * self.level * (1.0 - self.war), traits.ending);
        self.now.fba_price = fba;
        let landed = whole(f64::from(fba) * self.merchant);
        let shipping = match (traits.root.media, landed) {
            (true, 800..) => 399,
            (false, 2500..) if traits.key & 2 == 0 => 599,
            _ => 0,
        };
        self.now.fbm_shipping = shipping;
        self.now.fbm_price = (landed - shipping).max(1);
        let amazon = ending(typical * self.amazon_level, traits.ending.min(1));
        // Amazon follows the market down when it is undercut, but not all the way in a price war.
        let match_price = traits.key & 4 == 0 && self.now.fba > 0;
        self.now.amazon_price = if match_price { amazon.min(fba.max(whole(typical * 0.75))) } else { amazon };
        self.now.used_price = whole(typical * traits.used_share * self.used_level).max(99);
    }

    /// Writes down what is different from before.
    fn record(&mut self, traits: &Traits, at: i32, out: &mut History) {
        let now = &self.now;
        let offered = |offers: i32, price: i32| if offers > 0 { price } else { -1 };
        let amazon = offered(i32::from(now.amazon), now.amazon_price);
        let fba = offered(now.fba, now.fba_price);
        let merchant = offered(now.fbm, now.fbm_price + now.fbm_shipping);
        out.record(slot::AMAZON, at, amazon);
        let lowest = [amazon, fba, merchant].into_iter().filter(|price| *price >= 0).min();
        out.record(slot::NEW, at, lowest.unwrap_or(-1));
        out.record(slot::NEW_FBA, at, fba);
        out.record_shipped(
            slot::NEW_FBM_SHIPPING,
            at,
            offered(now.fbm, now.fbm_price),
            if now.fbm > 0 { now.fbm_shipping } else { -1 },
        );
        let own = i32::from(now.amazon);
        out.record(slot::COUNT_NEW, at, own + now.fba + now.fbm);
        out.record(slot::COUNT_NEW_FBA, at, own + now.fba);
        out.record(slot::COUNT_NEW_FBM, at, now.fbm);

        let (price, shipping, holder) = self.buy_box(traits);
        out.record_shipped(slot::BUY_BOX, at, price, shipping);
        out.record_holder(at, holder);

        if traits.used_offers > 0 {
            self.record_used(traits, at, out);
        }
    }

    /// Amazon when it is not much dearer, else the cheapest offer from Amazon's warehouses, else a merchant who does not ask too much.
    fn buy_box(&self, traits: &Traits) -> (i32, i32, Holder) {
        let now = &self.now;
        let rival = if now.fba > 0 { now.fba_price } else { i32::MAX };
        let merchant = if now.fbm > 0 { now.fbm_price + now.fbm_shipping } else { i32::MAX };
        if now.amazon && f64::from(now.amazon_price) <= 1.06 * f64::from(rival.min(merchant)) {
            (now.amazon_price, 0, Holder::Amazon)
        } else if now.fba > 0 && f64::from(rival) <= 1.15 * f64::from(merchant) {
            (rival, 0, Holder::Seller(self.holder, true))
        } else if now.fbm > 0 && (traits.list_price == 0 || merchant < traits.list_price * 3 / 2) {
            (now.fbm_price, now.fbm_shipping, Holder::Seller(3 + self.holder, false))
        } else if now.amazon {
            (now.amazon_price, 0, Holder::Amazon)
        } else {
            (-1, -1, Holder::Nobody)
        }
    }

    fn record_used(&self, traits: &Traits, at: i32, out: &mut History) {
        let now = &self.now;
        let (lowest, offers) = (now.used_price, now.used);
        out.record(slot::COUNT_USED, at, offers);
        out.record(slot::USED, at, if offers > 0 { lowest } else { -1 });
        let shipping = if traits.root.media && lowest > 600 { 399 } else { 0 };
        let conditions = [
            (slot::USED_ACCEPTABLE, offers >= 3, 1.0),
            (slot::USED_GOOD, offers >= 1, if offers >= 3 { 1.04 } else { 1.0 }),
            (slot::USED_VERY_GOOD, offers >= 2, 1.14),
            (slot::USED_LIKE_NEW, offers >= 5, 1.3),
        ];
        for (slot, there, factor) in conditions {
            if there {
                let landed = whole(f64::from(lowest) * factor);
                out.record_shipped(slot, at, landed - shipping, shipping);
            } else {
                out.record_shipped(slot, at, -1, -1);
            }
        }
        if offers >= 2 {
            out.record_shipped(slot::BUY_BOX_USED, at, whole(f64::from(lowest) * 1.18), 0);
        } else {
            out.record_shipped(slot::BUY_BOX_USED, at, -1, -1);
        }
    }

    /// How much the state of the market speeds up or slows down sales.
    const fn factor(&self) -> f64 {
        let now = &self.now;
        if !now.amazon && now.fba == 0 && now.fbm == 0 {
            if now.used > 0 { 0.5 } else { 0.06 }
        } else if self.war > 0.0 {
            1.3
        } else {
            1.0
        }
    }
}

/// A count takes a step, more often towards its typical value than away from it.
fn wander(count: &mut i32, typical: i32, hash: u64) {
    let pull = f64::from(typical - *count) * 0.12;
    let up = unit(hash) < 0.5 + pull.clamp(-0.45, 0.45);
    *count = (*count + if up { 1 } else { -1 }).max(0);
}

/// A price as sellers write it.
fn ending(price: f64, style: i32) -> i32 {
    let cents = whole(price).max(100);
    match style {
        0 => cents / 100 * 100 + 99,
        1 => cents / 100 * 100 + 95,
        _ => cents,
    }
}
