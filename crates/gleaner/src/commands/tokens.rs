//! `gleaner tokens`

use std::process::ExitCode;

use crate::config::Config;
use crate::output;

/// The Keepa token account: balance, forecast, what was spent.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gleaner tokens --json")]
pub struct Args {}

/// Runs the command.
pub async fn run(_args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    let tokens = app.engine.tokens().await?;
    if json {
        output::json(&tokens)?;
    } else {
        output::tokens::print(&tokens)?;
    }
    Ok(ExitCode::SUCCESS)
}
