//! A database that takes no writes, or has no room: errors while it lasts, no lost acknowledgement, and no restart.
//!
//! One that is locked or gone is in `bad_days`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, Db, Home, Http, Market};

fn books(from: i64) -> Value {
    json!({"marketplace": "us", "category": "Books", "bsr_min": from, "bsr_max": from + 400_000})
}

async fn ask(http: &Http, question: &Value) -> Answer {
    http.post("/api/v1/products/discover", question).await
}

/// The ids of everything in the history.
async fn history(db: &Db) -> BTreeSet<String> {
    db.column("SELECT CAST(id AS TEXT) FROM search_history").await.into_iter().collect()
}

fn id(answer: &Value) -> String {
    answer["history_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_costs_errors_and_no_answer_that_was_given() {
    let market = Market::now(600, None).await;
    let folder = tempfile::Builder::new().prefix("gleaner-disk-").tempdir().unwrap();
    let file = folder.path().join("gleaner.db");
    let home = Home::new()
        .with("KEEPA_BASE_URL", market.emulator.base_url())
        .with("KEEPA_API_KEY", crate::support::KEY)
        .with("DATABASE_URL", format!("sqlite:{}", file.display()));
    let Some(mut server) = home.serve_on_a_small_disk(folder.path(), 12).await else { return };
    let mut given = BTreeSet::from([id(&server.http.discover(&books(1_000)).await)]);
    // Somebody else fills the disk to the last byte.
    let other = server.sees(&folder.path().join("holiday.mov"));
    let mut filler = std::fs::File::create(&other).unwrap();
    std::io::copy(&mut std::io::repeat(7), &mut filler).unwrap_err();
    drop(filler);
    // What room the files have left is used up first.
    let mut refused = 0;
    for n in 0..20_000 {
        let answer = ask(&server.http, &books(1_000 + 1_000 * (n % 5))).await;
        if answer.status == 200 {
            given.insert(id(&answer.json()));
            continue;
        }
        let problem = answer.problem(503);
        assert_eq!(problem["code"], "database_full", "{problem}");
        assert_eq!(answer.headers["retry-after"], problem["retry_after_seconds"].to_string());
        refused += 1;
        if refused == 20 {
            break;
        }
    }
    assert_eq!(refused, 20, "the disk is full");
    assert_eq!(server.http.get("/healthz").await.status, 200);
    // What only reads works on.
    server.http.get("/api/v1/history?limit=1").await.ok();
    std::fs::remove_file(&other).unwrap();
    server.http.get("/readyz").await.ok();
    for n in 0..5 {
        given.insert(id(&server.http.discover(&books(1_000 + 1_000 * n)).await));
    }
    // What was paid for while there was no room is kept by now, or still asked for again: never twice.
    assert_eq!(market.asked("query"), 5);
    // The disk ends with its server: its files are looked at in a copy.
    for name in ["gleaner.db", "gleaner.db-wal"] {
        std::fs::copy(server.sees(&folder.path().join(name)), home.path().join(name)).unwrap();
    }
    let db = Db::at(&home.path().join("gleaner.db"));
    let kept = history(&db).await;
    assert_eq!(given.difference(&kept).count(), 0, "answers that were given are not there");
    // One that was refused may be recorded as a failure where there was room for that; never as answered.
    let failed: BTreeSet<String> = db
        .column("SELECT history_id FROM gleaner_search_outcome WHERE error IS NOT NULL")
        .await
        .into_iter()
        .collect();
    assert_eq!(
        kept.difference(&given).filter(|id| !failed.contains(*id)).count(),
        0,
        "refused, yet answered"
    );
    assert_eq!(db.column("PRAGMA integrity_check").await, ["ok"]);
    assert_eq!(server.stop("-TERM").await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_full_or_read_only_for_a_while_costs_errors_and_no_restart() {
    const FULL: &str = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT ON search_history EXECUTE FUNCTION full_disk()";
    const OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let Some(db) = Db::postgres() else { return };
    let market = Market::now(600, None).await;
    let server = market.home(&db).serve(&[]).await;
    let mut given = BTreeSet::from([id(&server.http.discover(&books(1_000)).await)]);
    let name = db.column("SELECT CAST(current_database() AS TEXT)").await.remove(0);
    let read_only = format!("ALTER DATABASE {name} SET default_transaction_read_only TO on");
    let writable = format!("ALTER DATABASE {name} RESET default_transaction_read_only");
    for (code, begin, end) in [
        ("database_full", FULL.to_owned(), "DROP TRIGGER full_disk ON search_history".to_owned()),
        // As a server that became a replica: the connections it had are gone.
        (
            "database_read_only",
            format!("{read_only}; {OTHERS}"),
            format!("BEGIN READ WRITE; {writable}; COMMIT; {OTHERS}"),
        ),
    ] {
        db.by_hand(&begin).await;
        for question in [books(1_000), books(2_000)] {
            let answer = ask(&server.http, &question).await;
            let problem = answer.problem(503);
            assert_eq!(problem["code"], code, "{problem}");
            // Room may be made in a moment; a replica waits for a person.
            assert_eq!(problem["retry_after_seconds"].is_i64(), code == "database_full", "{problem}");
        }
        server.http.get("/api/v1/history?limit=1").await.ok();
        assert_eq!(server.http.get("/healthz").await.status, 200);
        if code == "database_read_only" {
            assert_eq!(server.http.get("/readyz").await.problem(503)["code"], code);
        }
        db.by_hand(&end).await;
        server.http.get("/readyz").await.ok();
        given.insert(id(&server.http.discover(&books(1_000)).await));
        given.insert(id(&server.http.discover(&books(2_000)).await));
        assert_eq!(history(&db).await, given, "{code}");
    }
    assert_eq!(market.asked("query"), 2, "what was paid for is not paid for again");
    assert_eq!(db.number("SUM(amount)", "gleaner_token_reservation").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_file_that_may_not_be_written_is_told_and_works_when_it_may() {
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    home.run(&["discover", "--category", "Books", "--bsr", "1-5000000"]).await.ended(0);
    let program = env!("CARGO_BIN_EXE_gleaner");
    let folder = db.file().parent().unwrap().display().to_string();
    // Rights do not bind root: the program is run as somebody without any.
    // Where it was built others may not be able to go.
    let again = "./gleaner discover --category Books --bsr 1-5000000";
    let script = format!(
        "cp {program} gleaner; chmod -R a-w,a+rX {folder} .; \
         if [ $(id -u) = 0 ]; then set -- setpriv --reuid=65534 --regid=65534 --clear-groups; fi; \"$@\" {again}"
    );
    let output = home.shell(&script).output().await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("database_read_only") && told.contains("rights"), "{told}");
    home.shell(&format!("chmod -R u+w {folder} .")).status().await.unwrap();
    let hit = home.run(&["discover", "--category", "Books", "--bsr", "1-5000000", "--json"]).await.json(0);
    assert_eq!((&hit["cache_hit"], market.asked("query")), (&json!(true), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_sqlite_file_may_not_be_written_is_not_ready() {
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    home.run(&["tokens"]).await.ended(0);
    let program = env!("CARGO_BIN_EXE_gleaner");
    let folder = db.file().parent().unwrap().display().to_string();
    let script = format!(
        "cp {program} gleaner; chmod -R a-w,a+rX {folder} .; \
         if [ $(id -u) = 0 ]; then set -- setpriv --reuid=65534 --regid=65534 --clear-groups; fi; \
         exec \"$@\" ./gleaner serve --listen 127.0.0.1:0"
    );
    let mut server = home.start(home.shell(&script)).await;
    let problem = server.http.get("/readyz").await.problem(503);
    assert_eq!(problem["code"], "database_read_only", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("rights"), "{problem}");
    assert_eq!(server.http.get("/healthz").await.status, 200);
    assert_eq!(server.stop("-TERM").await, Some(0));
    home.shell(&format!("chmod -R u+w {folder} .")).status().await.unwrap();
    let server = home.serve(&[]).await;
    server.http.get("/readyz").await.ok();
    server.http.discover(&books(1_000)).await;
    server.http.get("/readyz").await.ok();
}
