//! Checking the database: whether every table is as this program expects it.

use gleaner_store::{ColumnReport, IndexReport, TableReport, VerifyReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Engine, EngineError};

/// The live schema against the expected one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DatabaseCheck {
    /// Whether every table is as it must be.
    pub ok: bool,
    /// The three shared tables first, then Gleaner's own.
    pub tables: Vec<TableCheck>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableCheck {
    /// Its name.
    pub name: String,
    /// Whether nothing is wrong with it.
    pub ok: bool,
    /// Its rows; null when it does not exist.
    #[schema(value_type = Option<i64>)]
    pub rows: Option<i64>,
    /// What is wrong, a sentence each.
    pub findings: Vec<String>,
    /// Its columns, for the three shared tables.
    pub columns: Vec<ColumnCheck>,
    /// Its indexes without the primary key's, for the three shared tables.
    pub indexes: Vec<IndexCheck>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnCheck {
    /// Its name.
    pub name: String,
    /// Its type, whether it may be null, its default; null for a column that should not exist.
    pub expected: Option<String>,
    /// The same as the database has it; null when it is missing.
    pub found: Option<String>,
    /// Whether they agree.
    pub ok: bool,
}

/// One index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndexCheck {
    /// Its name.
    pub name: String,
    /// The columns it has; those it should have when it is missing.
    pub columns: Vec<String>,
    /// Whether it is one of those that must exist. Others do no harm, unless they are unique.
    pub expected: bool,
    /// Whether it is as it must be.
    pub ok: bool,
}

impl Engine {
    /// Compares the database with what this program expects, and counts its rows. It changes nothing.
    pub async fn check_database(&self) -> Result<DatabaseCheck, EngineError> {
        Ok(self.store().verify().await?.into())
    }
}

impl From<VerifyReport> for DatabaseCheck {
    fn from(report: VerifyReport) -> Self {
        Self { ok: report.ok, tables: report.tables.into_iter().map(Into::into).collect() }
    }
}

impl From<TableReport> for TableCheck {
    fn from(table: TableReport) -> Self {
        Self {
            name: table.name,
            ok: table.ok,
            rows: table.rows,
            findings: table.findings,
            columns: table.columns.into_iter().map(Into::into).collect(),
            indexes: table.indexes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ColumnReport> for ColumnCheck {
    fn from(column: ColumnReport) -> Self {
        Self { name: column.name, expected: column.expected, found: column.found, ok: column.ok }
    }
}

impl From<IndexReport> for IndexCheck {
    fn from(index: IndexReport) -> Self {
        Self { name: index.name, columns: index.columns, expected: index.expected, ok: index.ok }
    }
}
