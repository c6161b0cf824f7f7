//! The documented commands in demo mode: no key, nothing configured.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::Home;

const BOOKS: [&str; 7] = ["discover", "--category", "Books", "--bsr", "1000-500000", "--price", "15-60"];

fn words<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [base, more].concat()
}

/// What the documentation promises of every score.
const FIELDS: [&str; 42] = [
    "asin",
    "title",
    "marketplace",
    "currency",
    "condition",
    "strategy",
    "rules_version",
    "evaluated_at",
    "data_age_minutes",
    "price_series",
    "current",
    "median90",
    "sell_price",
    "lines",
    "net",
    "cost",
    "cost_source",
    "profit",
    "roi_percent",
    "max_cost",
    "break_even_price",
    "bsr",
    "sales30",
    "drops30",
    "drops90",
    "monthly_sold",
    "sale_days180",
    "velocity_score",
    "amazon_in_stock",
    "amazon_share90",
    "offers_new",
    "offers_fba",
    "recommendation",
    "verdict_basis",
    "conditions",
    "caps",
    "reasons",
    "assumptions",
    "confidence",
    "nearest_change",
    "fee_card",
    "cache_hit",
];
const LINES: [&str; 10] = [
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

fn has_every_field(score: &Value) {
    for field in FIELDS {
        assert!(score.get(field).is_some(), "{field} is missing: {score}");
    }
    for line in LINES {
        assert!(score["lines"].get(line).is_some(), "line {line} is missing: {score}");
    }
    for amount in
        ["current", "median90", "sell_price", "net", "cost", "profit", "max_cost", "break_even_price"]
    {
        assert!(
            score[amount].is_null() || score[amount].is_i64(),
            "{amount} is an integer in the minor unit: {score}"
        );
    }
    for list in ["conditions", "caps", "reasons", "assumptions"] {
        assert!(score[list].is_array(), "{list}: {score}");
    }
    // The itemised lines are all there is between price and net.
    if let Some(net) = score["net"].as_i64() {
        let fees: i64 = LINES.iter().map(|line| score["lines"][*line].as_i64().unwrap()).sum();
        assert_eq!(score["sell_price"].as_i64().unwrap() - fees, net, "{score}");
        assert_eq!(net - score["cost"].as_i64().unwrap(), score["profit"].as_i64().unwrap(), "{score}");
    }
}

#[tokio::test]
async fn one_command_without_a_key_finds_and_scores_products() {
    let home = Home::new();
    let both = home.run(&words(&BOOKS, &["--score", "--json"])).await.json(0);
    let scores = both["scores"].as_array().unwrap();
    assert!(!scores.is_empty());
    scores.iter().for_each(has_every_field);
    assert_eq!((&both["demo"], &both["rejected"]), (&json!(true), &json!([])));
    let discovery = &both["discovery"];
    assert_eq!((&discovery["demo"], &discovery["cache_hit"]), (&json!(true), &json!(false)));
    assert_eq!(discovery["asins"].as_array().unwrap().len(), scores.len());
    for field in ["estimated", "charged", "saved", "balance"] {
        assert!(discovery["tokens"][field].is_i64() && both["tokens"][field].is_i64(), "{field}");
    }
    // The filters hold for everything that is shown.
    for score in scores {
        assert!((1000..=500_000).contains(&score["bsr"].as_i64().unwrap()), "{score}");
        assert_eq!((&score["marketplace"], &score["currency"]), (&json!("us"), &json!("USD")));
    }
    assert!(home.demo_database().is_file(), "demo data has a database of its own");
    assert!(!home.demo_database().with_file_name("gleaner.db").exists());
}

#[tokio::test]
async fn the_same_question_again_is_free_across_runs() {
    let home = Home::new();
    let first = home.run(&words(&BOOKS, &["--score", "--json"])).await.json(0);
    let again = home.run(&words(&BOOKS, &["--score", "--json"])).await.json(0);
    assert_eq!(
        (&again["discovery"]["cache_hit"], &again["discovery"]["tokens"]["charged"]),
        (&json!(true), &json!(0))
    );
    // The market moves: what the facts now rule out is left out, and everything shown was paid for before.
    let shown = again["scores"].as_array().unwrap().len();
    assert!(shown > 0);
    assert_eq!((&again["hits"], &again["tokens"]["charged"]), (&json!(shown), &json!(0)));
    let before = first["discovery"]["asins"].as_array().unwrap();
    assert!(again["discovery"]["asins"].as_array().unwrap().iter().all(|asin| before.contains(asin)));
    let asin = first["scores"][0]["asin"].as_str().unwrap();
    let used = home.run(&["score", asin, "--condition", "used", "--cost", "5.00", "--json"]).await.json(0);
    let score = &used["scores"][0];
    has_every_field(score);
    assert_eq!(
        (&score["condition"], &score["cost"], &used["tokens"]["charged"]),
        (&json!("used"), &json!(500), &json!(0))
    );
}

#[tokio::test]
async fn what_goes_into_a_pipe_is_plain_aligned_text() {
    let home = Home::new();
    let found = home.run(&words(&BOOKS, &["--json"])).await.json(0);
    let asin = found["asins"][0].as_str().unwrap();
    for arguments in [
        words(&BOOKS, &[]),
        words(&BOOKS, &["--score"]),
        vec!["score", asin],
        vec!["tokens"],
        vec!["categories"],
        vec!["cache", "stats"],
        vec!["db", "status"],
        vec!["db", "verify"],
        vec!["db", "migrate"],
    ] {
        let run = home.run(&arguments).await;
        run.ended(0);
        assert!(!run.stdout.is_empty());
        assert_eq!(run.stderr, "", "nothing went wrong and nobody watches: {arguments:?}");
        assert!(!run.stdout.contains('\u{1b}'), "no colour reaches a pipe: {arguments:?}");
        for line in run.stdout.lines() {
            assert_eq!(line.trim_end(), line, "no blanks at the end of a line: {arguments:?}");
        }
    }
    let table = home.run(&words(&BOOKS, &["--score"])).await.stdout;
    let lines: Vec<&str> = table.lines().collect();
    let header = lines.iter().position(|line| line.starts_with("VERDICT")).unwrap();
    for name in ["ASIN", "SELL", "NET", "MAX PAY", "ROI %", "SOLD", "BSR", "TITLE"] {
        assert!(lines[header].contains(name), "{name}: {}", lines[header]);
    }
    let column = lines[header].find("ASIN").unwrap();
    let verdict =
        |line: &&&str| ["STRONG_BUY", "BUY", "CONSIDER", "SKIP"].iter().any(|word| line.starts_with(word));
    let rows: Vec<&&str> = lines[header + 1..].iter().take_while(verdict).collect();
    assert!(rows.len() > 1);
    for line in rows {
        let asin = &line[column..column + 10];
        assert!(asin.chars().all(|c| c.is_ascii_alphanumeric()), "one product, one line: {line}");
    }
}

#[tokio::test]
async fn every_screen_says_that_the_data_is_synthetic() {
    let home = Home::new();
    let found = home.run(&words(&BOOKS, &["--json"])).await.json(0);
    let asin = found["asins"][0].as_str().unwrap();
    for arguments in [words(&BOOKS, &[]), words(&BOOKS, &["--score"]), vec!["score", asin], vec!["tokens"]] {
        let run = home.run(&arguments).await;
        assert_eq!(run.stdout.matches("synthetic marketplace").count(), 1, "{arguments:?}: {}", run.stdout);
    }
    for arguments in [words(&BOOKS, &["--json"]), vec!["score", asin, "--json"], vec!["tokens", "--json"]] {
        assert_eq!(home.run(&arguments).await.json(0)["demo"], true, "{arguments:?}");
    }
}

#[tokio::test]
async fn one_product_is_shown_with_its_breakdown() {
    let home = Home::new();
    let both = home.run(&words(&BOOKS, &["--score", "--json"])).await.json(0);
    let score = both["scores"].as_array().unwrap().iter().find(|s| s["net"].is_i64()).unwrap();
    let asin = score["asin"].as_str().unwrap();
    let shown = home.run(&["score", asin]).await.stdout;
    let amount = |minor: &Value| {
        let minor = minor.as_i64().unwrap();
        format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100)
    };
    for (name, minor) in [
        ("sell price", &score["sell_price"]),
        ("- referral", &score["lines"]["referral"]),
        ("- fulfilment", &score["lines"]["fulfilment"]),
        ("= net", &score["net"]),
        ("= profit", &score["profit"]),
    ] {
        let line =
            shown.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {shown}"));
        assert!(line.contains(&amount(minor)), "{line} should say {}", amount(minor));
    }
    assert!(
        shown.contains("on an assumed cost"),
        "a verdict on an assumed cost is a conditional one: {shown}"
    );
}

