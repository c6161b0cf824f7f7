//! Changing single values of a document by their paths, as people type them: `buy.roi_percent=35`.

use serde_json::{Map, Number, Value};

use super::RuleDocument;
use super::fields::{FIELDS, RuleField, Unit};
use crate::filters::FieldError;

impl RuleDocument {
    /// The same document with other values, each as `PATH=VALUE`, checked as a whole.
    ///
    /// A part of a path may be shortened as long as only one field is meant (`buy.roi=35`), and `levels.` may stand in
    /// front of a level. `off` turns an optional value off. An amount is an integer in the minor unit, or has two
    /// decimals: `buy.profit=300` and `buy.profit=3.00` say the same.
    pub fn set<S: AsRef<str>>(&self, pairs: &[S]) -> Result<Self, Vec<FieldError>> {
        let mut document = serde_json::to_value(self)
            .map_err(|error| vec![FieldError::new("document", error.to_string())])?;
        let mut errors = Vec::new();
        for pair in pairs {
            match change(pair.as_ref()) {
                Ok((path, value)) => put(&mut document, &path, value),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Self::from_value(document) } else { Err(errors) }
    }
}

/// A pair as a whole path and a value.
fn change(pair: &str) -> Result<(String, Value), FieldError> {
    let Some((typed, text)) = pair.split_once('=') else {
        return Err(FieldError::new(pair, "must be PATH=VALUE, for example buy.roi_percent=35"));
    };
    let (path, field) = resolve(typed.trim())?;
    let value = value(field, text.trim()).map_err(|message| FieldError::new(&path, message))?;
    Ok((path, value))
}

/// The one field that a typed path means, and its whole path.
fn resolve(typed: &str) -> Result<(String, &'static RuleField), FieldError> {
    let short = typed.strip_prefix("levels.").unwrap_or(typed);
    let parts: Vec<&str> = short.split('.').collect();
    let exact = |field: &RuleField| whole(field, &parts, |known, part| known == part).is_some();
    let begins = |known: &str, part: &str| !part.is_empty() && known.starts_with(part);
    let mut meant: Vec<&RuleField> = FIELDS.iter().filter(|field| exact(field)).collect();
    if meant.is_empty() {
        meant = FIELDS.iter().filter(|field| whole(field, &parts, begins).is_some()).collect();
    }
    match meant.as_slice() {
        [field] => {
            let path = whole(field, &parts, begins).unwrap_or_else(|| short.to_owned());
            Ok((path, field))
        }
        [] => {
            // What is typed may be shortened, so only as much of the path is compared.
            let likeness = |field: &&RuleField| {
                let begin: String = field.path.chars().take(short.chars().count()).collect();
                strsim::normalized_damerau_levenshtein(&begin, short)
            };
            let nearest = FIELDS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let nearest = nearest.map(|field| format!("; did you mean {}?", field.path)).unwrap_or_default();
            Err(FieldError::new(typed, format!("there is no such rule{nearest}")))
        }
        several => {
            let paths: Vec<_> = several.iter().map(|field| field.path).collect();
            Err(FieldError::new(typed, format!("may mean {}", paths.join(" or "))))
        }
    }
}

/// The field's path with the typed parts filled out, if they fit.
fn whole(field: &RuleField, parts: &[&str], fits: impl Fn(&str, &str) -> bool) -> Option<String> {
    let known: Vec<&str> = field.path.split('.').collect();
    if known.len() != parts.len() {
        return None;
    }
    let filled = known.iter().zip(parts).map(|(known, part)| match *known {
        "*" => (!part.is_empty()).then_some(*part),
        known => fits(known, part).then_some(known),
    });
    Some(filled.collect::<Option<Vec<_>>>()?.join("."))
}

fn value(field: &RuleField, text: &str) -> Result<Value, String> {
    if field.optional && matches!(text, "off" | "null" | "none") {
        return Ok(Value::Null);
    }
    if field.unit == Unit::Choice {
        // The one choice that comes with a number.
        if field.path == "buy_cost" && text == "factor" {
            return Err("say which share: buy_cost.factor=0.4".to_owned());
        }
        let known = field.choices.contains(&text);
        return if known {
            Ok(text.into())
        } else {
            Err(format!("'{text}' is not one of {}", field.choices.join(", ")))
        };
    }
    let off = if field.optional { " or off" } else { "" };
    let wrong = || format!("'{text}' is not a number{off}");
    if field.unit == Unit::Money && text.contains('.') {
        let (units, cents) = text.split_once('.').ok_or_else(wrong)?;
        let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        if cents.len() != 2 || !digits(cents) || units.is_empty() || !digits(units) {
            return Err(format!("'{text}' is not an amount such as 3.00, or 300 in the minor unit"));
        }
        return format!("{units}{cents}").parse::<i64>().map(Value::from).map_err(|_| wrong());
    }
    let text = if field.unit == Unit::Percent { text.trim_end_matches('%').trim_end() } else { text };
    if field.whole {
        return text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| format!("'{text}' is not a whole number{off}"));
    }
    let number: Number = text.parse().map_err(|_| wrong())?;
    Ok(Value::Number(number))
}

