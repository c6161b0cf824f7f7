//! Facts: what is known of one product at one moment, for one condition.
//!
//! Only this module looks into a Keepa product, and [`excerpt`](crate::excerpt) keeps what it reads:
//! whoever reads more here adds it there. Records later than the evaluation time
//! are ignored, and before the product's `lastUpdate` only the histories count (*looking back*).
//! Facts may also come from elsewhere (an export has figures but no histories): whoever fills a
//! [`Facts`] leaves out what it does not know.

use keepa::{CategoryId, CsvType, KeepaTime, Point, Product, Series};

use rust_decimal::Decimal;

use crate::Condition;
use crate::money::MAX_AMOUNT;

pub(crate) const DAY: i64 = 24 * 60;
/// Keepa's numbers are 32-bit; a larger rank or count is damage, and would overflow what is reckoned with it.
pub(crate) const MOST: i64 = i32::MAX as i64;
/// The longest side that is believed: a hundred metres, in millimetres.
pub const MOST_MM: i64 = 100_000;
/// The greatest weight that is believed: ten tonnes, in grams.
pub const MOST_G: i64 = 10_000_000;
/// The window of the median price and of Amazon's share, in days.
pub(crate) const PRICE_WINDOW_DAYS: i64 = 90;
/// The window of the days with a sale; sales-rank drops reach back half as far.
pub(crate) const SALE_DAYS: i64 = 180;

/// What is known of a product at the evaluation time. Money is in the marketplace's minor unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The evaluation time.
    pub at: KeepaTime,
    /// Root category, for the fee rules.
    pub root_category: Option<CategoryId>,
    /// The price history that counts.
    pub price: Option<PriceFacts>,
    /// Demand and rank.
    pub demand: DemandFacts,
    /// Amazon's own offer is in stock; `None` when nothing tells.
    pub amazon_in_stock: Option<bool>,
    /// Percent of the last 90 days that Amazon was in stock.
    pub amazon_share90: Option<i64>,
    /// Offers in new condition.
    pub offers_new: Option<i64>,
    /// Offers fulfilled by Amazon.
    pub offers_fba: Option<i64>,
    /// Offers that compete for the sale, in the condition asked for.
    pub competing_offers: Option<i64>,
    /// Cheapest offer on Amazon to buy from, in the condition asked for.
    pub amazon_lowest: Option<i64>,
    /// Package and fees.
    pub package: PackageFacts,
    /// Minutes since Keepa refreshed the product; 0 when looking back.
    pub age_minutes: Option<i64>,
    /// Handling warnings.
    pub flags: Flags,
}

/// The chosen price history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceFacts {
    /// Which history.
    pub series: CsvType,
    /// The price now; `None` when out of stock.
    pub current: Option<i64>,
    /// The time-weighted median of the last 90 days, or what stands in for it ([`level`](Self::level)).
    pub median90: Option<i64>,
    /// What `median90` is.
    pub level: PriceLevel,
    /// Minutes of the last 90 days with a price; `None` where nothing tells.
    pub known_minutes: Option<i64>,
}

/// What stands for the price of the last 90 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PriceLevel {
    /// The time-weighted median, from a history.
    #[default]
    Median,
    /// An average: a few days at a fancy price pull it up, so the confidence is medium at best.
    Average,
}

impl PriceFacts {
    /// Of a condition's histories, best first, the one that counts: the first with a price now, else the
    /// first that had one in the last 90 days.
    #[must_use]
    pub fn choose(best_first: &[Self]) -> Option<Self> {
        best_first
            .iter()
            .find(|p| p.current.is_some())
            .or_else(|| best_first.iter().find(|p| p.median90.is_some()))
            .copied()
    }

    /// Whether a price was known for at least half of the last 90 days; what nobody tells is not held
    /// against it.
    #[must_use]
    pub fn known_half_the_time(&self) -> bool {
        self.known_minutes.is_none_or(|known| known * 2 >= PRICE_WINDOW_DAYS * DAY)
    }
}

/// Demand as Keepa shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DemandFacts {
    /// Sales-rank drops in 30 days.
    pub drops30: Option<i64>,
    /// Sales-rank drops in 90 days.
    pub drops90: Option<i64>,
    /// Amazon's "bought in past month", a floor.
    pub monthly_sold: Option<i64>,
    /// Days of the last 180 with a sale or a rank below 100,000 throughout.
    pub sale_days180: Option<i64>,
    /// The sales rank now.
    pub bsr: Option<i64>,
}

/// Package, and what Keepa reports of Amazon's fees.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PackageFacts {
    /// Sides in millimetres, longest first, when all three are known.
    pub sides_mm: Option<[i64; 3]>,
    /// Weight in grams.
    pub weight_g: Option<i64>,
    /// Commission in percent, as the exact text Keepa sent.
    pub referral_percent: Option<Decimal>,
    /// Per-item fee on media.
    pub closing_fee: Option<i64>,
    /// Fulfilment fee as Amazon quoted it.
    pub reported_fulfilment: Option<ReportedFulfilment>,
}

