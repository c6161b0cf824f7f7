//! Suppliers' lists: product codes with or without cost, title and pack size; CSV or Excel.
//!
//! A row becomes an [`Item`], or a [`Rejection`] that names its line and the reason. Rows of one product
//! are merged: **the lowest cost counts** (that is what one would buy at), a row with a cost before one
//! without, and the item lists all its lines. A code that belongs to several products is not resolved
//! here: nothing is picked silently.
//!
//! The cost pays for one piece when its heading says so (`unit cost`, `price each`), else for the pack
//! of the pack column. [`Item::cost_of`] turns it into the cost of what Amazon sells.

mod columns;
mod pack;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gleaner_core::Marketplace;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::Rejection;
use crate::codes::{self, CodeError, Product};
use crate::csv::Record;
use crate::number;
use crate::table::Table;
use columns::Columns;

pub use columns::CostBasis;
pub use pack::AmazonPack;

/// The most rows that are read.
pub const MAX_ROWS: usize = 100_000;
/// The largest pack that is believed.
const MOST_PIECES: i64 = 10_000;

/// What is to be said of an item. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Leading zeros that a spreadsheet had dropped were put back.
    ZerosRestored,
    /// Several rows were merged; the lowest cost counts.
    RowsMerged,
    /// The columns were told by their content, for the list has no headings.
    ColumnsGuessed,
    /// The cost was reckoned for what Amazon sells, from both pack sizes.
    CostPerAmazonUnit,
    /// A pack size is not known or contradicts the title; the cost was taken as given. Check it.
    PackUnclear,
}

/// A product of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The lines it stands in.
    pub lines: Vec<u64>,
    /// The code as it was given in the first of them.
    pub given: String,
    /// What the code leads to.
    pub product: Product,
    /// What is paid, as the list writes it, in major units.
    pub cost: Option<Decimal>,
    /// What that pays for.
    pub basis: CostBasis,
    /// Pieces in the supplier's pack.
    pub pack: Option<u32>,
    /// Title.
    pub title: Option<String>,
    /// What is to be said of it.
    pub notes: Vec<Note>,
}

/// A list that was read.
#[derive(Debug)]
pub struct SupplierList {
    /// Its products, in the order of their first rows.
    pub items: Vec<Item>,
    /// Rows that cannot be used.
    pub rejected: Vec<Rejection>,
}

/// Reads a list; `None` when no column holds product codes. Costs must be in the marketplace's currency.
#[must_use]
pub fn read(table: &Table<'_>, marketplace: Marketplace) -> Option<SupplierList> {
    let columns = Columns::find(table.records())?;
    let mut list = SupplierList { items: Vec::new(), rejected: Vec::new() };
    let mut known: HashMap<Product, usize> = HashMap::new();
    for (count, record) in table.records().skip(columns.skip).filter(|r| !r.is_blank()).enumerate() {
        if count == MAX_ROWS {
            let message = format!("only the first {MAX_ROWS} rows are read: split the list");
            list.rejected.push(Rejection::row(record.line, "", "too_many_rows", message));
            break;
        }
        match item(&record, &columns, marketplace) {
            Ok(item) => match known.entry(item.product) {
                Entry::Occupied(at) => list.items[*at.get()].merge(item),
                Entry::Vacant(vacant) => {
                    vacant.insert(list.items.len());
                    list.items.push(item);
                }
            },
            Err(rejection) => list.rejected.push(rejection),
        }
    }
    list.rejected.extend(table.ignored_sheets().iter().map(|name| {
        Rejection::file(name, "sheet_ignored", format!("the sheet '{name}' was not read: only the first is"))
    }));
    Some(list)
}

fn item(record: &Record<'_>, columns: &Columns, marketplace: Marketplace) -> Result<Item, Rejection> {
    let given =
        columns.codes.iter().map(|(_, at)| record.cell(*at)).find(|c| !number::is_missing(c)).unwrap_or("");
    let reject = |code: &str, message: String| Rejection::row(record.line, given, code, message);
    if let Some(fault) = record.fault {
        return Err(reject(fault.code(), fault.message().to_owned()));
    }
    let (given, code) = code(record, columns).map_err(|e| reject(e.code(), e.to_string()))?;
    let cost = match columns.cost {
        Some((at, _)) => {
            cost(record.cell(at), columns, marketplace).map_err(|e| reject("invalid_cost", e))?
        }
        None => None,
    };
    if let Some(text) = columns.currency.map(|at| record.cell(at)).filter(|c| !c.is_empty() && cost.is_some())
        && !text.eq_ignore_ascii_case(marketplace.currency())
    {
        return Err(reject("invalid_cost", wrong_currency(text, marketplace)));
    }
    let mut notes = Vec::new();
    if code.restored {
        notes.push(Note::ZerosRestored);
    }
    if columns.guessed {
        notes.push(Note::ColumnsGuessed);
    }
    let pack = match columns.pack.map(|at| record.cell(at)).filter(|text| !number::is_missing(text)) {
        Some(text) => {
            let pieces = pieces(text);
            if pieces.is_none() {
                notes.push(Note::PackUnclear);
            }
            pieces
        }
        None => None,
    };
    Ok(Item {
        lines: vec![record.line],
        given: given.to_owned(),
        product: code.product,
        cost,
        basis: columns.cost.map_or(CostBasis::Pack, |(_, basis)| basis),
        pack,
        title: columns.title.map(|at| record.cell(at)).filter(|t| !t.is_empty()).map(str::to_owned),
        notes,
    })
}

