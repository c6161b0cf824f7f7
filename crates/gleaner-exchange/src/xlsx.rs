//! The first sheet of an Excel file, as records.
//!
//! The reader underneath trusts the archive; so its parts are unpacked once before, to nowhere, and what
//! grows out of all proportion is refused.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use flate2::read::DeflateDecoder;

use crate::csv::{Fault, Record};

/// The most that the parts of a workbook may unpack to: a sheet of 100,000 rows stays below it.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// A workbook shrinks to a tenth, at best to a fiftieth.
const MOST_GROWTH: u64 = 100;
const ALWAYS: u64 = 4 * 1024 * 1024;
/// The widest sheet that is read.
const MOST_COLUMNS: u32 = 2_000;
/// The most cells that are kept.
const MOST_CELLS: usize = 4_000_000;

/// Why a workbook cannot be read.
#[derive(Debug)]
pub enum XlsxError {
    /// No workbook, or cut off.
    Damaged(String),
    /// Unpacked it is larger than anybody's list.
    TooLarge,
}

/// The sheet that was read.
#[derive(Debug)]
pub struct Sheet {
    /// Its rows; the line is the row's number.
    pub records: Vec<Record<'static>>,
    /// The names of sheets behind it.
    pub ignored: Vec<String>,
}

/// Reads the first sheet that holds anything.
pub fn read(bytes: &[u8]) -> Result<Sheet, XlsxError> {
    bounded(bytes)?;
    let damaged = |e: calamine::XlsxError| XlsxError::Damaged(e.to_string());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = book.sheet_names();
    for (i, name) in names.iter().enumerate() {
        let records = records(&mut book, name)?;
        if !records.is_empty() || i + 1 == names.len() {
            let ignored = names.iter().skip(i + 1).cloned().collect();
            return Ok(Sheet { records, ignored });
        }
    }
    Err(XlsxError::Damaged("it has no sheet".to_owned()))
}

fn records(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Record<'static>>, XlsxError> {
    let damaged = |e: calamine::XlsxError| XlsxError::Damaged(e.to_string());
    let mut cells = book.worksheet_cells_reader(name).map_err(damaged)?;
    let mut records: Vec<Record<'static>> = Vec::new();
    let mut kept = 0;
    // Cell by cell: a sheet that claims a cell in its last corner costs one cell, not a grid.
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let Some(text) = text(cell.get_value()) else { continue };
        let line = u64::from(row) + 1;
        if records.last().is_none_or(|last| last.line != line) {
            records.push(Record { line, cells: Vec::new(), fault: None });
        }
        let Some(record) = records.last_mut() else { continue };
        if column >= MOST_COLUMNS {
            record.fault = Some(Fault::TooManyCells);
            continue;
        }
        let column = column as usize;
        kept += (column + 1).saturating_sub(record.cells.len());
        if kept > MOST_CELLS {
            return Err(XlsxError::TooLarge);
        }
        if record.cells.len() <= column {
            record.cells.resize(column + 1, Cow::Borrowed(""));
        }
        record.cells[column] = Cow::Owned(text);
    }
    Ok(records)
}

/// What a cell shows; a number without the digits that a float adds.
fn text(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(number.to_string()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::Bool(value) => Some(if *value { "yes" } else { "no" }.to_owned()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text.clone()),
        DataRef::DateTime(time) => Some(time.as_f64().to_string()),
        DataRef::Error(_) | DataRef::Empty => None,
    }
    .filter(|text| !text.is_empty())
}

/// Walks the archive's directory and unpacks every part to nowhere.
fn bounded(bytes: &[u8]) -> Result<(), XlsxError> {
    const END: [u8; 4] = [b'P', b'K', 5, 6];
    const ENTRY: [u8; 4] = [b'P', b'K', 1, 2];
    let damaged = || XlsxError::Damaged("its archive is cut off or damaged".to_owned());
    let size = bytes.len() as u64;
    let most = size.saturating_mul(MOST_GROWTH).clamp(ALWAYS, MAX_UNPACKED);
    let tail = bytes.len().saturating_sub(66_000);
    let end = bytes[tail..].windows(4).rposition(|w| w == END).ok_or_else(damaged)? + tail;
    let short = |at: usize| bytes.get(at..at + 2).map(|b| usize::from(b[0]) | usize::from(b[1]) << 8);
    let long = |at: usize| Some(short(at)? | short(at + 2)? << 16);
    let mut at = long(end + 16).ok_or_else(damaged)?;
    let mut total = 0;
    for _ in 0..short(end + 10).ok_or_else(damaged)? {
        if bytes.get(at..at + 4) != Some(&ENTRY) {
            return Err(damaged());
        }
        let field = |offset| long(at + offset).ok_or_else(damaged);
        let (packed, local) = (field(20)?, field(42)?);
        let data =
            local + 30 + short(local + 26).ok_or_else(damaged)? + short(local + 28).ok_or_else(damaged)?;
        let part = bytes.get(data..data.saturating_add(packed).min(bytes.len())).ok_or_else(damaged)?;
        let grown = match short(at + 10) {
            Some(8) => {
                let mut unpacker = DeflateDecoder::new(part).take(most + 1 - total);
                std::io::copy(&mut unpacker, &mut std::io::sink()).map_err(|_| damaged())?
            }
            _ => part.len() as u64,
        };
        total += grown;
        if total > most {
            return Err(XlsxError::TooLarge);
        }
        let skip = [28, 30, 32].map(|offset| short(at + offset));
        at += 46 + skip.into_iter().try_fold(0, |sum, n| Some(sum + n?)).ok_or_else(damaged)?;
    }
    Ok(())
}