#[tokio::test]
async fn nothing_to_show_ends_with_one_and_says_why() {
    let home = Home::new();
    let nothing = ["discover", "--category", "Books", "--bsr", "1-2", "--price", "990-991"];
    let run = home.run(&nothing).await;
    run.ended(1);
    assert!(run.stdout.contains("Nothing to show"), "{run:?}");
    let result = home.run(&words(&nothing, &["--json"])).await.json(1);
    assert_eq!((&result["asins"], &result["cache_hit"]), (&json!([]), &json!(true)));
    assert!(result["funnel"]["explanation"].is_string());
    let unknown = home.run(&["score", "ZZZZZZZZZZ", "--json"]).await.json(1);
    assert_eq!((&unknown["scores"], &unknown["rejected"][0]["code"]), (&json!([]), &json!("unknown_asin")));
}

#[tokio::test]
async fn a_sub_category_finds_only_products_of_that_sub_category() {
    let home = Home::new().with("GLEANER_DEMO_PRODUCTS", "20000");
    let found =
        home.run(&["discover", "--category", "Programming", "--bsr", "1-3000000", "--json"]).await.json(0);
    assert_eq!(found["filters"]["category"], 3839);
    let asins: Vec<&str> =
        found["asins"].as_array().unwrap().iter().take(5).map(|a| a.as_str().unwrap()).collect();
    let scored = home.run(&words(&["score", "--json"], &asins)).await.json(0);
    assert_eq!(scored["scores"].as_array().unwrap().len(), asins.len());
    // Their facts are known now, and every filter is checked again on them.
    let again =
        home.run(&["discover", "--category", "Programming", "--bsr", "1-3000000", "--json"]).await.json(0);
    let checked =
        again["products"].as_array().unwrap().iter().filter(|product| product["checked"] == true).count();
    assert_eq!((checked, &again["funnel"]["removed"]), (asins.len(), &json!({})));
}

