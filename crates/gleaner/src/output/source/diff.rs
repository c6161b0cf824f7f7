//! The difference between two runs.

use gleaner_engine::sourcing::{Change, ChangedPick, RunDiff, Sighting};

use super::{moment, money, percent, word};
use crate::output::table::{self, or_missing};

/// Prints it.
pub fn print(diff: &RunDiff, demo: bool) -> anyhow::Result<()> {
    super::super::demo_notice(demo)?;
    let against = match (diff.against_number, diff.against_at) {
        (Some(number), Some(at)) => format!("since run #{number} of {} UTC", moment(at)),
        _ => "no earlier run to compare with".to_owned(),
    };
    super::super::line(format!(
        "Run #{} of {} UTC, {against}: {} new, {} gone, {} changed, {} the same",
        diff.run_number,
        moment(diff.run_at),
        diff.new.len(),
        diff.gone.len(),
        diff.changed.len(),
        diff.unchanged
    ))?;
    let mut rows = table::new(&["", "ASIN", ">SELL", ">ROI %", ">BSR", "WHAT", "TITLE"]);
    for new in &diff.new {
        rows.add(row("new", new, String::new()));
    }
    for gone in &diff.gone {
        rows.add(row("gone", &gone.before, gone.why.replace('_', " ")));
    }
    for changed in &diff.changed {
        rows.add(row("changed", &changed.now, changes(changed)));
    }
    if diff.new.len() + diff.gone.len() + diff.changed.len() > 0 {
        rows.print()?;
    }
    Ok(())
}

fn row(kind: &str, sighting: &Sighting, what: String) -> [String; 7] {
    [
        kind.to_owned(),
        sighting.asin.clone(),
        money(sighting.figures.sell_price, sighting.marketplace),
        percent(sighting.figures.roi_percent),
        or_missing(sighting.figures.bsr),
        what,
        or_missing(sighting.figures.title.as_deref()),
    ]
}

fn changes(pick: &ChangedPick) -> String {
    let (before, now) = (&pick.before.figures, &pick.now.figures);
    let marketplace = pick.now.marketplace;
    let told: Vec<String> = pick
        .changes
        .iter()
        .map(|change| match change {
            Change::Price => format!("was {}", money(before.sell_price, marketplace)),
            Change::Verdict => format!("was {}, is {}", before.recommendation, now.recommendation),
            Change::Rank => format!("{} was {}", word(change), or_missing(before.bsr)),
        })
        .collect();
    told.join("; ")
}
