//! `gleaner backup`

use std::path::PathBuf;
use std::process::ExitCode;

use gleaner_engine::{Clock, SystemClock, backup};

use crate::config::Config;
use crate::output::{self, progress};

/// Write a backup of the database into a file, while it is in use.
///
/// The file is a SQLite database, whichever database it was made from, and is checked before it counts as made.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner backup
  gleaner backup --to /mnt/usb/gleaner.db")]
pub struct Args {
    /// The file [default: one named for this moment in the folder of the setting `backup_dir`].
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Runs the command.
pub async fn run(args: Args, config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let store = crate::app::open_store(config, false).await?;
    let file = args.to.unwrap_or_else(|| backup::file_for(&config.backups, SystemClock.now()));
    let bar = progress::spinner(format!("backing up into {}", file.display()));
    let made = backup::make(&store, &file).await;
    bar.finish_and_clear();
    let made = made?;
    if json {
        output::json(&made)?;
    } else {
        output::backup::made(&made)?;
    }
    Ok(ExitCode::SUCCESS)
}
