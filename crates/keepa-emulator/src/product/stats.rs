//! The `stats` object.

use crate::json::Json;
use crate::stats::{self, DAY, Records};
use crate::world::history::{is_price, slot, stride};

/// What the statistics are computed from.
pub(crate) struct Basis<'a> {
    /// The series that are sent, before trimming; empty = null.
    pub(crate) series: [&'a [i32]; slot::COUNT],
    /// The interval asked for, Keepa minutes.
    pub(crate) window: (i32, i32),
    /// The time of the request.
    pub(crate) now: i32,
    pub(crate) tracked_since: i32,
    /// `monthlySoldHistory`.
    pub(crate) sold: &'a [i32],
    pub(crate) last_offers_update: i32,
    /// Offers of all conditions; `None` = unknown.
    pub(crate) total_offers: Option<i32>,
    /// Found, FBA and FBM among the live offers, when they were asked for.
    pub(crate) live: Option<LiveCounts>,
    pub(crate) buy_box: Option<BuyBox>,
    pub(crate) lightning: Option<(i32, i32)>,
}

/// What the live offers say.
pub(crate) struct LiveCounts {
    pub(crate) retrieved: i32,
    pub(crate) fba: i32,
    pub(crate) fbm: i32,
    pub(crate) lowest_fba: Vec<String>,
    pub(crate) lowest_fbm: Vec<String>,
    /// Stock of Amazon and of the buy box, when asked for.
    pub(crate) stock: Option<(i32, i32)>,
}

/// The buy box at the time of the request.
pub(crate) struct BuyBox {
    /// -1 = nobody qualifies.
    pub(crate) price: i32,
    pub(crate) shipping: i32,
    pub(crate) seller: Option<String>,
    pub(crate) fba: bool,
    pub(crate) amazon: bool,
    pub(crate) updated: i32,
    /// Used box: price, shipping, seller, fulfilled by Amazon, condition.
    pub(crate) used: Option<(i32, i32, String, bool, i32)>,
    /// Share of the interval each seller held the box.
    pub(crate) winners: Vec<Winner>,
}

/// One seller's part in the buy box.
pub(crate) struct Winner {
    pub(crate) seller: String,
    /// Hundredths of a per cent.
    pub(crate) won: i64,
    pub(crate) average: i32,
    pub(crate) new_offers: i32,
    pub(crate) fba: bool,
    pub(crate) last_seen: i32,
}

