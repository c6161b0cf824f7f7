//! `gleaner tokens`

use std::process::ExitCode;

use gleaner_engine::export::ledger_sheet;
use gleaner_engine::tokens::{LedgerQuestion, MAX_LEDGER_PAGE};

use crate::config::Config;
use crate::output;
use crate::output::export::Output;

/// The Keepa token account: balance, forecast, what was spent and saved, the last calls.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner tokens
  gleaner tokens --ledger 100
  gleaner tokens --ledger 500 --purpose job --json")]
pub struct Args {
    /// Show only the ledger: so many of its newest entries, at most 500.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LEDGER_PAGE)))]
    ledger: Option<u32>,
    /// Of the ledger only what was for this: discovery, scoring, niche or job.
    #[arg(long, requires = "ledger")]
    purpose: Option<String>,
    /// Of the ledger what comes behind the `next_cursor` of a page before.
    #[arg(long, requires = "ledger")]
    cursor: Option<String>,
    /// Write the ledger to a file, .csv or .xlsx.
    #[arg(long, value_name = "FILE", requires = "ledger", value_parser = output::export::parse)]
    output: Option<Output>,
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let app = crate::app::start(&config, true).await?;
    if let Some(limit) = args.ledger {
        let question = LedgerQuestion { purpose: args.purpose, cursor: args.cursor, limit };
        let page = app.engine.token_ledger(question).await?;
        if let Some(file) = &args.output {
            output::export::write(ledger_sheet(&page.entries, app.engine.now()), file)?;
        }
        if json {
            output::json(&page)?;
        } else {
            output::tokens::ledger(&page)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let tokens = app.engine.tokens().await?;
    if json {
        output::json(&tokens)?;
    } else {
        output::tokens::print(&tokens)?;
    }
    Ok(ExitCode::SUCCESS)
}
