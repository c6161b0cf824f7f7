//! Product codes: ASIN, ISBN-10 and -13, UPC, EAN, GTIN-14, with their check digits.
//!
//! Spreadsheets damage codes: they drop leading zeros and write `9.78E+12`. Zeros are restored when the
//! check digit then fits; digits that are gone are reported. A book's ASIN is its ISBN-10, so an ISBN
//! needs no look-up.

use keepa::Asin;
use thiserror::Error;

/// A code in its common form: 14 digits, filled with zeros on the left, check digit right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtin([u8; 14]);

impl Gtin {
    /// Reads a code as Keepa writes it: 6 to 14 digits with a right check digit, zeros at will.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = digits(text.trim())?;
        let gtin = Self::padded(&digits)?;
        gtin.is_right().then_some(gtin)
    }

    fn padded(digits: &[u8]) -> Option<Self> {
        let mut all = [0; 14];
        let first = 14_usize.checked_sub(digits.len())?;
        all[first..].copy_from_slice(digits);
        (digits.len() >= 6 && digits.iter().any(|d| *d > 0)).then_some(Self(all))
    }

    /// The check digit makes the weighted sum a multiple of ten; zeros on the left change nothing.
    fn is_right(self) -> bool {
        weighted(&self.0).is_multiple_of(10)
    }

    /// As it is printed and as Keepa takes it: 8, 12, 13 or 14 digits.
    #[must_use]
    pub fn code(self) -> String {
        let zeros = self.0.iter().take_while(|d| **d == 0).count();
        let length = match 14 - zeros {
            ..=8 => 8,
            9..=12 => 12,
            13 => 13,
            _ => 14,
        };
        self.0[14 - length..].iter().map(|d| char::from(b'0' + d)).collect()
    }

    /// The ISBN-10 of an ISBN-13 that has one: those that begin with 978.
    #[must_use]
    pub fn isbn10(self) -> Option<Asin> {
        let body = self.0.strip_prefix(&[0, 9, 7, 8])?.get(..9)?;
        let check = match isbn10_check(body) {
            10 => 'X',
            digit => char::from(b'0' + digit),
        };
        let text: String = body.iter().map(|d| char::from(b'0' + d)).chain([check]).collect();
        text.parse().ok()
    }

    /// The ISBN-13 of an ISBN-10.
    #[must_use]
    pub fn from_isbn10(isbn10: Asin) -> Option<Self> {
        let body = isbn10_body(isbn10.as_str())?;
        let mut all = [0; 14];
        all[1..4].copy_from_slice(&[9, 7, 8]);
        all[4..13].copy_from_slice(&body);
        all[13] = u8::try_from((10 - weighted(&all) % 10) % 10).ok()?;
        Some(Self(all))
    }
}

impl std::fmt::Display for Gtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.code())
    }
}

/// From the right the digits weigh 1, 3, 1, 3 …
fn weighted(digits: &[u8; 14]) -> u32 {
    digits.iter().zip([3, 1].iter().cycle()).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// The check digit of nine ISBN digits: 0 to 9, and 10 for X.
fn isbn10_check(body: &[u8]) -> u8 {
    let sum: u32 = body.iter().zip((2..=10).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    u8::try_from((11 - sum % 11) % 11).unwrap_or(0)
}

/// The nine digits of an ISBN-10 whose check digit is right.
fn isbn10_body(text: &str) -> Option<[u8; 9]> {
    let (body, check) = text.split_at_checked(9)?;
    let body: [u8; 9] = digits(body)?.try_into().ok()?;
    let check = match check {
        "X" | "x" => 10,
        digit => *digits(digit)?.first().filter(|_| digit.len() == 1)?,
    };
    (isbn10_check(&body) == check && body.iter().any(|d| *d > 0)).then_some(body)
}

/// Whether an ASIN is a book's: an ISBN-10 with a right check digit.
#[must_use]
pub fn is_isbn10(asin: Asin) -> bool {
    isbn10_body(asin.as_str()).is_some()
}

fn digits(text: &str) -> Option<Vec<u8>> {
    text.bytes().map(|b| b.is_ascii_digit().then(|| b - b'0')).collect()
}

/// What a column holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeKind {
    /// Amazon's own numbers.
    Asin,
    /// ISBN-10 or ISBN-13.
    Isbn,
    /// EAN-13, EAN-8.
    Ean,
    /// UPC-A.
    Upc,
    /// GTIN of any length.
    Gtin,
    /// Any of them.
    Any,
}

/// What a code leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// One product, without a look-up.
    Asin(Asin),
    /// Whatever products carry this code.
    Code(Gtin),
}

impl std::fmt::Display for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asin(asin) => asin.fmt(f),
            Self::Code(code) => code.fmt(f),
        }
    }
}

/// A code as it was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// What it leads to.
    pub product: Product,
    /// Whether leading zeros were put back.
    pub restored: bool,
}

/// Why a text is no usable code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Nothing there.
    #[error("no product code in this row")]
    Missing,
    /// Written as `9.78E+12`: digits are gone.
    #[error("'{0}' has lost digits in a spreadsheet: format the column as text and export it again")]
    Damaged(String),
    /// The right form, but a digit is wrong.
    #[error("'{0}' has a wrong check digit: a digit is mistyped or missing")]
    CheckDigit(String),
    /// With its zeros back it could be an ISBN-10 or a UPC.
    #[error("'{0}' has lost leading zeros and could be an ISBN-10 or a UPC: restore them")]
    Ambiguous(String),
    /// None of the codes.
    #[error("'{0}' is no ASIN, ISBN, UPC, EAN or GTIN")]
    NotACode(String),
}

