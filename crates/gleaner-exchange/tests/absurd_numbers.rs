//! Numbers that no product has (a damaged file, a hostile one) are missing; they neither overflow nor count.

use gleaner_core::fee_card::FeeCards;
use gleaner_core::rules::Rules;
use gleaner_core::{Condition, Marketplace, ScoreInput, score};
use gleaner_exchange::keepa_json;

/// A lamp whose numbers are `n`, wherever Keepa sends one.
fn lamp(n: i64) -> String {
    format!(
        r#"{{"asin":"B000000001","domainId":1,"title":"Lamp","rootCategory":1055398,"lastUpdate":8000000,
        "packageLength":{n},"packageWidth":{n},"packageHeight":{n},"packageWeight":{n},"monthlySold":{n},
        "referralFeePercentage":{n},"variableClosingFee":{n},"fbaFees":{{"lastUpdate":8000000,"pickAndPackFee":{n}}},
        "csv":[[7990000,{n}],[7990000,{n}],[7990000,{n}],[7990000,{n},7991000,1,7992000,{n},7993000,30000],
        null,null,null,[7990000,{n},{n}],null,null,[7990000,{n},{n}],[7990000,{n}],[7990000,{n}],
        null,null,null,null,null,[7990000,{n},{n}]],
        "stats":{{"salesRankDrops30":{n},"salesRankDrops90":{n},"outOfStockPercentage90":[{n}],"offerCountFBA":{n}}}}}"#
    )
}

#[test]
fn absurd_numbers_are_missing_and_overflow_nothing() {
    for n in [i64::MAX, i64::MAX / 2, i64::from(i32::MAX) + 1, 100_000_000_000_000, i64::MIN, -3] {
        let text = lamp(n);
        let Ok(saved) = keepa_json::read(text.as_bytes()) else { continue };
        for condition in [Condition::New, Condition::Used] {
            let product = &saved.products[0].product;
            let score = score(&ScoreInput {
                product,
                marketplace: Marketplace::Us,
                condition,
                cost: None,
                price: None,
                at: saved.as_of(product).expect("the product has a time"),
                rules: &Rules::balanced(Marketplace::Us),
                cards: &FeeCards::shipped(),
            });
            assert_eq!((score.sell_price, score.roi_percent), (None, None), "{n}");
            assert_eq!((score.bsr, score.monthly_sold), (Some(30_000), None), "{n}");
        }
    }
}
