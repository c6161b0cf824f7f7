//! Numbers as people and exports write them: `1,234.56`, `1.234,56`, `77.99 -C0A`, `0.27`, `100%`.
//!
//! What is empty, or a dash, is missing; what is neither missing nor a number is an error, never 0.

use std::str::FromStr;

use gleaner_core::money::MAX_AMOUNT;
use keepa::Domain;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Longer cells are no numbers.
const MOST_CHARACTERS: usize = 40;

/// Which mark stands before the decimals in a file. It only decides what can be read in two ways:
/// `1,234` and `1.234`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalMark {
    /// `1.50`
    #[default]
    Point,
    /// `1,50`
    Comma,
}

impl DecimalMark {
    /// The mark of a file, by the cells that can be read in one way only; a point when there are none.
    #[must_use]
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut points, mut commas) = (0_u32, 0_u32);
        for cell in cells {
            let Ok(Some(parts)) = split(cell) else { continue };
            match parts.certain_mark() {
                Some('.') => points += 1,
                Some(',') => commas += 1,
                _ => {}
            }
        }
        if commas > points { Self::Comma } else { Self::Point }
    }
}

/// The text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANumber;

/// A number with the currency that stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// The value.
    pub value: Decimal,
    /// ISO codes that its currency sign may stand for; empty without one.
    pub currencies: &'static [&'static str],
    /// Whether a percent sign stands behind it.
    pub percent: bool,
}

/// Reads a number; `None` when the cell says that there is none.
pub fn number(text: &str, mark: DecimalMark) -> Result<Option<Number>, NotANumber> {
    let Some(parts) = split(text)? else { return Ok(None) };
    let value = parts.value(mark).ok_or(NotANumber)?;
    Ok(Some(Number { value, currencies: parts.currencies, percent: parts.percent }))
}

/// Whether a cell says that there is no value.
#[must_use]
pub fn is_missing(text: &str) -> bool {
    let text = text.trim();
    matches!(text, "" | "-" | "–" | "—")
        || ["n/a", "na", "#n/a", "null", "none", "nan"].contains(&&*text.to_ascii_lowercase())
}

/// An amount of a marketplace's money in its minor unit, rounded half up; 0, negative and absurd ones are
/// missing, as everywhere.
#[must_use]
pub fn minor_units(value: Decimal, marketplace: Domain) -> Option<i64> {
    value
        .checked_mul(Decimal::from(marketplace.minor_units()))?
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
        .filter(|minor| (1..=MAX_AMOUNT).contains(minor))
}

/// A share in percent: `27%` and `27` are 27, and so is `0.27`; without a sign, 1 or less is a fraction.
#[must_use]
pub fn percent(number: Number) -> Option<Decimal> {
    let fraction = !number.percent && number.value <= Decimal::ONE;
    let percent = if fraction { number.value * Decimal::ONE_HUNDRED } else { number.value };
    Some(percent).filter(|p| !p.is_sign_negative() && *p <= Decimal::ONE_HUNDRED)
}

