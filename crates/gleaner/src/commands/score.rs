//! `gleaner score`

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use gleaner_core::money::Money;
use gleaner_core::rules::Strategy;
use gleaner_core::{Condition, Marketplace};
use gleaner_engine::export::scores_sheet;
use gleaner_engine::files::DEFAULT_CODE_LIMIT;
use gleaner_engine::saved::{SavedQuestion, score_saved};
use gleaner_engine::scoring::{ProductScoringResult, ScoringQuestion};
use gleaner_engine::waiting::Progress;
use gleaner_engine::{Clock, SystemClock};

use super::spending::Spending;
use crate::config::Config;
use crate::exit::{USAGE, usage};
use crate::output::export::Output;
use crate::output::{self, progress};

/// Score products by ASIN, or files: saved Keepa answers, Keepa's exports, suppliers' lists.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gleaner score 0593655036 B0F7XPYCSJ --cost 5.00
  gleaner score 0135048761 --condition used
  gleaner score --file keepa-export.csv
  gleaner score --file supplier.xlsx --yes --output scored.xlsx
  gleaner score --keepa-json saved/*.json.gz --as-of 2025-10-14T03:00:00Z --json")]
pub struct Args {
    /// Products to score.
    #[arg(
        value_name = "ASIN",
        required_unless_present_any = ["keepa_json", "file"],
        conflicts_with_all = ["keepa_json", "file"]
    )]
    asins: Vec<String>,
    /// Files, recognised by what is in them: a supplier's list (CSV or XLSX with ASIN, ISBN, EAN, UPC or GTIN, and
    /// cost, title, pack size), Keepa's CSV export, or a saved Keepa answer; - is standard input. Lists cost tokens, the
    /// others none.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "keepa_json")]
    pub(super) file: Vec<PathBuf>,
    /// The most products to look up for one code of a list; each is charged.
    #[arg(long, value_name = "N", requires = "file", default_value_t = DEFAULT_CODE_LIMIT,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) code_limit: u32,
    /// Do not ask before a list spends more than 100 tokens.
    #[arg(long, requires = "file")]
    pub(super) yes: bool,
    /// Saved Keepa answers or products (JSON, also gzip; - is standard input); no token is spent and nothing is stored.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    keepa_json: Vec<PathBuf>,
    /// The moment to judge saved answers and exports at [default: the file's own].
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(super) as_of: Option<DateTime<Utc>>,
    /// Where the products are sold; a saved product knows its own.
    #[arg(long, default_value = "us", value_parser = super::marketplace)]
    pub(super) marketplace: Marketplace,
    /// Condition to sell in [default: the strategy's].
    #[arg(long)]
    pub(super) condition: Option<Condition>,
    /// What one copy costs, before tax, for example 5.00 [default: an assumed 40 % of the price].
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    cost: Option<String>,
    /// Rule set: balanced, velocity or textbook.
    #[arg(long, default_value = "balanced")]
    pub(super) strategy: Strategy,
    /// Write the scores to a file, .csv or .xlsx.
    #[arg(long, value_name = "FILE", value_parser = output::export::parse)]
    pub(super) output: Option<Output>,
    /// Pay again and replace what is kept.
    #[arg(long, conflicts_with_all = ["keepa_json", "file"])]
    force_refresh: bool,
    #[command(flatten)]
    pub(super) spending: Spending,
}

/// Runs the command.
pub async fn run(
    args: Args,
    config: impl Fn() -> anyhow::Result<Config>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let cost = args.cost.as_deref().map(|text| self::cost(text, args.marketplace)).transpose()?;
    let saved = !args.keepa_json.is_empty();
    // What ASINs are scored from is today's; the parser lets this pass because ASINs and files exclude each other.
    if args.as_of.is_some() && !saved && args.file.is_empty() {
        return Err(usage("--as-of: only what --keepa-json and --file read can be judged at another time"));
    }
    if let Some(option) = args.spending.given().filter(|_| saved) {
        return Err(usage(format!("{option}: saved answers cost nothing; leave it out")));
    }
    if !args.file.is_empty() {
        return super::score_files::run(&args, cost, config, json).await;
    }
    let mut judged = None;
    let result = if saved {
        let question = SavedQuestion {
            marketplace: args.marketplace,
            condition: args.condition,
            cost,
            strategy: args.strategy,
            as_of: args.as_of,
        };
        let (in_force, told) = crate::app::rules_at_hand(config()).await;
        judged = Some(told);
        score_saved(args.keepa_json.iter().map(|path| super::contents(path)).collect(), &question, &in_force)?
    } else {
        let progress = progress::spinner("starting");
        let app = crate::app::start(&config()?, true).await?;
        progress.set_message(format!("scoring {}", output::table::counted(args.asins.len(), "product")));
        let question = ScoringQuestion {
            condition: args.condition,
            cost,
            strategy: args.strategy,
            force_refresh: args.force_refresh,
            stale_if_error: args.spending.stale_if_error,
            budget: args.spending.budget(),
            ..ScoringQuestion::new(args.marketplace, args.asins, args.spending.caller())
        };
        let told = |event| {
            if let Progress::Waiting(waiting) = event {
                progress::waiting(&progress, &waiting);
            }
        };
        let result = app.until_stopped(app.engine.score_listened(question, &told)).await?;
        progress.finish_and_clear();
        result
    };
    if let Some(file) = &args.output {
        let scores = result.scores.iter().map(|scored| &scored.score);
        output::export::write(scores_sheet(scores, SystemClock.now()), file)?;
    }
    if json {
        output::json(&result)?;
    } else {
        output::score::print(&result, saved)?;
        judged.filter(|_| !result.scores.is_empty()).map_or(Ok(()), output::line)?;
    }
    Ok(exit(&result))
}

fn exit(result: &ProductScoringResult) -> ExitCode {
    exit_code(!result.scores.is_empty(), result.rejected.iter().map(|r| r.code.as_str()))
}

/// 0 when anything was scored; else 2 when every input was malformed, 1 when it was not to be had.
pub(super) fn exit_code<'a>(scored: bool, mut rejected: impl Iterator<Item = &'a str>) -> ExitCode {
    const MALFORMED: [&str; 13] = [
        "invalid_asin",
        "damaged_gzip",
        "damaged_xlsx",
        "empty_file",
        "file_too_large",
        "malformed_json",
        "no_code_column",
        "no_product",
        "no_time",
        "not_a_table",
        "old_excel",
        "sheet_ignored",
        "unreadable_file",
    ];
    match () {
        () if scored => ExitCode::SUCCESS,
        () if rejected.all(|code| MALFORMED.contains(&code)) => ExitCode::from(USAGE),
        () => ExitCode::FAILURE,
    }
}

/// Reads a cost; negative ones are refused.
pub fn cost(text: &str, marketplace: Marketplace) -> anyhow::Result<i64> {
    let cost = Money::parse(text, marketplace).map_err(|e| usage(format!("--cost: {e}")))?;
    if cost.minor < 0 {
        return Err(usage("--cost: must not be negative"));
    }
    Ok(cost.minor)
}

/// Reads a moment: RFC 3339, or a date and time without a zone taken as UTC, or a date alone.
fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let naive = |format| NaiveDateTime::parse_from_str(text, format).map(|t| t.and_utc());
    DateTime::parse_from_rfc3339(text)
        .map(|t| t.to_utc())
        .or_else(|_| naive("%Y-%m-%dT%H:%M:%S"))
        .or_else(|_| naive("%Y-%m-%dT%H:%M"))
        .or_else(|_| text.parse::<NaiveDate>().map(|d| d.and_time(chrono::NaiveTime::MIN).and_utc()))
        .map_err(|_| format!("'{text}' is not a time such as 2025-10-14T03:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_utc_unless_they_carry_a_zone() {
        let seconds = |text| moment(text).unwrap().timestamp();
        assert_eq!(seconds("2025-10-14T03:00:00Z"), seconds("2025-10-14T05:00:00+02:00"));
        assert_eq!(seconds("2025-10-14T03:00:00Z"), seconds("2025-10-14T03:00"));
        assert_eq!(seconds("2025-10-14"), seconds("2025-10-14T00:00:00Z"));
        assert!(moment("yesterday").is_err() && moment("2025-13-01").is_err());
    }
}
