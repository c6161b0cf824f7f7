//! Every saved product x condition, held to the tables of the second method, to the cent.
//!
//! The tables (`crates/gleaner-core/reference-check`) come from an independent implementation of the
//! same model in another language; nothing in them was produced by this program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, Utc};
use gleaner_core::excerpt::excerpt;
use gleaner_core::fee_card::FeeCards;
use gleaner_core::rules::Rules;
use gleaner_core::{Condition, Marketplace, ScoreInput, score};
use gleaner_exchange::keepa_json;
use keepa::{KeepaTime, Product, RawProduct};
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows(name: &str) -> Vec<Value> {
    let path = root().join("crates/gleaner-core/reference-check").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    let without_seconds = |_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").unwrap().and_utc();
    DateTime::parse_from_rfc3339(text).map_or_else(without_seconds, |t| t.to_utc())
}

fn scored(row: &Value, product: &Product) -> Value {
    let marketplace: Marketplace = row["marketplace"].as_str().unwrap().parse().unwrap();
    let condition: Condition = row["condition"].as_str().unwrap().parse().unwrap();
    let found = score(&ScoreInput {
        product,
        marketplace,
        condition,
        cost: None,
        price: None,
        at: moment(row["as_of"].as_str().unwrap()),
        rules: &Rules::balanced(marketplace),
        cards: &FeeCards::shipped(),
    });
    serde_json::to_value(&found).unwrap()
}

/// The program's row in the table's words.
fn actual(row: &Value, bytes: &[u8]) -> Value {
    let saved = keepa_json::read(bytes).unwrap();
    let product = &saved.products[0].product;
    let mut found = scored(row, product);
    // What is kept to score everything again gives the same score, to the last digit.
    let at = KeepaTime::from_datetime(moment(row["as_of"].as_str().unwrap()));
    for from in [at, KeepaTime::new(at.minutes() - 60 * 24 * 60)] {
        let short = RawProduct::decode(&excerpt(product, from)).unwrap().product;
        assert_eq!(scored(row, &short), found, "the excerpt of {from:?}");
    }
    let lines = found["lines"].clone();
    for (name, amount) in lines.as_object().unwrap() {
        found[name] = amount.clone();
    }
    found["uncapped"] = found["uncapped_recommendation"].clone();
    found
}

/// Compares the named columns; rates and shares as they are shown, with one decimal.
fn differences(row: &Value, found: &Value) -> Vec<String> {
    let exact = [
        "asin",
        "currency",
        "price_series",
        "current",
        "median90",
        "sell_price",
        "referral",
        "closing",
        "fulfilment",
        "adjustment",
        "surcharge",
        "placement",
        "prep",
        "inbound",
        "storage",
        "allowance",
        "net",
        "cost",
        "profit",
        "max_cost",
        "break_even_price",
        "bsr",
        "drops30",
        "drops90",
        "monthly_sold",
        "sale_days180",
        "offers_new",
        "amazon_in_stock",
        "amazon_share90",
        "uncapped",
        "recommendation",
        "caps",
        "assumptions",
        "confidence",
        "warnings",
        "fee_card",
    ];
    let shown = ["roi_percent", "sales30", "your_sales30", "days_to_sell", "velocity_score"];
    let one_decimal = |v: &Value| v.as_f64().map(|v| (v * 10.0).round() / 10.0);
    let mut differences: Vec<String> = exact
        .iter()
        .filter(|name| row[**name] != found[**name])
        .map(|name| format!("{name}: table {} program {}", row[*name], found[*name]))
        .collect();
    differences.extend(
        shown
            .iter()
            .filter(|name| one_decimal(&row[**name]) != one_decimal(&found[**name]))
            .map(|name| format!("{name}: table {} program {}", row[*name], found[*name])),
    );
    // What blocks a verdict stands alone: a missing ROI is missing, not too low.
    let blocking = &row["blocking_reasons"];
    let reasons = if blocking == &json!([]) { &row["failed_conditions"] } else { blocking };
    if *reasons != found["reasons"] {
        differences.push(format!("reasons: table {reasons} program {}", found["reasons"]));
    }
    let windows: Vec<Value> = found["break_even_windows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|window| json!([window["from"], window["to"]]))
        .collect();
    if row["break_even_windows"] != json!(windows) {
        differences
            .push(format!("break_even_windows: table {} program {windows:?}", row["break_even_windows"]));
    }
    let change = |v: &Value| json!([v["level"], v["cost_drop"], v["price_rise"]]);
    if change(&row["nearest_change"]) != change(&found["nearest_change"]) {
        differences.push(format!(
            "nearest_change: table {} program {}",
            row["nearest_change"], found["nearest_change"]
        ));
    }
    differences
}

fn hold(rows: &[Value], folder: &std::path::Path) {
    let mut wrong = Vec::new();
    for row in rows {
        let file = row["file"].as_str().unwrap();
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let found = actual(row, &bytes);
        for difference in differences(row, &found) {
            wrong.push(format!("{file} {} {}: {difference}", row["condition"], row["as_of"]));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_real_product_scores_as_the_second_method_says() {
    let folder = root().join("../shared/data/products");
    if !folder.exists() {
        gleaner_testkit::skip("the real Keepa products of ../shared/data/products are absent");
        return;
    }
    let rows = rows("table.json");
    assert!(rows.len() >= 64, "the table covers 16 files x 2 conditions x 2 times");
    hold(&rows, &folder);
    hold(&self::rows("golden.json"), &folder);
}

#[test]
fn lithium_unmeasured_and_oversize_products_score_as_worked_out_by_hand() {
    let rows = rows("synthetic.json");
    assert_eq!(rows.len(), 20);
    hold(&rows, &root().join("crates/gleaner-core/reference-check/synthetic"));
}
