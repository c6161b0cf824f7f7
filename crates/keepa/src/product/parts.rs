//! The small objects inside a product.

use crate::ids::{Asin, CategoryId};
use crate::series::Series;
use crate::time::KeepaTime;
use crate::wire::{
    AsinText, Category, Count, Decode, Fault, Flag, FromTexts, History, List, Obj, Positive, Reader, Real,
    Seller, Text, Time, object,
};

/// A positive decimal number with its digits exactly as Keepa sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecimalText(Box<str>);

impl DecimalText {
    /// Digits with at most one decimal point; `None` for anything else and for what is not above zero.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)?;
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // An exponent is legal JSON; it is written out so that every decimal parser understands it.
        Some(Self(if plain { text.into() } else { number.to_string().into() }))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest floating-point number.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or_default()
    }
}

/// Reads a [`DecimalText`].
pub(super) struct Decimal;

impl Decode for Decimal {
    type Out = Option<DecimalText>;
    fn decode(reader: &mut Reader<'_>) -> Result<Option<DecimalText>, Fault> {
        reader.peek();
        let start = reader.position();
        reader.skip()?;
        Ok(DecimalText::new(reader.since(start).trim_matches('"')))
    }
}

object! {
    /// A category on the way from the root to the leaf.
    pub struct CategoryNode {
        /// The category's id; 0 if Keepa sent none.
        pub cat_id: CategoryId = "catId" as CategoryOrZero,
        /// The category's name.
        pub name: String = "name" as Name,
    }
}

struct CategoryOrZero;

impl Decode for CategoryOrZero {
    type Out = CategoryId;
    fn decode(reader: &mut Reader<'_>) -> Result<CategoryId, Fault> {
        Ok(Category::decode(reader)?.unwrap_or_default())
    }
}

struct Name;

impl Decode for Name {
    type Out = String;
    fn decode(reader: &mut Reader<'_>) -> Result<String, Fault> {
        Ok(Text::decode(reader)?.unwrap_or_default())
    }
}

object! {
    /// What Amazon takes for fulfilment.
    pub struct FbaFees {
        /// When Keepa last refreshed it.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// Pick and pack fee per unit.
        pub pick_and_pack_fee: Option<i64> = "pickAndPackFee" as Positive,
        /// Tax on it; no longer sent.
        pub pick_and_pack_fee_tax: Option<i64> = "pickAndPackFeeTax" as Count,
        /// Storage fee; no longer sent.
        pub storage_fee: Option<i64> = "storageFee" as Count,
        /// Tax on the storage fee; no longer sent.
        pub storage_fee_tax: Option<i64> = "storageFeeTax" as Count,
    }
}

object! {
    /// One fact of the dangerous-goods sheet.
    pub struct HazardousMaterial {
        /// What the fact is about, e.g. `united_nations_regulatory_id`.
        pub aspect: Option<String> = "aspect" as Text,
        /// The fact.
        pub value: Option<String> = "value" as Text,
    }
}

object! {
    /// What distinguishes a variation.
    pub struct Attribute {
        /// E.g. `Size`.
        pub dimension: Option<String> = "dimension" as Text,
        /// E.g. `500 ml`.
        pub value: Option<String> = "value" as Text,
    }
}

object! {
    /// A sibling of the same parent.
    pub struct Variation {
        /// Its ASIN.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// What distinguishes it.
        pub attributes: Vec<Attribute> = "attributes" as List<Obj<Attribute>>,
        /// File name of its image. Optional.
        pub image: Option<String> = "image" as Text,
    }
}

object! {
    /// An image. The address is `https://m.media-amazon.com/images/I/` and the file name.
    pub struct Image {
        /// File name of the large image. Optional.
        pub large: Option<String> = "l" as Text,
        /// Height of the large image, pixels.
        pub large_height: Option<i64> = "lH" as Positive,
        /// Width of the large image, pixels.
        pub large_width: Option<i64> = "lW" as Positive,
        /// File name of the medium image.
        pub medium: Option<String> = "m" as Text,
        /// Height of the medium image, pixels.
        pub medium_height: Option<i64> = "mH" as Positive,
        /// Width of the medium image, pixels.
        pub medium_width: Option<i64> = "mW" as Positive,
        /// Its role, e.g. `MAIN`, `PT01`. Since August 2026.
        pub variant: Option<String> = "variant" as Text,
    }
}

object! {
    /// Rating and review counts of one variation.
    pub struct Reviews {
        /// When Keepa last refreshed them.
        pub last_update: Option<KeepaTime> = "lastUpdate" as Time,
        /// Number of ratings over time; frozen since April 2025.
        pub rating_count: Option<Series> = "ratingCount" as History<2>,
        /// Number of reviews over time.
        pub review_count: Option<Series> = "reviewCount" as History<2>,
    }
}

object! {
    /// How much is in the package.
    pub struct UnitCount {
        /// How many units.
        pub unit_value: Option<f64> = "unitValue" as Real,
        /// Of what, e.g. `Fl Oz`.
        pub unit_type: Option<String> = "unitType" as Text,
        /// How many units each item has. Optional.
        pub each_unit_count: Option<f64> = "eachUnitCount" as Real,
    }
}

