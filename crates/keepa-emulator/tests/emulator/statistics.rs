//! The `stats` object against the `csv` it came with, recomputed here in another way.

use serde_json::Value;

use crate::common::Api;
use crate::marketplace::ints;

/// (time, landing price or value).
fn series(product: &Value, slot: usize) -> Vec<(i64, i64)> {
    let width = if matches!(slot, 7 | 18..=29 | 32) { 3 } else { 2 };
    ints(&product["csv"][slot])
        .chunks(width)
        .map(|record| {
            (record[0], if width == 3 && record[1] >= 0 { record[1] + record[2].max(0) } else { record[1] })
        })
        .collect()
}

const fn is_price(slot: usize) -> bool {
    !matches!(slot, 3 | 11..=17 | 34 | 35)
}

/// How long each value held within `[start, end)`.
fn held(series: &[(i64, i64)], start: i64, end: i64) -> Vec<(i64, i64)> {
    series
        .iter()
        .enumerate()
        .map(|(place, (time, value))| {
            let until = series.get(place + 1).map_or(end, |(next, _)| *next).min(end);
            (*value, until - (*time).max(start))
        })
        .filter(|(value, minutes)| *value >= 0 && *minutes > 0)
        .collect()
}

fn mean(series: &[(i64, i64)], start: i64, end: i64) -> i64 {
    let Some((first, _)) = series.first() else { return -1 };
    let start = start.max(*first);
    let held = held(series, start, end);
    if held.is_empty() {
        return -1;
    }
    if held.len() == 1
        && (series.len() == 1 || held[0].1 == end - start && series.iter().any(|(time, _)| *time < start))
    {
        return held[0].0;
    }
    // Without a value carried in, the sum starts at -1.
    let carried = series.windows(2).any(|pair| pair[0].0 < start && pair[0].1 >= 0 && pair[1].0 >= start);
    let sum: i64 = held.iter().map(|(value, minutes)| value * minutes).sum::<i64>() - i64::from(!carried);
    sum.div_euclid(held.iter().map(|(_, minutes)| minutes).sum())
}

fn out_of_stock(series: &[(i64, i64)], start: i64, end: i64, tracked: i64) -> i64 {
    if series.is_empty() {
        return -1;
    }
    let start = start.max(tracked);
    let there: i64 = held(series, start, end).iter().map(|(_, minutes)| minutes).sum();
    if series.len() == 1 && series[0].1 >= 0 { 0 } else { 100 - 100 * there / (end - start) }
}

fn drops(series: &[(i64, i64)], start: i64, end: i64) -> i64 {
    let ranks: Vec<_> = series.iter().filter(|(_, rank)| *rank >= 0).collect();
    let fell = |old: i64, new: i64| match old {
        ..8_000 => new < old,
        8_000..20_000 => old - new >= 8,
        _ => (old - new) * 25 >= old,
    };
    let counted = ranks
        .windows(2)
        .filter(|pair| pair[1].0 > start && pair[1].0 <= end && fell(pair[0].1, pair[1].1))
        .count();
    i64::try_from(counted).unwrap()
}

fn extreme(series: &[(i64, i64)], from: i64, largest: bool) -> Option<(i64, i64)> {
    let first = series.iter().rposition(|(time, _)| *time <= from).unwrap_or(0);
    let single = series.len() == 1;
    let mut inside: Vec<_> = series[first..]
        .iter()
        .filter(|(_, value)| *value >= 0)
        .map(|(time, value)| (if single { *time } else { (*time).max(from) }, *value))
        .collect();
    inside.sort_by_key(|(time, value)| (if largest { -value } else { *value }, *time));
    inside.first().copied()
}

#[tokio::test]
async fn statistics_follow_from_the_series_that_are_sent() {
    let api = Api::rich(800);
    let asins = api.all_asins().await;
    let now = api.clock_minutes();
    let mut compared = 0;
    for product in api.products(&asins, "stats=45&offers=20&rating=1").await {
        let (asin, stats) = (product["asin"].as_str().unwrap(), &product["stats"]);
        let tracked = product["trackingSince"].as_i64().unwrap();
        for slot in (0..36).filter(|slot| *slot != 15) {
            let series = series(&product, slot);
            let current = series.last().map_or(-1, |(_, value)| *value);
            assert_eq!(stats["current"][slot], current, "{asin} current {slot}");
            for (key, days) in [("avg", 45), ("avg30", 30), ("avg90", 90), ("avg180", 180), ("avg365", 365)] {
                // A running lightning deal ends in the future; its series is checked by the other statistics.
                if slot != 8 {
                    assert_eq!(
                        stats[key][slot],
                        mean(&series, now - days * 1440, now),
                        "{asin} {key} {slot}"
                    );
                    compared += 1;
                }
            }
            let gone = if is_price(slot) && slot != 8 {
                Some(out_of_stock(&series, now - 90 * 1440, now, tracked))
            } else {
                None
            };
            if let Some(gone) = gone {
                assert_eq!(stats["outOfStockPercentage90"][slot], gone, "{asin} out of stock {slot}");
            }
            let starts_with = series
                .iter()
                .rev()
                .find(|(time, _)| *time <= now - 45 * 1440)
                .map_or(-1, |(_, value)| *value);
            assert_eq!(stats["atIntervalStart"][slot], starts_with, "{asin} at the start {slot}");
            for (key, from, largest) in [
                ("min", i64::MIN, false),
                ("max", i64::MIN, true),
                ("minInInterval", now - 45 * 1440, false),
                ("maxInInterval", now - 45 * 1440, true),
            ] {
                let ever = series.iter().any(|(_, value)| *value >= 0);
                let expected = match extreme(&series, from, largest) {
                    Some((time, value)) => serde_json::json!([time, value]),
                    None if ever => serde_json::json!([-1, -1]),
                    None => Value::Null,
                };
                if slot != 8 {
                    assert_eq!(stats[key][slot], expected, "{asin} {key} {slot}");
                }
            }
        }
        let ranks = series(&product, 3);
        for (key, days) in [
            ("salesRankDrops30", 30),
            ("salesRankDrops90", 90),
            ("salesRankDrops180", 180),
            ("salesRankDrops365", 365),
        ] {
            let expected = if ranks.iter().any(|(_, rank)| *rank >= 0) {
                drops(&ranks, now - days * 1440, now)
            } else {
                -1
            };
            assert_eq!(stats[key], expected, "{asin} {key}");
        }
    }
    println!("{compared} means compared");
    assert!(compared > 50_000);
}

#[tokio::test]
async fn trimming_the_histories_does_not_change_the_statistics() {
    let api = Api::rich(400);
    let asins = api.all_asins().await;
    let whole = api.products(&asins[..100], "stats=90").await;
    let short = api.products(&asins[..100], "stats=90&days=7").await;
    for (whole, short) in whole.iter().zip(&short) {
        assert_eq!(whole["stats"], short["stats"]);
    }
}
