//! The product and everything that hangs on it.
//!
//! Every field says its unit, what makes it missing and when Keepa sends it. To add a field: one entry in the list of
//! [`Product`], with the JSON key and the kind (see the `wire` module) by which it is read.

mod csv;
mod history;
mod offer;
mod parts;
#[cfg(test)]
mod real_keys;
mod statistics;

pub use csv::Csv;
pub use history::{
    BuyBoxChange, BuyBoxOwner, Coupon, CouponChange, Discount, OfferCouponChange, ParentChange,
    RankReferenceChange, UsedBuyBoxChange,
};
pub(crate) use offer::ConditionCode;
pub use offer::{Condition, Offer, OfferDuplicate};
pub use parts::{
    APlus, APlusModule, Attribute, BookFormat, CategoryNode, Contributor, DealBadge, DecimalText, FbaFees,
    HazardousMaterial, Image, Language, Promotion, RentalPrices, Reviews, UnitCount, Variation, Video,
};
pub use statistics::{BuyBoxShare, Extreme, Statistics};

use std::collections::BTreeMap;

use crate::csv_type::CsvType;
use crate::domain::Domain;
use crate::ids::{Asin, CategoryId};
use crate::series::Series;
use crate::time::KeepaTime;
use crate::wire::{
    AsinText, ByCategory, Category, Count, DomainNumber, First, Flag, Groups, History, List, Obj, Positive,
    Row, Slots, Text, Time, Whole, object,
};
use csv::CsvSlots;
use parts::Decimal;

object! {
    /// A product as Keepa tells it.
    ///
    /// A field is `None` (or an empty list) when Keepa sends `null`, leaves it out, or marks it unknown (−1, −2, and 0
    /// where nothing can be 0). Prices are integers in the marketplace's smallest currency unit, lengths millimetres,
    /// weights grams. "Optional" below: Keepa sends the key only where the attribute is set.
    pub struct Product {
        /// Amazon's number of the product.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// The marketplace.
        pub domain: Option<Domain> = "domainId" as DomainNumber,
        /// Title; may hold HTML entities. `None`: never collected, or the ASIN does not exist.
        pub title: Option<String> = "title" as Text,
        /// ASIN of the parent of a variation.
        pub parent_asin: Option<String> = "parentAsin" as Text,
        /// Title of the parent. Optional.
        pub parent_title: Option<String> = "parentTitle" as Text,
        /// The parents over time. Optional; needs history.
        pub parent_asin_history: Vec<ParentChange> = "parentAsinHistory" as Groups<ParentChange, 2>,
        /// 0 standard, 1 downloadable (no market data), 2 e-book (no offers), 3 not accessible, 4 invalid,
        /// 5 parent of variations (only rank and variations).
        pub product_type: Option<i64> = "productType" as Whole,
        /// Amazon's product type, e.g. `ABIS_BOOK`.
        pub type_name: Option<String> = "type" as Text,
        /// The root category. `None` for 0 (unknown) and 9223372036854775807 (no root).
        pub root_category: Option<CategoryId> = "rootCategory" as Category,
        /// The categories in which the product is listed directly.
        pub categories: Vec<CategoryId> = "categories" as List<Category>,
        /// From the root to the leaf.
        pub category_tree: Vec<CategoryNode> = "categoryTree" as List<Obj<CategoryNode>>,
        /// The category whose rank is [`CsvType::Sales`]. `None`: −1 unavailable, −2 none.
        pub sales_rank_reference: Option<CategoryId> = "salesRankReference" as Category,
        /// That category over time. Needs history.
        pub sales_rank_reference_history: Vec<RankReferenceChange> =
            "salesRankReferenceHistory" as Groups<RankReferenceChange, 2>,
        /// Rank over time in every category that ranks the product. Needs history.
        pub sales_ranks: BTreeMap<CategoryId, Series> = "salesRanks" as ByCategory<History<2>>,
        /// Display group of the rank, e.g. `book_display_on_website`.
        pub sales_rank_display_group: Option<String> = "salesRankDisplayGroup" as Text,
        /// Display group on the web site, e.g. `book_display_on_website`.
        pub website_display_group: Option<String> = "websiteDisplayGroup" as Text,
        /// Its name, e.g. `Book`.
        pub website_display_group_name: Option<String> = "websiteDisplayGroupName" as Text,
        /// Product group; no longer filled since April 2026.
        pub product_group: Option<String> = "productGroup" as Text,

