//! Reading a selection: one flat JSON object, all conditions of which must hold.

use serde_json::{Map, Value};

use super::fields::Field;
use crate::params::lenient;

/// Largest number of alternatives in one array.
const ALTERNATIVES: usize = 50;
/// The finder shows no more than this many products of one search.
const REACH: i64 = 10_000;

/// A selection, read.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) ranges: Vec<Range>,
    pub(crate) lists: Vec<(Field, Vec<i64>)>,
    pub(crate) flags: Vec<(Field, bool)>,
    pub(crate) roots: Vec<i64>,
    pub(crate) include: Vec<i64>,
    pub(crate) exclude: Vec<i64>,
    pub(crate) rank_reference: Option<i64>,
    pub(crate) texts: Vec<TextFilter>,
    pub(crate) title: Option<TitleFilter>,
    pub(crate) single_variation: bool,
    /// Fields, true = descending.
    pub(crate) sort: Vec<(Field, bool)>,
    pub(crate) page: usize,
    pub(crate) per_page: usize,
}

/// `X_gte`, `X_lte`.
#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) field: Field,
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

impl Range {
    /// Whether a value, or the lack of one, is inside.
    pub(crate) fn holds(&self, value: Option<i32>) -> bool {
        let value = match value {
            Some(value) => i64::from(value),
            // -1 asked for from below means "none".
            None if !self.field.signed()
                && self.least.is_some_and(|least| least <= -1)
                && self.field != Field::NoData =>
            {
                -1
            }
            None => return false,
        };
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }
}

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

const TEXT_FIELDS: [(&str, TextField); 20] = [
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
    ("model", TextField::NoData),
    ("partNumber", TextField::NoData),
    ("format", TextField::NoData),
    ("genre", TextField::NoData),
    ("productGroup", TextField::NoData),
    ("buyBoxSellerId", TextField::NoData),
    ("sellerIds", TextField::NoData),
    ("scent", TextField::NoData),
];

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

/// What is wrong with a selection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) field: String,
}

fn refuse(field: &str, message: &str) -> Refused {
    Refused { message: message.to_owned(), field: field.to_owned() }
}

impl Selection {
    /// Reads a selection; `page` and `perPage` may also have come as URL parameters.
    pub(crate) fn read(value: &Value, page: Option<i64>, per_page: Option<i64>) -> Result<Self, Refused> {
        let Value::Object(map) = value else {
            return Err(refuse("selection", "The queryJSON is of invalid format."));
        };
        let mut selection = Self::default();
        let mut filters = 0;
        for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            filters += usize::from(selection.take(name, value)?);
        }
        if filters == 0 {
            return Err(refuse("selection", "The queryJSON is missing or invalid."));
        }
        selection.take_paging(map, page, per_page)?;
        selection.sort = sort_of(map.get("sort"))?;
        Ok(selection)
    }

    /// Takes one key; true when it is a filter (an unknown one is one too: it is tolerated, not an empty selection).
    fn take(&mut self, name: &str, value: &Value) -> Result<bool, Refused> {
        if matches!(name, "sort" | "page" | "perPage" | "minMatch") {
            return Ok(false);
        }
        let wrong = || refuse(name, "The queryJSON is of invalid format.");
        let ids = || lenient::integers(value).filter(|ids| ids.len() <= ALTERNATIVES).ok_or_else(wrong);
        match name {
            "rootCategory" => self.roots = ids()?,
            "categories_include" => self.include = ids()?,
            "categories_exclude" => self.exclude = ids()?,
            "salesRankReference" => self.rank_reference = Some(lenient::integer(value).ok_or_else(wrong)?),
            "singleVariation" => self.single_variation = lenient::boolean(value).ok_or_else(wrong)?,
            "title" => {
                let text = value.as_str().ok_or_else(wrong)?;
                self.title = Some(TitleFilter::parse(text));
            }
            _ => {
                if let Some((field, upper)) = bound_of(name) {
                    let number = lenient::integer(value).ok_or_else(wrong)?;
                    self.bound(field, upper, number);
                } else if let Some((_, field)) = TEXT_FIELDS.iter().find(|(known, _)| *known == name) {
                    let texts = lenient::texts(value);
                    if texts.len() > ALTERNATIVES {
                        return Err(wrong());
                    }
                    self.texts.push(text_filter(*field, texts));
                } else if let Some(field) = Field::parse(name) {
                    if let Value::Bool(flag) = value {
                        self.flags.push((field, *flag));
                    } else {
                        self.lists.push((field, ids()?));
                    }
                }
            }
        }
        Ok(true)
    }

    fn bound(&mut self, field: Field, upper: bool, number: i64) {
        let known = self.ranges.iter().position(|range| range.field == field);
        let place = known.unwrap_or_else(|| {
            self.ranges.push(Range { field, least: None, most: None });
            self.ranges.len() - 1
        });
        let range = &mut self.ranges[place];
        *(if upper { &mut range.most } else { &mut range.least }) = Some(number);
    }

    fn take_paging(
        &mut self,
        map: &Map<String, Value>,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<(), Refused> {
        let number = |name: &str, outside: Option<i64>| match map.get(name).filter(|value| !value.is_null()) {
            Some(value) => lenient::integer(value)
                .map(Some)
                .ok_or_else(|| refuse(name, "The queryJSON is of invalid format.")),
            None => Ok(outside),
        };
        let per_page = number("perPage", per_page)?.unwrap_or(50);
        let page = number("page", page)?.unwrap_or(0);
        if !(50..=REACH).contains(&per_page) {
            return Err(refuse("perPage", "perPage must be at least 50 and at most 10000."));
        }
        if page < 0 || page.saturating_mul(per_page) > REACH {
            return Err(refuse("page", "page * perPage must not exceed 10000."));
        }
        self.page = usize::try_from(page).unwrap_or(0);
        self.per_page = usize::try_from(per_page).unwrap_or(50);
        Ok(())
    }
}

