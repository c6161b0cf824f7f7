//! Scores: a table for many, the full breakdown for one.

use comfy_table::Color;
use gleaner_core::Score;
use gleaner_core::economics::VerdictBasis;
use gleaner_core::money::Money;
use gleaner_core::verdict::{Confidence, Measure, Recommendation};
use gleaner_engine::scoring::{ProductScoringResult, Scored, ScoredProduct};
use serde::Serialize;

use super::table::{self, Text, coloured, cut, or_missing};

/// Below this many columns the net is left out for the sake of the title.
const ROOMY: usize = 90;

/// Prints scores, what could not be scored, and what it cost.
pub fn print(result: &ProductScoringResult, saved: bool) -> anyhow::Result<()> {
    super::demo_notice(result.demo)?;
    body(result, saved)
}

/// The same below a heading that has told where the data comes from. Saved answers cost nothing.
pub fn body(result: &ProductScoringResult, saved: bool) -> anyhow::Result<()> {
    match result.scores.as_slice() {
        [] => {}
        [one] => breakdown(one)?,
        many => list(many)?,
    }
    for rejected in &result.rejected {
        eprintln!("gleaner: {}: {} [{}]", rejected.input, rejected.message, rejected.code);
    }
    summary(result, saved)
}

fn list(scores: &[Scored]) -> anyhow::Result<()> {
    let roomy = table::width() >= ROOMY;
    let net = if roomy { &[">NET"][..] } else { &[] };
    let header =
        [&["VERDICT", "ASIN", ">SELL"], net, &[">MAX PAY", ">ROI %", ">SOLD", ">BSR", "TITLE"]].concat();
    let mut rows = table::new(&header);
    let mut best_first: Vec<&Scored> = scores.iter().collect();
    best_first.sort_by(|a, b| {
        let key = |s: &Scored| (s.score.recommendation, s.score.roi_percent.unwrap_or(f64::MIN));
        let (a, b) = (key(a), key(b));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    for scored in best_first {
        let score = &scored.score;
        let money =
            |minor: Option<i64>| Text::from(or_missing(minor.map(|m| Money::new(m, score.marketplace))));
        let mut row = vec![
            coloured(verdict(score.recommendation, score.verdict_basis), colour(score)),
            score.asin.clone().into(),
        ];
        row.push(money(score.sell_price));
        row.extend(roomy.then(|| money(score.net)));
        row.push(money(score.max_cost));
        row.extend([
            or_missing(score.roi_percent.map(|roi| format!("{roi:.1}"))).into(),
            or_missing(score.sales30.map(|sales| format!("{sales:.0}"))).into(),
            or_missing(score.bsr).into(),
            or_missing(score.title.as_deref()).into(),
        ]);
        rows.add(row);
    }
    rows.print()
}

fn summary(result: &ProductScoringResult, saved: bool) -> anyhow::Result<()> {
    let many = result.scores.len() > 1;
    let mut parts = Vec::new();
    if many {
        let counts =
            result.verdicts.iter().filter(|(_, n)| **n > 0).map(|(verdict, n)| format!("{n} {verdict}"));
        parts.push(counts.collect::<Vec<_>>().join(", "));
    }
    if result.hits > 0 && many {
        parts.push(format!("{} from the cache", result.hits));
    }
    if !saved {
        parts.push(super::tokens::used(&result.tokens));
    }
    if !parts.is_empty() {
        super::line(parts.join("; "))?;
    }
    if many
        && result.scores.iter().any(|s| verdict(s.score.recommendation, s.score.verdict_basis).ends_with('?'))
    {
        super::line(ASSUMED)?;
    }
    Ok(())
}

/// What the mark behind a verdict means.
pub const ASSUMED: &str = "? = on an assumed cost. MAX PAY = the most to pay for a BUY's ROI and profit.";

/// The verdict with a mark when it hangs on an assumed cost.
pub fn verdict(recommendation: Recommendation, basis: VerdictBasis) -> String {
    let conditional = basis == VerdictBasis::Assumed && recommendation != Recommendation::Skip;
    format!("{recommendation}{}", if conditional { "?" } else { "" })
}

fn colour(score: &Score) -> Option<Color> {
    match score.recommendation {
        Recommendation::StrongBuy | Recommendation::Buy => Some(Color::Green),
        Recommendation::Consider => Some(Color::Yellow),
        Recommendation::Skip => None,
    }
}

fn breakdown(scored: &ScoredProduct) -> anyhow::Result<()> {
    let score = &scored.score;
    let money = |minor: i64| Money::new(minor, score.marketplace);
    let title = score.title.as_deref().unwrap_or("(no title)");
    super::line(format!("{} {}", score.asin, cut(title, table::width().saturating_sub(12))))?;
    super::line(format!(
        "amazon.{}, {}, {} rules, judged at {}{}",
        score.marketplace.tld(),
        score.condition,
        score.strategy,
        score.evaluated_at.format("%Y-%m-%d %H:%M UTC"),
        if scored.cache_hit { ", from the cache" } else { "" }
    ))?;
    super::line(verdict_sentence(score))?;
    let mut rows = table::new(&["", &format!(">{}", score.currency), "FROM"]);
    let mut row = |name: &str, minor: Option<i64>, note: String| {
        rows.add([name.to_owned(), or_missing(minor.map(money)), note]);
    };
    let prices = match score.price_series.as_deref() {
        Some(series) => format!(
            "{series}: now {}, 90-day median {}",
            or_missing(score.current.map(money)),
            or_missing(score.median90.map(money))
        ),
        None => format!("nobody offers it {}", score.condition),
    };
    row("sell price", score.sell_price, prices);
    let lines = &score.lines;
    let card = score.fee_card.clone().map(|card| format!("fee card {card}")).unwrap_or_default();
    for (name, line, note) in [
        ("referral", lines.referral, ""),
        ("closing", lines.closing, ""),
        ("fulfilment", lines.fulfilment, card.as_str()),
        ("adjustment", lines.adjustment, "beyond the card, as Amazon quoted it"),
        ("surcharge", lines.surcharge, ""),
        ("placement", lines.placement, ""),
        ("prep", lines.prep, ""),
        ("inbound", lines.inbound, ""),
        ("storage", lines.storage, ""),
        ("allowance", lines.allowance, ""),
    ] {
        // Without a price no line is known; a column of signs for that says nothing.
        if line.is_some_and(|line| line != 0) {
            row(&format!("- {name}"), line, note.to_owned());
        }
    }
    row("= net", score.net, String::new());
    row("- cost", score.total_cost, format!("{} ", words(&score.cost_source)).trim_end().to_owned());
    let roi = score.roi_percent.map(|roi| format!("ROI {roi:.1} %")).unwrap_or_default();
    row("= profit", score.profit, roi);
    row("max pay", score.max_cost, "for a BUY's ROI and profit".to_owned());
    row("break-even", score.break_even_price, "this price and every higher one".to_owned());
    rows.print()?;
    demand(score)?;
    grounds(score)
}

fn demand(score: &Score) -> anyhow::Result<()> {
    super::line(format!(
        "BSR {}, {} sold in 30 days (velocity {:.1}), sale days {} of 180, offers: {} new, {} FBA",
        or_missing(score.bsr),
        or_missing(score.sales30.map(|s| format!("{s:.1}"))),
        score.velocity_score,
        or_missing(score.sale_days180),
        or_missing(score.offers_new),
        or_missing(score.offers_fba)
    ))?;
    let now = match score.amazon_in_stock {
        Some(true) => "in stock",
        Some(false) => "not in stock",
        None => "unknown",
    };
    let share = score.amazon_share90.map(|s| format!(", {s} % of the last 90 days")).unwrap_or_default();
    let age = score.data_age_minutes.map_or_else(|| "of unknown age".to_owned(), |m| format!("{m} min old"));
    super::line(format!(
        "Amazon itself: {now}{share}. Data {age}, confidence {}.",
        confidence(score.confidence)
    ))
}

fn grounds(score: &Score) -> anyhow::Result<()> {
    for (name, list) in [
        ("why not better", all(&score.reasons)),
        ("capped by", all(&score.caps)),
        ("assumed", all(&score.assumptions)),
        ("mind", all(&score.warnings)),
    ] {
        if !list.is_empty() {
            super::line(format!("{name}: {list}"))?;
        }
    }
    if let Some(change) = &score.nearest_change {
        let money = |minor: i64| Money::new(minor, score.marketplace);
        let ways: Vec<String> = [
            change.cost.map(|cost| format!("a cost of {} or less", money(cost))),
            change.price.map(|price| format!("a price of {} or more", money(price))),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !ways.is_empty() {
            super::line(format!("{} with {}", change.level, ways.join(", or ")))?;
        }
    }
    Ok(())
}

/// The verdict as one reads it aloud.
fn verdict_sentence(score: &Score) -> String {
    let cap = if score.recommendation < score.uncapped_recommendation {
        format!(", {} without its caps", score.uncapped_recommendation)
    } else {
        String::new()
    };
    let verdict = score.recommendation;
    let most = match (score.verdict_basis, score.max_cost) {
        (VerdictBasis::Assumed, most) => most.map(|most| Money::new(most, score.marketplace)),
        _ => return format!("{verdict}{cap}"),
    };
    match (most, obstacles(score)) {
        (None, _) => format!("{verdict} on an assumed cost{cap}: no cost makes it a BUY"),
        (Some(most), None) => format!("{verdict} on an assumed cost{cap}: BUY if bought at or under {most}"),
        (Some(most), Some(but)) => {
            format!("{verdict} on an assumed cost{cap}: a BUY's ROI and profit at or under {most}, but {but}")
        }
    }
}

/// What keeps a product from being a BUY at any cost: its velocity, and caps.
fn obstacles(score: &Score) -> Option<String> {
    let slow = score
        .conditions
        .iter()
        .any(|c| c.level == Recommendation::Buy && c.measure == Measure::Velocity && !c.holds);
    let slow = slow.then(|| "velocity too low".to_owned());
    let all: Vec<String> = slow.into_iter().chain(score.caps.iter().map(words)).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// A code in words: `roi_too_low` is "roi too low".
fn words(code: &impl Serialize) -> String {
    let text =
        serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    text.replace('_', " ")
}

fn all(codes: &[impl Serialize]) -> String {
    codes.iter().map(words).collect::<Vec<_>>().join(", ")
}
