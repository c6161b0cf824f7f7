//! One row of an export, and the facts it gives.

use chrono::{DateTime, Utc};
use gleaner_core::category;
use gleaner_core::facts::{
    DemandFacts, Facts, Flags, MOST_G, MOST_MM, PackageFacts, PriceFacts, PriceLevel, ReportedFulfilment,
    price_candidates,
};
use gleaner_core::{Condition, Marketplace};
use keepa::{Asin, CategoryId, CsvType, KeepaTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Note;
use super::columns::{Column, Columns, Price, Side, Unit, locale};
use crate::Rejection;
use crate::codes::is_isbn10;
use crate::csv::Record;
use crate::number::{self, DecimalMark};

/// The minutes of 90 days.
const MINUTES90: i64 = 90 * 24 * 60;
/// No rank or count is above a billion.
const MOST_COUNT: i64 = 1_000_000_000;
/// Amazon's highest commission is 45 %; above half, the cell is something else.
const MOST_REFERRAL: i64 = 50;

/// A product of an export. Amounts are in the marketplace's minor unit.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRow {
    /// The line it begins on.
    pub line: u64,
    /// The product.
    pub asin: Asin,
    /// Its title.
    pub title: Option<String>,
    /// Its marketplace: the row's own, else the caller's.
    pub marketplace: Marketplace,
    /// What is to be said of it.
    pub notes: Vec<Note>,
    prices: Vec<(CsvType, Figures)>,
    amazon: Amazon,
    fbm: Option<i64>,
    demand: DemandFacts,
    offers_new: Option<i64>,
    offers_fba: Option<i64>,
    offers_used: Option<i64>,
    root_category: Option<CategoryId>,
    package: PackageFacts,
    fulfilment_fee: Option<i64>,
    flags: Flags,
}

/// The figures of one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Figures {
    current: Option<i64>,
    average90: Option<i64>,
    known_minutes: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Amazon {
    in_stock: Option<bool>,
    share90: Option<i64>,
}

/// Reads cells and remembers whether one that is used could not be read.
struct Cells<'a> {
    record: &'a Record<'a>,
    columns: &'a Columns,
    mark: DecimalMark,
    marketplace: Marketplace,
    unreadable: bool,
}

impl Cells<'_> {
    fn text(&self, column: Column) -> Option<&str> {
        self.columns.at(column).map(|at| self.record.cell(at)).filter(|text| !number::is_missing(text))
    }

    fn number(&mut self, column: Column) -> Option<number::Number> {
        let text = self.text(column)?;
        let found = number::number(text, self.mark);
        self.unreadable |= found.is_err();
        found.unwrap_or(None)
    }

    fn price(&mut self, column: Column) -> Option<i64> {
        let value = self.number(column)?.value;
        number::minor_units(value, self.marketplace)
    }

    /// A count of at least `least`; Keepa's -1 is missing.
    fn count(&mut self, column: Column, least: i64) -> Option<i64> {
        let value = self.number(column)?.value.round().to_i64()?;
        Some(value).filter(|n| (least..=MOST_COUNT).contains(n))
    }

    fn percent(&mut self, column: Column) -> Option<Decimal> {
        number::percent(self.number(column)?)
    }

    fn millimetres(&mut self, side: Side) -> Option<i64> {
        let units = [(Unit::Centimetres, 10), (Unit::Millimetres, 1)];
        units.into_iter().find_map(|(unit, millimetres)| {
            let value = self.number(Column::Side(side, unit))?.value;
            let length = value.checked_mul(Decimal::from(millimetres))?.round().to_i64()?;
            Some(length).filter(|mm| (1..=MOST_MM).contains(mm))
        })
    }

    fn yes(&self, column: Column) -> bool {
        let word = self.text(column).map(str::to_lowercase);
        word.is_some_and(|word| {
            ["yes", "oui", "ja", "si", "sì", "sí", "はい", "true", "1"].contains(&word.as_str())
        })
    }
}

