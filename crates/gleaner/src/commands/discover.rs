//! `gleaner discover`

use std::process::ExitCode;

use gleaner_core::filters::{DEFAULT_LIMIT, RawFilters};
use gleaner_core::money::Money;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::discovery::DiscoveryQuestion;
use gleaner_engine::scoring::MAX_ASINS;
use gleaner_engine::search::SearchQuestion;
use gleaner_engine::waiting::Progress;

use super::spending::Spending;
use crate::config::Config;
use crate::exit::usage;
use crate::output::{self, progress};

/// Find products by category, sales rank and price.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner discover --marketplace us --category Books --bsr 10000-50000 --price 15-60
  gleaner discover --category 'Toys & Games' --bsr 1-20000 --limit 100 --score
  gleaner discover --category Books --bsr 50000-250000 --price 30- --condition used --score --json")]
pub struct Args {
    /// Where to look: us, uk, de, fr, jp, ca, it, es, in, mx or br.
    #[arg(long, default_value = "us", value_parser = super::marketplace)]
    marketplace: Marketplace,
    /// Category name or Keepa id; 0 or all for every category.
    #[arg(long)]
    category: String,
    /// Best and worst sales rank, for example 10000-50000.
    #[arg(long, value_name = "MIN-MAX")]
    bsr: String,
    /// Lowest and highest price, for example 15-60, 15- or -60.
    #[arg(long, value_name = "MIN-MAX", allow_hyphen_values = true)]
    price: Option<String>,
    /// Condition to buy and sell in [default: new; with --score the strategy's].
    #[arg(long)]
    condition: Option<Condition>,
    /// Leave out what Amazon itself sells.
    #[arg(long)]
    exclude_amazon: bool,
    /// How many products at most.
    #[arg(long, default_value_t = DEFAULT_LIMIT)]
    limit: u32,
    /// Score what is found: one token for each product not known yet.
    #[arg(long)]
    score: bool,
    /// What one copy costs, before tax, when scoring.
    #[arg(long, value_name = "AMOUNT", requires = "score", allow_hyphen_values = true)]
    cost: Option<String>,
    /// Rule set for scoring: balanced, velocity or textbook.
    #[arg(long, default_value = "balanced")]
    strategy: Strategy,
    /// Pay again and replace what is kept.
    #[arg(long)]
    force_refresh: bool,
    #[command(flatten)]
    spending: Spending,
}

/// Runs the command.
pub async fn run(args: Args, config: Config, json: bool) -> anyhow::Result<ExitCode> {
    let (bsr_min, bsr_max) = rank_range(&args.bsr)?;
    let (price_min, price_max) = match &args.price {
        Some(text) => price_range(text, args.marketplace)?,
        None => (None, None),
    };
    let cost = args.cost.as_deref().map(|text| super::score::cost(text, args.marketplace)).transpose()?;
    let mut filters = RawFilters {
        marketplace: args.marketplace,
        category: args.category.clone(),
        bsr_min,
        bsr_max,
        price_min,
        price_max,
        exclude_amazon: args.exclude_amazon,
        condition: args.condition.unwrap_or_default(),
        limit: args.limit,
    };
    // Mistakes are told before a database is opened or a demo started.
    filters.clone().check().map_err(gleaner_engine::EngineError::Invalid)?;
    if args.score && args.limit as usize > MAX_ASINS {
        return Err(usage(format!("--limit: at most {MAX_ASINS} products can be scored at once")));
    }
    let progress = progress::spinner("starting");
    let app = crate::app::start(&config, true).await?;
    if args.score && args.condition.is_none() {
        filters.condition = app.engine.default_condition(args.strategy).await?;
    }
    progress.set_message("asking for products");
    let question = DiscoveryQuestion {
        force_refresh: args.force_refresh,
        stale_if_error: args.spending.stale_if_error,
        budget: args.spending.budget(),
        ..DiscoveryQuestion::new(filters, args.spending.caller())
    };
    if !args.score {
        let told = |event| {
            if let Progress::Waiting(waiting) = event {
                progress::waiting(&progress, &waiting);
            }
        };
        let discovery = app.until_stopped(app.engine.discover_listened(question, &told)).await?;
        progress.finish_and_clear();
        if json {
            output::json(&discovery)?;
        } else {
            output::discovery::print(&discovery, args.marketplace)?;
        }
        return Ok(exit(discovery.asins.is_empty()));
    }
    let question = SearchQuestion { discovery: question, cost, strategy: args.strategy };
    let (sender, watcher) = progress::follow(&progress);
    let result = app.until_stopped(app.engine.search(question, Some(sender))).await;
    // It ends with the last event; what it shows has no say in the answer.
    let _ = watcher.await;
    progress.finish_and_clear();
    let result = result?;
    if json {
        output::json(&result)?;
    } else {
        output::discovery::heading(&result.discovery)?;
        output::score::body(&result.scoring, false)?;
    }
    Ok(exit(result.scoring.scores.is_empty()))
}

/// Nothing to show ends with 1, so that scripts notice.
fn exit(empty: bool) -> ExitCode {
    if empty { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A range of sales ranks as people type it: `10000-50000`.
pub(super) fn rank_range(text: &str) -> anyhow::Result<(i64, i64)> {
    let wrong = || usage(format!("--bsr: '{text}' is not a range of sales ranks such as 10000-50000"));
    let (min, max) = text.trim().split_once('-').ok_or_else(wrong)?;
    let number = |part: &str| part.trim().parse::<i64>().map_err(|_| wrong());
    Ok((number(min)?, number(max)?))
}

/// A price range as people type it: `15-60`, `15-` or `-60`.
pub(super) fn price_range(
    text: &str,
    marketplace: Marketplace,
) -> anyhow::Result<(Option<i64>, Option<i64>)> {
    let wrong =
        |why: &str| usage(format!("--price: '{text}' is not a price range such as 15-60, 15- or -60{why}"));
    let (min, max) = text.trim().split_once('-').ok_or_else(|| wrong(""))?;
    let amount = |part: &str| match part.trim() {
        "" => Ok(None),
        part => Money::parse(part, marketplace).map(|m| Some(m.minor)).map_err(|e| wrong(&format!(": {e}"))),
    };
    match (amount(min)?, amount(max)?) {
        (None, None) => Err(wrong("")),
        range => Ok(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_people_type_them() {
        assert_eq!(rank_range("10000-50000").unwrap(), (10_000, 50_000));
        let us = |text| price_range(text, Marketplace::Us).unwrap();
        assert_eq!(us("15-60"), (Some(1500), Some(6000)));
        assert_eq!(us("9.99-"), (Some(999), None));
        assert_eq!(us("-60"), (None, Some(6000)));
        assert_eq!(price_range("1000-2000", Marketplace::Jp).unwrap(), (Some(1000), Some(2000)));
    }

    #[test]
    fn what_is_not_a_range_is_refused() {
        for text in ["", "10000", "a-b", "10000-", "1-2-3", "10_000-50_000"] {
            assert!(rank_range(text).is_err(), "{text}");
        }
        for text in ["", "15", "-", "a-b", "15-60-90", "1.999-2"] {
            assert!(price_range(text, Marketplace::Us).is_err(), "{text}");
        }
    }
}
