//! Rules and fee cards: tried before they are saved, in force everywhere once they are, and nothing is paid again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Db, Home, Local, at};

on_each_database!(
    a_preview_tells_exactly_what_saving_then_does,
    a_preview_reads_the_excerpts_and_where_one_is_damaged_the_facts,
    versions_are_told_apart_compared_and_restored,
    of_two_who_save_at_once_the_second_is_told,
    a_fee_card_that_is_replaced_scores_everything_anew_at_no_token,
    rules_say_how_old_an_answer_may_be_and_what_a_search_may_spend,
);

/// In the season of the peak card.
const NOW: &str = "2026-10-20T09:30:00Z";
const BALANCED: &str = "/api/v1/rules/balanced";

async fn local(db: &Db) -> Local {
    Local::start(db, at(NOW), 600, None).await
}

/// Buys and scores some products.
async fn scored(local: &Local) -> Value {
    let filters =
        json!({"marketplace": "us", "category": 0, "bsr_min": 500, "bsr_max": 400_000, "limit": 100});
    local.http.post("/api/v1/products/search", &json!({"filters": filters})).await.ok()
}

fn asins(scored: &Value) -> Vec<String> {
    scored["scores"].as_array().unwrap().iter().map(|s| s["asin"].as_str().unwrap().to_owned()).collect()
}

