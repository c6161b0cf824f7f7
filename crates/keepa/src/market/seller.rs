//! Sellers of the marketplace.

use crate::domain::Domain;
use crate::ids::{Asin, CategoryId, SellerId};
use crate::series::Series;
use crate::time::KeepaTime;
use crate::wire::{
    AsinText, Category, Count, DomainNumber, First, Flag, History, List, Obj, Seller as SellerKind, Share,
    Slots, Text, Time, object,
};

object! {
    /// A seller.
    ///
    /// The lists of four figures cover 30, 90, 365 days and the seller's life.
    pub struct Seller {
        /// Id.
        pub seller_id: Option<SellerId> = "sellerId" as SellerKind,
        /// Name of the shop.
        pub seller_name: Option<String> = "sellerName" as Text,
        /// The marketplace.
        pub domain: Option<Domain> = "domainId" as DomainNumber,
        /// Since when Keepa follows the seller.
        pub tracked_since: Option<KeepaTime> = "trackedSince" | "trackingSince" as Time,
        /// Last refresh.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// Last refresh of the rating.
        pub last_rating_update: Option<KeepaTime> = "lastRatingUpdate" as Time,
        /// Rating in percent and number of ratings, over time.
        pub csv: Vec<Option<Series>> = "csv" as Slots<History<2>>,
        /// Rating, percent.
        pub current_rating: Option<i64> = "currentRating" as Count,
        /// Number of ratings.
        pub current_rating_count: Option<i64> = "currentRatingCount" as Count,
        /// Ratings of the last 30 days.
        pub ratings_last_30_days: Option<i64> = "ratingsLast30Days" as Count,
        /// Percent of positive ratings (four figures).
        pub positive_rating: Vec<Option<i64>> = "positiveRating" as Slots<Count>,
        /// Percent of neutral ratings (four figures).
        pub neutral_rating: Vec<Option<i64>> = "neutralRating" as Slots<Count>,
        /// Percent of negative ratings (four figures).
        pub negative_rating: Vec<Option<i64>> = "negativeRating" as Slots<Count>,
        /// Number of ratings (four figures).
        pub rating_count: Vec<Option<i64>> = "ratingCount" as Slots<Count>,
        /// Whether offers ship from China.
        pub ships_from_china: Option<bool> = "shipsFromChina" as Flag,
        /// Whether offers are fulfilled by Amazon.
        pub has_fba: Option<bool> = "hasFBA" as Flag,
        /// Keepa minutes of the count, and how many products the storefront has.
        pub total_storefront_asins: Option<(i64, i64)> = "totalStorefrontAsins" as First<(i64, i64), 2>,
        /// That number over time. Storefront only.
        pub storefront_history: Option<Series> = "totalStorefrontAsinsCSV" as History<2>,
        /// The storefront's products, freshest first, at most 100,000. Storefront only.
        pub asins: Vec<Option<Asin>> = "asinList" as Slots<AsinText>,
        /// When each of them was last seen, in the same order. Storefront only.
        pub asins_last_seen: Vec<Option<KeepaTime>> = "asinListLastSeen" as Slots<Time>,
        /// Figures by category.
        pub category_statistics: Vec<CategoryStatistics> = "sellerCategoryStatistics" as List<Obj<CategoryStatistics>>,
        /// Figures by brand.
        pub brand_statistics: Vec<BrandStatistics> = "sellerBrandStatistics" as List<Obj<BrandStatistics>>,
        /// The sellers met most often at the same products.
        pub competitors: Vec<Competitor> = "competitors" as List<Obj<Competitor>>,
        /// Mean number of competitors for the buy box.
        pub avg_buy_box_competitors: Option<f64> = "avgBuyBoxCompetitors" as Share,
        /// Percent of the new buy boxes that the seller holds.
        pub buy_box_new_ownership_rate: Option<i64> = "buyBoxNewOwnershipRate" as Count,
        /// Percent of the used buy boxes that the seller holds.
        pub buy_box_used_ownership_rate: Option<i64> = "buyBoxUsedOwnershipRate" as Count,
        /// Business address; the last line is the country code.
        pub address: Vec<String> = "address" as List<Text>,
        /// Address of customer service.
        pub customer_services_address: Vec<String> = "customerServicesAddress" as List<Text>,
        /// Number in the trade register.
        pub trade_number: Option<String> = "tradeNumber" as Text,
        /// Business name.
        pub business_name: Option<String> = "businessName" as Text,
        /// VAT number.
        pub vat_id: Option<String> = "vatID" as Text,
        /// Telephone.
        pub phone_number: Option<String> = "phoneNumber" as Text,
        /// Legal form.
        pub business_type: Option<String> = "businessType" as Text,
        /// Share capital.
        pub share_capital: Option<String> = "shareCapital" as Text,
        /// Representative.
        pub representative: Option<String> = "representative" as Text,
        /// E-mail address.
        pub email: Option<String> = "email" as Text,
        /// The newest feedback, at most five.
        pub recent_feedback: Vec<Feedback> = "recentFeedback" as List<Obj<Feedback>>,
    }
}

object! {
    /// A seller's figures in a category.
    pub struct CategoryStatistics {
        /// The category.
        pub cat_id: Option<CategoryId> = "catId" as Category,
        /// Products of the seller in it.
        pub product_count: Option<i64> = "productCount" as Count,
        /// Their mean sales rank of 30 days.
        pub avg30_sales_rank: Option<i64> = "avg30SalesRank" as Count,
        /// How many of them Amazon sells too.
        pub product_count_with_amazon_offer: Option<i64> = "productCountWithAmazonOffer" as Count,
    }
}

object! {
    /// A seller's figures with a brand.
    pub struct BrandStatistics {
        /// The brand, in lower case.
        pub brand: Option<String> = "brand" as Text,
        /// Products of the brand that the seller has.
        pub product_count: Option<i64> = "productCount" as Count,
        /// Their mean sales rank of 30 days.
        pub avg30_sales_rank: Option<i64> = "avg30SalesRank" as Count,
        /// How many of them Amazon sells too.
        pub product_count_with_amazon_offer: Option<i64> = "productCountWithAmazonOffer" as Count,
    }
}

object! {
    /// A seller met at the same products.
    pub struct Competitor {
        /// Id (Keepa writes it in lower case here; it is upper-cased).
        pub seller_id: Option<SellerId> = "sellerId" as SellerKind,
        /// At how many of the products, percent.
        pub percent: Option<f64> = "percent" as Share,
    }
}

object! {
    /// A buyer's feedback.
    pub struct Feedback {
        /// 10 to 50.
        pub rating: Option<i64> = "rating" as Count,
        /// When.
        pub date: Option<KeepaTime> = "date" as Time,
        /// The words.
        pub feedback: Option<String> = "feedback" as Text,
        /// Whether Amazon struck it.
        pub is_striked: Option<bool> = "isStriked" as Flag,
    }
}
