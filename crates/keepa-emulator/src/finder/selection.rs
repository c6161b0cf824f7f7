//! Reading a selection: one flat JSON object, all conditions of which must hold.

use serde_json::{Map, Value};

use super::fields::Field;
use super::texts::{TextFilter, TitleFilter, text_field, text_filter};
use crate::params::lenient;

/// Largest number of alternatives in one array.
const ALTERNATIVES: usize = 50;
/// The finder shows no more than this many products of one search.
const REACH: i64 = 10_000;

/// A selection, read.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) ranges: Vec<Range>,
    pub(crate) lists: Vec<(Field, Vec<i64>)>,
    pub(crate) flags: Vec<(Field, bool)>,
    pub(crate) roots: Vec<i64>,
    pub(crate) include: Vec<i64>,
    pub(crate) exclude: Vec<i64>,
    pub(crate) rank_reference: Option<i64>,
    pub(crate) texts: Vec<TextFilter>,
    pub(crate) title: Option<TitleFilter>,
    pub(crate) single_variation: bool,
    /// Fields, true = descending.
    pub(crate) sort: Vec<(Field, bool)>,
    pub(crate) page: usize,
    pub(crate) per_page: usize,
}

/// `X_gte`, `X_lte`.
#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) field: Field,
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

impl Range {
    /// Whether a value, or the lack of one, is inside.
    pub(crate) fn holds(&self, value: Option<i32>) -> bool {
        let value = match value {
            Some(value) => i64::from(value),
            // -1 asked for from below means "none".
            None if !self.field.signed()
                && self.least.is_some_and(|least| least <= -1)
                && self.field != Field::NoData =>
            {
                -1
            }
            None => return false,
        };
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }
}

/// What is wrong with a selection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) field: String,
}

fn refuse(field: &str, message: &str) -> Refused {
    Refused { message: message.to_owned(), field: field.to_owned() }
}

impl Selection {
    /// Reads a selection; `page` and `perPage` may also have come as URL parameters.
    pub(crate) fn read(value: &Value, page: Option<i64>, per_page: Option<i64>) -> Result<Self, Refused> {
        let Value::Object(map) = value else {
            return Err(refuse("selection", "The queryJSON is of invalid format."));
        };
        let mut selection = Self::default();
        let mut filters = 0;
        for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            filters += usize::from(selection.take(name, value)?);
        }
        if filters == 0 {
            return Err(refuse("selection", "The queryJSON is missing or invalid."));
        }
        selection.take_paging(map, page, per_page)?;
        selection.sort = sort_of(map.get("sort"))?;
        Ok(selection)
    }

    /// Takes one key; true when it is a filter (an unknown one is one too: it is tolerated, not an empty selection).
    fn take(&mut self, name: &str, value: &Value) -> Result<bool, Refused> {
        if matches!(name, "sort" | "page" | "perPage" | "minMatch") {
            return Ok(false);
        }
        let wrong = || refuse(name, "The queryJSON is of invalid format.");
        let ids = || lenient::integers(value).filter(|ids| ids.len() <= ALTERNATIVES).ok_or_else(wrong);
        match name {
            "rootCategory" => self.roots = ids()?,
            "categories_include" => self.include = ids()?,
            "categories_exclude" => self.exclude = ids()?,
            "salesRankReference" => self.rank_reference = Some(lenient::integer(value).ok_or_else(wrong)?),
            "singleVariation" => self.single_variation = lenient::boolean(value).ok_or_else(wrong)?,
            "title" => {
                let text = value.as_str().ok_or_else(wrong)?;
                self.title = Some(TitleFilter::parse(text));
            }
            _ => {
                if let Some((field, upper)) = bound_of(name) {
                    let number = lenient::integer(value).ok_or_else(wrong)?;
                    self.bound(field, upper, number);
                } else if let Some(field) = text_field(name) {
                    let texts = lenient::texts(value);
                    if texts.len() > ALTERNATIVES {
                        return Err(wrong());
                    }
                    self.texts.push(text_filter(field, texts));
                } else if let Some(field) = Field::parse(name) {
                    if let Value::Bool(flag) = value {
                        self.flags.push((field, *flag));
                    } else {
                        self.lists.push((field, ids()?));
                    }
                }
            }
        }
        Ok(true)
    }

    fn bound(&mut self, field: Field, upper: bool, number: i64) {
        let known = self.ranges.iter().position(|range| range.field == field);
        let place = known.unwrap_or_else(|| {
            self.ranges.push(Range { field, least: None, most: None });
            self.ranges.len() - 1
        });
        let range = &mut self.ranges[place];
        *(if upper { &mut range.most } else { &mut range.least }) = Some(number);
    }

    fn take_paging(
        &mut self,
        map: &Map<String, Value>,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<(), Refused> {
        let number = |name: &str, outside: Option<i64>| match map.get(name).filter(|value| !value.is_null()) {
            Some(value) => lenient::integer(value)
                .map(Some)
                .ok_or_else(|| refuse(name, "The queryJSON is of invalid format.")),
            None => Ok(outside),
        };
        let per_page = number("perPage", per_page)?.unwrap_or(50);
        let page = number("page", page)?.unwrap_or(0);
        if !(50..=REACH).contains(&per_page) {
            return Err(refuse("perPage", "perPage must be at least 50 and at most 10000."));
        }
        if page < 0 || page.saturating_mul(per_page) > REACH {
            return Err(refuse("page", "page * perPage must not exceed 10000."));
        }
        self.page = usize::try_from(page).unwrap_or(0);
        self.per_page = usize::try_from(per_page).unwrap_or(50);
        Ok(())
    }
}

