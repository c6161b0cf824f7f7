//! The token account.

use gleaner_engine::answer::TokenUse;
use gleaner_engine::tokens::{LedgerEntry, LedgerPage, Tokens};

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
    if tokens.reserved > 0 {
        super::line(format!("  {} of them are spoken for by calls under way", tokens.reserved))?;
    }
    if tokens.floor > 0 {
        super::line(format!("  jobs leave {} for people", tokens.floor))?;
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
    rows.print()?;
    super::line("")?;
    entries(&tokens.recent)
}

/// Prints a part of the ledger.
pub fn ledger(page: &LedgerPage) -> anyhow::Result<()> {
    if page.entries.is_empty() {
        return super::line("The ledger has no such entries.");
    }
    entries(&page.entries)?;
    if let Some(cursor) = &page.next_cursor {
        super::line(format!("More: add --cursor {cursor}"))?;
    }
    Ok(())
}

fn entries(entries: &[LedgerEntry]) -> anyhow::Result<()> {
    let mut rows = table::new(&[
        "WHEN (UTC)",
        "FOR",
        "WHAT",
        ">EXPECTED",
        ">CHARGED",
        ">BALANCE",
        ">PRODUCTS",
        ">SAVED",
    ]);
    for entry in entries {
        rows.add([
            entry.at.format("%Y-%m-%d %H:%M").to_string(),
            entry.purpose.clone(),
            entry.request.clone(),
            entry.estimated.to_string(),
            or_missing(entry.charged),
            or_missing(entry.balance_after),
            entry.products_bought.to_string(),
            entry.tokens_saved.to_string(),
        ]);
    }
    rows.print()
}

/// What an answer cost, in a few words.
pub fn used(tokens: &TokenUse) -> String {
    let spent = counted(tokens.charged, "token");
    let over = if tokens.over_budget { ", over the budget of this run" } else { "" };
    format!("{spent} spent{over}, {} saved, balance {}", tokens.saved, or_missing(tokens.balance))
}

/// A time as people say it.
pub fn minutes_and_seconds(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

fn minutes(seconds: i64) -> String {
    if seconds < 60 { format!("in {seconds} s") } else { format!("in {} min", (seconds + 59) / 60) }
}
