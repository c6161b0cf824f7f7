//! The Product Finder: which products fulfil a selection.
//!
//! ```
//! use keepa::finder::{Selection, Sort, current, fields};
//! use keepa::{CategoryId, CostEstimate, CsvType};
//!
//! let selection = Selection::new()
//!     .root_category([CategoryId(283_155)])
//!     .with(current(CsvType::Sales).between(10_000, 50_000))
//!     .with(current(CsvType::New).at_least(1_500))
//!     .with(fields::IS_HAZMAT.is(false))
//!     .sort("current_SALES", Sort::Asc);
//! assert_eq!(
//!     selection.to_json()?,
//!     r#"{"current_NEW_gte":1500,"current_SALES_gte":10000,"current_SALES_lte":50000,"isHazMat":false,"#.to_owned()
//!         + r#""rootCategory":[283155],"sort":[["current_SALES","asc"]],"page":0,"perPage":50}"#
//! );
//! assert_eq!(selection.cost(), CostEstimate::between(10, 11));
//! # Ok::<(), keepa::Error>(())
//! ```

pub mod fields;
mod filter;
mod names;

pub use filter::{
    Categories, FieldValue, Filter, Flag, Numbers, Range, Texts, avg1, avg7, avg30, avg90, avg180, avg365,
    back_in_stock, current, delta_last, delta_percent1, delta_percent7, delta_percent30, delta_percent90,
    delta1, delta7, delta30, delta90, is_lowest, last_price_change,
};
pub use names::{FieldKind, FinderField, finder_field, finder_fields};

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::ids::{Asin, CategoryId};
use crate::request::CostEstimate;
use crate::wire::{ByText, Count, List, Real, Share, Text, Whole, object};

/// The fewest ASINs that can be asked for at once.
pub const MIN_PER_PAGE: u32 = 50;
/// How deep a result can be read, and the most ASINs on one page.
pub const MAX_RESULTS: u32 = 10_000;

/// The direction of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Least first.
    Asc,
    /// Greatest first.
    Desc,
}

/// What is looked for: filters that must all hold, the order and the page.
///
/// Mistakes are collected and told by [`check`](Self::check), which [`to_json`](Self::to_json) and the client call
/// before anything is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    fields: BTreeMap<Cow<'static, str>, FieldValue>,
    sort: Vec<(String, Sort)>,
    page: u32,
    per_page: u32,
    /// Field and what is wrong with it.
    problems: Vec<(String, String)>,
}

impl Default for Selection {
    fn default() -> Self {
        Self::new()
    }
}

