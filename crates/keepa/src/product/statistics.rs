//! The `stats` object: what Keepa computes from the histories.

use std::collections::BTreeMap;

use crate::csv_type::CsvType;
use crate::ids::SellerId;
use crate::product::offer::{Condition, ConditionCode};
use crate::time::KeepaTime;
use crate::wire::{
    ByText, Count, First, Flag, List, Member, Obj, Record, Seller, Share, Slots, Text, Time, Whole, object,
};

/// The least or greatest value of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extreme {
    /// When it was first reached.
    pub time: KeepaTime,
    /// The value, in the unit of the history.
    pub value: i64,
}

impl Record<2> for Extreme {
    fn from_members([time, value]: &[Member<'_>; 2]) -> Option<Self> {
        let value = value.int().filter(|&value| value >= 0)?;
        Some(Self { time: time.time()?, value })
    }
}

/// The start and end of a lightning deal.
type Window = (i64, i64);

object! {
    /// Statistics of a product. The arrays have one place per [`CsvType`]; use the methods of the same name.
    ///
    /// Prices of histories with shipping are landing prices. "The interval" is what the request named in `stats`.
    pub struct Statistics {
        /// Newest values.
        pub current: Vec<Option<i64>> = "current" as Slots<Count>,
        /// Time-weighted means over the interval.
        pub avg: Vec<Option<i64>> = "avg" as Slots<Count>,
        /// Time-weighted means over 30 days.
        pub avg30: Vec<Option<i64>> = "avg30" as Slots<Count>,
        /// Time-weighted means over 90 days.
        pub avg90: Vec<Option<i64>> = "avg90" as Slots<Count>,
        /// Time-weighted means over 180 days.
        pub avg180: Vec<Option<i64>> = "avg180" as Slots<Count>,
        /// Time-weighted means over 365 days.
        pub avg365: Vec<Option<i64>> = "avg365" as Slots<Count>,
        /// Values that held when the interval began.
        pub at_interval_start: Vec<Option<i64>> = "atIntervalStart" as Slots<Count>,
        /// Least values of all time.
        pub min: Vec<Option<Extreme>> = "min" as Slots<First<Extreme, 2>>,
        /// Greatest values of all time.
        pub max: Vec<Option<Extreme>> = "max" as Slots<First<Extreme, 2>>,
        /// Least values of the interval.
        pub min_in_interval: Vec<Option<Extreme>> = "minInInterval" as Slots<First<Extreme, 2>>,
        /// Greatest values of the interval.
        pub max_in_interval: Vec<Option<Extreme>> = "maxInInterval" as Slots<First<Extreme, 2>>,
        /// Whether the newest value is not above the least of all time.
        pub is_lowest: Vec<Option<bool>> = "isLowest" as Slots<Flag>,
        /// Whether the newest value is not above the least of 90 days.
        pub is_lowest90: Vec<Option<bool>> = "isLowest90" as Slots<Flag>,
        /// Percent of the interval without an offer; prices only.
        pub out_of_stock_percentage_in_interval: Vec<Option<i64>> = "outOfStockPercentageInInterval" as Slots<Count>,
        /// Percent of 30 days without an offer; prices only.
        pub out_of_stock_percentage30: Vec<Option<i64>> = "outOfStockPercentage30" as Slots<Count>,
        /// Percent of 90 days without an offer; prices only.
        pub out_of_stock_percentage90: Vec<Option<i64>> = "outOfStockPercentage90" as Slots<Count>,
        /// Percent of 180 days without an offer; prices only.
        pub out_of_stock_percentage180: Vec<Option<i64>> = "outOfStockPercentage180" as Slots<Count>,
        /// Percent of 365 days without an offer; prices only.
        pub out_of_stock_percentage365: Vec<Option<i64>> = "outOfStockPercentage365" as Slots<Count>,
        /// How often Amazon went out of stock in 30 days. 1 for a product that Amazon never stocked.
        pub out_of_stock_count_amazon30: Option<i64> = "outOfStockCountAmazon30" as Count,
        /// How often Amazon went out of stock in 90 days. 1 for a product that Amazon never stocked.
        pub out_of_stock_count_amazon90: Option<i64> = "outOfStockCountAmazon90" as Count,
        /// Change of `monthlySold` against its mean of 90 days, percent, inverted: negative means that sales grew.
        pub delta_percent90_monthly_sold: Option<i64> = "deltaPercent90_monthlySold" as Whole,
        /// Drops of the sales rank in 30 days: roughly, sales.
        pub sales_rank_drops30: Option<i64> = "salesRankDrops30" as Count,
        /// Drops of the sales rank in 90 days.
        pub sales_rank_drops90: Option<i64> = "salesRankDrops90" as Count,
        /// Drops of the sales rank in 180 days.
        pub sales_rank_drops180: Option<i64> = "salesRankDrops180" as Count,
        /// Drops of the sales rank in 365 days.
        pub sales_rank_drops365: Option<i64> = "salesRankDrops365" as Count,
        /// Offers of all conditions.
        pub total_offer_count: Option<i64> = "totalOfferCount" as Count,
        /// When offers were last refreshed. `None`: never.
        pub last_offers_update: Option<KeepaTime> = "lastOffersUpdate" as Time,
        /// Offers that were fetched. Needs `offers`.
        pub retrieved_offer_count: Option<i64> = "retrievedOfferCount" as Count,
        /// Offers fulfilled by Amazon among those fetched. Needs `offers`.
        pub offer_count_fba: Option<i64> = "offerCountFBA" as Count,
        /// Offers shipped by merchants among those fetched. Needs `offers`.
        pub offer_count_fbm: Option<i64> = "offerCountFBM" as Count,
        /// Sellers of the lowest new offer fulfilled by Amazon.
        pub seller_ids_lowest_fba: Vec<SellerId> = "sellerIdsLowestFBA" as List<Seller>,
        /// Sellers of the lowest new offer shipped by a merchant.
        pub seller_ids_lowest_fbm: Vec<SellerId> = "sellerIdsLowestFBM" as List<Seller>,
        /// What Amazon pays in trade.
        pub trade_in_price: Option<i64> = "tradeInPrice" as Count,
        /// Start and end of a lightning deal, Keepa minutes; end −1: upcoming.
        pub lightning_deal_info: Option<Window> = "lightningDealInfo" as First<Window, 2>,
        /// Amazon's stock. Needs `stock` and `offers`.
        pub stock_amazon: Option<i64> = "stockAmazon" as Count,
        /// Stock of the buy box offer. Needs `stock` and `offers`.
        pub stock_buy_box: Option<i64> = "stockBuyBox" as Count,
        /// Third-party stock fulfilled by Amazon, by the code of the condition. Needs `stock` and `offers`.
        pub stock_per_condition_fba: Vec<Option<i64>> = "stockPerCondition3rdFBA" as Slots<Count>,
        /// Stock shipped by merchants, by the code of the condition. Needs `stock` and `offers`.
        pub stock_per_condition_fbm: Vec<Option<i64>> = "stockPerConditionFBM" as Slots<Count>,
        /// Whether it was an add-on item; no longer sent since February 2026.
        pub is_addon_item: Option<bool> = "isAddonItem" as Flag,

