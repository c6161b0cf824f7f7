//! Keepa's own exports: the table that its web page writes for a list, a search or a seller.
//!
//! An export has figures, not histories: the 90-day average stands in for the median, and what a column
//! would tell stays unknown where the export lacks it. Each row says so in its [`Note`]s.
//!
//! To read one more column: see [`columns`].

mod columns;
mod row;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use gleaner_core::Marketplace;
use keepa::Asin;
use serde::{Deserialize, Serialize};

use crate::Rejection;
use crate::csv::Record;
use crate::number::DecimalMark;
use crate::table::Table;
use columns::Columns;

pub use row::ExportRow;

/// How many rows are looked at to find out how the file writes decimals.
const DECIMAL_SAMPLE: usize = 500;

/// How far down the header may stand.
const HEADER_WITHIN: usize = 10;

/// What a row of an export means beside its figures. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The 90-day average stands in for the median; the confidence is medium at best.
    AverageForMedian,
    /// The export has no root category: a media closing fee or a category's commission may be missing.
    CategoryUnknown,
    /// The category was told from the ISBN.
    CategoryFromIsbn,
    /// Neither the file nor the caller says when it was exported, so how old the figures are is not known.
    ExportTimeUnknown,
    /// It was judged at a moment before the export: the figures are younger than the judgement.
    ExportedAfterwards,
    /// A cell that is used holds no number; it counts as missing.
    UnreadableCell,
}

/// An export that was read.
#[derive(Debug)]
pub struct Export {
    /// When Keepa wrote it, if the file tells.
    pub exported_at: Option<DateTime<Utc>>,
    /// Its products, in the file's order, each once.
    pub rows: Vec<ExportRow>,
    /// Rows that cannot be used.
    pub rejected: Vec<Rejection>,
}

/// Reads an export; `None` when the table is none. `marketplace` is that of rows that do not say theirs.
#[must_use]
pub fn read(table: &Table<'_>, marketplace: Marketplace) -> Option<Export> {
    let (skipped, columns) = header(table)?;
    let rows = || table.records().skip(skipped + 1).filter(|record| !record.is_blank());
    let decimals: Vec<usize> = columns.decimals().collect();
    let sample: Vec<Record<'_>> = rows().take(DECIMAL_SAMPLE).collect();
    let mark =
        DecimalMark::of(sample.iter().flat_map(|record| decimals.iter().map(|column| record.cell(*column))));
    drop(sample);

    let mut export = Export { exported_at: None, rows: Vec::new(), rejected: Vec::new() };
    let mut lines: HashMap<Asin, u64> = HashMap::new();
    let mut cut_off = None;
    for record in rows() {
        if let Some(at) = record.cells.iter().rev().take(4).find_map(|cell| exported_at(cell)) {
            export.exported_at = export.exported_at.or(Some(at));
            if record.cells.iter().filter(|cell| !cell.trim().is_empty()).count() == 1 {
                // Keepa's signature in a row of its own.
                continue;
            }
        }
        cut_off = Some(record.line).filter(|_| record.cells.len() < columns.width);
        match row::read(&record, &columns, mark, marketplace) {
            Ok(row) => {
                if let Some(first) = lines.insert(row.asin, row.line) {
                    lines.insert(row.asin, first);
                    let message = format!("{} stands in line {first} already: that one counts", row.asin);
                    export.rejected.push(Rejection::row(
                        row.line,
                        row.asin.as_str(),
                        "duplicate_row",
                        message,
                    ));
                } else {
                    export.rows.push(row);
                }
            }
            Err(rejection) => export.rejected.push(rejection),
        }
    }
    // A shorter last row was cut in the middle, perhaps in the middle of a price.
    if let Some(line) = cut_off
        && let Some(last) = export.rows.pop_if(|row| row.line == line)
    {
        let message = "the file ends in the middle of this row: export it again";
        export.rejected.push(Rejection::row(line, last.asin.as_str(), "cut_off_row", message));
    }
    Some(export)
}

/// The header, as how many records stand above it, and its columns.
fn header(table: &Table<'_>) -> Option<(usize, Columns)> {
    table.records().take(HEADER_WITHIN).enumerate().find_map(|(skipped, record)| {
        let columns = Columns::recognise(&record, table.records().skip(skipped + 1))?;
        Some((skipped, columns))
    })
}

/// Reads `Exported on 2026-01-19 16:16 (UTC) by …`.
fn exported_at(cell: &str) -> Option<DateTime<Utc>> {
    let text = cell.trim();
    text.contains("Keepa").then_some(())?;
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let moment = text.get(start..start + 16)?;
    NaiveDateTime::parse_from_str(moment, "%Y-%m-%d %H:%M").ok().map(|naive| naive.and_utc())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
