//! Kinds of single values.

use crate::domain::Domain;
use crate::ids::{Asin, CategoryId, SellerId};
use crate::time::KeepaTime;
use crate::wire::Decode;
use crate::wire::json::{Fault, Reader, Scalar};

#[expect(
    clippy::cast_possible_truncation,
    reason = "float to integer casts saturate, which is what is wanted"
)]
fn rounded(number: f64) -> Option<i64> {
    number.is_finite().then(|| number.round() as i64)
}

pub(super) fn int_of_text(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| rounded(text.parse().ok()?))
}

impl Scalar<'_> {
    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Real(number) => rounded(*number),
            Self::Text(text) => int_of_text(text),
            Self::Bool(_) | Self::Missing => None,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is read as a fraction is a percentage or a small number"
    )]
    fn real(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bool(_) | Self::Missing => None,
        }
        .filter(|number| number.is_finite())
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            other => match other.int() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.into_owned()).filter(|text| !text.is_empty()),
            Self::Int(number) => Some(number.to_string()),
            Self::Real(number) => Some(number.to_string()),
            Self::Bool(_) | Self::Missing => None,
        }
    }
}

/// Declares kinds that are made from a scalar.
macro_rules! scalar_kinds {
    ($( $(#[$meta:meta])* $name:ident -> $out:ty = $make:expr; )*) => { $(
        $(#[$meta])*
        pub(crate) struct $name;
        impl Decode for $name {
            type Out = Option<$out>;
            fn decode(reader: &mut Reader<'_>) -> Result<Option<$out>, Fault> {
                let make: fn(Scalar<'_>) -> Option<$out> = $make;
                Ok(make(reader.scalar()?))
            }
        }
    )* };
}

scalar_kinds! {
    /// Any whole number, negative ones included.
    Whole -> i64 = |value| value.int();
    /// A whole number; negative is missing.
    Count -> i64 = |value| value.int().filter(|&number| number >= 0);
    /// A whole number; zero and negative are missing.
    Positive -> i64 = |value| value.int().filter(|&number| number > 0);
    /// Keepa minutes; zero and negative are missing.
    Time -> KeepaTime = |value| value.int().filter(|&number| number > 0).map(KeepaTime::saturating);
    /// A fraction, negative ones included.
    Real -> f64 = |value| value.real();
    /// A fraction; negative is missing.
    Share -> f64 = |value| value.real().filter(|&number| number >= 0.0);
    /// A truth value; 0 and 1 count as such.
    Flag -> bool = |value| value.flag();
    /// A text; empty is missing, a number is taken as its text.
    Text -> String = |value| value.text();
    /// A category; 0, negative and the largest number are missing.
    Category -> CategoryId = |value| value.int().and_then(CategoryId::known);
    /// A marketplace by its number.
    DomainNumber -> Domain = |value| value.int().and_then(Domain::from_id);
    /// An ASIN; anything else is missing.
    AsinText -> Asin = |value| match value { Scalar::Text(text) => text.parse().ok(), _ => None };
    /// A seller id; `-1`, `-2`, empty and anything else are missing.
    Seller -> SellerId = |value| match value { Scalar::Text(text) => text.parse().ok(), _ => None };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<K: Decode>(json: &str) -> K::Out {
        K::decode(&mut Reader::new(json)).unwrap()
    }

    #[test]
    fn a_number_is_read_in_any_dress() {
        for (json, number) in [
            ("12", Some(12)),
            ("\"12\"", Some(12)),
            ("12.0", Some(12)),
            ("12.4", Some(12)),
            ("1.2e1", Some(12)),
            ("null", None),
            ("{\"a\":[1,{}]}", None),
            ("[1,[2]]", None),
            ("true", None),
            ("\"twelve\"", None),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(i64::MIN)),
            ("1e400", None),
        ] {
            assert_eq!(read::<Whole>(json), number, "{json}");
        }
    }

    #[test]
    fn sentinels_are_missing() {
        assert_eq!(read::<Count>("-1"), None);
        assert_eq!(read::<Count>("-2"), None);
        assert_eq!(read::<Count>("0"), Some(0));
        assert_eq!(read::<Positive>("0"), None);
        assert_eq!(read::<Time>("0"), None);
        assert_eq!(read::<Category>("9223372036854775807"), None);
        assert_eq!(read::<Seller>("\"-2\""), None);
        assert_eq!(read::<Text>("\"\""), None);
    }

    #[test]
    fn truth_is_read_in_any_dress() {
        for (json, flag) in
            [("true", Some(true)), ("0", Some(false)), ("\"TRUE\"", Some(true)), ("7", None), ("null", None)]
        {
            assert_eq!(read::<Flag>(json), flag, "{json}");
        }
    }
}
