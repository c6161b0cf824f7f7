//! `gleaner score --keepa-json`: saved answers, scored without a token and without a database.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::{Db, Home, KEY, Market, differences, moment_of, real_products, rows, synthetic_folder};

on_each_database!(a_saved_answer_is_judged_under_the_rules_that_the_database_holds);

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn lithium() -> Vec<u8> {
    std::fs::read(synthetic_folder().join("lithium.json")).unwrap()
}

/// Scores one file as a row of a table says, and tells where the program differs.
async fn compare(home: &Home, folder: &std::path::Path, row: &Value) -> Vec<String> {
    let file = folder.join(row["file"].as_str().unwrap()).display().to_string();
    let (condition, moment) = (row["condition"].as_str().unwrap(), moment_of(row));
    let arguments = ["score", "--keepa-json", &file, "--condition", condition, "--as-of", &moment, "--json"];
    let result = home.run(&arguments).await.json(0);
    assert_eq!(result["scores"].as_array().unwrap().len(), 1, "{result}");
    let mut found = differences(row, &result["scores"][0]);
    let evaluated = result["scores"][0]["evaluated_at"].as_str().unwrap();
    if evaluated != moment {
        found.push(format!("evaluated at {evaluated} instead of {moment}"));
    }
    found
}

async fn hold(folder: &std::path::Path, rows: &[Value]) {
    let home = Home::new();
    let mut wrong = Vec::new();
    for row in rows {
        wrong.extend(compare(&home, folder, row).await);
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert!(!home.has_data(), "a saved answer needs no database");
}

#[tokio::test]
async fn a_saved_answer_may_come_through_a_pipe() {
    let home = Home::new();
    let mut command = home.command(&["score", "--keepa-json", "-", "--json"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut program = command.spawn().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut program.stdin.take().unwrap(), &gzip(&lithium())).await.unwrap();
    let output = program.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["scores"][0]["asin"], "B0SYNTH001");
    home.run(&["score", "--keepa-json", "-"]).await.refused(&["standard input"]);
}

#[tokio::test]
async fn synthetic_products_score_to_the_cent_as_worked_out_by_hand() {
    let rows = rows("synthetic.json");
    assert_eq!(rows.len(), 20);
    hold(&synthetic_folder(), &rows).await;
}

#[tokio::test]
async fn real_products_score_to_the_cent_as_the_second_method_says_at_any_date() {
    let Some(folder) = real_products() else { return };
    let golden = rows("golden.json");
    assert!(golden.len() >= 10, "the golden examples of the specification");
    hold(&folder, &golden).await;
}

#[tokio::test]
async fn all_real_products_at_once_score_as_the_table_says() {
    let Some(folder) = real_products() else { return };
    let home = Home::new();
    let table = rows("table.json");
    for condition in ["new", "used"] {
        let rows: Vec<&Value> =
            table.iter().filter(|row| row["as_of_kind"] == "late" && row["condition"] == condition).collect();
        assert_eq!(rows.len(), 16, "every saved product stands in the table");
        let files: Vec<String> =
            rows.iter().map(|row| folder.join(row["file"].as_str().unwrap()).display().to_string()).collect();
        let moment = moment_of(rows[0]);
        let mut arguments =
            vec!["score", "--condition", condition, "--as-of", &moment, "--json", "--keepa-json"];
        arguments.extend(files.iter().map(String::as_str));
        let result = home.run(&arguments).await.json(0);
        let scores = result["scores"].as_array().unwrap();
        assert_eq!((scores.len(), &result["rejected"]), (16, &json!([])));
        let wrong: Vec<String> =
            rows.iter().zip(scores).flat_map(|(row, score)| differences(row, score)).collect();
        assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[tokio::test]
async fn a_saved_answer_is_judged_at_its_own_time_unless_told_otherwise() {
    let Some(folder) = real_products() else { return };
    let home = Home::new();
    let rows = rows("table.json");
    let own: Vec<&Value> =
        rows.iter().filter(|row| row["as_of_kind"] == "own" && row["condition"] == "used").collect();
    assert_eq!(own.len(), 16);
    for row in own {
        let file = folder.join(row["file"].as_str().unwrap()).display().to_string();
        let result =
            home.run(&["score", "--keepa-json", &file, "--condition", "used", "--json"]).await.json(0);
        let score = &result["scores"][0];
        let wrong = differences(row, score);
        assert!(wrong.is_empty(), "{wrong:?}");
        let minute = &score["evaluated_at"].as_str().unwrap()[..16];
        assert_eq!(minute, &row["as_of"].as_str().unwrap()[..16], "{file}");
    }
}

#[tokio::test]
async fn an_answer_a_bare_product_and_a_wrapped_one_plain_or_packed_give_the_same_score() {
    let home = Home::new();
    let text = String::from_utf8(lithium()).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    let product = if whole["products"].is_array() { whole["products"][0].clone() } else { whole };
    let wrapped = [
        ("bare.json", product.to_string()),
        ("answer.json", json!({"timestamp": 1_780_000_000_000_i64, "products": [product]}).to_string()),
        ("wrapped.json", json!({"note": "mine", "product": product}).to_string()),
        ("deep.json", json!({"data": {"products": [product]}}).to_string()),
        ("list.json", json!([product]).to_string()),
    ];
    let mut files = Vec::new();
    for (name, text) in wrapped {
        files.push(home.write(name, &text));
        files.push(home.write(&format!("{name}.gz"), gzip(text.as_bytes())));
    }
    let mut arguments = vec!["score", "--as-of", "2026-06-10T12:10:00Z", "--json", "--keepa-json"];
    arguments.extend(files.iter().map(String::as_str));
    let result = home.run(&arguments).await.json(0);
    let scores = result["scores"].as_array().unwrap();
    assert_eq!(scores.len(), 10, "{}", result["rejected"]);
    assert_eq!(scores[0]["net"], 1580, "worked out by hand in synthetic.md");
    assert!(scores.iter().all(|score| score == &scores[0]));
}

#[tokio::test]
async fn a_cut_file_is_refused_with_a_clear_message() {
    let home = Home::new();
    let bytes = lithium();
    let packed = gzip(&bytes);
    let cut = home.write("cut.json", &bytes[..bytes.len() / 2]);
    home.run(&["score", "--keepa-json", &cut]).await.refused(&["cut.json", "cut off", "malformed_json"]);
    let cut = home.write("cut.json.gz", &packed[..packed.len() / 2]);
    home.run(&["score", "--keepa-json", &cut]).await.refused(&["cut.json.gz", "cut off", "damaged_gzip"]);
    let empty = home.write("empty.json", "");
    home.run(&["score", "--keepa-json", &empty]).await.refused(&["empty.json", "malformed_json"]);
    let other = home.write("other.json", r#"{"error": {"type": "invalidParameter"}}"#);
    home.run(&["score", "--keepa-json", &other]).await.refused(&["other.json", "no product", "no_product"]);
    home.run(&["score", "--keepa-json", "missing.json"]).await.refused(&["missing.json", "cannot be read"]);
    assert!(!home.has_data());
}

#[tokio::test]
async fn one_cut_file_among_good_ones_is_reported_and_the_others_are_scored() {
    let home = Home::new();
    let bytes = lithium();
    let (good, cut) = (home.write("good.json", &bytes), home.write("cut.json", &bytes[..bytes.len() - 9]));
    let result = home.run(&["score", "--json", "--keepa-json", &cut, &good]).await.json(0);
    assert_eq!(result["scores"].as_array().unwrap().len(), 1);
    assert_eq!(result["scores"][0]["asin"], "B0SYNTH001");
    assert_eq!(result["rejected"][0]["input"], json!(cut));
    assert_eq!(result["rejected"][0]["code"], "malformed_json");
}

#[tokio::test]
async fn a_saved_answer_spends_no_token_and_touches_no_database() {
    let (db, market) = (Db::sqlite(), Market::now(50, None).await);
    let home = market.home(&db);
    let file = home.write("lithium.json", lithium());
    let result = home.run(&["score", "--keepa-json", &file, "--cost", "10.00", "--json"]).await.json(0);
    assert_eq!(result["scores"][0]["cost"], 1000);
    assert_eq!(result["scores"][0]["verdict_basis"], "explicit");
    assert_eq!((&result["tokens"]["charged"], &result["tokens"]["saved"]), (&json!(0), &json!(0)));
    assert!(market.emulator.request_counts().is_empty(), "nothing was asked of Keepa");
    assert!(db.is_untouched().await);
    let told = home.run(&["score", "--keepa-json", &file]).await.ended(0).stdout.clone();
    assert!(told.contains("rules and fee cards as shipped") && db.is_untouched().await, "{told}");
    // Not even a configuration that could not work stands in the way.
    let broken = home.with("DATABASE_URL", "postgres://u:p@127.0.0.1:1/x").with("KEEPA_API_KEY", KEY);
    broken.run(&["score", "--keepa-json", &file, "--json"]).await.ended(0);
}

async fn a_saved_answer_is_judged_under_the_rules_that_the_database_holds(db: Db) {
    let home = Home::new().with("DATABASE_URL", db.url());
    let file = home.write("lithium.json", lithium());
    let score = ["score", "--keepa-json", &file, "--cost", "10.00", "--json"];
    let shipped = home.run(&score).await.json(0);
    home.run(&["rules", "set", "balanced", "unit_costs.us.prep=120"]).await.ended(0);
    let own = home.run(&score).await.json(0);
    let of = |result: &Value, field: &str| result["scores"][0][field].as_i64().unwrap();
    assert_eq!((of(&shipped, "rules_version"), of(&own, "rules_version")), (1, 2));
    // A dollar more to prepare each copy is a dollar less of profit.
    assert_eq!(of(&shipped, "profit") - of(&own, "profit"), 100);
    let told = home.run(&score[..5]).await.ended(0).stdout.clone();
    assert!(told.contains("rules and fee cards of the database"), "{told}");
    // A file of answers is judged like the answer.
    let files = home.run(&["score", "--file", &file, "--cost", "10.00", "--json"]).await.json(0);
    assert_eq!((of(&files, "rules_version"), of(&files, "profit")), (2, of(&own, "profit")));
}
