//! Niches: the list, one of them, its runs, and what changed.

use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use gleaner_core::templates::NicheTemplate;
use gleaner_engine::niche::{
    Niche, NicheChange, NicheComparison, NicheDraft, NicheFind, NicheRun, NicheRunResult, NicheSummary,
    NicheYield,
};

use super::table::{self, counted, cut, or_missing};

/// Prints the niches with what their last runs came to.
pub fn list(niches: &[NicheSummary]) -> anyhow::Result<()> {
    if niches.is_empty() {
        return super::line("No niche yet. Begin with `gleaner niche templates`.");
    }
    let mut rows =
        table::new(&["LAST RUN (UTC)", ">FOUND", ">BUYS", ">ROI %", ">TOKENS", "STRATEGY", "NAME"]);
    for NicheSummary { niche, last_run } in niches {
        let run = last_run.as_ref();
        rows.add([
            run.map_or_else(|| "never".to_owned(), |run| run.at.format("%Y-%m-%d %H:%M").to_string()),
            or_missing(run.map(|run| run.found)),
            or_missing(run.map(|run| run.buys)),
            percent(run.and_then(|run| run.median_roi_percent)),
            or_missing(run.map(|run| run.tokens_charged)),
            niche.strategy.to_string(),
            format!("{}{}", niche.name, if niche.archived { " (archived)" } else { "" }),
        ]);
    }
    rows.print()
}

fn percent(value: Option<f64>) -> String {
    or_missing(value.map(|value| format!("{value:.1}")))
}

/// Prints one niche.
pub fn print(niche: &Niche) -> anyhow::Result<()> {
    super::line(format!("{} ({})", niche.name, niche.id))?;
    super::line(format!("  {}", terms(&NicheDraft::from(niche), niche.category_name.as_deref())))?;
    if let Some(note) = &niche.note {
        super::line(format!("  {note}"))?;
    }
    super::line(format!(
        "  version {}, changed {}{}",
        niche.version,
        niche.updated_at.format("%Y-%m-%d %H:%M UTC"),
        if niche.archived { ", archived" } else { "" }
    ))
}

/// What a niche looks for, in a line.
fn terms(draft: &NicheDraft, category: Option<&str>) -> String {
    let filters = &draft.filters;
    let money = |minor: i64| Money::new(minor, filters.marketplace).to_string();
    let category = match (category, filters.category.to_string()) {
        (Some(name), _) => name.to_owned(),
        (None, given) if given == "0" || given.eq_ignore_ascii_case("all") => "all categories".to_owned(),
        (None, given) => given,
    };
    let mut parts = vec![
        format!("amazon.{}", filters.marketplace.tld()),
        category,
        format!("BSR {}-{}", filters.bsr_min, filters.bsr_max),
    ];
    match (filters.price_min, filters.price_max) {
        (None, None) => {}
        (Some(min), None) => parts.push(format!("from {}", money(min))),
        (None, Some(max)) => parts.push(format!("up to {}", money(max))),
        (Some(min), Some(max)) => parts.push(format!("{} to {}", money(min), money(max))),
    }
    parts.extend(filters.condition.map(|condition| condition.to_string()));
    parts.extend(filters.exclude_amazon.then(|| "without Amazon".to_owned()));
    parts.push(format!("{} rules", draft.strategy));
    parts.extend(draft.cost.map(|cost| format!("cost {}", money(cost))));
    parts.extend(filters.limit.map(|limit| format!("at most {limit}")));
    parts.join(", ")
}

/// Prints the templates.
pub fn templates(templates: &[NicheTemplate]) -> anyhow::Result<()> {
    let mut rows = table::new(&["ID", "STRATEGY", ">BSR", "NAME"]);
    for template in templates {
        rows.add([
            template.id.clone(),
            template.strategy.to_string(),
            format!("{}-{}", template.filters.bsr_min, template.filters.bsr_max),
            template.name.clone(),
        ]);
    }
    rows.print()?;
    super::line("Keep one with `gleaner niche create --template ID`; options change what it looks for.")
}

