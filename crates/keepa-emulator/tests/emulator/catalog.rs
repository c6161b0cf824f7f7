//! Saved products beside the synthetic ones.

use std::io::Write as _;
use std::path::Path;

use axum::http::StatusCode;
use keepa_emulator::EmulatorConfig;
use serde_json::json;

use crate::common::{Api, strings};

const BARE: &str = r#"{ "asin":"B0TESTBARE", "domainId" : 1, "title":"A saved lamp", "rootCategory":1055398, "categories":[289754],
  "trackingSince":7000000,"lastUpdate":7800000,"productType":0,"availabilityAmazon":-1,"eanList":["4006381333931"],
  "csv":[null,[7000000,2000,7790000,2499],null,[7000000,50000,7700000,30000]], "unheardOf": 1.50e1 }"#;
const GERMAN: &str = r#"{"meta":{"note":"wrapper"},"answer":{"products":[{"asin":"B0TESTGERM","domainId":3,"title":"Lampe","csv":null,
  "stats":{"current":[-1,1234,-1,777]},"rootCategory":3167641}]},"tokensLeft":5}"#;

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn zipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn api(folder: &Path, products: u32) -> Api {
    Api::new(EmulatorConfig { products, catalog: Some(folder.to_owned()), ..EmulatorConfig::default() })
}

#[tokio::test]
async fn a_saved_product_comes_back_byte_for_byte_and_takes_part_in_searches() {
    let folder = folder(&[
        ("bare.json", BARE.as_bytes()),
        ("german.json.gz", &zipped(GERMAN)),
        ("notes.txt", b"not for us"),
    ]);
    let api = api(folder.path(), 300);
    let answer = api.get("/product?key=K&domain=1&asin=B0TESTBARE").await;
    assert!(answer.text.contains(BARE), "the text of the product is not what was saved");
    let by_code = api.get("/product?key=K&domain=1&code=4006381333931").await.json();
    assert_eq!(by_code["products"][0]["asin"], "B0TESTBARE");

    let search = json!({"current_NEW_gte": 2_499, "current_NEW_lte": 2_499, "current_SALES_lte": 30_000, "categories_include": [289_754], "title": "lamp"});
    assert!(strings(&api.query(&search).await["asinList"]).contains(&"B0TESTBARE".to_owned()));
    let german =
        api.post("/query?key=K&domain=3", "application/json", "{\"current_NEW_lte\":1234}").await.json();
    assert_eq!(german["asinList"], json!(["B0TESTGERM"]), "the statistics that were saved count");
    let elsewhere = api.get("/product?key=K&domain=1&asin=B0TESTGERM").await;
    assert!(elsewhere.json().get("products").is_none(), "a German product is not on amazon.com");
}

#[tokio::test]
async fn missing_statistics_are_computed_when_they_are_asked_for() {
    let folder = folder(&[("bare.json", BARE.as_bytes())]);
    let answer = api(folder.path(), 0).get("/product?key=K&domain=1&asin=B0TESTBARE&stats=90").await;
    let product = &answer.json()["products"][0];
    assert_eq!(product["unheardOf"], 15.0);
    assert_eq!(product["stats"]["current"][1], 2_499);
    // 2,000 until ten thousand minutes before the last update, 2,499 since.
    assert_eq!(product["stats"]["avg90"][1], (2_000 * 119_600 + 2_499 * 10_000) / 129_600);
}

#[tokio::test]
async fn files_that_cannot_be_read_are_named_and_skipped() {
    let cut = &zipped(BARE)[..80];
    let folder = folder(&[
        ("bare.json", BARE.as_bytes()),
        ("cut.json.gz", cut),
        ("half.json", &BARE.as_bytes()[..100]),
        ("empty.json", b"{}"),
        ("latin.json", b"{\"asin\":\"\xFF\"}"),
    ]);
    let config =
        EmulatorConfig { products: 0, catalog: Some(folder.path().to_owned()), ..EmulatorConfig::default() };
    let emulator = keepa_emulator::Emulator::start(config, std::sync::Arc::new(keepa_emulator::SystemClock))
        .await
        .unwrap();
    let mut names: Vec<String> = emulator
        .catalog_skipped()
        .iter()
        .map(|(file, reason)| format!("{}: {reason}", file.file_name().unwrap().display()))
        .collect();
    names.sort();
    assert_eq!(emulator.catalog_len(), 1);
    assert_eq!(names.len(), 4);
    assert!(names[0].starts_with("cut.json.gz: not whole gzip"), "{names:?}");
    assert!(names[1].starts_with("empty.json: no product"), "{names:?}");
    assert!(names[2].starts_with("half.json: not JSON"), "{names:?}");
    assert!(names[3].starts_with("latin.json: not UTF-8"), "{names:?}");
    let missing =
        EmulatorConfig { catalog: Some(folder.path().join("nowhere")), ..EmulatorConfig::default() };
    let error = keepa_emulator::Emulator::start(missing, std::sync::Arc::new(keepa_emulator::SystemClock))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("nowhere"));
}

#[tokio::test]
async fn real_saved_products_are_served_and_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/products");
    if !folder.is_dir() {
        gleaner_testkit::skip("there are no real products beside the repository (../shared/data/products)");
        return;
    }
    let api = api(&folder, 100);
    let book = api.get("/product?key=K&domain=1&asin=0593655036&stats=90").await;
    assert_eq!(book.status, StatusCode::OK);
    assert_eq!(book.json()["products"][0]["stats"]["salesRankDrops30"], 46);
    let found = api.query(&json!({"rootCategory": [283_155], "current_SALES_lte": 100, "current_NEW_gte": 1_400, "current_NEW_lte": 1_400})).await;
    assert!(strings(&found["asinList"]).contains(&"0593655036".to_owned()));
    let yen = api.get("/product?key=K&domain=5&asin=B0DT64M849").await.json();
    assert_eq!(yen["products"][0]["domainId"], 5);
}
