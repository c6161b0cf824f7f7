//! The request for products.

use crate::domain::Domain;
use crate::error::Error;
use crate::ids::Asin;
use crate::request::{CostEstimate, Param, flag};
use crate::time::KeepaTime;

/// Keepa takes at most so many ASINs or codes in one request.
const MAX_IDS: usize = 100;

/// The interval for which Keepa computes `stats`; the fixed windows (30, 90, 180, 365 days) come with any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatsWindow {
    /// The last so many days, at least 1.
    Days(u32),
    /// From the first moment to the second.
    Between(KeepaTime, KeepaTime),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ids {
    Asins(Vec<Asin>),
    Codes { codes: Vec<String>, limit: u32 },
}

/// Which products, and what of them.
///
/// ```
/// use keepa::{Asin, CostEstimate, Domain, ProductRequest};
///
/// let asin: Asin = "0593655036".parse()?;
/// let request = ProductRequest::asins(Domain::Us, [asin]).stats_days(90).update_hours(24);
/// assert_eq!(request.cost(), CostEstimate::exactly(1));
/// assert_eq!(request.offers(20).cost(), CostEstimate::between(1, 12));
/// # Ok::<(), keepa::InvalidAsin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRequest {
    domain: Domain,
    ids: Ids,
    stats: Option<StatsWindow>,
    update_hours: Option<i32>,
    history: bool,
    days: Option<u32>,
    offers: Option<u32>,
    flags: Flags,
}

/// The options that are on or off; all off at first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the request of the same name")]
struct Flags {
    only_live_offers: bool,
    buybox: bool,
    rating: bool,
    stock: bool,
    videos: bool,
    aplus: bool,
    historical_variations: bool,
}

impl ProductRequest {
    fn new(domain: Domain, ids: Ids) -> Self {
        let flags = Flags::default();
        Self { domain, ids, stats: None, update_hours: None, history: true, days: None, offers: None, flags }
    }

    /// Products by ASIN; duplicates are asked for once. At most 100, see [`batches`](Self::batches).
    #[must_use]
    pub fn asins(domain: Domain, asins: impl IntoIterator<Item = Asin>) -> Self {
        let mut distinct = Vec::new();
        for asin in asins {
            if !distinct.contains(&asin) {
                distinct.push(asin);
            }
        }
        Self::new(domain, Ids::Asins(distinct))
    }

    /// Products by UPC, EAN or ISBN-13. One code may belong to many products, and each is charged: `limit` is the most
    /// per code. Which product belongs to which code is told by `ean_list` and `upc_list`.
    #[must_use]
    pub fn codes(domain: Domain, codes: impl IntoIterator<Item = String>, limit: u32) -> Self {
        let mut codes: Vec<String> = codes.into_iter().map(|code| code.trim().to_owned()).collect();
        codes.sort();
        codes.dedup();
        Self::new(domain, Ids::Codes { codes, limit })
    }

    /// Adds `stats`, whose interval is the last `days` days.
    #[must_use]
    pub const fn stats_days(self, days: u32) -> Self {
        self.stats(StatsWindow::Days(days))
    }

    /// Adds `stats` over an interval.
    #[must_use]
    pub const fn stats(mut self, window: StatsWindow) -> Self {
        self.stats = Some(window);
        self
    }

    /// Refreshes products whose data is older than so many hours (Keepa's default: 1). 0 refreshes always, −1 never.
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

    /// Histories of the last `days` days only; the value that held when they began is kept.
    #[must_use]
    pub const fn days(mut self, days: u32) -> Self {
        self.days = Some(days);
        self
    }

    /// Live offers, 20 to 100, with rating, buy box and more statistics. Slow and dear.
    #[must_use]
    pub const fn offers(mut self, count: u32) -> Self {
        self.offers = Some(count);
        self
    }

    /// Only offers that are live now. Needs [`offers`](Self::offers).
    #[must_use]
    pub const fn only_live_offers(mut self, on: bool) -> Self {
        self.flags.only_live_offers = on;
        self
    }

    /// Buy box fields and history.
    #[must_use]
    pub const fn buybox(mut self, on: bool) -> Self {
        self.flags.buybox = on;
        self
    }

    /// Rating histories.
    #[must_use]
    pub const fn rating(mut self, on: bool) -> Self {
        self.flags.rating = on;
        self
    }

    /// Stock of the offers. Needs [`offers`](Self::offers).
    #[must_use]
    pub const fn stock(mut self, on: bool) -> Self {
        self.flags.stock = on;
        self
    }

    /// Videos.
    #[must_use]
    pub const fn videos(mut self, on: bool) -> Self {
        self.flags.videos = on;
        self
    }

