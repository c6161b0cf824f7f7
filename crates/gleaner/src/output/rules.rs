//! Rules.

use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use gleaner_core::rules::{Change, FIELDS, Unit};
use gleaner_engine::rules::RulesVersion;
use serde_json::Value;

use super::table;

/// Prints the strategies with what they ask for a BUY.
pub fn list(all: &[RulesVersion]) -> anyhow::Result<()> {
    let mut rows =
        table::new(&["STRATEGY", ">VERSION", ">BUY: ROI %", ">VELOCITY", ">PROFIT (US)", "CONDITION"]);
    for rules in all {
        let buy = &rules.document.buy;
        rows.add([
            rules.strategy.to_string(),
            rules.version.to_string(),
            buy.roi_percent.to_string(),
            buy.velocity.to_string(),
            Money::new(buy.profit, Marketplace::Us).to_string(),
            rules.document.condition.to_string(),
        ]);
    }
    rows.print()
}

/// Prints every value of a document by its path.
pub fn print(rules: &RulesVersion) -> anyhow::Result<()> {
    super::line(format!("{} rules, version {}", rules.strategy, rules.version))?;
    let mut rows = table::new(&["RULE", ">VALUE", "UNIT"]);
    let mut values = Vec::new();
    flatten(String::new(), &serde_json::to_value(&rules.document)?, &mut values);
    for (path, value) in values {
        let unit = unit(&path).to_owned();
        rows.add([path, value, unit]);
    }
    rows.print()
}

/// In what a value is given.
fn unit(path: &str) -> &'static str {
    let field = FIELDS.iter().find(|field| {
        let (steps, known) = (path.split('.'), field.path.split('.'));
        steps.clone().count() == known.clone().count()
            && steps.zip(known).all(|(step, known)| known == "*" || known == step)
    });
    match field.map(|field| field.unit) {
        Some(Unit::Percent) => "%",
        Some(Unit::Share) => "share",
        Some(Unit::Money) => "cents (minor unit)",
        Some(Unit::Score) => "0 to 100",
        Some(Unit::Months) => "months",
        Some(Unit::Minutes) => "minutes",
        Some(Unit::Tokens) => "tokens",
        Some(Unit::Count) => "offers",
        Some(Unit::Rank) => "rank",
        Some(Unit::Choice) | None => "",
    }
}

fn flatten(path: String, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(path, member, into);
            }
        }
        other => into.push((path, word(other))),
    }
}

/// A value as people read it.
fn word(value: &Value) -> String {
    match value {
        Value::Null => "off".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Prints the versions, newest first.
pub fn versions(all: &[RulesVersion]) -> anyhow::Result<()> {
    let mut rows = table::new(&[">VERSION", "SAVED (UTC)", "BY", ">CHANGES", "WHY"]);
    for version in all {
        rows.add([
            version.version.to_string(),
            version
                .created_at
                .map_or_else(|| "shipped".to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string()),
            table::or_missing(version.author.as_deref()),
            version.changes.len().to_string(),
            table::or_missing(version.note.as_deref()),
        ]);
    }
    rows.print()
}

/// Prints what changed, path by path.
pub fn changes(changes: &[Change]) -> anyhow::Result<()> {
    if changes.is_empty() {
        return super::line("no difference");
    }
    for change in changes {
        super::line(format!("{}: {} -> {}", change.path, word(&change.from), word(&change.to)))?;
    }
    Ok(())
}
