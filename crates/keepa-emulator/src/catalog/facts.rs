//! What the finder, and missing statistics, need to know of a saved product: its own `stats` first, its `csv` where that is silent.

use std::collections::HashMap;

use serde_json::Value;

use crate::finder::fields::{Plain, Subject};
use crate::finder::texts::TextField;
use crate::json::Json;
use crate::product::stats::Basis;
use crate::stats::{Records, stock_outs};
use crate::world::history::{slot, stride};

/// The facts of one saved product.
#[derive(Debug)]
pub(crate) struct Facts {
    series: Vec<Vec<i32>>,
    sold: Vec<i32>,
    /// Arrays of its own `stats` by name.
    stats: HashMap<String, Vec<i64>>,
    numbers: HashMap<&'static str, i64>,
    texts: HashMap<&'static str, String>,
    flags: HashMap<&'static str, bool>,
    pub(crate) has_stats: bool,
    pub(crate) root: i64,
    pub(crate) rank_reference: i64,
    pub(crate) categories: Vec<i64>,
    /// EANs and UPCs.
    pub(crate) codes: Vec<String>,
    tracked_since: i32,
    last_update: i32,
}

const NUMBERS: [&str; 24] = [
    "availabilityAmazon",
    "productType",
    "monthlySold",
    "packageHeight",
    "packageLength",
    "packageWidth",
    "packageWeight",
    "packageQuantity",
    "itemHeight",
    "itemLength",
    "itemWidth",
    "itemWeight",
    "lastUpdate",
    "lastPriceChange",
    "lastRatingUpdate",
    "listedSince",
    "trackingSince",
    "numberOfPages",
    "numberOfItems",
    "publicationDate",
    "releaseDate",
    "domainId",
    "lastSoldUpdate",
    "lastEbayUpdate",
];
const STAT_NUMBERS: [&str; 10] = [
    "salesRankDrops30",
    "salesRankDrops90",
    "salesRankDrops180",
    "salesRankDrops365",
    "totalOfferCount",
    "offerCountFBA",
    "offerCountFBM",
    "outOfStockCountAmazon30",
    "outOfStockCountAmazon90",
    "lastOffersUpdate",
];
const TEXTS: [&str; 12] = [
    "title",
    "author",
    "binding",
    "brand",
    "color",
    "edition",
    "itemTypeKeyword",
    "manufacturer",
    "size",
    "type",
    "websiteDisplayGroup",
    "websiteDisplayGroupName",
];
const FLAGS: [&str; 8] = [
    "hasReviews",
    "isAdultProduct",
    "isHeatSensitive",
    "isEligibleForTradeIn",
    "isEligibleForSuperSaverShipping",
    "isSNS",
    "launchpad",
    "isRedirectASIN",
];
const STAT_FLAGS: [&str; 3] = ["buyBoxIsAmazon", "buyBoxIsFBA", "buyBoxIsUnqualified"];

fn ints(value: &Value) -> Vec<i32> {
    let whole = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok());
    value.as_array().map(|items| items.iter().filter_map(whole).collect()).unwrap_or_default()
}

/// A number of a `stats` array as a value: negative means none.
fn stated(number: i64) -> Option<i32> {
    i32::try_from(number).ok().filter(|value| *value >= 0)
}

