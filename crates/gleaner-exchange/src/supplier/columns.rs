//! Which column of a supplier's list is which: by its heading in the spellings that suppliers use, or,
//! without headings, by what is in it.
//!
//! To recognise another spelling: add it to the list of its column, in small letters without accents and
//! with single blanks for everything that is neither letter nor digit.

use crate::codes::{self, CodeError, CodeKind};
use crate::csv::Record;
use crate::number::{self, DecimalMark};
use crate::table::plain;

const ASIN: &[&str] = &["asin", "amazon asin", "asin code", "amazon id"];
const ISBN: &[&str] = &[
    "isbn",
    "isbn10",
    "isbn 10",
    "isbn13",
    "isbn 13",
    "isbn number",
    "isbn no",
    "isbn code",
    "isbn 10 13",
    "isbn ean",
];
const EAN: &[&str] = &[
    "ean",
    "ean13",
    "ean 13",
    "ean code",
    "ean number",
    "ean nummer",
    "ean8",
    "ean 8",
    "gencod",
    "jan",
    "jan code",
];
const UPC: &[&str] = &["upc", "upc code", "upc a", "upca", "upc12", "upc 12", "upc number", "upc no"];
const GTIN: &[&str] = &["gtin", "gtin14", "gtin 14", "gtin13", "gtin 13", "gtin12", "gtin 12", "gtin8"];
const ANY: &[&str] = &[
    "barcode",
    "bar code",
    "barcodes",
    "code",
    "product code",
    "ean upc",
    "upc ean",
    "ean isbn",
    "upc isbn",
    "isbn upc",
    "identifier",
    "product id",
    "item code",
    "unit barcode",
    "retail barcode",
    "product barcode",
    "strichcode",
    "barcode ean",
    "code barre",
    "code barres",
    "code a barres",
    "codigo de barras",
    "codice a barre",
    "コード",
    "バーコード",
];
/// Best first: a price for one piece before a price that may be for a pack.
const COST: &[&str] = &[
    "unit cost",
    "cost per unit",
    "cost each",
    "each cost",
    "cost unit",
    "cost per item",
    "cost price",
    "cost",
    "costs",
    "buy price",
    "buying price",
    "buy cost",
    "purchase price",
    "purchase cost",
    "your cost",
    "your price",
    "net cost",
    "net price",
    "wholesale price",
    "wholesale cost",
    "wholesale",
    "trade price",
    "dealer price",
    "cogs",
    "unit price",
    "price per unit",
    "price each",
    "each price",
    "piece price",
    "price unit",
    "prix d achat",
    "prix unitaire",
    "prix net",
    "einkaufspreis",
    "ek preis",
    "ek",
    "nettopreis",
    "stuckpreis",
    "preis netto",
    "precio de compra",
    "precio unitario",
    "costo",
    "coste",
    "prezzo di acquisto",
    "case cost",
    "case price",
    "pack cost",
    "pack price",
    "carton price",
    "box price",
    "price",
    "prix",
    "preis",
    "precio",
    "prezzo",
    "原価",
    "仕入れ値",
    "仕入価格",
    "価格",
];
const PER_UNIT: &[&str] = &["unit", "each", "piece", "item", "unitaire", "stuck", "unitario"];
const TITLE: &[&str] = &[
    "title",
    "product title",
    "item title",
    "book title",
    "product name",
    "item name",
    "name",
    "description",
    "product description",
    "item description",
    "product",
    "item",
    "article",
    "titre",
    "designation",
    "libelle",
    "produit",
    "titel",
    "bezeichnung",
    "artikel",
    "artikelbezeichnung",
    "produktname",
    "titulo",
    "descripcion",
    "producto",
    "titolo",
    "descrizione",
    "prodotto",
    "商品名",
];
const PACK: &[&str] = &[
    "pack",
    "pack size",
    "packsize",
    "pack qty",
    "pack quantity",
    "qty per pack",
    "quantity per pack",
    "units per pack",
    "pieces per pack",
    "case pack",
    "case qty",
    "case quantity",
    "case size",
    "units per case",
    "qty per case",
    "pcs per case",
    "pcs per pack",
    "inner pack",
    "inner qty",
    "pack of",
    "multipack",
    "units per carton",
    "carton qty",
    "bundle qty",
    "unites par lot",
    "colisage",
    "quantite par lot",
    "ve",
    "verpackungseinheit",
    "packungsgrosse",
    "stuck pro packung",
    "unidades por paquete",
    "入数",
];
const CURRENCY: &[&str] = &["currency", "currency code", "devise", "wahrung", "moneda", "valuta", "通貨"];

/// How many rows are looked at.
const SAMPLE: usize = 50;
/// How far down the header may stand.
const HEADER_WITHIN: usize = 15;

/// What a cost pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostBasis {
    /// One piece.
    Unit,
    /// The supplier's pack, of as many pieces as the pack column says.
    Pack,
}

/// The columns of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// How many records stand above the first row: title lines and the header.
    pub skip: usize,
    /// Codes, the surest first.
    pub codes: Vec<(CodeKind, usize)>,
    /// Cost, and what it pays for.
    pub cost: Option<(usize, CostBasis)>,
    /// Title.
    pub title: Option<usize>,
    /// Pieces in a pack.
    pub pack: Option<usize>,
    /// Currency of the cost.
    pub currency: Option<usize>,
    /// How the file writes decimals.
    pub mark: DecimalMark,
    /// Whether columns were told by their content.
    pub guessed: bool,
}

