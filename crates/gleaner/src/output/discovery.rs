//! What a discovery found.

use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use gleaner_engine::discovery::{Funnel, ProductDiscoveryExplanation, ProductDiscoveryResult};

use super::table::{self, cut, or_missing};

/// Prints the heading, the products and the funnel.
pub fn print(
    found: &ProductDiscoveryResult,
    marketplace: Marketplace,
    explained: bool,
) -> anyhow::Result<()> {
    heading(found)?;
    if found.products.is_empty() {
        if !explained {
            super::line(
                "Add --explain to find out which filter is to blame: its price in tokens is shown first.",
            )?;
        }
        return Ok(());
    }
    let mut rows = table::new(&["ASIN", ">BSR", ">PRICE", "CHECKED", "TITLE"]);
    for product in found.products.iter() {
        rows.add([
            product.asin.clone(),
            or_missing(product.bsr),
            or_missing(product.price.map(|p| Money::new(p, marketplace))),
            if product.checked { "yes" } else { "not yet" }.to_owned(),
            or_missing(product.title.as_deref()),
        ]);
    }
    rows.print()?;
    let unknown = found.products.iter().filter(|p| !p.checked).count();
    if unknown > 0 {
        super::line(format!(
            "Add --score to price and score them: about {}.",
            table::counted(unknown, "token")
        ))?;
    }
    Ok(())
}

/// Prints what the same search finds without one filter at a time.
pub fn explanation(told: &ProductDiscoveryExplanation) -> anyhow::Result<()> {
    let mut rows = table::new(&["WITHOUT", ">MATCH", ">TOKENS"]);
    for probe in &told.probes {
        rows.add([
            probe.without.as_str().to_owned(),
            or_missing(probe.matched_total),
            probe.tokens.to_string(),
        ]);
    }
    rows.print()?;
    let words = told.explanation.as_deref().map(|text| format!("In short: {text}. ")).unwrap_or_default();
    super::line(format!("{words}{}", super::tokens::used(&told.tokens)))
}

/// Prints what was found, how old it is and what it cost.
pub fn heading(found: &ProductDiscoveryResult) -> anyhow::Result<()> {
    super::demo_notice(found.demo)?;
    let origin = if found.cache_hit {
        format!("from the cache, {} old", age(found.data_age_seconds))
    } else {
        "fresh from Keepa".to_owned()
    };
    let matched = found.funnel.matched_total.map(|n| format!(" of {n} that match")).unwrap_or_default();
    super::line(format!(
        "{}{matched}, {origin}; {}",
        table::counted(found.asins.len(), "product"),
        super::tokens::used(&found.tokens)
    ))?;
    funnel(&found.funnel)
}

fn funnel(funnel: &Funnel) -> anyhow::Result<()> {
    let removed: i64 = funnel.removed.values().sum();
    if removed > 0 {
        let by: Vec<String> =
            funnel.removed.iter().map(|(filter, n)| format!("{n} by {}", filter.as_str())).collect();
        super::line(format!(
            "{removed} left out because their facts contradict Keepa's index: {}",
            by.join(", ")
        ))?;
    }
    if let Some(explanation) = &funnel.explanation {
        super::line(format!("Nothing to show: {explanation}."))?;
        for miss in &funnel.nearest_misses {
            super::line(format!(
                "  near: {} {} {} {}",
                miss.asin,
                miss.filter.as_str(),
                or_missing(miss.actual),
                cut(miss.title.as_deref().unwrap_or(table::MISSING), 40)
            ))?;
        }
    }
    Ok(())
}

/// An age in the largest unit that fits.
fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
