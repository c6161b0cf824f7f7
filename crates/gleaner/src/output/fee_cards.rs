//! Fee cards: the list, one of them, its versions.

use gleaner_core::fee_card::{CardKind, FeeCard, SizeTier};
use gleaner_core::money::Money;
use gleaner_engine::fee_cards::{CardOrigin, FeeCardSummary, FeeCardVersion};

use super::table::{self, or_missing};

/// Prints the cards in force.
pub fn list(cards: &[FeeCardSummary]) -> anyhow::Result<()> {
    let mut rows = table::new(&["CARD", "FROM", "TO", "KIND", ">VERSION", "ORIGIN", "TODAY"]);
    for card in cards {
        rows.add([
            card.id.clone(),
            card.valid_from.to_string(),
            card.valid_to.to_string(),
            match card.kind {
                CardKind::Base => "base",
                CardKind::Peak => "peak",
            }
            .to_owned(),
            card.version.to_string(),
            origin(card.origin).to_owned(),
            if card.today { "in force" } else { "" }.to_owned(),
        ]);
    }
    rows.print()
}

fn origin(origin: CardOrigin) -> &'static str {
    match origin {
        CardOrigin::Shipped => "shipped",
        CardOrigin::Replaced => "replaced",
        CardOrigin::Own => "own",
    }
}

/// Prints one card.
pub fn print(found: &FeeCardVersion) -> anyhow::Result<()> {
    super::line(format!("{}, version {}, {}", found.id, found.version, origin(found.origin)))?;
    let Some(card) = &found.card else { return super::line("withdrawn") };
    super::line(format!(
        "amazon.{}, {} to {}, amounts in {}",
        card.marketplace.tld(),
        card.valid_from,
        card.valid_to,
        card.currency
    ))?;
    super::line(format!("{} (confidence: {})", card.source.trim(), card.confidence))?;
    let money = |minor: i64| Money::new(minor, card.marketplace).to_string();
    for surcharge in &card.surcharges {
        super::line(format!("surcharge of {} % on fulfilment from {}", surcharge.percent, surcharge.from))?;
    }
    let [low, high] = card.price_bands.map(money);
    let below = format!(">BELOW {low}");
    let above = format!(">ABOVE {high}");
    let mut rows = table::new(&["SIZE", ">UP TO OZ", &below, ">BETWEEN", &above]);
    for (name, tier) in [("small", &card.small_standard), ("large", &card.large_standard)] {
        tier_rows(&mut rows, name, tier, card);
    }
    rows.print()?;
    let storage = &card.storage;
    super::line(format!(
        "storage per cubic foot and month: {} standard ({} in months {}), {} larger ({})",
        money(storage.standard.normal),
        money(storage.standard.high),
        storage.high_months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        money(storage.beyond_standard.normal),
        money(storage.beyond_standard.high)
    ))?;
    super::line(format!(
        "closing fee {} for {} root categories; commission rules for {}, at least {}",
        money(card.closing.fee),
        card.closing.root_categories.len(),
        card.referral.rules.iter().map(|rule| rule.root_categories.len()).sum::<usize>(),
        money(card.referral.minimum)
    ))
}

fn tier_rows(rows: &mut table::Rows, name: &str, tier: &SizeTier, card: &FeeCard) {
    let money = |minor: i64| Money::new(minor, card.marketplace).to_string();
    for row in &tier.rows {
        let [low, middle, high] = row.fee.map(money);
        rows.add([name.to_owned(), row.up_to_oz.to_string(), low, middle, high]);
    }
    if let Some(beyond) = &tier.beyond {
        let [low, middle, high] = beyond.fee.map(money);
        let step = format!("+{} each {} oz", money(beyond.step_fee), beyond.step_oz);
        rows.add([name.to_owned(), step, low, middle, high]);
    }
}

/// Prints the versions of a card, newest first.
pub fn versions(all: &[FeeCardVersion]) -> anyhow::Result<()> {
    let mut rows = table::new(&[">VERSION", "SAVED (UTC)", "BY", "ORIGIN", ">CHANGES", "WHY"]);
    for version in all {
        rows.add([
            version.version.to_string(),
            version
                .created_at
                .map_or_else(|| table::MISSING.to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string()),
            or_missing(version.author.as_deref()),
            if version.card.is_none() { "withdrawn" } else { origin(version.origin) }.to_owned(),
            version.changes.len().to_string(),
            or_missing(version.note.as_deref()),
        ]);
    }
    rows.print()
}
