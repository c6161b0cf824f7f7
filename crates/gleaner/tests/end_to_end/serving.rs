//! The server: alive, ready, described, and losing nothing when it ends, however it ends.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{Db, Home, Market, Server};

on_each_database!(
    a_signal_ends_it_cleanly_with_everything_acknowledged_committed,
    killing_it_loses_nothing_that_was_acknowledged,
    every_answer_has_the_shape_that_the_document_says,
);

/// A program that says on its first line where it listens.
pub(crate) async fn started(home: &Home, arguments: &[&str]) -> (String, tokio::process::Child) {
    let mut child = home.command(arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().expect("it says where it listens");
    (first.split_whitespace().last().unwrap().to_owned(), child)
}

/// What clients were told while the server was asked by many of them.
#[derive(Default)]
struct Told {
    answers: AtomicU64,
    hits: AtomicU64,
    stop: AtomicBool,
}

/// Asks until the server is gone; every complete answer is noted.
async fn keep_asking(server: &Server, told: &Arc<Told>, clients: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let found = server.http.discover(&books(0)).await;
    let asin = found["asins"][0].clone();
    let client = |n: usize| {
        let (http, told, asin) = (server.http.clone(), told.clone(), asin.clone());
        tokio::spawn(async move {
            let (path, body) = if n.is_multiple_of(2) {
                ("/api/v1/products/discover", books(i64::try_from(n % 4).unwrap()))
            } else {
                ("/api/v1/products/score", json!({"marketplace": "us", "asins": [asin]}))
            };
            while !told.stop.load(Ordering::SeqCst) {
                let Ok(answer) = http.try_post(path, body.to_string()).await else { return };
                if answer.status != 200 {
                    return;
                }
                let answer = answer.json();
                let hit = answer["cache_hit"] == true || answer["hits"] == 1;
                told.hits.fetch_add(u64::from(hit), Ordering::SeqCst);
                told.answers.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let asking = (0..clients).map(client).collect();
    while told.answers.load(Ordering::SeqCst) < 60 {
        tokio::task::yield_now().await;
    }
    asking
}

fn books(n: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": 1000 + n, "bsr_max": 500_000})
}

/// Every acknowledged answer stands in the database; `more` may be there that nobody was told of.
async fn nothing_is_lost(db: &Db, told: &Told, more: i64) {
    let answers = i64::try_from(told.answers.load(Ordering::SeqCst)).unwrap() + 1;
    let hits = i64::try_from(told.hits.load(Ordering::SeqCst)).unwrap();
    let history = db.count("search_history").await;
    assert!((answers..=answers + more).contains(&history), "{answers} acknowledged, {history} recorded");
    assert_eq!(db.count("gleaner_search_outcome").await, history);
    let counted = db.number("SUM(hit_count)", "product_discovery_cache").await
        + db.number("SUM(hit_count)", "product_scoring_cache").await;
    assert!((hits..=hits + more).contains(&counted), "{hits} hits acknowledged, {counted} counted");
    assert_eq!(db.number("SUM(hits)", "gleaner_search_outcome").await, counted, "both or neither");
}

async fn a_signal_ends_it_cleanly_with_everything_acknowledged_committed(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    for signal in ["-TERM", "-INT"] {
        let mut server = home.serve(&[]).await;
        server.http.discover(&books(0)).await;
        db.by_hand("DELETE FROM search_history; DELETE FROM gleaner_search_outcome;").await;
        db.by_hand("UPDATE product_discovery_cache SET hit_count = 0; UPDATE product_scoring_cache SET hit_count = 0;")
            .await;
        let told = Arc::new(Told::default());
        let asking = keep_asking(&server, &told, 6).await;
        // The first question of `keep_asking` is a hit that its clients did not count.
        told.hits.fetch_add(1, Ordering::SeqCst);
        let code = server.stop(signal).await;
        told.stop.store(true, Ordering::SeqCst);
        for client in asking {
            client.await.unwrap();
        }
        assert_eq!(code, Some(0), "{signal}");
        nothing_is_lost(&db, &told, 6).await;
    }
    let mut server = home.serve(&[]).await;
    assert_eq!(server.http.discover(&books(0)).await["cache_hit"], true, "it starts again where it was");
    assert_eq!(server.stop("-TERM").await, Some(0));
}

async fn killing_it_loses_nothing_that_was_acknowledged(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let mut server = home.serve(&[]).await;
    let told = Arc::new(Told::default());
    let asking = keep_asking(&server, &told, 8).await;
    server.kill().await;
    told.stop.store(true, Ordering::SeqCst);
    for client in asking {
        client.await.unwrap();
    }
    nothing_is_lost(&db, &told, 8).await;
    let paid = market.paid_requests();
    let mut server = home.serve(&[]).await;
    assert_eq!(server.http.discover(&books(0)).await["cache_hit"], true);
    assert_eq!(market.paid_requests(), paid, "what was paid for is still there");
    home.run(&["db", "verify"]).await.ended(0);
    assert_eq!(server.stop("-TERM").await, Some(0));
}

#[tokio::test]
async fn it_is_alive_ready_and_says_that_its_data_is_synthetic() {
    let home = Home::new();
    let mut server = home.serve(&[]).await;
    for path in ["/healthz", "/readyz"] {
        let health = server.http.get(path).await.ok();
        assert_eq!((&health["status"], &health["demo"]), (&json!("ok"), &json!(true)), "{path}");
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    }
    let said = server.lines.next_line().await.unwrap().unwrap();
    assert!(said.contains("synthetic marketplace"), "{said}");
    assert_eq!(server.http.discover(&books(0)).await["demo"], true);
    assert_eq!(server.http.get("/api/v1/tokens").await.ok()["demo"], true);
    assert_eq!(server.stop("-TERM").await, Some(0));
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told_as_problems() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    for path in ["/api", "/api/v1", "/api/v1/products", "/api/v2/tokens", "/api/v1/tokens/"] {
        let problem = server.http.get(path).await.problem(404);
        assert_eq!(problem["code"], "not_found", "{path}");
    }
    for (method, path) in [
        ("PUT", "/api/v1/products/discover"),
        ("DELETE", "/api/v1/products/score"),
        ("POST", "/api/v1/tokens"),
        ("POST", "/healthz"),
        ("PATCH", "/api/v1/openapi.json"),
    ] {
        let answer = server.http.method(method, path).await;
        assert_eq!(answer.problem(405)["code"], "method_not_allowed", "{method} {path}");
        assert!(answer.headers.contains_key("allow"), "{method} {path}: it says which methods are");
    }
    let answer = server.http.get("/healthz").await;
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(answer.headers.contains_key("x-request-id"));
}

/// Follows a reference inside the document.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference
                .strip_prefix('#')
                .unwrap_or_else(|| panic!("{reference} leads out of the document"));
            let found = document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"));
            resolve(document, found)
        }
        None => schema,
    }
}

/// Where a value is not what a schema of the document says.
fn mismatches(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = disagreements(document, schema, value, at);
    let mut names = BTreeSet::new();
    properties(document, schema, &mut names);
    if let (false, Some(object)) = (names.is_empty(), value.as_object()) {
        let strange = object.keys().filter(|name| !names.contains(name.as_str()));
        found.extend(strange.map(|name| format!("{at}.{name} is not documented")));
    }
    found
}

/// Every property that a schema names, with those of its parts.
fn properties<'a>(document: &'a Value, schema: &'a Value, names: &mut BTreeSet<&'a str>) {
    let schema = resolve(document, schema);
    names.extend(schema["properties"].as_object().into_iter().flat_map(|all| all.keys().map(String::as_str)));
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema[*name].as_array()).flatten() {
        properties(document, part, names);
    }
}

