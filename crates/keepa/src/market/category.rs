//! Categories and their best sellers.

use std::collections::BTreeMap;

use crate::domain::Domain;
use crate::ids::{Asin, CategoryId};
use crate::time::KeepaTime;
use crate::wire::{
    AsinText, Category as CategoryKind, Count, DomainNumber, Flag, List, Real, Seller, Share, Text, Time,
    object,
};

object! {
    /// A category (browse node). The figures over its products are there only where Keepa has computed them.
    pub struct Category {
        /// The marketplace.
        pub domain: Option<Domain> = "domainId" as DomainNumber,
        /// Its id.
        pub cat_id: Option<CategoryId> = "catId" as CategoryKind,
        /// Its name.
        pub name: Option<String> = "name" as Text,
        /// Its name with that of its parent; no longer sent since April 2026.
        pub context_free_name: Option<String> = "contextFreeName" as Text,
        /// Display group on the web site.
        pub website_display_group: Option<String> = "websiteDisplayGroup" as Text,
        /// The categories below.
        pub children: Vec<CategoryId> = "children" as List<CategoryKind>,
        /// The category above. `None`: it is a root.
        pub parent: Option<CategoryId> = "parent" as CategoryKind,
        /// The numerically greatest rank seen in it.
        pub highest_rank: Option<i64> = "highestRank" as Count,
        /// The numerically least rank seen in it.
        pub lowest_rank: Option<i64> = "lowestRank" as Count,
        /// How many products it has, about.
        pub product_count: Option<i64> = "productCount" as Count,
        /// Whether it is a browse node (and not a promotion).
        pub is_browse_node: Option<bool> = "isBrowseNode" as Flag,
        /// Whether it matched the search. Category search only.
        pub matched: Option<bool> = "matched" as Flag,
        /// Mean buy box price.
        pub avg_buy_box: Option<i64> = "avgBuyBox" as Count,
        /// Mean buy box price of 90 days.
        pub avg_buy_box90: Option<i64> = "avgBuyBox90" as Count,
        /// Mean buy box price of 365 days.
        pub avg_buy_box365: Option<i64> = "avgBuyBox365" as Count,
        /// Mean deviation of the buy box price.
        pub avg_buy_box_deviation: Option<i64> = "avgBuyBoxDeviation" as Count,
        /// Mean number of ratings.
        pub avg_review_count: Option<i64> = "avgReviewCount" as Count,
        /// Mean rating, 0 to 50.
        pub avg_rating: Option<i64> = "avgRating" as Count,
        /// Percent of buy boxes fulfilled by Amazon.
        pub is_fba_percent: Option<f64> = "isFBAPercent" as Share,
        /// Percent sold by Amazon.
        pub sold_by_amazon_percent: Option<f64> = "soldByAmazonPercent" as Share,
        /// Percent with a coupon.
        pub has_coupon_percent: Option<f64> = "hasCouponPercent" as Share,
        /// Mean number of new offers.
        pub avg_offer_count_new: Option<f64> = "avgOfferCountNew" as Share,
        /// Mean number of used offers.
        pub avg_offer_count_used: Option<f64> = "avgOfferCountUsed" as Share,
        /// Mean fall of the buy box price in 30 days, percent; positive is cheaper.
        pub avg_delta_percent30_buy_box: Option<f64> = "avgDeltaPercent30BuyBox" as Real,
        /// Mean fall of the buy box price in 90 days, percent.
        pub avg_delta_percent90_buy_box: Option<f64> = "avgDeltaPercent90BuyBox" as Real,
        /// Mean fall of Amazon's price in 30 days, percent.
        pub avg_delta_percent30_amazon: Option<f64> = "avgDeltaPercent30Amazon" as Real,
        /// Mean fall of Amazon's price in 90 days, percent.
        pub avg_delta_percent90_amazon: Option<f64> = "avgDeltaPercent90Amazon" as Real,
        /// Number of sellers.
        pub seller_count: Option<i64> = "sellerCount" as Count,
        /// Number of brands.
        pub brand_count: Option<i64> = "brandCount" as Count,
        /// Categories close by.
        pub related_categories: Vec<CategoryId> = "relatedCategories" as List<CategoryKind>,
        /// The brands with most products.
        pub top_brands: Vec<String> = "topBrands" as List<Text>,
        /// The sellers with most products, Amazon left out.
        pub top_sellers: Vec<crate::SellerId> = "topSellers" as List<Seller>,
        /// Their names, in the same order.
        pub top_seller_names: Vec<String> = "relatedSellerNames" as List<Text>,
        /// The sellers with most products, of any kind.
        pub top_sellers_any: Vec<crate::SellerId> = "topSellersAny" as List<Seller>,
        /// Their names, in the same order.
        pub top_seller_names_any: Vec<String> = "relatedSellerNamesAny" as List<Text>,
    }
}

/// Categories by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Categories {
    /// Those that were asked for and exist.
    pub categories: BTreeMap<CategoryId, Category>,
    /// Every category above them, up to the roots; empty unless asked for.
    pub parents: BTreeMap<CategoryId, Category>,
}

object! {
    /// A best-seller list.
    pub struct Bestsellers {
        /// The marketplace.
        pub domain: Option<Domain> = "domainId" as DomainNumber,
        /// When the list was made.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// The category. `None`: the list of a group.
        pub category: Option<CategoryId> = "categoryId" as CategoryKind,
        /// Best first.
        pub asins: Vec<Asin> = "asinList" as List<AsinText>,
    }
}
