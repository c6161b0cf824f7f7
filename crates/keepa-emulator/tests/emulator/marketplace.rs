//! What the synthetic marketplace promises: the same for a seed, never rewritten, believable, quick.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::common::{Api, strings};
use chrono::TimeDelta;
use keepa_emulator::EmulatorConfig;
use serde_json::{Value, json};

/// The part of an answer that does not depend on how long it took.
fn products_text(text: &str) -> String {
    let start = text.find("\"products\":").unwrap();
    let end = text.find(",\"refillIn\"").unwrap();
    text[start..end].to_owned()
}

#[tokio::test]
async fn a_seed_always_gives_the_same_bytes_and_another_seed_other_ones() {
    let first = Api::rich(2_000);
    let asins = first.all_asins().await[..40].join(",");
    let path = format!("/product?key=K&domain=1&asin={asins}&stats=90&offers=20&rating=1");
    let one = products_text(&first.get(&path).await.text);
    let two = products_text(&Api::rich(2_000).get(&path).await.text);
    assert!(one == two, "the same seed gave other bytes");
    let other = Api::new(EmulatorConfig {
        seed: 8,
        products: 2_000,
        refill_rate: 1_000_000,
        ..EmulatorConfig::default()
    });
    let elsewhere = other.get(&path).await;
    assert!(elsewhere.json()["products"].is_null(), "another seed has other ASINs");
}

#[tokio::test]
async fn the_past_is_never_rewritten_when_time_moves_on() {
    let api = Api::rich(600);
    let asins = api.all_asins().await;
    let options = "offers=20&rating=1&update=0";
    let mut before = api.products(&asins[..60], options).await;
    for step in [TimeDelta::minutes(7), TimeDelta::hours(5), TimeDelta::days(40)] {
        let was = api.clock_minutes();
        api.clock.advance(step);
        let after = api.products(&asins[..60], options).await;
        for (old, new) in before.iter().zip(&after) {
            assert_eq!(old["asin"], new["asin"]);
            for slot in 0..36 {
                let past = ints(&old["csv"][slot]);
                let now = ints(&new["csv"][slot]);
                assert!(now.starts_with(&past), "{} slot {slot} was rewritten", old["asin"]);
                let width = if matches!(slot, 7 | 18..=29 | 32) { 3 } else { 2 };
                // What was added happened since (a running deal's end is known beforehand).
                assert!(
                    now[past.len()..].chunks(width).all(|record| record[0] > was || slot == 8),
                    "{} slot {slot}",
                    old["asin"]
                );
            }
            let sold = ints(&new["monthlySoldHistory"]);
            assert!(sold.starts_with(&ints(&old["monthlySoldHistory"])));
        }
        before = after;
    }
}

impl Api {
    pub(crate) fn clock_minutes(&self) -> i64 {
        use keepa_emulator::Clock as _;
        self.clock.now().timestamp() / 60 - 21_564_000
    }
}

