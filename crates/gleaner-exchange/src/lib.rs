//! Files in and out: what people save, export and get from suppliers.
//!
//! Each format has a module that turns bytes into typed values and never guesses silently: what
//! cannot be used is an error, or a [`Rejection`] that names the row. To add a format, add a module with
//! a `read` function, and a variant of [`Content`] that [`read`] recognises by what is in the file.

pub mod codes;
pub mod csv;
pub mod keepa_csv;
pub mod keepa_json;
pub mod links;
pub mod number;
pub mod out;
pub mod packed;
pub mod records;
pub mod supplier;
pub mod table;
pub mod text;
mod xlsx;

use gleaner_core::Marketplace;
use thiserror::Error;

use crate::packed::PackedError;
use crate::table::{Table, TableError};

/// What a file turned out to be.
#[derive(Debug)]
pub enum Content {
    /// A saved Keepa answer.
    KeepaJson(keepa_json::SavedAnswer),
    /// An export of Keepa's web page.
    KeepaExport(keepa_csv::Export),
    /// A supplier's list.
    SupplierList(supplier::SupplierList),
}

/// Why a file cannot be used at all.
#[derive(Debug, Error)]
pub enum FileError {
    /// A saved answer that cannot be read.
    #[error(transparent)]
    Json(#[from] keepa_json::ReadError),
    /// No table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A table without product codes.
    #[error(
        "no column with product codes: expected a heading such as ASIN, ISBN, EAN, UPC, GTIN or barcode, or a \
         column of codes with right check digits"
    )]
    NoCodes,
}

impl FileError {
    /// A stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Table(error) => error.code(),
            Self::NoCodes => "no_code_column",
        }
    }
}

impl From<PackedError> for FileError {
    fn from(error: PackedError) -> Self {
        TableError::from(error).into()
    }
}

/// Reads a file by what is in it, whatever its name. `marketplace` is where rows are sold that do not
/// say it themselves, and the currency of a supplier's costs.
pub fn read(bytes: &[u8], marketplace: Marketplace) -> Result<Content, FileError> {
    let unpacked = packed::unpack(bytes)?;
    let text = unpacked.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&unpacked);
    if text.trim_ascii_start().starts_with(b"{") || text.trim_ascii_start().starts_with(b"[") {
        return Ok(Content::KeepaJson(keepa_json::read(&unpacked)?));
    }
    let table = Table::open(&unpacked)?;
    if let Some(export) = keepa_csv::read(&table, marketplace) {
        return Ok(Content::KeepaExport(export));
    }
    supplier::read(&table, marketplace).map(Content::SupplierList).ok_or(FileError::NoCodes)
}

/// A row, or a part of a file, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The line the row begins on; `None` for what is no row.
    pub line: Option<u64>,
    /// What stood there, cut to 60 characters.
    pub input: String,
    /// A stable code for machines.
    pub code: String,
    /// A sentence: what is wrong and what to do.
    pub message: String,
}

impl Rejection {
    pub(crate) fn row(line: u64, input: &str, code: &str, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::file(input, code, message) }
    }

    pub(crate) fn file(input: &str, code: &str, message: impl Into<String>) -> Self {
        let input = input.chars().take(60).collect();
        Self { line: None, input, code: code.to_owned(), message: message.into() }
    }
}
