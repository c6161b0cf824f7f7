//! Bringing a database up to date, and back. Written by hand because the usual migrators cannot adopt a table.
//!
//! All that is due runs in one transaction under a lock, so two programs that start together migrate once, and a
//! migration that fails leaves the database as it was. What was done is recorded in `gleaner_schema_migration`.

use chrono::NaiveDateTime;

use crate::migrations::{self, Migration};
use crate::schema::SHARED;
use crate::session::Session;
use crate::statement::Statement;
use crate::{Engine, Store, StoreError, postgres, sqlite};

/// The record of migrations. It comes with the first and goes with the last.
pub(crate) const RECORD: &str = "gleaner_schema_migration";

pub(crate) const CREATE_RECORD: &str = "CREATE TABLE IF NOT EXISTS gleaner_schema_migration (\
     version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, \
     applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, adopted BOOLEAN NOT NULL)";

/// How to migrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrateOptions {
    /// Whether to take an advisory lock on PostgreSQL. Off for servers that have none (`CockroachDB`); SQLite always
    /// locks.
    pub lock: bool,
}

impl Default for MigrateOptions {
    fn default() -> Self {
        Self { lock: true }
    }
}

/// What [`Store::migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MigrationReport {
    /// Version and name of what was recorded now, oldest first; empty when the database was up to date.
    pub applied: Vec<(i64, String)>,
    /// The tables of these that existed already and were taken as they are.
    pub adopted: Vec<String>,
}

/// How far [`Store::rollback`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackTo {
    /// Undo so many migrations, newest first.
    Steps(u32),
    /// Undo everything above this version; 0 undoes everything.
    Version(i64),
}

/// What [`Store::rollback`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollbackReport {
    /// Version and name of what was undone, newest first.
    pub reverted: Vec<(i64, String)>,
    /// The tables of these that had been adopted and were left in place with their rows.
    pub kept: Vec<String>,
}

/// A migration and whether it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i64,
    /// The table it creates.
    pub name: String,
    /// When it was applied (UTC); `None`: not yet.
    pub applied_at: Option<NaiveDateTime>,
    /// Whether the table was there before and was taken as it is.
    pub adopted: bool,
}

#[derive(sqlx::FromRow)]
struct Step {
    version: i64,
    name: String,
    applied_at: NaiveDateTime,
    adopted: bool,
}

impl Store {
    /// Applies every migration that is due. A shared table that exists is adopted: recorded, not created.
    pub async fn migrate(&self) -> Result<MigrationReport, StoreError> {
        self.migrate_with(MigrateOptions::default()).await
    }

    /// [`Store::migrate`], for servers that need other manners.
    pub async fn migrate_with(&self, options: MigrateOptions) -> Result<MigrationReport, StoreError> {
        let mut session = self.writing().await?;
        let report = up(&mut session, options).await;
        session.end(report).await
    }

    /// Undoes migrations, newest first: drops their tables **with their rows**, except the adopted ones.
    pub async fn rollback(&self, to: RollbackTo) -> Result<RollbackReport, StoreError> {
        let mut session = self.writing().await?;
        let report = down(&mut session, to).await;
        session.end(report).await
    }

    /// Every migration this program knows, oldest first.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut session = self.reading().await?;
        let applied = applied(&mut session).await;
        let applied = session.end(applied).await?;
        Ok(migrations::ALL
            .iter()
            .map(|migration| {
                let done = applied.iter().find(|done| done.version == migration.version);
                MigrationStatus {
                    version: migration.version,
                    name: migration.name.to_owned(),
                    applied_at: done.map(|done| done.applied_at),
                    adopted: done.is_some_and(|done| done.adopted),
                }
            })
            .collect())
    }

    /// Whether nothing is left to migrate.
    pub async fn is_current(&self) -> Result<bool, StoreError> {
        Ok(self.migration_status().await?.iter().all(|status| status.applied_at.is_some()))
    }

    /// Fails with [`StoreError::NewerSchema`] when a newer program migrated this database.
    pub(crate) async fn refuse_newer_schema(&self) -> Result<(), StoreError> {
        let mut session = self.reading().await?;
        let applied = applied(&mut session).await.map(drop);
        session.end(applied).await
    }
}

