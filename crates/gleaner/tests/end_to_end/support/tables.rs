//! The tables of the second method, which the program's numbers are held to.
//!
//! They come from an independent implementation of the same model in another language
//! (`crates/gleaner-core/reference-check`); nothing in them was produced by this program.

use std::path::PathBuf;

use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of a table.
pub(crate) fn rows(name: &str) -> Vec<Value> {
    let path = root().join("crates/gleaner-core/reference-check").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The hand-made products of `synthetic.json`.
pub(crate) fn synthetic_folder() -> PathBuf {
    root().join("crates/gleaner-core/reference-check/synthetic")
}

/// The real products; `None`, saying so, where they are absent.
pub(crate) fn real_products() -> Option<PathBuf> {
    let folder = root().join("../shared/data/products");
    if folder.is_dir() {
        return Some(folder);
    }
    gleaner_testkit::skip("the real Keepa products of ../shared/data/products are absent");
    None
}

/// A row's moment in the form the command line takes.
pub(crate) fn moment_of(row: &Value) -> String {
    let text = row["as_of"].as_str().unwrap();
    if text.len() == "2026-11-22T12:00Z".len() { text.replace('Z', ":00Z") } else { text.to_owned() }
}

/// Where a score differs from a row of a table, in the row's words.
pub(crate) fn differences(row: &Value, score: &Value) -> Vec<String> {
    let exact = [
        "asin",
        "marketplace",
        "currency",
        "condition",
        "price_series",
        "current",
        "median90",
        "sell_price",
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
        "recommendation",
        "caps",
        "assumptions",
        "confidence",
        "warnings",
        "fee_card",
    ];
    let lines = [
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
    ];
    let shown = ["roi_percent", "sales30", "your_sales30", "days_to_sell", "velocity_score"];
    let one_decimal = |value: &Value| json!(value.as_f64().map(|v| (v * 10.0).round() / 10.0));
    let same = |value: &Value| value.clone();
    let exact = exact.iter().map(|name| (*name, same(&row[*name]), same(&score[*name])));
    let lines = lines.iter().map(|name| (*name, same(&row[*name]), same(&score["lines"][*name])));
    let shown = shown.iter().map(|name| (*name, one_decimal(&row[*name]), one_decimal(&score[*name])));
    // What blocks a verdict stands alone: a missing ROI is missing, not too low.
    let blocked = row["blocking_reasons"] != json!([]);
    let reasons = if blocked { &row["blocking_reasons"] } else { &row["failed_conditions"] };
    let change = |value: &Value| json!([value["level"], value["cost_drop"], value["price_rise"]]);
    let rest = [
        ("reasons", same(reasons), same(&score["reasons"])),
        ("uncapped", same(&row["uncapped"]), same(&score["uncapped_recommendation"])),
        ("nearest_change", change(&row["nearest_change"]), change(&score["nearest_change"])),
    ];
    let who = format!("{} {} {}", row["file"], row["condition"], row["as_of"]);
    exact
        .chain(lines)
        .chain(shown)
        .chain(rest)
        .filter(|(_, table, program)| table != program)
        .map(|(name, table, program)| format!("{who} {name}: table {table} program {program}"))
        .collect()
}
