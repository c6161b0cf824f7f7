//! `gleaner score --file`: exports and answers for nothing, suppliers' lists for an estimate that is shown first.

use serde_json::{Value, json};

use crate::support::{Db, Home, Market};

on_each_database!(a_list_is_bought_once_and_costs_nothing_the_second_time);

const EXPORT: &str = "\u{feff}ASIN,Locale,Title,Sales Rank: Drops last 30 days,Bought in past month,Buy Box: Current,Buy \
Box: 90 days avg.,Amazon out of stock percentage: 90 days OOS %,FBA Fees:,Referral Fee %,Package: Weight (g),\n\
B000000001,com,\"Lamp, red\",40,50,24.99,22,1,5.61,0.15,500,\n\
B000000002,com,No price,1,,,,,,,,Exported on 2026-05-10 12:00 (UTC) by Keepa.com\n\
B000000001,com,\"Lamp, red\",40,50,24.99,22,1,5.61,0.15,500,\n\
B00,com,Short,1,,5,5,,,,,\n";

/// A product as Keepa sends it, with a code.
fn product(asin: &str, ean: &str, title: &str) -> String {
    let first = 8_000_000;
    let mut csv = vec![Value::Null; 36];
    csv[1] = json!([first, 2499]);
    csv[3] = json!([first, 5120]);
    csv[18] = json!([first, 2499, 0]);
    json!({
        "asin": asin, "domainId": 1, "title": title, "productType": 0, "rootCategory": 1_055_398,
        "lastUpdate": first + 10, "packageLength": 300, "packageWidth": 200, "packageHeight": 50,
        "packageWeight": 500, "packageQuantity": 1, "referralFeePercentage": 15.0, "monthlySold": 50,
        "eanList": [ean], "upcList": ean.strip_prefix('0').into_iter().collect::<Vec<_>>(), "csv": csv,
    })
    .to_string()
}

/// A folder of four products: two have a code of their own, two share one.
fn catalog() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (asin, ean, title) in [
        ("B0LAMP0001", "4006381333931", "Lamp"),
        ("B0DESK0001", "0036000291452", "Desk"),
        ("B0CUPS0001", "5901234123457", "Cups"),
        ("B0CUPS0006", "5901234123457", "Cups, 6-Pack"),
    ] {
        std::fs::write(folder.path().join(format!("{asin}.json")), product(asin, ean, title)).unwrap();
    }
    folder
}

const LIST: &str = "\
Supplier price list;;;\n\
EAN;ASIN;Unit cost;Title\n\
4006381333931;;5,00;Lamp\n\
;B0LAMP0001;6,00;Lamp again\n\
36000291452;;7,50;Desk, zeros lost\n\
5901234123457;;2,00;Cups\n\
73513537;;1,00;Nobody sells this\n\
9,78E+12;;1,00;Damaged\n\
;B0NOTHING1;1,00;Unknown\n";

