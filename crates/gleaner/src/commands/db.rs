//! `gleaner db migrate|rollback|status|verify`

use std::io::IsTerminal;
use std::process::ExitCode;

use gleaner_engine::accounts::{Act, Actor, note_act_in};
use gleaner_engine::{Clock, EngineError, SystemClock};
use gleaner_store::{RollbackTo, StoreError};
use serde_json::json;

use crate::config::Config;
use crate::output;

/// The database: migrate, roll back, status, verify.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Bring the schema up to date. Tables that exist already are adopted, not recreated.
    Migrate,
    /// Undo migrations, the newest first: their tables go with all they hold. Adopted tables and their
    /// rows stay.
    Rollback {
        /// How many migrations to undo.
        #[arg(long, default_value_t = 1, conflicts_with_all = ["all", "to"])]
        steps: u32,
        /// Undo every migration.
        #[arg(long, conflicts_with = "to")]
        all: bool,
        /// Undo every migration after this version.
        #[arg(long, value_name = "VERSION")]
        to: Option<i64>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Which migrations are applied.
    Status,
    /// Compare the schema with the expected one, column by column and index by index.
    Verify,
}

/// Runs the command.
pub async fn run(args: Args, config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    // Whoever looks, or undoes, wants what is there: a mistyped address makes no database.
    let create = matches!(args.action, Action::Migrate);
    let store = crate::app::open_store(config, create).await?;
    let failed = EngineError::from;
    match args.action {
        Action::Migrate => {
            let report = crate::app::migrate_store(&store, config).await?;
            if json { output::db::migrated_json(&report)? } else { output::db::migrated(&report)? }
        }
        Action::Rollback { steps, all, to, yes } => {
            let question =
                "Roll back? The tables of what is undone go with all they hold: paid facts, history, rules.";
            if !yes && std::io::stdin().is_terminal() && !super::confirmed(question)? {
                eprintln!("nothing was undone");
                return Ok(ExitCode::FAILURE);
            }
            let target = match (all, to) {
                (true, _) => RollbackTo::Version(0),
                (false, Some(version)) => RollbackTo::Version(version),
                (false, None) => RollbackTo::Steps(steps),
            };
            let report = store.rollback(target).await.map_err(failed)?;
            let undone: Vec<i64> = report.reverted.iter().map(|(version, _)| *version).collect();
            if !undone.is_empty() {
                let act = Act::new("database.rollback", None).with(json!({"migrations": undone}));
                match note_act_in(&store, &Actor::at_the_command_line(), act, SystemClock.now()).await {
                    // The log itself went with what was undone.
                    Err(EngineError::Store(StoreError::NotMigrated { .. })) => {}
                    noted => super::noted(noted),
                }
            }
            if json { output::db::rolled_back_json(&report)? } else { output::db::rolled_back(&report)? }
        }
        Action::Status => {
            let status = store.migration_status().await.map_err(failed)?;
            if json { output::db::status_json(&status)? } else { output::db::status(&status)? }
        }
        Action::Verify => {
            let report = store.verify().await.map_err(failed)?;
            let ok = report.ok;
            if json {
                output::db::verified_json(report)?;
            } else {
                output::db::verified(&report)?;
            }
            if !ok {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
