//! Requests for best sellers, product search and graphs.

use crate::csv_type::CsvType;
use crate::domain::Domain;
use crate::error::Error;
use crate::ids::{Asin, CategoryId};
use crate::request::{CostEstimate, Param, flag};

/// Over which time the rank of a best-seller list is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RankRange {
    /// The rank of now.
    #[default]
    Current,
    /// The mean rank of 30 days.
    Days30,
    /// The mean rank of 90 days.
    Days90,
    /// The mean rank of 180 days.
    Days180,
}

impl RankRange {
    const fn days(self) -> u32 {
        match self {
            Self::Current => 0,
            Self::Days30 => 30,
            Self::Days90 => 90,
            Self::Days180 => 180,
        }
    }
}

/// Which best-seller list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BestsellersRequest {
    domain: Domain,
    category: String,
    range: RankRange,
    month: Option<(u16, u8)>,
    variations: bool,
    sublist: bool,
}

impl BestsellersRequest {
    /// The list of a category.
    #[must_use]
    pub fn category(domain: Domain, category: CategoryId) -> Self {
        Self::group(domain, category.to_string())
    }

    /// The list of a product or display group, e.g. `Beauty` or `beauty_display_on_website`.
    #[must_use]
    pub fn group(domain: Domain, group: impl Into<String>) -> Self {
        let (range, category) = (RankRange::Current, group.into());
        Self { domain, category, range, month: None, variations: false, sublist: false }
    }

    /// By the mean rank of a time.
    #[must_use]
    pub const fn range(mut self, range: RankRange) -> Self {
        self.range = range;
        self
    }

    /// The list of a past month (1 to 12) of the last 36. Not together with a range.
    #[must_use]
    pub const fn month(mut self, year: u16, month: u8) -> Self {
        self.month = Some((year, month));
        self
    }

    /// All variations instead of the best one per parent.
    #[must_use]
    pub const fn variations(mut self, all: bool) -> Self {
        self.variations = all;
        self
    }

    /// By the rank within the sub-category instead of the primary rank. Not together with a range or month.
    #[must_use]
    pub const fn sublist(mut self, on: bool) -> Self {
        self.sublist = on;
        self
    }

    /// The tokens that the request will cost.
    #[must_use]
    pub const fn cost(&self) -> CostEstimate {
        CostEstimate::BESTSELLERS
    }

    pub(crate) fn params(&self) -> Result<Vec<Param>, Error> {
        if self.domain == Domain::Br {
            return Err(Error::invalid("domain", "Keepa has no best sellers of amazon.com.br"));
        }
        if self.category.trim().is_empty() {
            return Err(Error::invalid("category", "is empty"));
        }
        if self.month.is_some_and(|(_, month)| !(1..=12).contains(&month)) {
            return Err(Error::invalid("month", "must be 1 to 12"));
        }
        let ranged = self.range != RankRange::Current;
        if (ranged && self.month.is_some()) || (self.sublist && (ranged || self.month.is_some())) {
            return Err(Error::invalid("range", "range, month and sublist exclude each other"));
        }
        let mut params = vec![
            ("domain", self.domain.id().to_string()),
            ("category", self.category.clone()),
            ("variations", flag(self.variations)),
            ("sublist", flag(self.sublist)),
        ];
        match self.month {
            Some((year, month)) => params.extend([("year", year.to_string()), ("month", month.to_string())]),
            None => params.push(("range", self.range.days().to_string())),
        }
        Ok(params)
    }
}

/// A search for products by words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRequest {
    domain: Domain,
    term: String,
    stats_days: Option<u32>,
    update_hours: Option<i32>,
    history: bool,
    rating: bool,
}

impl SearchRequest {
    /// Keepa returns at most 20 products, in Amazon's order.
    #[must_use]
    pub fn new(domain: Domain, term: impl Into<String>) -> Self {
        let term = term.into();
        Self { domain, term, stats_days: None, update_hours: None, history: true, rating: false }
    }

    /// Adds `stats`, whose interval is the last `days` days.
    #[must_use]
    pub const fn stats_days(mut self, days: u32) -> Self {
        self.stats_days = Some(days);
        self
    }

