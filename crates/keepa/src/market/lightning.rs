//! Lightning deals: short sales of a limited quantity.

use crate::domain::Domain;
use crate::ids::{Asin, SellerId};
use crate::product::Attribute;
use crate::time::KeepaTime;
use crate::wire::{AsinText, Count, DomainNumber, Flag, List, Obj, Seller, Text, Time, object};

/// In which state a lightning deal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DealState {
    /// Announced.
    Upcoming,
    /// Running.
    Available,
    /// All are in baskets.
    Waitlist,
    /// Sold out.
    SoldOut,
    /// The waiting list is full.
    WaitlistFull,
    /// Over.
    Expired,
    /// Hidden by Amazon.
    Suppressed,
}

impl DealState {
    /// Keepa's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upcoming => "UPCOMING",
            Self::Available => "AVAILABLE",
            Self::Waitlist => "WAITLIST",
            Self::SoldOut => "SOLDOUT",
            Self::WaitlistFull => "WAITLISTFULL",
            Self::Expired => "EXPIRED",
            Self::Suppressed => "SUPPRESSED",
        }
    }
}

object! {
    /// A lightning deal.
    pub struct LightningDeal {
        /// The marketplace.
        pub domain: Option<Domain> = "domainId" as DomainNumber,
        /// Last refresh.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// The product.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// Its title.
        pub title: Option<String> = "title" as Text,
        /// Who sells.
        pub seller_name: Option<String> = "sellerName" as Text,
        /// Who sells.
        pub seller_id: Option<SellerId> = "sellerId" as Seller,
        /// Id of the deal.
        pub deal_id: Option<String> = "dealId" as Text,
        /// The price of the deal. `None` until it runs.
        pub deal_price: Option<i64> = "dealPrice" as Count,
        /// The regular price.
        pub current_price: Option<i64> = "currentPrice" as Count,
        /// File name of the image.
        pub image: Option<String> = "image" as Text,
        /// Whether it ships with Prime.
        pub is_prime_eligible: Option<bool> = "isPrimeEligible" as Flag,
        /// Whether Amazon fulfils it.
        pub is_fulfilled_by_amazon: Option<bool> = "isFulfilledByAmazon" as Flag,
        /// Whether the price is hidden by a minimum advertised price.
        pub is_map: Option<bool> = "isMAP" as Flag,
        /// Rating, 0 to 50.
        pub rating: Option<i64> = "rating" as Count,
        /// Number of reviews.
        pub total_reviews: Option<i64> = "totalReviews" as Count,
        /// State, e.g. `AVAILABLE`.
        pub state: Option<String> = "dealState" as Text,
        /// From when.
        pub start_time: Option<KeepaTime> = "startTime" as Time,
        /// Until when.
        pub end_time: Option<KeepaTime> = "endTime" as Time,
        /// Percent claimed.
        pub percent_claimed: Option<i64> = "percentClaimed" as Count,
        /// Percent off.
        pub percent_off: Option<i64> = "percentOff" as Count,
        /// What distinguishes the variation.
        pub variation: Vec<Attribute> = "variation" as List<Obj<Attribute>>,
    }
}
