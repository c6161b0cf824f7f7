//! The 36 histories that a product can have, by their index in `csv` and in the arrays of `stats`.

/// A history of Keepa's `csv` array. The number is its index there and in every array of `stats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CsvType {
    /// Price of Amazon's own offer.
    Amazon = 0,
    /// Lowest new price, Amazon included; with shipping since February 2026.
    New = 1,
    /// Lowest used price; with shipping since February 2026.
    Used = 2,
    /// Sales rank in the product's reference category. Missing: unranked.
    Sales = 3,
    /// Manufacturer's list price.
    ListPrice = 4,
    /// Lowest collectible price; with shipping since February 2026.
    Collectible = 5,
    /// Lowest refurbished price; with shipping since February 2026.
    Refurbished = 6,
    /// Lowest new offer that its merchant ships, with shipping. Needs `offers`.
    NewFbmShipping = 7,
    /// Price of a lightning deal. While one is active, the last record is its future end.
    LightningDeal = 8,
    /// Amazon Warehouse price. Needs `offers`.
    Warehouse = 9,
    /// Lowest new third-party offer fulfilled by Amazon. Needs `offers`.
    NewFba = 10,
    /// Number of new offers.
    CountNew = 11,
    /// Number of used offers.
    CountUsed = 12,
    /// Number of refurbished offers.
    CountRefurbished = 13,
    /// Number of collectible offers.
    CountCollectible = 14,
    /// How many offers were fetched at the time; negative (shown as missing) when more existed. Needs `offers`.
    ExtraInfoUpdates = 15,
    /// Rating, 0 to 50 (45 is 4.5 stars). Needs `rating` or `offers`.
    Rating = 16,
    /// Number of ratings. Needs `rating` or `offers`.
    CountReviews = 17,
    /// Buy box price of the new condition, with shipping. Missing: nobody qualifies. Needs `buybox` or `offers`.
    BuyBoxShipping = 18,
    /// Lowest used offer "like new", with shipping. Needs `offers`. Keepa's name: `USED_NEW_SHIPPING`.
    UsedLikeNewShipping = 19,
    /// Lowest used offer "very good", with shipping. Needs `offers`.
    UsedVeryGoodShipping = 20,
    /// Lowest used offer "good", with shipping. Needs `offers`.
    UsedGoodShipping = 21,
    /// Lowest used offer "acceptable", with shipping. Needs `offers`.
    UsedAcceptableShipping = 22,
    /// Lowest collectible offer "like new", with shipping. Needs `offers`.
    CollectibleNewShipping = 23,
    /// Lowest collectible offer "very good", with shipping. Needs `offers`.
    CollectibleVeryGoodShipping = 24,
    /// Lowest collectible offer "good", with shipping. Needs `offers`.
    CollectibleGoodShipping = 25,
    /// Lowest collectible offer "acceptable", with shipping. Needs `offers`.
    CollectibleAcceptableShipping = 26,
    /// Lowest refurbished offer, with shipping. Needs `offers`.
    RefurbishedShipping = 27,
    /// Lowest new price on eBay, with shipping.
    EbayNewShipping = 28,
    /// Lowest used price on eBay, with shipping.
    EbayUsedShipping = 29,
    /// Amazon's trade-in price.
    TradeIn = 30,
    /// Rental price. Always absent since February 2026.
    Rent = 31,
    /// Buy box price of the used condition, with shipping. Needs `offers`.
    BuyBoxUsedShipping = 32,
    /// Lowest Prime-exclusive new price. Needs `offers`.
    PrimeExcl = 33,
    /// Number of new offers fulfilled by Amazon, Amazon's own included. Since February 2026.
    CountNewFba = 34,
    /// Number of new offers shipped by merchants. Since February 2026.
    CountNewFbm = 35,
}

impl CsvType {
    /// How many histories there are.
    pub const COUNT: usize = 36;