        /// EANs (ISBN-13 for books).
        pub ean_list: Vec<String> = "eanList" as List<Text>,
        /// UPCs.
        pub upc_list: Vec<String> = "upcList" as List<Text>,
        /// GTINs of 14 digits. Optional.
        pub gtin_list: Vec<String> = "gtinList" as List<Text>,
        /// Brand.
        pub brand: Option<String> = "brand" as Text,
        /// Manufacturer; a book's publisher.
        pub manufacturer: Option<String> = "manufacturer" as Text,
        /// Model.
        pub model: Option<String> = "model" as Text,
        /// The manufacturer's part number.
        pub part_number: Option<String> = "partNumber" as Text,
        /// Colour.
        pub color: Option<String> = "color" as Text,
        /// Size.
        pub size: Option<String> = "size" as Text,
        /// Edition.
        pub edition: Option<String> = "edition" as Text,
        /// Format.
        pub format: Option<String> = "format" as Text,
        /// Binding, e.g. `hardcover`.
        pub binding: Option<String> = "binding" as Text,
        /// Author.
        pub author: Option<String> = "author" as Text,
        /// Name of the brand's store on Amazon. Optional.
        pub brand_store_name: Option<String> = "brandStoreName" as Text,
        /// Path of the brand's store. Optional.
        pub brand_store_url: Option<String> = "brandStoreUrl" as Text,
        /// The store's name inside the address. Optional.
        pub brand_store_url_name: Option<String> = "brandStoreUrlName" as Text,
        /// The title as it stands in the product's address. Optional.
        pub url_slug: Option<String> = "urlSlug" as Text,
        /// The bullet points.
        pub features: Vec<String> = "features" as List<Text>,
        /// The description; may hold HTML.
        pub description: Option<String> = "description" as Text,
        /// A shorter description. Optional.
        pub short_description: Option<String> = "shortDescription" as Text,
        /// Languages, for books and media.
        pub languages: Vec<Language> = "languages" as List<Row<Language>>,
        /// Authors, illustrators, actors. Optional.
        pub contributors: Vec<Contributor> = "contributors" as List<Row<Contributor>>,
        /// The siblings of a variation, the product itself among them.
        pub variations: Vec<Variation> = "variations" as List<Obj<Variation>>,
        /// Former siblings, as ASINs. Needs `historical-variations`.
        pub historical_variations: Vec<Asin> = "historicalVariations" as List<AsinText>,
        /// The siblings as ASINs separated by commas; no longer sent since April 2026.
        pub variation_csv: Option<String> = "variationCSV" as Text,
        /// Images, the main one first. Optional.
        pub images: Vec<Image> = "images" as List<Obj<Image>>,
        /// File names of the images, separated by commas; no longer sent since April 2026.
        pub images_csv: Option<String> = "imagesCSV" as Text,
        /// ASINs often bought with it.
        pub frequently_bought_together: Vec<Asin> = "frequentlyBoughtTogether" as List<AsinText>,
        /// ASINs in the bundle. Optional.
        pub bundle_items: Vec<Asin> = "bundleItems" as List<AsinText>,
        /// Other formats of the same book. Optional.
        pub formats: Vec<BookFormat> = "formats" as List<Obj<BookFormat>>,