impl Selection {
    /// A selection without a filter: page 0 of 50 products, by sales rank.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            fields: BTreeMap::new(),
            sort: Vec::new(),
            page: 0,
            per_page: MIN_PER_PAGE,
            problems: Vec::new(),
        }
    }

    /// Adds a filter. A second filter of the same field replaces the first.
    #[must_use]
    pub fn with(mut self, filter: Filter) -> Self {
        if let Some(problem) = filter.problem {
            let field = filter.entries.first().map(|(name, _)| name.to_string()).unwrap_or_default();
            self.problems.push((field, problem));
        }
        self.fields.extend(filter.entries);
        self
    }

    /// Sets any of the 1,364 fields by its name.
    #[must_use]
    pub fn field(mut self, name: &str, value: FieldValue) -> Self {
        let fits = match (finder_field(name).map(|field| field.kind), &value) {
            (None, _) => Err("the Product Finder has no such field"),
            (Some(FieldKind::Control), _) => Err("use sort, page and per_page"),
            (Some(FieldKind::Int | FieldKind::Category), FieldValue::Int(_))
            | (Some(FieldKind::Real), FieldValue::Int(_) | FieldValue::Real(_))
            | (Some(FieldKind::Bool), FieldValue::Bool(_))
            | (Some(FieldKind::Text), FieldValue::Text(_) | FieldValue::Texts(_))
            | (Some(FieldKind::Texts), FieldValue::Texts(_))
            | (Some(FieldKind::Ints | FieldKind::Categories), FieldValue::Ints(_))
            | (Some(FieldKind::Counts), FieldValue::Counts(_)) => Ok(()),
            (Some(_), _) => Err("the value is of the wrong kind"),
        };
        if let Err(problem) = fits {
            self.problems.push((name.to_owned(), problem.to_owned()));
        }
        self.fields.insert(Cow::Owned(name.to_owned()), value);
        self
    }

    /// Products of these root categories only.
    #[must_use]
    pub fn root_category(self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.with(fields::ROOT_CATEGORY.any_of(categories))
    }

    /// Products listed directly in one of these categories only.
    #[must_use]
    pub fn categories_include(self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.with(fields::CATEGORIES_INCLUDE.any_of(categories))
    }

    /// No product listed directly in one of these categories.
    #[must_use]
    pub fn categories_exclude(self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.with(fields::CATEGORIES_EXCLUDE.any_of(categories))
    }

    /// Sorts by a field, named without `_gte` and `_lte`; up to three, the most important first.
    #[must_use]
    pub fn sort(mut self, field: impl Into<String>, direction: Sort) -> Self {
        let field = field.into();
        if finder_field(&field).is_none() && finder_field(&format!("{field}_gte")).is_none() {
            self.problems.push(("sort".to_owned(), format!("the Product Finder has no field `{field}`")));
        }
        self.sort.push((field, direction));
        self
    }

    /// The page, from 0.
    #[must_use]
    pub const fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// ASINs per page, 50 to 10,000.
    #[must_use]
    pub const fn per_page(mut self, count: u32) -> Self {
        self.per_page = count;
        self
    }

    /// The tokens that a page will cost: 10 and one for every started hundred of ASINs.
    #[must_use]
    pub const fn cost(&self) -> CostEstimate {
        CostEstimate::between(10, 10 + self.per_page.div_ceil(100))
    }

    /// The same with the insights into all matches: 30 more, and one for every started million of matches.
    ///
    /// The upper bound supposes that no marketplace has more than a billion products.
    #[must_use]
    pub fn cost_with_insights(&self) -> CostEstimate {
        self.cost() + CostEstimate::between(30, 30 + 1_000)
    }

    /// Whether the selection can be right.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the first field that cannot.
    pub fn check(&self) -> Result<(), Error> {
        if let Some((field, problem)) = self.problems.first() {
            return Err(Error::invalid(field, problem));
        }
        if !self.fields.keys().any(|name| name != "minMatch") {
            return Err(Error::invalid("selection", "needs at least one filter"));
        }
        if self.sort.len() > 3 {
            return Err(Error::invalid("sort", "at most three fields"));
        }
        if !(MIN_PER_PAGE..=MAX_RESULTS).contains(&self.per_page) {
            return Err(Error::invalid("perPage", format!("must be {MIN_PER_PAGE} to {MAX_RESULTS}")));
        }
        // Sources disagree whether page or page + 1 counts; the stricter reading is always allowed.
        if (u64::from(self.page) + 1) * u64::from(self.per_page) > u64::from(MAX_RESULTS) {
            return Err(Error::invalid("page", format!("only the first {MAX_RESULTS} results can be read")));
        }
        Ok(())
    }

    /// The selection as Keepa takes it.
    ///
    /// # Errors
    /// [`Error::Invalid`], as [`check`](Self::check).
    pub fn to_json(&self) -> Result<String, Error> {
        self.check()?;
        serde_json::to_string(self).map_err(|error| Error::invalid("selection", error.to_string()))
    }
}

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        if !self.sort.is_empty() {
            let word = |direction: Sort| if direction == Sort::Asc { "asc" } else { "desc" };
            let sort: Vec<_> =
                self.sort.iter().map(|(field, direction)| [field.as_str(), word(*direction)]).collect();
            map.serialize_entry("sort", &sort)?;
        }
        map.serialize_entry("page", &self.page)?;
        map.serialize_entry("perPage", &self.per_page)?;
        map.end()
    }
}

