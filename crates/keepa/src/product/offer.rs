//! Offers of the marketplace.

use crate::ids::SellerId;
use crate::product::history::{Discount, OfferCouponChange};
use crate::series::{Point, Series};
use crate::time::KeepaTime;
use crate::wire::{
    Count, Decode, Fault, Flag, Groups, History, List, Obj, Positive, Reader, Seller, Text, Time, Whole,
    object,
};

/// The condition of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Condition {
    /// New.
    New = 1,
    /// Used, like new.
    UsedLikeNew = 2,
    /// Used, very good.
    UsedVeryGood = 3,
    /// Used, good.
    UsedGood = 4,
    /// Used, acceptable.
    UsedAcceptable = 5,
    /// Refurbished.
    Refurbished = 6,
    /// Collectible, like new.
    CollectibleLikeNew = 7,
    /// Collectible, very good.
    CollectibleVeryGood = 8,
    /// Collectible, good.
    CollectibleGood = 9,
    /// Collectible, acceptable.
    CollectibleAcceptable = 10,
    /// For rent; no longer sent since February 2026.
    Rental = 11,
}

impl Condition {
    /// Every condition, by code.
    pub const ALL: [Self; 11] = [
        Self::New,
        Self::UsedLikeNew,
        Self::UsedVeryGood,
        Self::UsedGood,
        Self::UsedAcceptable,
        Self::Refurbished,
        Self::CollectibleLikeNew,
        Self::CollectibleVeryGood,
        Self::CollectibleGood,
        Self::CollectibleAcceptable,
        Self::Rental,
    ];

    /// Keepa's number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The condition of this number; `None` for 0 (unknown) and others.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| i64::from(condition.code()) == code)
    }

    /// Whether it is one of the four used conditions.
    #[must_use]
    pub const fn is_used(self) -> bool {
        matches!(self, Self::UsedLikeNew | Self::UsedVeryGood | Self::UsedGood | Self::UsedAcceptable)
    }
}

/// Reads a condition by its number.
pub(crate) struct ConditionCode;

impl Decode for ConditionCode {
    type Out = Option<Condition>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<Condition>, Fault> {
        Ok(Whole::decode(reader)?.and_then(Condition::from_code))
    }
}

/// Reads a discount by its number.
struct DiscountNumber;

impl Decode for DiscountNumber {
    type Out = Option<Discount>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<Discount>, Fault> {
        Ok(Whole::decode(reader)?.and_then(Discount::from_number))
    }
}

object! {
    /// An offer of the product, live or historic ([`last_seen`](Self::last_seen) tells).
    pub struct Offer {
        /// Number of the offer; stable within the product only.
        pub offer_id: Option<i64> = "offerId" as Count,
        /// Who sells. Amazon US is `ATVPDKIKX0DER`, its Warehouse `A2L77EE7U53NWQ`.
        pub seller_id: Option<SellerId> = "sellerId" as Seller,
        /// Price and shipping over time; values are landing prices.
        pub history: Option<Series> = "offerCSV" as History<3>,
        /// When the offer was last seen.
        pub last_seen: Option<KeepaTime> = "lastSeen" as Time,
        /// Condition. `None`: unknown.
        pub condition: Option<Condition> = "condition" as ConditionCode,
        /// What the seller says of the condition.
        pub condition_comment: Option<String> = "conditionComment" as Text,
        /// Whether it ships with Prime.
        pub is_prime: Option<bool> = "isPrime" as Flag,
        /// Whether Amazon fulfils it.
        pub is_fba: Option<bool> = "isFBA" as Flag,
        /// Whether Amazon itself sells it (not its Warehouse).
        pub is_amazon: Option<bool> = "isAmazon" as Flag,
        /// Whether the price is hidden by a minimum advertised price.
        pub is_map: Option<bool> = "isMAP" as Flag,
        /// Whether it can be shipped to the marketplace's country.
        pub is_shippable: Option<bool> = "isShippable" as Flag,
        /// Whether it is a pre-order.
        pub is_preorder: Option<bool> = "isPreorder" as Flag,
        /// Whether it is of Amazon Warehouse.
        pub is_warehouse_deal: Option<bool> = "isWarehouseDeal" as Flag,
        /// Whether it ships from China.
        pub ships_from_china: Option<bool> = "shipsFromChina" as Flag,
        /// Whether the price is for Prime members only.
        pub is_prime_exclusive: Option<bool> = "isPrimeExcl" as Flag,
        /// Prime-exclusive price over time. Optional.
        pub prime_exclusive_history: Option<Series> = "primeExclCSV" as History<2>,
        /// Stock over time. Needs `stock`.
        pub stock: Option<Series> = "stockCSV" as History<2>,
        /// Limit per order over time, where it hides the stock. Optional; undocumented by Keepa.
        pub stock_limit: Option<Series> = "stockLimit" as History<2>,
        /// When the stock was last refreshed. Optional.
        pub last_stock_update: Option<KeepaTime> = "lastStockUpdate" as Time,
        /// Least quantity per order.
        pub min_order_quantity: Option<i64> = "minOrderQty" as Positive,
        /// The coupon offered now. Optional.
        pub coupon: Option<Discount> = "coupon" as DiscountNumber,
        /// Coupons over time. Optional.
        pub coupon_history: Vec<OfferCouponChange> = "couponHistory" as Groups<OfferCouponChange, 2>,
        /// Dearer duplicates of the same seller, condition and fulfilment. Optional.
        pub duplicates: Vec<OfferDuplicate> = "offerDuplicates" as List<Obj<OfferDuplicate>>,
        /// Whether it was an add-on item; no longer sent since February 2026.
        pub is_addon_item: Option<bool> = "isAddonItem" as Flag,
        /// Whether Keepa took it for a scam; no longer sent since February 2026.
        pub is_scam: Option<bool> = "isScam" as Flag,
    }
}

impl Offer {
    /// The newest record of the history: the landing price when last seen.
    #[must_use]
    pub fn last_price(&self) -> Option<Point> {
        self.history.as_ref()?.last()
    }
}

object! {
    /// A dearer duplicate of an offer.
    pub struct OfferDuplicate {
        /// Price without shipping.
        pub price: Option<i64> = "price" as Count,
        /// Shipping; 0 is free.
        pub shipping: Option<i64> = "shipping" as Count,
        /// What the seller says of the condition.
        pub condition_comment: Option<String> = "conditionComment" as Text,
    }
}