        /// Keyword of the item's type, e.g. `book`. Optional.
        pub item_type_keyword: Option<String> = "itemTypeKeyword" as Text,
        /// Keyword of the audience. Optional.
        pub target_audience_keyword: Option<String> = "targetAudienceKeyword" as Text,
        /// Form of the item, e.g. `Spray`. Optional.
        pub item_form: Option<String> = "itemForm" as Text,
        /// Scent. Optional.
        pub scent: Option<String> = "scent" as Text,
        /// Pattern. Optional.
        pub pattern: Option<String> = "pattern" as Text,
        /// Style. Optional.
        pub style: Option<String> = "style" as Text,
        /// Material. Optional.
        pub material: Option<String> = "material" as Text,
        /// Materials. Optional.
        pub materials: Vec<String> = "materials" as List<Text>,
        /// Special features. Optional.
        pub special_features: Vec<String> = "specialFeatures" as List<Text>,
        /// Active ingredients. Optional.
        pub active_ingredients: Vec<String> = "activeIngredients" as List<Text>,
        /// Special ingredients. Optional.
        pub special_ingredients: Vec<String> = "specialIngredients" as List<Text>,
        /// Ingredients. Optional.
        pub ingredients: Option<String> = "ingredients" as Text,
        /// Safety warning. Optional.
        pub safety_warning: Option<String> = "safetyWarning" as Text,
        /// The benefit that is claimed. Optional.
        pub product_benefit: Option<String> = "productBenefit" as Text,
        /// Recommended uses. Optional.
        pub recommended_uses: Vec<String> = "recommendedUsesForProduct" as List<Text>,
        /// Specific uses. Optional.
        pub specific_uses: Vec<String> = "specificUsesForProduct" as List<Text>,
        /// What is in the box. Optional.
        pub included_components: Option<String> = "includedComponents" as Text,
        /// Age rating. Optional.
        pub audience_rating: Option<String> = "audienceRating" as Text,
        /// How many units are in the package, for prices per unit. Optional.
        pub unit_count: Option<UnitCount> = "unitCount" as Obj<UnitCount>,

        /// When Keepa last refreshed the product.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// When any price last changed.
        pub last_price_change: Option<KeepaTime> = "lastPriceChange" as Time,
        /// When the rating was last refreshed.
        pub last_rating_update: Option<KeepaTime> = "lastRatingUpdate" as Time,
        /// When [`monthly_sold`](Self::monthly_sold) was last refreshed. Optional.
        pub last_sold_update: Option<KeepaTime> = "lastSoldUpdate" as Time,
        /// When stock was last refreshed. Optional.
        pub last_stock_update: Option<KeepaTime> = "lastStockUpdate" as Time,
        /// When the business discount was last refreshed. Optional.
        pub last_business_discount_update: Option<KeepaTime> = "lastBusinessDiscountUpdate" as Time,
        /// When eBay prices were last refreshed. `None`: never.
        pub last_ebay_update: Option<KeepaTime> = "lastEbayUpdate" as Time,
        /// Start of all histories.
        pub tracking_since: Option<KeepaTime> = "trackingSince" as Time,
        /// When the product was first listed. Now and then wrong, even in the future.
        pub listed_since: Option<KeepaTime> = "listedSince" as Time,
        /// Publication date in decimal digits: `YYYY`, `YYYYMM` or `YYYYMMDD`.
        pub publication_date: Option<i64> = "publicationDate" as Positive,
        /// Release date in decimal digits: `YYYY`, `YYYYMM` or `YYYYMMDD`.
        pub release_date: Option<i64> = "releaseDate" as Positive,
        /// Whether it is a launchpad product.
        pub launchpad: Option<bool> = "launchpad" as Flag,