/// Signs and codes of currencies, longest first, with what they may stand for. `-C0A` is what is left of
/// a euro sign in exports from Germany.
const CURRENCIES: [(&str, &[&str]); 26] = [
    ("-c0a", &["EUR"]),
    ("â‚¬", &["EUR"]),
    ("us$", &["USD"]),
    ("ca$", &["CAD"]),
    ("mx$", &["MXN"]),
    ("eur", &["EUR"]),
    ("usd", &["USD"]),
    ("gbp", &["GBP"]),
    ("jpy", &["JPY"]),
    ("cad", &["CAD"]),
    ("inr", &["INR"]),
    ("mxn", &["MXN"]),
    ("brl", &["BRL"]),
    ("rs.", &["INR"]),
    ("c$", &["CAD"]),
    ("r$", &["BRL"]),
    ("rs", &["INR"]),
    ("â£", &["GBP"]),
    ("â¥", &["JPY"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("¥", &["JPY"]),
    ("￥", &["JPY"]),
    ("円", &["JPY"]),
    ("₹", &["INR"]),
    ("$", &["USD", "CAD", "MXN"]),
];

/// A number taken apart: its digits and separators.
#[derive(Debug)]
struct Parts {
    negative: bool,
    /// Digits, points and commas.
    body: String,
    currencies: &'static [&'static str],
    percent: bool,
}

fn split(text: &str) -> Result<Option<Parts>, NotANumber> {
    if is_missing(text) {
        return Ok(None);
    }
    if text.chars().nth(MOST_CHARACTERS).is_some() {
        return Err(NotANumber);
    }
    let lower = text.trim().to_lowercase();
    let mut rest = lower.as_str();
    let mut currencies: &'static [&'static str] = &[];
    let mut percent = false;
    let mut negative = false;
    let blank = |c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{202f}';
    loop {
        let before = rest;
        rest = rest.trim_matches(blank);
        for (sign, codes) in CURRENCIES {
            if let Some(bare) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)) {
                if !currencies.is_empty() {
                    return Err(NotANumber);
                }
                (rest, currencies) = (bare, codes);
                break;
            }
        }
        if let Some(bare) = rest.strip_suffix('%').filter(|_| !percent) {
            (rest, percent) = (bare, true);
        }
        let signed = rest.strip_prefix('-').or_else(|| rest.strip_prefix('−'));
        let bracketed = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')'));
        if let Some(bare) = signed.or(bracketed).filter(|_| !negative) {
            (rest, negative) = (bare, true);
        } else if let Some(bare) = rest.strip_prefix('+') {
            rest = bare;
        }
        if rest == before {
            break;
        }
    }
    let mut body = String::with_capacity(rest.len());
    for c in rest.chars() {
        match c {
            '0'..='9' | '.' | ',' => body.push(c),
            // Between digits, blanks and apostrophes group thousands.
            c if blank(c) || c == '\'' || c == '’' => {}
            _ => return Err(NotANumber),
        }
    }
    if body.bytes().any(|b| b.is_ascii_digit()) {
        Ok(Some(Parts { negative, body, currencies, percent }))
    } else {
        Err(NotANumber)
    }
}

impl Parts {
    /// How often each separator stands in it, and the last one.
    fn marks(&self) -> (usize, usize, Option<char>) {
        let count = |mark| self.body.matches(mark).count();
        (count('.'), count(','), self.body.chars().rev().find(|c| matches!(c, '.' | ',')))
    }

    /// Whether a single separator may as well group thousands: one to three digits, the first not 0,
    /// then exactly three.
    fn may_group(&self, mark: char) -> bool {
        self.body.split_once(mark).is_some_and(|(whole, rest)| {
            (1..=3).contains(&whole.len()) && !whole.starts_with('0') && rest.len() == 3
        })
    }

    /// The decimal mark, when there is only one way to read it.
    fn certain_mark(&self) -> Option<char> {
        match self.marks() {
            (0, 0, _) => None,
            (1, 0, _) if !self.may_group('.') => Some('.'),
            (0, 1, _) if !self.may_group(',') => Some(','),
            (p, c, Some(last)) if p > 0 && c > 0 => Some(last),
            // Only one kind, several times: it groups thousands, so the other one is the decimal mark.
            (0, c, _) if c > 1 => Some('.'),
            (p, 0, _) if p > 1 => Some(','),
            _ => None,
        }
    }

