//! AutoSourcing: jobs, runs, picks, the buy list, differences.

pub mod buy_list;
pub mod diff;
pub mod jobs;
pub mod picks;
pub mod runs;
pub mod watch;

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use gleaner_engine::sourcing::Figures;
use serde::Serialize;

use super::table::or_missing;

/// A moment as it stands in tables.
fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// An amount as it stands in tables.
fn money(minor: Option<i64>, marketplace: Marketplace) -> String {
    or_missing(minor.map(|minor| Money::new(minor, marketplace)))
}

/// A percentage as it stands in tables.
fn percent(value: Option<f64>) -> String {
    or_missing(value.map(|value| format!("{value:.1}")))
}

/// A verdict as it stands in tables, with a mark when it hangs on an assumed cost.
fn verdict(figures: &Figures) -> String {
    super::score::verdict(figures.recommendation, figures.verdict_basis)
}

/// A word of a closed list as people read it: `to_buy` is "to buy".
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('_', " "),
        _ => super::table::MISSING.to_owned(),
    }
}