/// What the scores of a list say, but for the moment.
fn summary(result: &Value) -> Vec<Value> {
    let of = |s: &Value| json!([s["asin"], s["cost"], s["cost_source"], s["rows"], s["notes"]]);
    result["scores"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn an_export_is_scored_without_a_token_and_without_a_database() {
    let home = Home::new();
    let file = home.write("export.csv", EXPORT);
    let result = home.run(&["score", "--file", &file, "--json"]).await.json(0);
    let lamp = &result["scores"][0];
    assert_eq!(
        (&lamp["asin"], &lamp["title"], &lamp["rows"]),
        (&json!("B000000001"), &json!("Lamp, red"), &json!([2]))
    );
    assert_eq!((&lamp["sell_price"], &lamp["evaluated_at"]), (&json!(2200), &json!("2026-05-10T12:00:00Z")));
    assert!(lamp["notes"].as_array().unwrap().contains(&json!("average_for_median")), "{lamp}");
    assert_ne!(lamp["confidence"], "high");
    let rejected: Vec<_> = result["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["row"].as_u64(), r["code"].as_str()))
        .collect();
    assert_eq!(rejected, [(Some(4), Some("duplicate_row")), (Some(5), Some("invalid_asin"))]);
    assert_eq!(result["without_roi"], json!({"duplicate_row": 1, "invalid_asin": 1, "no_price": 1}));
    assert!(!home.has_data(), "an export needs no database");
    let told = home.run(&["score", "--file", &file]).await;
    assert!(told.ended(0).stdout.contains("without an ROI: duplicate_row 1"), "{told:?}");
    assert!(told.stderr.contains("line 4"), "{told:?}");
}

async fn a_list_is_bought_once_and_costs_nothing_the_second_time(db: Db) {
    let folder = catalog();
    let market = Market::now(100, Some(folder.path().to_owned())).await;
    let home = market.home(&db);
    let file = home.write("list.csv", LIST);
    let result = home.run(&["score", "--file", &file, "--json"]).await.json(0);
    let scores = summary(&result);
    assert_eq!(
        scores,
        [
            json!(["B0LAMP0001", 500, "explicit", [3, 4], ["rows_merged"]]),
            json!(["B0DESK0001", 750, "explicit", [5], ["zeros_restored"]]),
        ],
        "{result}"
    );
    let candidates = &result["candidates"][0];
    assert_eq!((&candidates["rows"], &candidates["input"]), (&json!([6]), &json!("5901234123457")));
    let asins: Vec<&Value> = candidates["products"].as_array().unwrap().iter().map(|p| &p["asin"]).collect();
    assert_eq!(asins.len(), 2, "{candidates}");
    let rejected: Vec<_> =
        result["rejected"].as_array().unwrap().iter().map(|r| json!([r["row"], r["code"]])).collect();
    assert_eq!(
        rejected,
        [
            json!([8, "damaged_code"]),
            json!([6, "several_products"]),
            json!([7, "unknown_code"]),
            json!([9, "unknown_asin"]),
        ]
    );
    let (spent, asked) = (result["tokens"]["charged"].as_i64().unwrap(), market.asked("product"));
    assert!((4..=5).contains(&spent), "four products, and perhaps one for the ASIN that is none: {spent}");

    let again = home.run(&["score", "--file", &file, "--json"]).await.json(0);
    assert_eq!((&again["tokens"]["charged"], summary(&again)), (&json!(0), scores), "{again}");
    assert!(market.asked("product") <= asked + 1, "only what Keepa does not know may be asked again");
    assert_eq!(db.count("search_history").await, 2);
}

#[tokio::test]
async fn a_dear_list_is_refused_with_its_price_where_nobody_can_be_asked() {
    let market = Market::now(100, None).await;
    let db = Db::sqlite();
    let home = market.home(&db);
    let ean = |n: u32| {
        let body = format!("{:012}", 400_000_000_000_u64 + u64::from(n));
        let sum: u32 = body
            .chars()
            .rev()
            .enumerate()
            .map(|(i, c)| c.to_digit(10).unwrap() * if i % 2 == 0 { 3 } else { 1 })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    };
    let list: String = (0..40).map(|n| ean(n) + "\n").collect();
    let file = home.write("long.csv", format!("EAN\n{list}"));
    home.run(&["score", "--file", &file]).await.refused(&["40 codes", "0 to 120 tokens", "--yes"]);
    assert_eq!(market.paid_requests(), 0);
    home.run(&["score", "--file", &file, "--yes", "--max-tokens", "50"]).await.ended(1);
    assert_eq!(market.paid_requests(), 0, "the budget of the run holds as well");
    let result = home.run(&["score", "--file", &file, "--yes", "--json"]).await.json(1);
    assert_eq!(result["without_roi"], json!({"unknown_code": 40}), "nobody sells these");
}

#[tokio::test]
async fn files_that_are_nothing_are_refused_with_a_reason() {
    let home = Home::new();
    for (name, content, code) in [
        ("empty.csv", "", "empty_file"),
        ("page.html", "<html><body>log in</body></html>", "not_a_table"),
        ("prices.csv", "name,price\nLamp,5.00\nDesk,7.00\n", "no_code_column"),
        ("cut.json", "{\"products\":[{\"asin\":\"B0", "malformed_json"),
    ] {
        let file = home.write(name, content);
        let result = home.run(&["score", "--file", &file, "--json"]).await.json(2);
        assert_eq!(result["rejected"][0]["code"], code, "{result}");
    }
    let missing = home.run(&["score", "--file", "nowhere.csv", "--json"]).await.json(2);
    assert_eq!(missing["rejected"][0]["code"], "unreadable_file");
    home.run(&["score", "B000000001", "--file", "x.csv"]).await.refused(&["cannot be used with"]);
    assert!(!home.has_data());
}
