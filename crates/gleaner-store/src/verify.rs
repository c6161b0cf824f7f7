//! Comparing the live schema with the expected one, table by table, column by column, index by index.

use crate::migrate::RECORD;
use crate::migrations;
use crate::schema::{Column, DefaultValue, LiveColumn, LiveIndex, SHARED, Table};
use crate::session::Session;
use crate::{Engine, Store, StoreError, postgres, sqlite};

/// What [`Store::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The three shared tables first, then ours.
    pub tables: Vec<TableReport>,
    /// Whether every table is as it must be.
    pub ok: bool,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableReport {
    /// Its name.
    pub name: String,
    /// Whether nothing is wrong with it.
    pub ok: bool,
    /// Its rows; `None` when it does not exist.
    pub rows: Option<i64>,
    /// What is wrong, a sentence each.
    pub findings: Vec<String>,
    /// Its columns, for the three shared tables.
    pub columns: Vec<ColumnReport>,
    /// Its indexes without the primary key's, for the three shared tables.
    pub indexes: Vec<IndexReport>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its type, whether it may be null, its default; `None` for a column that should not exist.
    pub expected: Option<String>,
    /// The same as the database has it; `None` when it is missing.
    pub found: Option<String>,
    /// Whether they agree.
    pub ok: bool,
}

/// One index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexReport {
    /// Its name.
    pub name: String,
    /// The columns it has; those it should have when it is missing.
    pub columns: Vec<String>,
    /// Whether it is one of those that must exist. Others do no harm, unless they are unique.
    pub expected: bool,
    /// Whether it is as it must be.
    pub ok: bool,
}

impl Store {
    /// Compares the database with what this program expects, and counts rows. It changes nothing.
    pub async fn verify(&self) -> Result<VerifyReport, StoreError> {
        self.refuse_newer_schema().await?;
        let mut session = self.reading().await?;
        let tables = verify(&mut session).await;
        let tables = session.end(tables).await?;
        Ok(VerifyReport { ok: tables.iter().all(|table| table.ok), tables })
    }
}

async fn verify(session: &mut Session) -> Result<Vec<TableReport>, StoreError> {
    let live = session.tables().await?;
    let mut reports = Vec::new();
    for table in &SHARED {
        let mut report = count(session, table.name, &live).await?;
        if report.rows.is_some() {
            let (columns, indexes) = match session.engine() {
                Engine::Sqlite => {
                    (sqlite::columns(session, table.name).await?, sqlite::indexes(session, table.name).await?)
                }
                Engine::Postgres => (
                    postgres::columns(session, table.name).await?,
                    postgres::indexes(session, table.name).await?,
                ),
            };
            compare_columns(&mut report, session.engine(), table, &columns);
            compare_indexes(&mut report, table, &indexes);
            report.ok = report.findings.is_empty();
        }
        reports.push(report);
    }
    let ours = migrations::ALL.iter().filter(|migration| !migration.shared).map(|migration| migration.name);
    for name in [RECORD].into_iter().chain(ours) {
        reports.push(count(session, name, &live).await?);
    }
    Ok(reports)
}

async fn count(session: &mut Session, name: &str, live: &[String]) -> Result<TableReport, StoreError> {
    let mut report = TableReport {
        name: name.to_owned(),
        ok: true,
        rows: None,
        findings: Vec::new(),
        columns: Vec::new(),
        indexes: Vec::new(),
    };
    if live.iter().any(|table| table == name) {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {name}");
        report.rows = session.row::<(i64,)>(sql, &[]).await?.map(|(rows,)| rows);
    } else {
        report.ok = false;
        report.findings.push("the table is missing".to_owned());
    }
    Ok(report)
}