    /// A+ content.
    #[must_use]
    pub const fn aplus(mut self, on: bool) -> Self {
        self.flags.aplus = on;
        self
    }

    /// Former variations of the parent.
    #[must_use]
    pub const fn historical_variations(mut self, on: bool) -> Self {
        self.flags.historical_variations = on;
        self
    }

    /// The marketplace.
    #[must_use]
    pub const fn domain(&self) -> Domain {
        self.domain
    }

    /// The same request cut into requests of at most 100 products.
    #[must_use]
    pub fn batches(&self) -> Vec<Self> {
        let with = |ids| Self { ids, ..self.clone() };
        match &self.ids {
            Ids::Asins(asins) => asins.chunks(MAX_IDS).map(|part| with(Ids::Asins(part.to_vec()))).collect(),
            Ids::Codes { codes, limit } => codes
                .chunks(MAX_IDS)
                .map(|part| with(Ids::Codes { codes: part.to_vec(), limit: *limit }))
                .collect(),
        }
    }

    /// The tokens that the request will cost.
    ///
    /// The upper bound holds for every product found; the lower one supposes that each ASIN is known and nothing extra
    /// is due.
    #[must_use]
    pub fn cost(&self) -> CostEstimate {
        let (fewest, most) = match &self.ids {
            Ids::Asins(asins) => (asins.len(), asins.len()),
            Ids::Codes { codes, limit } => {
                (0, codes.len().saturating_mul(usize::try_from(*limit).unwrap_or(usize::MAX)))
            }
        };
        // With update=-1 an unknown product is neither sent nor charged.
        let fewest = if self.update_hours == Some(-1) { 0 } else { fewest };
        let flags = self.flags;
        let extra = |on: bool, most: u32| CostEstimate::between(0, if on { most } else { 0 });
        let each = if let Some(count) = self.offers {
            // Six per started page of ten offers found; 5 when none is found or they are fresh; 1 (0 with
            // only-live-offers) when they could not be fetched.
            let least = u32::from(!flags.only_live_offers);
            CostEstimate::between(least, count.div_ceil(10).saturating_mul(6).max(5)) + extra(flags.stock, 2)
        } else {
            let buybox = if flags.buybox { CostEstimate::exactly(2) } else { CostEstimate::default() };
            CostEstimate::exactly(1) + buybox + extra(flags.rating, 1)
        };
        let each = each + extra(flags.historical_variations, 1) + extra(self.update_hours == Some(0), 1);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        CostEstimate::between(each.times(count(fewest)).lower, each.times(count(most)).upper)
    }

