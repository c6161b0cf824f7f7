//! The names of all fields of a Product Finder selection, generated from what they are made of.
//!
//! A new field is one word in one of the lists here.

use std::sync::LazyLock;

use crate::csv_type::CsvType;

/// What the value of a finder field looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// A whole number; the field is one end (`_gte` or `_lte`, inclusive) of a range.
    Int,
    /// A number; the field is one end of a range.
    Real,
    /// A truth value.
    Bool,
    /// One text.
    Text,
    /// Texts of which one must match; `✜` before a text excludes it. At most 50.
    Texts,
    /// Numbers of which one must match. At most 50.
    Ints,
    /// One category.
    Category,
    /// Categories of which one must match. At most 50.
    Categories,
    /// From the name of a field to how many of its values must match.
    Counts,
    /// `sort`, `page`, `perPage`: order and cut of the result.
    Control,
}

/// A field of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinderField {
    /// Its name in the selection.
    pub name: String,
    /// What its value looks like.
    pub kind: FieldKind,
}

/// Before the name of a history, for a range.
const RANGE_PREFIXES: [&str; 17] = [
    "current",
    "avg1",
    "avg7",
    "avg30",
    "avg90",
    "avg180",
    "avg365",
    "delta1",
    "delta7",
    "delta30",
    "delta90",
    "deltaPercent1",
    "deltaPercent7",
    "deltaPercent30",
    "deltaPercent90",
    "deltaLast",
    "lastPriceChange",
];

/// Before the name of a history, for a truth value.
const FLAG_PREFIXES: [&str; 2] = ["backInStock", "isLowest"];

/// Ranges that belong to no history; `{a,b}` stands for each of its members.
const RANGES: &str = "availabilityAmazonMinDelayInDays businessDiscount \
    buyBoxEligibleOfferCounts{NewFBA,NewFBM,UsedFBA,UsedFBM} buyBoxStandardDeviation{30,90,365} \
    buyBoxStatsAmazon{30,90,180,365} buyBoxStatsTopSeller{30,90,180,365} buyBoxStatsSellerCount{30,90,180,365} \
    couponOneTimeAbsolute couponOneTimePercent couponSNSPercent deltaPercent90_monthlySold fbaFees \
    flipability{30,90,365} imageCount itemDimension itemHeight itemLength itemWeight itemWidth \
    lastBusinessDiscountUpdate lastOffersUpdate lastPriceChange lastRatingUpdate lastUpdate lightningEnd \
    lightningStart listedSince monthlySold nextUpdate numberOfItems numberOfPages numberOfTrackings offerCountFBA \
    offerCountFBM outOfStockCountAmazon{30,90} outOfStockPercentage90 \
    outOfStockPercentage90_{BB,BB_USED,NEW,USED} outOfStockPercentageInInterval packageDimension packageHeight \
    packageLength packageQuantity packageWeight packageWidth publicationDate releaseDate \
    salesRankDrops{30,90,180,365} salesRankTopPct totalOfferCount trackingSince unitValue variationCount \
    variationRatingCount variationReviewCount videoCount";

const TEXT_LISTS: &str = "activeIngredients author binding brand brandStoreName brandStoreUrlName buyBoxSellerId \
    buyBoxShippingCountry buyBoxStatsTopSellerId{30,90,180,365} color dealType edition format genre \
    historicalSellerIds itemForm itemTypeKeyword label languages manufacturer model partNumber platform \
    productGroup publisher sellerIds sellerIdsFBA sellerIdsFBM sellerIdsLowestFBA sellerIdsLowestFBM size \
    specialIngredients studio targetAudienceKeyword type websiteDisplayGroup websiteDisplayGroupName";

const TEXTS: &str =
    "buyBoxUsedSellerId historicalParentASIN material pattern scent style title title_flag unitType";

const INT_LISTS: &str =
    "availabilityAmazon blackList buyBoxUsedCondition productType returnRate warehouseCondition";

const CATEGORY_LISTS: &str = "rootCategory categories_include categories_exclude";

const FLAGS: &str = "batteriesIncluded batteriesRequired buyBoxIsAmazon buyBoxIsBackorder buyBoxIsFBA \
    buyBoxIsPreorder buyBoxIsPrimeEligible buyBoxIsPrimeExclusive buyBoxIsUnqualified buyBoxUsedIsFBA hasAPlus \
    hasAPlusFromManufacturer hasMainVideo hasParentASIN hasReviews isAdultProduct isDeal \
    isEligibleForSuperSaverShipping isEligibleForTradeIn isHazMat isHeatSensitive isHighestOffer isLowestOffer \
    isMerchOnDemand isPrimeExclusive isSNS launchpad newPriceIsMAP singleVariation";

/// The words of a list, with `{a,b}` written out.
fn words(list: &str) -> impl Iterator<Item = String> {
    list.split_whitespace().flat_map(|word| match word.split_once('{') {
        None => vec![word.to_owned()],
        Some((stem, rest)) => {
            rest.trim_end_matches('}').split(',').map(|end| format!("{stem}{end}")).collect()
        }
    })
}