    /// Every history, by index.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Amazon,
        Self::New,
        Self::Used,
        Self::Sales,
        Self::ListPrice,
        Self::Collectible,
        Self::Refurbished,
        Self::NewFbmShipping,
        Self::LightningDeal,
        Self::Warehouse,
        Self::NewFba,
        Self::CountNew,
        Self::CountUsed,
        Self::CountRefurbished,
        Self::CountCollectible,
        Self::ExtraInfoUpdates,
        Self::Rating,
        Self::CountReviews,
        Self::BuyBoxShipping,
        Self::UsedLikeNewShipping,
        Self::UsedVeryGoodShipping,
        Self::UsedGoodShipping,
        Self::UsedAcceptableShipping,
        Self::CollectibleNewShipping,
        Self::CollectibleVeryGoodShipping,
        Self::CollectibleGoodShipping,
        Self::CollectibleAcceptableShipping,
        Self::RefurbishedShipping,
        Self::EbayNewShipping,
        Self::EbayUsedShipping,
        Self::TradeIn,
        Self::Rent,
        Self::BuyBoxUsedShipping,
        Self::PrimeExcl,
        Self::CountNewFba,
        Self::CountNewFbm,
    ];

    /// Index in `csv` and in the arrays of `stats`.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The history at this index; `None` from 36 on.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Numbers per record: 3 (time, price, shipping) or 2 (time, value).
    #[must_use]
    pub const fn stride(self) -> usize {
        match self as u8 {
            7 | 18..=29 | 32 => 3,
            _ => 2,
        }
    }

    /// Whether the values are prices, in the marketplace's smallest currency unit.
    #[must_use]
    pub const fn is_price(self) -> bool {
        !matches!(self as u8, 3 | 11..=17 | 34 | 35)
    }

    /// Keepa's name, as used in finder fields, e.g. `BUY_BOX_SHIPPING`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amazon => "AMAZON",
            Self::New => "NEW",
            Self::Used => "USED",
            Self::Sales => "SALES",
            Self::ListPrice => "LISTPRICE",
            Self::Collectible => "COLLECTIBLE",
            Self::Refurbished => "REFURBISHED",
            Self::NewFbmShipping => "NEW_FBM_SHIPPING",
            Self::LightningDeal => "LIGHTNING_DEAL",
            Self::Warehouse => "WAREHOUSE",
            Self::NewFba => "NEW_FBA",
            Self::CountNew => "COUNT_NEW",
            Self::CountUsed => "COUNT_USED",
            Self::CountRefurbished => "COUNT_REFURBISHED",
            Self::CountCollectible => "COUNT_COLLECTIBLE",
            Self::ExtraInfoUpdates => "EXTRA_INFO_UPDATES",
            Self::Rating => "RATING",
            Self::CountReviews => "COUNT_REVIEWS",
            Self::BuyBoxShipping => "BUY_BOX_SHIPPING",
            Self::UsedLikeNewShipping => "USED_NEW_SHIPPING",
            Self::UsedVeryGoodShipping => "USED_VERY_GOOD_SHIPPING",
            Self::UsedGoodShipping => "USED_GOOD_SHIPPING",
            Self::UsedAcceptableShipping => "USED_ACCEPTABLE_SHIPPING",
            Self::CollectibleNewShipping => "COLLECTIBLE_NEW_SHIPPING",
            Self::CollectibleVeryGoodShipping => "COLLECTIBLE_VERY_GOOD_SHIPPING",
            Self::CollectibleGoodShipping => "COLLECTIBLE_GOOD_SHIPPING",
            Self::CollectibleAcceptableShipping => "COLLECTIBLE_ACCEPTABLE_SHIPPING",
            Self::RefurbishedShipping => "REFURBISHED_SHIPPING",
            Self::EbayNewShipping => "EBAY_NEW_SHIPPING",
            Self::EbayUsedShipping => "EBAY_USED_SHIPPING",
            Self::TradeIn => "TRADE_IN",
            Self::Rent => "RENT",
            Self::BuyBoxUsedShipping => "BUY_BOX_USED_SHIPPING",
            Self::PrimeExcl => "PRIME_EXCL",
            Self::CountNewFba => "COUNT_NEW_FBA",
            Self::CountNewFbm => "COUNT_NEW_FBM",
        }
    }

    /// Whether the Product Finder has fields for it (29 of the 36).
    #[must_use]
    pub const fn in_finder(self) -> bool {
        !matches!(self as u8, 15 | 23..=26 | 34 | 35)
    }

    /// Whether deals can be asked for it (`priceTypes` of a deal request).
    #[must_use]
    pub const fn in_deals(self) -> bool {
        matches!(self as u8, 0..=3 | 5..=10 | 18..=22 | 32 | 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_history_sits_at_its_index() {
        for (index, csv_type) in CsvType::ALL.into_iter().enumerate() {
            assert_eq!(csv_type.index(), index);
            assert_eq!(CsvType::from_index(index), Some(csv_type));
        }
        assert_eq!(CsvType::from_index(36), None);
    }

    #[test]
    fn the_triples_and_prices_are_those_of_the_reference() {
        let triples: Vec<_> = (0..36).filter(|&i| CsvType::ALL[i].stride() == 3).collect();
        assert_eq!(triples, [7, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 32]);
        let plain: Vec<_> = (0..36).filter(|&i| !CsvType::ALL[i].is_price()).collect();
        assert_eq!(plain, [3, 11, 12, 13, 14, 15, 16, 17, 34, 35]);
        assert_eq!(CsvType::ALL.into_iter().filter(|t| t.in_finder()).count(), 29);
        assert_eq!(CsvType::ALL.into_iter().filter(|t| t.in_deals()).count(), 17);
    }
}
