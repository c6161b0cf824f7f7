//! The request for deals.

use std::collections::BTreeMap;

use crate::csv_type::CsvType;
use crate::domain::Domain;
use crate::error::Error;
use crate::finder::FieldValue;
use crate::ids::CategoryId;
use crate::product::Condition;
use crate::request::CostEstimate;

/// Deals per page.
const PAGE_SIZE: u32 = 150;
/// How many deals can be read.
const MAX_DEALS: u32 = 10_000;

/// Over which time a price must have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DealRange {
    /// A day.
    #[default]
    Day,
    /// A week.
    Week,
    /// 31 days.
    Month,
    /// Three months.
    ThreeMonths,
}

impl DealRange {
    /// Keepa's number, and the index in the arrays of a deal.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// In which order deals come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DealSort {
    /// Newest first; cannot be inverted.
    #[default]
    Age,
    /// By how much the price changed.
    Delta,
    /// By sales rank.
    SalesRank,
    /// By how many percent the price changed.
    DeltaPercent,
}

/// A truth that deals can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DealFlag {
    /// The price is the least of all time.
    IsLowest,
    /// The price is the least of 90 days.
    IsLowest90,
    /// The price is the least of all new offers.
    IsLowestOffer,
    /// The price is the greatest of all time.
    IsHighest,
    /// Went out of stock within 24 hours.
    IsOutOfStock,
    /// Came back within 24 hours.
    IsBackInStock,
    /// Has reviews.
    HasReviews,
    /// Leaves out adult products.
    FilterErotic,
    /// One variation per parent.
    SingleVariation,
    /// Prices that rose instead of fell.
    IsRisers,
    /// Prime-exclusive prices.
    IsPrimeExclusive,
    /// Amazon must sell it.
    MustHaveAmazonOffer,
    /// Amazon must not sell it.
    MustNotHaveAmazonOffer,
}

impl DealFlag {
    const fn name(self) -> &'static str {
        match self {
            Self::IsLowest => "isLowest",
            Self::IsLowest90 => "isLowest90",
            Self::IsLowestOffer => "isLowestOffer",
            Self::IsHighest => "isHighest",
            Self::IsOutOfStock => "isOutOfStock",
            Self::IsBackInStock => "isBackInStock",
            Self::HasReviews => "hasReviews",
            Self::FilterErotic => "filterErotic",
            Self::SingleVariation => "singleVariation",
            Self::IsRisers => "isRisers",
            Self::IsPrimeExclusive => "isPrimeExclusive",
            Self::MustHaveAmazonOffer => "mustHaveAmazonOffer",
            Self::MustNotHaveAmazonOffer => "mustNotHaveAmazonOffer",
        }
    }
}

/// Text fields by which deals can be filtered.
const TEXT_FIELDS: [&str; 25] = [
    "material",
    "type",
    "manufacturer",
    "brand",
    "productGroup",
    "model",
    "color",
    "size",
    "unitType",
    "scent",
    "itemForm",
    "pattern",
    "style",
    "itemTypeKeyword",
    "targetAudienceKeyword",
    "edition",
    "format",
    "author",
    "binding",
    "languages",
    "brandStoreName",
    "brandStoreUrlName",
    "websiteDisplayGroup",
    "websiteDisplayGroupName",
    "salesRankDisplayGroup",
];

/// Which deals: products refreshed within 12 hours whose price of one kind has changed.
#[derive(Debug, Clone, PartialEq)]
pub struct DealRequest {
    price: CsvType,
    page: u32,
    fields: BTreeMap<&'static str, FieldValue>,
    filtered: bool,
    ranged: bool,
    problem: Option<(&'static str, String)>,
}

impl DealRequest {
    /// Deals of this marketplace and price, within a day, newest first.
    #[must_use]
    pub fn new(domain: Domain, price: CsvType) -> Self {
        let fields = [
            ("domainId", FieldValue::Int(domain.id().into())),
            ("priceTypes", FieldValue::Ints(vec![i64::try_from(price.index()).unwrap_or_default()])),
            ("dateRange", FieldValue::Int(0)),
            ("sortType", FieldValue::Int(1)),
        ];
        let fields = fields.into_iter().collect();
        Self { price, page: 0, fields, filtered: false, ranged: false, problem: None }
    }

    fn set(mut self, name: &'static str, value: FieldValue) -> Self {
        self.fields.insert(name, value);
        self
    }

    fn filter(mut self, name: &'static str, value: FieldValue) -> Self {
        self.filtered = true;
        self.set(name, value)
    }

    fn range(mut self, name: &'static str, low: i64, high: i64) -> Self {
        self.ranged = true;
        if low > high && high != -1 {
            self.problem = Some((name, format!("the range is upside down: {low} is more than {high}")));
        }
        self.set(name, FieldValue::Ints(vec![low, high]))
    }

    /// The page of 150 deals, from 0.
    #[must_use]
    pub const fn page(mut self, page: u32) -> Self {
        self.page = page;
        self
    }

    /// Within this time.
    #[must_use]
    pub fn within(self, range: DealRange) -> Self {
        self.set("dateRange", FieldValue::Int(i64::try_from(range.index()).unwrap_or_default()))
    }

    /// In this order; inverted on request, except by age.
    #[must_use]
    pub fn sort(self, sort: DealSort, inverted: bool) -> Self {
        let number = match sort {
            DealSort::Age => return self.set("sortType", FieldValue::Int(1)),
            DealSort::Delta => 2,
            DealSort::SalesRank => 3,
            DealSort::DeltaPercent => 4,
        };
        self.set("sortType", FieldValue::Int(if inverted { -number } else { number }))
    }