fn disagreements(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(document, schema);
    for choices in ["oneOf", "anyOf"].iter().filter_map(|name| schema[*name].as_array()) {
        let fits = |one: &Value| disagreements(document, one, value, at).is_empty();
        if !choices.iter().any(fits) {
            return vec![format!("{at}: {value} is none of {choices:?}")];
        }
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return vec![format!("{at}: {value} is not one of {words:?}")];
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut found: Vec<String> = parts.flat_map(|part| disagreements(document, part, value, at)).collect();
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return found,
    };
    let fits = types.iter().any(|kind| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{at}: unknown type {other}"),
    });
    if !fits {
        found.push(format!("{at}: {value} is not {types:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let named = schema["properties"].get(name);
        if let Some(of) = named.or_else(|| schema.get("additionalProperties")) {
            found.extend(mismatches(document, of, inner, &format!("{at}.{name}")));
        }
    }
    for (n, inner) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(mismatches(document, &schema["items"], inner, &format!("{at}[{n}]")));
    }
    found
}

fn schema_of<'a>(document: &'a Value, method: &str, path: &str, status: &str) -> &'a Value {
    let responses = &document["paths"][path][method]["responses"];
    let response =
        [status.to_owned(), format!("{}XX", &status[..1])].into_iter().find_map(|name| responses.get(name));
    let response = response.unwrap_or_else(|| panic!("{method} {path} does not document {status}"));
    let content =
        response["content"].as_object().unwrap_or_else(|| panic!("{method} {path} {status} has no body"));
    &content.values().next().unwrap()["schema"]
}