/// Reads a row; `fallback` is the marketplace of one that does not say its own.
pub(super) fn read(
    record: &Record<'_>,
    columns: &Columns,
    mark: DecimalMark,
    fallback: Marketplace,
) -> Result<ExportRow, Rejection> {
    let cell = |column| columns.at(column).map_or("", |at| record.cell(at));
    let given = cell(Column::Asin);
    let reject = |code: &str, message: String| Rejection::row(record.line, given, code, message);
    if let Some(fault) = record.fault {
        return Err(reject(fault.code(), fault.message().to_owned()));
    }
    if given.is_empty() {
        return Err(reject("no_product_code", "no ASIN in this row".to_owned()));
    }
    let asin: Asin = given.parse().map_err(|e: keepa::InvalidAsin| reject("invalid_asin", e.to_string()))?;
    let marketplace = match cell(Column::Locale) {
        "" => cell(Column::Url).split_once("amazon.").and_then(|(_, rest)| locale(rest.split('/').next()?)),
        text => Some(locale(text).ok_or_else(|| {
            reject("unknown_marketplace", format!("'{text}' is no marketplace of Keepa's"))
        })?),
    };
    let marketplace = marketplace.unwrap_or(fallback);
    let mut cells = Cells { record, columns, mark, marketplace, unreadable: false };
    let prices = read_prices(&mut cells);
    let amazon = read_amazon(&mut cells);
    let (root_category, category_note) = root_category(&cells, asin, marketplace);
    let mut row = ExportRow {
        line: record.line,
        asin,
        title: cells.text(Column::Title).map(str::to_owned),
        marketplace,
        notes: category_note.into_iter().collect(),
        prices,
        amazon,
        fbm: cells.price(Column::Current(Price::NewFbm)),
        demand: DemandFacts {
            drops30: cells.count(Column::Drops30, 0),
            drops90: cells.count(Column::Drops90, 0),
            monthly_sold: cells.count(Column::Bought, 1),
            sale_days180: None,
            bsr: cells.count(Column::Rank, 1),
        },
        offers_new: cells.count(Column::OffersNew, 0),
        offers_fba: cells.count(Column::OffersFba, 0),
        offers_used: cells.count(Column::OffersUsed, 0),
        root_category,
        package: read_package(&mut cells),
        fulfilment_fee: cells.price(Column::FulfilmentFee),
        flags: Flags {
            hazmat: cells.yes(Column::IsHazmat) || cells.text(Column::HazardousMaterials).is_some(),
            heat_sensitive: cells.yes(Column::HeatSensitive),
            adult: cells.yes(Column::Adult),
            variation: cells.text(Column::ParentAsin).is_some() || cells.text(Column::Variations).is_some(),
        },
    };
    if cells.unreadable {
        row.notes.push(Note::UnreadableCell);
    }
    Ok(row)
}

fn read_prices(cells: &mut Cells<'_>) -> Vec<(CsvType, Figures)> {
    [
        (CsvType::BuyBoxShipping, Price::BuyBox),
        (CsvType::NewFba, Price::NewFba),
        (CsvType::New, Price::New),
        (CsvType::BuyBoxUsedShipping, Price::BuyBoxUsed),
        (CsvType::Used, Price::Used),
    ]
    .into_iter()
    .map(|(kind, price)| {
        let out = cells.percent(Column::OutOfStock90(price));
        let known = out.and_then(|out| {
            let share = Decimal::ONE - out / Decimal::ONE_HUNDRED;
            (share * Decimal::from(MINUTES90)).round().to_i64()
        });
        let figures = Figures {
            current: cells.price(Column::Current(price)),
            average90: cells.price(Column::Average90(price)),
            known_minutes: known,
        };
        (kind, figures)
    })
    .filter(|(_, figures)| *figures != Figures::default())
    .collect()
}

/// Amazon's own offer. An empty price means "not now" only where Keepa followed Amazon's offer at all,
/// which the share of time out of stock shows.
fn read_amazon(cells: &mut Cells<'_>) -> Amazon {
    let out = cells.percent(Column::OutOfStock90(Price::Amazon));
    let priced = cells.price(Column::Current(Price::Amazon)).is_some();
    let told = cells.columns.at(Column::Current(Price::Amazon)).is_some();
    Amazon {
        in_stock: match (priced, told && out.is_some()) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        },
        share90: out.and_then(|out| (Decimal::ONE_HUNDRED - out).round().to_i64()),
    }
}

