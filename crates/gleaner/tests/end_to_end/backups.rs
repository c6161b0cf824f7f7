//! Backups: one moment of a database in use, whole or not there, and back into either engine.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gleaner_engine::backup::{self, BackupPlan};
use gleaner_store::{ConnectOptions, Store};
use serde_json::{Value, json};

use crate::support::{Db, Home, Market};

on_each_database!(
    a_backup_under_load_is_one_moment_in_which_everything_agrees,
    what_is_restored_is_what_was_backed_up_row_by_row,
    a_backup_goes_from_one_engine_to_the_other_and_answers_there,
    a_backup_is_made_before_the_schema_of_a_database_with_rows_is_changed,
    a_damaged_backup_is_refused_and_nothing_is_changed,
    backups_are_made_on_time_and_the_oldest_go,
);

/// Every row of every table of ours, as text.
async fn everything(db: &Db) -> Vec<String> {
    let tables = if db.is_sqlite() {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE 'gleaner%' OR name LIKE 'product%' OR name = 'search_history') ORDER BY 1"
    } else {
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    };
    let mut rows = Vec::new();
    for table in db.column(tables).await {
        // What belongs to a place: who works on what, where its counting stands, and the number that voids memories.
        if ["gleaner_flight", "gleaner_history_state", "gleaner_generation", "gleaner_token_reservation"]
            .contains(&table.as_str())
        {
            continue;
        }
        let sql = if db.is_sqlite() {
            let columns = db
                .column(&format!(
                    "SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}') ORDER BY cid"
                ))
                .await;
            format!("SELECT {} FROM {table}", columns.join(" || '|' || "))
        } else {
            format!("SELECT CAST(t AS TEXT) FROM {table} t")
        };
        let mut found: Vec<String> =
            db.column(&sql).await.into_iter().map(|row| format!("{table}: {row}")).collect();
        found.sort_unstable();
        rows.extend(found);
    }
    rows
}

fn books(n: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": 1000 + n, "bsr_max": 500_000})
}

async fn filled(db: &Db) -> (Home, Market) {
    let market = Market::now(600, None).await;
    let home = market.home(db);
    home.run(&["discover", "--category", "Books", "--bsr", "1000-500000", "--score", "--limit", "20"])
        .await
        .ended(0);
    home.run(&["discover", "--category", "Books", "--bsr", "1000-500000"]).await.ended(0);
    (home, market)
}

fn same_engine(db: &Db) -> Db {
    if db.is_sqlite() { Db::sqlite() } else { Db::postgres().unwrap() }
}

async fn a_backup_under_load_is_one_moment_in_which_everything_agrees(db: Db) {
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let server = home.serve(&[]).await;
    server.http.discover(&books(0)).await;
    let mut asking = Vec::new();
    for n in 0..6 {
        let http = server.http.clone();
        asking.push(tokio::spawn(async move {
            for round in 0.. {
                http.discover(&books((n + round) % 5)).await;
            }
        }));
    }
    for round in 0..5 {
        let file = format!("{round}.db");
        let made = home.run(&["backup", "--to", &file, "--json"]).await.json(0);
        let copy = Db::at(&home.path().join(&file));
        // At every moment the hits of the rows are the hits of the history, and each question has its outcome.
        let hits = copy.number("CAST(SUM(hit_count) AS BIGINT)", "product_discovery_cache").await;
        assert_eq!(hits, copy.number("CAST(SUM(hits) AS BIGINT)", "gleaner_search_outcome").await, "{made}");
        let history = copy.count("search_history").await;
        assert_eq!(history, copy.count("gleaner_search_outcome").await);
        assert!(history > 0);
        let counted = made["tables"].as_array().unwrap();
        let of = |name: &str| counted.iter().find(|table| table[0] == name).unwrap()[1].clone();
        assert_eq!(of("search_history"), history);
    }
    for client in asking {
        assert!(!client.is_finished(), "it was asked all the time");
        client.abort();
    }
    // Beside the server, which goes on: what it remembers is void, and it answers with what is there now.
    let answered = server.http.discover(&books(0)).await;
    home.run(&["restore", "0.db", "--yes"]).await.ended(0);
    let again = server.http.discover(&books(0)).await;
    assert_eq!(answered["asins"], again["asins"]);
    home.run(&["db", "verify"]).await.ended(0);
}

