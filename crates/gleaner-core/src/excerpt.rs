//! The excerpt of a product: what [`Facts::gather`](crate::facts::Facts::gather) reads of it from a
//! moment on, as a product in Keepa's own form.
//!
//! A product has years of histories in dozens of kinds; its score reads half a year of a few. Kept
//! beside the facts, the excerpt makes scoring everything again a matter of seconds. It gives the same
//! facts to the last digit: the histories keep every record within reach of that moment, and from
//! before the ones that still held or counted then.

use std::collections::BTreeSet;

use keepa::{CsvType, DecimalText, KeepaTime, Product, Series};
use serde::Serialize;

use crate::Condition;
use crate::facts::{DAY, MOST, PRICE_WINDOW_DAYS, SALE_DAYS, price_candidates};

/// Which form excerpts have. To be raised whenever the facts read more of a product than before: excerpts
/// of another form are not read, and the whole product is.
pub const EXCERPT_FORM: i64 = 1;

/// The parts of a product, under Keepa's names; null is missing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parts<'a> {
    asin: Option<String>,
    title: Option<&'a str>,
    parent_asin: Option<&'a str>,
    root_category: Option<i64>,
    last_update: Option<i32>,
    availability_amazon: Option<i64>,
    monthly_sold: Option<i64>,
    package_length: Option<i64>,
    package_width: Option<i64>,
    package_height: Option<i64>,
    package_weight: Option<i64>,
    /// A text, to keep its digits.
    referral_fee_percentage: Option<&'a str>,
    variable_closing_fee: Option<i64>,
    fba_fees: Option<Fees>,
    is_heat_sensitive: Option<bool>,
    is_adult_product: Option<bool>,
    /// Only whether there are any counts.
    hazardous_materials: &'static [Empty],
    variations: &'static [Empty],
    stats: Option<Stats>,
    csv: Vec<Option<Vec<i64>>>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fees {
    pick_and_pack_fee: Option<i64>,
    last_update: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    sales_rank_drops30: Option<i64>,
    sales_rank_drops90: Option<i64>,
    #[serde(rename = "offerCountFBA")]
    offer_count_fba: Option<i64>,
    /// Only Amazon's place.
    out_of_stock_percentage90: [Option<i64>; 1],
}

/// The excerpt of a product, as JSON: whoever gathers its facts at `from` or later finds what the product
/// itself would give.
#[must_use]
pub fn excerpt(product: &Product, from: KeepaTime) -> String {
    let some = |any: bool| if any { &[Empty {}][..] } else { &[] };
    let parts = Parts {
        asin: product.asin.map(|asin| asin.to_string()),
        title: product.title.as_deref(),
        parent_asin: product.parent_asin.as_deref(),
        root_category: product.root_category.map(|category| category.0),
        last_update: product.last_update.map(KeepaTime::minutes),
        availability_amazon: product.availability_amazon,
        monthly_sold: product.monthly_sold,
        package_length: product.package_length,
        package_width: product.package_width,
        package_height: product.package_height,
        package_weight: product.package_weight,
        referral_fee_percentage: product.referral_fee_percentage.as_ref().map(DecimalText::as_str),
        variable_closing_fee: product.variable_closing_fee,
        fba_fees: product.fba_fees.as_ref().map(|fees| Fees {
            pick_and_pack_fee: fees.pick_and_pack_fee,
            last_update: fees.last_update.map(KeepaTime::minutes),
        }),
        is_heat_sensitive: product.is_heat_sensitive,
        is_adult_product: product.is_adult_product,
        hazardous_materials: some(!product.hazardous_materials.is_empty()),
        variations: some(!product.variations.is_empty()),
        stats: product.stats.as_ref().map(|stats| Stats {
            sales_rank_drops30: stats.sales_rank_drops30,
            sales_rank_drops90: stats.sales_rank_drops90,
            offer_count_fba: stats.offer_count_fba,
            out_of_stock_percentage90: [stats.out_of_stock_percentage90(CsvType::Amazon)],
        }),
        csv: histories(product, from),
    };
    // Texts and numbers under fixed names: nothing in them can fail.
    serde_json::to_string(&parts).unwrap_or_default()
}

