//! The token account.

use gleaner_engine::answer::TokenUse;
use gleaner_engine::tokens::Tokens;

use super::table::{self, MISSING, counted, or_missing};

/// Prints balance, forecast and spending.
pub fn print(tokens: &Tokens) -> anyhow::Result<()> {
    super::demo_notice(tokens.demo)?;
    super::line(format!(
        "Balance {} of {} tokens, {} more every minute",
        or_missing(tokens.balance),
        or_missing(tokens.capacity),
        or_missing(tokens.refill_rate)
    ))?;
    for forecast in &tokens.forecast {
        let wait = forecast.in_seconds.map_or_else(|| "never (the account holds less)".to_owned(), minutes);
        super::line(format!("  {} tokens {wait}", forecast.tokens))?;
    }
    if tokens.days.is_empty() {
        return super::line("Nothing spent in the last 30 days.");
    }
    let mut rows = table::new(&["DAY", "FOR", ">CALLS", ">SPENT", ">PRODUCTS", ">SAVED", ">UNKNOWN"]);
    for day in &tokens.days {
        let unknown = if day.unsettled == 0 { MISSING.to_owned() } else { counted(day.unsettled, "call") };
        rows.add([
            day.day.to_string(),
            day.purpose.clone(),
            day.calls.to_string(),
            day.spent.to_string(),
            day.products_bought.to_string(),
            day.saved.to_string(),
            unknown,
        ]);
    }
    rows.print()
}

/// What an answer cost, in a few words.
pub fn used(tokens: &TokenUse) -> String {
    let spent = counted(tokens.charged, "token");
    format!("{spent} spent, {} saved, balance {}", tokens.saved, or_missing(tokens.balance))
}

fn minutes(seconds: i64) -> String {
    if seconds < 60 { format!("in {seconds} s") } else { format!("in {} min", (seconds + 59) / 60) }
}
