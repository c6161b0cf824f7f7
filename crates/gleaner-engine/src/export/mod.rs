//! Lists as sheets, ready to be written as CSV or as a spreadsheet: which columns a list has, and where their values
//! come from. One file for each kind of list; the writing is `gleaner-exchange`'s.
//!
//! To add a kind: its [`Field`]s, and a function that hands them to [`list`] with the items.

mod buy_list;
mod discovery;
mod figures;
mod known;
mod niches;
mod people;
mod picks;
mod records;
mod runs;
mod scores;
mod telling;
mod versions;

use std::borrow::Borrow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use gleaner_exchange::out::{Cell, column};
use serde::Serialize;

pub use buy_list::buy_list_sheet;
pub use discovery::discovery_sheet;
pub use gleaner_exchange::out::{Format, Sheet, WriteError};
pub use known::{ExportQuestion, KnownScore, KnownScores, MAX_EXPORTED};
pub use niches::{niche_comparison_sheet, niche_runs_sheet, niches_sheet};
pub use people::{audit_sheet, users_sheet};
pub use picks::{diff_sheet, picks_sheet, sightings_sheet};
pub use records::{cache_entries_sheet, history_sheet, ledger_sheet};
pub use runs::{jobs_sheet, runs_sheet};
pub use scores::scores_sheet;
pub use telling::{alerts_sheet, deliveries_sheet, notices_sheet};
pub use versions::{fee_card_versions_sheet, rules_versions_sheet};

/// A column of a list: its header, about how many letters its cells have, and what they say of an item.
type Field<T> = (&'static str, u8, fn(&T) -> Cell);

/// Items as a list, a row for each.
fn list<'a, T: 'a, B: Borrow<T>>(
    name: &'static str,
    made_at: DateTime<Utc>,
    items: impl IntoIterator<Item = B, IntoIter: Send + 'a>,
    fields: impl IntoIterator<Item = Field<T>>,
) -> Sheet<'a> {
    let fields: Vec<Field<T>> = fields.into_iter().collect();
    let columns = fields.iter().map(|(name, width, _)| column(name, *width)).collect();
    let rows =
        items.into_iter().map(move |item| fields.iter().map(|(.., cell)| cell(item.borrow())).collect());
    Sheet { name, made_at, columns, rows: Box::new(rows) }
}

/// A count of each word, for example `BUY 3, SKIP 12`.
fn counts(counts: &BTreeMap<String, i64>) -> Cell {
    let told: Vec<String> = counts
        .iter()
        .filter(|(_, count)| **count != 0)
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    if told.is_empty() { Cell::Missing } else { Cell::Text(told.join(", ")) }
}

/// The word by which a value is known in the API.
fn word(value: &impl Serialize) -> Cell {
    let value = serde_json::to_value(value).ok();
    Cell::text(value.as_ref().and_then(|value| value.as_str()))
}

/// The words of a list, with a comma between them.
fn words(values: &[impl Serialize]) -> Cell {
    let words: Vec<String> = values
        .iter()
        .filter_map(|value| serde_json::to_value(value).ok()?.as_str().map(str::to_owned))
        .collect();
    if words.is_empty() { Cell::Missing } else { Cell::Text(words.join(", ")) }
}