/// The histories in Keepa's flat form, each in its slot.
fn histories(product: &Product, from: KeepaTime) -> Vec<Option<Vec<i64>>> {
    let quoted = product.fba_fees.as_ref().and_then(|fees| fees.last_update.or(product.last_update));
    let mut slots: Vec<Option<Vec<i64>>> = CsvType::ALL
        .iter()
        .map(|&kind| {
            let (days, moment) = reach(kind, quoted)?;
            Some(shortened(kind, product.series(kind)?, from, days, moment))
        })
        .collect();
    while slots.last().is_some_and(Option::is_none) {
        slots.pop();
    }
    slots
}

/// How many days before the evaluation a history is read, and the moment long ago at which it is read
/// as well; `None` for one that is not read.
fn reach(kind: CsvType, quoted: Option<KeepaTime>) -> Option<(i64, Option<KeepaTime>)> {
    if price_candidates(Condition::New).contains(&kind) {
        return Some((PRICE_WINDOW_DAYS, quoted));
    }
    if price_candidates(Condition::Used).contains(&kind) {
        return Some((PRICE_WINDOW_DAYS, None));
    }
    match kind {
        CsvType::Sales => Some((SALE_DAYS, None)),
        CsvType::Amazon
        | CsvType::CountNew
        | CsvType::CountNewFba
        | CsvType::CountUsed
        | CsvType::NewFbmShipping => Some((0, None)),
        _ => None,
    }
}