    fn value(&self, style: DecimalMark) -> Option<Decimal> {
        let by_style = match style {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        };
        let mark = self.certain_mark().unwrap_or(by_style);
        let group = if mark == '.' { ',' } else { '.' };
        let (whole, decimals) = self.body.split_once(mark).unwrap_or((&self.body, ""));
        if decimals.contains(['.', ',']) {
            return None;
        }
        let groups: Vec<&str> = whole.split(group).collect();
        let grouped = groups.len() > 1;
        if grouped
            && (groups[0].is_empty() || groups[0].len() > 3 || groups[1..].iter().any(|g| g.len() != 3))
        {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        let whole = groups.concat();
        let whole = if whole.is_empty() { "0" } else { &whole };
        let text =
            if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") };
        Decimal::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> String {
        value_in(text, DecimalMark::Point)
    }

    fn value_in(text: &str, mark: DecimalMark) -> String {
        match number(text, mark) {
            Ok(Some(number)) => number.value.to_string(),
            Ok(None) => "missing".to_owned(),
            Err(NotANumber) => "wrong".to_owned(),
        }
    }

    #[test]
    fn amounts_are_read_whatever_their_currency_sign_and_separators() {
        for (text, expected) in [
            ("77.99 -C0A", "77.99"),
            ("1,234.56 -C0A", "1234.56"),
            ("77,99 €", "77.99"),
            ("1.234,56 EUR", "1234.56"),
            ("$ 12.99", "12.99"),
            ("-$12.99", "-12.99"),
            ("($12.99)", "-12.99"),
            ("£9", "9"),
            ("￥1,234", "1234"),
            ("1 234,50", "1234.50"),
            ("1'234.50", "1234.50"),
            ("12,345,678", "12345678"),
            (".5", "0.5"),
            ("70.", "70"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_follows_the_file() {
        assert_eq!(value_in("1,234", DecimalMark::Point), "1234");
        assert_eq!(value_in("1,234", DecimalMark::Comma), "1.234");
        assert_eq!(value_in("1.234", DecimalMark::Comma), "1234");
        assert_eq!(value_in("0,125", DecimalMark::Point), "0.125");
        assert_eq!(DecimalMark::of(["1,234", "9,99", "-", "x"]), DecimalMark::Comma);
        assert_eq!(DecimalMark::of(["1,234", "9.99"]), DecimalMark::Point);
        assert_eq!(DecimalMark::of(["1,234"]), DecimalMark::Point);
        assert_eq!(DecimalMark::of(["1.234.567"]), DecimalMark::Comma);
    }

    #[test]
    fn empty_cells_and_dashes_are_missing_and_other_text_is_an_error() {
        for text in ["", " ", "-", "–", "N/A", "null", "NaN"] {
            assert_eq!(value(text), "missing", "{text}");
        }
        for text in ["POA", "1.2.3,4,5", "12 apples", "1e3", "--5", "€ €5", "$", ",", "1,23,456", "5 6 x"]
        {
            assert_eq!(value(text), "wrong", "{text}");
        }
    }

    #[test]
    fn a_share_is_a_fraction_or_carries_its_sign() {
        let of = |text| {
            percent(number(text, DecimalMark::Point).unwrap().unwrap()).map(|p| p.normalize().to_string())
        };
        assert_eq!(of("0.27").as_deref(), Some("27"));
        assert_eq!(of("0.1501").as_deref(), Some("15.01"));
        assert_eq!(of("1").as_deref(), Some("100"));
        assert_eq!(of("100%").as_deref(), Some("100"));
        assert_eq!(of("1 %").as_deref(), Some("1"));
        assert_eq!(of("15").as_deref(), Some("15"));
        assert_eq!(of("-0.1"), None);
        assert_eq!(of("250%"), None);
    }

    #[test]
    fn amounts_become_minor_units_rounded_half_up() {
        let of = |text: &str, marketplace| minor_units(text.parse().unwrap(), marketplace);
        assert_eq!(of("77.99", Domain::De), Some(7799));
        assert_eq!(of("1.375", Domain::Us), Some(138));
        assert_eq!(of("1234", Domain::Jp), Some(1234));
        assert_eq!(
            (of("0", Domain::Us), of("-1", Domain::Us), of("99999999999", Domain::Us)),
            (None, None, None)
        );
    }

    proptest::proptest! {
        #[test]
        fn cents_survive_both_ways_of_writing(cents in 1_i64..1_000_000_000) {
            let (whole, rest) = (cents / 100, cents % 100);
            let mut grouped = whole.to_string();
            let mut i = grouped.len();
            while i > 3 {
                i -= 3;
                grouped.insert(i, '.');
            }
            for text in [format!("{whole}.{rest:02}"), format!("{grouped},{rest:02} €")] {
                let read = number(&text, DecimalMark::Point).unwrap().unwrap();
                proptest::prop_assert_eq!(minor_units(read.value, Domain::De), Some(cents));
            }
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = number(&text, DecimalMark::Comma).map(|n| n.and_then(percent));
        }
    }
}