        /// Price of the buy box. `None`: nobody qualifies or not asked for. This and all below need `buybox` or `offers`.
        pub buy_box_price: Option<i64> = "buyBoxPrice" as Count,
        /// Shipping of the buy box.
        pub buy_box_shipping: Option<i64> = "buyBoxShipping" as Count,
        /// Who holds it.
        pub buy_box_seller_id: Option<SellerId> = "buyBoxSellerId" as Seller,
        /// Whether Amazon fulfils it.
        pub buy_box_is_fba: Option<bool> = "buyBoxIsFBA" as Flag,
        /// Whether Amazon sells it.
        pub buy_box_is_amazon: Option<bool> = "buyBoxIsAmazon" as Flag,
        /// Whether nobody qualifies.
        pub buy_box_is_unqualified: Option<bool> = "buyBoxIsUnqualified" as Flag,
        /// Whether it can be shipped.
        pub buy_box_is_shippable: Option<bool> = "buyBoxIsShippable" as Flag,
        /// Whether it is a pre-order.
        pub buy_box_is_preorder: Option<bool> = "buyBoxIsPreorder" as Flag,
        /// Whether it is back-ordered.
        pub buy_box_is_backorder: Option<bool> = "buyBoxIsBackorder" as Flag,
        /// Whether the price is hidden by a minimum advertised price.
        pub buy_box_is_map: Option<bool> = "buyBoxIsMAP" as Flag,
        /// Whether it is used.
        pub buy_box_is_used: Option<bool> = "buyBoxIsUsed" as Flag,
        /// Its condition.
        pub buy_box_condition: Option<Condition> = "buyBoxCondition" as ConditionCode,
        /// Whether it is of Amazon Warehouse.
        pub buy_box_is_warehouse_deal: Option<bool> = "buyBoxIsWarehouseDeal" as Flag,
        /// Whether shipping can be free.
        pub buy_box_is_free_shipping_eligible: Option<bool> = "buyBoxIsFreeShippingEligible" as Flag,
        /// Whether it ships with Prime.
        pub buy_box_is_prime_eligible: Option<bool> = "buyBoxIsPrimeEligible" as Flag,
        /// Whether it is for Prime members only.
        pub buy_box_is_prime_exclusive: Option<bool> = "buyBoxIsPrimeExclusive" as Flag,
        /// Whether it was of Prime Pantry; no longer sent since April 2026.
        pub buy_box_is_prime_pantry: Option<bool> = "buyBoxIsPrimePantry" as Flag,
        /// Greatest quantity per order; no longer sent since April 2026.
        pub buy_box_max_order_quantity: Option<i64> = "buyBoxMaxOrderQuantity" as Count,
        /// Least quantity per order; no longer sent since April 2026.
        pub buy_box_min_order_quantity: Option<i64> = "buyBoxMinOrderQuantity" as Count,
        /// Country it ships from, two letters.
        pub buy_box_shipping_country: Option<String> = "buyBoxShippingCountry" as Text,
        /// Hours until it ships, least and most. Since February 2026.
        pub buy_box_shipping_time: Option<(i64, i64)> = "buyBoxShippingTime" as First<(i64, i64), 2>,
        /// Availability: `IN_STOCK`, `BACKORDER_NO_ETA`, `BACKORDER_WITH_ETA`; free text before April 2026.
        pub buy_box_availability_message: Option<String> = "buyBoxAvailabilityMessage" as Text,
        /// The price that a saving is told against.
        pub buy_box_saving_basis: Option<i64> = "buyBoxSavingBasis" as Count,
        /// What that price is: `LIST_PRICE` or `WAS_PRICE`.
        pub buy_box_saving_basis_type: Option<String> = "buyBoxSavingBasisType" as Text,
        /// The saving, percent.
        pub buy_box_saving_percentage: Option<i64> = "buyBoxSavingPercentage" as Count,
        /// When the buy box was last refreshed.
        pub last_buy_box_update: Option<KeepaTime> = "lastBuyBoxUpdate" as Time,
        /// Price of the used buy box.
        pub buy_box_used_price: Option<i64> = "buyBoxUsedPrice" as Count,
        /// Shipping of the used buy box.
        pub buy_box_used_shipping: Option<i64> = "buyBoxUsedShipping" as Count,
        /// Who holds the used buy box.
        pub buy_box_used_seller_id: Option<SellerId> = "buyBoxUsedSellerId" as Seller,
        /// Whether Amazon fulfils the used buy box.
        pub buy_box_used_is_fba: Option<bool> = "buyBoxUsedIsFBA" as Flag,
        /// Condition of the used buy box.
        pub buy_box_used_condition: Option<Condition> = "buyBoxUsedCondition" as ConditionCode,
        /// By seller id: the share of the buy box in the interval.
        pub buy_box_stats: BTreeMap<String, BuyBoxShare> = "buyBoxStats" as ByText<Obj<BuyBoxShare>>,
        /// By seller id: the share of the used buy box in the interval.
        pub buy_box_used_stats: BTreeMap<String, BuyBoxShare> = "buyBoxUsedStats" as ByText<Obj<BuyBoxShare>>,
    }
}

object! {
    /// A seller's share of the buy box.
    pub struct BuyBoxShare {
        /// Percent of the time.
        pub percentage_won: Option<f64> = "percentageWon" as Share,
        /// Mean price while it was held.
        pub avg_price: Option<i64> = "avgPrice" as Count,
        /// Mean number of new offers meanwhile.
        pub avg_new_offer_count: Option<i64> = "avgNewOfferCount" as Count,
        /// Mean number of used offers meanwhile.
        pub avg_used_offer_count: Option<i64> = "avgUsedOfferCount" as Count,
        /// Whether Amazon fulfils it.
        pub is_fba: Option<bool> = "isFBA" as Flag,
        /// Condition; used buy box only.
        pub condition: Option<Condition> = "condition" as ConditionCode,
        /// When the seller last held it.
        pub last_seen: Option<KeepaTime> = "lastSeen" as Time,
    }
}

macro_rules! by_type {
    ($($(#[$meta:meta])* $name:ident -> $out:ty;)*) => {
        impl Statistics { $(
            $(#[$meta])*
            #[must_use]
            pub fn $name(&self, csv_type: CsvType) -> Option<$out> {
                self.$name.get(csv_type.index()).copied().flatten()
            }
        )* }
    };
}

by_type! {
    /// The newest value.
    current -> i64;
    /// The time-weighted mean over the interval.
    avg -> i64;
    /// The time-weighted mean over 30 days.
    avg30 -> i64;
    /// The time-weighted mean over 90 days.
    avg90 -> i64;
    /// The time-weighted mean over 180 days.
    avg180 -> i64;
    /// The time-weighted mean over 365 days.
    avg365 -> i64;
    /// The value that held when the interval began.
    at_interval_start -> i64;
    /// The least value of all time.
    min -> Extreme;
    /// The greatest value of all time.
    max -> Extreme;
    /// The least value of the interval.
    min_in_interval -> Extreme;
    /// The greatest value of the interval.
    max_in_interval -> Extreme;
    /// Whether the newest value is not above the least of all time.
    is_lowest -> bool;
    /// Whether the newest value is not above the least of 90 days.
    is_lowest90 -> bool;
    /// Percent of the interval without an offer. `None` for what is no price.
    out_of_stock_percentage_in_interval -> i64;
    /// Percent of 30 days without an offer. `None` for what is no price.
    out_of_stock_percentage30 -> i64;
    /// Percent of 90 days without an offer. `None` for what is no price.
    out_of_stock_percentage90 -> i64;
    /// Percent of 180 days without an offer. `None` for what is no price.
    out_of_stock_percentage180 -> i64;
    /// Percent of 365 days without an offer. `None` for what is no price.
    out_of_stock_percentage365 -> i64;
}