/// The field of `X_gte` or `X_lte` (true).
fn bound_of(name: &str) -> Option<(Field, bool)> {
    let (name, upper) = name
        .strip_suffix("_gte")
        .map(|name| (name, false))
        .or_else(|| name.strip_suffix("_lte").map(|name| (name, true)))?;
    Field::parse(name).map(|field| (field, upper))
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

fn text_filter(field: TextField, texts: Vec<String>) -> TextFilter {
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

fn sort_of(value: Option<&Value>) -> Result<Vec<(Field, bool)>, Refused> {
    let wrong = || refuse("sort", "The queryJSON is of invalid format.");
    let keys = match value {
        None | Some(Value::Null) => return Ok(vec![(Field::Current(3), false)]),
        // One pair without the outer brackets.
        Some(Value::Array(keys)) if keys.iter().all(Value::is_string) && keys.len() == 2 => {
            vec![Value::Array(keys.clone())]
        }
        Some(Value::Array(keys)) => keys.clone(),
        Some(_) => return Err(wrong()),
    };
    if keys.len() > 3 {
        return Err(wrong());
    }
    keys.iter()
        .map(|key| {
            let name = key.get(0).and_then(Value::as_str).ok_or_else(wrong)?;
            let order = key.get(1).and_then(Value::as_str).unwrap_or("asc");
            let descending = match order.to_ascii_lowercase().as_str() {
                "asc" => false,
                "desc" => true,
                _ => return Err(wrong()),
            };
            Field::parse(name).map(|field| (field, descending)).ok_or_else(wrong)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Selection, Refused> {
        Selection::read(value, None, None)
    }

    #[test]
    fn scalars_and_texts_are_taken_for_what_was_meant() {
        let selection = read(&json!({"rootCategory": "283155", "productType": ["0"], "current_SALES_lte": "1000", "perPage": 50.0, "page": "1"})).unwrap();
        assert_eq!(selection.roots, [283_155]);
        assert_eq!(selection.lists[0].1, [0]);
        assert_eq!(selection.ranges[0].most, Some(1000));
        assert_eq!((selection.page, selection.per_page), (1, 50));
    }

    #[test]
    fn what_the_service_refuses_is_refused_with_the_name_of_the_field() {
        for (value, field) in [
            (json!({}), "selection"),
            (json!({"page": 0, "perPage": 50}), "selection"),
            (json!([]), "selection"),
            (json!({"current_NEW_gte": 1, "perPage": 49}), "perPage"),
            (json!({"current_NEW_gte": 1, "page": 201}), "page"),
            (json!({"current_NEW_gte": "cheap"}), "current_NEW_gte"),
            (json!({"current_NEW_gte": {"gte": 3}}), "current_NEW_gte"),
            (json!({"current_NEW_gte": 1, "sort": [["nonsense", "asc"]]}), "sort"),
            (
                json!({"current_NEW_gte": 1, "sort": [["current_NEW", "asc"], ["current_NEW", "asc"], ["current_NEW", "asc"], ["current_NEW", "asc"]]}),
                "sort",
            ),
        ] {
            assert_eq!(read(&value).unwrap_err().field, field, "{value}");
        }
    }

    #[test]
    fn unknown_names_are_tolerated() {
        let selection = read(&json!({"madeUpFilter_gte": 3})).unwrap();
        assert!(selection.ranges.is_empty());
    }

    #[test]
    fn a_missing_value_matches_only_when_minus_one_is_asked_for() {
        let range = |least, most| Range { field: Field::Current(0), least, most };
        assert!(!range(None, Some(500)).holds(None));
        assert!(!range(None, Some(-1)).holds(None));
        assert!(range(Some(-1), Some(-1)).holds(None));
        assert!(!range(Some(-1), Some(-1)).holds(Some(5)));
        assert!(range(Some(5), Some(5)).holds(Some(5)));
    }

    #[test]
    fn title_keywords_are_whole_words_phrases_and_exclusions() {
        let filter = TitleFilter::parse("winter \"long valley\" -dvd");
        assert!(filter.holds("Winter in the Long Valley"));
        assert!(!filter.holds("Winters in the Long Valley"));
        assert!(!filter.holds("Winter in the Long Valley (DVD)"));
        assert!(!filter.holds("Winter: long, wide valley"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused_and_never_a_crash(
            name in "(current|avg90|delta|deltaPercent30|isLowest)_(SALES|NEW|AMAZON)(_gte|_lte)?|page|perPage|sort|title|brand|rootCategory|minMatch|[a-zA-Z_]{0,12}",
            text in ".{0,30}",
            number: i64,
            float: f64,
        ) {
            for value in [json!(text), json!(number), json!(float), json!([number, text]), json!({"gte": number}), json!([[text, "asc"]]), json!(true), Value::Null] {
                let selection = Selection::read(&json!({name.as_str(): value, "current_NEW_gte": 1}), Some(number), None);
                if let Ok(selection) = selection {
                    proptest::prop_assert!(selection.per_page >= 50 && selection.page * selection.per_page <= 10_000);
                }
            }
            let title = TitleFilter::parse(&text);
            title.holds(&text);
        }
    }
}