/// Without the one row that a database has more after it was restored: the audit log says that it was.
#[track_caller]
fn apart_from_the_restoration(mut rows: Vec<String>) -> Vec<String> {
    let is_told = |row: &String| row.starts_with("gleaner_audit: ") && row.contains("database.restore");
    assert_eq!(rows.iter().filter(|row| is_told(row)).count(), 1);
    rows.retain(|row| !is_told(row));
    rows
}

async fn what_is_restored_is_what_was_backed_up_row_by_row(db: Db) {
    let (home, market) = filled(&db).await;
    let before = everything(&db).await;
    assert!(before.len() > 30);
    home.run(&["backup", "--to", "all.db"]).await.ended(0);
    home.run(&["backup", "--to", "all.db"]).await.refused(&["all.db", "exists"]);
    let other = same_engine(&db);
    let elsewhere = market.home(&other);
    let file = home.path().join("all.db").display().to_string();
    elsewhere.run(&["restore", &file, "--yes"]).await.ended(0);
    assert_eq!(apart_from_the_restoration(everything(&other).await), before);
    elsewhere.run(&["db", "verify"]).await.ended(0);
    // Over a database that has gone on: what it held is kept in a backup of its own.
    home.run(&["discover", "--category", "Books", "--bsr", "2000-500000"]).await.ended(0);
    let restored = home.run(&["restore", "all.db", "--yes", "--json"]).await.json(0);
    assert_eq!(apart_from_the_restoration(everything(&db).await), before);
    let kept = restored["kept"].as_str().unwrap();
    home.run(&["restore", kept, "--check"]).await.ended(0);
    assert!(kept.ends_with("-before-restore.db"), "{kept}");
    assert_eq!(home.run(&["restore", "all.db"]).await.code, Some(2), "nobody is there to be asked");
}

async fn a_backup_goes_from_one_engine_to_the_other_and_answers_there(db: Db) {
    let (home, market) = filled(&db).await;
    home.run(&["backup", "--to", "all.db"]).await.ended(0);
    let other = if db.is_sqlite() { Db::postgres() } else { Some(Db::sqlite()) };
    let Some(other) = other else { return };
    let elsewhere = market.home(&other);
    let file = home.path().join("all.db").display().to_string();
    elsewhere.run(&["restore", &file, "--yes"]).await.ended(0);
    elsewhere.run(&["db", "verify"]).await.ended(0);
    for table in ["search_history", "gleaner_product", "product_scoring_cache", "gleaner_token_ledger"] {
        assert_eq!(other.count(table).await, db.count(table).await, "{table}");
    }
    let spent = market.spent();
    let again =
        ["discover", "--category", "Books", "--bsr", "1000-500000", "--score", "--limit", "20", "--json"];
    let (here, there) = (home.run(&again).await.json(0), elsewhere.run(&again).await.json(0));
    assert_eq!(
        (&here["discovery"]["asins"], &here["scoring"]["scores"]),
        (&there["discovery"]["asins"], &there["scoring"]["scores"])
    );
    assert_eq!(market.spent(), spent, "everything was in the backup");
}

