//! The reseller's working day through the built program: runs that outlive whoever works on them, decisions with a name,
//! lists to take along.

use std::time::Duration;

use gleaner_engine::{Clock, SystemClock};
use keepa_emulator::{Fault, FaultRule};
use serde_json::{Value, json};

use crate::support::{Db, Home, Http, Market, Visitor};

on_each_database!(
    a_scheduled_run_goes_on_after_a_kill_without_paying_twice_and_picks_the_same,
    a_run_that_is_stopped_by_hand_goes_on_with_the_next_and_pays_for_nothing_twice,
    what_a_run_cost_is_counted_once,
    what_a_search_found_is_watched_for_nothing_from_the_command_line_and_over_http,
);

/// Products of the run: several steps of judging.
const PRODUCTS: i64 = 250;
/// Three pages of up to a hundred results, and each product once.
const COST: i64 = 33 + PRODUCTS;

fn job(schedule: &Value) -> Value {
    json!({
        "name": "Books", "sub_ranges": 3, "schedule": schedule,
        "searches": [{"filters": {
            "marketplace": "us", "category": "Books", "bsr_min": 1, "bsr_max": 400_000, "limit": PRODUCTS}}],
    })
}

/// A Keepa whose account stands still, so that every token that is gone was charged.
async fn market() -> Market {
    Market::at(SystemClock.now(), 3_000, None).await
}

/// Every call of Keepa begins to be answered, and charged, only after so long: who is gone by then has not paid.
fn slow(market: &Market, ms: u64) {
    market.emulator.add_fault(FaultRule::always(Fault::Latency { ms }));
}

