//! Picks.

use gleaner_core::money::Money;
use gleaner_engine::sourcing::{Pick, PickDetail, Verification};

use super::{moment, money, percent, verdict, word};
use crate::output::score::ASSUMED;
use crate::output::table::{self, or_missing};

/// Picks, best ROI first.
pub fn list(picks: &[Pick], demo: bool) -> anyhow::Result<()> {
    super::super::demo_notice(demo)?;
    if picks.is_empty() {
        return super::super::line("No picks. `gleaner source report JOB` says why.");
    }
    let mut rows =
        table::new(&["CLASS", "STATE", "VERDICT", "ASIN", ">SELL", ">MAX PAY", ">ROI %", ">BSR", "TITLE"]);
    for pick in picks {
        rows.add([
            class(pick),
            word(&pick.state),
            verdict(&pick.figures),
            pick.asin.clone(),
            money(pick.figures.sell_price, pick.marketplace),
            money(pick.figures.max_cost, pick.marketplace),
            percent(pick.figures.roi_percent),
            or_missing(pick.figures.bsr),
            or_missing(pick.figures.title.as_deref()),
        ]);
    }
    rows.print()?;
    if picks.iter().any(|pick| verdict(&pick.figures).ends_with('?')) {
        super::super::line(ASSUMED)?;
    }
    Ok(())
}

/// Its class; of one that is none any more, that it was.
fn class(pick: &Pick) -> String {
    if pick.active { word(&pick.class) } else { "gone".to_owned() }
}

/// One pick with its past.
pub fn one(detail: &PickDetail, demo: bool) -> anyhow::Result<()> {
    let pick = &detail.pick;
    super::super::demo_notice(demo)?;
    super::super::line(format!("{} {}", pick.asin, or_missing(pick.figures.title.as_deref())))?;
    super::super::line(format!(
        "class {}, {}; condition {}; {}",
        class(pick),
        word(&pick.state),
        pick.condition,
        match &pick.job {
            Some(job) => format!("job {job}; {}", seen(pick)),
            None => "chosen by hand".to_owned(),
        }
    ))?;
    figures(pick)?;
    if let Some(bought) = pick.purchases {
        let spent = Money::new(bought.spent, pick.marketplace);
        super::super::line(format!("bought {} for {spent} in all", bought.quantity))?;
    }
    super::super::line(format!("id {}", pick.id))?;
    if !detail.steps.is_empty() {
        super::super::line("Decisions:")?;
    }
    for step in &detail.steps {
        let mut said = vec![word(&step.action)];
        if let (Some(quantity), Some(cost)) = (step.quantity, step.unit_cost) {
            said.push(format!("{quantity} at {}", Money::new(cost, pick.marketplace)));
        }
        said.extend(step.reason.as_ref().map(|reason| reason.replace('_', " ")));
        said.extend(step.note.clone());
        said.extend(step.verification.as_ref().map(|verification| verification.result.to_string()));
        let undone = if step.undone_at.is_some() { " (undone)" } else { "" };
        let by = step.author.as_ref().map(|author| format!(", by {author}")).unwrap_or_default();
        super::super::line(format!("  {}  {}{by}{undone}", moment(step.at), said.join(": ")))?;
    }
    if detail.sightings.is_empty() {
        return Ok(());
    }
    super::super::line("Sightings:")?;
    let mut rows =
        table::new(&["  WHEN (UTC)", ">RUN", "VERDICT", ">SELL", ">ROI %", ">BSR", "FELL SHORT OF"]);
    for sighting in &detail.sightings {
        rows.add([
            format!("  {}", moment(sighting.seen_at)),
            sighting.run_number.to_string(),
            verdict(&sighting.figures),
            money(sighting.figures.sell_price, pick.marketplace),
            percent(sighting.figures.roi_percent),
            or_missing(sighting.figures.bsr),
            or_missing(sighting.missed.as_ref().map(|missed| missed.replace('_', " "))),
        ]);
    }
    rows.print()
}

fn seen(pick: &Pick) -> String {
    let evidence = &pick.evidence;
    let seen = match evidence.of {
        ..=1 => "seen once".to_owned(),
        of => format!("seen on {} of the last {of} runs", evidence.seen),
    };
    match evidence.missed.as_deref() {
        Some("not_found") => format!("{seen}; the newest did not find it"),
        Some("not_listed") => format!("{seen}; the newest had others to look at first"),
        Some(missed) => format!("{seen}; the newest says {}", missed.replace('_', " ")),
        None => seen,
    }
}

fn figures(pick: &Pick) -> anyhow::Result<()> {
    let figures = &pick.figures;
    super::super::line(format!(
        "sell {}  pay at most {}  profit {} ({} %)  rank {}  {}",
        money(figures.sell_price, pick.marketplace),
        money(figures.max_cost, pick.marketplace),
        money(figures.profit, pick.marketplace),
        percent(figures.roi_percent),
        or_missing(figures.bsr),
        verdict(figures),
    ))
}

/// What a verification found.
pub fn verification(pick: &Pick, found: &Verification, demo: bool) -> anyhow::Result<()> {
    super::super::demo_notice(demo)?;
    super::super::line(format!(
        "{} {}: {}",
        found.result.to_string().to_uppercase(),
        pick.asin,
        or_missing(pick.figures.title.as_deref())
    ))?;
    for finding in &found.findings {
        super::super::line(format!("  {}", finding.message))?;
    }
    let mut rows = table::new(&["", ">SELL", ">MAX PAY", ">PROFIT", ">ROI %", ">BSR", "VERDICT"]);
    for (name, figures) in [("then", Some(&found.before)), ("now", found.now.as_ref())] {
        let Some(figures) = figures else { continue };
        rows.add([
            name.to_owned(),
            money(figures.sell_price, pick.marketplace),
            money(figures.max_cost, pick.marketplace),
            money(figures.profit, pick.marketplace),
            percent(figures.roi_percent),
            or_missing(figures.bsr),
            verdict(figures),
        ]);
    }
    rows.print()?;
    super::super::line(super::super::tokens::used(&found.tokens))
}
