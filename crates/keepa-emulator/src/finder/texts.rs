//! Conditions on texts: whole values, and the keywords of a title.

use serde_json::Value;

use crate::params::lenient;

/// A text that must be, or must not be, one of these.
#[derive(Debug)]
pub(crate) struct TextFilter {
    pub(crate) field: TextField,
    pub(crate) any_of: Vec<String>,
    pub(crate) none_of: Vec<String>,
}

/// Texts that products have here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextField {
    Author,
    Binding,
    Brand,
    Color,
    Edition,
    Keyword,
    Manufacturer,
    Size,
    Type,
    DisplayGroup,
    DisplayGroupName,
    /// A text of the finder that no product here has.
    NoData,
}

const TEXT_FIELDS: [(&str, TextField); 12] = [
    ("author", TextField::Author),
    ("binding", TextField::Binding),
    ("brand", TextField::Brand),
    ("color", TextField::Color),
    ("edition", TextField::Edition),
    ("itemTypeKeyword", TextField::Keyword),
    ("manufacturer", TextField::Manufacturer),
    ("publisher", TextField::Manufacturer),
    ("size", TextField::Size),
    ("type", TextField::Type),
    ("websiteDisplayGroup", TextField::DisplayGroup),
    ("websiteDisplayGroupName", TextField::DisplayGroupName),
];

/// Texts of the finder that no product here has.
#[rustfmt::skip]
const TEXTS_WITHOUT_DATA: &[&str] = &[
    "activeIngredients", "brandStoreName", "brandStoreUrlName", "buyBoxSellerId", "buyBoxShippingCountry",
    "buyBoxStatsTopSellerId30", "buyBoxStatsTopSellerId90", "buyBoxStatsTopSellerId180",
    "buyBoxStatsTopSellerId365", "dealType", "format", "genre", "historicalSellerIds", "itemForm", "label",
    "languages", "model", "partNumber", "platform", "productGroup", "sellerIds", "sellerIdsFBA",
    "sellerIdsFBM", "sellerIdsLowestFBA", "sellerIdsLowestFBM", "specialIngredients", "studio",
    "targetAudienceKeyword", "frequentlyBoughtTogether", "buyBoxUsedSellerId", "historicalParentASIN",
    "material", "pattern", "scent", "style", "title_flag", "unitType",
];

/// The text field of a name.
pub(super) fn text_field(name: &str) -> Option<TextField> {
    let known = TEXT_FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
    known.or_else(|| TEXTS_WITHOUT_DATA.contains(&name).then_some(TextField::NoData))
}

/// Keywords of a title: all must be there, as whole words or phrases, those with a minus must not.
#[derive(Debug)]
pub(crate) struct TitleFilter {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl TitleFilter {
    pub(crate) fn parse(text: &str) -> Self {
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (negative, body) = rest.strip_prefix('-').map_or((false, rest), |body| (true, body));
            let (word, after) = if let Some(quoted) = body.strip_prefix('"') {
                quoted.split_once('"').unwrap_or((quoted, ""))
            } else {
                body.split_once(char::is_whitespace).unwrap_or((body, ""))
            };
            let normal = words(word);
            if !normal.trim().is_empty() {
                if negative { &mut unwanted } else { &mut wanted }.push(normal);
            }
            rest = after.trim_start();
        }
        Self { wanted, unwanted }
    }

    pub(crate) fn holds(&self, title: &str) -> bool {
        let title = words(title);
        self.wanted.iter().all(|word| title.contains(word))
            && !self.unwanted.iter().any(|word| title.contains(word))
    }
}

/// Lower case words, each with a blank before and after.
fn words(text: &str) -> String {
    let mut out = String::from(" ");
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push_str(&word.to_lowercase());
        out.push(' ');
    }
    out
}

/// The text filters of a flat JSON object.
pub(crate) fn text_filters(value: &Value) -> Vec<TextFilter> {
    TEXT_FIELDS
        .iter()
        .map(|(name, field)| text_filter(*field, lenient::texts(&value[*name])))
        .filter(|filter| !filter.any_of.is_empty() || !filter.none_of.is_empty())
        .collect()
}

/// A value behind this sign is one to leave out.
const LEAVE_OUT: char = '\u{271C}';

pub(super) fn text_filter(field: TextField, texts: Vec<String>) -> TextFilter {
    let (mut any_of, mut none_of) = (Vec::new(), Vec::new());
    for text in texts {
        match text.strip_prefix(LEAVE_OUT) {
            Some(unwanted) => none_of.push(unwanted.to_lowercase()),
            None => any_of.push(text.to_lowercase()),
        }
    }
    TextFilter { field, any_of, none_of }
}

impl TextFilter {
    pub(crate) fn holds(&self, value: Option<&str>) -> bool {
        let Some(value) = value.map(str::to_lowercase) else {
            return self.any_of.is_empty();
        };
        (self.any_of.is_empty() || self.any_of.contains(&value)) && !self.none_of.contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_keywords_are_whole_words_phrases_and_exclusions() {
        let filter = TitleFilter::parse("winter \"long valley\" -dvd");
        assert!(filter.holds("Winter in the Long Valley"));
        assert!(!filter.holds("Winters in the Long Valley"));
        assert!(!filter.holds("Winter in the Long Valley (DVD)"));
        assert!(!filter.holds("Winter: long, wide valley"));
    }
}
