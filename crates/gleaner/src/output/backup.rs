//! Backups.

use gleaner_engine::backup::Backup;

use super::table::{self, counted};

/// Prints that a backup was made.
pub fn made(backup: &Backup) -> anyhow::Result<()> {
    let kb = backup.bytes.div_ceil(1024);
    let rows = counted(backup.rows, "row");
    super::line(format!("backed up {rows} into {} ({kb} KB), and checked it", backup.file.display()))
}

/// Prints what is in a backup.
pub fn contents(backup: &Backup) -> anyhow::Result<()> {
    let mut rows = table::new(&["TABLE", ">ROWS"]);
    for (name, count) in &backup.tables {
        rows.add([name.clone(), count.to_string()]);
    }
    rows.print()?;
    super::line(format!("the backup {} is whole", backup.file.display()))
}

/// Prints that a backup was restored.
pub fn restored(backup: &Backup, kept: Option<&Backup>) -> anyhow::Result<()> {
    super::line(format!("restored {} from {}", counted(backup.rows, "row"), backup.file.display()))?;
    match kept {
        Some(kept) => super::line(format!("what was there before is in {}", kept.file.display())),
        None => Ok(()),
    }
}
