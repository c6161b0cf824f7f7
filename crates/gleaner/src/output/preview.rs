//! What other rules or fee cards would change.

use gleaner_core::money::Money;
use gleaner_engine::preview::{Judged, Preview};

use super::table::{self, counted, or_missing};

/// Prints how many products would change, in which direction, and some of them.
pub fn print(preview: &Preview) -> anyhow::Result<()> {
    let products = counted(usize::try_from(preview.products).unwrap_or_default(), "stored product");
    if preview.changed == 0 {
        super::line(format!(
            "No verdict changes among {products}; {} with another profit.",
            preview.profit_changed
        ))?;
        return unreadable(preview);
    }
    super::line(format!(
        "{} of {products} would get another verdict: {} better, {} worse. No token is spent.",
        preview.changed, preview.better, preview.worse
    ))?;
    let mut rows = table::new(&[">COUNT", "FROM", "TO"]);
    for transition in &preview.transitions {
        rows.add([transition.count.to_string(), transition.from.to_string(), transition.to.to_string()]);
    }
    rows.print()?;
    let mut rows = table::new(&["ASIN", "CHANGE", ">ROI %", ">PROFIT", "TITLE"]);
    let mut shown = 0;
    for transition in &preview.transitions {
        for example in &transition.examples {
            let money = |minor: i64| Money::new(minor, example.marketplace).to_string();
            let roi = |judged: &Judged| or_missing(judged.roi_percent.map(|roi| format!("{roi:.1}")));
            let profit = |judged: &Judged| or_missing(judged.profit.map(money));
            rows.add([
                example.asin.clone(),
                format!("{} -> {}", transition.from, transition.to),
                arrow(&roi(&example.before), &roi(&example.after)),
                arrow(&profit(&example.before), &profit(&example.after)),
                or_missing(example.title.as_deref()),
            ]);
            shown += 1;
        }
    }
    if shown > 0 {
        rows.print()?;
    }
    if shown < preview.changed {
        super::line(format!("{shown} of {} shown; --examples shows more.", preview.changed))?;
    }
    unreadable(preview)
}

fn unreadable(preview: &Preview) -> anyhow::Result<()> {
    match preview.unreadable {
        0 => Ok(()),
        n => super::line(format!("{n} stored products cannot be read any more; they can be bought again.")),
    }
}

/// Both values, or the one where they are the same.
fn arrow(before: &str, after: &str) -> String {
    if before == after { after.to_owned() } else { format!("{before} -> {after}") }
}