    /// Refreshes products whose data is older than so many hours.
    #[must_use]
    pub const fn update_hours(mut self, hours: i32) -> Self {
        self.update_hours = Some(hours);
        self
    }

    /// Whether histories are sent (default: yes).
    #[must_use]
    pub const fn history(mut self, history: bool) -> Self {
        self.history = history;
        self
    }

    /// Rating histories.
    #[must_use]
    pub const fn rating(mut self, on: bool) -> Self {
        self.rating = on;
        self
    }

    /// The tokens that the request will cost: 10, up to 5 for ratings, up to one per product for refreshing.
    #[must_use]
    pub fn cost(&self) -> CostEstimate {
        let rating = if self.rating { 5 } else { 0 };
        let refresh = if self.update_hours.is_some() { 20 } else { 0 };
        CostEstimate::between(10, 10 + rating + refresh)
    }

    pub(crate) fn params(&self, asins_only: bool) -> Result<Vec<Param>, Error> {
        if self.term.trim().is_empty() {
            return Err(Error::invalid("term", "is empty"));
        }
        let mut params = vec![
            ("domain", self.domain.id().to_string()),
            ("type", "product".to_owned()),
            ("term", self.term.trim().to_owned()),
        ];
        if asins_only {
            params.push(("asins-only", flag(true)));
            return Ok(params);
        }
        params.push(("history", flag(self.history)));
        params.extend(self.stats_days.map(|days| ("stats", days.to_string())));
        params.extend(self.update_hours.map(|hours| ("update", hours.to_string())));
        params.extend(self.rating.then(|| ("rating", flag(true))));
        Ok(params)
    }
}

/// A price graph as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphImageRequest {
    domain: Domain,
    asin: Asin,
    series: Vec<(&'static str, bool)>,
    days: u32,
    size: (u32, u32),
}

impl GraphImageRequest {
    /// A graph of 500 × 200 pixels over 90 days with Amazon's and the new price.
    #[must_use]
    pub const fn new(domain: Domain, asin: Asin) -> Self {
        Self { domain, asin, series: Vec::new(), days: 90, size: (500, 200) }
    }

    /// Draws a history, or leaves it out. Those that Keepa cannot draw change nothing.
    #[must_use]
    pub fn series(mut self, csv_type: CsvType, on: bool) -> Self {
        let name = match csv_type {
            CsvType::Amazon => "amazon",
            CsvType::New => "new",
            CsvType::Used => "used",
            CsvType::Sales => "salesrank",
            CsvType::BuyBoxShipping => "bb",
            CsvType::BuyBoxUsedShipping => "bbu",
            CsvType::NewFba => "fba",
            CsvType::NewFbmShipping => "fbm",
            CsvType::LightningDeal => "ld",
            CsvType::Warehouse => "wd",
            CsvType::PrimeExcl => "pe",
            _ => return self,
        };
        self.series.push((name, on));
        self
    }

    /// Over so many days.
    #[must_use]
    pub const fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Width (300 to 1800) and height (150 to 1800) in pixels.
    #[must_use]
    pub const fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// The tokens that the request will cost.
    #[must_use]
    pub const fn cost(&self) -> CostEstimate {
        CostEstimate::GRAPH_IMAGE
    }

    pub(crate) fn params(&self) -> Result<Vec<Param>, Error> {
        let (width, height) = self.size;
        if !(300..=1800).contains(&width) || !(150..=1800).contains(&height) {
            return Err(Error::invalid("size", "must be 300 to 1800 wide and 150 to 1800 high"));
        }
        if self.days == 0 {
            return Err(Error::invalid("range", "must be at least 1 day"));
        }
        let mut params = vec![
            ("domain", self.domain.id().to_string()),
            ("asin", self.asin.to_string()),
            ("range", self.days.to_string()),
            ("width", width.to_string()),
            ("height", height.to_string()),
        ];
        params.extend(self.series.iter().map(|&(name, on)| (name, flag(on))));
        Ok(params)
    }
}