        /// Amazon's "bought in past month": the lower end of the bracket (50, 100, … 100,000). Optional.
        pub monthly_sold: Option<i64> = "monthlySold" as Positive,
        /// The same over time; missing where the badge vanished. Optional; needs history.
        pub monthly_sold_history: Option<Series> = "monthlySoldHistory" as History<2>,
        /// Amazon's own offer: −1 none, 0 in stock, 1 pre-order, 2 unknown, 3 back-order, 4 delayed. Kept as it is.
        pub availability_amazon: Option<i64> = "availabilityAmazon" as Whole,
        /// Delay of Amazon's delivery in hours, least and most. Optional.
        pub availability_amazon_delay: Option<(i64, i64)> = "availabilityAmazonDelay" as First<(i64, i64), 2>,
        /// Number of offers that may win the buy box: new FBA, new FBM, used FBA, used FBM, collectible FBA,
        /// collectible FBM, refurbished FBA, refurbished FBM.
        pub buy_box_eligible_offer_counts: Vec<Option<i64>> = "buyBoxEligibleOfferCounts" as Slots<Count>,
        /// Who held the buy box of the new condition, over time. Needs `buybox` or `offers`, and history.
        pub buy_box_seller_id_history: Vec<BuyBoxChange> = "buyBoxSellerIdHistory" as Groups<BuyBoxChange, 2>,
        /// Who held the buy box of the used condition, over time. Needs `offers` and history.
        pub buy_box_used_history: Vec<UsedBuyBoxChange> = "buyBoxUsedHistory" as Groups<UsedBuyBoxChange, 4>,
        /// Price above which Amazon suppresses the buy box. Optional.
        pub competitive_price_threshold: Option<i64> = "competitivePriceThreshold" as Positive,
        /// The price that Amazon suggests to sellers. Optional.
        pub suggested_lower_price: Option<i64> = "suggestedLowerPrice" as Positive,
        /// Whether it can be subscribed to.
        pub is_sns: Option<bool> = "isSNS" as Flag,
        /// Whether the ASIN redirects to another.
        pub is_redirect_asin: Option<bool> = "isRedirectASIN" as Flag,
        /// Whether Amazon takes it in trade.
        pub is_eligible_for_trade_in: Option<bool> = "isEligibleForTradeIn" as Flag,
        /// Whether shipping by Amazon is free above a basket value.
        pub is_eligible_for_super_saver_shipping: Option<bool> = "isEligibleForSuperSaverShipping" as Flag,
        /// Whether it is for adults only.
        pub is_adult_product: Option<bool> = "isAdultProduct" as Flag,
        /// Whether it melts ("meltable").
        pub is_heat_sensitive: Option<bool> = "isHeatSensitive" as Flag,
        /// Dangerous-goods data; empty when there is none. Optional.
        pub hazardous_materials: Vec<HazardousMaterial> = "hazardousMaterials" as List<Obj<HazardousMaterial>>,
        /// Whether batteries are needed. Optional.
        pub batteries_required: Option<bool> = "batteriesRequired" as Flag,
        /// Whether batteries are included. Optional.
        pub batteries_included: Option<bool> = "batteriesIncluded" as Flag,
        /// Whether it is printed on demand by Amazon. Optional.
        pub is_merch_on_demand: Option<bool> = "isMerchOnDemand" as Flag,
        /// Whether it belongs to Amazon Haul. Optional.
        pub is_haul: Option<bool> = "isHaul" as Flag,
        /// Whether it is sold to businesses only. Optional.
        pub is_b2b: Option<bool> = "isB2B" as Flag,
        /// Whether the manufacturer sets a minimum advertised price; no longer sent since April 2026.
        pub new_price_is_map: Option<bool> = "newPriceIsMAP" as Flag,
        /// Whether there are reviews.
        pub has_reviews: Option<bool> = "hasReviews" as Flag,
        /// Rating and review counts of this variation over time. Optional.
        pub reviews: Option<Reviews> = "reviews" as Obj<Reviews>,
        /// How often it is returned: 1 seldom, 2 often. Optional.
        pub return_rate: Option<i64> = "returnRate" as Positive,
        /// The coupon that is offered now.
        pub coupon: Option<Coupon> = "coupon" as First<Coupon, 2>,
        /// Coupons over time. Optional; needs history.
        pub coupon_history: Vec<CouponChange> = "couponHistory" as Groups<CouponChange, 3>,
        /// Promotions: `SNS` or `PrimeExclusive`.
        pub promotions: Vec<Promotion> = "promotions" as List<Obj<Promotion>>,
        /// Deal badges shown now. Optional.
        pub deals: Vec<DealBadge> = "deals" as List<Obj<DealBadge>>,
        /// Discount for businesses, percent. Optional.
        pub business_discount: Option<i64> = "businessDiscount" as Positive,
        /// Listings on eBay, lowest new and lowest used; `None` where there is none.
        pub ebay_listing_ids: Vec<Option<i64>> = "ebayListingIds" as Slots<Positive>,
        /// End of a Prime deal. Optional; undocumented by Keepa.
        pub prime_deal_end_time: Option<KeepaTime> = "primeDealEndTime" as Time,
        /// Rental prices; no longer sent since February 2026.
        pub rental_prices: Option<RentalPrices> = "rentalPrices" as Obj<RentalPrices>,

