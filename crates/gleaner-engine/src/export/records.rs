//! What was recorded: the history, the token ledger, the rows of the caches.

use chrono::{DateTime, Utc};
use gleaner_exchange::out::{Cell, Sheet};

use super::{Field, list};
use crate::cache::Entry;
use crate::history::{HistoryEntry, Outcome};
use crate::tokens::LedgerEntry;

fn number(entry: &HistoryEntry, get: impl Fn(&Outcome) -> i64) -> Cell {
    Cell::integer(entry.outcome.as_ref().map(get))
}

const HISTORY: [Field<HistoryEntry>; 15] = [
    ("created_at", 17, |entry| Cell::time(entry.created_at)),
    ("search_type", 12, |entry| Cell::Text(entry.search_type.clone())),
    ("source", 10, |entry| Cell::text(entry.source.as_deref())),
    ("user_id", 38, |entry| entry.user_id.clone().map_or(Cell::Missing, Cell::Code)),
    ("results_count", 9, |entry| Cell::Integer(entry.results_count)),
    ("hits", 8, |entry| number(entry, |outcome| outcome.hits)),
    ("misses", 8, |entry| number(entry, |outcome| outcome.misses)),
    ("tokens_estimated", 9, |entry| number(entry, |outcome| outcome.tokens_estimated)),
    ("tokens_charged", 9, |entry| number(entry, |outcome| outcome.tokens_charged)),
    ("tokens_saved", 9, |entry| number(entry, |outcome| outcome.tokens_saved)),
    ("milliseconds", 9, |entry| number(entry, |outcome| outcome.milliseconds)),
    ("error", 20, |entry| Cell::text(entry.outcome.as_ref().and_then(|outcome| outcome.error.as_deref()))),
    ("verdicts", 30, |entry| {
        Cell::text(entry.outcome.as_ref().map(|outcome| outcome.verdicts.to_string()).as_deref())
    }),
    ("filters", 60, |entry| Cell::Text(entry.filters.to_string())),
    ("id", 38, |entry| Cell::Code(entry.id.clone())),
];

/// Rows of the history, in the order given.
#[must_use]
pub fn history_sheet(entries: &[HistoryEntry], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("history", made_at, entries, HISTORY)
}

const LEDGER: [Field<LedgerEntry>; 9] = [
    ("at", 17, |entry| Cell::Time(entry.at)),
    ("purpose", 10, |entry| Cell::Text(entry.purpose.clone())),
    ("request", 12, |entry| Cell::Text(entry.request.clone())),
    ("estimated", 9, |entry| Cell::Integer(entry.estimated)),
    ("charged", 9, |entry| Cell::integer(entry.charged)),
    ("balance_after", 9, |entry| Cell::integer(entry.balance_after)),
    ("products_bought", 9, |entry| Cell::Integer(entry.products_bought)),
    ("tokens_saved", 9, |entry| Cell::Integer(entry.tokens_saved)),
    ("id", 38, |entry| Cell::Code(entry.id.clone())),
];

/// Entries of the token ledger, in the order given.
#[must_use]
pub fn ledger_sheet(entries: &[LedgerEntry], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("ledger", made_at, entries, LEDGER)
}

const ENTRY: [Field<Entry>; 11] = [
    ("key", 40, |entry| Cell::Text(entry.key.clone())),
    ("created_at", 17, |entry| Cell::time(entry.created_at)),
    ("expires_at", 17, |entry| Cell::Time(entry.expires_at)),
    ("live", 8, |entry| Cell::Truth(entry.live)),
    ("hits", 8, |entry| Cell::Integer(entry.hits)),
    ("results", 8, |entry| Cell::integer(entry.results)),
    ("asin", 13, |entry| entry.asin.clone().map_or(Cell::Missing, Cell::Code)),
    ("title", 50, |entry| Cell::text(entry.title.as_deref())),
    ("recommendation", 14, |entry| Cell::text(entry.recommendation.as_deref())),
    ("roi_percent", 11, |entry| Cell::number(entry.roi_percent, 1)),
    ("filters", 60, |entry| Cell::text(entry.filters.as_ref().map(ToString::to_string).as_deref())),
];

/// Rows of a cache, in the order given.
#[must_use]
pub fn cache_entries_sheet(entries: &[Entry], made_at: DateTime<Utc>) -> Sheet<'_> {
    list("cache", made_at, entries, ENTRY)
}
