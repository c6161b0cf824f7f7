//! `gleaner discover`

use std::io::IsTerminal;
use std::process::ExitCode;

use gleaner_core::filters::{DEFAULT_LIMIT, MAX_LIMIT, RawFilters};
use gleaner_core::money::Money;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::Engine;
use gleaner_engine::answer::Budget;
use gleaner_engine::discovery::{DiscoveryQuestion, ProductDiscoveryExplanation};
use gleaner_engine::export::{discovery_sheet, scores_sheet};
use gleaner_engine::scoring::MAX_ASINS;
use gleaner_engine::search::SearchQuestion;
use gleaner_engine::waiting::Progress;
use serde::Serialize;

use super::spending::Spending;
use crate::config::Config;
use crate::exit::usage;
use crate::output::export::Output;
use crate::output::{self, progress};

/// Find products by category, sales rank and price.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner discover --marketplace us --category Books --bsr 10000-50000 --price 15-60
  gleaner discover --category 'Toys & Games' --bsr 1-20000 --limit 100 --score
  gleaner discover --category Books --bsr 50000-250000 --price 30- --condition used --score --json
  gleaner discover --category Books --bsr 1-100 --price 200- --explain
  gleaner discover --category Books --bsr 10000-50000 --score --output books.xlsx")]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches of the command")]
pub struct Args {
    /// Where to look: us, uk, de, fr, jp, ca, it, es, in, mx or br.
    #[arg(long, default_value = "us", value_parser = super::marketplace)]
    marketplace: Marketplace,
    /// Category name or Keepa id; 0 or all for every category.
    #[arg(long)]
    category: String,
    /// Best and worst sales rank, for example 10000-50000.
    #[arg(long, value_name = "MIN-MAX", allow_hyphen_values = true)]
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
    #[arg(long, default_value_t = DEFAULT_LIMIT, allow_negative_numbers = true,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LIMIT)))]
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
    /// Find out which filter is to blame when too little is found: the same search without one filter at a time. The
    /// price in tokens is shown first.
    #[arg(long)]
    explain: bool,
    /// Do not ask before --explain spends tokens.
    #[arg(long, requires = "explain")]
    yes: bool,
    /// Pay again and replace what is kept.
    #[arg(long)]
    force_refresh: bool,
    /// Write the list to a file, .csv or .xlsx.
    #[arg(long, value_name = "FILE", value_parser = output::export::parse)]
    output: Option<Output>,
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
        let discovery = app.until_stopped(app.engine.discover_listened(question.clone(), &told)).await?;
        progress.finish_and_clear();
        if let Some(file) = &args.output {
            let sheet = discovery_sheet(&discovery.products, args.marketplace, app.engine.now());
            output::export::write(sheet, file)?;
        }
        let empty = discovery.asins.is_empty();
        if !json {
            output::discovery::print(&discovery, args.marketplace, args.explain)?;
        }
        let spent = discovery.tokens.charged;
        explained(discovery, &app.engine, question, spent, &args, json).await?;
        return Ok(exit(empty));
    }
    let asked = question.clone();
    let question = SearchQuestion { discovery: question, cost, strategy: args.strategy };
    let (sender, watcher) = progress::follow(&progress);
    let result = app.until_stopped(app.engine.search(question, Some(sender))).await;
    // It ends with the last event; what it shows has no say in the answer.
    let _ = watcher.await;
    progress.finish_and_clear();
    let result = result?;
    if let Some(file) = &args.output {
        let scores = result.scoring.scores.iter().map(|scored| &scored.score);
        output::export::write(scores_sheet(scores, app.engine.now()), file)?;
    }
    let empty = result.scoring.scores.is_empty();
    if !json {
        output::discovery::heading(&result.discovery)?;
        output::score::body(&result.scoring, false)?;
    }
    let spent = result.discovery.tokens.charged + result.scoring.tokens.charged;
    explained(result, &app.engine, asked, spent, &args, json).await?;
    Ok(exit(empty))
}

/// An answer, and which filter is to blame where that was asked.
#[derive(Debug, Serialize)]
struct Explained<T> {
    #[serde(flatten)]
    answer: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained: Option<ProductDiscoveryExplanation>,
}

/// Finds out which filter is to blame where that is asked for, and prints it; as JSON with the answer itself.
async fn explained(
    answer: impl Serialize,
    engine: &Engine,
    question: DiscoveryQuestion,
    spent: i64,
    args: &Args,
    json: bool,
) -> anyhow::Result<()> {
    let explained = if args.explain { explain(engine, question, spent, args).await? } else { None };
    if json {
        output::json(&Explained { answer, explained })
    } else if let Some(explained) = explained {
        output::discovery::explanation(&explained)
    } else {
        Ok(())
    }
}

/// Says the price, asks a person whether that is all right, and finds out.
async fn explain(
    engine: &Engine,
    question: DiscoveryQuestion,
    spent: i64,
    args: &Args,
) -> anyhow::Result<Option<ProductDiscoveryExplanation>> {
    let plan = engine.explain_plan(&question).await?;
    let questions = output::table::counted(plan.probes.len(), "question");
    let price = output::table::counted(plan.tokens.estimated, "token");
    let words = format!("Asking without one filter at a time: {questions}, {price}");
    let person = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if person && !args.yes && plan.tokens.estimated > 0 {
        if !super::confirmed(&format!("{words}. Spend them?"))? {
            return Ok(None);
        }
    } else {
        eprintln!("{words}.");
    }
    let left = Budget { tokens: (question.budget.tokens - spent).max(0), ..question.budget };
    Ok(Some(engine.explain(&DiscoveryQuestion { budget: left, ..question }).await?))
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
    let (min, max) = (number(min)?, number(max)?);
    if min > max {
        return Err(usage(format!("--bsr: '{text}' is upside down: write {max}-{min}")));
    }
    Ok((min, max))
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
        (Some(low), Some(high)) if low > high => {
            Err(usage(format!("--price: '{text}' is upside down: write {}-{}", max.trim(), min.trim())))
        }
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
        for text in ["", "10000", "a-b", "10000-", "1-2-3", "10_000-50_000", "-5-10", "50000-10000"] {
            assert!(rank_range(text).is_err(), "{text}");
        }
        for text in ["", "15", "-", "a-b", "15-60-90", "1.999-2", "60-15"] {
            assert!(price_range(text, Marketplace::Us).is_err(), "{text}");
        }
    }
}