/// The newest run, once it is so far.
async fn run_when(http: &Http, so_far: impl Fn(&Value) -> bool) -> Value {
    let begun = tokio::time::Instant::now();
    loop {
        let runs = http.get("/api/v1/sourcing/runs?limit=1").await.ok();
        if let Some(run) = runs.as_array().and_then(|runs| runs.first()).filter(|run| so_far(run)) {
            return run.clone();
        }
        assert!(begun.elapsed() < Duration::from_mins(3), "the run does not get there: {runs}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn ended(run: &Value) -> bool {
    run["state"] == "ended"
}

/// What was picked, and what it rests on.
async fn picks(http: &Http) -> Vec<Value> {
    let picks = http.get("/api/v1/sourcing/picks?limit=1000").await.ok();
    let mut picks: Vec<Value> = picks
        .as_array()
        .unwrap()
        .iter()
        .map(|pick| {
            let figures = &pick["figures"];
            json!([
                pick["asin"],
                pick["class"],
                figures["sell_price"],
                figures["cost"],
                figures["recommendation"]
            ])
        })
        .collect();
    picks.sort_by_key(ToString::to_string);
    picks
}

/// The same run in a world where nothing happens to it.
async fn undisturbed(market_of: &Market) -> Vec<Value> {
    let (db, market) = (Db::sqlite(), Market::at(market_of.moment(), 3_000, None).await);
    let server = market.home(&db).serve(&[]).await;
    assert_eq!(server.http.post("/api/v1/sourcing/jobs", &job(&Value::Null)).await.status, 201);
    assert_eq!(server.http.post("/api/v1/sourcing/jobs/Books/run", &json!({})).await.status, 202);
    let run = run_when(&server.http, ended).await;
    assert_eq!((&run["outcome"], market.spent()), (&json!("done"), COST), "{run}");
    picks(&server.http).await
}

/// A run that was cut off has ended as if nothing had happened.
async fn whole(market: &Market, http: &Http, run: &Value) {
    assert_eq!((&run["outcome"], &run["number"]), (&json!("done"), &json!(1)), "{run}");
    assert_eq!(run["progress"]["judged"], PRODUCTS);
    assert_eq!((market.spent(), market.asked("query")), (COST, 3), "nothing is paid for twice");
    assert_eq!(run["tokens"]["charged"], COST, "and what was paid for is told");
    let picks = picks(http).await;
    assert!(!picks.is_empty());
    assert_eq!(picks, undisturbed(market).await);
}

async fn a_scheduled_run_goes_on_after_a_kill_without_paying_twice_and_picks_the_same(db: Db) {
    let market = market().await;
    let home = market.home(&db);
    let mut server = home.serve(&[]).await;
    let schedule = json!({"cron": "0 7 * * *", "time_zone": "Europe/Paris"});
    assert_eq!(server.http.post("/api/v1/sourcing/jobs", &job(&schedule)).await.status, 201);
    slow(&market, 500);
    // Seven o'clock was a minute ago.
    let due = (SystemClock.now() - chrono::TimeDelta::minutes(1)).format("%Y-%m-%d %H:%M:%S");
    db.by_hand(&format!("UPDATE gleaner_sourcing_job SET next_run_at = '{due}'")).await;
    let run = run_when(&server.http, |run| run["progress"]["judged"].as_i64() >= Some(100)).await;
    server.kill().await;
    assert_eq!((&run["state"], &run["started_by"]), (&json!("running"), &json!("schedule")), "{run}");
    assert!(run["progress"]["judged"].as_i64() < Some(PRODUCTS), "{run}");

    market.emulator.clear_faults();
    let server = home.serve(&[]).await;
    let run = run_when(&server.http, ended).await;
    whole(&market, &server.http, &run).await;
    assert_eq!(server.http.get("/api/v1/sourcing/runs").await.ok().as_array().unwrap().len(), 1);
}

async fn a_run_that_is_stopped_by_hand_goes_on_with_the_next_and_pays_for_nothing_twice(db: Db) {
    let market = market().await;
    let home = market.home(&db);
    let file = home.write("job.json", job(&Value::Null).to_string());
    home.run(&["source", "create", "--file", &file]).await.ended(0);
    slow(&market, 300);
    let mut child = home.command(&["source", "run", "Books"]);
    let child =
        child.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while market.asked("product") < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let id = child.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("Books#1") && told.contains("gleaner source cancel 'Books'"), "{told}");
    assert!(output.stdout.is_empty());

    market.emulator.clear_faults();
    let run = home.run(&["source", "run", "Books", "--json"]).await.json(0);
    let server = home.serve(&[]).await;
    whole(&market, &server.http, &run).await;
}

async fn what_a_run_cost_is_counted_once(db: Db) {
    let market = market().await;
    let server = market.home(&db).serve(&[]).await;
    assert_eq!(server.http.post("/api/v1/sourcing/jobs", &job(&Value::Null)).await.status, 201);
    assert_eq!(server.http.post("/api/v1/sourcing/jobs/Books/run", &json!({})).await.status, 202);
    let run = run_when(&server.http, ended).await;
    assert_eq!((market.spent(), &run["tokens"]["charged"]), (COST, &json!(COST)));

    let all = server.http.get("/api/v1/history/analytics").await.ok();
    assert_eq!(all["total"]["tokens_charged"], COST, "{}", all["total"]);
    let verdicts: i64 =
        all["verdicts"].as_array().unwrap().iter().map(|line| line["results"].as_i64().unwrap()).sum();
    assert_eq!(verdicts, PRODUCTS, "each product got one verdict");
    let misses = 3 + PRODUCTS;
    assert_eq!((&all["total"]["hits"], &all["total"]["misses"]), (&json!(0), &json!(misses)));
    let tokens = server.http.get("/api/v1/tokens").await.ok();
    let spent: i64 =
        tokens["days"].as_array().unwrap().iter().map(|day| day["spent"].as_i64().unwrap()).sum();
    assert_eq!(spent, COST, "{tokens}");
    // The run's own row tells the whole.
    let rows = server.http.get("/api/v1/history?type=autosourcing").await.ok();
    assert_eq!(rows["entries"][0]["outcome"]["tokens_charged"], COST);
}

async fn what_a_search_found_is_watched_for_nothing_from_the_command_line_and_over_http(db: Db) {
    let market = market().await;
    let home = market.home(&db);
    let search =
        ["discover", "--category", "Books", "--bsr", "1-400000", "--limit", "2", "--score", "--json"];
    let found = home.run(&search).await.json(0);
    let asins: Vec<String> = found["scores"]
        .as_array()
        .unwrap()
        .iter()
        .map(|score| score["asin"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(asins.len(), 2);
    let spent = market.spent();

    let watch = home.run(&["source", "watch", &asins[0], "B00NOSUCH1", "--json"]).await.json(0);
    assert_eq!((&watch["watched"], &watch["rejected"][0]["code"]), (&json!(1), &json!("not_known")));
    home.run(&["source", "watch", "B00NOSUCH1"]).await.ended(1);
    home.run(&["source", "watch", "nonsense"]).await.refused(&["invalid_asin"]);

    let server = home.serve(&[]).await;
    let request = json!({"marketplace": "us", "asins": asins});
    let both = server.http.post("/api/v1/sourcing/picks/watch", &request).await.ok();
    let outcomes: Vec<&Value> =
        both["products"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!((outcomes, &both["watched"]), (vec![&json!("already_watched"), &json!("watched")], &json!(1)));
    let watching = server.http.get("/api/v1/sourcing/picks?state=watching").await.ok();
    let mut listed: Vec<&str> =
        watching.as_array().unwrap().iter().map(|pick| pick["asin"].as_str().unwrap()).collect();
    let mut asked: Vec<&str> = asins.iter().map(String::as_str).collect();
    listed.sort_unstable();
    asked.sort_unstable();
    assert_eq!(listed, asked);
    for wrong in
        [json!({"marketplace": "us", "asins": []}), json!({"marketplace": "us", "asins": ["nonsense"]})]
    {
        server.http.post("/api/v1/sourcing/picks/watch", &wrong).await.problem(422);
    }
    assert_eq!(market.spent(), spent, "watching is free");
}

/// A list as a file: its header and its rows.
fn records(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = text.strip_prefix('\u{feff}').expect("Excel needs the mark to read UTF-8");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_of_the_day_comes_as_a_file_with_the_rows_that_the_json_has() {
    let home = Home::new();
    home.run(&["niche", "create", "--template", "programming-books"]).await.ended(0);
    home.run(&["niche", "run", "Programming books", "--output", "found.csv"]).await.ended(0);
    home.run(&["niche", "run", "Programming books"]).await.ended(0);
    home.run(&["source", "create", "Books", "--category", "Books", "--bsr", "1-400000"]).await.ended(0);
    home.run(&["source", "run", "Books"]).await.ended(0);
    home.run(&["source", "run", "Books"]).await.ended(0);
    let server = home.serve(&[]).await;
    let niche = server.http.get("/api/v1/niches").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let run = server.http.get("/api/v1/sourcing/runs").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let nobody = server.http.nobody();
    let lists = [
        (vec!["source", "jobs"], "/api/v1/sourcing/jobs".to_owned(), ""),
        (vec!["source", "runs"], "/api/v1/sourcing/runs".to_owned(), ""),
        (vec!["source", "picks"], "/api/v1/sourcing/picks".to_owned(), ""),
        (vec!["source", "buy-list", "--limit", "100"], "/api/v1/sourcing/buy-list".to_owned(), "items"),
        (vec!["source", "report", "Books"], format!("/api/v1/sourcing/runs/{run}/sightings"), ""),
        (vec!["niche", "list"], "/api/v1/niches".to_owned(), ""),
        (vec!["niche", "runs", "Programming books"], format!("/api/v1/niches/{niche}/runs"), ""),
        (vec!["niche", "yield", "Programming books"], format!("/api/v1/niches/{niche}/yield"), "runs"),
        (vec!["history", "list"], "/api/v1/history".to_owned(), "entries"),
        (vec!["tokens", "--ledger", "50"], "/api/v1/tokens/ledger".to_owned(), "entries"),
        (vec![], "/api/v1/cache/entries?cache=scoring".to_owned(), "entries"),
    ];
    for (command, path, member) in lists {
        let json = server.http.get(&path).await.ok();
        let rows = if member.is_empty() { &json } else { &json[member] }.as_array().unwrap().len();
        assert!(rows > 0, "{path}");
        let csv = nobody.clone().with("accept", "text/csv").get(&path).await;
        assert_eq!(
            (csv.status, &csv.headers["content-type"]),
            (200, &"text/csv; charset=utf-8".parse().unwrap())
        );
        let disposition = csv.headers["content-disposition"].to_str().unwrap().to_owned();
        assert!(disposition.ends_with(".csv\""), "{disposition}");
        let (header, records) = records(&csv.text);
        assert_eq!(
            (records.len(), csv.headers["x-gleaner-rows"].to_str().unwrap()),
            (rows, &*rows.to_string())
        );
        let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let xlsx = nobody.clone().with("accept", sheet).get(&path).await;
        assert_eq!((xlsx.status, xlsx.headers["content-type"].to_str().unwrap()), (200, sheet), "{path}");
        if command.is_empty() {
            continue;
        }
        let file = home.path().join("list.csv");
        let arguments = [&command[..], &["--output", "list.csv"]].concat();
        home.run(&arguments).await.ended(0);
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written.trim_start_matches('\u{feff}').starts_with(&header.join(",")), "{command:?}");
        std::fs::remove_file(&file).unwrap();
    }
    // ISBNs keep their zeros, amounts are in major units, links can be followed.
    let picks = server.http.get("/api/v1/sourcing/picks").await.ok();
    let csv = nobody.with("accept", "text/csv").get("/api/v1/sourcing/picks").await.text;
    for pick in picks.as_array().unwrap() {
        let (asin, cents) = (pick["asin"].as_str().unwrap(), pick["figures"]["sell_price"].as_i64().unwrap());
        let line = csv.lines().find(|line| line.contains(&format!(",{asin},"))).unwrap();
        assert!(line.contains(&format!(",{}.{:02},", cents / 100, cents % 100)), "{line}");
        assert!(line.contains(&format!("https://www.amazon.com/dp/{asin}")), "{line}");
    }
    let found = std::fs::read_to_string(home.path().join("found.csv")).unwrap();
    assert!(found.contains("roi_percent") && found.lines().count() > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_and_versions_carry_the_name_of_who_made_them() {
    let home = Home::new();
    home.run(&["source", "create", "Books", "--category", "Books", "--bsr", "1-400000"]).await.ended(0);
    home.run(&["source", "run", "Books"]).await.ended(0);
    let server = home.serve(&[]).await;
    let credentials = json!({"username": "anna", "password": "correct horse"});
    let anna = Visitor::logged_in(&server.http, &server.http.post("/api/v1/auth/setup", &credentials).await);
    let pick = anna.get("/api/v1/sourcing/picks?limit=1").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/sourcing/picks/{pick}");
    let bought = json!({"action": "bought", "quantity": 2, "unit_cost": 450});
    let detail = anna.post(&format!("{path}/triage"), &bought).await.ok();
    assert_eq!(detail["steps"][0]["author"], "anna", "{detail}");
    anna.post(&format!("{path}/verify"), &json!({})).await.ok();
    let detail = anna.get(&path).await.ok();
    assert_eq!(
        (&detail["steps"][1]["action"], &detail["steps"][1]["author"]),
        (&json!("verified"), &json!("anna"))
    );
    let told = home.run(&["source", "pick", &pick]).await;
    assert!(told.ended(0).stdout.contains("bought: 2 at 4.50, by anna"), "{}", told.stdout);

    let mut rules = anna.get("/api/v1/rules/balanced").await.ok()["document"].clone();
    rules["buy"]["roi_percent"] = json!(35);
    let saved =
        anna.send("PUT", "/api/v1/rules/balanced", Some(&json!({"document": rules, "based_on": 1}))).await;
    assert_eq!(saved.ok()["author"], "anna");
    let mut card = anna.get("/api/v1/fee-cards/us-2026").await.ok()["card"].clone();
    card["referral"]["minimum"] = json!(31);
    let request = json!({"card": card, "based_on": 1});
    let saved = anna.send("PUT", "/api/v1/fee-cards/us-2026", Some(&request)).await;
    assert_eq!(saved.ok()["author"], "anna");
}