    /// Something that must be so.
    #[must_use]
    pub fn must(self, flag: DealFlag) -> Self {
        self.filter(flag.name(), FieldValue::Bool(true))
    }

    fn categories(mut self, name: &'static str, list: impl IntoIterator<Item = CategoryId>) -> Self {
        let ids: Vec<i64> = list.into_iter().map(|category| category.0).collect();
        if ids.len() > 500 {
            self.problem = Some((name, format!("{} categories; at most 500 are allowed", ids.len())));
        }
        self.filter(name, FieldValue::Ints(ids))
    }

    /// Only these categories; a root stands for all below it, another for its direct listings. At most 500.
    #[must_use]
    pub fn include_categories(self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.categories("includeCategories", categories)
    }

    /// None of these categories. At most 500.
    #[must_use]
    pub fn exclude_categories(self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.categories("excludeCategories", categories)
    }

    /// Rating, 0 to 50, or more.
    #[must_use]
    pub fn min_rating(self, rating: i64) -> Self {
        self.filter("minRating", FieldValue::Int(rating))
    }

    /// Conditions of the Warehouse offer, one of which must hold.
    #[must_use]
    pub fn warehouse_conditions(self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        let codes = conditions.into_iter().map(|condition| condition.code().into()).collect();
        self.filter("warehouseConditions", FieldValue::Ints(codes))
    }

    /// One of these texts in a field such as `brand`, `author`, `binding`.
    #[must_use]
    pub fn text<T: Into<String>>(mut self, field: &str, texts: impl IntoIterator<Item = T>) -> Self {
        let texts = texts.into_iter().map(Into::into).collect();
        let Some(field) = TEXT_FIELDS.into_iter().find(|&known| known == field) else {
            self.problem = Some(("selection", format!("deals have no text field `{field}`")));
            return self;
        };
        self.filter(field, FieldValue::Texts(texts))
    }

    /// Keywords that must all occur in the title. At most 50.
    #[must_use]
    pub fn title(self, keywords: impl Into<String>) -> Self {
        self.filter("titleSearch", FieldValue::Text(keywords.into()))
    }

    /// The newest price, smallest currency unit.
    #[must_use]
    pub fn current(self, low: i64, high: i64) -> Self {
        self.range("currentRange", low, high)
    }

    /// How much it changed, smallest currency unit.
    #[must_use]
    pub fn delta(self, low: i64, high: i64) -> Self {
        self.range("deltaRange", low, high)
    }

    /// How many percent it changed; at least 10 (80 for the sales rank).
    #[must_use]
    pub fn delta_percent(mut self, low: i64, high: i64) -> Self {
        let least = if self.price == CsvType::Sales { 80 } else { 10 };
        if low < least {
            self.problem = Some(("deltaPercentRange", format!("must begin at {least} or more")));
        }
        self.range("deltaPercentRange", low, high)
    }

    /// How much the last change was, smallest currency unit.
    #[must_use]
    pub fn delta_last(self, low: i64, high: i64) -> Self {
        self.range("deltaLastRange", low, high)
    }

    /// The sales rank; −1 as the end leaves it open. Leaves out products without a rank.
    #[must_use]
    pub fn sales_rank(self, low: i64, high: i64) -> Self {
        self.range("salesRankRange", low, high)
    }

    /// The tokens that a page will cost.
    #[must_use]
    pub const fn cost(&self) -> CostEstimate {
        CostEstimate::DEALS
    }

    /// The request as Keepa takes it.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the first field that cannot be right.
    pub fn to_json(&self) -> Result<String, Error> {
        if let Some((field, problem)) = &self.problem {
            return Err(Error::invalid(*field, problem));
        }
        if !self.price.in_deals() {
            return Err(Error::invalid("priceTypes", format!("there are no deals by {}", self.price.name())));
        }
        if self.page > MAX_DEALS / PAGE_SIZE {
            return Err(Error::invalid("page", format!("only the first {MAX_DEALS} deals can be read")));
        }
        let mut fields = self.fields.clone();
        fields.insert("page", FieldValue::Int(self.page.into()));
        fields.insert("isFilterEnabled", FieldValue::Bool(self.filtered));
        fields.insert("isRangeEnabled", FieldValue::Bool(self.ranged));
        serde_json::to_string(&fields).map_err(|error| Error::invalid("selection", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_becomes_the_json_of_the_protocol() {
        let request = DealRequest::new(Domain::Us, CsvType::BuyBoxShipping)
            .within(DealRange::Week)
            .must(DealFlag::IsLowest90)
            .delta_percent(20, 80)
            .sort(DealSort::DeltaPercent, true);
        assert_eq!(
            request.to_json().unwrap(),
            r#"{"dateRange":1,"deltaPercentRange":[20,80],"domainId":1,"isFilterEnabled":true,"isLowest90":true,"#
                .to_owned()
                + r#""isRangeEnabled":true,"page":0,"priceTypes":[18],"sortType":-4}"#
        );
    }

    #[test]
    fn what_keepa_would_refuse_is_refused_before_it_is_sent() {
        let new = || DealRequest::new(Domain::Us, CsvType::New);
        assert!(DealRequest::new(Domain::Us, CsvType::CountNew).to_json().is_err());
        assert!(new().delta_percent(9, 50).to_json().is_err());
        assert!(DealRequest::new(Domain::Us, CsvType::Sales).delta_percent(79, 90).to_json().is_err());
        assert!(new().current(9, 5).to_json().is_err());
        assert!(new().sales_rank(9, -1).to_json().is_ok());
        assert!(new().page(66).to_json().is_ok());
        assert!(new().page(67).to_json().is_err());
        assert!(new().text("colour", ["red"]).to_json().is_err());
    }
}
