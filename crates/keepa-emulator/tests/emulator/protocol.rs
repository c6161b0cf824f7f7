//! The wire: envelopes, keys, tokens, costs, and the many ways to ask.

use axum::http::StatusCode;
use chrono::TimeDelta;
use keepa_emulator::EmulatorConfig;
use serde_json::{Value, json};

use crate::common::{Answer, Api, strings};

const ENVELOPE: [&str; 7] = [
    "timestamp",
    "tokensLeft",
    "refillIn",
    "refillRate",
    "tokenFlowReduction",
    "tokensConsumed",
    "processingTimeInMs",
];

fn keyed(keys: &[&str]) -> Api {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Api::new(EmulatorConfig { products: 2_000, keys, ..EmulatorConfig::default() })
}

fn assert_envelope(answer: &Answer) {
    assert_eq!(answer.headers["content-type"], "application/json;charset=UTF-8");
    assert_eq!(answer.headers["content-encoding"], "gzip");
    let value = answer.json();
    for field in ENVELOPE {
        assert!(value[field].is_number(), "{field} is missing in {value}");
    }
    for field in ENVELOPE.iter().filter(|field| **field != "tokenFlowReduction") {
        assert!(value[field].is_i64(), "{field} has a fraction");
    }
}

async fn some_asins(api: &Api, count: usize) -> Vec<String> {
    let found = api.query(&json!({"current_SALES_gte": 1, "perPage": 1000})).await;
    strings(&found["asinList"])[..count].to_vec()
}

#[tokio::test]
async fn every_answer_is_a_gzipped_envelope_of_seven_fields_errors_too() {
    let api = keyed(&["K"]);
    for path in [
        "/token?key=K&",
        "/token/?key=K",
        "/product?key=K&domain=1&asin=XXXXXXXXXX",
        "/product?key=K",
        "/product?key=wrong&domain=1&asin=X",
        "/deals?key=K",
        "/query?key=K&domain=1&selection={}",
        "/bestsellers/?key=K&domain=1&category=283155",
        "/category?key=K&domain=1&category=0&parents=0",
    ] {
        assert_envelope(&api.get(path).await);
    }
}

#[tokio::test]
async fn a_wrong_key_is_a_400_with_an_empty_bucket() {
    let api = keyed(&["K"]);
    for path in
        ["/token?key=wrong", "/token", "/product?domain=1&asin=X", "/query?key=wrong&domain=1&selection={}"]
    {
        let answer = api.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let value = answer.json();
        assert_eq!(value["error"]["type"], "invalidParameter");
        assert_eq!(value["error"]["message"], "You used an invalid parameter for this API call.");
        assert_eq!(
            (&value["tokensLeft"], &value["refillRate"], &value["refillIn"]),
            (&json!(0), &json!(0), &json!(0))
        );
    }
    // Without configured keys any will do.
    let open = Api::new(EmulatorConfig { products: 10, ..EmulatorConfig::default() });
    assert_eq!(open.get("/token?key=whatever").await.status, StatusCode::OK);
}

#[tokio::test]
async fn each_key_has_its_own_full_bucket_and_asking_for_it_is_free() {
    let api = keyed(&["K", "L"]);
    let asins = some_asins(&api, 3).await;
    api.get(&format!("/product?key=L&domain=1&asin={}", asins.join(","))).await;
    let (own, other) = (api.get("/token?key=L").await.json(), api.get("/token?key=K").await.json());
    assert_eq!(own["tokensLeft"], 1_200 - 3);
    assert_eq!(
        other["tokensLeft"],
        1_200 - 20,
        "the search above: 10 and one for each hundred of 1,000 ASINs"
    );
    assert_eq!(own["refillRate"], 20);
    assert_eq!(own["timestamp"], 1_795_359_600_000_i64);
}

#[tokio::test]
async fn the_last_request_may_overdraw_and_the_next_ones_wait_for_the_minutes() {
    let api = Api::new(EmulatorConfig {
        products: 500,
        refill_rate: 5,
        tokens: Some(1),
        ..EmulatorConfig::default()
    });
    let search = "/query?key=K&domain=1&selection=%7B%22current_SALES_gte%22%3A1%7D";
    let first = api.get(search).await.json();
    assert_eq!((&first["tokensConsumed"], &first["tokensLeft"]), (&json!(11), &json!(-10)));
    api.clock.advance(TimeDelta::seconds(61));
    let refused = api.get(search).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let refused = refused.json();
    assert_eq!(
        (&refused["tokensConsumed"], &refused["tokensLeft"], &refused["refillIn"]),
        (&json!(0), &json!(-5), &json!(59_000))
    );
    assert!(refused["error"].is_null(), "a lack of tokens comes without an error object");
    assert_eq!(api.get("/token?key=K").await.status, StatusCode::OK, "asking for the balance is always free");
    api.clock.advance(TimeDelta::minutes(1));
    assert_eq!(api.get(search).await.status, StatusCode::TOO_MANY_REQUESTS, "zero is not above zero");
    api.clock.advance(TimeDelta::minutes(1));
    assert_eq!(api.get(search).await.status, StatusCode::OK);
}

