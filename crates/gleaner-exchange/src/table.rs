//! A table, whatever it was saved as: separated text or an Excel sheet.

use std::borrow::Cow;

use thiserror::Error;

use crate::csv::{self, Record, Records};
use crate::packed::{self, MAX_BYTES, PackedError};
use crate::text;
use crate::xlsx::{self, XlsxError};

/// Why a file is no table.
#[derive(Debug, Error)]
pub enum TableError {
    /// The gzip data is cut or damaged.
    #[error("the gzip data is damaged or cut off ({0}): save the file again")]
    Gzip(std::io::Error),
    /// Larger than what is read, unpacked.
    #[error("the file is larger than {} MB, or unpacks to far more than it should: split it", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// The workbook cannot be opened.
    #[error("the Excel file cannot be read ({0}): save it again, or as CSV")]
    Xlsx(String),
    /// An Excel file of before 2007.
    #[error("an Excel file of the old format (.xls): save it as .xlsx or CSV")]
    OldExcel,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A picture, a program, a web page.
    #[error("neither a table nor a saved Keepa answer: expected CSV, XLSX or JSON")]
    NotATable,
}

impl TableError {
    /// A stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "damaged_gzip",
            Self::TooLarge => "file_too_large",
            Self::Xlsx(_) => "damaged_xlsx",
            Self::OldExcel => "old_excel",
            Self::Empty => "empty_file",
            Self::NotATable => "not_a_table",
        }
    }
}

impl From<PackedError> for TableError {
    fn from(error: PackedError) -> Self {
        match error {
            PackedError::Damaged(error) => Self::Gzip(error),
            PackedError::TooLarge => Self::TooLarge,
        }
    }
}

/// A table that can be gone through more than once.
#[derive(Debug)]
pub struct Table<'a> {
    source: Source<'a>,
}

#[derive(Debug)]
enum Source<'a> {
    Text { text: Cow<'a, str>, separator: u8 },
    Sheet(xlsx::Sheet),
}

impl<'a> Table<'a> {
    /// Opens a file; gzip is unpacked.
    pub fn open(bytes: &'a [u8]) -> Result<Self, TableError> {
        const OLD_EXCEL: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];
        let text = match packed::unpack(bytes)? {
            Cow::Borrowed(bytes) if bytes.starts_with(b"PK\x03\x04") => return Self::sheet(bytes),
            Cow::Owned(bytes) if bytes.starts_with(b"PK\x03\x04") => return Self::sheet(&bytes),
            Cow::Borrowed(bytes) if bytes.starts_with(&OLD_EXCEL) => return Err(TableError::OldExcel),
            Cow::Borrowed(bytes) => text::decode(bytes),
            Cow::Owned(bytes) => Cow::Owned(text::decode(&bytes).into_owned()),
        };
        if text.trim().is_empty() {
            return Err(TableError::Empty);
        }
        let start = text.trim_start();
        let control = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
        if start.starts_with('<') || start.starts_with("%PDF") || text.chars().take(4_000).any(control) {
            return Err(TableError::NotATable);
        }
        let separator = csv::separator(&text);
        Ok(Self { source: Source::Text { text, separator } })
    }

    fn sheet(bytes: &[u8]) -> Result<Self, TableError> {
        let sheet = xlsx::read(bytes).map_err(|error| match error {
            XlsxError::Damaged(why) => TableError::Xlsx(why),
            XlsxError::TooLarge => TableError::TooLarge,
        })?;
        if sheet.records.is_empty() {
            Err(TableError::Empty)
        } else {
            Ok(Self { source: Source::Sheet(sheet) })
        }
    }

    /// Its records from the first on, with those that are blank.
    #[must_use]
    pub fn records(&self) -> Rows<'_> {
        match &self.source {
            Source::Text { text, separator } => Rows::Text(Records::new(text, *separator)),
            Source::Sheet(sheet) => Rows::Sheet(sheet.records.iter()),
        }
    }

    /// Sheets that were not read, by name.
    #[must_use]
    pub fn ignored_sheets(&self) -> &[String] {
        match &self.source {
            Source::Text { .. } => &[],
            Source::Sheet(sheet) => &sheet.ignored,
        }
    }
}

/// The records of a table.
#[derive(Debug)]
pub enum Rows<'a> {
    /// Of a text.
    Text(Records<'a>),
    /// Of a sheet.
    Sheet(std::slice::Iter<'a, Record<'static>>),
}

impl<'a> Iterator for Rows<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        match self {
            Self::Text(records) => records.next(),
            Self::Sheet(records) => records.next().map(|record| Record {
                line: record.line,
                cells: record.cells.iter().map(|cell| Cow::Borrowed(cell.as_ref())).collect(),
                fault: record.fault,
            }),
        }
    }
}

/// A heading without case, accents, pictures and punctuation: words with single blanks between them.
/// `%`, `&` and `:` stay, for they tell columns apart.
#[must_use]
pub fn plain(heading: &str) -> String {
    let mut words = String::new();
    for c in heading.to_lowercase().chars() {
        let c = fold(c);
        if c == ':' || c == '：' {
            words.truncate(words.trim_end().len());
            words.push_str(": ");
        } else if c.is_alphanumeric() || matches!(c, '%' | '&') {
            words.push(c);
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.trim().to_owned()
}

/// The letter without its accent.
fn fold(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_compared_without_case_accents_and_pictures() {
        assert_eq!(plain("Buy Box 🚚: Current"), "buy box: current");
        assert_eq!(plain("  Catégories : Root "), "categories: root");
        assert_eq!(plain("New, 3rd Party FBA: 90 days avg."), "new 3rd party fba: 90 days avg");
        assert_eq!(plain("新しい、第三者FBA: 90 日平均"), "新しい 第三者fba: 90 日平均");
        assert_eq!(plain("Unit_Price (€)"), "unit price");
        assert_eq!(plain("FBA Pick&Pack Fee"), "fba pick&pack fee");
    }

    #[test]
    fn what_is_no_table_is_refused_with_a_reason() {
        let code = |bytes: &[u8]| Table::open(bytes).unwrap_err().code();
        assert_eq!(code(b""), "empty_file");
        assert_eq!(code(b" \r\n "), "empty_file");
        assert_eq!(code(b"<html><body>login</body></html>"), "not_a_table");
        assert_eq!(code(b"%PDF-1.7"), "not_a_table");
        assert_eq!(code(b"\x89PNG\r\n\x1a\n\0\0"), "not_a_table");
        assert_eq!(code(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1]), "old_excel");
        assert_eq!(code(b"PK\x03\x04 cut off"), "damaged_xlsx");
        assert_eq!(code(&[0x1f, 0x8b, 8, 0]), "damaged_gzip");
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            if let Ok(table) = Table::open(&bytes) {
                let _ = table.records().count();
            }
        }
    }
}
