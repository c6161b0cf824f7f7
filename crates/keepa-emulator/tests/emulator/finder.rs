//! The Product Finder against a filter over every product's own answer.

use serde_json::{Value, json};

use crate::common::{Api, strings};

type Test = Box<dyn Fn(&Value) -> bool>;

/// A number of a product's statistics; negative means none.
fn stat(product: &Value, array: &str, slot: usize) -> Option<i64> {
    product["stats"][array][slot].as_i64().filter(|value| *value >= 0)
}

fn within(value: Option<i64>, least: i64, most: i64) -> bool {
    value.is_some_and(|value| (least..=most).contains(&value))
}

/// A selection and what it means, told in terms of `/product`.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<(Value, Test)> {
    let listed = |product: &Value, id: i64| product["categories"].as_array().unwrap().contains(&json!(id));
    vec![
        (
            json!({"current_SALES_gte": 10_000, "current_SALES_lte": 200_000, "current_NEW_gte": 1_500, "current_NEW_lte": 6_000}),
            Box::new(|p| {
                within(stat(p, "current", 3), 10_000, 200_000) && within(stat(p, "current", 1), 1_500, 6_000)
            }),
        ),
        (
            json!({"rootCategory": [283_155], "current_USED_lte": 900}),
            Box::new(|p| p["rootCategory"] == 283_155 && within(stat(p, "current", 2), 0, 900)),
        ),
        (
            json!({"rootCategory": "172282", "avg90_NEW_gte": 2_000}),
            Box::new(|p| p["rootCategory"] == 172_282 && within(stat(p, "avg90", 1), 2_000, i64::MAX)),
        ),
        (
            json!({"avg30_SALES_lte": 90_000, "avg365_SALES_gte": 90_000}),
            Box::new(|p| {
                within(stat(p, "avg30", 3), 0, 90_000) && within(stat(p, "avg365", 3), 90_000, i64::MAX)
            }),
        ),
        (
            json!({"current_BUY_BOX_SHIPPING_gte": 5_000}),
            Box::new(|p| within(stat(p, "current", 18), 5_000, i64::MAX)),
        ),
        (
            json!({"delta90_NEW_gte": 100, "deltaPercent90_NEW_gte": 10}),
            Box::new(|p| {
                let (Some(mean), Some(now)) = (stat(p, "avg90", 1), stat(p, "current", 1)) else {
                    return false;
                };
                mean - now >= 100 && 200 * (mean - now) >= 19 * mean
            }),
        ),
        (
            json!({"salesRankDrops30_gte": 20, "salesRankDrops90_lte": 110}),
            Box::new(|p| {
                within(p["stats"]["salesRankDrops30"].as_i64(), 20, i64::MAX)
                    && within(p["stats"]["salesRankDrops90"].as_i64(), 0, 110)
            }),
        ),
        (
            json!({"availabilityAmazon": [-1], "current_SALES_lte": 500_000}),
            Box::new(|p| p["availabilityAmazon"] == -1 && within(stat(p, "current", 3), 0, 500_000)),
        ),
        (
            json!({"current_AMAZON_gte": -1, "current_AMAZON_lte": -1}),
            Box::new(|p| stat(p, "current", 0).is_none()),
        ),
        (json!({"current_AMAZON_lte": 2_000}), Box::new(|p| within(stat(p, "current", 0), 0, 2_000))),
        (
            json!({"outOfStockPercentage90_lte": 20}),
            Box::new(|p| within(stat(p, "outOfStockPercentage90", 0), 0, 20)),
        ),
        (json!({"monthlySold_gte": 100}), Box::new(|p| within(p["monthlySold"].as_i64(), 100, i64::MAX))),
        (
            json!({"categories_include": [3839, 5], "current_SALES_gte": 0}),
            Box::new(move |p| (listed(p, 3839) || listed(p, 5)) && stat(p, "current", 3).is_some()),
        ),
        (
            json!({"rootCategory": [283_155], "categories_exclude": [17]}),
            Box::new(move |p| p["rootCategory"] == 283_155 && !listed(p, 17)),
        ),
        (json!({"isHazMat": true}), Box::new(|p| p["hazardousMaterials"].is_array())),
        (
            json!({"isHeatSensitive": false, "packageWeight_gte": 400, "packageWeight_lte": 500}),
            Box::new(|p| p["isHeatSensitive"] == false && within(p["packageWeight"].as_i64(), 400, 500)),
        ),
        (
            json!({"binding": ["textbook", "hardcover"], "fbaFees_gte": 700}),
            Box::new(|p| {
                (p["binding"] == "textbook" || p["binding"] == "hardcover")
                    && within(p["fbaFees"]["pickAndPackFee"].as_i64(), 700, i64::MAX)
            }),
        ),
        (
            json!({"title": "garden -dvd"}),
            Box::new(|p| {
                p["title"]
                    .as_str()
                    .unwrap()
                    .to_lowercase()
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == "garden")
            }),
        ),
        (json!({"isLowest90_NEW": true}), Box::new(|p| p["stats"]["isLowest90"][1] == true)),
        (json!({"isLowest_SALES": true}), Box::new(|p| p["stats"]["isLowest"][3] == true)),
        (
            json!({"current_RATING_gte": 45, "current_COUNT_REVIEWS_gte": 50}),
            Box::new(|p| {
                within(stat(p, "current", 16), 45, 50) && within(stat(p, "current", 17), 50, i64::MAX)
            }),
        ),
        (json!({"scent": ["lavender"]}), Box::new(|_| false)),
        (
            json!({"current_SALES_lte": 100_000, "somethingNew_gte": 4}),
            Box::new(|p| within(stat(p, "current", 3), 0, 100_000)),
        ),
    ]
}

