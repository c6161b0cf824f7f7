//! Which column of an export is which.
//!
//! Keepa translates its headings in part: a French account exports `Buy Box 🚚: Courant` beside
//! `Buy Box 🚚: 90 days avg.`, a Japanese one `新品: 90 日平均`. Headings are therefore read in two
//! halves, *what* (`Buy Box`, `Nouveau`, `売れ筋ランキング`) and *which figure* (`Current`, `90 日平均`),
//! each by its known words. The English, French and Japanese words were seen in exports; the German,
//! Spanish and Italian ones are the languages' own. A column without a known heading is found by what
//! is in it where that is possible: the ASINs, and the marketplace (`com`, `de`, `co.uk` …).
//!
//! To add a language: add its words to the lists below; to use another column: a [`Column`], its rule in
//! [`of_heading`], and a field of the row.

use keepa::{Asin, Domain};

use crate::csv::Record;
use crate::table::plain;

/// Prices that an export may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Price {
    /// Buy box, new.
    BuyBox,
    /// Lowest new offer fulfilled by Amazon.
    NewFba,
    /// Lowest new offer sent by its seller.
    NewFbm,
    /// Lowest new offer.
    New,
    /// Amazon's own.
    Amazon,
    /// Buy box, used.
    BuyBoxUsed,
    /// Lowest used offer.
    Used,
}

/// What is used of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Asin,
    Locale,
    Url,
    Title,
    /// The price now.
    Current(Price),
    /// The average of 90 days.
    Average90(Price),
    /// Share of 90 days without an offer.
    OutOfStock90(Price),
    Rank,
    Drops30,
    Drops90,
    Bought,
    OffersNew,
    OffersFba,
    OffersUsed,
    FulfilmentFee,
    ReferralPercent,
    Weight,
    Side(Side, Unit),
    RootCategory,
    HazardousMaterials,
    IsHazmat,
    HeatSensitive,
    Adult,
    ParentAsin,
    Variations,
}

/// A side of the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Length,
    Width,
    Height,
}

/// What a side is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Centimetres,
    Millimetres,
}

const CURRENT: &[&str] =
    &["current", "courant", "actuel", "現在価格", "現在", "aktuell", "actual", "attuale", "corriente"];
const AVERAGE: &[&str] = &["avg", "average", "moy", "平均", "durchschn", "schnitt", "promedio", "media"];
const OUT_OF_STOCK: &[&str] = &["oos", "在庫切れ", "rupture", "nicht auf lager", "agotado", "esaurito"];
const COUNT: &[&str] = &["count", "カウント", "nombre", "anzahl", "numero"];
const DROPS: &[&str] = &["drops", "減少", "baisses", "chutes", "ruckgange", "caidas", "cali"];
const BUY_BOX: &[&str] = &["buy box", "buybox"];
const NEW: &[&str] = &["new", "nouveau", "neuf", "新品", "neu", "nuevo", "nuovo"];
const USED: &[&str] = &["used", "occasion", "d occasion", "中古", "中古品", "gebraucht", "usado", "usato"];
const RANK: &[&str] = &[
    "sales rank",
    "classement des ventes",
    "売れ筋ランキング",
    "verkaufsrang",
    "ranking de ventas",
    "clasificacion de ventas",
    "classifica di vendita",
];
const OFFERS_NEW: &[&str] = &[
    "new offer count",
    "nombre d offre neuf",
    "新品アイテム数",
    "anzahl neuer angebote",
    "numero de ofertas nuevas",
    "numero di offerte nuove",
];
const OFFERS_USED: &[&str] = &[
    "used offer count",
    "nombre d offre occasion",
    "中古アイテム数",
    "anzahl gebrauchter angebote",
    "numero de ofertas usadas",
    "numero di offerte usate",
];
const THIRD_PARTY: &[&str] = &["3rd party", "tierce", "第三者", "dritt", "tercero", "terz"];
const TITLE: &[&str] = &["title", "titre", "商品名", "titel", "titulo", "titolo"];
const PACKAGE: &[&str] =
    &["package", "colis", "emballage", "パッケージ", "paket", "verpackung", "paquete", "pacco"];
