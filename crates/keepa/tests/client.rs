//! The client against a server that misbehaves: what is told, what is sent again, and what never is.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::error::Error as _;
use std::time::{Duration, Instant};

use common::{Reply, Server};
use keepa::finder::{current, fields};
use keepa::market::DealRequest;
use keepa::{
    Asin, BestsellersRequest, CategoryId, Client, CsvType, Domain, Error, GraphImageRequest, KeepaTime,
    ProductRequest, Selection,
};

const KEY: &str = "SECRETKEY0123456789";
const OK: &str = r#"{"timestamp":1760409339280,"tokensLeft":42,"refillIn":20,"refillRate":5,"tokensConsumed":1,
    "products":[{"asin":"B000000001","title":"One","csv":[null,[7000000,1999]]}]}"#;

fn no_tokens(left: i64, refill_in_ms: i64, rate: i64) -> String {
    format!(r#"{{"tokensLeft":{left},"refillIn":{refill_in_ms},"refillRate":{rate},"tokensConsumed":0}}"#)
}

fn client(server: &Server) -> Client {
    Client::builder(KEY.into())
        .base_url(&server.url)
        .timeout(Duration::from_millis(500))
        .max_wait(Duration::from_secs(2))
        .build()
        .unwrap()
}

fn request() -> ProductRequest {
    ProductRequest::asins(Domain::Us, ["B000000001".parse::<Asin>().unwrap()])
}

/// Plays the replies, asks for a product, and returns the error with the number of requests sent.
async fn error_of(replies: Vec<Reply>) -> (Error, usize) {
    let server = Server::start(replies).await;
    let error = client(&server).products(&request()).await.unwrap_err();
    (error, server.requests().len())
}

#[tokio::test]
async fn products_arrive_with_their_bytes_and_the_balance() {
    let server = Server::start(vec![Reply::gzip(200, OK)]).await;
    let client = client(&server);
    let answer = client.products(&request().stats_days(90)).await.unwrap();
    assert_eq!(answer.tokens.tokens_left, Some(42));
    assert_eq!(client.last_tokens(), Some(answer.tokens));
    let raw = &answer.value[0];
    assert_eq!(&*raw.json, r#"{"asin":"B000000001","title":"One","csv":[null,[7000000,1999]]}"#);
    assert_eq!(raw.product.series(CsvType::New).unwrap().value_at(KeepaTime::new(7_000_001)), Some(1999));
    assert_eq!(
        server.requests(),
        [format!("GET /product?key={KEY}&domain=1&asin=B000000001&history=1&stats=90 HTTP/1.1\n\n")]
    );
}

#[tokio::test]
async fn gzip_without_its_header_is_still_read() {
    let server = Server::start(vec![Reply::new(200, "", common::gzip(OK))]).await;
    assert_eq!(client(&server).products(&request()).await.unwrap().value.len(), 1);
}

#[tokio::test]
async fn an_answer_without_products_means_that_the_asins_are_unknown() {
    let server = Server::start(vec![Reply::json(200, &no_tokens(9, 1, 5))]).await;
    let answer = client(&server).products(&request()).await.unwrap();
    assert!(answer.value.is_empty());
    assert_eq!(answer.tokens.tokens_left, Some(9));
}

#[tokio::test]
async fn after_429_it_waits_once_and_asks_once_more() {
    let server = Server::start(vec![Reply::gzip(429, &no_tokens(-3, 200, 5)), Reply::gzip(200, OK)]).await;
    let started = Instant::now();
    let answer = client(&server).products(&request()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(200), "it must wait for the refill");
    assert_eq!(answer.tokens.tokens_left, Some(42));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn after_a_second_429_it_gives_up() {
    let (error, sent) = error_of(vec![Reply::json(429, &no_tokens(0, 50, 5))]).await;
    assert!(matches!(error, Error::NoTokens { tokens_left: Some(0), .. }), "{error:?}");
    assert_eq!(sent, 2);
}

#[tokio::test]
async fn a_wait_beyond_the_limit_is_told_instead_of_waited() {
    // -12 at 5 a minute: two refills leave -2, the third makes it positive.
    let (error, sent) = error_of(vec![Reply::json(429, &no_tokens(-12, 20_000, 5))]).await;
    let Error::NoTokens { tokens_left, refill_in, refill_rate, wait, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((*tokens_left, *refill_rate), (Some(-12), Some(5)));
    assert_eq!((refill_in.as_secs(), wait.as_secs()), (20, 140));
    assert_eq!(error.tokens().unwrap().tokens_left, Some(-12));
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn with_a_limit_of_zero_it_never_waits() {
    let server = Server::start(vec![Reply::json(429, &no_tokens(0, 0, 5))]).await;
    let client = Client::builder(KEY.into()).base_url(&server.url).max_wait(Duration::ZERO).build().unwrap();
    assert_eq!(client.products(&request()).await.unwrap_err().kind(), "keepa_no_tokens");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_429_without_a_readable_body_waits_a_whole_refill() {
    let (error, sent) = error_of(vec![Reply::new(429, "", "<html>slow down</html>")]).await;
    assert!(
        matches!(error, Error::NoTokens { wait, tokens_left: None, .. } if wait.as_secs() == 60),
        "{error:?}"
    );
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_never_asked_for_again() {
    let (error, sent) = error_of(vec![Reply::json(200, OK).cut(100)]).await;
    assert!(error.may_have_been_charged(), "{error:?}");
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_truncated_gzip_body_is_malformed_and_never_asked_for_again() {
    let whole = common::gzip(OK);
    let half = Reply::new(200, "Content-Encoding: gzip\r\n", &whole[..whole.len() / 2]);
    let (error, sent) = error_of(vec![half]).await;
    assert_eq!((error.kind(), sent), ("keepa_malformed_answer", 1), "{error:?}");
    let half = Reply::new(200, "", &whole[..whole.len() / 2]);
    assert_eq!(error_of(vec![half]).await.0.kind(), "keepa_malformed_answer");
}

#[tokio::test]
async fn html_instead_of_json_is_malformed() {
    let (error, sent) =
        error_of(vec![Reply::new(200, "Content-Type: text/html\r\n", "<html>maintenance</html>")]).await;
    assert_eq!((error.kind(), sent), ("keepa_malformed_answer", 1));
}

#[tokio::test]
async fn a_slow_body_times_out_and_is_never_asked_for_again() {
    let (error, sent) = error_of(vec![Reply::json(200, OK).slow(Duration::from_secs(3))]).await;
    assert_eq!((error.kind(), sent), ("keepa_timeout", 1), "{error:?}");
    assert!(error.may_have_been_charged());
}

#[tokio::test]
async fn faults_of_the_server_are_told_and_never_asked_again() {
    for status in [500, 503, 502] {
        let (error, sent) = error_of(vec![Reply::new(status, "", "oops")]).await;
        assert!(matches!(error, Error::Server { status: got, tokens: None } if got == status), "{error:?}");
        assert_eq!(sent, 1);
    }
    let (error, _) = error_of(vec![Reply::gzip(500, &no_tokens(7, 1, 5))]).await;
    assert_eq!(error.tokens().unwrap().tokens_left, Some(7));
}

#[tokio::test]
async fn refusals_are_told_with_keepas_words() {
    let body = r#"{"error":{"type":"invalidParameter","message":"You used an invalid parameter","details":"asin"},"tokensLeft":7}"#;
    for status in [400, 405, 200] {
        let (error, sent) = error_of(vec![Reply::gzip(status, body)]).await;
        let Error::Rejected { status: got, kind, message, details, tokens } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((*got, kind.as_deref(), sent), (status, Some("invalidParameter"), 1));
        assert_eq!((message.as_str(), details.as_deref()), ("You used an invalid parameter", Some("asin")));
        assert_eq!(tokens.tokens_left, Some(7));
        assert!(!error.may_have_been_charged());
    }
    assert_eq!(error_of(vec![Reply::json(402, "{}")]).await.0.kind(), "keepa_payment_required");
    assert_eq!(error_of(vec![Reply::json(404, "")]).await.0.kind(), "keepa_not_found");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_told_as_such() {
    let client = Client::builder(KEY.into()).base_url("http://127.0.0.1:9").build().unwrap();
    let error = client.token_status().await.unwrap_err();
    assert_eq!(error.kind(), "keepa_unreachable");
    assert!(!error.may_have_been_charged());
    assert_no_key(&error);
}

fn assert_no_key(error: &Error) {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text} {cause} {cause:?}");
        source = cause.source();
    }
    assert!(!text.contains(KEY), "{text}");
}

#[tokio::test]
async fn the_key_is_in_no_message_whatever_happens() {
    let echo = format!(r#"{{"error":{{"type":"{KEY}","message":"key {KEY} is wrong","details":"{KEY}"}}}}"#);
    for reply in [
        Reply::json(200, OK).slow(Duration::from_secs(3)),
        Reply::json(200, OK).cut(10),
        Reply::new(200, "", format!("\"{KEY}\"")),
        Reply::new(302, &format!("Location: http://127.0.0.1:9/?key={KEY}\r\n"), ""),
        Reply::json(400, &echo),
        Reply::json(402, &echo),
        Reply::json(200, &echo),
        Reply::json(500, &echo),
    ] {
        assert_no_key(&error_of(vec![reply]).await.0);
    }
    let builder = Client::builder(KEY.into());
    assert!(!format!("{builder:?}").contains(KEY));
    assert!(!format!("{:?}", builder.build().unwrap()).contains(KEY));
}

#[tokio::test]
async fn what_cannot_be_right_is_never_sent() {
    let server = Server::start(vec![Reply::json(200, OK)]).await;
    let client = client(&server);
    let many = (0..101).map(|number| format!("B{number:09}").parse().unwrap());
    let error = client.products(&ProductRequest::asins(Domain::Us, many)).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field, .. } if field == "asin"), "{error:?}");
    assert!(client.finder(Domain::Us, &Selection::new()).await.is_err());
    assert!(client.categories(Domain::Us, &[], false).await.is_err());
    assert!(client.sellers(Domain::Us, &[]).await.is_err());
    assert!(client.top_sellers(Domain::Br).await.is_err());
    assert!(client.deals(&DealRequest::new(Domain::Us, CsvType::CountNew)).await.is_err());
    assert!(client.bestsellers(&BestsellersRequest::group(Domain::Us, " ")).await.is_err());
    assert!(client.search_categories(Domain::Us, "a b").await.is_err());
    assert!(server.requests().is_empty());
    assert!(Client::builder("".into()).build().is_err());
    assert!(Client::builder("a b".into()).build().is_err());
    assert!(Client::builder(KEY.into()).base_url("keepa").build().is_err());
}

#[tokio::test]
async fn the_finder_returns_asins_in_order() {
    let body = r#"{"asinList":["B000000002","B000000001"],"totalResults":384300,"tokensLeft":1026}"#;
    let server = Server::start(vec![Reply::gzip(200, body)]).await;
    let selection = Selection::new().with(current(CsvType::Sales).between(10_000, 50_000));
    let answer = client(&server).finder(Domain::In, &selection).await.unwrap();
    let asins: Vec<_> = answer.value.asins.iter().map(Asin::as_str).collect();
    assert_eq!(asins, ["B000000002", "B000000001"]);
    assert_eq!(answer.value.total_results, Some(384_300));
    let sent = &server.requests()[0];
    assert!(
        sent.starts_with(&format!(
            "GET /query?key={KEY}&domain=10&selection=%7B%22current_SALES_gte%22%3A10000"
        )),
        "{sent}"
    );
}

#[tokio::test]
async fn a_long_selection_goes_into_the_body() {
    let server = Server::start(vec![Reply::json(200, r#"{"totalResults":0}"#)]).await;
    let brands = (0..50).map(|number| format!("{number:0100}"));
    let selection = Selection::new().with(fields::BRAND.any_of(brands));
    let answer = client(&server).finder(Domain::Us, &selection).await.unwrap();
    assert!(answer.value.asins.is_empty());
    let sent = server.requests();
    let (line, body) = sent[0].split_once("\n\n").unwrap();
    assert_eq!(line, format!("POST /query?key={KEY}&domain=1 HTTP/1.1"));
    assert_eq!(body, selection.to_json().unwrap());
}

#[tokio::test]
async fn a_finder_answer_without_a_list_is_malformed() {
    let server = Server::start(vec![Reply::json(200, r#"{"totalResults":5}"#)]).await;
    let selection = Selection::new().with(current(CsvType::Sales).at_most(1));
    assert_eq!(
        client(&server).finder(Domain::Us, &selection).await.unwrap_err().kind(),
        "keepa_malformed_answer"
    );
}

#[tokio::test]
async fn the_token_status_is_the_whole_answer_and_a_base_path_is_kept() {
    let server =
        Server::start(vec![Reply::gzip(200, r#"{"tokensLeft":-249,"refillIn":45592,"refillRate":5}"#)]).await;
    let url = format!("{}/keepa/", server.url);
    let client = Client::builder(KEY.into()).base_url(url).build().unwrap();
    let status = client.token_status().await.unwrap();
    assert_eq!((status.tokens_left, status.refill_in_ms), (Some(-249), Some(45_592)));
    assert_eq!(server.requests(), [format!("GET /keepa/token?key={KEY} HTTP/1.1\n\n")]);
}

#[tokio::test]
async fn the_other_endpoints_read_their_payload() {
    let body = r#"{"tokensLeft":1,
        "bestSellersList":{"domainId":1,"lastUpdate":7000000,"categoryId":0,"asinList":["B000000001"]},
        "categories":{"283155":{"catId":283155,"name":"Books","parent":0,"children":[1,2],"matched":true}},
        "categoryParents":{"1":{"catId":1,"name":"Root"}},
        "sellers":{"A1":{"sellerId":"A1","trackedSince":5,"csv":[[1,98],[1,500]],"asinList":["B000000001"],
            "competitors":[{"sellerId":"a2b","percent":1.5}]}},
        "sellerIdList":["A1","A2"],
        "lightningDeals":[{"asin":"B000000001","dealState":"AVAILABLE","dealPrice":-1,"currentPrice":999}],
        "deals":{"dr":[{"asin":"B000000001","image":[97,46,106,112,103],"current":[5,-1],"delta":[[0,7],[],[],[]],
            "lightningEnd":0,"warehouseCondition":4}],"categoryIds":[9223372036854775807,5],"categoryNames":["?","x"],
            "categoryCount":[3,4],"drDateIndex":[]},
        "trackings":[{"asin":"B000000001","ttl":24,"notificationCSV":[1,0,5,2,7000000],"thresholdValues":
            [{"thresholdValue":500,"domain":1,"csvType":0,"isDrop":true}]}],
        "notifications":[{"asin":"B000000001","trackingNotificationCause":1,"currentPrices":[499,-1]}],
        "asinList":["B000000001"],"trackingListNames":["mine"]}"#;
    let server = Server::start(vec![Reply::gzip(200, body)]).await;
    let (client, asin) = (client(&server), "B000000001".parse::<Asin>().unwrap());

    let list = client
        .bestsellers(&BestsellersRequest::category(Domain::Us, CategoryId(172_282)))
        .await
        .unwrap()
        .value;
    assert_eq!(list.as_ref().unwrap().asins, [asin]);
    assert_eq!(list.unwrap().category, None);
    let categories = client.categories(Domain::Us, &[CategoryId(283_155)], true).await.unwrap().value;
    let books = &categories.categories[&CategoryId(283_155)];
    assert_eq!((books.name.as_deref(), books.parent, books.children.len()), (Some("Books"), None, 2));
    assert_eq!(categories.parents.len(), 1);
    assert_eq!(client.root_categories(Domain::Us).await.unwrap().value.categories.len(), 1);
    assert_eq!(client.search_categories(Domain::Us, "books").await.unwrap().value.len(), 1);
    let seller = client.storefront(Domain::Us, "A1".parse().unwrap()).await.unwrap().value.unwrap();
    assert_eq!(seller.tracked_since, Some(KeepaTime::new(5)));
    assert_eq!(seller.csv[1].as_ref().unwrap().last().unwrap().value, Some(500));
    assert_eq!(seller.competitors[0].seller_id.unwrap().as_str(), "A2B");
    assert_eq!(client.top_sellers(Domain::Us).await.unwrap().value.len(), 2);
    let lightning = client.lightning_deal(Domain::Us, asin).await.unwrap().value;
    assert_eq!((lightning[0].deal_price, lightning[0].current_price), (None, Some(999)));
    let deals = client.deals(&DealRequest::new(Domain::Us, CsvType::New)).await.unwrap().value;
    let deal = &deals.deals[0];
    assert_eq!((deal.image.as_deref(), deal.current(CsvType::Amazon)), (Some("a.jpg"), Some(5)));
    assert_eq!(deal.delta(keepa::market::DealRange::Day, CsvType::New), Some(7));
    assert_eq!(deals.category_ids, [None, Some(CategoryId(5))]);
    let tracking = client.tracking(asin, None).await.unwrap().value.unwrap();
    assert_eq!(tracking.thresholds[0].value, Some(500));
    assert_eq!(tracking.notifications[0].domain, Some(Domain::Us));
    let notes = client.notifications(KeepaTime::new(0), true, false).await.unwrap().value;
    assert_eq!(notes[0].cause, Some(1));
    assert_eq!(client.tracked_asins(None).await.unwrap().value, [asin]);
    assert_eq!(client.tracking_list_names().await.unwrap().value, ["mine"]);

    let paths: Vec<_> =
        server.requests().iter().map(|line| line[5..line.find('?').unwrap()].to_owned()).collect();
    assert_eq!(
        paths,
        [
            "bestsellers",
            "category",
            "category",
            "search",
            "seller",
            "topseller",
            "lightningdeal",
            "deal",
            "tracking",
            "tracking",
            "tracking",
            "tracking"
        ]
    );
}

#[tokio::test]
async fn a_graph_is_a_png_or_an_error() {
    let png = Reply::new(200, "Content-Type: image/png\r\n", &b"\x89PNG\r\n\x1a\nrest"[..]);
    let error = Reply::json(200, r#"{"error":{"message":"no"}}"#);
    let server = Server::start(vec![png, error, Reply::new(200, "", "<html>")]).await;
    let (client, request) =
        (client(&server), GraphImageRequest::new(Domain::Us, "B000000001".parse().unwrap()));
    assert!(client.graph_image(&request).await.unwrap().ends_with(b"rest"));
    assert_eq!(client.graph_image(&request).await.unwrap_err().kind(), "keepa_rejected");
    assert_eq!(client.graph_image(&request).await.unwrap_err().kind(), "keepa_malformed_answer");
}

/// The real answers that were saved.
fn real_answers() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/responses")
}

#[tokio::test]
async fn real_answers_are_understood() {
    if !real_answers().is_dir() {
        return common::skip::skip(
            "there are no real answers beside the repository (../shared/data/responses)",
        );
    }
    let real_response = |name: &str| std::fs::read_to_string(real_answers().join(name)).unwrap();
    {
        let body = real_response("finder_india.json");
        let server = Server::start(vec![Reply::gzip(200, &body)]).await;
        let selection = Selection::new().with(current(CsvType::Sales).at_most(1));
        let answer = client(&server).finder(Domain::In, &selection).await.unwrap();
        assert_eq!((answer.value.asins.len(), answer.value.total_results), (50, Some(384_300)));
        assert_eq!((answer.tokens.tokens_left, answer.tokens.tokens_consumed), (Some(1026), Some(11)));
        // 10 and one for every started hundred of ASINs.
        assert_eq!(selection.cost().upper, 11);
    }
    {
        let body = real_response("deals_empty.json");
        let server = Server::start(vec![Reply::gzip(200, &body)]).await;
        let deals = client(&server).deals(&DealRequest::new(Domain::Us, CsvType::New)).await.unwrap().value;
        assert!(deals.deals.is_empty());
        assert_eq!(
            (deals.category_ids.len(), deals.category_names.len(), deals.category_counts.len()),
            (24, 24, 24)
        );
        assert_eq!((deals.category_ids[0], deals.category_counts[4]), (None, Some(793)));
    }
    {
        let body = real_response("token_status.json");
        let server = Server::start(vec![Reply::gzip(200, &body)]).await;
        assert_eq!(client(&server).token_status().await.unwrap().tokens_left, Some(-249));
    }
    for (name, message) in [
        ("error_1.json", "The queryJSON is of invalid format."),
        ("error_2.json", "The queryJSON is missing or invalid."),
        ("error_3.json", "Either no or a minimum of 20 offers must be requested."),
        ("error_invalid_key.json", "You used an invalid parameter for this API call."),
    ] {
        let body = real_response(name);
        for status in [400, 200] {
            let (error, _) = error_of(vec![Reply::gzip(status, &body)]).await;
            assert!(
                matches!(&error, Error::Rejected { message: said, .. } if said == message),
                "{name}: {error:?}"
            );
        }
    }
}