/// The records of the last `days` before `from` and all later ones, and of those before: the one that
/// holds then, the last one with a value, the last one with a value that is believed, and the one that
/// held at `moment`.
fn shortened(
    kind: CsvType,
    series: &Series,
    from: KeepaTime,
    days: i64,
    moment: Option<KeepaTime>,
) -> Vec<i64> {
    let start = i64::from(from.minutes()) - days * DAY;
    let points = series.points();
    let within = points.partition_point(|point| i64::from(point.time.minutes()) <= start);
    let before = &points[..within];
    let valued = before.iter().rposition(|point| point.value.is_some());
    let believed = before.iter().rposition(|point| point.value.is_some_and(|v| (1..=MOST).contains(&v)));
    let held = moment.and_then(|moment| series.up_to(moment).len().checked_sub(1));
    let mut kept: BTreeSet<usize> =
        [within.checked_sub(1), valued, believed, held].into_iter().flatten().collect();
    kept.extend(within..points.len());
    kept.into_iter()
        .flat_map(|place| {
            let point = points[place];
            let value = point.value.unwrap_or(-1);
            // The landing price says it all; nobody asks what of it is shipping.
            [i64::from(point.time.minutes()), value, 0].into_iter().take(kind.stride())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use keepa::RawProduct;
    use proptest::prelude::*;

    use super::*;
    use crate::facts::Facts;

    const YEARS: i64 = 3;
    /// The moment of the excerpt, in Keepa's minutes.
    const FROM: i64 = 8_000_000;

    /// Times around the moment, crowded where the windows begin.
    fn a_time() -> impl Strategy<Value = i64> {
        let edge = prop::sample::select(vec![0, 30 * DAY, 90 * DAY, 180 * DAY, YEARS * 365 * DAY]);
        prop_oneof![
            2 => -YEARS * 365 * DAY..200 * DAY,
            1 => (edge, -3_i64..=3).prop_map(|(edge, off)| off - edge),
        ]
        .prop_map(|offset| FROM + offset)
    }

    fn a_value() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => 1_i64..200_000,
            2 => prop::sample::select(vec![-2, -1, 0, 99_999, 100_000]),
            1 => MOST - 1..MOST + 3,
        ]
    }

    /// A history in Keepa's flat form; `null` where Keepa sent none.
    fn a_history(stride: usize) -> impl Strategy<Value = Option<Vec<i64>>> {
        let record = (a_time(), a_value(), -1_i64..900);
        prop::option::weighted(
            0.8,
            prop::collection::vec(record, 0..40).prop_map(move |records| {
                let flat = |(time, value, shipping)| [time, value, shipping].into_iter().take(stride);
                records.into_iter().flat_map(flat).collect()
            }),
        )
    }

    fn a_product() -> impl Strategy<Value = String> {
        let number = || prop::option::weighted(0.8, -2_i64..900);
        let csv: Vec<_> = CsvType::ALL.iter().map(|kind| a_history(kind.stride())).collect();
        let some = || prop::sample::select(vec!["null", "[]", "[{}]"]);
        let words =
            ("[A-Za-z0-9\"\\\\ é&;]{0,12}", prop::sample::select(vec!["null", "15.01", "8", "\"15\""]));
        let times = (prop::option::weighted(0.9, a_time()), prop::option::of(a_time()));
        (
            csv,
            prop::collection::vec(number(), 11),
            (some(), some(), prop::option::of(any::<bool>())),
            words,
            times,
            prop::option::of(-2_i64..120),
        )
            .prop_map(|(csv, numbers, (hazardous, variations, flag), (title, percent), times, share)| {
                let raw = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
                serde_json::json!({
                    "asin": "B012345678", "domainId": 1, "title": title, "parentAsin": numbers[0].map(|_| "B0"),
                    "rootCategory": numbers[1], "lastUpdate": times.0, "availabilityAmazon": numbers[2],
                    "monthlySold": numbers[3], "packageLength": numbers[4], "packageWidth": numbers[5],
                    "packageHeight": 40, "packageWeight": numbers[6], "referralFeePercentage": raw(percent),
                    "variableClosingFee": numbers[7], "hazardousMaterials": raw(hazardous),
                    "fbaFees": {"pickAndPackFee": numbers[8], "lastUpdate": times.1},
                    "isHeatSensitive": flag, "isAdultProduct": flag.map(|f| !f), "variations": raw(variations),
                    "stats": {"salesRankDrops30": numbers[9], "salesRankDrops90": numbers[10],
                              "offerCountFBA": share, "outOfStockPercentage90": [share, 3]},
                    "csv": csv, "features": ["not read"], "brand": "not read",
                })
                .to_string()
            })
    }

    proptest! {
        #[test]
        fn the_excerpt_gives_the_facts_of_the_product_at_its_moment_and_later(
            json in a_product(),
            later in prop_oneof![Just(0_i64), 0..400 * DAY],
        ) {
            let product = RawProduct::decode(&json).unwrap().product;
            let minutes = |minutes: i64| KeepaTime::new(i32::try_from(minutes).unwrap());
            let short = RawProduct::decode(&excerpt(&product, minutes(FROM))).unwrap().product;
            prop_assert_eq!((short.asin, &short.title), (product.asin, &product.title));
            for condition in [Condition::New, Condition::Used] {
                let at = minutes(FROM + later);
                prop_assert_eq!(
                    Facts::gather(&short, condition, at),
                    Facts::gather(&product, condition, at)
                );
            }
        }
    }

    #[test]
    fn the_excerpt_leaves_out_what_no_score_reads() {
        let csv: Vec<Vec<i64>> = CsvType::ALL
            .iter()
            .map(|kind| {
                (0..5_000)
                    .flat_map(|n| vec![FROM - n * 600, 10 + n, 0].into_iter().take(kind.stride()))
                    .collect()
            })
            .collect();
        let json = serde_json::json!({"asin": "B012345678", "features": ["x".repeat(9_000)], "csv": csv})
            .to_string();
        let product = RawProduct::decode(&json).unwrap().product;
        let short = excerpt(&product, KeepaTime::new(i32::try_from(FROM).unwrap()));
        assert!(short.len() * 20 < json.len(), "{} of {}", short.len(), json.len());
        let read = RawProduct::decode(&short).unwrap().product;
        let kinds: Vec<CsvType> = read.csv.iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), 11, "{kinds:?}");
    }
}