#[tokio::test]
async fn the_token_account_is_shown() {
    let home = Home::new();
    home.run(&words(&BOOKS, &["--score", "--json"])).await.json(0);
    let tokens = home.run(&["tokens", "--json"]).await.json(0);
    for field in ["balance", "refill_rate", "capacity"] {
        assert!(tokens[field].is_i64(), "{field}: {tokens}");
    }
    let days = tokens["days"].as_array().unwrap();
    let purposes: Vec<&str> = days.iter().map(|day| day["purpose"].as_str().unwrap()).collect();
    assert!(purposes.contains(&"discovery") && purposes.contains(&"scoring"), "{tokens}");
    let text = home.run(&["tokens"]).await.stdout;
    assert!(text.contains("Balance") && text.contains("discovery"), "{text}");
}

#[tokio::test]
async fn categories_are_listed_with_the_names_and_ids_that_a_search_takes() {
    let home = Home::new();
    let all = home.run(&["categories", "--json"]).await.json(0);
    let books = all.as_array().unwrap().iter().find(|category| category["name"] == "Books").unwrap();
    assert_eq!(books["id"], 283_155);
    let german = home.run(&["categories", "--marketplace", "de"]).await;
    assert!(german.ended(0).stdout.contains("Bücher"));
    assert!(!home.has_data());
}

#[tokio::test]
async fn help_version_and_completions_need_nothing() {
    let home = Home::new();
    let help = home.run(&["--help"]).await;
    for command in ["discover", "score", "tokens", "cache", "db", "serve", "emulator", "categories"] {
        assert!(help.ended(0).stdout.contains(command), "{command}");
    }
    assert_eq!(
        home.run(&["--version"]).await.ended(0).stdout,
        concat!("gleaner ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for shell in ["bash", "zsh", "fish"] {
        assert!(home.run(&["completions", shell]).await.ended(0).stdout.contains("gleaner"));
    }
    assert!(!home.has_data());
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new();
    let mut child = home
        .command(&["categories", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next_line().await.unwrap();
    drop(lines);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked") && !said.contains("Broken pipe"), "{said}");
}
