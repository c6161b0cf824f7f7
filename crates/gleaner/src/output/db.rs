//! The database: what was done to it and what it looks like. Plain ASCII, also on a terminal.

use gleaner_engine::database::DatabaseCheck;
use gleaner_store::{MigrationReport, MigrationStatus, RollbackReport, VerifyReport};
use serde_json::json;

use super::table::{self, or_missing};

/// Prints which migrations ran.
pub fn migrated(report: &MigrationReport) -> anyhow::Result<()> {
    if report.applied.is_empty() {
        return super::line("up to date");
    }
    for (version, name) in &report.applied {
        let adopted = report.adopted.contains(name);
        super::line(format!("applied {version:04} {name}{}", if adopted { " (table adopted)" } else { "" }))?;
    }
    Ok(())
}

/// The same as JSON.
pub fn migrated_json(report: &MigrationReport) -> anyhow::Result<()> {
    super::json(&json!({ "applied": list(&report.applied), "adopted": report.adopted }))
}

/// Prints which migrations were undone.
pub fn rolled_back(report: &RollbackReport) -> anyhow::Result<()> {
    if report.reverted.is_empty() {
        return super::line("nothing to roll back");
    }
    for (version, name) in &report.reverted {
        let kept = report.kept.contains(name);
        super::line(format!(
            "rolled back {version:04} {name}{}",
            if kept { " (adopted table kept)" } else { "" }
        ))?;
    }
    Ok(())
}

/// The same as JSON.
pub fn rolled_back_json(report: &RollbackReport) -> anyhow::Result<()> {
    super::json(&json!({ "reverted": list(&report.reverted), "kept": report.kept }))
}

fn list(migrations: &[(i64, String)]) -> serde_json::Value {
    migrations.iter().map(|(version, name)| json!({ "version": version, "name": name })).collect()
}

/// Prints every migration and when it ran.
pub fn status(all: &[MigrationStatus]) -> anyhow::Result<()> {
    let mut rows = table::new(&[">VERSION", "NAME", "APPLIED (UTC)", "ADOPTED"]);
    for migration in all {
        rows.add([
            format!("{:04}", migration.version),
            migration.name.clone(),
            or_missing(migration.applied_at.map(|at| at.format("%Y-%m-%d %H:%M:%S"))),
            if migration.adopted { "yes" } else { "" }.to_owned(),
        ]);
    }
    rows.print()
}

/// The same as JSON.
pub fn status_json(all: &[MigrationStatus]) -> anyhow::Result<()> {
    let rows: Vec<_> = all
        .iter()
        .map(|m| {
            json!({ "version": m.version, "name": m.name, "applied_at": m.applied_at, "adopted": m.adopted })
        })
        .collect();
    super::json(&rows)
}

/// Prints OK and FAIL lines: each table with its rows, each column, each index, each finding.
pub fn verified(report: &VerifyReport) -> anyhow::Result<()> {
    for table in &report.tables {
        let rows = table.rows.map_or_else(|| "missing".to_owned(), |n| format!("{n} rows"));
        super::line(format!("{:<4} table {} ({rows})", verdict(table.ok), table.name))?;
        for column in &table.columns {
            let shape = column.found.as_deref().or(column.expected.as_deref()).unwrap_or_default();
            // A default may have been written over several lines.
            let shape = shape.split_whitespace().collect::<Vec<_>>().join(" ");
            super::line(format!("{:<4}   column {} {shape}", verdict(column.ok), column.name))?;
        }
        for index in &table.indexes {
            super::line(format!(
                "{:<4}   index {} ({})",
                verdict(index.ok),
                index.name,
                index.columns.join(", ")
            ))?;
        }
        for finding in &table.findings {
            super::line(format!("FAIL   {finding}"))?;
        }
    }
    super::line(if report.ok { "OK   the schema is as expected" } else { "FAIL the schema differs" })
}

fn verdict(ok: bool) -> &'static str {
    if ok { "OK" } else { "FAIL" }
}

/// The same as JSON, as the API answers it.
pub fn verified_json(report: VerifyReport) -> anyhow::Result<()> {
    super::json(&DatabaseCheck::from(report))
}