#[tokio::test]
async fn costs_are_those_of_the_price_list() {
    let api = Api::rich(4_000);
    let asins = some_asins(&api, 150).await;
    let two = asins[..2].join(",");
    for (path, cost) in [
        (format!("/product?key=K&domain=1&asin={two}"), 2),
        (format!("/product?key=K&domain=1&asin={two}&stats=90&history=0&days=30&videos=1&aplus=1"), 2),
        (format!("/product?key=K&domain=1&asin={two},{two}"), 2),
        (format!("/product?key=K&domain=1&asin={two}&rating=1"), 4),
        (format!("/product?key=K&domain=1&asin={two}&buybox=1"), 6),
        (format!("/product?key=K&domain=1&asin={two}&rating=1&buybox=1"), 8),
        (format!("/product?key=K&domain=1&asin={two}&update=0"), 4),
        (format!("/product?key=K&domain=1&asin={two}&update=-1"), 2),
        ("/product?key=K&domain=1&asin=XXXXXXXXXX".to_owned(), 0),
        ("/bestsellers?key=K&domain=1&category=283155".to_owned(), 50),
        ("/bestsellers?key=K&domain=1&category=999".to_owned(), 0),
        ("/category?key=K&domain=1&category=0".to_owned(), 1),
        ("/search?key=K&domain=1&type=category&term=books".to_owned(), 1),
        ("/search?key=K&domain=1&type=product&term=coffee&asins-only=1".to_owned(), 10),
        ("/deal?key=K&domain=1&selection=%7B%22domainId%22%3A1%2C%22priceTypes%22%3A1%7D".to_owned(), 5),
        ("/seller?key=K&domain=1&seller=ATVPDKIKX0DER".to_owned(), 1),
        ("/seller?key=K&domain=1&seller=AZZZZZZZZZZZZZ".to_owned(), 0),
        ("/topseller?key=K&domain=1".to_owned(), 50),
        ("/lightningdeal?key=K&domain=1".to_owned(), 500),
        (format!("/lightningdeal?key=K&domain=1&asin={}", asins[0]), 1),
        ("/tracking?key=K&type=list".to_owned(), 0),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.json()["tokensConsumed"], cost, "{path}");
    }
    // Offers: six for each started page of ten that was found, instead of the base.
    let products = api.products(&asins[..60], "offers=100&only-live-offers=1").await;
    for product in products {
        let found = product["offers"].as_array().unwrap().len();
        let answer = api
            .get(&format!(
                "/product?key=K&domain=1&offers=100&only-live-offers=1&buybox=1&asin={}",
                product["asin"].as_str().unwrap()
            ))
            .await;
        let expected = if found == 0 { 5 } else { 6 * found.div_ceil(10) };
        assert_eq!(answer.json()["tokensConsumed"], expected, "{found} offers");
    }
    // A graph is free when asked for again within an hour and a half.
    let path = format!("/graphimage?key=K&domain=1&asin={}", asins[0]);
    let left = async || api.get("/token?key=K").await.json()["tokensLeft"].as_i64().unwrap();
    let before = left().await;
    let image = api.get(&path).await;
    assert_eq!(image.headers["content-type"], "image/png");
    api.get(&path).await;
    assert_eq!(left().await, before - 1);
}

