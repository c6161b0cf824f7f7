//! A power cut, as far as a test can make one: the files as they stand at a moment that nobody chose, also with the end
//! of the log missing or torn, as when the last writes did not reach the disk.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use crate::support::load::{Load, Log, setting};
use crate::support::{Db, Market, Server};

/// A number from 0 to `below`, less one.
fn random(below: u64, salt: usize) -> u64 {
    RandomState::new().hash_one(salt) % below.max(1)
}

/// Copies the database while the server stands still: what the operating system has is what a dead process leaves.
async fn copy(server: &Server, from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    server.signal("-STOP").await;
    for end in ["", "-wal"] {
        let file = format!("{}{end}", from.display());
        if Path::new(&file).exists() {
            std::fs::copy(file, to.join(format!("cut.db{end}"))).unwrap();
        }
    }
    server.signal("-CONT").await;
}

/// The ids in the history of a copy, after SQLite has found it whole.
async fn ids(folder: &Path) -> HashSet<String> {
    let url = format!("sqlite:{}", folder.join("cut.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let verdict: String =
        sqlx::query("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap().get(0);
    assert_eq!(verdict, "ok");
    let rows = sqlx::query("SELECT id FROM search_history").fetch_all(&mut connection).await.unwrap();
    let outcomes = sqlx::query("SELECT history_id FROM gleaner_search_outcome")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let texts = |rows: Vec<sqlx::sqlite::SqliteRow>| rows.iter().map(|row| row.get(0)).collect();
    let ids: HashSet<String> = texts(rows);
    assert_eq!(ids, texts(outcomes), "a question and its outcome are kept together or not at all");
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_whole_after_a_power_cut_and_has_everything_that_reached_the_disk() {
    let (rounds, least) = (setting("GLEANER_POWER_CUTS", 4), setting("GLEANER_KILL_ANSWERS", 200));
    let db = Db::sqlite();
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let log = Log::default();
    let mut server = home.serve(&[]).await;
    let load = Load::start(&server, &log).await;
    let file = db.file();
    for round in 0..rounds {
        load.reaches(load.answered() + least + usize::try_from(random(200, round)).unwrap()).await;
        let told: HashSet<String> = log.lock().unwrap().keys().cloned().collect();
        let folder = home.path().join(format!("cut-{round}"));
        copy(&server, &file, &folder).await;
        // The log loses its end in the second copy, and has it torn in the third.
        for (end, torn) in [("short", false), ("torn", true)] {
            let other = home.path().join(format!("cut-{round}-{end}"));
            std::fs::create_dir_all(&other).unwrap();
            std::fs::copy(folder.join("cut.db"), other.join("cut.db")).unwrap();
            let mut wal = std::fs::read(folder.join("cut.db-wal")).unwrap_or_default();
            let lost = usize::try_from(random(wal.len() as u64, round)).unwrap();
            let kept = wal.len() - lost;
            if torn {
                wal[kept..].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7));
            } else {
                wal.truncate(kept);
            }
            std::fs::write(other.join("cut.db-wal"), wal).unwrap();
        }
        let whole = ids(&folder).await;
        let missing: Vec<&String> = told.difference(&whole).collect();
        assert!(missing.is_empty(), "round {round}: {missing:?} were acknowledged");
        for end in ["short", "torn"] {
            let fewer = ids(&home.path().join(format!("cut-{round}-{end}"))).await;
            assert!(fewer.is_subset(&whole), "round {round}: nothing is made up");
        }
    }
    server.kill().await;
    load.end().await;
    println!("{rounds} power cuts, {} acknowledged answers", log.lock().unwrap().len());
}
