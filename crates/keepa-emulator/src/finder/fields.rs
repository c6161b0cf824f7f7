//! The names of the finder and what they mean for one product.
//!
//! To add a field: a variant of [`Plain`] with its name in [`Plain::NAMES`], and its value where products are turned into
//! [`Subject`]s (`columns.rs` for synthetic ones, `catalog/facts.rs` for saved ones).

use crate::stats::{self, DAY, Records};
use crate::world::extras::is_minor;
use crate::world::history::slot;

/// A number that a product may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Current(u8),
    /// Mean of the last days.
    Mean(u16, u8),
    /// Mean minus current: positive = it fell.
    Delta(u16, u8),
    DeltaPercent(u16, u8),
    /// Value before the last one, minus the last one.
    DeltaLast(u8),
    LastChange(u8),
    /// 0/1.
    Lowest(u8),
    /// 0/1: at most its lowest value of 90 days.
    Lowest90(u8),
    /// 0/1: was gone within 60 days and is there now.
    BackInStock(u8),
    Plain(Plain),
    /// A name of the finder that nothing here has a value for.
    NoData,
}

macro_rules! plain_fields {
    ($($name:literal => $variant:ident,)*) => {
        /// Fields that are not made of a prefix and a price type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Plain { $(#[doc = concat!("`", $name, "`")] $variant,)* }

        impl Plain {
            /// Name in selections.
            pub(crate) const NAMES: &[(&'static str, Plain)] = &[$(($name, Plain::$variant),)*];
        }
    };
}

plain_fields! {
    "availabilityAmazon" => AvailabilityAmazon,
    "productType" => ProductType,
    "salesRankDrops30" => Drops30,
    "salesRankDrops90" => Drops90,
    "salesRankDrops180" => Drops180,
    "salesRankDrops365" => Drops365,
    "totalOfferCount" => TotalOffers,
    "offerCountFBA" => OffersFba,
    "offerCountFBM" => OffersFbm,
    "outOfStockPercentage90" => OutOfStockAmazon,
    "outOfStockPercentage90_BB" => OutOfStockBuyBox,
    "outOfStockPercentage90_BB_USED" => OutOfStockBuyBoxUsed,
    "outOfStockPercentage90_NEW" => OutOfStockNew,
    "outOfStockPercentage90_USED" => OutOfStockUsed,
    "outOfStockCountAmazon30" => StockOuts30,
    "outOfStockCountAmazon90" => StockOuts90,
    "monthlySold" => MonthlySold,
    "packageHeight" => PackageHeight,
    "packageLength" => PackageLength,
    "packageWidth" => PackageWidth,
    "packageWeight" => PackageWeight,
    "packageQuantity" => PackageQuantity,
    "itemHeight" => ItemHeight,
    "itemLength" => ItemLength,
    "itemWidth" => ItemWidth,
    "itemWeight" => ItemWeight,
    "fbaFees" => FbaFees,
    "lastUpdate" => LastUpdate,
    "lastPriceChange" => LastPriceChange,
    "lastOffersUpdate" => LastOffersUpdate,
    "lastRatingUpdate" => LastRatingUpdate,
    "listedSince" => ListedSince,
    "trackingSince" => TrackingSince,
    "numberOfPages" => Pages,
    "numberOfItems" => Items,
    "publicationDate" => Published,
    "releaseDate" => Released,
    "imageCount" => Images,
    "variationCount" => Variations,
    "buyBoxEligibleOfferCountsNewFBA" => EligibleNewFba,
    "buyBoxEligibleOfferCountsNewFBM" => EligibleNewFbm,
    "buyBoxEligibleOfferCountsUsedFBA" => EligibleUsedFba,
    "buyBoxEligibleOfferCountsUsedFBM" => EligibleUsedFbm,
    "buyBoxIsAmazon" => BuyBoxIsAmazon,
    "buyBoxIsFBA" => BuyBoxIsFba,
    "buyBoxIsUnqualified" => BuyBoxIsUnqualified,
    "hasParentASIN" => HasParent,
    "hasReviews" => HasReviews,
    "isAdultProduct" => Adult,
    "isHazMat" => HazMat,
    "isHeatSensitive" => HeatSensitive,
    "isEligibleForTradeIn" => TradeIn,
    "isEligibleForSuperSaverShipping" => SuperSaver,
    "isSNS" => SubscribeAndSave,
    "launchpad" => Launchpad,
}

/// Names of the finder that take ranges or flags and that no product here has a value for.
#[rustfmt::skip]
const WITHOUT_DATA: &[&str] = &[
    "availabilityAmazonMinDelayInDays", "businessDiscount", "buyBoxStandardDeviation30",
    "buyBoxStandardDeviation90", "buyBoxStandardDeviation365", "buyBoxStatsAmazon30", "buyBoxStatsAmazon90",
    "buyBoxStatsAmazon180", "buyBoxStatsAmazon365", "buyBoxStatsTopSeller30", "buyBoxStatsTopSeller90",
    "buyBoxStatsTopSeller180", "buyBoxStatsTopSeller365", "buyBoxStatsSellerCount30",
    "buyBoxStatsSellerCount90", "buyBoxStatsSellerCount180", "buyBoxStatsSellerCount365",
    "couponOneTimeAbsolute", "couponOneTimePercent", "couponSNSPercent", "deltaPercent90_monthlySold",
    "flipability30", "flipability90", "flipability365", "itemDimension", "lastBusinessDiscountUpdate",
    "lightningEnd", "lightningStart", "nextUpdate", "numberOfTrackings", "outOfStockPercentageInInterval",
    "packageDimension", "salesRankTopPct", "unitValue", "variationRatingCount", "variationReviewCount",
    "videoCount", "batteriesIncluded", "batteriesRequired", "buyBoxIsBackorder", "buyBoxIsPreorder",
    "buyBoxIsPrimeExclusive", "hasAPlus", "isDeal", "isMerchOnDemand", "isPrimeExclusive", "returnRate",
    "blackList", "buyBoxIsPrimeEligible", "buyBoxUsedCondition", "buyBoxUsedIsFBA",
    "hasAPlusFromManufacturer", "hasMainVideo", "isHighestOffer", "isLowestOffer", "newPriceIsMAP",
    "warehouseCondition", "monthlySoldPeak", "monthlySoldPeakDate", "monthlySoldLastKnown",
    "monthlySoldLastKnownDate",
];

/// The 29 price types of the finder and their slots.
const TYPES: [(&str, usize); 29] = [
    ("AMAZON", 0),
    ("NEW", 1),
    ("USED", 2),
    ("SALES", 3),
    ("LISTPRICE", 4),
    ("COLLECTIBLE", 5),
    ("REFURBISHED", 6),
    ("NEW_FBM_SHIPPING", 7),
    ("LIGHTNING_DEAL", 8),
    ("WAREHOUSE", 9),
    ("NEW_FBA", 10),
    ("COUNT_NEW", 11),
    ("COUNT_USED", 12),
    ("COUNT_REFURBISHED", 13),
    ("COUNT_COLLECTIBLE", 14),
    ("RATING", 16),
    ("COUNT_REVIEWS", 17),
    ("BUY_BOX_SHIPPING", 18),
    ("USED_NEW_SHIPPING", 19),
    ("USED_VERY_GOOD_SHIPPING", 20),
    ("USED_GOOD_SHIPPING", 21),
    ("USED_ACCEPTABLE_SHIPPING", 22),
    ("REFURBISHED_SHIPPING", 27),
    ("EBAY_NEW_SHIPPING", 28),
    ("EBAY_USED_SHIPPING", 29),
    ("TRADE_IN", 30),
    ("RENT", 31),
    ("BUY_BOX_USED_SHIPPING", 32),
    ("PRIME_EXCL", 33),
];

impl Field {
    /// The field of a name without `_gte`/`_lte`; `None` for a name the finder does not have.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if let Some((_, plain)) = Plain::NAMES.iter().find(|(known, _)| *known == name) {
            return Some(Self::Plain(*plain));
        }
        if WITHOUT_DATA.contains(&name) || name.strip_prefix("srAvg").is_some_and(|rest| rest.len() == 3) {
            return Some(Self::NoData);
        }
        let (prefix, price_type) = name.split_once('_')?;
        let slot = TYPES
            .iter()
            .find(|(known, _)| *known == price_type)
            .and_then(|(_, slot)| u8::try_from(*slot).ok())?;
        let days = |text: &str, allowed: &[u16]| text.parse().ok().filter(|days| allowed.contains(days));
        Some(match prefix {
            "current" => Self::Current(slot),
            "deltaLast" => Self::DeltaLast(slot),
            "lastPriceChange" => Self::LastChange(slot),
            "isLowest" => Self::Lowest(slot),
            "isLowest90" => Self::Lowest90(slot),
            "backInStock" => Self::BackInStock(slot),
            _ => {
                if let Some(text) = prefix.strip_prefix("avg") {
                    Self::Mean(days(text, &[1, 7, 30, 90, 180, 365])?, slot)
                } else if let Some(text) = prefix.strip_prefix("deltaPercent") {
                    Self::DeltaPercent(days(text, &[1, 7, 30, 90])?, slot)
                } else {
                    Self::Delta(days(prefix.strip_prefix("delta")?, &[1, 7, 30, 90])?, slot)
                }
            }
        })
    }

    /// Whether the value comes from one of the minor series.
    pub(crate) fn needs_minor_series(self) -> bool {
        match self {
            Self::Current(slot)
            | Self::Mean(_, slot)
            | Self::Delta(_, slot)
            | Self::DeltaPercent(_, slot)
            | Self::DeltaLast(slot)
            | Self::LastChange(slot)
            | Self::Lowest(slot)
            | Self::Lowest90(slot)
            | Self::BackInStock(slot) => is_minor(usize::from(slot)),
            Self::Plain(plain) => matches!(plain, Plain::TradeIn | Plain::LastPriceChange),
            Self::NoData => false,
        }
    }

    /// Whether a year of ranks is not enough to tell it.
    pub(crate) const fn needs_all_ranks(self) -> bool {
        matches!(self, Self::Lowest(3))
    }

    /// Whether a negative number is a value and not a missing one.
    pub(crate) const fn signed(self) -> bool {
        matches!(
            self,
            Self::Delta(..)
                | Self::DeltaPercent(..)
                | Self::DeltaLast(_)
                | Self::Plain(Plain::AvailabilityAmazon)
        )
    }

    /// The value for a product; `None` = it has none.
    pub(crate) fn of(self, subject: &impl Subject) -> Option<i32> {
        let present = |value: i32| (value >= 0).then_some(value);
        let place = usize::from;
        match self {
            Self::Current(slot) => subject.current(place(slot)),
            Self::Mean(days, slot) => subject.mean(i32::from(days), place(slot)),
            Self::Delta(days, slot) => {
                Some(subject.mean(i32::from(days), place(slot))? - subject.current(place(slot))?)
            }
            Self::DeltaPercent(days, slot) => {
                let mean = subject.mean(i32::from(days), place(slot)).filter(|mean| *mean > 0)?;
                let delta = f64::from(mean - subject.current(place(slot))?);
                Some(crate::rng::whole(100.0 * delta / f64::from(mean)))
            }
            Self::DeltaLast(slot) => {
                let records = subject.records(place(slot));
                let before = records
                    .len()
                    .checked_sub(2)
                    .and_then(|at| records.get(at))
                    .and_then(|(_, value)| present(value))?;
                Some(before - subject.current(place(slot))?)
            }
            Self::LastChange(slot) => subject.records(place(slot)).last().map(|(time, _)| time),
            Self::Lowest(slot) => {
                let current = subject.current(place(slot))?;
                let lowest = stats::extreme(subject.records(place(slot)), false)?.1;
                Some(i32::from(current <= lowest))
            }
            Self::Lowest90(slot) => {
                let current = subject.current(place(slot))?;
                let now = subject.now();
                let lowest = stats::extreme_in(
                    subject.records(place(slot)),
                    now.saturating_sub(90 * DAY),
                    now,
                    false,
                )?
                .1;
                Some(i32::from(current <= lowest))
            }
            Self::BackInStock(slot) => {
                subject.current(place(slot))?;
                let since = subject.now().saturating_sub(60 * DAY);
                let gone = subject
                    .records(place(slot))
                    .iter()
                    .rev()
                    .take_while(|(time, _)| *time > since)
                    .any(|(_, value)| value < 0);
                Some(i32::from(gone))
            }
            Self::Plain(plain) => subject.plain(plain),
            Self::NoData => None,
        }
    }
}

