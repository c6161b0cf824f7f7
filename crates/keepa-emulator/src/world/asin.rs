//! From product number to ASIN and back, by a seeded permutation: no table is held.

use super::traits::placed;
use crate::rng::{Permutation, mix};

/// ISBN-10 bodies with an English group digit (0 or 1) and eight more digits.
const ISBN_BODIES: u64 = 200_000_000;
/// Where the parents of variation families are numbered, beyond all products.
const PARENTS: u64 = 1 << 36;

/// The two-way mapping of one seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    seed: u64,
    products: u32,
    isbn: Permutation,
    other: Permutation,
}

/// What an ASIN stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Product(u32),
    /// The parent of a variation family.
    Parent(u32),
}

impl Codec {
    pub(crate) const fn new(seed: u64, products: u32) -> Self {
        Self {
            seed,
            products,
            isbn: Permutation::new(mix(seed ^ 0x0015_B410), 28),
            other: Permutation::new(mix(seed ^ 0x00B0_A514), 40),
        }
    }

    /// The ASIN of a product.
    pub(crate) fn asin(&self, index: u32) -> String {
        if placed(self.seed, index).0.is_book() {
            isbn10(self.isbn_body(index))
        } else {
            base36(self.other.forward(u64::from(index)))
        }
    }

    /// The ASIN of a family's parent.
    pub(crate) fn parent(&self, family: u32) -> String {
        base36(self.other.forward(PARENTS + u64::from(family)))
    }

    /// Nine digits that identify a book, with or without being written as ISBN-10 or ISBN-13.
    pub(crate) fn isbn_body(&self, index: u32) -> u64 {
        let mut value = self.isbn.forward(u64::from(index));
        while value >= ISBN_BODIES {
            value = self.isbn.forward(value);
        }
        value
    }

    /// What this ASIN is here; `None` for an unknown one.
    pub(crate) fn lookup(&self, asin: &str) -> Option<Known> {
        if asin.len() != 10 || !asin.is_ascii() {
            return None;
        }
        if let Some(code) = asin.strip_prefix("B0") {
            let value = u64::from_str_radix(code, 36)
                .ok()
                .filter(|_| !code.bytes().any(|b| b.is_ascii_lowercase()))?;
            if value >= 1 << 40 {
                return None;
            }
            let number = self.other.backward(value);
            if let Some(family) = number.checked_sub(PARENTS) {
                let family = u32::try_from(family).ok()?;
                let first = family.checked_mul(4)?;
                return (first < self.products && placed(self.seed, first).1.is_some())
                    .then_some(Known::Parent(family));
            }
            let index = u32::try_from(number).ok().filter(|index| *index < self.products)?;
            return (!placed(self.seed, index).0.is_book()).then_some(Known::Product(index));
        }
        self.by_isbn_body(asin.get(..9)?.parse().ok()?)
            .filter(|index| self.asin(*index) == asin)
            .map(Known::Product)
    }

    /// The book with these nine digits.
    fn by_isbn_body(&self, body: u64) -> Option<u32> {
        if body >= ISBN_BODIES {
            return None;
        }
        let mut value = self.isbn.backward(body);
        while value >= ISBN_BODIES {
            value = self.isbn.backward(value);
        }
        u32::try_from(value)
            .ok()
            .filter(|index| *index < self.products && placed(self.seed, *index).0.is_book())
    }

    /// The product with this EAN, ISBN-13 or UPC.
    pub(crate) fn lookup_code(&self, code: &str) -> Option<u32> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        match digits.len() {
            13 if digits.starts_with("978") => {
                self.by_isbn_body(digits[3..12].parse().ok()?).filter(|index| self.ean(*index) == digits)
            }
            12 => {
                let index = digits[1..11].parse::<u64>().ok()?.checked_sub(UPC_BASE)?;
                let index = u32::try_from(index).ok().filter(|index| *index < self.products)?;
                self.upc(index).filter(|upc| *upc == digits).map(|_| index)
            }
            13 => self.lookup_code(&digits[1..]),
            _ => None,
        }
    }

    /// The EAN-13 of a product: ISBN-13 for books, else its UPC with a leading zero.
    pub(crate) fn ean(&self, index: u32) -> String {
        self.upc(index)
            .map_or_else(|| ean13(978_000_000_000 + self.isbn_body(index)), |upc| format!("0{upc}"))
    }

    /// The UPC-A; none for books.
    pub(crate) fn upc(&self, index: u32) -> Option<String> {
        (!placed(self.seed, index).0.is_book()).then(|| {
            let with_check = ean13(80_000_000_000 + UPC_BASE + u64::from(index));
            with_check[1..].to_owned()
        })
    }
}

/// Synthetic UPCs begin with 8 followed by this number plus the product's.
const UPC_BASE: u64 = 4_100_000_000;

/// ISBN-10 with its check digit, from nine digits.
pub(crate) fn isbn10(body: u64) -> String {
    let digits = format!("{body:09}");
    let sum: u64 =
        digits.bytes().zip((2..=10).rev()).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    match (11 - sum % 11) % 11 {
        10 => format!("{digits}X"),
        check => format!("{digits}{check}"),
    }
}

/// EAN-13 with its check digit, from twelve digits.
pub(crate) fn ean13(body: u64) -> String {
    let digits = format!("{body:012}");
    let sum: u64 = digits
        .bytes()
        .enumerate()
        .map(|(place, digit)| u64::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn base36(mut value: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut code = [b'0'; 8];
    for place in code.iter_mut().rev() {
        *place = DIGITS[usize::try_from(value % 36).unwrap_or(0)];
        value /= 36;
    }
    format!("B0{}", String::from_utf8_lossy(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_known_books() {
        assert_eq!(isbn10(30_640_615), "0306406152");
        assert_eq!(isbn10(184_297_291), "184297291X");
        assert_eq!(ean13(978_030_640_615), "9780306406157");
    }

    #[test]
    fn every_asin_and_code_leads_back_to_its_product() {
        let codec = Codec::new(7, 5_000);
        let mut seen = std::collections::HashSet::new();
        for index in 0..5_000 {
            let asin = codec.asin(index);
            assert_eq!(asin.len(), 10);
            assert_eq!(codec.lookup(&asin), Some(Known::Product(index)), "{asin}");
            assert_eq!(codec.lookup_code(&codec.ean(index)), Some(index));
            assert!(seen.insert(asin));
            if let Some(family) = placed(7, index).1 {
                assert_eq!(codec.lookup(&codec.parent(family)), Some(Known::Parent(family)));
            }
        }
        for unknown in ["XXXXXXXXXX", "B000000000", "0000000000", "0306406152", "b0c0000000", "", "ÄÄÄÄÄ"]
        {
            assert_eq!(codec.lookup(unknown), None, "{unknown}");
        }
    }
}