impl Basis<'_> {
    fn records(&self, slot: usize) -> Records<'_> {
        Records::new(self.series[slot], stride(slot))
    }

    /// An array with one number per series.
    fn per_slot(&self, json: &mut Json, key: &str, value: impl Fn(usize, Records<'_>) -> i32) {
        let values: [i32; slot::COUNT] = std::array::from_fn(|slot| value(slot, self.records(slot)));
        json.key(key).ints(&values);
    }

    fn mean_over(&self, json: &mut Json, key: &str, start: i32, end: i32) {
        self.per_slot(json, key, |slot, records| {
            if slot == slot::EXTRA_INFO { -1 } else { stats::mean(records, start, end, self.now) }
        });
    }

    fn out_of_stock_over(&self, json: &mut Json, key: &str, start: i32, end: i32) {
        self.per_slot(json, key, |slot, records| {
            if is_price(slot) {
                stats::out_of_stock(records, start, end, self.now, self.tracked_since)
            } else {
                -1
            }
        });
    }

    fn extremes(&self, json: &mut Json, key: &str, value: impl Fn(Records<'_>) -> Option<(i32, i32)>) {
        json.key(key).begin_list();
        for slot in 0..slot::COUNT {
            match value(self.records(slot)).filter(|_| slot != slot::EXTRA_INFO) {
                Some((time, value)) => json.ints(&[time, value]),
                None => json.null(),
            };
        }
        json.end_list();
    }

    fn lowest_flags(&self, json: &mut Json, key: &str, minimum: impl Fn(Records<'_>) -> Option<(i32, i32)>) {
        json.key(key).begin_list();
        for slot in 0..slot::COUNT {
            let records = self.records(slot);
            let current = records.last().map_or(-1, |(_, value)| value);
            let lowest = minimum(records).map_or(-1, |(_, value)| value);
            json.boolean(current >= 0 && current <= lowest);
        }
        json.end_list();
    }

    /// Writes the object, keys in alphabetical order as the service does.
    pub(crate) fn write(&self, json: &mut Json) {
        let now = self.now;
        let (start, end) = self.window;
        let back = |days: i32| now.saturating_sub(days * DAY);
        json.begin();
        self.per_slot(json, "atIntervalStart", |_, records| stats::at(records, start));
        self.mean_over(json, "avg", start, end);
        self.mean_over(json, "avg180", back(180), now);
        self.mean_over(json, "avg30", back(30), now);
        self.mean_over(json, "avg365", back(365), now);
        self.mean_over(json, "avg90", back(90), now);
        self.write_buy_box(json);
        self.per_slot(json, "current", |_, records| records.last().map_or(-1, |(_, value)| value));
        json.key("deltaPercent90_monthlySold").opt_int(self.sold_delta().map(i64::from));
        self.lowest_flags(json, "isLowest", |records| stats::extreme(records, false));
        self.lowest_flags(json, "isLowest90", |records| stats::extreme_in(records, back(90), now, false));
        json.key("lastBuyBoxUpdate").opt_int(self.buy_box.as_ref().map(|buy_box| i64::from(buy_box.updated)));
        json.key("lastOffersUpdate").int(self.last_offers_update);
        json.key("lightningDealInfo");
        match self.lightning {
            Some((from, to)) => json.ints(&[from, to]),
            None => json.null(),
        };
        self.extremes(json, "max", |records| stats::extreme(records, true));
        self.extremes(json, "maxInInterval", |records| stats::extreme_in(records, start, end, true));
        self.extremes(json, "min", |records| stats::extreme(records, false));
        self.extremes(json, "minInInterval", |records| stats::extreme_in(records, start, end, false));
        let live = self.live.as_ref();
        json.key("offerCountFBA").int(live.map_or(-2, |live| live.fba));
        json.key("offerCountFBM").int(live.map_or(-2, |live| live.fbm));
        let amazon = self.records(slot::AMAZON);
        let gaps =
            |days: i32| (amazon.len() > 0).then(|| i64::from(stats::stock_outs(amazon, back(days), now)));
        json.key("outOfStockCountAmazon30").opt_int(gaps(30));
        json.key("outOfStockCountAmazon90").opt_int(gaps(90));
        for (key, days) in [
            ("outOfStockPercentage180", 180),
            ("outOfStockPercentage30", 30),
            ("outOfStockPercentage365", 365),
            ("outOfStockPercentage90", 90),
        ] {
            self.out_of_stock_over(json, key, back(days), now);
        }
        self.out_of_stock_over(json, "outOfStockPercentageInInterval", start, end);
        json.key("retrievedOfferCount").int(live.map_or(-2, |live| live.retrieved));
        let ranks = self.records(slot::SALES);
        let ranked = ranks.iter().any(|(_, rank)| rank >= 0);
        for (key, days) in [
            ("salesRankDrops180", 180),
            ("salesRankDrops30", 30),
            ("salesRankDrops365", 365),
            ("salesRankDrops90", 90),
        ] {
            json.key(key).int(if ranked { stats::rank_drops(ranks, back(days), now) } else { -1 });
        }
        json.key("sellerIdsLowestFBA");
        write_sellers(json, live.map(|live| &live.lowest_fba));
        json.key("sellerIdsLowestFBM");
        write_sellers(json, live.map(|live| &live.lowest_fbm));
        if let Some((amazon, buy_box)) = live.and_then(|live| live.stock) {
            json.key("stockAmazon").int(amazon).key("stockBuyBox").int(buy_box);
        }
        json.key("totalOfferCount").int(self.total_offers.unwrap_or(-2));
        json.key("tradeInPrice").int(-2);
        json.end();
    }

    /// How far the sales badge lies below its 90-day mean, in per cent: negative = sales grew.
    fn sold_delta(&self) -> Option<i32> {
        let records = Records::new(self.sold, 2);
        let (_, current) = records.last().filter(|(_, sold)| *sold > 0)?;
        let mean = stats::mean(records, self.now.saturating_sub(90 * DAY), self.now, self.now);
        (mean > 0).then(|| crate::rng::whole(100.0 * f64::from(mean - current) / f64::from(mean)))
    }

    fn write_buy_box(&self, json: &mut Json) {
        const UNKNOWN: [&str; 3] = ["buyBoxIsMAP", "buyBoxIsPreorder", "buyBoxIsUsed"];
        let Some(found) = &self.buy_box else {
            for key in [
                "buyBoxAvailabilityMessage",
                "buyBoxCondition",
                "buyBoxIsAmazon",
                "buyBoxIsBackorder",
                "buyBoxIsFBA",
                "buyBoxIsFreeShippingEligible",
                "buyBoxIsMAP",
                "buyBoxIsPreorder",
                "buyBoxIsPrimeEligible",
                "buyBoxIsPrimeExclusive",
                "buyBoxIsShippable",
                "buyBoxIsUnqualified",
                "buyBoxIsUsed",
                "buyBoxIsWarehouseDeal",
            ] {
                json.key(key).null();
            }
            json.key("buyBoxPrice").int(-2).key("buyBoxSellerId").null().key("buyBoxShipping").int(-2);
            json.key("buyBoxShippingCountry").null();
            return;
        };
        let there = found.price >= 0;
        json.key("buyBoxAvailabilityMessage").opt_text(there.then_some("IN_STOCK"));
        json.key("buyBoxCondition").opt_int(there.then_some(1));
        json.key("buyBoxIsAmazon").boolean(found.amazon);
        json.key("buyBoxIsBackorder").boolean(false);
        json.key("buyBoxIsFBA").boolean(found.fba);
        json.key("buyBoxIsFreeShippingEligible").boolean(there && found.shipping == 0);
        for key in &UNKNOWN[..2] {
            json.key(key).boolean(false);
        }
        json.key("buyBoxIsPrimeEligible").boolean(found.fba);
        json.key("buyBoxIsPrimeExclusive").boolean(false);
        json.key("buyBoxIsShippable").boolean(there);
        json.key("buyBoxIsUnqualified").boolean(!there);
        json.key(UNKNOWN[2]).boolean(false);
        json.key("buyBoxIsWarehouseDeal").boolean(false);
        json.key("buyBoxPrice").int(found.price);
        json.key("buyBoxSellerId").opt_text(found.seller.as_deref());
        json.key("buyBoxShipping").int(found.shipping);
        json.key("buyBoxShippingCountry").opt_text(there.then_some("US"));
        json.key("buyBoxStats").begin();
        for winner in &found.winners {
            json.key(&winner.seller).begin();
            json.key("avgNewOfferCount").int(winner.new_offers).key("avgPrice").int(winner.average);
            json.key("avgUsedOfferCount").int(-1).key("isFBA").boolean(winner.fba);
            json.key("lastSeen").int(winner.last_seen).key("percentageWon").hundredths(winner.won).end();
        }
        json.end();
        if let Some((price, shipping, seller, fba, condition)) = &found.used {
            json.key("buyBoxUsedCondition").int(*condition).key("buyBoxUsedIsFBA").boolean(*fba);
            json.key("buyBoxUsedPrice").int(*price).key("buyBoxUsedSellerId").text(seller);
            json.key("buyBoxUsedShipping").int(*shipping);
        }
    }
}

fn write_sellers(json: &mut Json, sellers: Option<&Vec<String>>) {
    match sellers.filter(|sellers| !sellers.is_empty()) {
        Some(sellers) => json.texts(sellers),
        None => json.null(),
    };
}