fn read_package(cells: &mut Cells<'_>) -> PackageFacts {
    let sides = [Side::Length, Side::Width, Side::Height].map(|side| cells.millimetres(side));
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
        weight_g: cells.count(Column::Weight, 1).filter(|g| *g <= MOST_G),
        referral_percent: cells
            .percent(Column::ReferralPercent)
            .filter(|p| *p > Decimal::ZERO && *p <= Decimal::from(MOST_REFERRAL)),
        closing_fee: None,
        reported_fulfilment: None,
    }
}

/// The root category by its name; a product whose ASIN is an ISBN is a book even when no column says so.
fn root_category(
    cells: &Cells<'_>,
    asin: Asin,
    marketplace: Marketplace,
) -> (Option<CategoryId>, Option<Note>) {
    let root = |name: &str| {
        category::categories(marketplace).iter().find(|c| c.is_root() && c.name == name).map(|c| c.id)
    };
    if let Some(known) = cells.text(Column::RootCategory).and_then(root) {
        return (Some(known), None);
    }
    // Elsewhere no fee depends on it: those marketplaces have no card.
    if marketplace != Marketplace::Us {
        return (None, None);
    }
    match root("Books").filter(|_| is_isbn10(asin)) {
        Some(books) => (Some(books), Some(Note::CategoryFromIsbn)),
        None => (None, Some(Note::CategoryUnknown)),
    }
}

impl ExportRow {
    /// The facts of the row for a condition, judged at a moment, with what is to be said of them.
    #[must_use]
    pub fn facts(
        &self,
        condition: Condition,
        at: DateTime<Utc>,
        exported_at: Option<DateTime<Utc>>,
    ) -> (Facts, Vec<Note>) {
        let mut notes = self.notes.clone();
        let of = |kind: CsvType| self.prices.iter().find(|(k, _)| *k == kind).map(|(_, figures)| *figures);
        let candidates: Vec<PriceFacts> = price_candidates(condition)
            .iter()
            .filter_map(|&kind| of(kind).map(|figures| price_facts(kind, figures)))
            .collect();
        let price = PriceFacts::choose(&candidates);
        if price.is_some_and(|p| p.level == PriceLevel::Average) {
            notes.push(Note::AverageForMedian);
        }
        match exported_at {
            None => notes.push(Note::ExportTimeUnknown),
            Some(exported) if exported > at => notes.push(Note::ExportedAfterwards),
            Some(_) => {}
        }
        notes.sort_unstable();
        let current = |kind| of(kind).and_then(|figures| figures.current);
        let mut package = self.package.clone();
        package.reported_fulfilment = self.fulfilment_fee.map(|fee| ReportedFulfilment {
            fee,
            // The export does not say when Amazon quoted the fee; Keepa's own rule for a fee without a
            // date is the product's, and that is the export's.
            at: exported_at.map(KeepaTime::from_datetime),
            new_price: price_candidates(Condition::New).iter().find_map(|&kind| current(kind)),
        });
        let facts = Facts {
            at: KeepaTime::from_datetime(at),
            root_category: self.root_category,
            price,
            demand: self.demand,
            amazon_in_stock: self.amazon.in_stock,
            amazon_share90: self.amazon.share90,
            offers_new: self.offers_new,
            offers_fba: self.offers_fba,
            competing_offers: match condition {
                Condition::New => self.offers_fba.or(self.offers_new),
                Condition::Used => self.offers_used,
            },
            amazon_lowest: match condition {
                Condition::New => self.fbm.into_iter().chain(current(CsvType::New)).min(),
                Condition::Used => current(CsvType::Used),
            },
            package,
            age_minutes: exported_at.map(|exported| (at - exported).num_minutes().max(0)),
            flags: self.flags,
        };
        (facts, notes)
    }
}

fn price_facts(series: CsvType, figures: Figures) -> PriceFacts {
    let Figures { current, average90, known_minutes } = figures;
    PriceFacts {
        series,
        current,
        median90: average90,
        level: if average90.is_some() { PriceLevel::Average } else { PriceLevel::Median },
        known_minutes,
    }
}