impl Facts {
    pub(crate) fn of(product: &Value) -> Self {
        let csv = &product["csv"];
        let series = (0..slot::COUNT).map(|slot| ints(&csv[slot])).collect();
        let stats = &product["stats"];
        let mut numbers = HashMap::new();
        for name in NUMBERS {
            if let Some(number) = product[name].as_i64() {
                numbers.insert(name, number);
            }
        }
        for name in STAT_NUMBERS {
            if let Some(number) = stats[name].as_i64() {
                numbers.insert(name, number);
            }
        }
        if let Some(fee) = product["fbaFees"]["pickAndPackFee"].as_i64() {
            numbers.insert("fbaFees", fee);
        }
        let count =
            |name: &str| product[name].as_array().map(|items| i64::try_from(items.len()).unwrap_or(0));
        if let Some(images) = count("images") {
            numbers.insert("imageCount", images);
        }
        if let Some(variations) = count("variations") {
            numbers.insert("variationCount", variations);
        }
        let mut flags: HashMap<&'static str, bool> = HashMap::new();
        flags.extend(FLAGS.iter().filter_map(|name| Some((*name, product[*name].as_bool()?))));
        flags.extend(STAT_FLAGS.iter().filter_map(|name| Some((*name, stats[*name].as_bool()?))));
        flags.insert(
            "isHazMat",
            product["hazardousMaterials"].as_array().is_some_and(|items| !items.is_empty()),
        );
        flags.insert("hasParentASIN", product["parentAsin"].is_string());
        for (place, name) in ["eligible0", "eligible1", "eligible2", "eligible3"].into_iter().enumerate() {
            if let Some(count) = product["buyBoxEligibleOfferCounts"][place].as_i64() {
                numbers.insert(name, count);
            }
        }
        let arrays = ["current", "avg30", "avg90", "avg180", "avg365", "outOfStockPercentage90"];
        let longs = |value: &Value| {
            value.as_array().map(|items| items.iter().map(|item| item.as_i64().unwrap_or(-1)).collect())
        };
        let codes = ["eanList", "upcList"]
            .iter()
            .flat_map(|list| product[*list].as_array().into_iter().flatten())
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect();
        let time = |name: &str| numbers.get(name).and_then(|time| i32::try_from(*time).ok()).unwrap_or(0);
        let (tracked_since, last_update) = (time("trackingSince"), time("lastUpdate"));
        Self {
            series,
            sold: ints(&product["monthlySoldHistory"]),
            stats: arrays
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), longs(&stats[*name])?)))
                .collect(),
            numbers,
            texts: TEXTS
                .iter()
                .filter_map(|name| Some((*name, product[*name].as_str()?.to_owned())))
                .collect(),
            flags,
            has_stats: stats.is_object(),
            root: product["rootCategory"].as_i64().unwrap_or(0),
            rank_reference: product["salesRankReference"].as_i64().unwrap_or(-1),
            categories: product["categories"]
                .as_array()
                .map(|ids| ids.iter().filter_map(Value::as_i64).collect())
                .unwrap_or_default(),
            codes,
            tracked_since,
            last_update,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub(crate) fn text_field(&self, field: TextField) -> Option<&str> {
        self.text(match field {
            TextField::Author => "author",
            TextField::Binding => "binding",
            TextField::Brand => "brand",
            TextField::Color => "color",
            TextField::Edition => "edition",
            TextField::Keyword => "itemTypeKeyword",
            TextField::Manufacturer => "manufacturer",
            TextField::Size => "size",
            TextField::Type => "type",
            TextField::DisplayGroup => "websiteDisplayGroup",
            TextField::DisplayGroupName => "websiteDisplayGroupName",
            TextField::NoData => return None,
        })
    }

    fn number(&self, name: &str) -> Option<i32> {
        self.numbers.get(name).and_then(|number| i32::try_from(*number).ok())
    }

    /// Its own statistic for a series, as it is written (negative = no value); `None` when it has no such array.
    fn own(&self, array: &str, slot: usize) -> Option<i64> {
        self.stats.get(array)?.get(slot).copied()
    }

    /// Statistics computed from its `csv`, as of its own last update.
    pub(crate) fn write_stats(&self, json: &mut Json, (from, to): (i32, i32)) {
        let now = self.last_update;
        Basis {
            series: std::array::from_fn(|slot| self.series[slot].as_slice()),
            // A window given in days is meant from the time of the data.
            window: (now.saturating_sub(to.saturating_sub(from)), now),
            now,
            tracked_since: self.tracked_since,
            sold: &self.sold,
            last_offers_update: -1,
            total_offers: None,
            live: None,
            buy_box: None,
            lightning: None,
        }
        .write(json);
    }
}

