//! The fields of a selection that belong to no history, as constants.
//!
//! What has no constant here is reached by [`Selection::field`](crate::finder::Selection::field).

use crate::finder::filter::{Categories, Flag, Numbers, Range, Texts};

macro_rules! groups {
    ($($type:ident::$make:ident { $($(#[$meta:meta])* $name:ident = $key:literal;)* })*) => {
        $($( $(#[$meta])* pub const $name: $type = $type::$make($key); )*)*

        /// The keys of the constants and whether each is the stem of a range.
        #[cfg(test)]
        pub(super) const KEYS: &[(&str, &str)] = &[$($( (stringify!($type), $key), )*)*];
    };
}

groups! {
    Range::new {
        /// Amazon's "bought in past month".
        MONTHLY_SOLD = "monthlySold";
        /// Change of it against its mean of 90 days, percent; negative means that sales grew.
        DELTA_PERCENT90_MONTHLY_SOLD = "deltaPercent90_monthlySold";
        /// Drops of the sales rank in 30 days.
        SALES_RANK_DROPS30 = "salesRankDrops30";
        /// Drops of the sales rank in 90 days.
        SALES_RANK_DROPS90 = "salesRankDrops90";
        /// Drops of the sales rank in 180 days.
        SALES_RANK_DROPS180 = "salesRankDrops180";
        /// Drops of the sales rank in 365 days.
        SALES_RANK_DROPS365 = "salesRankDrops365";
        /// Place among the best of the root category, percent.
        SALES_RANK_TOP_PERCENT = "salesRankTopPct";
        /// Offers of all conditions.
        TOTAL_OFFER_COUNT = "totalOfferCount";
        /// New offers fulfilled by Amazon.
        OFFER_COUNT_FBA = "offerCountFBA";
        /// New offers shipped by merchants.
        OFFER_COUNT_FBM = "offerCountFBM";
        /// New offers fulfilled by Amazon that may win the buy box.
        BUY_BOX_ELIGIBLE_NEW_FBA = "buyBoxEligibleOfferCountsNewFBA";
        /// New offers shipped by merchants that may win the buy box.
        BUY_BOX_ELIGIBLE_NEW_FBM = "buyBoxEligibleOfferCountsNewFBM";
        /// Used offers fulfilled by Amazon that may win the buy box.
        BUY_BOX_ELIGIBLE_USED_FBA = "buyBoxEligibleOfferCountsUsedFBA";
        /// Used offers shipped by merchants that may win the buy box.
        BUY_BOX_ELIGIBLE_USED_FBM = "buyBoxEligibleOfferCountsUsedFBM";
        /// Amazon's share of the buy box in 30 days, percent.
        BUY_BOX_AMAZON_SHARE30 = "buyBoxStatsAmazon30";
        /// Amazon's share of the buy box in 90 days, percent.
        BUY_BOX_AMAZON_SHARE90 = "buyBoxStatsAmazon90";
        /// Amazon's share of the buy box in 365 days, percent.
        BUY_BOX_AMAZON_SHARE365 = "buyBoxStatsAmazon365";
        /// The share of the seller who won it most in 90 days, percent.
        BUY_BOX_TOP_SELLER_SHARE90 = "buyBoxStatsTopSeller90";
        /// How many sellers won the buy box in 90 days.
        BUY_BOX_SELLER_COUNT90 = "buyBoxStatsSellerCount90";
        /// Standard deviation of the buy box price in 30 days.
        BUY_BOX_DEVIATION30 = "buyBoxStandardDeviation30";
        /// Standard deviation of the buy box price in 90 days.
        BUY_BOX_DEVIATION90 = "buyBoxStandardDeviation90";
        /// Keepa's measure of how well it flips, of 90 days.
        FLIPABILITY90 = "flipability90";
        /// Percent of 90 days without an offer by Amazon.
        OUT_OF_STOCK_AMAZON90 = "outOfStockPercentage90";
        /// Percent of 90 days without a buy box.
        OUT_OF_STOCK_BUY_BOX90 = "outOfStockPercentage90_BB";
        /// Percent of 90 days without a new offer.
        OUT_OF_STOCK_NEW90 = "outOfStockPercentage90_NEW";
        /// Percent of 90 days without a used offer.
        OUT_OF_STOCK_USED90 = "outOfStockPercentage90_USED";
        /// How often Amazon went out of stock in 90 days.
        OUT_OF_STOCK_COUNT_AMAZON90 = "outOfStockCountAmazon90";
        /// Pick and pack fee.
        FBA_FEES = "fbaFees";
        /// Longest side of the package, mm.
        PACKAGE_LENGTH = "packageLength";
        /// Middle side of the package, mm.
        PACKAGE_WIDTH = "packageWidth";
        /// Shortest side of the package, mm.
        PACKAGE_HEIGHT = "packageHeight";
        /// Weight of the package, g.
        PACKAGE_WEIGHT = "packageWeight";
        /// Volume of the package, mm³.
        PACKAGE_DIMENSION = "packageDimension";
        /// Pieces in the package.
        PACKAGE_QUANTITY = "packageQuantity";
        /// Weight of the item, g.
        ITEM_WEIGHT = "itemWeight";
        /// Number of items.
        NUMBER_OF_ITEMS = "numberOfItems";
        /// Number of pages.
        NUMBER_OF_PAGES = "numberOfPages";
        /// Number of variations.
        VARIATION_COUNT = "variationCount";
        /// How many people at Keepa track it.
        NUMBER_OF_TRACKINGS = "numberOfTrackings";
        /// Start of the histories, Keepa minutes.
        TRACKING_SINCE = "trackingSince";
        /// First listing, Keepa minutes.
        LISTED_SINCE = "listedSince";
        /// Publication date.
        PUBLICATION_DATE = "publicationDate";
        /// Release date.
        RELEASE_DATE = "releaseDate";
        /// Last refresh, Keepa minutes.
        LAST_UPDATE = "lastUpdate";
        /// Last refresh of the offers, Keepa minutes.
        LAST_OFFERS_UPDATE = "lastOffersUpdate";
        /// Last change of any price, Keepa minutes.
        LAST_PRICE_CHANGE = "lastPriceChange";
        /// Coupon for one purchase, amount.
        COUPON_ONE_TIME_AMOUNT = "couponOneTimeAbsolute";
        /// Coupon for one purchase, percent.
        COUPON_ONE_TIME_PERCENT = "couponOneTimePercent";
        /// Number of images.
        IMAGE_COUNT = "imageCount";
    }
    Texts::new {
        /// Author.
        AUTHOR = "author";
        /// Binding.
        BINDING = "binding";
        /// Brand.
        BRAND = "brand";
        /// Manufacturer.
        MANUFACTURER = "manufacturer";
        /// Publisher.
        PUBLISHER = "publisher";
        /// Edition.
        EDITION = "edition";
        /// Format.
        FORMAT = "format";
        /// Language.
        LANGUAGES = "languages";
        /// Part number.
        PART_NUMBER = "partNumber";
        /// Amazon's product type, e.g. `ABIS_BOOK`.
        TYPE = "type";
        /// Sellers with an offer.
        SELLER_IDS = "sellerIds";
        /// Sellers with an offer fulfilled by Amazon.
        SELLER_IDS_FBA = "sellerIdsFBA";
        /// Sellers with an offer that they ship.
        SELLER_IDS_FBM = "sellerIdsFBM";
        /// Who holds the buy box.
        BUY_BOX_SELLER_ID = "buyBoxSellerId";
        /// Display group on the web site.
        WEBSITE_DISPLAY_GROUP = "websiteDisplayGroup";
        /// Deal badge, e.g. `LIMITED_TIME_DEAL`.
        DEAL_TYPE = "dealType";
    }
    Texts::single {
        /// Keywords of the title: all must occur, `"a phrase"`, `-not` excludes. At most 50.
        TITLE = "title";
        /// Former parent.
        HISTORICAL_PARENT_ASIN = "historicalParentASIN";
        /// Who holds the used buy box.
        BUY_BOX_USED_SELLER_ID = "buyBoxUsedSellerId";
    }
    Numbers::new {
        /// Amazon's own offer: −1 none, 0 in stock, 1 pre-order, 2 unknown, 3 back-order, 4 delayed.
        AVAILABILITY_AMAZON = "availabilityAmazon";
        /// 0 standard, 1 downloadable, 2 e-book, 5 parent of variations.
        PRODUCT_TYPE = "productType";
        /// 1 seldom returned, 2 often.
        RETURN_RATE = "returnRate";
        /// Condition of the used buy box, 2 to 5.
        BUY_BOX_USED_CONDITION = "buyBoxUsedCondition";
        /// Condition of the Warehouse offer, 2 to 5.
        WAREHOUSE_CONDITION = "warehouseCondition";
    }
    Categories::new {
        /// The root category.
        ROOT_CATEGORY = "rootCategory";
        /// A category in which the product is listed directly.
        CATEGORIES_INCLUDE = "categories_include";
        /// A category in which it is not listed directly.
        CATEGORIES_EXCLUDE = "categories_exclude";
    }
    Flag::new {
        /// Whether it is for adults only.
        IS_ADULT_PRODUCT = "isAdultProduct";
        /// Whether there is dangerous-goods data.
        IS_HAZMAT = "isHazMat";
        /// Whether it melts.
        IS_HEAT_SENSITIVE = "isHeatSensitive";
        /// Whether it is printed on demand by Amazon.
        IS_MERCH_ON_DEMAND = "isMerchOnDemand";
        /// Whether it can be subscribed to.
        IS_SNS = "isSNS";
        /// Whether Amazon takes it in trade.
        IS_ELIGIBLE_FOR_TRADE_IN = "isEligibleForTradeIn";
        /// Whether it has a parent.
        HAS_PARENT_ASIN = "hasParentASIN";
        /// Whether there are reviews.
        HAS_REVIEWS = "hasReviews";
        /// Whether Amazon holds the buy box.
        BUY_BOX_IS_AMAZON = "buyBoxIsAmazon";
        /// Whether Amazon fulfils the buy box.
        BUY_BOX_IS_FBA = "buyBoxIsFBA";
        /// Whether nobody qualifies for the buy box.
        BUY_BOX_IS_UNQUALIFIED = "buyBoxIsUnqualified";
        /// Whether batteries are needed.
        BATTERIES_REQUIRED = "batteriesRequired";
        /// Whether batteries are included.
        BATTERIES_INCLUDED = "batteriesIncluded";
        /// One product per parent only.
        SINGLE_VARIATION = "singleVariation";
    }
}

#[cfg(test)]
mod tests {
    use crate::finder::finder_field;

    #[test]
    fn every_constant_is_a_field_that_the_finder_has() {
        for (group, key) in super::KEYS {
            let name = if *group == "Range" { format!("{key}_gte") } else { (*key).to_owned() };
            assert!(finder_field(&name).is_some(), "{name}");
        }
        assert!(super::KEYS.len() >= 60);
    }
}
