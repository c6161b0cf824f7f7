//! Scored products: the verdict and everything it rests on.

use chrono::{DateTime, Utc};
use gleaner_core::Score;
use gleaner_core::verdict::Recommendation;
use gleaner_exchange::links;
use gleaner_exchange::out::{Cell, Column, Sheet, column};

use super::{word, words};

const COLUMNS: [Column; 50] = [
    column("asin", 13),
    column("title", 50),
    column("recommendation", 14),
    column("verdict_basis", 13),
    column("marketplace", 12),
    column("currency", 9),
    column("condition", 10),
    column("strategy", 10),
    column("rules_version", 8),
    column("sell_price", 10),
    column("cost", 10),
    column("total_cost", 10),
    column("cost_source", 13),
    column("net", 10),
    column("profit", 10),
    column("roi_percent", 11),
    column("max_cost", 10),
    column("break_even_price", 10),
    column("price_series", 16),
    column("current_price", 10),
    column("median90", 10),
    column("bsr", 10),
    column("velocity_score", 9),
    column("sales30", 9),
    column("your_sales30", 9),
    column("days_to_sell", 9),
    column("drops30", 9),
    column("drops90", 9),
    column("monthly_sold", 9),
    column("sale_days180", 9),
    column("offers_new", 9),
    column("offers_fba", 9),
    column("amazon_in_stock", 9),
    column("amazon_share90", 9),
    column("confidence", 11),
    column("referral_fee", 10),
    column("closing_fee", 10),
    column("fulfilment_fee", 10),
    column("other_fees", 10),
    column("fee_card", 16),
    column("next_level", 12),
    column("next_level_cost", 10),
    column("reasons", 30),
    column("caps", 20),
    column("assumptions", 30),
    column("warnings", 30),
    column("evaluated_at", 17),
    column("amazon", 12),
    column("keepa", 12),
    column("selleramp", 12),
];

/// Scores as a list, in the order given.
pub fn scores_sheet<'a>(
    scores: impl Iterator<Item = &'a Score> + Send + 'a,
    made_at: DateTime<Utc>,
) -> Sheet<'a> {
    Sheet { name: "scores", made_at, columns: COLUMNS.to_vec(), rows: Box::new(scores.map(row)) }
}

fn row(score: &Score) -> Vec<Cell> {
    let money = |minor| Cell::money(minor, score.marketplace);
    let (asin, lines) = (score.asin.as_str(), &score.lines);
    // Known together or not at all.
    let other = [
        lines.adjustment,
        lines.surcharge,
        lines.placement,
        lines.prep,
        lines.inbound,
        lines.storage,
        lines.allowance,
    ];
    let other = other.into_iter().sum::<Option<i64>>();
    let next = score.nearest_change;
    vec![
        Cell::Code(asin.to_owned()),
        Cell::text(score.title.as_deref()),
        Cell::Text(score.recommendation.as_str().to_owned()),
        word(&score.verdict_basis),
        Cell::Text(score.marketplace.code().to_owned()),
        Cell::Text(score.currency.clone()),
        Cell::Text(score.condition.as_str().to_owned()),
        Cell::Text(score.strategy.to_string()),
        Cell::Integer(score.rules_version),
        money(score.sell_price),
        money(score.cost),
        money(score.total_cost),
        word(&score.cost_source),
        money(score.net),
        money(score.profit),
        Cell::number(score.roi_percent, 1),
        money(score.max_cost),
        money(score.break_even_price),
        Cell::text(score.price_series.as_deref()),
        money(score.current),
        money(score.median90),
        Cell::integer(score.bsr),
        Cell::Number(score.velocity_score, 1),
        Cell::number(score.sales30, 1),
        Cell::number(score.your_sales30, 1),
        Cell::number(score.days_to_sell, 1),
        Cell::integer(score.drops30),
        Cell::integer(score.drops90),
        Cell::integer(score.monthly_sold),
        Cell::integer(score.sale_days180),
        Cell::integer(score.offers_new),
        Cell::integer(score.offers_fba),
        Cell::truth(score.amazon_in_stock),
        Cell::integer(score.amazon_share90),
        word(&score.confidence),
        money(lines.referral),
        money(lines.closing),
        money(lines.fulfilment),
        money(other),
        Cell::text(score.fee_card.as_deref()),
        Cell::text(next.map(|change| Recommendation::as_str(change.level))),
        money(next.and_then(|change| change.cost)),
        words(&score.reasons),
        words(&score.caps),
        words(&score.assumptions),
        words(&score.warnings),
        Cell::Time(score.evaluated_at),
        Cell::Link(links::amazon(score.marketplace, asin), "Amazon"),
        Cell::Link(links::keepa(score.marketplace, asin), "Keepa"),
        Cell::Link(links::selleramp(score.marketplace, asin, score.cost, score.sell_price), "SellerAmp"),
    ]
}

#[cfg(test)]
mod tests {
    use gleaner_core::fee_card::FeeCards;
    use gleaner_core::rules::{Rules, Strategy};
    use gleaner_core::{Condition, Marketplace, ScoreInput, score};

    use super::*;

    #[test]
    fn every_row_has_a_cell_for_every_column_and_missing_is_empty() {
        let product = keepa::RawProduct::decode(r#"{"asin":"0593655036","domainId":1}"#).unwrap().product;
        let rules = Rules::for_marketplace(Strategy::Balanced, Marketplace::Us);
        let score = score(&ScoreInput {
            product: &product,
            marketplace: Marketplace::Us,
            condition: Condition::New,
            cost: Some(500),
            price: None,
            at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            rules: &rules,
            cards: &FeeCards::shipped(),
        });
        let row = row(&score);
        assert_eq!(row.len(), COLUMNS.len());
        let cell = |name: &str| &row[COLUMNS.iter().position(|column| column.name == name).unwrap()];
        assert_eq!(cell("asin"), &Cell::Code("0593655036".to_owned()));
        for unknown in ["sell_price", "profit", "roi_percent", "bsr", "other_fees", "amazon_in_stock"] {
            assert_eq!(cell(unknown), &Cell::Missing, "{unknown}");
        }
        assert_eq!(cell("recommendation"), &Cell::Text("SKIP".to_owned()));
    }
}