/// The kinds of codes in the order of trust: Amazon's own number leads to one product.
const KINDS: [(CodeKind, &[&str]); 6] = [
    (CodeKind::Asin, ASIN),
    (CodeKind::Isbn, ISBN),
    (CodeKind::Ean, EAN),
    (CodeKind::Upc, UPC),
    (CodeKind::Gtin, GTIN),
    (CodeKind::Any, ANY),
];

impl Columns {
    /// Finds the columns; `None` when no column holds product codes.
    #[must_use]
    pub fn find<'a>(records: impl Iterator<Item = Record<'a>>) -> Option<Self> {
        let first: Vec<Record<'_>> = records.take(HEADER_WITHIN + SAMPLE).collect();
        let mut found = (0..first.len().min(HEADER_WITHIN))
            .find_map(|at| Self::by_heading(&first[at], &first[at + 1..], at + 1))
            .or_else(|| Self::by_content(&first))?;
        if let Some((cost, _)) = found.cost {
            found.mark = DecimalMark::of(first.iter().skip(found.skip).map(|row| row.cell(cost)));
        }
        Some(found)
    }

    fn by_heading(header: &Record<'_>, rows: &[Record<'_>], skip: usize) -> Option<Self> {
        let headings: Vec<String> = header.cells.iter().map(|cell| plain(cell).replace(':', "")).collect();
        // A code under the heading of another column is no header.
        let named = |names: &[&str]| -> Vec<usize> {
            let at = |name: &&str| headings.iter().position(|heading| heading == name);
            names.iter().filter_map(at).collect()
        };
        let mut codes = Vec::new();
        for (kind, names) in KINDS {
            for at in named(names) {
                // `product code` is the supplier's own number more often than not: it must hold codes.
                if kind != CodeKind::Any || holds_codes(rows, at) {
                    codes.push((kind, at));
                }
            }
        }
        if codes.is_empty() {
            return None;
        }
        let taken = |at: &usize| codes.iter().any(|(_, code)| code == at);
        let first = |names: &[&str]| named(names).into_iter().find(|at| !taken(at));
        let cost = first(COST).map(|at| {
            let per_unit = headings[at].split(' ').any(|word| PER_UNIT.contains(&word));
            (at, if per_unit { CostBasis::Unit } else { CostBasis::Pack })
        });
        Some(Self {
            skip,
            cost,
            title: first(TITLE),
            pack: first(PACK),
            currency: first(CURRENCY),
            mark: DecimalMark::default(),
            guessed: false,
            codes,
        })
    }

    /// Without headings: the column in which most cells are right codes, the only one with money, and the
    /// longest text.
    fn by_content(rows: &[Record<'_>]) -> Option<Self> {
        let skip = rows.iter().position(|row| row.cells.iter().any(|c| is_code(c.trim())))?;
        let rows: Vec<&Record<'_>> = rows[skip..].iter().filter(|row| !row.is_blank()).collect();
        let width = rows.iter().map(|row| row.cells.len()).max()?;
        let share =
            |at: usize, fits: &dyn Fn(&str) -> bool| rows.iter().filter(|row| fits(row.cell(at))).count();
        let code = (0..width).max_by_key(|at| (share(*at, &is_code), width - at))?;
        // A column of numbers is right by chance once in ten.
        if share(code, &is_code) * 2 < rows.len() {
            return None;
        }
        let others = || (0..width).filter(|at| *at != code);
        let money: Vec<usize> = others().filter(|at| share(*at, &is_money) * 10 >= rows.len() * 8).collect();
        let length =
            |at: usize| rows.iter().map(|row| row.cell(at).chars().count()).sum::<usize>() / rows.len();
        let title = others()
            .filter(|at| share(*at, &|cell| cell.chars().any(char::is_alphabetic)) * 2 >= rows.len())
            .max_by_key(|at| length(*at));
        Some(Self {
            skip,
            codes: vec![(CodeKind::Any, code)],
            cost: match money.as_slice() {
                [only] => Some((*only, CostBasis::Pack)),
                _ => None,
            },
            title,
            pack: None,
            currency: None,
            mark: DecimalMark::default(),
            guessed: true,
        })
    }
}

/// Whether at least half of what is in a column has the form of a code, damaged ones included.
fn holds_codes(rows: &[Record<'_>], at: usize) -> bool {
    let (mut filled, mut codes) = (0, 0);
    for cell in rows.iter().map(|row| row.cell(at)).filter(|cell| !cell.is_empty()) {
        filled += 1;
        let usable = match codes::parse(cell, CodeKind::Any) {
            Ok(_) => true,
            Err(error) => matches!(error, CodeError::Damaged(_) | CodeError::Ambiguous(_)),
        };
        codes += usize::from(usable);
    }
    filled > 0 && codes * 2 >= filled
}

fn is_code(cell: &str) -> bool {
    codes::parse(cell, CodeKind::Any).is_ok()
}

/// An amount with decimals or a currency; a bare whole number may be a quantity.
fn is_money(cell: &str) -> bool {
    let decimals = cell.contains(['.', ',']);
    number::number(cell, DecimalMark::default())
        .is_ok_and(|found| found.is_some_and(|n| !n.percent && (decimals || !n.currencies.is_empty())))
}