/// What is recorded, oldest first; fails when there is something in it that this program does not know.
async fn applied(session: &mut Session) -> Result<Vec<Step>, StoreError> {
    const APPLIED: &str =
        "SELECT version, name, applied_at, adopted FROM gleaner_schema_migration ORDER BY version";
    if !session.tables().await?.iter().any(|table| table == RECORD) {
        return Ok(Vec::new());
    }
    let applied: Vec<Step> = session.rows(APPLIED, &[]).await?;
    let known = migrations::newest();
    match applied.last() {
        Some(last) if last.version > known => Err(StoreError::NewerSchema { found: last.version, known }),
        _ => Ok(applied),
    }
}

async fn up(session: &mut Session, options: MigrateOptions) -> Result<MigrationReport, StoreError> {
    const INSERT: &str =
        "INSERT INTO gleaner_schema_migration (version, name, adopted) VALUES ($1, $2, $3 = 1)";
    session.take_time().await?;
    if options.lock && session.engine() == Engine::Postgres {
        session.script(postgres::LOCK_MIGRATIONS).await?;
    }
    let done = applied(session).await?;
    let mut report = MigrationReport::default();
    if done.len() == migrations::ALL.len() {
        return Ok(report);
    }
    session.script(CREATE_RECORD).await?;
    let tables = session.tables().await?;
    for migration in migrations::ALL {
        if done.iter().any(|done| done.version == migration.version) {
            continue;
        }
        let adopt = migration.shared && tables.iter().any(|table| table == migration.name);
        if adopt {
            refuse_incompatible(session, migration).await?;
            report.adopted.push(migration.name.to_owned());
        } else {
            session.script(migration.up(session.engine())).await?;
        }
        let values = vec![migration.version.into(), migration.name.into(), i64::from(adopt).into()];
        session.execute(&Statement { sql: INSERT.into(), values }).await?;
        report.applied.push((migration.version, migration.name.to_owned()));
    }
    Ok(report)
}

/// A table can be adopted when it has every column we read or write. Whether each is exactly right is for
/// [`Store::verify`] to say.
async fn refuse_incompatible(session: &mut Session, migration: &Migration) -> Result<(), StoreError> {
    let live = match session.engine() {
        Engine::Sqlite => sqlite::columns(session, migration.name).await?,
        Engine::Postgres => postgres::columns(session, migration.name).await?,
    };
    let wanted = SHARED.iter().filter(|table| table.name == migration.name).flat_map(|table| table.columns);
    let missing: Vec<&str> =
        wanted.map(|column| column.name).filter(|name| !live.iter().any(|live| live.name == *name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(StoreError::Incompatible {
        table: migration.name.to_owned(),
        finding: format!("it has no column {}", missing.join(", ")),
    })
}

async fn down(session: &mut Session, to: RollbackTo) -> Result<RollbackReport, StoreError> {
    const DELETE: &str = "DELETE FROM gleaner_schema_migration WHERE version = $1";
    session.take_time().await?;
    if session.engine() == Engine::Postgres {
        session.script(postgres::LOCK_MIGRATIONS).await?;
    }
    let mut done = applied(session).await?;
    let mut report = RollbackReport::default();
    let mut steps = match to {
        RollbackTo::Steps(steps) => usize::try_from(steps).unwrap_or(usize::MAX),
        RollbackTo::Version(version) => done.iter().filter(|done| done.version > version).count(),
    };
    while steps > 0
        && let Some(last) = done.pop()
    {
        steps -= 1;
        let migration = migrations::ALL
            .iter()
            .find(|migration| migration.version == last.version)
            .ok_or(StoreError::NewerSchema { found: last.version, known: migrations::newest() })?;
        if last.adopted {
            report.kept.push(last.name.clone());
        } else {
            session.script(migration.down()).await?;
        }
        session.execute(&Statement { sql: DELETE.into(), values: vec![last.version.into()] }).await?;
        report.reverted.push((last.version, last.name));
    }
    if done.is_empty() && !report.reverted.is_empty() {
        session.script("DROP TABLE gleaner_schema_migration").await?;
    }
    Ok(report)
}
