//! `gleaner restore`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use gleaner_engine::accounts::{Act, Actor, note_act_in};
use gleaner_engine::{Clock, SystemClock, backup};
use serde_json::json;

use crate::config::Config;
use crate::exit::usage;
use crate::output::{self, progress};

/// Replace what the database holds by a backup.
///
/// The backup is checked first; what the database held is backed up before it goes. It happens at once or not at all,
/// and a backup from SQLite can go into PostgreSQL and the other way round. Tables of other programs stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gleaner restore backups/gleaner-20260131-030000.db")]
pub struct Args {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only check the backup and say what is in it.
    #[arg(long)]
    check: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub async fn run(args: Args, config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let found = backup::look(&args.file).await?;
    if args.check {
        if json {
            output::json(&found)?;
        } else {
            output::backup::contents(&found)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes {
        if !std::io::stdin().is_terminal() {
            return Err(usage("restore asks first, and nobody is there to answer: add --yes"));
        }
        if !super::confirmed("Replace everything the database holds by this backup?")? {
            eprintln!("nothing was changed");
            return Ok(ExitCode::FAILURE);
        }
    }
    let store = crate::app::open_store(config, true).await?;
    let bar = progress::spinner("restoring");
    let kept = backup::before_restore(&store, &config.backups, SystemClock.now()).await?;
    let restored = backup::restore(&store, &args.file).await;
    if let Ok(restored) = &restored {
        // What the log held before is in the backup that was kept: what is here now begins with this.
        let act = Act::new("database.restore", Some(args.file.display().to_string()));
        let act = act.with(json!({"rows": restored.rows, "kept": kept.as_ref().map(|kept| &kept.file)}));
        super::noted(note_act_in(&store, &Actor::at_the_command_line(), act, SystemClock.now()).await);
    }
    store.close().await;
    bar.finish_and_clear();
    let restored = restored?;
    if json {
        let kept = kept.map(|kept| kept.file);
        output::json(&serde_json::json!({ "restored": restored, "kept": kept }))?;
    } else {
        output::backup::restored(&restored, kept.as_ref())?;
    }
    Ok(ExitCode::SUCCESS)
}
