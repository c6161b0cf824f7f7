//! `gleaner categories`

use std::process::ExitCode;

use gleaner_core::Marketplace;
use gleaner_core::category::categories;

use crate::output;

/// The categories that searches accept.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gleaner categories --marketplace de")]
pub struct Args {
    /// Whose categories.
    #[arg(long, default_value = "us", value_parser = super::marketplace)]
    marketplace: Marketplace,
}

/// Runs the command.
pub fn run(args: &Args, json: bool) -> anyhow::Result<ExitCode> {
    let all = categories(args.marketplace);
    if json {
        output::json(&all)?;
    } else {
        output::categories::print(all)?;
    }
    Ok(ExitCode::SUCCESS)
}
