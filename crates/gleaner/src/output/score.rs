//! Scores: a table for many, the full breakdown for one.

use comfy_table::{Cell, Color};
use gleaner_core::Marketplace;
use gleaner_core::economics::VerdictBasis;
use gleaner_core::money::Money;
use gleaner_core::verdict::{Confidence, Recommendation};
use gleaner_core::Score;
use gleaner_engine::scoring::{ProductScoringResult, ScoredProduct};
use serde::Serialize;

use super::table::{self, coloured, cut, or_missing};

/// Prints scores, what could not be scored, and what it cost.
pub fn print(result: &ProductScoringResult, marketplace: Marketplace) -> anyhow::Result<()> {
    super::demo_notice(result.demo)?;
    match result.scores.as_slice() {
        [] => {}
        [one] => breakdown(one)?,
        many => list(many)?,
    }
    for rejected in &result.rejected {
        eprintln!("gleaner: {}: {} [{}]", rejected.input, rejected.message, rejected.code);
    }
    if result.scores.len() > 1 {
        summary(result, marketplace)?;
    }
    Ok(())
}

fn list(scores: &[ScoredProduct]) -> anyhow::Result<()> {
    let mut rows =
        table::new(&["VERDICT", "ASIN", ">SELL", ">NET", ">PAY AT MOST", ">ROI %", ">SOLD", ">BSR", "TITLE"]);
    // Beside the title the columns take 68 characters.
    let room = table::width().saturating_sub(76).clamp(12, 60);
    let mut best_first: Vec<&ScoredProduct> = scores.iter().collect();
    best_first.sort_by(|a, b| {
        let key = |s: &ScoredProduct| (s.score.recommendation, s.score.roi_percent.unwrap_or(f64::MIN));
        let (a, b) = (key(a), key(b));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    for ScoredProduct { score, .. } in best_first {
        let money = |minor: Option<i64>| or_missing(minor.map(|m| Money::new(m, score.marketplace)));
        rows.add_row([
            coloured(short_verdict(score), colour(score)),
            Cell::new(&score.asin),
            Cell::new(money(score.sell_price)),
            Cell::new(money(score.net)),
            Cell::new(money(score.max_cost)),
            Cell::new(or_missing(score.roi_percent.map(|roi| format!("{roi:.1}")))),
            Cell::new(or_missing(score.sales30.map(|sales| format!("{sales:.0}")))),
            Cell::new(or_missing(score.bsr)),
            Cell::new(cut(score.title.as_deref().unwrap_or(table::MISSING), room)),
        ]);
    }
    super::line(rows)
}

fn summary(result: &ProductScoringResult, _marketplace: Marketplace) -> anyhow::Result<()> {
    let counts: Vec<String> = result
        .verdicts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(verdict, n)| format!("{n} {verdict}"))
        .collect();
    let cached = if result.hits > 0 { format!("; {} from the cache", result.hits) } else { String::new() };
    super::line(format!(
        "{}{cached}; {} tokens spent, {} saved, balance {}",
        counts.join(", "),
        result.tokens.charged,
        result.tokens.saved,
        or_missing(result.tokens.balance)
    ))?;
    if result.scores.iter().any(|s| s.score.verdict_basis == VerdictBasis::Assumed) {
        super::line(
            "A verdict marked ? rests on an assumed cost: it is a BUY only if bought at or under PAY AT MOST.",
        )?;
    }
    Ok(())
}

/// The verdict with a mark when it hangs on an assumed cost.
fn short_verdict(score: &Score) -> String {
    let conditional = score.verdict_basis == VerdictBasis::Assumed && score.recommendation != Recommendation::Skip;
    format!("{}{}", score.recommendation, if conditional { "?" } else { "" })
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
        rows.add_row([name.to_owned(), or_missing(minor.map(money)), note]);
    };
    let series = or_missing(score.price_series.as_deref());
    let prices = format!(
        "{series}: now {}, 90-day median {}",
        or_missing(score.current.map(money)),
        or_missing(score.median90.map(money))
    );
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
        if line.is_none_or(|line| line != 0) {
            row(&format!("- {name}"), line, note.to_owned());
        }
    }
    row("= net", score.net, String::new());
    row("- cost", score.total_cost, format!("{} ", words(&score.cost_source)).trim_end().to_owned());
    let roi = score.roi_percent.map(|roi| format!("ROI {roi:.1} %")).unwrap_or_default();
    row("= profit", score.profit, roi);
    row("pay at most", score.max_cost, "for a BUY".to_owned());
    row("break-even", score.break_even_price, "this price and every higher one".to_owned());
    super::line(rows)?;
    demand(score)?;
    grounds(score)
}

fn demand(score: &Score) -> anyhow::Result<()> {
    super::line(format!(
        "BSR {}, {} sold in 30 days (velocity {:.1}), sale days {} of 180, {} new offers, {} FBA",
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
    super::line(format!("Amazon itself: {now}{share}. Data {age}, confidence {}.", confidence(score.confidence)))
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
    match (score.verdict_basis, score.max_cost) {
        (VerdictBasis::Assumed, Some(most)) => format!(
            "{} on an assumed cost{cap}: BUY if bought at or under {}",
            score.recommendation,
            Money::new(most, score.marketplace)
        ),
        (VerdictBasis::Assumed, None) => format!("{} on an assumed cost{cap}: no cost makes it a BUY", score.recommendation),
        _ => format!("{}{cap}", score.recommendation),
    }
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
    let text = serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    text.replace('_', " ")
}

fn all(codes: &[impl Serialize]) -> String {
    codes.iter().map(words).collect::<Vec<_>>().join(", ")
}
