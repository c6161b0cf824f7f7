//! Filters: a field and what is asked of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::csv_type::CsvType;
use crate::ids::CategoryId;

/// The value of a field of a selection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// A whole number.
    Int(i64),
    /// A fraction.
    Real(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
    /// From names to counts.
    Counts(BTreeMap<String, u32>),
}

/// A condition of a selection; made by the methods of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    pub(crate) entries: Vec<(Cow<'static, str>, FieldValue)>,
    pub(crate) problem: Option<String>,
}

impl Filter {
    fn one(name: Cow<'static, str>, value: FieldValue) -> Self {
        Self { entries: vec![(name, value)], problem: None }
    }
}

/// A number that can be asked to lie in a range, ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    name: Cow<'static, str>,
    /// Set when the finder does not have the field.
    problem: Option<String>,
}

impl Range {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), problem: None }
    }

    fn of_type(prefix: &str, csv_type: CsvType) -> Self {
        let problem = (!csv_type.in_finder())
            .then(|| format!("the Product Finder has no field for the history {}", csv_type.name()));
        Self { name: Cow::Owned(format!("{prefix}_{}", csv_type.name())), problem }
    }

    /// The name, as it is used for sorting.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn ends(&self, low: Option<i64>, high: Option<i64>) -> Filter {
        let upside_down = low.zip(high).filter(|(low, high)| low > high);
        let problem =
            upside_down.map(|(low, high)| format!("the range is upside down: {low} is more than {high}"));
        let entry = |end: &str, value: Option<i64>| {
            Some((Cow::Owned(format!("{}_{end}", self.name)), FieldValue::Int(value?)))
        };
        let entries = [entry("gte", low), entry("lte", high)].into_iter().flatten().collect();
        Filter { entries, problem: self.problem.clone().or(problem) }
    }

    /// From `low` to `high`, both included.
    #[must_use]
    pub fn between(&self, low: i64, high: i64) -> Filter {
        self.ends(Some(low), Some(high))
    }

    /// `low` or more.
    #[must_use]
    pub fn at_least(&self, low: i64) -> Filter {
        self.ends(Some(low), None)
    }

    /// `high` or less.
    #[must_use]
    pub fn at_most(&self, high: i64) -> Filter {
        self.ends(None, Some(high))
    }

    /// Exactly `value`.
    #[must_use]
    pub fn exactly(&self, value: i64) -> Filter {
        self.between(value, value)
    }
}

/// A truth that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    name: Cow<'static, str>,
    problem: Option<String>,
}

impl Flag {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), problem: None }
    }

    fn of_type(prefix: &str, csv_type: CsvType) -> Self {
        let Range { name, problem } = Range::of_type(prefix, csv_type);
        Self { name, problem }
    }

    /// Must be so (`true`) or must not (`false`).
    #[must_use]
    pub fn is(&self, value: bool) -> Filter {
        Filter { problem: self.problem.clone(), ..Filter::one(self.name.clone(), FieldValue::Bool(value)) }
    }
}

/// Texts of which one must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts {
    name: &'static str,
    /// Whether Keepa takes one text only.
    single: bool,
}

impl Texts {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, single: false }
    }

    pub(crate) const fn single(name: &'static str) -> Self {
        Self { name, single: true }
    }

    fn list<T: Into<String>>(self, prefix: &str, texts: impl IntoIterator<Item = T>) -> Filter {
        let mut texts: Vec<String> =
            texts.into_iter().map(|text| format!("{prefix}{}", text.into())).collect();
        let problem = match texts.len() {
            0 => Some("the list is empty".to_owned()),
            51.. => Some(format!("{} values; at most 50 are allowed", texts.len())),
            2.. if self.single => Some("takes one value only".to_owned()),
            _ => None,
        };
        let value = match texts.pop() {
            Some(text) if self.single => FieldValue::Text(text),
            last => {
                texts.extend(last);
                FieldValue::Texts(texts)
            }
        };
        Filter { problem, ..Filter::one(Cow::Borrowed(self.name), value) }
    }

    /// One of these (whole text, any case). At most 50.
    #[must_use]
    pub fn any_of<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Filter {
        self.list("", texts)
    }

    /// None of these. At most 50.
    #[must_use]
    pub fn none_of<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Filter {
        self.list("\u{271c}", texts)
    }

    /// This text.
    #[must_use]
    pub fn is(self, text: impl Into<String>) -> Filter {
        self.list("", [text])
    }
}

/// Numbers of which one must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    name: &'static str,
}

impl Numbers {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// One of these. At most 50.
    #[must_use]
    pub fn any_of(self, numbers: impl IntoIterator<Item = i64>) -> Filter {
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let problem = match numbers.len() {
            0 => Some("the list is empty".to_owned()),
            51.. => Some(format!("{} values; at most 50 are allowed", numbers.len())),
            _ => None,
        };
        Filter { problem, ..Filter::one(Cow::Borrowed(self.name), FieldValue::Ints(numbers)) }
    }
}

/// Categories of which one must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Categories {
    name: &'static str,
}

impl Categories {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// One of these. At most 50.
    #[must_use]
    pub fn any_of(self, categories: impl IntoIterator<Item = CategoryId>) -> Filter {
        Numbers::new(self.name).any_of(categories.into_iter().map(|category| category.0))
    }
}

macro_rules! typed_ranges {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)*) => { $(
        $(#[$meta])*
        #[must_use]
        pub fn $name(csv_type: CsvType) -> Range {
            Range::of_type($prefix, csv_type)
        }
    )* };
}

typed_ranges! {
    /// The newest value of a history.
    current = "current";
    /// The mean of the last day.
    avg1 = "avg1";
    /// The mean of 7 days.
    avg7 = "avg7";
    /// The mean of 30 days.
    avg30 = "avg30";
    /// The mean of 90 days.
    avg90 = "avg90";
    /// The mean of 180 days.
    avg180 = "avg180";
    /// The mean of 365 days.
    avg365 = "avg365";
    /// Mean of the last day less the newest value: positive means that the value fell.
    delta1 = "delta1";
    /// Mean of 7 days less the newest value.
    delta7 = "delta7";
    /// Mean of 30 days less the newest value.
    delta30 = "delta30";
    /// Mean of 90 days less the newest value.
    delta90 = "delta90";
    /// The fall against the mean of the last day, percent.
    delta_percent1 = "deltaPercent1";
    /// The fall against the mean of 7 days, percent.
    delta_percent7 = "deltaPercent7";
    /// The fall against the mean of 30 days, percent.
    delta_percent30 = "deltaPercent30";
    /// The fall against the mean of 90 days, percent.
    delta_percent90 = "deltaPercent90";
    /// The value before less the newest value.
    delta_last = "deltaLast";
    /// When the history last changed, Keepa minutes.
    last_price_change = "lastPriceChange";
}

/// Whether there was no offer within 60 days and there is one now.
#[must_use]
pub fn back_in_stock(csv_type: CsvType) -> Flag {
    Flag::of_type("backInStock", csv_type)
}

/// Whether the newest value is the least of all time.
#[must_use]
pub fn is_lowest(csv_type: CsvType) -> Flag {
    Flag::of_type("isLowest", csv_type)
}