/// The field of `X_gte` or `X_lte` (true).
fn bound_of(name: &str) -> Option<(Field, bool)> {
    let (name, upper) = name
        .strip_suffix("_gte")
        .map(|name| (name, false))
        .or_else(|| name.strip_suffix("_lte").map(|name| (name, true)))?;
    Field::parse(name).map(|field| (field, upper))
}

fn sort_of(value: Option<&Value>) -> Result<Vec<(Field, bool)>, Refused> {
    let wrong = || refuse("sort", "The queryJSON is of invalid format.");
    let keys = match value {
        None | Some(Value::Null) => return Ok(vec![(Field::Current(3), false)]),
        // One pair without the outer brackets.
        Some(Value::Array(keys)) if keys.iter().all(Value::is_string) && keys.len() == 2 => {
            vec![Value::Array(keys.clone())]
        }
        Some(Value::Array(keys)) => keys.clone(),
        Some(_) => return Err(wrong()),
    };
    if keys.len() > 3 {
        return Err(wrong());
    }
    keys.iter()
        .map(|key| {
            let name = key.get(0).and_then(Value::as_str).ok_or_else(wrong)?;
            let order = key.get(1).and_then(Value::as_str).unwrap_or("asc");
            let descending = match order.to_ascii_lowercase().as_str() {
                "asc" => false,
                "desc" => true,
                _ => return Err(wrong()),
            };
            Field::parse(name).map(|field| (field, descending)).ok_or_else(wrong)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Selection, Refused> {
        Selection::read(value, None, None)
    }

    #[test]
    fn scalars_and_texts_are_taken_for_what_was_meant() {
        let selection = read(&json!({"rootCategory": "283155", "productType": ["0"], "current_SALES_lte": "1000", "perPage": 50.0, "page": "1"})).unwrap();
        assert_eq!(selection.roots, [283_155]);
        assert_eq!(selection.lists[0].1, [0]);
        assert_eq!(selection.ranges[0].most, Some(1000));
        assert_eq!((selection.page, selection.per_page), (1, 50));
    }

    #[test]
    fn what_the_service_refuses_is_refused_with_the_name_of_the_field() {
        for (value, field) in [
            (json!({}), "selection"),
            (json!({"page": 0, "perPage": 50}), "selection"),
            (json!([]), "selection"),
            (json!({"current_NEW_gte": 1, "perPage": 49}), "perPage"),
            (json!({"current_NEW_gte": 1, "page": 201}), "page"),
            (json!({"current_NEW_gte": "cheap"}), "current_NEW_gte"),
            (json!({"current_NEW_gte": {"gte": 3}}), "current_NEW_gte"),
            (json!({"current_NEW_gte": 1, "sort": [["nonsense", "asc"]]}), "sort"),
            (
                json!({"current_NEW_gte": 1, "sort": [["current_NEW", "asc"], ["current_NEW", "asc"], ["current_NEW", "asc"], ["current_NEW", "asc"]]}),
                "sort",
            ),
        ] {
            assert_eq!(read(&value).unwrap_err().field, field, "{value}");
        }
    }

    #[test]
    fn unknown_names_are_tolerated() {
        let selection = read(&json!({"madeUpFilter_gte": 3})).unwrap();
        assert!(selection.ranges.is_empty());
    }

    #[test]
    fn a_missing_value_matches_only_when_minus_one_is_asked_for() {
        let range = |least, most| Range { field: Field::Current(0), least, most };
        assert!(!range(None, Some(500)).holds(None));
        assert!(!range(None, Some(-1)).holds(None));
        assert!(range(Some(-1), Some(-1)).holds(None));
        assert!(!range(Some(-1), Some(-1)).holds(Some(5)));
        assert!(range(Some(5), Some(5)).holds(Some(5)));
    }

    /// All 1,364 names that the official clients know.
    fn all_names() -> Vec<String> {
        let types = "AMAZON NEW USED SALES LISTPRICE COLLECTIBLE REFURBISHED NEW_FBM_SHIPPING LIGHTNING_DEAL WAREHOUSE NEW_FBA COUNT_NEW COUNT_USED COUNT_REFURBISHED COUNT_COLLECTIBLE RATING COUNT_REVIEWS BUY_BOX_SHIPPING USED_NEW_SHIPPING USED_VERY_GOOD_SHIPPING USED_GOOD_SHIPPING USED_ACCEPTABLE_SHIPPING REFURBISHED_SHIPPING EBAY_NEW_SHIPPING EBAY_USED_SHIPPING TRADE_IN RENT BUY_BOX_USED_SHIPPING PRIME_EXCL";
        let prefixes = "current avg1 avg7 avg30 avg90 avg180 avg365 delta1 delta7 delta30 delta90 deltaPercent1 deltaPercent7 deltaPercent30 deltaPercent90 deltaLast lastPriceChange";
        let plain = "availabilityAmazonMinDelayInDays businessDiscount buyBoxEligibleOfferCountsNewFBA buyBoxEligibleOfferCountsNewFBM buyBoxEligibleOfferCountsUsedFBA buyBoxEligibleOfferCountsUsedFBM buyBoxStandardDeviation30 buyBoxStandardDeviation90 buyBoxStandardDeviation365 buyBoxStatsAmazon30 buyBoxStatsAmazon90 buyBoxStatsAmazon180 buyBoxStatsAmazon365 buyBoxStatsTopSeller30 buyBoxStatsTopSeller90 buyBoxStatsTopSeller180 buyBoxStatsTopSeller365 buyBoxStatsSellerCount30 buyBoxStatsSellerCount90 buyBoxStatsSellerCount180 buyBoxStatsSellerCount365 couponOneTimeAbsolute couponOneTimePercent couponSNSPercent deltaPercent90_monthlySold fbaFees flipability30 flipability90 flipability365 imageCount itemDimension itemHeight itemLength itemWeight itemWidth lastBusinessDiscountUpdate lastOffersUpdate lastPriceChange lastRatingUpdate lastUpdate lightningEnd lightningStart listedSince monthlySold nextUpdate numberOfItems numberOfPages numberOfTrackings offerCountFBA offerCountFBM outOfStockCountAmazon30 outOfStockCountAmazon90 outOfStockPercentage90 outOfStockPercentage90_BB outOfStockPercentage90_BB_USED outOfStockPercentage90_NEW outOfStockPercentage90_USED outOfStockPercentageInInterval packageDimension packageHeight packageLength packageQuantity packageWeight packageWidth publicationDate releaseDate salesRankDrops30 salesRankDrops90 salesRankDrops180 salesRankDrops365 salesRankTopPct totalOfferCount trackingSince unitValue variationCount variationRatingCount variationReviewCount videoCount";
        let others = "activeIngredients author binding brand brandStoreName brandStoreUrlName buyBoxSellerId buyBoxShippingCountry buyBoxStatsTopSellerId30 buyBoxStatsTopSellerId90 buyBoxStatsTopSellerId180 buyBoxStatsTopSellerId365 color dealType edition format genre historicalSellerIds itemForm itemTypeKeyword label languages manufacturer model partNumber platform productGroup publisher rootCategory sellerIds sellerIdsFBA sellerIdsFBM sellerIdsLowestFBA sellerIdsLowestFBM size specialIngredients studio targetAudienceKeyword type websiteDisplayGroup websiteDisplayGroupName buyBoxUsedSellerId historicalParentASIN material pattern scent style title title_flag unitType availabilityAmazon blackList buyBoxUsedCondition productType returnRate warehouseCondition categories_include categories_exclude salesRankReference batteriesIncluded batteriesRequired buyBoxIsAmazon buyBoxIsBackorder buyBoxIsFBA buyBoxIsPreorder buyBoxIsPrimeEligible buyBoxIsPrimeExclusive buyBoxIsUnqualified buyBoxUsedIsFBA hasAPlus hasAPlusFromManufacturer hasMainVideo hasParentASIN hasReviews isAdultProduct isDeal isEligibleForSuperSaverShipping isEligibleForTradeIn isHazMat isHeatSensitive isHighestOffer isLowestOffer isMerchOnDemand isPrimeExclusive isSNS launchpad newPriceIsMAP singleVariation minMatch sort page perPage";
        let mut names: Vec<String> = others.split(' ').map(str::to_owned).collect();
        let mut ranged: Vec<String> = plain.split(' ').map(str::to_owned).collect();
        for prefix in prefixes.split(' ') {
            ranged.extend(types.split(' ').map(|price_type| format!("{prefix}_{price_type}")));
        }
        ranged.extend((0..3).flat_map(|year| (0..12).map(move |month| format!("srAvg{year}{month:02}"))));
        names.extend(ranged.iter().flat_map(|name| [format!("{name}_gte"), format!("{name}_lte")]));
        for prefix in ["backInStock", "isLowest"] {
            names.extend(types.split(' ').map(|price_type| format!("{prefix}_{price_type}")));
        }
        names
    }

    #[test]
    fn every_name_of_the_official_clients_is_known() {
        let names = all_names();
        assert_eq!(names.len(), 1_364);
        let special = [
            "rootCategory",
            "title",
            "categories_include",
            "categories_exclude",
            "salesRankReference",
            "singleVariation",
            "minMatch",
            "sort",
            "page",
            "perPage",
        ];
        for name in names {
            let known = special.contains(&name.as_str())
                || bound_of(&name).is_some()
                || text_field(&name).is_some()
                || Field::parse(&name).is_some();
            assert!(known, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused_and_never_a_crash(
            name in "(current|avg90|delta|deltaPercent30|isLowest)_(SALES|NEW|AMAZON)(_gte|_lte)?|page|perPage|sort|title|brand|rootCategory|minMatch|[a-zA-Z_]{0,12}",
            text in ".{0,30}",
            number: i64,
            float: f64,
        ) {
            for value in [json!(text), json!(number), json!(float), json!([number, text]), json!({"gte": number}), json!([[text, "asc"]]), json!(true), Value::Null] {
                let selection = Selection::read(&json!({name.as_str(): value, "current_NEW_gte": 1}), Some(number), None);
                if let Ok(selection) = selection {
                    proptest::prop_assert!(selection.per_page >= 50 && selection.page * selection.per_page <= 10_000);
                }
            }
            let title = TitleFilter::parse(&text);
            title.holds(&text);
        }
    }
}