/// What the Product Finder found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FinderResult {
    /// The ASINs of the page, in order.
    pub asins: Vec<Asin>,
    /// How many products match, about.
    pub total_results: Option<i64>,
    /// Figures over all matches, where they were asked for.
    pub insights: Option<SearchInsights>,
}

object! {
    /// Figures over all products that match a selection.
    pub struct SearchInsights {
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
        /// The numerically greatest rank.
        pub highest_rank: Option<i64> = "highestRank" as Count,
        /// The numerically least rank.
        pub lowest_rank: Option<i64> = "lowestRank" as Count,
        /// Categories close by.
        pub related_categories: Vec<i64> = "relatedCategories" as List<Whole>,
        /// Brands and how many products each has.
        pub top_brands: BTreeMap<String, i64> = "topBrandsWithCounts" as ByText<Count>,
        /// Sellers and how many products each has.
        pub top_sellers: BTreeMap<String, i64> = "topSellersWithCounts" as ByText<Count>,
        /// Brands without counts.
        pub top_brand_names: Vec<String> = "topBrands" as List<Text>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CsvType;

    fn problem(selection: &Selection) -> String {
        selection.check().unwrap_err().to_string()
    }

    fn books() -> Selection {
        Selection::new().root_category([CategoryId(283_155)])
    }

    #[test]
    fn filters_become_the_names_and_values_of_the_protocol() {
        let selection = books()
            .with(delta_percent30(CsvType::BuyBoxShipping).at_least(10))
            .with(fields::BRAND.none_of(["Acme"]))
            .with(fields::TITLE.is("-kindle \"go programming\""))
            .with(fields::AVAILABILITY_AMAZON.any_of([-1]))
            .with(back_in_stock(CsvType::Amazon).is(true))
            .field("unitValue_lte", FieldValue::Real(1.5))
            .page(2)
            .per_page(100);
        assert_eq!(
            selection.to_json().unwrap(),
            "{\"availabilityAmazon\":[-1],\"backInStock_AMAZON\":true,\"brand\":[\"\u{271c}Acme\"],\
             \"deltaPercent30_BUY_BOX_SHIPPING_gte\":10,\"rootCategory\":[283155],\
             \"title\":\"-kindle \\\"go programming\\\"\",\"unitValue_lte\":1.5,\"page\":2,\"perPage\":100}"
        );
    }

    #[test]
    fn what_keepa_would_refuse_is_refused_before_it_is_sent() {
        assert!(problem(&Selection::new()).contains("at least one filter"));
        assert!(problem(&books().per_page(49)).starts_with("perPage"));
        assert!(problem(&books().per_page(10_001)).starts_with("perPage"));
        assert!(problem(&books().page(200)).starts_with("page"));
        assert!(books().page(199).check().is_ok());
        assert!(problem(&books().with(current(CsvType::New).between(5, 4))).contains("upside down"));
        assert!(problem(&books().with(current(CsvType::CountNewFba).at_most(1))).contains("COUNT_NEW_FBA"));
        assert!(problem(&books().sort("current_SALE", Sort::Asc)).contains("current_SALE"));
        assert!(problem(&books().field("current_SALE_gte", FieldValue::Int(1))).contains("no such field"));
        assert!(problem(&books().field("isSNS", FieldValue::Int(1))).contains("wrong kind"));
        assert!(
            problem(&books().with(fields::BRAND.any_of((0..51).map(|n| n.to_string()))))
                .contains("at most 50")
        );
        assert!(problem(&books().categories_include([])).contains("empty"));
    }

    #[test]
    fn the_cost_follows_the_page_size() {
        assert_eq!(books().cost(), CostEstimate::between(10, 11));
        assert_eq!(books().per_page(10_000).cost(), CostEstimate::between(10, 110));
        assert_eq!(books().cost_with_insights().lower, 40);
    }
}
