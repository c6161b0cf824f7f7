//! What may be said in a rule document, field by field: the ranges it is checked against, and the labels and units
//! that forms are built from.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::filters::FieldError;
use crate::money::MAX_AMOUNT;

/// What kind of value a field takes, and in which unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One of a few words.
    Choice,
    /// Percent.
    Percent,
    /// A share, 0.4 being 40 %.
    Share,
    /// An integer in the marketplace's minor unit.
    Money,
    /// A velocity score.
    Score,
    /// Months.
    Months,
    /// Minutes.
    Minutes,
    /// Keepa tokens.
    Tokens,
    /// How many.
    Count,
    /// A sales rank.
    Rank,
}

/// A field of a rule document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleField {
    /// Where it stands, for example `buy.roi_percent`; `*` stands for a marketplace code.
    pub path: &'static str,
    /// What to call it.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its kind and unit.
    pub unit: Unit,
    /// Whether only whole numbers are taken.
    pub whole: bool,
    /// The least it may be; null for a choice.
    #[schema(value_type = Option<i64>)]
    pub minimum: Option<i64>,
    /// The most it may be; null for a choice.
    #[schema(value_type = Option<i64>)]
    pub maximum: Option<i64>,
    /// Whether the least itself is refused.
    pub above_minimum: bool,
    /// Whether it can be off (null).
    pub optional: bool,
    /// The words of a choice.
    pub choices: &'static [&'static str],
}

const fn field(path: &'static str, label: &'static str, help: &'static str, unit: Unit) -> RuleField {
    RuleField {
        path,
        label,
        help,
        unit,
        whole: false,
        minimum: None,
        maximum: None,
        above_minimum: false,
        optional: false,
        choices: &[],
    }
}