/// The first right code of a row; without one, what is wrong with the surest that is there.
fn code<'a>(record: &'a Record<'_>, columns: &Columns) -> Result<(&'a str, codes::Code), CodeError> {
    let mut wrong = None;
    for (kind, at) in &columns.codes {
        let text = record.cell(*at);
        match codes::parse(text, *kind) {
            Ok(code) => return Ok((text, code)),
            Err(CodeError::Missing) => {}
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    Err(wrong.unwrap_or(CodeError::Missing))
}

/// A cost above 0 in the marketplace's currency. Suppliers write 0.00 for "on request".
fn cost(text: &str, columns: &Columns, marketplace: Marketplace) -> Result<Option<Decimal>, String> {
    let wrong =
        || format!("'{}' is not a cost: write it as 12.50", text.chars().take(40).collect::<String>());
    let Some(found) = number::number(text, columns.mark).map_err(|_| wrong())? else { return Ok(None) };
    if !found.currencies.is_empty() && !found.currencies.contains(&marketplace.currency()) {
        return Err(wrong_currency(found.currencies[0], marketplace));
    }
    if found.percent {
        return Err(wrong());
    }
    if number::minor_units(found.value, marketplace).is_none() {
        return Err(format!(
            "a cost of {} cannot be right: give the real one, or leave the cell empty",
            found.value
        ));
    }
    Ok(Some(found.value))
}

fn wrong_currency(currency: &str, marketplace: Marketplace) -> String {
    format!(
        "the cost is in {currency}, amazon.{} sells in {}: convert it",
        marketplace.tld(),
        marketplace.currency()
    )
}

/// A pack size: `6`, `6.0`, `pack of 6`, `6 pcs`, `6x`.
fn pieces(text: &str) -> Option<u32> {
    let digits = text.trim().strip_suffix(".0").unwrap_or(text.trim());
    let mut numbers = digits.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let pieces = numbers.next()?.parse::<i64>().ok()?;
    // `6x4` may be 24 or a size.
    (numbers.next().is_none() && (1..=MOST_PIECES).contains(&pieces)).then_some(())?;
    pieces.to_u32()
}

impl Item {
    /// What one piece costs, as far as the list tells, to compare rows.
    fn piece_cost(&self) -> Option<Decimal> {
        let pieces = match self.basis {
            CostBasis::Unit => 1,
            CostBasis::Pack => self.pack.unwrap_or(1),
        };
        self.cost.map(|cost| cost / Decimal::from(pieces))
    }

    fn merge(&mut self, other: Self) {
        self.lines.extend(other.lines.iter().copied());
        let cheaper = match (self.piece_cost(), other.piece_cost()) {
            (Some(mine), Some(theirs)) => theirs < mine,
            (None, theirs) => theirs.is_some(),
            (Some(_), None) => false,
        };
        let restored =
            self.notes.contains(&Note::ZerosRestored) || other.notes.contains(&Note::ZerosRestored);
        if self.title.is_none() {
            self.title.clone_from(&other.title);
        }
        if cheaper {
            (self.cost, self.basis, self.pack, self.notes) =
                (other.cost, other.basis, other.pack, other.notes);
        }
        for (note, holds) in [(Note::RowsMerged, true), (Note::ZerosRestored, restored)] {
            if holds && !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// What one copy of Amazon's product costs in the marketplace's minor unit, with what is to be said of
    /// it. With a pack column, `cost x Amazon's pack / supplier's pack`; where a size is not known or not
    /// sure the cost is taken as given, and that is said.
    #[must_use]
    pub fn cost_of(&self, amazon: AmazonPack, marketplace: Marketplace) -> (Option<i64>, Vec<Note>) {
        let mut notes = self.notes.clone();
        let Some(cost) = self.cost else { return (None, notes) };
        let supplier = match self.basis {
            CostBasis::Unit => Some(1),
            // Without a pack column a list is taken to offer what Amazon sells.
            CostBasis::Pack => self.pack,
        };
        let unclear = notes.contains(&Note::PackUnclear);
        let factor = match (supplier, amazon) {
            _ if unclear => None,
            (Some(supplier), AmazonPack::Of(pieces)) => Some((pieces, supplier)),
            // Nobody speaks of packs.
            (None, AmazonPack::Of(1) | AmazonPack::Unknown) | (Some(1), AmazonPack::Unknown) => Some((1, 1)),
            _ => None,
        };
        match factor {
            Some((pieces, supplier)) if pieces != supplier => notes.push(Note::CostPerAmazonUnit),
            Some(_) => {}
            None => notes.push(Note::PackUnclear),
        }
        let (pieces, supplier) = factor.unwrap_or((1, 1));
        let each = cost.checked_mul(Decimal::from(pieces)).map(|all| all / Decimal::from(supplier));
        notes.sort_unstable();
        notes.dedup();
        (each.and_then(|each| number::minor_units(each, marketplace)), notes)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