async fn a_preview_tells_exactly_what_saving_then_does(db: Db) {
    let local = local(&db).await;
    let first = scored(&local).await;
    let asins = asins(&first);
    assert!(asins.len() > 50);
    let newest = local.http.get(BALANCED).await.ok();
    let mut document = newest["document"].clone();
    document["consider"] = json!({"roi_percent": 0, "velocity": 0, "profit": 0});
    document["amazon"] = json!("ignore");
    let (spent, counts) = (local.market.spent(), local.market.paid_requests());
    let preview = local
        .http
        .post(&format!("{BALANCED}/preview"), &json!({"document": document, "examples": 1000}))
        .await
        .ok();
    assert_eq!(preview["products"], asins.len());
    assert_eq!(preview["before"], first["verdicts"]);
    let examples: Vec<&Value> = preview["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|t| t["examples"].as_array().unwrap())
        .collect();
    assert_eq!(preview["changed"], examples.len());
    assert!(!examples.is_empty() && preview["better"].as_i64().unwrap() > 0, "{preview}");

    let saved =
        local.http.put(BALANCED, &json!({"document": document, "based_on": 1, "note": "wide"})).await.ok();
    assert_eq!(saved["version"], 2);
    let again = local.http.score(&json!({"marketplace": "us", "asins": asins})).await;
    assert_eq!(again["verdicts"], preview["after"]);
    assert_eq!(again["hits"], 0, "scores under the old rules are not returned any more");
    for example in examples {
        let score =
            again["scores"].as_array().unwrap().iter().find(|s| s["asin"] == example["asin"]).unwrap();
        assert_eq!(score["recommendation"], example["after"]["verdict"]);
        assert_eq!(score["profit"], example["after"]["profit"]);
    }
    assert_eq!(
        (local.market.spent(), local.market.paid_requests()),
        (spent, counts),
        "none of it cost a token"
    );
}

async fn a_preview_reads_the_excerpts_and_where_one_is_damaged_the_facts(db: Db) {
    let local = local(&db).await;
    let verdicts = scored(&local).await["verdicts"].clone();
    let products = db.count("gleaner_product").await;
    assert_eq!(db.count("gleaner_product_excerpt").await, products);
    let document = local.http.get(BALANCED).await.ok()["document"].clone();
    let preview = async |unreadable: i64| {
        let preview =
            local.http.post(&format!("{BALANCED}/preview"), &json!({"document": document})).await.ok();
        assert_eq!(
            (preview["products"].as_i64(), preview["unreadable"].as_i64()),
            (Some(products - unreadable), Some(unreadable)),
            "{preview}"
        );
        preview["before"].clone()
    };
    assert_eq!(preview(0).await, verdicts);
    let damaged = if db.is_sqlite() { "X'00'" } else { "'\\x00'" };
    let first = "asin = (SELECT MIN(asin) FROM gleaner_product)";
    db.by_hand(&format!("UPDATE gleaner_product_excerpt SET excerpt = {damaged} WHERE {first}")).await;
    assert_eq!(preview(0).await, verdicts, "the facts stand in for an excerpt");
    let rest = "asin > (SELECT MIN(asin) FROM gleaner_product)";
    db.by_hand(&format!("UPDATE gleaner_product SET facts = {damaged} WHERE {rest}")).await;
    assert_eq!(preview(0).await, verdicts, "facts that have an excerpt are not read");
    db.by_hand(&format!("UPDATE gleaner_product SET facts = {damaged}")).await;
    preview(1).await;
}

async fn versions_are_told_apart_compared_and_restored(db: Db) {
    let local = local(&db).await;
    let shipped = local.http.get(BALANCED).await.ok();
    let mut document = shipped["document"].clone();
    document["buy"]["profit"] = json!(400);
    local.http.put(BALANCED, &json!({"document": document, "based_on": 1, "note": "dearer"})).await.ok();
    let versions = local.http.get(&format!("{BALANCED}/versions")).await.ok();
    assert_eq!(versions.as_array().unwrap().len(), 2);
    assert_eq!(versions[0]["changes"], json!([{"path": "buy.profit", "from": 300, "to": 400}]));
    assert_eq!((&versions[0]["note"], versions[0]["created_at"].is_string()), (&json!("dearer"), true));
    assert_eq!(local.http.get(&format!("{BALANCED}/versions/1")).await.ok()["document"], shipped["document"]);
    assert_eq!(local.http.get(&format!("{BALANCED}/versions/9")).await.problem(404)["code"], "not_found");
    local.http.get(&format!("{BALANCED}/versions/x")).await.problem(422);
    let diff = local.http.get(&format!("{BALANCED}/diff?from=2&to=1")).await.ok();
    assert_eq!(diff["changes"], json!([{"path": "buy.profit", "from": 400, "to": 300}]));
    let restored =
        local.http.post(&format!("{BALANCED}/restore"), &json!({"version": 1, "based_on": 2})).await.ok();
    assert_eq!((&restored["version"], &restored["document"]), (&json!(3), &shipped["document"]));
    let all = local.http.get("/api/v1/rules").await.ok();
    let names: Vec<&Value> = all.as_array().unwrap().iter().map(|r| &r["strategy"]).collect();
    assert_eq!(names, ["balanced", "velocity", "textbook"]);
    let form = local.http.get("/api/v1/rules/schema").await.ok();
    let field = form["fields"].as_array().unwrap().iter().find(|f| f["path"] == "allowance_percent").unwrap();
    assert_eq!(
        (&field["unit"], &field["minimum"], &field["maximum"]),
        (&json!("percent"), &json!(0), &json!(50))
    );
}

async fn of_two_who_save_at_once_the_second_is_told(db: Db) {
    let local = local(&db).await;
    let document = local.http.get(BALANCED).await.ok()["document"].clone();
    let save = |profit: i64| {
        let mut document = document.clone();
        document["buy"]["profit"] = json!(profit);
        let http = local.http.clone();
        async move { http.put(BALANCED, &json!({"document": document, "based_on": 1})).await.status }
    };
    let mut statuses = [0; 4];
    (statuses[0], statuses[1], statuses[2], statuses[3]) =
        tokio::join!(save(310), save(320), save(330), save(340));
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    assert_eq!(db.count("gleaner_rules").await, 1);
}

async fn a_fee_card_that_is_replaced_scores_everything_anew_at_no_token(db: Db) {
    let first = local(&db).await;
    // A second program on the same database, where that is possible.
    let second = if db.is_sqlite() { None } else { Some(local(&db).await) };
    let question = json!({"marketplace": "us", "asins": asins(&scored(&first).await)});
    let before = first.http.score(&question).await;
    if let Some(second) = &second {
        assert_eq!(second.http.score(&question).await["hits"], before["hits"]);
    }
    let (spent, counts) = (first.market.spent(), first.market.paid_requests());
    let path = "/api/v1/fee-cards/us-2026-peak";
    let shipped = first.http.get(path).await.ok();
    assert_eq!((&shipped["version"], &shipped["origin"]), (&json!(1), &json!("shipped")));
    let listed = first.http.get("/api/v1/fee-cards").await.ok();
    let today: Vec<&Value> =
        listed.as_array().unwrap().iter().filter(|c| c["today"] == true).map(|c| &c["id"]).collect();
    assert_eq!(today, ["us-2026-peak"]);

    let mut card = shipped["card"].clone();
    // Storage a hundred times as dear.
    for (size, rate) in [("standard", 24_000), ("beyond_standard", 14_000)] {
        assert_eq!(card["storage"][size]["high"], rate / 100);
        card["storage"][size]["high"] = json!(rate);
    }
    let preview = first.http.post("/api/v1/fee-cards/preview", &json!({"card": card})).await.ok();
    assert!(preview["profit_changed"].as_i64().unwrap() > 0, "{preview}");
    let saved = first.http.put(path, &json!({"card": card, "based_on": 1, "note": "try"})).await.ok();
    assert_eq!((&saved["version"], &saved["origin"]), (&json!(2), &json!("replaced")));
    let paths: Vec<&Value> = saved["changes"].as_array().unwrap().iter().map(|c| &c["path"]).collect();
    assert_eq!(paths, ["storage.beyond_standard.high", "storage.standard.high"]);
    assert_eq!(
        first.http.put(path, &json!({"card": shipped["card"], "based_on": 1})).await.problem(409)["code"],
        "conflict"
    );

    for server in [Some(&first), second.as_ref()].into_iter().flatten() {
        let after = server.http.score(&question).await;
        let pairs = before["scores"].as_array().unwrap().iter().zip(after["scores"].as_array().unwrap());
        let mut compared = 0;
        for (old, new) in pairs {
            let line = |score: &Value| score["lines"]["storage"].as_i64();
            let (Some(then), Some(now)) = (line(old), line(new)) else { continue };
            assert!((now - 100 * then).abs() <= 50, "{then} and {now} for {}", old["asin"]);
            assert_eq!(old["net"].as_i64().unwrap() - new["net"].as_i64().unwrap(), now - then);
            compared += 1;
        }
        assert!(compared > 30);
        assert_eq!(after["verdicts"], preview["after"]);
    }
    let back = first.http.post(&format!("{path}/restore"), &json!({"based_on": 2})).await.ok();
    assert_eq!(
        (&back["version"], &back["origin"], &back["card"]),
        (&json!(3), &json!("shipped"), &shipped["card"])
    );
    for server in [Some(&first), second.as_ref()].into_iter().flatten() {
        assert_eq!(server.http.score(&question).await["verdicts"], before["verdicts"]);
    }
    assert_eq!(
        (first.market.spent(), first.market.paid_requests()),
        (spent, counts),
        "none of it cost a token"
    );

    card["small_standard"]["rows"][1]["up_to_oz"] = json!("1");
    let wrong = first.http.put(path, &json!({"card": card, "based_on": 3})).await.problem(422);
    assert_eq!(wrong["errors"][0]["field"], "small_standard.rows[1].up_to_oz");
    assert_eq!(first.http.get("/api/v1/fee-cards/uk-2026").await.problem(404)["code"], "not_found");
}

async fn rules_say_how_old_an_answer_may_be_and_what_a_search_may_spend(db: Db) {
    let local = local(&db).await;
    let mut document = local.http.get(BALANCED).await.ok()["document"].clone();
    document["freshness"] = json!({"discovery_minutes": 120, "score_minutes": 60});
    document["budget"] = json!({"tokens": 40, "mode": "stop"});
    local.http.put(BALANCED, &json!({"document": document, "based_on": 1})).await.ok();
    let filters =
        json!({"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000, "limit": 5});
    let search = json!({"filters": filters});
    let charged = |result: &Value| {
        [&result["discovery"]["tokens"]["charged"], &result["tokens"]["charged"]].map(|n| n.as_i64().unwrap())
    };
    let first = local.http.post("/api/v1/products/search", &search).await.ok();
    assert_eq!(charged(&first)[1], 5);
    local.advance(TimeDelta::minutes(59));
    let soon = local.http.post("/api/v1/products/search", &search).await.ok();
    assert_eq!(charged(&soon), [0, 0]);
    local.advance(TimeDelta::minutes(2));
    // Past the hour of this strategy; the program itself would keep facts for six.
    let velocity = json!({"filters": filters, "strategy": "velocity"});
    let other = local.http.post("/api/v1/products/search", &velocity).await.ok();
    assert_eq!(charged(&other), [0, 0], "another strategy has its own say");
    let later = local.http.post("/api/v1/products/search", &search).await.ok();
    assert_eq!(charged(&later), [0, 5]);
    local.advance(TimeDelta::minutes(61));
    let anew = local.http.post("/api/v1/products/search", &search).await.ok();
    assert!(charged(&anew)[0] > 0, "past two hours the search itself is asked anew");
    let mut large = search.clone();
    large["filters"]["limit"] = json!(100);
    let spent = local.market.spent();
    let stopped = local.http.post("/api/v1/products/search", &large).await.ok();
    assert_eq!(stopped["scores"], json!([]), "finding fits the budget, scoring a hundred does not");
    assert!(local.market.spent() - spent <= 40);
}

#[tokio::test]
async fn the_command_line_changes_tries_and_restores_rules() {
    let home = Home::new();
    let said = home.run(&["rules", "preview", "balanced", "buy.roi=35"]).await;
    assert!(said.ended(0).stdout.contains("buy.roi_percent: 30.0 -> 35"), "{}", said.stdout);
    let saved =
        home.run(&["rules", "set", "balanced", "levels.buy.roi=35", "--note", "why", "--json"]).await.json(0);
    assert_eq!((&saved["version"], &saved["document"]["buy"]["roi_percent"]), (&json!(2), &json!(35.0)));
    home.run(&["rules", "set", "balanced", "buy.roi=70"]).await.refused(&["strong_buy.roi_percent"]);
    home.run(&["rules", "set", "balanced", "buy.rio=35"]).await.refused(&["did you mean buy.roi_percent"]);
    let late = home.run(&["rules", "set", "balanced", "buy.roi=36", "--based-on", "1"]).await;
    assert!(late.ended(1).stderr.contains("rules_conflict"), "{}", late.stderr);

    // An editor that types something.
    let editor = home.path().join("editor.sh");
    std::fs::write(&editor, "#!/bin/sh\nsed -i 's/\"roi_percent\": 35.0/\"roi_percent\": 40.0/' \"$1\"\n")
        .unwrap();
    let home = home.with("VISUAL", format!("sh {}", editor.display()));
    let edited = home.run(&["rules", "edit", "balanced", "--yes", "--note", "by hand"]).await;
    assert!(edited.ended(0).stdout.contains("saved as version 3"), "{}", edited.stdout);
    assert!(edited.stdout.contains("buy.roi_percent: 35.0 -> 40.0"), "{}", edited.stdout);
    let nobody = home.run(&["rules", "edit", "balanced"]).await;
    assert!(nobody.ended(0).stdout.contains("nothing changed"), "{}", nobody.stdout);

    let diff = home.run(&["rules", "diff", "balanced", "1", "--json"]).await.json(0);
    assert_eq!(diff, json!([{"path": "buy.roi_percent", "from": 30.0, "to": 40.0}]));
    let back = home.run(&["rules", "restore", "balanced", "1", "--json"]).await.json(0);
    assert_eq!((&back["version"], &back["document"]["buy"]["roi_percent"]), (&json!(4), &json!(30.0)));
    for action in [&["rules", "list"][..], &["rules", "versions", "balanced"], &["rules", "show", "textbook"]]
    {
        home.run(action).await.ended(0);
    }
}

#[tokio::test]
async fn the_command_line_checks_replaces_and_restores_fee_cards() {
    let home = Home::new();
    let card = home.run(&["fee-cards", "show", "us-2026", "--json"]).await;
    let file = home.path().join("card.json");
    std::fs::write(&file, &card.ended(0).stdout).unwrap();
    let name = file.to_str().unwrap();
    let said = home.run(&["fee-cards", "check", name]).await;
    assert!(said.ended(0).stdout.contains("us-2026 is a valid card"), "{}", said.stdout);
    let mut changed = card.json(0);
    changed["closing"]["fee"] = json!(200);
    std::fs::write(&file, changed.to_string()).unwrap();
    let saved = home.run(&["fee-cards", "set", name, "--note", "dearer", "--json"]).await.json(0);
    assert_eq!((&saved["version"], &saved["origin"]), (&json!(2), &json!("replaced")));
    assert_eq!(
        home.run(&["fee-cards", "restore", "us-2026", "--json"]).await.json(0)["card"]["closing"]["fee"],
        180
    );
    changed["valid_to"] = json!("2020-01-01");
    std::fs::write(&file, changed.to_string()).unwrap();
    home.run(&["fee-cards", "check", name]).await.refused(&["valid_to", "before"]);
    for action in
        [&["fee-cards", "list"][..], &["fee-cards", "show", "us-2026"], &["fee-cards", "versions", "us-2026"]]
    {
        home.run(action).await.ended(0);
    }
    home.run(&["fee-cards", "show", "xx"]).await.refused(&["no fee card xx"]);
}
