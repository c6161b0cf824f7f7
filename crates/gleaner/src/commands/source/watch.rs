//! `gleaner source watch`

use std::process::ExitCode;

use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::Engine;
use gleaner_engine::sourcing::{TriageState, WatchQuestion, WatchResult};

/// Products to watch, and the terms that they are judged under.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner source watch 0593655036 B0F7XPYCSJ
  gleaner source watch 0593655036 --cost 5.00 --note 'wait for September'
  gleaner source picks --state watching
  gleaner source triage undo 0593655036

Nothing is bought for it: a product that is not known yet is scored first (`gleaner score`, one token).")]
pub struct Args {
    /// Products to watch.
    #[arg(value_name = "ASIN", required = true)]
    asins: Vec<String>,
    /// Where they are sold.
    #[arg(long, default_value = "us", value_parser = super::super::marketplace)]
    marketplace: Marketplace,
    /// Condition to sell in [default: the strategy's].
    #[arg(long)]
    condition: Option<Condition>,
    /// What one copy costs, before tax, for example 5.00 [default: an assumed 40 % of the price].
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    cost: Option<String>,
    /// Rule set: balanced, velocity or textbook.
    #[arg(long, default_value = "balanced")]
    strategy: Strategy,
    /// A note on each.
    #[arg(long)]
    note: Option<String>,
}

impl Args {
    /// Puts them on the watch list.
    pub async fn watch(self, engine: &Engine) -> anyhow::Result<WatchResult> {
        let cost = self.cost.as_deref().map(|text| super::super::score::cost(text, self.marketplace));
        let question = WatchQuestion {
            marketplace: self.marketplace,
            asins: self.asins,
            condition: self.condition,
            cost: cost.transpose()?,
            strategy: self.strategy,
            note: self.note,
            author: Some(crate::commands::user()),
        };
        Ok(engine.watch_products(question).await?)
    }
}

/// 0 when any of them is watched now; else 2 when every input was malformed, 1 when none can be watched.
pub fn exit(result: &WatchResult) -> ExitCode {
    let watched = result.products.iter().any(|product| product.state == TriageState::Watching);
    if !watched && !result.products.is_empty() {
        return ExitCode::FAILURE;
    }
    super::super::score::exit_code(watched, result.rejected.iter().map(|r| r.code.as_str()))
}
