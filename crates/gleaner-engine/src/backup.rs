//! Backups: made by hand, on a schedule, and before a migration; checked before they count as made.
//!
//! They need a database and nothing else: these are functions, not methods of the engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use gleaner_store::{BackupTable, Store, check_backup};
use serde::{Deserialize, Serialize};

use crate::{Engine, EngineError};

/// What a backup's name begins with; the moment follows.
const PREFIX: &str = "gleaner-";
const MOMENT: &str = "%Y%m%d-%H%M%S";
const ENDING: &str = ".db";
/// What stands at the end of the name of one that was made before a migration.
const BEFORE_MIGRATION: &str = "-before-migration.db";

/// Where backups go, how often, and how many are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlan {
    /// The folder.
    pub folder: PathBuf,
    /// The time between two; zero: none on a schedule.
    pub every: Duration,
    /// How many are kept; those before migrations are counted on their own.
    pub keep: usize,
}

/// A backup that was made, or looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Its file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Rows of all tables.
    pub rows: i64,
    /// Each table and its rows.
    pub tables: Vec<(String, i64)>,
}

/// Makes a backup. A file that exists is not replaced. It is there whole, checked and lasting, or not at all.
pub async fn make(store: &Store, file: &Path) -> Result<Backup, EngineError> {
    let failed = |error| EngineError::file("write", file, error);
    if file.exists() {
        return Err(EngineError::field(
            "to",
            format!("{} exists already: name another file", file.display()),
        ));
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let part = with_ending(file, ".part");
    // What an earlier attempt left behind.
    for leftover in [part.clone(), with_ending(&part, "-journal")] {
        match std::fs::remove_file(&leftover) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    let made = checked(store, &part).await;
    if made.is_err() {
        // The failure is what counts; the rest of the file is removed as far as that goes.
        let _ = std::fs::remove_file(&part);
    }
    let tables = made?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&part, file).map_err(failed)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    described(file, tables)
}

async fn checked(store: &Store, part: &Path) -> Result<Vec<BackupTable>, EngineError> {
    let made = store.back_up(part).await?;
    let mut read = check_backup(part).await?;
    read.sort_by(|one, other| one.name.cmp(&other.name));
    let mut expected = made.clone();
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    if read == expected {
        return Ok(made);
    }
    Err(EngineError::file("check", part, std::io::Error::other("its rows are not those of the database")))
}

fn described(file: &Path, tables: Vec<BackupTable>) -> Result<Backup, EngineError> {
    let bytes = std::fs::metadata(file).map_err(|error| EngineError::file("read", file, error))?.len();
    Ok(Backup {
        file: file.to_owned(),
        bytes,
        rows: tables.iter().map(|table| table.rows).sum(),
        tables: tables.into_iter().map(|table| (table.name, table.rows)).collect(),
    })
}

/// Looks at a backup: whether it is whole, and what is in it.
pub async fn look(file: &Path) -> Result<Backup, EngineError> {
    if !file.is_file() {
        return Err(EngineError::field("backup", format!("{} does not exist", file.display())));
    }
    described(file, check_backup(file).await?)
}

/// Replaces what the database holds by a backup, all or nothing, and brings the schema up to date.
pub async fn restore(store: &Store, file: &Path) -> Result<Backup, EngineError> {
    look(file).await?;
    let tables = store.restore(file).await?;
    store.migrate().await?;
    described(file, tables)
}

/// The file of a backup that is made now.
#[must_use]
pub fn file_for(plan: &BackupPlan, now: DateTime<Utc>) -> PathBuf {
    plan.folder.join(format!("{PREFIX}{}{ENDING}", now.format(MOMENT)))
}

/// Makes a backup if something is to be migrated and there are rows to lose; `None`: there is no need.
pub async fn before_migration(
    store: &Store,
    plan: &BackupPlan,
    now: DateTime<Utc>,
) -> Result<Option<Backup>, EngineError> {
    if store.is_current().await? || !store.has_rows().await? {
        return Ok(None);
    }
    let file = plan.folder.join(format!("{PREFIX}{}{BEFORE_MIGRATION}", now.format(MOMENT)));
    if file.exists() {
        // Another process makes the same at this moment.
        return Ok(None);
    }
    let backup = make(store, &file).await?;
    prune(plan, true, &file)?;
    Ok(Some(backup))
}

/// Makes a backup of what a restore is going to replace; `None`: there is nothing.
pub async fn before_restore(
    store: &Store,
    plan: &BackupPlan,
    now: DateTime<Utc>,
) -> Result<Option<Backup>, EngineError> {
    if !store.has_rows().await? {
        return Ok(None);
    }
    let file = plan.folder.join(format!("{PREFIX}{}-before-restore.db", now.format(MOMENT)));
    make(store, &file).await.map(Some)
}

/// Makes a backup if the last one is old enough, and removes those that are more than are kept.
pub async fn on_schedule(
    store: &Store,
    plan: &BackupPlan,
    now: DateTime<Utc>,
) -> Result<Option<Backup>, EngineError> {
    if plan.every.is_zero() {
        return Ok(None);
    }
    // One from the future was made by a clock that was wrong.
    let present = |at: &NaiveDateTime| *at <= now.naive_utc();
    let last = dated(&plan.folder, false)?.into_iter().map(|(at, _)| at).filter(present).max();
    let every = chrono::TimeDelta::from_std(plan.every).unwrap_or(chrono::TimeDelta::MAX);
    if !store.has_rows().await? || last.is_some_and(|last| now.naive_utc() - last < every) {
        return Ok(None);
    }
    let file = file_for(plan, now);
    if file.exists() {
        return Ok(None);
    }
    let backup = make(store, &file).await?;
    prune(plan, false, &file)?;
    Ok(Some(backup))
}

/// The backups of a folder, the oldest first.
fn dated(folder: &Path, before_migration: bool) -> Result<Vec<(NaiveDateTime, PathBuf)>, EngineError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(EngineError::file("read", folder, error)),
    };
    let ending = if before_migration { BEFORE_MIGRATION } else { ENDING };
    let mut all: Vec<_> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let moment = name.strip_prefix(PREFIX)?.strip_suffix(ending)?;
            Some((NaiveDateTime::parse_from_str(moment, MOMENT).ok()?, entry.path()))
        })
        .collect();
    all.sort();
    Ok(all)
}

/// Removes the oldest, but for the one that was just made.
fn prune(plan: &BackupPlan, before_migration: bool, made: &Path) -> Result<(), EngineError> {
    let all = dated(&plan.folder, before_migration)?;
    let more = all.len().saturating_sub(plan.keep.max(1));
    for (_, file) in all.into_iter().filter(|(_, file)| file != made).take(more) {
        std::fs::remove_file(&file).map_err(|error| EngineError::file("remove", &file, error))?;
    }
    Ok(())
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

impl Engine {
    /// The chore: see [`on_schedule`].
    pub(crate) async fn back_up_on_schedule(&self) -> Result<(), EngineError> {
        let Some(plan) = &self.settings.backups else { return Ok(()) };
        if let Some(backup) = on_schedule(&self.store, plan, self.now()).await? {
            tracing::info!(file = %backup.file.display(), bytes = backup.bytes, rows = backup.rows, "backed up");
        }
        Ok(())
    }
}