object! {
    /// A promotion.
    pub struct Promotion {
        /// `SNS` or `PrimeExclusive`.
        pub type_name: Option<String> = "type" as Text,
        /// The price with it.
        pub amount: Option<i64> = "amount" as Count,
        /// Percent off.
        pub discount_percent: Option<i64> = "discountPercent" as Count,
        /// Percent off for several subscriptions.
        pub sns_bulk_discount_percent: Option<i64> = "snsBulkDiscountPercent" as Count,
        /// Whose it is.
        pub seller_id: Option<crate::SellerId> = "sellerId" as Seller,
        /// Amazon's id of it; seen only as `null`.
        pub promotion_id: Option<String> = "promotionId" as Text,
        /// What it gives; seen only as `null`.
        pub benefit_description: Option<String> = "benefitDescription" as Text,
        /// What it asks for; seen only as `null`.
        pub eligibility_requirement_description: Option<String> = "eligibilityRequirementDescription" as Text,
    }
}

object! {
    /// A deal badge.
    pub struct DealBadge {
        /// Who gets it, e.g. `ALL`, `PRIME`.
        pub access_type: Option<String> = "accessType" as Text,
        /// The badge's words.
        pub badge: Option<String> = "badge" as Text,
        /// The kind, e.g. `LIMITED_TIME_DEAL`.
        pub deal_type: Option<String> = "dealType" as Text,
        /// From when. Optional.
        pub start_time: Option<KeepaTime> = "startTime" as Time,
        /// Until when. Optional.
        pub end_time: Option<KeepaTime> = "endTime" as Time,
        /// Percent claimed. Optional.
        pub percent_claimed: Option<i64> = "percentClaimed" as Count,
    }
}

object! {
    /// Rental prices; no longer sent since February 2026.
    pub struct RentalPrices {
        /// Of the first term.
        pub initial_price: Option<i64> = "initialPrice" as Count,
        /// Of a short extension.
        pub short_extension_price: Option<i64> = "shortExtnPrice" as Count,
        /// Of a long extension.
        pub long_extension_price: Option<i64> = "longExtnPrice" as Count,
        /// Of keeping it.
        pub full_price: Option<i64> = "fullPrice" as Count,
    }
}

object! {
    /// Another format of the same book.
    pub struct BookFormat {
        /// Its ASIN.
        pub asin: Option<Asin> = "asin" as AsinText,
        /// E.g. `Kindle`, `Paperback`.
        pub format: Option<String> = "format" as Text,
    }
}

object! {
    /// A video.
    pub struct Video {
        /// Title.
        pub title: Option<String> = "title" as Text,
        /// File name of its image.
        pub image: Option<String> = "image" as Text,
        /// Seconds.
        pub duration: Option<i64> = "duration" as Count,
        /// Who made it, e.g. `Main`, `Influencer`.
        pub creator: Option<String> = "creator" as Text,
        /// The maker's name.
        pub name: Option<String> = "name" as Text,
        /// Its address.
        pub url: Option<String> = "url" as Text,
    }
}

object! {
    /// A+ content.
    pub struct APlus {
        /// Its modules, from top to bottom.
        pub modules: Vec<APlusModule> = "module" as List<Obj<APlusModule>>,
        /// Whether it is the manufacturer's.
        pub from_manufacturer: Option<bool> = "fromManufacturer" as Flag,
    }
}

object! {
    /// A module of A+ content.
    pub struct APlusModule {
        /// Texts.
        pub text: Vec<String> = "text" as List<Text>,
        /// Addresses of images.
        pub image: Vec<String> = "image" as List<Text>,
        /// The images' alternative texts.
        pub image_alt_text: Vec<String> = "imageAltText" as List<Text>,
        /// Addresses of videos.
        pub video: Vec<String> = "video" as List<Text>,
        /// Products compared.
        pub asin: Vec<Asin> = "asin" as List<AsinText>,
    }
}

/// A language of a book or medium.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Language {
    /// The language's name, e.g. `English`.
    pub name: String,
    /// In what way, e.g. `Published`.
    pub kind: Option<String>,
    /// Audio format, for films.
    pub audio_format: Option<String>,
}

impl FromTexts for Language {
    fn from_texts(texts: Vec<Option<String>>) -> Option<Self> {
        let mut texts = texts.into_iter();
        let name = texts.next()??;
        Some(Self { name, kind: texts.next().flatten(), audio_format: texts.next().flatten() })
    }
}

/// Somebody who contributed to a book or medium.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contributor {
    /// The name.
    pub name: String,
    /// E.g. `author`.
    pub role: Option<String>,
}

impl FromTexts for Contributor {
    fn from_texts(texts: Vec<Option<String>>) -> Option<Self> {
        let mut texts = texts.into_iter();
        let name = texts.next()??;
        Some(Self { name, role: texts.next().flatten() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_keeps_its_digits() {
        assert_eq!(DecimalText::new("15.01").unwrap().as_str(), "15.01");
        assert_eq!(DecimalText::new("1.5e1").unwrap().as_str(), "15");
        for none in ["0", "0.0", "-1", "-1.0", "null", "", "x", "NaN", "inf", "[1]"] {
            assert_eq!(DecimalText::new(none), None, "{none}");
        }
    }
}