pub(crate) fn ints(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .map(|items| items.iter().map(|item| item.as_i64().unwrap()).collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn every_product_is_sound() {
    let api = Api::rich(1_500);
    let asins = api.all_asins().await;
    assert!(asins.len() > 1_450);
    let now = api.clock_minutes();
    let products = api.products(&asins, "stats=90&offers=20&rating=1").await;
    let mut roots: BTreeMap<i64, usize> = BTreeMap::new();
    for product in &products {
        let asin = product["asin"].as_str().unwrap();
        let csv = product["csv"].as_array().unwrap();
        assert_eq!(csv.len(), 36, "{asin}");
        for (slot, series) in csv.iter().enumerate() {
            let series = ints(series);
            let width = if matches!(slot, 7 | 18..=29 | 32) { 3 } else { 2 };
            assert_eq!(series.len() % width, 0);
            let records: Vec<&[i64]> = series.chunks(width).collect();
            assert!(
                records.windows(2).all(|pair| pair[0][0] < pair[1][0]),
                "{asin} slot {slot}: times do not rise"
            );
            if slot != 15 {
                assert!(
                    records.windows(2).all(|pair| pair[0][1..] != pair[1][1..]),
                    "{asin} slot {slot}: a record without a change"
                );
            }
            assert!(
                records.iter().all(|record| record[0] <= now || slot == 8),
                "{asin} slot {slot}: the future"
            );
            assert!(
                records.iter().all(|record| record[1] >= -1 && record[1] < 60_000_000),
                "{asin} slot {slot}"
            );
        }
        // New is the lowest of Amazon, FBA and merchants, each landed; the counts add up.
        let last = |slot: usize| ints(&csv[slot]).last().copied().unwrap_or(-1);
        let landed = |slot: usize| match ints(&csv[slot]).as_slice() {
            [.., price, shipping] if *price >= 0 => *price + (*shipping).max(0),
            _ => -1,
        };
        let lowest =
            [last(0), last(10), landed(7)].into_iter().filter(|price| *price >= 0).min().unwrap_or(-1);
        assert_eq!(last(1), lowest, "{asin}");
        assert_eq!(last(11), last(34) + last(35), "{asin}");
        assert_eq!(last(11) == 0, last(1) == -1, "{asin}");
        assert_eq!(product["availabilityAmazon"] == 0, last(0) >= 0, "{asin}");

        let root = product["rootCategory"].as_i64().unwrap();
        *roots.entry(root).or_default() += 1;
        let tree = product["categoryTree"].as_array().unwrap();
        assert_eq!(tree[0]["catId"], root);
        assert_eq!(tree[tree.len() - 1]["catId"], product["categories"][0]);
        let ean = product["eanList"][0].as_str().unwrap();
        assert!(ean_is_valid(ean), "{asin}: {ean}");
        if root == 283_155 {
            assert!(isbn_is_valid(asin), "{asin}");
            assert_eq!(&ean[3..12], &asin[..9]);
            assert_eq!(product["variableClosingFee"], 180);
        } else {
            assert!(asin.starts_with("B0"));
        }
        let rate = product["referralFeePercentage"].as_f64().unwrap();
        let whole = product["referralFeePercent"].as_f64().unwrap();
        assert!((rate - whole).abs() < 0.6, "{asin}: {rate}");
        assert!(product["lastUpdate"].as_i64().unwrap() > now - 75);
    }
    let books = roots[&283_155] * 100 / products.len();
    assert!((48..=60).contains(&books), "{books} % books");
    assert!(roots.len() >= 12);
}

fn isbn_is_valid(isbn: &str) -> bool {
    let sum: u32 = isbn
        .chars()
        .zip((1..=10).rev())
        .map(|(c, weight)| if c == 'X' { 10 } else { c.to_digit(10).unwrap() } * weight)
        .sum();
    isbn.len() == 10 && sum.is_multiple_of(11)
}

fn ean_is_valid(ean: &str) -> bool {
    let sum: u32 =
        ean.chars().zip([1, 3].into_iter().cycle()).map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
    ean.len() == 13 && sum.is_multiple_of(10)
}

#[tokio::test]
async fn rank_drops_badges_and_ranks_tell_the_same_story() {
    let api = Api::rich(6_000);
    let asins = api.all_asins().await;
    let products = api.products(&asins, "stats=90").await;
    // Books by rank: the better the rank, the more drops and the more sold.
    let mut by_rank: Vec<(i64, i64, i64)> = products
        .iter()
        .filter(|product| product["rootCategory"] == 283_155)
        .map(|product| {
            let stats = &product["stats"];
            (
                stats["avg90"][3].as_i64().unwrap(),
                stats["salesRankDrops90"].as_i64().unwrap(),
                product["monthlySold"].as_i64().unwrap_or(0),
            )
        })
        .filter(|(rank, ..)| *rank > 0)
        .collect();
    by_rank.sort_unstable();
    let mean = |range: std::ops::Range<i64>| {
        let inside: Vec<_> = by_rank.iter().filter(|(rank, ..)| range.contains(rank)).collect();
        assert!(inside.len() > 10, "few books between {range:?}: {}", inside.len());
        let count = i64::try_from(inside.len()).unwrap();
        (inside.iter().map(|row| row.1).sum::<i64>() / count, inside.iter().map(|row| row.2).max().unwrap())
    };
    let (fast, fast_sold) = mean(1_000..15_000);
    let (good, good_sold) = mean(15_000..60_000);
    let (slow, slow_sold) = mean(200_000..700_000);
    let (dead, dead_sold) = mean(2_000_000..20_000_000);
    println!(
        "drops in 90 days: {fast} {good} {slow} {dead}; most sold: {fast_sold} {good_sold} {slow_sold} {dead_sold}"
    );
    assert!(fast >= good && good > 2 * slow && slow > 2 * dead, "{fast} {good} {slow} {dead}");
    assert!(fast_sold > good_sold && good_sold >= 50 && slow_sold == 0 && dead_sold == 0);
    assert!((60..=180).contains(&good), "a book around rank 30,000 falls {good} times in 90 days");
}

#[tokio::test]
async fn a_resellers_search_finds_something_to_buy() {
    let api = Api::rich(20_000);
    let found = api
        .query(&json!({"rootCategory": [283_155], "current_SALES_gte": 10_000, "current_SALES_lte": 50_000,
            "current_NEW_gte": 1_500, "current_NEW_lte": 6_000, "productType": [0], "perPage": 1000}))
        .await;
    let asins = strings(&found["asinList"]);
    println!("{} books at rank 10,000 to 50,000 for 15 to 60 dollars", asins.len());
    assert!(asins.len() >= 50);
}

#[tokio::test]
async fn searching_and_generating_are_quick() {
    for products in [20_000, 100_000] {
        let api = Api::rich(products);
        let selection = json!({"rootCategory": [283_155], "current_SALES_gte": 10_000, "current_SALES_lte": 50_000, "perPage": 100});
        let started = Instant::now();
        let found = api.query(&selection).await;
        let first = started.elapsed();
        let started = Instant::now();
        api.query(&selection).await;
        println!(
            "{products} products: first search {first:?}, the next {:?}, {} matches",
            started.elapsed(),
            found["totalResults"]
        );
        let asins = strings(&found["asinList"]);
        let started = Instant::now();
        let answer = api.get(&format!("/product?key=K&domain=1&asin={}&stats=90", asins.join(","))).await;
        println!("{} products as JSON: {:?}, {} bytes", asins.len(), started.elapsed(), answer.text.len());
    }
}