const CATEGORIES: &[&str] = &["categories", "カテゴリ", "kategorien", "categorias", "categorie"];
const ROOT: &[&str] = &["root", "racine", "ルート", "haupt", "stamm", "raiz", "radice"];
const BOUGHT: &[&str] = &[
    "bought in past month",
    "先月の購入",
    "achete le mois dernier",
    "im letzten monat gekauft",
    "comprado el mes pasado",
];
const REFERRAL: &[&str] =
    &["referral fee", "紹介料", "販売手数料", "commission", "verkaufsgebuhr", "comision", "commissione"];
const LENGTH: &[&str] = &["length", "longueur", "長さ", "lange", "longitud", "largo", "lunghezza"];
const WIDTH: &[&str] = &["width", "largeur", "幅", "breite", "ancho", "larghezza"];
const HEIGHT: &[&str] = &["height", "hauteur", "高さ", "hohe", "altura", "alto", "altezza"];

/// Which column a heading names; `None` for those that are not used.
#[must_use]
pub fn of_heading(heading: &str) -> Option<Column> {
    let heading = plain(heading);
    let (what, figure) = heading.split_once(": ").unwrap_or((heading.trim_end_matches(':'), ""));
    let has = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let is = |words: &[&str]| words.contains(&what);
    match (what, figure) {
        ("asin", "") => return Some(Column::Asin),
        ("locale" | "ロケール", "") => return Some(Column::Locale),
        ("url", "amazon") => return Some(Column::Url),
        ("fba fees" | "fba pick&pack fee" | "fba pick & pack fee", "") => return Some(Column::FulfilmentFee),
        ("count of retrieved live offers", "new fba") => return Some(Column::OffersFba),
        ("hazardous materials" | "危険物", "") => return Some(Column::HazardousMaterials),
        ("is hazmat" | "est hazmat", "") => return Some(Column::IsHazmat),
        ("is heat sensitive", "") => return Some(Column::HeatSensitive),
        ("adult product", "") => return Some(Column::Adult),
        ("parent asin", "") => return Some(Column::ParentAsin),
        ("variation asins", "") => return Some(Column::Variations),
        _ => {}
    }
    if figure.is_empty() && is(TITLE) {
        return Some(Column::Title);
    }
    if BOUGHT.contains(&what) || BOUGHT.contains(&figure) {
        return Some(Column::Bought);
    }
    if has(what, REFERRAL) && heading.ends_with('%') {
        return Some(Column::ReferralPercent);
    }
    if what.contains("fba") && (what.contains("pick") || what.contains("手数料")) {
        return Some(Column::FulfilmentFee);
    }
    if is(PACKAGE) {
        return package(figure);
    }
    if is(CATEGORIES) && has(figure, ROOT) {
        return Some(Column::RootCategory);
    }
    let current = CURRENT.contains(&figure);
    if is(RANK) {
        return match () {
            () if current => Some(Column::Rank),
            () if has(figure, DROPS) && has(figure, &["30"]) && !figure.contains('%') => {
                Some(Column::Drops30)
            }
            () if has(figure, DROPS) && has(figure, &["90"]) && !figure.contains('%') => {
                Some(Column::Drops90)
            }
            () => None,
        };
    }
    if is(OFFERS_NEW) {
        return current.then_some(Column::OffersNew);
    }
    if is(OFFERS_USED) {
        return current.then_some(Column::OffersUsed);
    }
    let price = price(what)?;
    let share = has(figure, OUT_OF_STOCK) && figure.contains("90") && !has(figure, COUNT);
    let average = has(figure, AVERAGE) && figure.contains("90") && !figure.contains('%');
    match () {
        () if current => Some(Column::Current(price)),
        () if share => Some(Column::OutOfStock90(price)),
        () if average => Some(Column::Average90(price)),
        () => None,
    }
}