fn both_ends(name: &str, kind: FieldKind) -> [FinderField; 2] {
    ["_gte", "_lte"].map(|end| FinderField { name: format!("{name}{end}"), kind })
}

static FIELDS: LazyLock<Vec<FinderField>> = LazyLock::new(|| {
    let types: Vec<&str> = CsvType::ALL.into_iter().filter(|t| t.in_finder()).map(CsvType::name).collect();
    let mut fields = Vec::with_capacity(1364);
    for prefix in RANGE_PREFIXES {
        fields.extend(types.iter().flat_map(|name| both_ends(&format!("{prefix}_{name}"), FieldKind::Int)));
    }
    for prefix in FLAG_PREFIXES {
        let name = |name: &&str| FinderField { name: format!("{prefix}_{name}"), kind: FieldKind::Bool };
        fields.extend(types.iter().map(name));
    }
    fields.extend(words(RANGES).flat_map(|name| {
        let kind = if name == "unitValue" { FieldKind::Real } else { FieldKind::Int };
        both_ends(&name, kind)
    }));
    // Monthly means of the sales rank: a digit for the year (0 is this one), two for the month.
    for year in 0..3 {
        fields.extend((0..12).flat_map(|month| both_ends(&format!("srAvg{year}{month:02}"), FieldKind::Int)));
    }
    for (list, kind) in [
        (TEXT_LISTS, FieldKind::Texts),
        (TEXTS, FieldKind::Text),
        (INT_LISTS, FieldKind::Ints),
        (CATEGORY_LISTS, FieldKind::Categories),
        ("salesRankReference", FieldKind::Category),
        (FLAGS, FieldKind::Bool),
        ("minMatch", FieldKind::Counts),
        ("sort page perPage", FieldKind::Control),
    ] {
        fields.extend(words(list).map(|name| FinderField { name, kind }));
    }
    fields.sort_by(|left, right| left.name.cmp(&right.name));
    fields
});

/// All 1,364 fields of a selection, sorted by name.
#[must_use]
pub fn finder_fields() -> &'static [FinderField] {
    &FIELDS
}

/// The field of this name.
#[must_use]
pub fn finder_field(name: &str) -> Option<&'static FinderField> {
    let at = FIELDS.binary_search_by(|field| field.name.as_str().cmp(name)).ok()?;
    FIELDS.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_1364_names_in_the_documented_groups() {
        let fields = finder_fields();
        assert_eq!(fields.len(), 1364);
        assert!(fields.windows(2).all(|pair| pair[0].name < pair[1].name), "every name once");
        let types: Vec<_> = CsvType::ALL.into_iter().filter(|t| t.in_finder()).map(CsvType::name).collect();
        let of_type = |name: &str| types.iter().any(|t| name.ends_with(&format!("_{t}")));
        let stem = |field: &&FinderField| {
            let name = field.name.as_str();
            name.strip_suffix("_gte").or_else(|| name.strip_suffix("_lte")).map(str::to_owned)
        };
        let ranges: Vec<_> = fields.iter().filter_map(|field| stem(&field)).collect();
        let plain = |name: &str| words(RANGES).any(|word| word == name);
        assert_eq!(ranges.iter().filter(|name| !plain(name) && of_type(name)).count(), 986);
        assert_eq!(ranges.iter().filter(|name| plain(name)).count(), 156);
        assert_eq!(ranges.iter().filter(|name| name.starts_with("srAvg")).count(), 72);
        let others = fields.iter().filter(|field| stem(field).is_none());
        let (flags, rest): (Vec<_>, Vec<_>) = others.partition(|field| of_type(&field.name));
        assert_eq!(flags.len(), 58);
        assert_eq!(rest.len(), 89 + 3);
    }

    #[test]
    fn fields_are_found_by_name_with_their_kind() {
        for (name, kind) in [
            ("deltaPercent30_BUY_BOX_SHIPPING_gte", FieldKind::Int),
            ("current_USED_NEW_SHIPPING_lte", FieldKind::Int),
            ("srAvg011_lte", FieldKind::Int),
            ("unitValue_gte", FieldKind::Real),
            ("backInStock_AMAZON", FieldKind::Bool),
            ("title", FieldKind::Text),
            ("buyBoxStatsTopSellerId365", FieldKind::Texts),
            ("rootCategory", FieldKind::Categories),
            ("salesRankReference", FieldKind::Category),
            ("perPage", FieldKind::Control),
        ] {
            assert_eq!(finder_field(name).map(|field| field.kind), Some(kind), "{name}");
        }
        for unknown in ["current_SALES", "current_COUNT_NEW_FBA_gte", "CURRENT_SALES_gte", ""] {
            assert_eq!(finder_field(unknown), None, "{unknown}");
        }
    }
}
