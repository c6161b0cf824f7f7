//! Identifiers: ASIN, category, seller. Each keeps its form, so that a wrong one is found where it enters.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Amazon's number of a product: ten characters of `A`–`Z` and `0`–`9`. A book's is its ISBN-10.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asin([u8; 10]);

impl Asin {
    /// The ten characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored, so the default is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Why a text is not an [`Asin`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not an ASIN: {reason}")]
pub struct InvalidAsin {
    /// What was given, cut to 40 characters.
    pub input: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FromStr for Asin {
    type Err = InvalidAsin;

    /// Trims and upper-cases first.
    fn from_str(text: &str) -> Result<Self, InvalidAsin> {
        let trimmed = text.trim();
        let wrong = |reason: String| InvalidAsin { input: trimmed.chars().take(40).collect(), reason };
        if let Some(odd) = trimmed.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(wrong(format!("`{odd}` is neither a letter A-Z nor a digit")));
        }
        let bytes = <[u8; 10]>::try_from(trimmed.as_bytes())
            .map_err(|_| wrong(format!("{} instead of 10 characters", trimmed.len())))?;
        Ok(Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }
}

impl fmt::Display for Asin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Asin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asin({})", self.as_str())
    }
}

impl AsRef<str> for Asin {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Serialize for Asin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Asin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The number of an Amazon category (browse node). Needs 64 bits; the default, 0, is no category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryId(pub i64);

impl CategoryId {
    /// `None` for what Keepa uses as "unknown" (0 and negative) and "no root" (the largest 64-bit number).
    #[must_use]
    pub const fn known(id: i64) -> Option<Self> {
        if id <= 0 || id == i64::MAX { None } else { Some(Self(id)) }
    }
}

impl fmt::Display for CategoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CategoryId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Self)
    }
}

/// Amazon's id of a seller, e.g. `ATVPDKIKX0DER` (Amazon US). At most 23 ASCII characters; kept inline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SellerId {
    bytes: [u8; 23],
    length: u8,
}

impl SellerId {
    /// The id's characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// The text has not the form of a seller id: 1 to 23 letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not a seller id: it has 1 to 23 letters and digits")]
pub struct InvalidSellerId {
    /// What was given, cut to 40 characters.
    pub input: String,
}

impl FromStr for SellerId {
    type Err = InvalidSellerId;

    /// Trims and upper-cases first (Keepa writes some ids in lower case).
    fn from_str(text: &str) -> Result<Self, InvalidSellerId> {
        let trimmed = text.trim().as_bytes();
        let mut bytes = [0; 23];
        match (bytes.get_mut(..trimmed.len()), u8::try_from(trimmed.len())) {
            (Some(target), Ok(length)) if length > 0 && trimmed.iter().all(u8::is_ascii_alphanumeric) => {
                target.copy_from_slice(trimmed);
                target.make_ascii_uppercase();
                Ok(Self { bytes, length })
            }
            _ => Err(InvalidSellerId { input: text.chars().take(40).collect() }),
        }
    }
}

impl fmt::Display for SellerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SellerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SellerId({})", self.as_str())
    }
}

impl Serialize for SellerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asin_is_trimmed_and_upper_cased() {
        assert_eq!("  b00oziolb2\n".parse::<Asin>().unwrap().as_str(), "B00OZIOLB2");
        assert_eq!("184297291x".parse::<Asin>().unwrap().to_string(), "184297291X");
    }

    #[test]
    fn the_error_of_a_wrong_asin_says_what_is_wrong() {
        let short = "B00".parse::<Asin>().unwrap_err().to_string();
        assert_eq!(short, "`B00` is not an ASIN: 3 instead of 10 characters");
        let odd = "B00-ZIOLB2".parse::<Asin>().unwrap_err().to_string();
        assert!(odd.contains("`-`"), "{odd}");
        assert!("".parse::<Asin>().is_err());
        assert!("ÄÖÜ00".parse::<Asin>().is_err());
    }

    #[test]
    fn keepas_marks_for_no_category_are_no_category() {
        for none in [0, -1, -2, i64::MAX] {
            assert_eq!(CategoryId::known(none), None);
        }
        assert_eq!(CategoryId::known(283_155), Some(CategoryId(283_155)));
    }

    #[test]
    fn a_seller_id_keeps_its_characters() {
        assert_eq!("atvpdkikx0der".parse::<SellerId>().unwrap().as_str(), "ATVPDKIKX0DER");
        for wrong in ["", "-1", "-2", "123456789012345678901234", "É"] {
            assert!(wrong.parse::<SellerId>().is_err(), "{wrong}");
        }
    }
}