        /// Fulfilment fee of Amazon (FBA), if known.
        pub fba_fees: Option<FbaFees> = "fbaFees" as Obj<FbaFees>,
        /// Referral fee in percent, e.g. 15.01, with its decimal digits as they came.
        pub referral_fee_percentage: Option<DecimalText> = "referralFeePercentage" as Decimal,
        /// Referral fee in whole percent; deprecated in favour of the former.
        pub referral_fee_percent: Option<i64> = "referralFeePercent" as Positive,
        /// Closing fee for media; 0 is a value. Optional.
        pub variable_closing_fee: Option<i64> = "variableClosingFee" as Count,
        /// Longest side of the package, mm.
        pub package_length: Option<i64> = "packageLength" as Positive,
        /// Middle side of the package, mm.
        pub package_width: Option<i64> = "packageWidth" as Positive,
        /// Shortest side of the package, mm.
        pub package_height: Option<i64> = "packageHeight" as Positive,
        /// Weight of the package, g.
        pub package_weight: Option<i64> = "packageWeight" as Positive,
        /// Pieces in the package.
        pub package_quantity: Option<i64> = "packageQuantity" as Positive,
        /// Length of the item, mm.
        pub item_length: Option<i64> = "itemLength" as Positive,
        /// Width of the item, mm.
        pub item_width: Option<i64> = "itemWidth" as Positive,
        /// Height of the item, mm.
        pub item_height: Option<i64> = "itemHeight" as Positive,
        /// Weight of the item, g.
        pub item_weight: Option<i64> = "itemWeight" as Positive,
        /// Number of items.
        pub number_of_items: Option<i64> = "numberOfItems" as Positive,
        /// Number of pages of a book.
        pub number_of_pages: Option<i64> = "numberOfPages" as Positive,

        /// Videos. Needs `videos`.
        pub videos: Vec<Video> = "videos" as List<Obj<Video>>,
        /// A+ content. Needs `aplus`.
        pub a_plus: Vec<APlus> = "aPlus" as List<Obj<APlus>>,
        /// Offers, historic ones too unless `only-live-offers`. Needs `offers`.
        pub offers: Vec<Offer> = "offers" as List<Obj<Offer>>,
        /// Indices into [`offers`](Self::offers) of those that are live, in the order in which Amazon shows them; may
        /// repeat. Needs `offers`.
        pub live_offers_order: Vec<i64> = "liveOffersOrder" as List<Count>,
        /// Whether the live offers could be fetched. `false` without `offers`.
        pub offers_successful: Option<bool> = "offersSuccessful" as Flag,
        /// Statistics. Needs `stats`.
        pub stats: Option<Statistics> = "stats" as Obj<Statistics>,
        /// The histories, see [`series`](Self::series). Needs history.
        pub csv: Csv = "csv" as CsvSlots,
    }
}

impl Product {
    /// The history of this type. `None` when Keepa sent none: not asked for, never seen, or `history=0`.
    #[must_use]
    pub fn series(&self, csv_type: CsvType) -> Option<&Series> {
        self.csv.get(csv_type)
    }

    /// The offers that are live, in the order in which Amazon shows them, each once.
    pub fn live_offers(&self) -> impl Iterator<Item = &Offer> {
        let order = self.live_offers_order.iter().enumerate();
        order
            .filter(|&(place, index)| {
                !self.live_offers_order.iter().take(place).any(|before| before == index)
            })
            .filter_map(|(_, &index)| self.offers.get(usize::try_from(index).ok()?))
    }

    /// Whether Keepa knows nothing of the ASIN: no title, and a type of 3 (not accessible) or 4 (invalid).
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.title.is_none() && matches!(self.product_type, Some(3 | 4))
    }
}
