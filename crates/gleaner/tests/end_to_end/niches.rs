//! Niches: saved once, run again and again, compared with what they found before.

use chrono::TimeDelta;
use keepa_emulator::{Fault, FaultRule};
use serde_json::{Value, json};

use crate::support::{Db, Home, Local, at};

on_each_database!(
    a_run_tells_what_is_new_gone_and_changed_since_the_one_before,
    a_niche_is_kept_changed_copied_put_aside_and_removed,
    what_cannot_be_searched_is_refused_before_it_costs_anything,
    a_run_that_stops_at_its_budget_says_so_and_loses_nothing,
    a_reader_who_leaves_a_run_leaves_its_row_and_nothing_further_is_bought,
    a_run_that_fails_after_its_search_was_paid_says_what_the_ledger_says,
    niches_travel_in_a_file,
);

const NOW: &str = "2026-10-20T09:30:00Z";

async fn local(db: &Db) -> Local {
    Local::start(db, at(NOW), 600, None).await
}

fn draft(name: &str) -> Value {
    json!({
        "name": name, "strategy": "velocity", "note": "every morning",
        "filters": {"marketplace": "us", "category": "Books", "bsr_min": 1000, "bsr_max": 500_000, "limit": 20}
    })
}

async fn a_reader_who_leaves_a_run_leaves_its_row_and_nothing_further_is_bought(db: Db) {
    let local = local(&db).await;
    let id = created(&local, "Books").await;
    // Longer than it takes to leave; the call goes on, because it may be paid for.
    local.market.emulator.add_fault(FaultRule::once(Fault::Latency { ms: 5_000 }).on("query"));
    let reader = local.http.stream(&format!("/api/v1/niches/{id}/run"), &json!({})).await;
    while local.market.asked("query") == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    drop(reader);
    let runs = loop {
        let runs = local.http.get(&format!("/api/v1/niches/{id}/runs")).await.ok();
        if !list(&runs).is_empty() {
            break runs;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!((&runs[0]["outcome"], &runs[0]["error"]), (&json!("failed"), &json!("given_up")), "{runs}");
    assert_eq!((local.market.asked("query"), local.market.asked("product")), (1, 0));
    // One who stays gets everything, and one row more.
    local.market.emulator.clear_faults();
    let answer = local.http.stream(&format!("/api/v1/niches/{id}/run"), &json!({})).await;
    let text = answer.text().await.unwrap();
    assert!(text.contains("event: result"), "{text}");
    let runs = local.http.get(&format!("/api/v1/niches/{id}/runs")).await.ok();
    assert_eq!((list(&runs).len(), &runs[0]["outcome"]), (2, &json!("done")));
}

async fn created(local: &Local, name: &str) -> String {
    let made = local.http.post("/api/v1/niches", &draft(name)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

async fn a_run_tells_what_is_new_gone_and_changed_since_the_one_before(db: Db) {
    let local = local(&db).await;
    let id = created(&local, "Books").await;
    let run = format!("/api/v1/niches/{id}/run");
    let first = local.http.post(&run, &json!({})).await.ok();
    assert_eq!((&first["run"]["outcome"], &first["comparison"]), (&json!("done"), &json!(null)));
    assert_eq!(first["run"]["tokens_charged"].as_i64().unwrap(), local.market.spent());
    assert_eq!(first["scores"].as_array().unwrap().len(), 20);
    let purposes = db.column("SELECT DISTINCT purpose FROM gleaner_token_ledger").await;
    assert_eq!(purposes, ["niche"], "a niche's tokens are booked on it");

    // A month later ranks and prices have moved.
    local.advance(TimeDelta::days(30));
    let before = local.market.emulator.request_counts();
    let second = local.http.post_text(&run, "").await.ok();
    assert!(local.market.emulator.request_counts() != before, "old answers are not used for ever");
    let compared = &second["comparison"];
    assert_eq!(compared["from"]["id"], first["run"]["id"]);
    let seen = |result: &Value| -> std::collections::BTreeMap<String, (Value, Value)> {
        let entry = |s: &Value| {
            (s["asin"].as_str().unwrap().to_owned(), (s["current"].clone(), s["recommendation"].clone()))
        };
        list(&result["scores"]).iter().map(entry).collect()
    };
    let (old, new) = (seen(&first), seen(&second));
    let mut told: Vec<&str> = list(&compared["new"]).iter().map(|f| f["asin"].as_str().unwrap()).collect();
    told.sort_unstable();
    let fresh: Vec<&str> = new.keys().filter(|asin| !old.contains_key(*asin)).map(String::as_str).collect();
    assert_eq!(told, fresh);
    assert_eq!(list(&compared["gone"]).len(), old.keys().filter(|asin| !new.contains_key(*asin)).count());
    let both = || new.iter().filter_map(|(asin, now)| Some((old.get(asin)?, now)));
    let other_price = both().filter(|(then, now)| then.0 != now.0).count();
    assert_eq!(list(&compared["price_changed"]).len(), other_price);
    assert_eq!(
        list(&compared["verdict_changed"]).len(),
        both().filter(|(then, now)| then.1 != now.1).count()
    );
    assert_eq!(compared["unchanged"], both().filter(|(then, now)| then == now).count());
    assert!(
        !fresh.is_empty() && other_price > 0,
        "a month in which nothing moves proves nothing: {compared}"
    );

    // The same comparison can be asked for again, and what the niche brought adds up.
    let again = local.http.get(&format!("/api/v1/niches/{id}/runs/compare")).await.ok();
    assert_eq!(again["price_changed"], compared["price_changed"]);
    let brought = local.http.get(&format!("/api/v1/niches/{id}/yield")).await.ok();
    assert_eq!(list(&brought["runs"]).len(), 2);
    let tokens: i64 = [&first, &second].iter().map(|r| r["run"]["tokens_charged"].as_i64().unwrap()).sum();
    assert_eq!(brought["tokens_charged"], tokens);
    for run in list(&brought["runs"]) {
        let buys = run["buys"].as_i64().unwrap();
        assert_eq!(run["tokens_per_buy"].is_null(), buys == 0, "missing, not zero, without a BUY: {run}");
        assert_eq!(run["median_roi_percent"].is_null(), buys == 0, "{run}");
    }
    let all = local.http.get("/api/v1/niches").await.ok();
    assert_eq!(all[0]["last_run"]["id"], second["run"]["id"]);
}

async fn a_niche_is_kept_changed_copied_put_aside_and_removed(db: Db) {
    let local = local(&db).await;
    let id = created(&local, "  Books  ").await;
    let path = format!("/api/v1/niches/{id}");
    let niche = local.http.get(&path).await.ok();
    assert_eq!((&niche["name"], &niche["version"]), (&json!("Books"), &json!(1)));
    assert_eq!((&niche["category_name"], &niche["filters"]["category"]), (&json!("Books"), &json!("Books")));

    let mut other = draft("Old books");
    other["filters"]["condition"] = json!("used");
    other["cost"] = json!(450);
    let changed = local.http.put(&path, &json!({"based_on": 1, "niche": other})).await.ok();
    assert_eq!(
        (&changed["version"], &changed["cost"], &changed["name"]),
        (&json!(2), &json!(450), &json!("Old books"))
    );
    let late = local.http.put(&path, &json!({"based_on": 1, "niche": draft("Too late")})).await.problem(409);
    assert_eq!(late["code"], "conflict");
    assert_eq!(local.http.get(&path).await.ok(), changed, "who was second changed nothing");

    let copy = local.http.post_text(&format!("{path}/duplicate"), "").await;
    assert_eq!((copy.status, &copy.json()["name"]), (201, &json!("Old books (copy)")));
    let copy = local.http.post_text(&format!("{path}/duplicate"), "").await.json();
    assert_eq!((&copy["name"], &copy["filters"]), (&json!("Old books (copy 2)"), &changed["filters"]));

    let aside = local.http.post_text(&format!("{path}/archive"), "").await.ok();
    assert_eq!((&aside["archived"], &aside["version"]), (&json!(true), &json!(3)));
    let names = |value: Value| list(&value).iter().map(|n| n["name"].clone()).collect::<Vec<_>>();
    assert_eq!(
        names(local.http.get("/api/v1/niches").await.ok()),
        ["Old books (copy 2)", "Old books (copy)"]
    );
    assert_eq!(names(local.http.get("/api/v1/niches?show=archived").await.ok()), ["Old books"]);
    assert_eq!(local.http.post_text(&format!("{path}/run"), "").await.problem(409)["code"], "archived");
    assert_eq!(local.market.paid_requests(), 0);
    local.http.post_text(&format!("{path}/unarchive"), "").await.ok();

    assert_eq!(local.http.method("DELETE", &path).await.status, 204);
    for answer in [local.http.get(&path).await, local.http.method("DELETE", &path).await] {
        assert_eq!(answer.problem(404)["code"], "not_found");
    }
    assert_eq!(local.http.get("/api/v1/niches/no-such-id").await.problem(404)["code"], "not_found");
}

async fn what_cannot_be_searched_is_refused_before_it_costs_anything(db: Db) {
    let local = local(&db).await;
    for (field, change) in [
        (
            "filters.category",
            json!({"filters": {"marketplace": "us", "category": "Boks", "bsr_min": 1, "bsr_max": 9}}),
        ),
        (
            "filters.bsr_min",
            json!({"filters": {"marketplace": "us", "category": 0, "bsr_min": 9, "bsr_max": 1}}),
        ),
        (
            "filters.limit",
            json!({"filters": {"marketplace": "us", "category": 0, "bsr_min": 1, "bsr_max": 9, "limit": 1001}}),
        ),
        (
            "filters.marketplace",
            json!({"filters": {"marketplace": "xx", "category": 0, "bsr_min": 1, "bsr_max": 9}}),
        ),
        ("name", json!({"name": "   "})),
        ("cost", json!({"cost": -1})),
        ("strategy", json!({"strategy": "lucky"})),
        ("colour", json!({"colour": "red"})),
    ] {
        let mut wrong = draft("Books");
        for (name, value) in change.as_object().unwrap() {
            wrong[name] = value.clone();
        }
        let problem = local.http.post("/api/v1/niches", &wrong).await.problem(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        if field == "filters.category" {
            assert!(problem["detail"].as_str().unwrap().contains("did you mean Books"), "{problem}");
        }
    }
    assert_eq!((db.count("gleaner_niche").await, local.market.paid_requests()), (0, 0));
}

async fn a_run_that_stops_at_its_budget_says_so_and_loses_nothing(db: Db) {
    let local = local(&db).await;
    let id = created(&local, "Books").await;
    let run = format!("/api/v1/niches/{id}/run");
    let stop = |tokens: i64| json!({"budget": {"tokens": tokens, "mode": "stop"}});
    let refused = local.http.post(&run, &stop(3)).await.problem(422);
    assert_eq!((&refused["code"], local.market.spent()), (&json!("over_budget"), 0));
    // Enough to find, not to score: what was found stays found.
    let partial = local.http.post(&run, &stop(20)).await.ok();
    assert_eq!(
        (&partial["run"]["outcome"], &partial["run"]["error"]),
        (&json!("partial"), &json!("over_budget"))
    );
    assert_eq!((&partial["run"]["found"], &partial["run"]["scored"]), (&json!(20), &json!(0)));
    let spent = local.market.spent();
    let rest = local.http.post(&run, &json!({})).await.ok();
    assert_eq!(local.market.spent() - spent, 20, "only the products are paid, not the search again");
    let compared = &rest["comparison"];
    assert_eq!(
        (&compared["not_comparable"], &compared["new"], &compared["gone"]),
        (&json!(20), &json!([]), &json!([]))
    );
    let runs = local.http.get(&format!("/api/v1/niches/{id}/runs")).await.ok();
    let outcomes: Vec<&Value> = list(&runs).iter().map(|run| &run["outcome"]).collect();
    assert_eq!(outcomes, ["done", "partial", "failed"]);
}

async fn a_run_that_fails_after_its_search_was_paid_says_what_the_ledger_says(db: Db) {
    let local = local(&db).await;
    let id = created(&local, "Books").await;
    local.market.emulator.add_fault(FaultRule::always(Fault::InternalError).on("product"));
    local.http.post(&format!("/api/v1/niches/{id}/run"), &json!({})).await.problem(502);
    let runs = local.http.get(&format!("/api/v1/niches/{id}/runs")).await.ok();
    let charged = db.number("SUM(charged)", "gleaner_token_ledger").await;
    assert!(charged > 0 && charged == local.market.spent());
    assert_eq!(
        (&runs[0]["outcome"], &runs[0]["tokens_charged"]),
        (&json!("failed"), &json!(charged)),
        "{runs}"
    );
    let brought = local.http.get(&format!("/api/v1/niches/{id}/yield")).await.ok();
    assert_eq!(brought["tokens_charged"], charged);
}

async fn niches_travel_in_a_file(db: Db) {
    let local = local(&db).await;
    created(&local, "Books").await;
    created(&local, "More books").await;
    let file = local.http.get("/api/v1/niches/export").await.ok();
    assert_eq!(list(&file["niches"]).len(), 2);
    let again = local.http.post("/api/v1/niches/import", &file).await.ok();
    assert_eq!((&again["created"], &again["unchanged"]), (&json!([]), &json!(["Books", "More books"])));
    let mut changed = file.clone();
    changed["niches"][0]["name"] = json!("Brought along");
    assert_eq!(list(&local.http.post("/api/v1/niches/import", &changed).await.ok()["created"]).len(), 1);
    // One that is wrong keeps all out.
    changed["niches"][0]["name"] = json!("Another");
    changed["niches"][1]["filters"]["category"] = json!("Boks");
    let problem = local.http.post("/api/v1/niches/import", &changed).await.problem(422);
    assert_eq!(problem["errors"][0]["field"], "niches[1].filters.category");
    assert_eq!(db.count("gleaner_niche").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_template_finds_products_in_the_demo_market() {
    let db = Db::sqlite();
    let local = Local::start(&db, at(NOW), 20_000, None).await;
    let templates = local.http.get("/api/v1/niches/templates").await.ok();
    assert!(list(&templates).len() >= 15);
    for template in list(&templates) {
        let mut draft = template.clone();
        let id = draft.as_object_mut().unwrap().remove("id").unwrap();
        assert_eq!(local.http.post("/api/v1/niches", &draft).await.status, 201, "{template}");
        // The condition is the strategy's where the template says none.
        let mut filters = draft["filters"].clone();
        if filters["condition"].is_null() {
            let used = draft["strategy"] == "textbook";
            filters["condition"] = json!(if used { "used" } else { "new" });
        }
        let found = local.http.discover(&filters).await;
        assert!(!list(&found["asins"]).is_empty(), "{id} finds nothing: {}", found["funnel"]);
    }
}

#[tokio::test]
async fn the_command_line_keeps_runs_and_compares_niches() {
    let home = Home::new();
    let made = home
        .run(&[
            "niche",
            "create",
            "Python",
            "--category",
            "Books",
            "--bsr",
            "1000-500000",
            "--price",
            "15-60",
            "--json",
        ])
        .await
        .json(0);
    assert_eq!((&made["filters"]["price_min"], &made["filters"]["price_max"]), (&json!(1500), &json!(6000)));
    let early = home.run(&["niche", "compare", "python"]).await;
    assert!(early.ended(1).stderr.contains("no two runs"), "{early:?}");
    let run = home.run(&["niche", "run", "python", "--json"]).await.json(0);
    assert_eq!(run["run"]["outcome"], "done");
    let again = home.run(&["niche", "run", made["id"].as_str().unwrap(), "--json"]).await.json(0);
    assert_eq!((&again["run"]["tokens_charged"], &again["comparison"]["new"]), (&json!(0), &json!([])));
    let text = home.run(&["niche", "compare", "Python"]).await;
    assert!(text.ended(0).stdout.contains("0 new, 0 gone"), "{}", text.stdout);
    for action in ["show", "runs", "yield"] {
        let said = home.run(&["niche", action, "Python"]).await;
        assert!(said.ended(0).stdout.lines().all(|line| line.trim_end() == line), "{}", said.stdout);
    }
    let edited = home
        .run(&["niche", "edit", "Python", "--strategy", "velocity", "--price", "any", "--json"])
        .await
        .json(0);
    assert_eq!((&edited["strategy"], &edited["filters"]["price_min"]), (&json!("velocity"), &json!(null)));
    assert_eq!(edited["filters"]["bsr_min"], 1000, "what is not named stays");
    home.run(&["niche", "create", "--template", "kitchen"]).await.ended(0);
    home.run(&["niche", "create", "--template", "no-such"]).await.refused(&["no-such"]);
    home.run(&["niche", "create", "X", "--category", "Boks", "--bsr", "1-9"])
        .await
        .refused(&["did you mean Books"]);
    home.run(&["niche", "delete", "Python"]).await.refused(&["--yes"]);
    home.run(&["niche", "delete", "Python", "--yes"]).await.ended(0);
    home.run(&["niche", "show", "Python"]).await.refused(&["no niche Python"]);
    let listed = home.run(&["niche", "list", "--json"]).await.json(0);
    assert_eq!((list(&listed).len(), &listed[0]["name"]), (1, &json!("Home and kitchen")));
    let file = home.path().join("niches.json");
    let file = file.to_str().unwrap();
    home.run(&["niche", "export", file]).await.ended(0);
    assert_eq!(home.run(&["niche", "import", file, "--json"]).await.json(0)["created"], json!([]));
}
