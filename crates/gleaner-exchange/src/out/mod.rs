//! Lists on their way out: typed cells, written as CSV or as a spreadsheet.
//!
//! A [`Sheet`] is a header and an iterator of rows, so that a list of any length is written with the memory of one
//! row. What a list holds is said by whoever has it; how a kind of cell looks in each format is said here, once:
//!
//! | cell | CSV | XLSX |
//! |---|---|---|
//! | text | as it is, a sign that could start a formula disarmed | a text, never a formula |
//! | code (ASIN, ISBN, EAN) | all its digits | a text, with its zeros |
//! | money | major units with the currency's decimals | a number with as many decimals |
//! | time | `2026-01-05T07:00:00Z` | a date and time, in UTC |
//! | link | the address | a link to click |
//! | missing | empty | empty |

mod csv;
mod xlsx;

use std::io::Write;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use gleaner_core::money::Money;
use thiserror::Error;

/// A format that lists are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values in UTF-8.
    Csv,
    /// A spreadsheet of Excel 2007 and later.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    /// How file names end, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("'{text}' is not a format: use csv or xlsx"))
    }
}

/// A column: what its header says, and what its cells are, for their width and alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The header, for example `roi_percent`.
    pub name: &'static str,
    /// About how many letters its cells have.
    pub width: u8,
}

/// A column of a name and a width in letters.
#[must_use]
pub const fn column(name: &'static str, width: u8) -> Column {
    Column { name, width }
}

/// A value in a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing is known: an empty cell, never 0.
    Missing,
    /// What people or Amazon wrote.
    Text(String),
    /// Digits and letters that name something and are no number: ASIN, ISBN, EAN.
    Code(String),
    /// A whole number.
    Integer(i64),
    /// A number, with the decimals to show in a spreadsheet.
    Number(f64, u8),
    /// An amount.
    Money(Money),
    /// A moment.
    Time(DateTime<Utc>),
    /// Yes or no.
    Truth(bool),
    /// An address to follow, and the words to click.
    Link(String, &'static str),
}

impl Cell {
    /// A text, or nothing.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Missing, |text| Self::Text(text.to_owned()))
    }

    /// A whole number, or nothing.
    #[must_use]
    pub fn integer(number: Option<i64>) -> Self {
        number.map_or(Self::Missing, Self::Integer)
    }

    /// A number with some decimals, or nothing.
    #[must_use]
    pub fn number(number: Option<f64>, decimals: u8) -> Self {
        number.filter(|n| n.is_finite()).map_or(Self::Missing, |number| Self::Number(number, decimals))
    }

    /// An amount in minor units, or nothing.
    #[must_use]
    pub fn money(minor: Option<i64>, marketplace: gleaner_core::Marketplace) -> Self {
        minor.map_or(Self::Missing, |minor| Self::Money(Money::new(minor, marketplace)))
    }

    /// A moment, or nothing.
    #[must_use]
    pub fn time(time: Option<DateTime<Utc>>) -> Self {
        time.map_or(Self::Missing, Self::Time)
    }

    /// Yes, no, or nothing.
    #[must_use]
    pub fn truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Missing, Self::Truth)
    }
}

/// A list to write.
pub struct Sheet<'a> {
    /// What it is a list of; the name of the sheet and of a downloaded file.
    pub name: &'static str,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Box<dyn Iterator<Item = Vec<Cell>> + Send + 'a>,
}

impl std::fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("name", &self.name)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl Sheet<'_> {
    /// A name for the file, for example `scores-2026-01-05.csv`.
    #[must_use]
    pub fn file_name(&self, format: Format) -> String {
        format!("{}-{}.{}", self.name, self.made_at.format("%Y-%m-%d"), format.extension())
    }

    /// Writes the list; answers how many rows it had.
    pub fn write(self, format: Format, to: impl Write + Send) -> Result<u64, WriteError> {
        match format {
            Format::Csv => csv::write(self, to),
            Format::Xlsx => xlsx::write(self, to),
        }
    }
}

/// Why a list could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The place it is written to does not take it.
    #[error("the file cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// A spreadsheet has no room for it.
    #[error("a spreadsheet holds at most 1,048,575 rows under its header: write this list as CSV")]
    TooManyRows,
    /// The spreadsheet's own rules are broken.
    #[error("the spreadsheet cannot be written: {0}")]
    Spreadsheet(#[source] Box<rust_xlsxwriter::XlsxError>),
}

#[cfg(test)]
mod tests;