/// One product, as the finder sees it.
pub(crate) trait Subject {
    fn records(&self, slot: usize) -> Records<'_>;
    /// The time of the finder's view.
    fn now(&self) -> i32;
    fn plain(&self, field: Plain) -> Option<i32>;

    fn current(&self, slot: usize) -> Option<i32> {
        self.records(slot).last().map(|(_, value)| value).filter(|value| *value >= 0)
    }

    fn mean(&self, days: i32, slot: usize) -> Option<i32> {
        let now = self.now();
        Some(stats::mean(self.records(slot), now.saturating_sub(days * DAY), now, now))
            .filter(|mean| *mean >= 0)
    }

    fn drops(&self, days: i32) -> Option<i32> {
        let ranks = self.records(slot::SALES);
        let now = self.now();
        ranks
            .iter()
            .any(|(_, rank)| rank >= 0)
            .then(|| stats::rank_drops(ranks, now.saturating_sub(days * DAY), now))
    }

    fn out_of_stock90(&self, slot: usize, tracked_since: i32) -> Option<i32> {
        let now = self.now();
        Some(stats::out_of_stock(self.records(slot), now.saturating_sub(90 * DAY), now, now, tracked_since))
            .filter(|share| *share >= 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_the_product_data_call_them() {
        assert_eq!(Field::parse("current_SALES"), Some(Field::Current(3)));
        assert_eq!(Field::parse("avg90_BUY_BOX_SHIPPING"), Some(Field::Mean(90, 18)));
        assert_eq!(Field::parse("deltaPercent30_NEW"), Some(Field::DeltaPercent(30, 1)));
        assert_eq!(Field::parse("delta7_USED"), Some(Field::Delta(7, 2)));
        assert_eq!(Field::parse("lastPriceChange_NEW"), Some(Field::LastChange(1)));
        assert_eq!(Field::parse("salesRankDrops90"), Some(Field::Plain(Plain::Drops90)));
        assert_eq!(Field::parse("srAvg011"), Some(Field::NoData));
        for unknown in ["current_RANK", "avg45_NEW", "nonsense", "currentNEW", ""] {
            assert_eq!(Field::parse(unknown), None, "{unknown}");
        }
    }
}