/// A fulfilment fee as Amazon quoted it on some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedFulfilment {
    /// The fee.
    pub fee: i64,
    /// When; `None` when neither the fee nor the product carries a date.
    pub at: Option<KeepaTime>,
    /// The new price at that time: Amazon quotes its fee for the new offer.
    pub new_price: Option<i64>,
}

/// Handling warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a warning of its own")]
pub struct Flags {
    /// Dangerous goods information is present.
    pub hazmat: bool,
    /// Melts.
    pub heat_sensitive: bool,
    /// Adult product.
    pub adult: bool,
    /// One of several variations: rank and sales may be shared.
    pub variation: bool,
}

impl Facts {
    /// Gathers the facts of a product for a condition at a moment.
    #[must_use]
    pub fn gather(product: &Product, condition: Condition, at: KeepaTime) -> Self {
        let looking_back = product.last_update.is_some_and(|updated| at < updated);
        let stats = product.stats.as_ref().filter(|_| !looking_back);
        let value_now = |kind| product.series(kind).and_then(|s| s.value_at(at)).filter(|v| *v <= MOST);
        let rank = product.series(CsvType::Sales);
        let counted = |days| rank.and_then(|s| count_drops(s, at, days));
        let (drops30, drops90) = match stats {
            Some(s) => (
                believed(s.sales_rank_drops30).or(counted(30)),
                believed(s.sales_rank_drops90).or(counted(90)),
            ),
            None => (counted(30), counted(90)),
        };
        let availability = product.availability_amazon.filter(|_| !looking_back);
        let amazon_price = product.series(CsvType::Amazon).and_then(|s| s.at(at)).map(|p| p.value);
        let offers_new = value_now(CsvType::CountNew);
        let fba_series = value_now(CsvType::CountNewFba);
        Self {
            at,
            root_category: product.root_category,
            price: choose_price(product, condition, at),
            demand: DemandFacts {
                drops30,
                drops90,
                monthly_sold: believed(product.monthly_sold).filter(|_| !looking_back),
                sale_days180: rank.and_then(|s| sale_days(s, at)),
                bsr: rank.and_then(|s| s.value_at(at)).filter(is_rank),
            },
            amazon_in_stock: match (availability, amazon_price) {
                (Some(0), _) | (_, Some(Some(_))) => Some(true),
                (Some(_), _) | (_, Some(None)) => Some(false),
                (None, None) => None,
            },
            amazon_share90: stats
                .and_then(|s| s.out_of_stock_percentage90(CsvType::Amazon))
                .filter(|out| (0..=100).contains(out))
                .map(|out| 100 - out),
            offers_new,
            offers_fba: fba_series.or_else(|| stats.and_then(|s| believed(s.offer_count_fba))),
            competing_offers: match condition {
                Condition::New => fba_series.or(offers_new),
                Condition::Used => value_now(CsvType::CountUsed),
            },
            amazon_lowest: match condition {
                Condition::New => [CsvType::NewFbmShipping, CsvType::New]
                    .into_iter()
                    .filter_map(|kind| value_now(kind).filter(is_price))
                    .min(),
                Condition::Used => value_now(CsvType::Used).filter(is_price),
            },
            package: package(product),
            age_minutes: product.last_update.map(|updated| minutes_between(updated, at).max(0)),
            flags: Flags {
                hazmat: !product.hazardous_materials.is_empty(),
                heat_sensitive: product.is_heat_sensitive == Some(true),
                adult: product.is_adult_product == Some(true),
                variation: !product.variations.is_empty() || product.parent_asin.is_some(),
            },
        }
    }
}