#[tokio::test]
async fn what_is_out_of_range_or_malformed_is_refused_and_costs_nothing() {
    let api = keyed(&["K"]);
    let many = vec!["0000000000"; 1]
        .into_iter()
        .map(str::to_owned)
        .chain((0..100).map(|i| format!("B{i:09}")))
        .collect::<Vec<_>>()
        .join(",");
    for (path, status) in [
        (format!("/product?key=K&domain=1&asin={many}"), 405),
        ("/product?key=K&domain=1".to_owned(), 400),
        ("/product?key=K&domain=1&asin=A&code=1".to_owned(), 400),
        ("/product?key=K&domain=7&asin=A".to_owned(), 400),
        ("/product?key=K&asin=A".to_owned(), 400),
        ("/product?key=K&domain=1&asin=A&stats=yesterday".to_owned(), 400),
        ("/product?key=K&domain=1&asin=A&offers=10".to_owned(), 400),
        ("/product?key=K&domain=1&asin=A&offers=101".to_owned(), 405),
        ("/product?key=K&domain=1&asin=A&days=0".to_owned(), 400),
        ("/product?key=K&domain=1&asin=A&code-limit=0".to_owned(), 400),
        ("/query?key=K&domain=1".to_owned(), 400),
        ("/query?key=K&domain=1&selection=%7B%22page%22".to_owned(), 400),
        ("/query?key=K&domain=1&selection=%7B%7D".to_owned(), 400),
        ("/bestsellers?key=K&domain=1&category=283155&range=45".to_owned(), 400),
        ("/bestsellers?key=K&domain=1&category=283155&month=11&year=2026".to_owned(), 400),
        ("/bestsellers?key=K&domain=1&category=283155&month=3".to_owned(), 400),
        ("/category?key=K&domain=1&category=1,2,3,4,5,6,7,8,9,10,11".to_owned(), 405),
        ("/category?key=K&domain=1&category=books".to_owned(), 400),
        ("/search?key=K&domain=1&type=category&term=ab".to_owned(), 400),
        ("/seller?key=K&domain=1&seller=x".to_owned(), 400),
        ("/lightningdeal?key=K&domain=1&asin=".to_owned(), 400),
        ("/deal?key=K&domain=1&selection=%7B%22domainId%22%3A1%2C%22priceTypes%22%3A11%7D".to_owned(), 400),
        ("/graphimage?key=K&domain=1&asin=A&width=10".to_owned(), 400),
        ("/nothing?key=K".to_owned(), 404),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
        let value = answer.json();
        assert!(value["error"]["message"].is_string(), "{path}");
        assert_eq!((&value["tokensConsumed"], &value["tokensLeft"]), (&json!(0), &json!(1_200)), "{path}");
    }
}

#[tokio::test]
async fn a_selection_may_come_in_the_query_or_as_a_body_of_any_content_type() {
    let api = keyed(&["K"]);
    let selection = json!({"rootCategory": "283155", "current_SALES_lte": "900000", "productType": 0, "perPage": 50, "nothing": null});
    let escapes: Vec<String> = selection.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let encoded = escapes.concat();
    let expected = api.get(&format!("/query?key=K&domain=1&selection={encoded}")).await.json();
    assert!(expected["totalResults"].as_u64().unwrap() > 50);
    for content_type in ["application/json; charset=UTF-8", "application/x-www-form-urlencoded", "text/plain"]
    {
        for path in ["/query?key=K&domain=1", "/query/?key=K&domain=1&"] {
            let answer = api.post(path, content_type, &selection.to_string()).await.json();
            assert_eq!(answer["asinList"], expected["asinList"], "{path} {content_type}");
        }
    }
    let form = api
        .post(
            "/product/",
            "application/x-www-form-urlencoded",
            &format!("key=K&domain=1&asin={}", expected["asinList"][0].as_str().unwrap()),
        )
        .await;
    assert_eq!(form.json()["products"][0]["asin"], expected["asinList"][0]);
}

#[tokio::test]
async fn options_show_what_the_presence_matrix_says() {
    let api = Api::rich(2_000);
    let asins = some_asins(&api, 30).await;
    let present =
        |products: &[Value], slot: usize| products.iter().any(|product| product["csv"][slot].is_array());
    let plain = api.products(&asins, "").await;
    assert!([0, 1, 3, 11, 34, 35].iter().all(|slot| present(&plain, *slot)));
    assert!([7, 9, 10, 15, 16, 17, 18, 19, 32].iter().all(|slot| !present(&plain, *slot)));
    for product in &plain {
        for absent in ["offers", "stats", "videos", "aPlus", "historicalVariations"] {
            assert!(product.get(absent).is_none(), "{absent}");
        }
        assert_eq!(product["offersSuccessful"], false);
        assert!(product["liveOffersOrder"].is_null() && product["buyBoxSellerIdHistory"].is_null());
    }
    let rated = api.products(&asins, "rating=1").await;
    assert!(present(&rated, 16) && present(&rated, 17) && !present(&rated, 18));
    let boxed = api.products(&asins, "buybox=1&stats=90").await;
    assert!(
        present(&boxed, 18)
            && !present(&boxed, 16)
            && boxed.iter().all(|product| product["buyBoxSellerIdHistory"].is_array())
    );
    assert!(
        boxed
            .iter()
            .all(|product| product["stats"]["buyBoxPrice"] != -2 && product["stats"]["offerCountFBA"] == -2)
    );
    let offers = api.products(&asins, "offers=20&stats=90&stock=1").await;
    assert!([7, 10, 15, 16, 17, 18].iter().all(|slot| present(&offers, *slot)));
    for product in &offers {
        assert_eq!(product["offersSuccessful"], true);
        let found = product["offers"].as_array().unwrap();
        assert!(product["stats"]["offerCountFBA"].as_i64().unwrap() >= 0);
        for place in product["liveOffersOrder"].as_array().unwrap() {
            assert!(place.as_u64().unwrap() < found.len() as u64);
        }
    }
    let without = api.products(&asins[..2], "history=0&stats=90").await;
    assert!(without.iter().all(|product| product["csv"].is_null() && product["stats"].is_object()));
    let trimmed = api.products(&asins, "days=10").await;
    let from = api.clock_minutes() - 10 * 1440;
    for product in &trimmed {
        let ranks = crate::marketplace::ints(&product["csv"][3]);
        assert!(
            ranks.len() < 4 || ranks[2] > from,
            "one record carries the value into the window, the others lie in it"
        );
    }
}

