//! `gleaner audit`

use std::process::ExitCode;

use gleaner_engine::export::audit_sheet;

use crate::config::Config;
use crate::output;
use crate::output::export::ToFile;

/// What administrators did, the newest first.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gleaner audit --limit 20\n  gleaner audit --limit 500 --output audit.csv"
)]
pub struct Args {
    /// How many lines.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// Only lines before the one of this id.
    #[arg(long, value_name = "ID")]
    before: Option<String>,
    #[command(flatten)]
    file: ToFile,
}

/// Runs the command.
pub async fn run(args: &Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let entries = app.engine.audit_log(args.before.as_deref(), args.limit).await?;
    args.file.write(|| audit_sheet(&entries, app.engine.now()))?;
    if json {
        output::json(&entries)?;
    } else {
        output::accounts::audit(&entries)?;
    }
    Ok(ExitCode::SUCCESS)
}