impl RuleField {
    const fn of(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    const fn from(self, minimum: i64, maximum: i64) -> Self {
        Self { minimum: Some(minimum), maximum: Some(maximum), ..self }
    }

    const fn whole(self, minimum: i64, maximum: i64) -> Self {
        Self { whole: true, ..self.from(minimum, maximum) }
    }

    const fn or_off(self) -> Self {
        Self { optional: true, ..self }
    }

    const fn above(self) -> Self {
        Self { above_minimum: true, ..self }
    }
}

const fn roi(path: &'static str) -> RuleField {
    field(path, "Least ROI", "Profit as a share of the cost.", Unit::Percent).from(0, 100_000)
}

const fn velocity(path: &'static str) -> RuleField {
    field(path, "Least velocity", "How fast it sells: 100 is about 100 sales in 30 days.", Unit::Score)
        .from(0, 100)
}

const fn profit(path: &'static str) -> RuleField {
    field(path, "Least profit", "For one copy; 0 means any profit above zero.", Unit::Money)
        .whole(0, MAX_AMOUNT)
}

/// The longest time an answer may be used: a leap year.
const MAX_MINUTES: i64 = 366 * 24 * 60;

/// Every field, in the order of forms.
#[rustfmt::skip]
pub const FIELDS: &[RuleField] = &[
    roi("strong_buy.roi_percent"),
    velocity("strong_buy.velocity"),
    profit("strong_buy.profit"),
    roi("buy.roi_percent"),
    velocity("buy.velocity"),
    profit("buy.profit"),
    roi("consider.roi_percent"),
    velocity("consider.velocity"),
    profit("consider.profit"),
    field("condition", "Condition", "Asked for when nobody says.", Unit::Choice).of(&["new", "used"]),
    field("sell_price", "Sell price", "Which price a sale is reckoned with: the lower of now and the 90-day median, now, or the median.", Unit::Choice)
        .of(&["conservative", "current", "median90"]),
    field("buy_cost", "Buy cost", "What a copy costs when nobody says: the lowest offer on Amazon, or a share of the sell price.", Unit::Choice)
        .of(&["amazon_lowest", "factor"]),
    field("buy_cost.factor", "Buy cost factor", "The share of the sell price that a copy is taken to cost.", Unit::Share).from(0, 1).above(),
    field("buy_tax_percent", "Buy tax", "Tax on the purchase, on top of the cost.", Unit::Percent).from(0, 100),
    field("unit_costs.*.placement", "Placement", "Inbound placement fee for each unit.", Unit::Money).whole(0, MAX_AMOUNT),
    field("unit_costs.*.prep", "Prep", "Preparing and labelling each unit.", Unit::Money).whole(0, MAX_AMOUNT),
    field("unit_costs.*.inbound_per_lb", "Inbound per pound", "Shipping to the warehouse for each pound.", Unit::Money).whole(0, MAX_AMOUNT),
    field("storage_months", "Months in storage", "How long a unit is expected to lie in the warehouse.", Unit::Months).from(0, 36),
    field("allowance_percent", "Allowance", "For returns and the rest, of the sell price.", Unit::Percent).from(0, 50),
    field("amazon", "Amazon on the listing", "Ignore it, allow at most CONSIDER, or skip.", Unit::Choice).of(&["ignore", "cap", "skip"]),
    field("roi_outlier_percent", "ROI to verify by hand", "An ROI above this allows at most CONSIDER.", Unit::Percent).from(0, 100_000),
    field("max_fba_offers", "Most FBA offers", "More of them allow at most CONSIDER.", Unit::Count).whole(1, 1_000_000).or_off(),
    field("max_rank", "Worst sales rank", "A worse rank is skipped.", Unit::Rank).whole(1, 100_000_000).or_off(),
    field("freshness.discovery_minutes", "Age of a discovery", "An older one is asked anew; off: as the program is set (24 hours).", Unit::Minutes)
        .whole(1, MAX_MINUTES).or_off(),
    field("freshness.score_minutes", "Age of a score", "Older facts are bought anew; off: as the program is set (6 hours).", Unit::Minutes)
        .whole(1, MAX_MINUTES).or_off(),
    field("budget.tokens", "Tokens for a run", "What one search may spend when nobody says.", Unit::Tokens).whole(0, 1_000_000),
    field("budget.mode", "Beyond the budget", "Nothing is checked, it is told, or the call is not made.", Unit::Choice).of(&["off", "warn", "stop"]),
];

/// Every number of a document that is outside its field's range.
pub(super) fn out_of_range(document: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in FIELDS {
        let (Some(minimum), Some(maximum)) = (field.minimum, field.maximum) else { continue };
        for (path, value) in at(document, field.path) {
            let Some(number) = value.as_f64() else { continue };
            #[expect(clippy::cast_precision_loss, reason = "the bounds are far below 2^52")]
            let (least, most) = (minimum as f64, maximum as f64);
            let holds = if field.above_minimum { number > least } else { number >= least };
            if holds && number <= most {
                continue;
            }
            let range = if field.above_minimum {
                format!("must be above {minimum} and at most {maximum}")
            } else {
                format!("must be {minimum} to {maximum}")
            };
            let off = if field.optional { ", or null for off" } else { "" };
            errors.push(FieldError::new(path, format!("{value} {range}{off}")));
        }
    }
    errors
}

/// The values at a path, of which `*` takes every branch, each with its own path.
fn at<'a>(value: &'a Value, path: &str) -> Vec<(String, &'a Value)> {
    let mut found = vec![(String::new(), value)];
    for step in path.split('.') {
        let mut next = Vec::new();
        for (path, value) in found {
            let Value::Object(members) = value else { continue };
            for (name, member) in members.iter().filter(|(name, _)| step == "*" || step == *name) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                next.push((path, member));
            }
        }
        found = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{RuleDocument, Strategy};

    fn leaves(path: String, value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    leaves(
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") },
                        member,
                        into,
                    );
                }
            }
            _ => into.push(path),
        }
    }

    #[test]
    fn forms_know_every_field_of_a_document_and_no_other() {
        let document = serde_json::to_value(RuleDocument::shipped(Strategy::Balanced)).unwrap();
        let mut all = Vec::new();
        leaves(String::new(), &document, &mut all);
        for path in &all {
            assert!(
                FIELDS.iter().any(|field| at(&document, field.path).iter().any(|(found, _)| found == path)),
                "{path} has no field"
            );
        }
        for field in FIELDS {
            assert!(!at(&document, field.path).is_empty(), "{} is nowhere in a document", field.path);
            assert_eq!(field.choices.is_empty(), field.unit != Unit::Choice, "{}", field.path);
            assert_eq!(field.minimum.is_some(), field.unit != Unit::Choice, "{}", field.path);
        }
    }
}