impl CodeError {
    /// A stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "no_product_code",
            Self::Damaged(_) => "damaged_code",
            Self::CheckDigit(_) => "wrong_check_digit",
            Self::Ambiguous(_) => "ambiguous_code",
            Self::NotACode(_) => "not_a_product_code",
        }
    }
}

/// Reads a code from a column of a kind.
pub fn parse(text: &str, kind: CodeKind) -> Result<Code, CodeError> {
    let given = text.trim();
    if crate::number::is_missing(given) {
        return Err(CodeError::Missing);
    }
    let shown = || given.chars().take(40).collect::<String>();
    let bare = bare(given);
    let bare = match scientific(&bare) {
        Scientific::No => bare,
        Scientific::Whole(digits) => digits,
        Scientific::Damaged => return Err(CodeError::Damaged(shown())),
    };
    let found = |product, restored| Ok(Code { product, restored });
    let isbn = |text: &str| isbn10_body(text).and_then(|_| text.parse().ok()).map(Product::Asin);
    let numeric = bare.bytes().all(|b| b.is_ascii_digit());
    if !numeric || kind == CodeKind::Asin {
        return match isbn(&bare).or_else(|| asin(&bare, kind)) {
            Some(product) => found(product, false),
            // 080442957X that lost its zero.
            None if bare.len() == 9 => match isbn(&format!("0{bare}")) {
                Some(product) => found(product, true),
                None => Err(CodeError::NotACode(shown())),
            },
            None if bare.len() == 10 && numeric => Err(CodeError::CheckDigit(shown())),
            None if bare.len() == 10 && bare.as_bytes()[..9].iter().all(u8::is_ascii_digit) => {
                Err(CodeError::CheckDigit(shown()))
            }
            None => Err(CodeError::NotACode(shown())),
        };
    }
    if !(6..=14).contains(&bare.len()) {
        return Err(CodeError::NotACode(shown()));
    }
    let of_books = matches!(kind, CodeKind::Isbn | CodeKind::Any);
    let book = match bare.len() {
        8..=10 => isbn(&format!("{bare:0>10}")).filter(|_| of_books || bare.len() == 10),
        _ => None,
    };
    let code = Gtin::parse(&bare).filter(|_| kind != CodeKind::Isbn || bare.len() == 13);
    let short = !matches!(bare.len(), 8 | 12 | 13 | 14);
    match (book, code) {
        // Ten digits are an ISBN-10 as they stand; a UPC would have lost two.
        (Some(product), _) if bare.len() == 10 && of_books => found(product, false),
        (Some(_), Some(_)) if kind == CodeKind::Any && short => Err(CodeError::Ambiguous(shown())),
        (Some(product), None) => found(product, bare.len() < 10),
        (_, Some(code)) => found(code.isbn10().map_or(Product::Code(code), Product::Asin), short),
        (None, None) => Err(CodeError::CheckDigit(shown())),
    }
}

/// Amazon's own numbers begin with B; under another heading than ASIN anything else is a supplier's own
/// number, on which no token should be spent.
fn asin(text: &str, kind: CodeKind) -> Option<Product> {
    let starts =
        text.starts_with(|c: char| if kind == CodeKind::Asin { c.is_ascii_uppercase() } else { c == 'B' });
    text.parse().ok().filter(|_| starts && text.bytes().any(|b| b.is_ascii_digit())).map(Product::Asin)
}

/// Without what people and spreadsheets write around a code: `ISBN 978-0-…`, `="00012"`, `'00012`, `12.0`.
fn bare(text: &str) -> String {
    let text = text.trim_start_matches('=').trim_matches(['"', '\'', '’', '\u{feff}']);
    let upper = text.to_uppercase();
    let mut rest = upper.trim();
    for label in ["ISBN-13", "ISBN-10", "ISBN13", "ISBN10", "ISBN", "ASIN", "EAN", "UPC", "GTIN"] {
        if let Some(behind) = rest.strip_prefix(label) {
            rest = behind.trim_start_matches([':', ' ', '#', '.']);
            break;
        }
    }
    let whole = rest.strip_suffix(".0").or_else(|| rest.strip_suffix(".00")).unwrap_or(rest);
    let whole = if whole.bytes().all(|b| b.is_ascii_digit()) { whole } else { rest };
    whole.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '\u{a0}')).collect()
}

enum Scientific {
    No,
    Whole(String),
    Damaged,
}

/// `9.78059E+12`: whole only when all digits before the zeros are written out.
fn scientific(text: &str) -> Scientific {
    let Some((mantissa, exponent)) = text.split_once('E') else { return Scientific::No };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let numeric = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let Ok(exponent) = exponent.parse::<usize>() else { return Scientific::No };
    if whole.is_empty()
        || !numeric(whole)
        || !numeric(decimals)
        || !(mantissa.contains(['.', ',']) || exponent > 1)
    {
        return Scientific::No;
    }
    // A ten-character ASIN such as B00E… has letters before the E; 123E4567890 is none either way.
    if decimals.len() == exponent {
        Scientific::Whole(format!("{whole}{decimals}"))
    } else {
        Scientific::Damaged
    }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