#[tokio::test]
async fn codes_lead_to_their_products() {
    let api = Api::rich(500);
    let asins = some_asins(&api, 40).await;
    for product in api.products(&asins, "history=0").await {
        let answer = api
            .get(&format!(
                "/product?key=K&domain=1&history=0&code-limit=1&code={}",
                product["eanList"][0].as_str().unwrap()
            ))
            .await;
        assert_eq!(answer.json()["products"][0]["asin"], product["asin"]);
    }
    let unknown = api.get("/product?key=K&domain=1&code=9780306406157").await;
    assert_eq!(unknown.status, StatusCode::OK);
    assert!(unknown.json().get("products").is_none());
}

#[tokio::test]
async fn lists_categories_and_deals_agree_with_the_products() {
    let api = Api::rich(3_000);
    let best =
        api.get("/bestsellers?key=K&domain=1&category=283155&variations=1").await.json()["bestSellersList"]
            .take();
    let asins = strings(&best["asinList"]);
    let ranks: Vec<i64> = api
        .products(&asins[..200], "stats=1&history=0")
        .await
        .iter()
        .map(|product| product["stats"]["current"][3].as_i64().unwrap())
        .collect();
    assert!(ranks.is_sorted(), "best first");
    assert_eq!(best["categoryId"], 283_155);
    let past = api.get("/bestsellers?key=K&domain=1&category=3839&month=3&year=2026").await.json();
    assert!(past["bestSellersList"]["asinList"].is_array());

    let categories = api.get("/category?key=K&domain=1&category=3839&parents=1").await.json();
    assert_eq!(categories["categories"]["3839"]["parent"], 5);
    assert_eq!(categories["categoryParents"]["283155"]["name"], "Books");
    let everything = api.get("/category?key=K&domain=1&category=283155").await.json()["categories"]["283155"]
        ["productCount"]
        .as_u64();
    assert!((1_400..=1_900).contains(&everything.unwrap()));

    let request = json!({"domainId": 1, "priceTypes": [1], "dateRange": 2, "isRangeEnabled": true, "deltaPercentRange": [10, 80], "sortType": 4});
    let deals = api.post("/deal?key=K&", "text/plain", &request.to_string()).await.json()["deals"].take();
    let falls: Vec<i64> = deals["dr"]
        .as_array()
        .unwrap()
        .iter()
        .map(|deal| {
            assert_eq!(
                deal["delta"][2][1],
                deal["avg"][2][1].as_i64().unwrap() - deal["current"][1].as_i64().unwrap()
            );
            assert!(deal["image"].as_array().unwrap().iter().all(Value::is_i64));
            deal["deltaPercent"][2][1].as_i64().unwrap()
        })
        .collect();
    assert!(falls.len() > 5 && falls.iter().all(|fall| *fall >= 10) && falls.iter().rev().is_sorted());
}

#[tokio::test]
async fn trackings_are_kept_per_key() {
    let api = keyed(&["K", "L"]);
    let request = json!([{"asin": "B000000001", "mainDomainId": 1}]);
    let added = api.post("/tracking?key=K&type=add", "application/json", &request.to_string()).await.json();
    assert_eq!((&added["tokensConsumed"], &added["trackings"][0]["isActive"]), (&json!(1), &json!(true)));
    assert_eq!(
        api.get("/tracking?key=K&type=list&asins-only=1").await.json()["asinList"],
        json!(["B000000001"])
    );
    assert_eq!(api.get("/tracking?key=L&type=list").await.json()["trackings"], json!([]));
    assert_eq!(api.get("/tracking?key=K&type=remove&asin=B000000001").await.status, StatusCode::OK);
    assert_eq!(api.get("/tracking?key=K&type=get&asin=B000000001").await.status, StatusCode::BAD_REQUEST);
}