fn price(what: &str) -> Option<Price> {
    // `Amazon out of stock percentage: 90 days OOS %` was the heading until 2024.
    let what = what.strip_suffix(" out of stock percentage").unwrap_or(what);
    let third_party = THIRD_PARTY.iter().any(|word| what.contains(word));
    if BUY_BOX.contains(&what) {
        return Some(Price::BuyBox);
    }
    if what == "amazon" {
        return Some(Price::Amazon);
    }
    if NEW.contains(&what) {
        return Some(Price::New);
    }
    if USED.contains(&what) {
        return Some(Price::Used);
    }
    let used_box = |word: &str| BUY_BOX.iter().any(|name| what == format!("{name} {word}"));
    if USED.iter().any(|word| used_box(word)) {
        return Some(Price::BuyBoxUsed);
    }
    match () {
        () if third_party && what.contains("fba") => Some(Price::NewFba),
        () if third_party && what.contains("fbm") => Some(Price::NewFbm),
        () => None,
    }
}

fn package(figure: &str) -> Option<Column> {
    let has = |words: &[&str]| words.iter().any(|word| figure.contains(word));
    let last = figure.rsplit(' ').next()?;
    let unit = match last {
        // The volume, `(cm³)`, is no side.
        "g" => return Some(Column::Weight),
        "cm" => Unit::Centimetres,
        "mm" => Unit::Millimetres,
        _ => return None,
    };
    let side = match () {
        () if has(LENGTH) => Side::Length,
        () if has(WIDTH) => Side::Width,
        () if has(HEIGHT) => Side::Height,
        () => return None,
    };
    Some(Column::Side(side, unit))
}

/// How many rows are looked at to find a column by its content.
const SAMPLE: usize = 50;

/// The columns of an export, each where it stands first.
#[derive(Debug, Clone)]
pub struct Columns {
    found: Vec<(Column, usize)>,
    /// How many columns the header has.
    pub width: usize,
}

impl Columns {
    /// Recognises an export by its header and first rows: it has ASINs and at least one of Keepa's prices.
    #[must_use]
    pub fn recognise<'a>(header: &Record<'_>, rows: impl Iterator<Item = Record<'a>>) -> Option<Self> {
        let mut found: Vec<(Column, usize)> = Vec::new();
        for (at, heading) in header.cells.iter().enumerate() {
            if let Some(column) = of_heading(heading)
                && !found.iter().any(|(known, _)| *known == column)
            {
                found.push((column, at));
            }
        }
        let priced = found.iter().any(|(c, _)| matches!(c, Column::Current(_) | Column::Average90(_)));
        if !priced {
            return None;
        }
        let mut columns = Self { found, width: header.cells.len() };
        let sample: Vec<Record<'_>> = rows.filter(|r| !r.is_blank()).take(SAMPLE).collect();
        columns.find_by_content(Column::Asin, &sample, |text| text.parse::<Asin>().is_ok());
        columns.find_by_content(Column::Locale, &sample, |text| locale(text).is_some());
        columns.at(Column::Asin).map(|_| columns)
    }

    fn find_by_content(&mut self, column: Column, sample: &[Record<'_>], fits: impl Fn(&str) -> bool) {
        if self.at(column).is_some() || sample.is_empty() {
            return;
        }
        let taken: Vec<usize> = self.found.iter().map(|(_, at)| *at).collect();
        let fitting = (0..self.width)
            .filter(|at| !taken.contains(at))
            .find(|at| sample.iter().all(|row| fits(row.cell(*at))));
        self.found.extend(fitting.map(|at| (column, at)));
    }

    /// Where a column stands.
    #[must_use]
    pub fn at(&self, column: Column) -> Option<usize> {
        self.found.iter().find(|(known, _)| *known == column).map(|(_, at)| *at)
    }

    /// All columns that hold numbers with decimals.
    pub fn decimals(&self) -> impl Iterator<Item = usize> {
        let decimal =
            |c: &Column| matches!(c, Column::Current(_) | Column::Average90(_) | Column::FulfilmentFee);
        self.found.iter().filter(move |(c, _)| decimal(c)).map(|(_, at)| *at)
    }
}

/// The marketplace of a `Locale` cell: `com`, `de`, `co.uk`; a bare number is no locale.
#[must_use]
pub fn locale(text: &str) -> Option<Domain> {
    text.parse().ok().filter(|_| text.bytes().any(|b| b.is_ascii_alphabetic()))
}
