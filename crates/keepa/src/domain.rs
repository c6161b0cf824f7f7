//! The Amazon marketplaces that Keepa covers ("domains" in Keepa's words).
//!
//! To add one: a variant, its row in [`Domain::facts`], its place in [`Domain::ALL`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An Amazon marketplace.
///
/// Serialised as its [`code`](Domain::code). Id 7 (formerly China) is reserved and has no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// amazon.com, id 1.
    Us,
    /// amazon.co.uk, id 2.
    Uk,
    /// amazon.de, id 3.
    De,
    /// amazon.fr, id 4.
    Fr,
    /// amazon.co.jp, id 5. Prices are whole yen.
    Jp,
    /// amazon.ca, id 6.
    Ca,
    /// amazon.it, id 8.
    It,
    /// amazon.es, id 9.
    Es,
    /// amazon.in, id 10.
    In,
    /// amazon.com.mx, id 11.
    Mx,
    /// amazon.com.br, id 12. Not available for best sellers and top sellers.
    Br,
}

impl Domain {
    /// Every marketplace, by ascending id.
    pub const ALL: [Self; 11] = [
        Self::Us,
        Self::Uk,
        Self::De,
        Self::Fr,
        Self::Jp,
        Self::Ca,
        Self::It,
        Self::Es,
        Self::In,
        Self::Mx,
        Self::Br,
    ];

    /// `(id, code, top-level domain, currency)`.
    const fn facts(self) -> (u8, &'static str, &'static str, &'static str) {
        match self {
            Self::Us => (1, "us", "com", "USD"),
            Self::Uk => (2, "uk", "co.uk", "GBP"),
            Self::De => (3, "de", "de", "EUR"),
            Self::Fr => (4, "fr", "fr", "EUR"),
            Self::Jp => (5, "jp", "co.jp", "JPY"),
            Self::Ca => (6, "ca", "ca", "CAD"),
            Self::It => (8, "it", "it", "EUR"),
            Self::Es => (9, "es", "es", "EUR"),
            Self::In => (10, "in", "in", "INR"),
            Self::Mx => (11, "mx", "com.mx", "MXN"),
            Self::Br => (12, "br", "com.br", "BRL"),
        }
    }

    /// Keepa's number for the marketplace, as sent in the `domain` parameter.
    #[must_use]
    pub const fn id(self) -> u8 {
        self.facts().0
    }

    /// The marketplace with this Keepa id; `None` for 7 (reserved) and anything unknown.
    #[must_use]
    pub fn from_id(id: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| i64::from(domain.id()) == id)
    }

    /// The two-letter code used in files and on the command line, e.g. `uk`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.facts().1
    }

    /// What follows `amazon.` in the address, e.g. `co.uk`.
    #[must_use]
    pub const fn tld(self) -> &'static str {
        self.facts().2
    }

    /// The ISO 4217 code of the currency of every price of the marketplace.
    #[must_use]
    pub const fn currency(self) -> &'static str {
        self.facts().3
    }

    /// How many of Keepa's price units make one major unit: 100, or 1 for the undivided yen.
    #[must_use]
    pub const fn minor_units(self) -> i64 {
        match self {
            Self::Jp => 1,
            _ => 100,
        }
    }
}

/// The text names no marketplace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a marketplace; use one of us, uk, de, fr, jp, ca, it, es, in, mx, br")]
pub struct UnknownDomain {
    /// What was given, cut to 40 characters.
    pub input: String,
}

impl FromStr for Domain {
    type Err = UnknownDomain;

    /// Accepts the code, the address (`amazon.co.uk`, `www.amazon.de`), its ending, Keepa's id and `gb`, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownDomain> {
        let lower = text.trim().to_ascii_lowercase();
        let bare = lower.strip_prefix("www.").unwrap_or(&lower);
        let bare = bare.strip_prefix("amazon.").unwrap_or(bare);
        if bare == "gb" {
            return Ok(Self::Uk);
        }
        Self::ALL
            .into_iter()
            .find(|domain| domain.code() == bare || domain.tld() == bare || bare.parse() == Ok(domain.id()))
            .ok_or_else(|| UnknownDomain { input: text.chars().take(40).collect() })
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marketplace_is_found_by_each_of_its_names() {
        for domain in Domain::ALL {
            for name in [
                domain.code().to_owned(),
                domain.code().to_uppercase(),
                domain.id().to_string(),
                format!("amazon.{}", domain.tld()),
                format!(" www.amazon.{} ", domain.tld()),
            ] {
                assert_eq!(name.parse(), Ok(domain), "{name}");
            }
            assert_eq!(Domain::from_id(domain.id().into()), Some(domain));
        }
        assert_eq!("GB".parse(), Ok(Domain::Uk));
    }

    #[test]
    fn the_reserved_id_is_no_marketplace_and_the_error_lists_the_codes() {
        assert_eq!(Domain::from_id(7), None);
        let error = "cn".parse::<Domain>().unwrap_err().to_string();
        for domain in Domain::ALL {
            assert!(error.contains(domain.code()), "{error}");
        }
    }

    #[test]
    fn only_the_yen_is_undivided() {
        for domain in Domain::ALL {
            assert_eq!(domain.minor_units() == 1, domain.currency() == "JPY");
        }
    }
}