/// Puts a value at a path; what stands in the way is replaced.
fn put(document: &mut Value, path: &str, value: Value) {
    let mut place = document;
    for part in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::rules::{BuyCost, Strategy, diff};

    fn set(pairs: &[&str]) -> Result<RuleDocument, Vec<FieldError>> {
        RuleDocument::shipped(Strategy::Balanced).set(pairs)
    }

    #[test]
    fn single_values_are_set_by_whole_or_shortened_paths() {
        let changed = set(&[
            "levels.buy.roi=35",
            "strong_buy.velocity=82.5",
            "buy.profit=4.00",
            "max_rank=250000",
            "fresh.score=120",
            "unit_costs.de.prep=25",
            "allowance_percent=2.5%",
            "amazon=skip",
        ])
        .unwrap();
        let shipped = RuleDocument::shipped(Strategy::Balanced);
        let paths: Vec<String> = diff(&shipped, &changed).into_iter().map(|change| change.path).collect();
        assert_eq!(
            paths,
            [
                "allowance_percent",
                "amazon",
                "buy.profit",
                "buy.roi_percent",
                "freshness.score_minutes",
                "max_rank",
                "strong_buy.velocity",
                "unit_costs.de",
            ]
        );
        assert_eq!((changed.buy.roi_percent, changed.buy.profit), (Decimal::from(35), 400));
        assert_eq!(changed.set(&["max_rank=off"]).unwrap().max_rank, None);
    }

    #[test]
    fn the_buy_cost_is_a_word_or_a_share() {
        let lowest = set(&["buy_cost=amazon_lowest"]).unwrap();
        assert_eq!(lowest.buy_cost, BuyCost::AmazonLowest);
        assert_eq!(
            lowest.set(&["buy_cost.factor=0.35"]).unwrap().buy_cost,
            BuyCost::Factor(Decimal::new(35, 2))
        );
        assert!(set(&["buy_cost=factor"]).is_err());
    }

    #[test]
    fn what_cannot_be_meant_is_told_with_what_could() {
        for (pair, words) in [
            ("buy.roi", "PATH=VALUE"),
            ("buy.rio=35", "buy.roi_percent"),
            ("max=3", "max_fba_offers or max_rank"),
            ("buy.roi=much", "not a number"),
            ("buy.profit=3.5", "3.00"),
            ("budget.mode=halt", "off, warn, stop"),
            ("max_rank=1.5", "whole number or off"),
            ("unit_costs.gr.prep=5", "gr"),
        ] {
            let errors = set(&[pair]).unwrap_err();
            assert!(errors.iter().any(|e| e.to_string().contains(words)), "{pair}: {errors:?}");
        }
        let errors = set(&["buy.roi=60"]).unwrap_err();
        assert_eq!(errors[0].field, "strong_buy.roi_percent", "the document is checked as a whole");
    }
}