    /// Whether the request can be right.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the first field that cannot.
    pub fn check(&self) -> Result<(), Error> {
        let (field, count) = match &self.ids {
            Ids::Asins(asins) => ("asin", asins.len()),
            Ids::Codes { codes, .. } => ("code", codes.len()),
        };
        if count == 0 {
            return Err(Error::invalid(field, "name at least one product"));
        }
        if count > MAX_IDS {
            return Err(Error::invalid(
                field,
                format!("{count} in one request; at most {MAX_IDS} are allowed"),
            ));
        }
        if let Ids::Codes { codes, limit } = &self.ids {
            let digits =
                |code: &&String| !(8..=14).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit());
            if let Some(code) = codes.iter().find(digits) {
                let shown: String = code.chars().take(40).collect();
                return Err(Error::invalid(field, format!("`{shown}` is no code of 8 to 14 digits")));
            }
            if *limit == 0 {
                return Err(Error::invalid("code-limit", "must be at least 1"));
            }
        }
        if self.offers.is_some_and(|count| !(20..=100).contains(&count)) {
            return Err(Error::invalid("offers", "must be 20 to 100"));
        }
        if self.offers.is_none() && (self.flags.stock || self.flags.only_live_offers) {
            let field = if self.flags.stock { "stock" } else { "only-live-offers" };
            return Err(Error::invalid(field, "needs offers"));
        }
        if self.update_hours.is_some_and(|hours| hours < -1) {
            return Err(Error::invalid("update", "must be -1 (never), 0 (always) or a number of hours"));
        }
        if self.days == Some(0) {
            return Err(Error::invalid("days", "must be at least 1"));
        }
        match self.stats {
            Some(StatsWindow::Days(0)) => Err(Error::invalid("stats", "must be at least 1 day")),
            Some(StatsWindow::Between(from, to)) if from >= to => {
                Err(Error::invalid("stats", "the interval ends before it begins"))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn params(&self) -> Vec<Param> {
        let mut params = vec![("domain", self.domain.id().to_string())];
        match &self.ids {
            Ids::Asins(asins) => {
                params.push(("asin", asins.iter().map(Asin::as_str).collect::<Vec<_>>().join(",")));
            }
            Ids::Codes { codes, limit } => {
                params.push(("code", codes.join(",")));
                params.push(("code-limit", limit.to_string()));
            }
        }
        params.push(("history", flag(self.history)));
        match self.stats {
            Some(StatsWindow::Days(days)) => params.push(("stats", days.to_string())),
            Some(StatsWindow::Between(from, to)) => {
                params.push(("stats", format!("{},{}", from.unix_ms(), to.unix_ms())));
            }
            None => {}
        }
        let numbers = [
            ("update", self.update_hours.map(|hours| hours.to_string())),
            ("days", self.days.map(|days| days.to_string())),
            ("offers", self.offers.map(|count| count.to_string())),
        ];
        params.extend(numbers.into_iter().filter_map(|(name, value)| Some((name, value?))));
        let flags = [
            ("only-live-offers", self.flags.only_live_offers),
            ("buybox", self.flags.buybox),
            ("rating", self.flags.rating),
            ("stock", self.flags.stock),
            ("videos", self.flags.videos),
            ("aplus", self.flags.aplus),
            ("historical-variations", self.flags.historical_variations),
        ];
        params.extend(flags.into_iter().filter(|&(_, on)| on).map(|(name, on)| (name, flag(on))));
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asins(count: usize) -> impl Iterator<Item = Asin> {
        (0..count).map(|number| format!("B{number:09}").parse().unwrap())
    }

    fn request(count: usize) -> ProductRequest {
        ProductRequest::asins(Domain::Us, asins(count))
    }

    fn wrong_field(request: &ProductRequest) -> String {
        match request.check() {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_cost_is_that_of_the_price_list() {
        assert_eq!(request(7).stats_days(90).days(30).videos(true).cost(), CostEstimate::exactly(7));
        assert_eq!(request(10).buybox(true).cost(), CostEstimate::exactly(30));
        assert_eq!(request(10).rating(true).cost(), CostEstimate::between(10, 20));
        assert_eq!(request(10).update_hours(0).cost(), CostEstimate::between(10, 20));
        assert_eq!(request(10).update_hours(-1).cost(), CostEstimate::between(0, 10));
        assert_eq!(request(1).offers(100).buybox(true).rating(true).cost(), CostEstimate::between(1, 60));
        assert_eq!(
            request(2).offers(20).only_live_offers(true).stock(true).cost(),
            CostEstimate::between(0, 28)
        );
        assert_eq!(request(3).historical_variations(true).cost(), CostEstimate::between(3, 6));
        let codes = ProductRequest::codes(Domain::Us, ["9780593655030".to_owned()], 5);
        assert_eq!(codes.cost(), CostEstimate::between(0, 5));
    }

    #[test]
    fn requests_that_cannot_be_right_are_refused() {
        assert_eq!(wrong_field(&request(0)), "asin");
        assert_eq!(wrong_field(&request(101)), "asin");
        assert_eq!(wrong_field(&request(1).offers(19)), "offers");
        assert_eq!(wrong_field(&request(1).offers(101)), "offers");
        assert_eq!(wrong_field(&request(1).stock(true)), "stock");
        assert_eq!(wrong_field(&request(1).only_live_offers(true)), "only-live-offers");
        assert_eq!(wrong_field(&request(1).stats_days(0)), "stats");
        assert_eq!(wrong_field(&request(1).update_hours(-2)), "update");
        assert_eq!(wrong_field(&request(1).days(0)), "days");
        let code = |text: &str, limit| ProductRequest::codes(Domain::Us, [text.to_owned()], limit);
        assert_eq!(wrong_field(&code("978-0593655030", 1)), "code");
        assert_eq!(wrong_field(&code("9780593655030", 0)), "code-limit");
        assert!(request(100).check().is_ok());
    }

    #[test]
    fn batches_hold_every_product_once() {
        let batches = ProductRequest::asins(Domain::Us, asins(230).chain(asins(5))).batches();
        let sizes: Vec<_> = batches.iter().map(|batch| batch.cost().upper).collect();
        assert_eq!(sizes, [100, 100, 30]);
        assert!(batches.iter().all(|batch| batch.check().is_ok()));
    }

    #[test]
    fn the_parameters_are_those_of_the_protocol() {
        let request =
            request(2).stats_days(90).history(false).offers(20).only_live_offers(true).update_hours(-1);
        let params: Vec<_> =
            request.params().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            params.join("&"),
            "domain=1&asin=B000000000,B000000001&history=0&stats=90&update=-1&offers=20&only-live-offers=1"
        );
    }
}