async fn a_backup_is_made_before_the_schema_of_a_database_with_rows_is_changed(db: Db) {
    let (home, _market) = filled(&db).await;
    let home = home.with("GLEANER_BACKUP_DIR", "kept");
    let kept = || std::fs::read_dir(home.path().join("kept")).map_or(0, Iterator::count);
    assert_eq!(kept(), 0, "an empty database has nothing to lose");
    home.run(&["db", "rollback", "--steps", "1"]).await.ended(0);
    let rows = db.count("search_history").await;
    home.run(&["db", "migrate"]).await.ended(0);
    assert_eq!(kept(), 1);
    let file = std::fs::read_dir(home.path().join("kept")).unwrap().next().unwrap().unwrap().path();
    assert!(file.display().to_string().ends_with("-before-migration.db"));
    let found = home.run(&["restore", "--check", "--json", &file.display().to_string()]).await.json(0);
    let tables = found["tables"].as_array().unwrap();
    assert!(tables.contains(&json!(["search_history", rows])), "{found}");
    // Restored, it is migrated again and is what it was.
    home.run(&["restore", &file.display().to_string(), "--yes"]).await.ended(0);
    home.run(&["db", "verify"]).await.ended(0);
    assert_eq!(db.count("search_history").await, rows);
    // Where it cannot be made, nothing is changed.
    home.run(&["db", "rollback", "--steps", "1"]).await.ended(0);
    home.write("blocked", "");
    let home = home.with("GLEANER_BACKUP_DIR", "blocked/in");
    home.run(&["db", "migrate"]).await.ended(1);
    home.run(&["db", "verify"]).await.ended(1);
    let home = home.with("GLEANER_BACKUP_BEFORE_MIGRATION", "false");
    home.run(&["db", "migrate"]).await.ended(0);
}

async fn a_damaged_backup_is_refused_and_nothing_is_changed(db: Db) {
    let (home, _market) = filled(&db).await;
    home.run(&["backup", "--to", "all.db"]).await.ended(0);
    let before = everything(&db).await;
    let whole = std::fs::read(home.path().join("all.db")).unwrap();
    let mut changed = whole.clone();
    let middle = whole.len() / 2;
    changed[middle..].fill(0xa5);
    for (name, bytes) in [
        ("cut.db", &whole[..whole.len() / 3]),
        ("changed.db", &changed[..]),
        ("text.db", b"no database" as &[u8]),
        ("empty.db", b""),
    ] {
        home.write(name, bytes);
        let run = home.run(&["restore", name, "--yes"]).await;
        run.ended(1);
        assert!(run.stderr.contains(name), "{run:?}");
    }
    home.run(&["restore", "nothing.db", "--yes"]).await.refused(&["nothing.db"]);
    // A whole file with a row less than it was made with.
    home.write("less.db", &whole);
    Db::at(&home.path().join("less.db"))
        .by_hand("DELETE FROM search_history WHERE id = (SELECT MIN(id) FROM search_history)")
        .await;
    assert!(home.run(&["restore", "less.db", "--yes"]).await.ended(1).stderr.contains("search_history"));
    assert_eq!(everything(&db).await, before);
}

async fn backups_are_made_on_time_and_the_oldest_go(db: Db) {
    let (_home, _market) = filled(&db).await;
    let folder = tempfile::tempdir().unwrap();
    let plan = BackupPlan { folder: folder.path().join("kept"), every: Duration::from_hours(24), keep: 3 };
    let store = Store::connect(&ConnectOptions::new(db.url())).await.unwrap();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(folder.path().join("kept"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let made = async |now: &str| backup::on_schedule(&store, &plan, at(now)).await.unwrap().is_some();
    assert!(made("2026-01-01T03:00:00Z").await);
    assert!(!made("2026-01-02T02:59:59Z").await, "not yet");
    std::fs::write(folder.path().join("kept/holiday.db"), "mine").unwrap();
    for day in 2..=5 {
        assert!(made(&format!("2026-01-0{day}T03:00:00Z")).await);
    }
    assert_eq!(
        names(),
        [
            "gleaner-20260103-030000.db",
            "gleaner-20260104-030000.db",
            "gleaner-20260105-030000.db",
            "holiday.db"
        ]
    );
    // A clock that was wrong for a day does not end the backups.
    assert!(made("2025-06-01T00:00:00Z").await);
    let never = BackupPlan { every: Duration::ZERO, ..plan.clone() };
    assert!(backup::on_schedule(&store, &never, at("2027-01-01T00:00:00Z")).await.unwrap().is_none());
    assert!(Path::new(&plan.folder).join("gleaner-20260105-030000.db").exists());
}
