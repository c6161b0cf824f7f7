//! A client for the emulator's routes, without a network.

use std::io::Read as _;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::{DateTime, Utc};
use keepa_emulator::{EmulatorConfig, VirtualClock, router};
use serde_json::Value;
use tower::ServiceExt as _;

/// A Sunday afternoon, on the full hour: the finder's view is the products' own.
pub(crate) const NOON: &str = "2026-11-22T15:00:00Z";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub(crate) struct Api {
    pub(crate) router: Router,
    pub(crate) clock: Arc<VirtualClock>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Api {
    pub(crate) fn new(config: EmulatorConfig) -> Self {
        let clock = Arc::new(VirtualClock::new(at(NOON)));
        Self { router: router(config, clock.clone()).unwrap(), clock }
    }

    /// Enough tokens for everything.
    pub(crate) fn rich(products: u32) -> Self {
        Self::new(EmulatorConfig { products, refill_rate: 1_000_000, ..EmulatorConfig::default() })
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = if parts.headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
            let mut text = String::new();
            flate2::read::GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap();
            text
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, content_type: &str, body: &str) -> Answer {
        let request =
            Request::post(path).header("content-type", content_type).body(Body::from(body.to_owned()));
        self.send(request.unwrap()).await
    }

    /// A finder request.
    pub(crate) async fn query(&self, selection: &Value) -> Value {
        let answer = self.post("/query?key=K&domain=1", "application/json", &selection.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    /// All ASINs of the marketplace.
    pub(crate) async fn all_asins(&self) -> Vec<String> {
        let mut asins = Vec::new();
        for page in 0.. {
            let found = self
                .query(&serde_json::json!({"trackingSince_gte": 0, "perPage": 5000, "page": page, "sort": [["trackingSince", "asc"]]}))
                .await;
            let list = strings(&found["asinList"]);
            let end = list.len() < 5000 || page == 2;
            asins.extend(list);
            if end {
                return asins;
            }
        }
        asins
    }

    /// Products, a hundred at a time.
    pub(crate) async fn products(&self, asins: &[String], options: &str) -> Vec<Value> {
        let mut products = Vec::new();
        for batch in asins.chunks(100) {
            let answer =
                self.get(&format!("/product?key=K&domain=1&asin={}&{options}", batch.join(","))).await;
            assert_eq!(answer.status, StatusCode::OK);
            let Value::Array(list) = answer.json()["products"].take() else { panic!("no products") };
            products.extend(list);
        }
        products
    }
}

pub(crate) fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}
