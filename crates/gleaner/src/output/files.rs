//! Files: the scores like any others, then the codes to choose for, and why the rest has no ROI.

use gleaner_core::money::Money;
use gleaner_engine::files::{Candidates, FileScoringResult};

use super::table::{self, counted, or_missing};

/// Beyond so many, rejected rows are counted instead of listed; the JSON has them all.
const MOST_REJECTED: usize = 40;

/// Prints scores, candidates and what could not be used.
pub fn print(result: &FileScoringResult) -> anyhow::Result<()> {
    let mut plain = result.plain()?;
    let left_out = plain.rejected.len().saturating_sub(MOST_REJECTED);
    plain.rejected.truncate(MOST_REJECTED);
    super::score::print(&plain, result.history_id.is_none())?;
    if left_out > 0 {
        eprintln!("gleaner: and {} more; --json lists them all", counted(left_out, "rejected row"));
    }
    for candidates in &result.candidates {
        choice(candidates)?;
    }
    if !result.without_roi.is_empty() {
        let counts: Vec<String> =
            result.without_roi.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        super::line(format!("without an ROI: {}", counts.join(", ")))?;
    }
    Ok(())
}

fn choice(candidates: &Candidates) -> anyhow::Result<()> {
    let lines: Vec<String> = candidates.rows.iter().map(ToString::to_string).collect();
    let more = if candidates.maybe_more { " (there may be more)" } else { "" };
    super::line(format!(
        "{} line {}: {} is one of{more}",
        candidates.file,
        lines.join(", "),
        candidates.input
    ))?;
    let money = |minor: Option<i64>| or_missing(minor.map(|m| Money::new(m, candidates.marketplace)));
    let mut rows = table::new(&["  ASIN", ">PACK", ">SELL", ">MAX PAY", ">ROI %", "TITLE"]);
    for product in &candidates.products {
        rows.add([
            format!("  {}", product.asin),
            or_missing(product.package_quantity),
            money(product.sell_price),
            money(product.max_cost),
            or_missing(product.roi_percent.map(|roi| format!("{roi:.1}"))),
            or_missing(product.title.as_deref()),
        ]);
    }
    rows.print()
}