impl Subject for Facts {
    fn records(&self, slot: usize) -> Records<'_> {
        Records::new(&self.series[slot], stride(slot))
    }

    fn now(&self) -> i32 {
        self.last_update
    }

    fn current(&self, slot: usize) -> Option<i32> {
        match self.own("current", slot) {
            Some(own) => stated(own),
            None => self.records(slot).last().map(|(_, value)| value).filter(|value| *value >= 0),
        }
    }

    fn mean(&self, days: i32, slot: usize) -> Option<i32> {
        let computed = || {
            let now = self.last_update;
            Some(crate::stats::mean(self.records(slot), now.saturating_sub(days * 1440), now, now))
                .filter(|mean| *mean >= 0)
        };
        self.own(&format!("avg{days}"), slot).map_or_else(computed, stated)
    }

    fn plain(&self, field: Plain) -> Option<i32> {
        let positive = |name: &str| self.number(name).filter(|number| *number > 0);
        let counted = |name: &str| self.number(name).filter(|number| *number >= 0);
        let flag = |name: &str| self.flags.get(name).map(|flag| i32::from(*flag));
        let drops = |name: &str, days: i32| counted(name).or_else(|| self.drops(days));
        let out = |slot: usize| {
            self.own("outOfStockPercentage90", slot)
                .map_or_else(|| self.out_of_stock90(slot, self.tracked_since), stated)
        };
        let gaps = |name: &str, days: i32| {
            counted(name).or_else(|| {
                let amazon = self.records(slot::AMAZON);
                (amazon.len() > 0).then(|| {
                    stock_outs(amazon, self.last_update.saturating_sub(days * 1440), self.last_update)
                })
            })
        };
        match field {
            Plain::AvailabilityAmazon => self.number("availabilityAmazon"),
            Plain::ProductType => self.number("productType"),
            Plain::Drops30 => drops("salesRankDrops30", 30),
            Plain::Drops90 => drops("salesRankDrops90", 90),
            Plain::Drops180 => drops("salesRankDrops180", 180),
            Plain::Drops365 => drops("salesRankDrops365", 365),
            Plain::TotalOffers => counted("totalOfferCount"),
            Plain::OffersFba => counted("offerCountFBA"),
            Plain::OffersFbm => counted("offerCountFBM"),
            Plain::OutOfStockAmazon => out(slot::AMAZON),
            Plain::OutOfStockBuyBox => out(slot::BUY_BOX),
            Plain::OutOfStockBuyBoxUsed => out(slot::BUY_BOX_USED),
            Plain::OutOfStockNew => out(slot::NEW),
            Plain::OutOfStockUsed => out(slot::USED),
            Plain::StockOuts30 => gaps("outOfStockCountAmazon30", 30),
            Plain::StockOuts90 => gaps("outOfStockCountAmazon90", 90),
            Plain::MonthlySold => positive("monthlySold"),
            Plain::PackageHeight => positive("packageHeight"),
            Plain::PackageLength => positive("packageLength"),
            Plain::PackageWidth => positive("packageWidth"),
            Plain::PackageWeight => positive("packageWeight"),
            Plain::PackageQuantity => positive("packageQuantity"),
            Plain::ItemHeight => positive("itemHeight"),
            Plain::ItemLength => positive("itemLength"),
            Plain::ItemWidth => positive("itemWidth"),
            Plain::ItemWeight => positive("itemWeight"),
            Plain::FbaFees => positive("fbaFees"),
            Plain::LastUpdate => positive("lastUpdate"),
            Plain::LastPriceChange => positive("lastPriceChange"),
            Plain::LastOffersUpdate => positive("lastOffersUpdate"),
            Plain::LastRatingUpdate => positive("lastRatingUpdate"),
            Plain::ListedSince => positive("listedSince"),
            Plain::TrackingSince => positive("trackingSince"),
            Plain::Pages => positive("numberOfPages"),
            Plain::Items => positive("numberOfItems"),
            Plain::Published => positive("publicationDate"),
            Plain::Released => positive("releaseDate"),
            Plain::Images => counted("imageCount"),
            Plain::Variations => counted("variationCount"),
            Plain::EligibleNewFba => counted("eligible0"),
            Plain::EligibleNewFbm => counted("eligible1"),
            Plain::EligibleUsedFba => counted("eligible2"),
            Plain::EligibleUsedFbm => counted("eligible3"),
            Plain::BuyBoxIsAmazon => flag("buyBoxIsAmazon"),
            Plain::BuyBoxIsFba => flag("buyBoxIsFBA"),
            Plain::BuyBoxIsUnqualified => flag("buyBoxIsUnqualified"),
            Plain::HasParent => flag("hasParentASIN"),
            Plain::HasReviews => flag("hasReviews"),
            Plain::Adult => flag("isAdultProduct"),
            Plain::HazMat => flag("isHazMat"),
            Plain::HeatSensitive => flag("isHeatSensitive"),
            Plain::TradeIn => flag("isEligibleForTradeIn"),
            Plain::SuperSaver => flag("isEligibleForSuperSaverShipping"),
            Plain::SubscribeAndSave => flag("isSNS"),
            Plain::Launchpad => flag("launchpad"),
        }
    }
}