#[tokio::test]
async fn a_search_finds_what_a_filter_over_all_products_finds() {
    let api = Api::rich(3_000);
    let asins = api.all_asins().await;
    let products = api.products(&asins, "stats=90&buybox=1&rating=1&history=0").await;
    assert_eq!(products.len(), asins.len());
    for (selection, holds) in cases() {
        let mut expected: Vec<&str> = products
            .iter()
            .filter(|product| holds(product))
            .map(|product| product["asin"].as_str().unwrap())
            .collect();
        let mut selection = selection;
        selection["perPage"] = json!(10_000);
        let answer = api.query(&selection).await;
        let mut found = strings(&answer["asinList"]);
        assert_eq!(answer["totalResults"], found.len());
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{selection}");
        println!("{:5} of {}: {selection}", found.len(), products.len());
    }
}

#[tokio::test]
async fn pages_follow_each_other_in_order() {
    let api = Api::rich(3_000);
    let whole = strings(&api.query(&json!({"rootCategory": [283_155], "sort": [["current_NEW", "desc"], ["current_SALES", "asc"]], "perPage": 400})).await["asinList"]);
    let mut pages = Vec::new();
    for page in 0..8 {
        let answer = api.query(&json!({"rootCategory": [283_155], "sort": [["current_NEW", "desc"], ["current_SALES", "asc"]], "perPage": 50, "page": page})).await;
        pages.extend(strings(&answer["asinList"]));
    }
    assert_eq!(pages, whole);
    let prices: Vec<i64> = api
        .products(&whole, "stats=1&history=0")
        .await
        .iter()
        .map(|product| product["stats"]["current"][1].as_i64().unwrap())
        .collect();
    assert!(prices.iter().rev().is_sorted());
    assert_eq!(api.query(&json!({"current_SALES_lte": 100, "page": 190})).await["asinList"], json!([]));
}

#[tokio::test]
async fn insights_cost_more_and_say_more() {
    let api = Api::rich(1_000);
    let answer = api
        .post("/query?key=K&domain=1&stats=1", "application/json", "{\"rootCategory\":[283155]}")
        .await
        .json();
    assert_eq!(answer["tokensConsumed"], 10 + 1 + 30 + 1);
    assert!(answer["searchInsights"]["avgBuyBox"].as_i64().unwrap() > 500);
}