fn compare_columns(report: &mut TableReport, engine: Engine, table: &Table, live: &[LiveColumn]) {
    for column in table.columns {
        let found = live.iter().find(|live| live.name == column.name);
        let wrong = match found {
            None => Some(format!("column {} is missing", column.name)),
            Some(live) => wrong_column(engine, column, live),
        };
        report.columns.push(ColumnReport {
            name: column.name.to_owned(),
            expected: Some(describe(&column.kind.name(), column.nullable, Some(column.default.name()))),
            found: found.map(|live| describe(&live.kind, live.nullable, live.default.as_deref())),
            ok: wrong.is_none(),
        });
        report.findings.extend(wrong);
    }
    for live in live.iter().filter(|live| !table.columns.iter().any(|column| column.name == live.name)) {
        report.findings.push(format!("column {} should not exist", live.name));
        report.columns.push(ColumnReport {
            name: live.name.clone(),
            expected: None,
            found: Some(describe(&live.kind, live.nullable, live.default.as_deref())),
            ok: false,
        });
    }
}

fn wrong_column(engine: Engine, column: &Column, live: &LiveColumn) -> Option<String> {
    let name = column.name;
    if !column.kind.accepts(engine, &live.kind) {
        return Some(format!("column {name}: expected {}, found {}", column.kind.name(), live.kind));
    }
    if column.nullable != live.nullable {
        let word = |nullable| if nullable { "nullable" } else { "NOT NULL" };
        return Some(format!(
            "column {name}: expected {}, found {}",
            word(column.nullable),
            word(live.nullable)
        ));
    }
    if !column.default.accepts(live.default.as_deref()) {
        let found = live
            .default
            .as_deref()
            .map_or_else(|| DefaultValue::Nothing.name().to_owned(), |live| format!("default {live}"));
        return Some(format!("column {name}: expected {}, found {found}", column.default.name()));
    }
    None
}

fn compare_indexes(report: &mut TableReport, table: &Table, live: &[LiveIndex]) {
    let key = table.columns.first().map(|column| column.name);
    match live.iter().find(|index| index.primary) {
        Some(index) if index.columns.iter().map(String::as_str).eq(key) => {}
        Some(index) => report.findings.push(format!(
            "primary key: expected {}, found {}",
            key.unwrap_or_default(),
            index.columns.join(", ")
        )),
        None => {
            report.findings.push(format!("primary key: expected {}, found none", key.unwrap_or_default()));
        }
    }
    for &(name, column) in table.indexes {
        let found = live.iter().find(|index| index.name == name);
        let wrong = match found {
            None => Some(format!("index {name} ({column}) is missing")),
            Some(index) if index.columns != [column] => {
                Some(format!("index {name}: expected ({column}), found ({})", index.columns.join(", ")))
            }
            Some(index) if !index.whole => Some(format!("index {name} is partial or invalid")),
            Some(index) if index.unique => Some(format!("index {name} should not be unique")),
            Some(_) => None,
        };
        report.indexes.push(IndexReport {
            name: name.to_owned(),
            columns: found.map_or_else(|| vec![column.to_owned()], |index| index.columns.clone()),
            expected: true,
            ok: wrong.is_none(),
        });
        report.findings.extend(wrong);
    }
    let others = live
        .iter()
        .filter(|index| !index.primary && !table.indexes.iter().any(|(name, _)| *name == index.name));
    for index in others {
        if index.unique {
            let columns = index.columns.join(", ");
            report.findings.push(format!("unique index {} ({columns}) should not exist", index.name));
        }
        report.indexes.push(IndexReport {
            name: index.name.clone(),
            columns: index.columns.clone(),
            expected: false,
            ok: !index.unique,
        });
    }
}

fn describe(kind: &str, nullable: bool, default: Option<&str>) -> String {
    let mut text = kind.to_owned();
    if !nullable {
        text.push_str(" NOT NULL");
    }
    match default {
        None | Some("no default") => {}
        Some(default) if default.starts_with("default ") => {
            text.push(' ');
            text.push_str(default);
        }
        Some(default) => {
            text.push_str(" default ");
            text.push_str(default);
        }
    }
    text
}