/// A count that is none of the absurd ones.
fn believed(count: Option<i64>) -> Option<i64> {
    count.filter(|n| (0..=MOST).contains(n))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a predicate for filter and find")]
fn is_price(price: &i64) -> bool {
    (1..=MAX_AMOUNT).contains(price)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a predicate for filter")]
fn is_rank(rank: &i64) -> bool {
    (1..=MOST).contains(rank)
}

/// A commission of at most the whole price.
fn is_share(percent: &Decimal) -> bool {
    *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED
}

fn minutes_between(from: KeepaTime, to: KeepaTime) -> i64 {
    i64::from(to.minutes()) - i64::from(from.minutes())
}

/// The histories that may give a condition's price, best first.
#[must_use]
pub fn price_candidates(condition: Condition) -> &'static [CsvType] {
    match condition {
        Condition::New => &[CsvType::BuyBoxShipping, CsvType::NewFba, CsvType::New],
        Condition::Used => &[CsvType::BuyBoxUsedShipping, CsvType::Used],
    }
}

fn choose_price(product: &Product, condition: Condition, at: KeepaTime) -> Option<PriceFacts> {
    let seen: Vec<PriceFacts> = price_candidates(condition)
        .iter()
        .filter_map(|&kind| product.series(kind).map(|s| price_facts(kind, s, at)))
        .collect();
    PriceFacts::choose(&seen)
}

fn price_facts(series: CsvType, history: &Series, at: KeepaTime) -> PriceFacts {
    let mut spells = spells(history.up_to(at), at, PRICE_WINDOW_DAYS * DAY);
    let current = history.value_at(at).filter(is_price);
    let known_minutes: i64 = spells.iter().map(|(_, minutes)| minutes).sum();
    spells.sort_unstable();
    let mut passed = 0;
    let median90 = spells
        .iter()
        .find(|(_, minutes)| {
            passed += minutes;
            passed * 2 >= known_minutes
        })
        .map(|(price, _)| *price)
        .or(current);
    PriceFacts { series, current, median90, level: PriceLevel::Median, known_minutes: Some(known_minutes) }
}

/// How long each price held within the window that ends at `at`; times without a price are left out.
fn spells(points: &[Point], at: KeepaTime, window: i64) -> Vec<(i64, i64)> {
    let end = i64::from(at.minutes());
    let start = end - window;
    let mut spells = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let until = points.get(i + 1).map_or(end, |next| i64::from(next.time.minutes())).min(end);
        let minutes = until - i64::from(point.time.minutes()).max(start);
        if let Some(price) = point.value.filter(is_price)
            && minutes > 0
        {
            spells.push((price, minutes));
        }
    }
    spells
}

/// Rank falls that indicate a sale, later than `days` before `at` and up to `at`; `None` when the
/// history never held a rank. The thresholds are fitted to Keepa's own counts.
fn count_drops(ranks: &Series, at: KeepaTime, days: i64) -> Option<i64> {
    let end = i64::from(at.minutes());
    let mut previous: Option<i64> = None;
    let mut drops = 0;
    for point in ranks.up_to(at) {
        let Some(rank) = point.value.filter(is_rank) else { continue };
        if let Some(old) = previous
            && i64::from(point.time.minutes()) > end - days * DAY
            && is_sale(old, rank)
        {
            drops += 1;
        }
        previous = Some(rank);
    }
    previous.map(|_| drops)
}

fn is_sale(old: i64, new: i64) -> bool {
    let fall = old - new;
    match old {
        ..8_000 => fall > 0,
        8_000..20_000 => fall >= 8,
        _ => fall * 100 >= old * 4,
    }
}

/// Of the last 180 windows of 24 hours, those with a rank below 100,000 throughout or a fall of more
/// than a tenth; `None` when the history never held a rank.
fn sale_days(ranks: &Series, at: KeepaTime) -> Option<i64> {
    let points = ranks.up_to(at);
    points.iter().find(|p| p.value.is_some())?;
    let end = i64::from(at.minutes());
    let rank_of = |p: &Point| p.value.filter(is_rank);
    let mut days = 0;
    let mut upper = points.len();
    for window in 0..SALE_DAYS {
        let start = end - (window + 1) * DAY;
        let lower = points[..upper].partition_point(|p| i64::from(p.time.minutes()) <= start);
        let carried = lower.checked_sub(1).and_then(|i| rank_of(&points[i]));
        let inside = &points[lower..upper];
        let throughout = carried.is_some_and(|r| r < 100_000)
            && inside.iter().all(|p| rank_of(p).is_some_and(|r| r < 100_000));
        let lowest = inside.iter().filter_map(rank_of).min();
        let fell = matches!((carried, lowest), (Some(old), Some(low)) if low * 10 < old * 9);
        days += i64::from(throughout || fell);
        upper = lower;
    }
    Some(days)
}

fn package(product: &Product) -> PackageFacts {
    let sides = [product.package_length, product.package_width, product.package_height]
        .map(|side| side.filter(|mm| (1..=MOST_MM).contains(mm)));
    let sides_mm = match sides {
        [Some(a), Some(b), Some(c)] => {
            let mut sorted = [a, b, c];
            sorted.sort_unstable_by(|x, y| y.cmp(x));
            Some(sorted)
        }
        _ => None,
    };
    PackageFacts {
        sides_mm,
        weight_g: product.package_weight.filter(|g| (1..=MOST_G).contains(g)),
        referral_percent: product
            .referral_fee_percentage
            .as_ref()
            .and_then(|p| p.as_str().parse().ok())
            .filter(is_share),
        closing_fee: product.variable_closing_fee.filter(|fee| (0..=MAX_AMOUNT).contains(fee)),
        reported_fulfilment: product.fba_fees.as_ref().and_then(|fees| {
            let at = fees.last_update.or(product.last_update);
            Some(ReportedFulfilment {
                fee: fees.pick_and_pack_fee.filter(is_price)?,
                at,
                new_price: at.and_then(|then| {
                    price_candidates(Condition::New)
                        .iter()
                        .filter_map(|&kind| product.series(kind)?.value_at(then))
                        .find(is_price)
                }),
            })
        }),
    }
}