async fn every_answer_has_the_shape_that_the_document_says(db: Db) {
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    let document = server.http.get("/api/v1/openapi.json").await.ok();
    let discover = "/api/v1/products/discover";
    let found = server.http.discover(&books(0)).await;
    let score = "/api/v1/products/score";
    let asins =
        [found["asins"][0].clone(), found["asins"][1].clone(), json!("nonsense"), json!("ZZZZZZZZZZ")];
    let question = json!({"marketplace": "us", "asins": asins});
    server.http.score(&question).await;
    let product = format!("/api/v1/products/{}?marketplace=us", found["asins"][0].as_str().unwrap());
    let empty = json!({"marketplace": "us", "category": 0, "bsr_min": 1, "bsr_max": 2, "price_min": 999_999});
    let answers = [
        ("post", discover, found),
        ("post", discover, server.http.discover(&books(0)).await),
        ("post", discover, server.http.discover(&empty).await),
        ("post", score, server.http.score(&question).await),
        ("post", score, server.http.score(&question).await),
        ("get", "/api/v1/tokens", server.http.get("/api/v1/tokens").await.ok()),
        ("get", "/api/v1/cache/stats", server.http.get("/api/v1/cache/stats").await.ok()),
        ("get", "/api/v1/products/{asin}", server.http.get(&product).await.ok()),
        ("get", "/api/v1/categories", server.http.get("/api/v1/categories?marketplace=us").await.ok()),
        ("get", "/healthz", server.http.get("/healthz").await.ok()),
        ("get", "/readyz", server.http.get("/readyz").await.ok()),
    ];
    for (method, path, answer) in answers {
        let wrong = mismatches(&document, schema_of(&document, method, path, "200"), &answer, path);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    for (path, body) in
        [(discover, "{"), (discover, "{}"), (score, "{\"marketplace\": \"us\", \"asins\": [\"x\"]}")]
    {
        let problem = server.http.post_text(path, body).await;
        let status = problem.status.to_string();
        let wrong = mismatches(&document, schema_of(&document, "post", path, &status), &problem.json(), path);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[tokio::test]
async fn the_document_describes_every_address_and_every_address_it_describes_is_there() {
    let home = Home::new();
    let server = home.serve(&[]).await;
    let answer = server.http.get("/api/v1/openapi.json").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let document = answer.ok();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/api/v1/products/discover",
        "/api/v1/products/score",
        "/api/v1/products/{asin}",
        "/api/v1/tokens",
        "/api/v1/categories",
        "/api/v1/cache/stats",
        "/api/v1/cache/purge",
        "/healthz",
        "/readyz",
    ] {
        assert!(paths.contains_key(path), "{path} is not documented");
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in ["ProductDiscoveryFilters", "ProductDiscoveryResult", "ProductScore", "Problem"] {
        assert!(schemas.contains_key(name), "{name}: {:?}", schemas.keys().collect::<Vec<_>>());
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}: no summary"
            );
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{method} {path}: the operation id {id} stands twice");
            let works = ["200", "201", "202", "204", "303"]
                .iter()
                .any(|code| operation["responses"][code].is_object());
            assert!(works, "{method} {path}: what it answers when it works is missing");
            let address = path.replace("{asin}", "0593655036");
            let answer = server.http.method(&method.to_uppercase(), &address).await;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(
                answer.status != 404 || !answer.text.contains("there is nothing at this address"),
                "{method} {path} is not there"
            );
        }
    }
    walk(&document, &document, "");
}

/// Every reference leads somewhere, and no integer is of a width that other languages lack.
fn walk(document: &Value, value: &Value, at: &str) {
    match value {
        Value::Object(members) => {
            if value["$ref"].is_string() {
                resolve(document, value);
            }
            if value["type"] == "integer" {
                assert!(value["format"].is_null(), "{at}: {value}");
            }
            for (name, inner) in members {
                walk(document, inner, &format!("{at}/{name}"));
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| walk(document, inner, at)),
        _ => {}
    }
}