/// Prints runs, newest first.
pub fn runs(runs: &[NicheRun]) -> anyhow::Result<()> {
    if runs.is_empty() {
        return super::line("It was not run yet.");
    }
    let mut rows =
        table::new(&["BEGAN (UTC)", "OUTCOME", ">FOUND", ">BUYS", ">ROI %", ">TOKENS", ">PER BUY", "RUN"]);
    for run in runs {
        let outcome = run.outcome.as_str();
        rows.add([
            run.at.format("%Y-%m-%d %H:%M").to_string(),
            run.error.as_ref().map_or_else(|| outcome.to_owned(), |code| format!("{outcome}: {code}")),
            run.found.to_string(),
            run.buys.to_string(),
            percent(run.median_roi_percent),
            run.tokens_charged.to_string(),
            percent(run.tokens_per_buy),
            run.id.to_string(),
        ]);
    }
    rows.print()
}

/// Prints what a niche brought.
pub fn brought(brought: &NicheYield) -> anyhow::Result<()> {
    runs(&brought.runs)?;
    if brought.runs.is_empty() {
        return Ok(());
    }
    let each = brought.tokens_per_buy.map(|each| format!(", {each:.1} for each BUY")).unwrap_or_default();
    super::line(format!(
        "{}, {} of them failed; {} worth buying so far; {} charged{each}",
        counted(brought.runs.len(), "run"),
        brought.failed_runs,
        counted(usize::try_from(brought.products_worth_buying).unwrap_or_default(), "product"),
        counted(usize::try_from(brought.tokens_charged).unwrap_or_default(), "token"),
    ))
}

/// Prints what a run came to, below its products.
pub fn outcome(result: &NicheRunResult) -> anyhow::Result<()> {
    let run = &result.run;
    let roi = run.median_roi_percent.map(|roi| format!(", median ROI {roi:.1} %")).unwrap_or_default();
    let each = run.tokens_per_buy.map(|each| format!(", {each:.1} tokens for each")).unwrap_or_default();
    super::line(format!("{}: {} worth buying{roi}{each}", result.niche.name, run.buys))?;
    match &result.comparison {
        Some(compared) => summary(compared),
        None => super::line("The first run: the next one will be compared with it."),
    }
}

fn summary(compared: &NicheComparison) -> anyhow::Result<()> {
    super::line(format!(
        "Since {}: {} new, {} gone, {} with another price, {} with another verdict, {} unchanged{}",
        compared.from.at.format("%Y-%m-%d %H:%M UTC"),
        compared.new.len(),
        compared.gone.len(),
        compared.price_changed.len(),
        compared.verdict_changed.len(),
        compared.unchanged,
        match compared.not_comparable {
            0 => String::new(),
            n => format!(", {n} not scored in one of the runs"),
        }
    ))
}

/// Prints what changed between two runs, product by product.
pub fn comparison(compared: &NicheComparison, marketplace: Marketplace) -> anyhow::Result<()> {
    summary(compared)?;
    let NicheComparison { new, gone, price_changed, verdict_changed, .. } = compared;
    if new.is_empty() && gone.is_empty() && price_changed.is_empty() && verdict_changed.is_empty() {
        return Ok(());
    }
    let price = |find: &NicheFind| or_missing(find.price.map(|minor| Money::new(minor, marketplace)));
    let verdict = |find: &NicheFind| find.verdict.clone().unwrap_or_else(|| table::MISSING.to_owned());
    let mut rows = table::new(&["CHANGE", "ASIN", ">PRICE", "VERDICT", ">ROI %", "TITLE"]);
    let mut alone = |what: &str, finds: &[NicheFind]| {
        for find in finds {
            rows.add([
                what.to_owned(),
                find.asin.clone(),
                price(find),
                verdict(find),
                percent(find.roi_percent),
                or_missing(find.title.as_deref()),
            ]);
        }
    };
    alone("new", new);
    alone("gone", gone);
    let both = |change: &NicheChange, what: &str| {
        let NicheChange { asin, title, before, after } = change;
        let arrow = |old: String, new: String| if old == new { new } else { format!("{old} -> {new}") };
        [
            what.to_owned(),
            asin.clone(),
            arrow(price(before), price(after)),
            arrow(verdict(before), verdict(after)),
            percent(after.roi_percent),
            cut(title.as_deref().unwrap_or(table::MISSING), 60),
        ]
    };
    for change in verdict_changed {
        rows.add(both(change, "verdict"));
    }
    // One with another verdict stands there already.
    for change in price_changed.iter().filter(|c| c.before.verdict == c.after.verdict) {
        rows.add(both(change, "price"));
    }
    rows.print()
}
