//! Versions of rules and of fee cards: who saved what, when and why.

use chrono::{DateTime, Utc};
use gleaner_core::rules::Change;
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, list, word};
use crate::fee_cards::FeeCardVersion;
use crate::rules::RulesVersion;

/// What changed, path by path; nothing where nothing did.
fn changes(changes: &[Change]) -> Cell {
    let told: Vec<String> =
        changes.iter().map(|change| format!("{}: {} -> {}", change.path, change.from, change.to)).collect();
    if told.is_empty() { Cell::Missing } else { Cell::Text(told.join("; ")) }
}

const RULES: [Field<RulesVersion>; 7] = [
    ("strategy", 10, |saved| Cell::Text(saved.strategy.to_string())),
    ("version", 8, |saved| Cell::Integer(saved.version)),
    ("created_at", 17, |saved| Cell::time(saved.created_at)),
    ("author", 24, |saved| Cell::text(saved.author.as_deref())),
    ("note", 40, |saved| Cell::text(saved.note.as_deref())),
    ("changed", 8, |saved| Cell::integer(i64::try_from(saved.changes.len()).ok())),
    ("changes", 60, |saved| changes(&saved.changes)),
];

/// Versions of a strategy's rules, in the order given.
#[must_use]
pub fn rules_versions_sheet(versions: &[RulesVersion], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("rules", made_at, versions, RULES)
}

const CARDS: [Field<FeeCardVersion>; 8] = [
    ("card", 16, |saved| Cell::Text(saved.id.clone())),
    ("version", 8, |saved| Cell::Integer(saved.version)),
    ("origin", 10, |saved| word(&saved.origin)),
    ("created_at", 17, |saved| Cell::time(saved.created_at)),
    ("author", 24, |saved| Cell::text(saved.author.as_deref())),
    ("note", 40, |saved| Cell::text(saved.note.as_deref())),
    ("changed", 8, |saved| Cell::integer(i64::try_from(saved.changes.len()).ok())),
    ("changes", 60, |saved| changes(&saved.changes)),
];

/// Versions of a fee card, in the order given.
#[must_use]
pub fn fee_card_versions_sheet(versions: &[FeeCardVersion], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("fee-card", made_at, versions, CARDS)
}
