//! Old months in files: nothing lost, nothing doubled, whenever the program dies, and still in the figures.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::history::rows_by_hand;
use crate::support::{Db, Home};

on_each_database!(
    archived_months_still_count_and_come_back_row_by_row,
    a_program_killed_while_archiving_or_restoring_loses_and_doubles_nothing,
    a_file_that_was_changed_is_not_trusted,
);

/// Some rows of January to May 2026, with texts that are hard to write down.
async fn filled(db: &Db) -> Home {
    let home = Home::new().with("GLEANER_DATABASE_URL", db.url()).with("GLEANER_ARCHIVE_DIR", "old");
    home.run(&["db", "migrate"]).await.ended(0);
    db.by_hand(&rows_by_hand(db, 4_000, 3_000.0)).await;
    db.by_hand("UPDATE search_history SET source = '' WHERE id LIKE '%7f'").await;
    db.by_hand(
        r#"UPDATE gleaner_search_outcome SET error = '\N "a", 
 b' WHERE history_id LIKE '%3c'"#,
    )
    .await;
    home
}

async fn rows(db: &Db) -> Vec<Vec<String>> {
    // The text of a moment may be another; the moment may not.
    let at = if db.is_sqlite() {
        "strftime('%Y-%m-%d %H:%M:%f', h.created_at)"
    } else {
        "CAST(h.created_at AS TEXT)"
    };
    db.seen(&format!(
        "SELECT h.id, h.user_id, h.search_type, CAST(h.filters AS TEXT), CAST(h.results_count AS TEXT), h.source, {at}, \
         CAST(o.hits AS TEXT), CAST(o.tokens_saved AS TEXT), o.verdicts, CAST(o.milliseconds AS TEXT), o.error \
         FROM search_history h LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id ORDER BY h.id"
    ))
    .await
}

async fn figures(home: &Home) -> Value {
    let mut all = home.run(&["history", "analytics", "--json", "--top", "1000"]).await.json(0);
    all["archives"] = Value::Null;
    all
}

fn files(home: &Home) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(home.path().join("old")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

async fn archived_months_still_count_and_come_back_row_by_row(db: Db) {
    let home = filled(&db).await;
    let (before, counted) = (rows(&db).await, figures(&home).await);
    let months = home.run(&["history", "archive", "--before", "2026-04", "--json"]).await.json(0);
    let months = months.as_array().unwrap();
    assert_eq!(
        months.iter().map(|month| month["month"].as_str().unwrap()).collect::<Vec<_>>(),
        ["2026-01", "2026-02", "2026-03"]
    );
    let left = db.count("search_history").await;
    let moved: i64 = months.iter().map(|month| month["rows"].as_i64().unwrap()).sum();
    assert_eq!(left + moved, 4_000);
    assert_eq!(db.count("search_history WHERE created_at < '2026-04-01'").await, 0);
    assert_eq!(db.count("gleaner_search_outcome o WHERE NOT EXISTS (SELECT 1 FROM search_history h WHERE h.id = o.history_id)").await, 0);
    assert_eq!(figures(&home).await, counted);
    let schema: Value = serde_json::from_slice(
        &std::fs::read(home.path().join("old/search_history-2026-01.schema.json")).unwrap(),
    )
    .unwrap();
    assert_eq!(schema["rows"], months[0]["rows"]);
    assert_eq!(schema["columns"][0]["name"], "id");

    // Counting anew does not forget them; a row that comes late to such a month is in the figures as well.
    home.run(&["history", "rebuild"]).await.ended(0);
    assert_eq!(figures(&home).await, counted);
    db.by_hand("INSERT INTO search_history (id, search_type, filters, results_count, created_at) VALUES ('late', 'scoring', '{}', 1, '2026-02-10 10:00:00')").await;
    assert_eq!(
        figures(&home).await["total"]["searches"],
        json!(counted["total"]["searches"].as_i64().unwrap() + 1)
    );
    home.run(&["history", "archive", "--before", "2026-03"]).await.ended(0);
    assert_eq!(
        figures(&home).await["total"]["searches"],
        json!(counted["total"]["searches"].as_i64().unwrap() + 1)
    );
    home.run(&["history", "archive", "--before", "2026-03"]).await.ended(1);

    // Without its file a month is not in the figures, which say so; moved elsewhere it is found again.
    std::fs::create_dir(home.path().join("away")).unwrap();
    let name = "search_history-2026-03.csv.zst";
    std::fs::rename(home.path().join("old").join(name), home.path().join("away").join(name)).unwrap();
    let gone = home.run(&["history", "analytics", "--json"]).await.json(0);
    assert_eq!(gone["archives"], json!({"counted": ["2026-01", "2026-02"], "missing": ["2026-03"]}));
    assert_eq!(
        gone["total"]["searches"].as_i64().unwrap(),
        counted["total"]["searches"].as_i64().unwrap() + 1 - months[2]["rows"].as_i64().unwrap()
    );
    let home = home.with("GLEANER_ARCHIVE_DIR", "away");
    assert_eq!(home.run(&["history", "analytics", "--json"]).await.json(0)["archives"]["missing"], json!([]));

    let back = home.run(&["history", "restore", "2026-03", "--json"]).await.json(0);
    assert_eq!(back[0]["rows"], months[2]["rows"]);
    home.run(&["history", "restore", "2026-03"]).await.refused(&["2026-03", "not archived"]);
    home.run(&["history", "restore"]).await.ended(0);
    db.by_hand("DELETE FROM search_history WHERE id = 'late'").await;
    assert_eq!(rows(&db).await, before);
    home.run(&["history", "rebuild"]).await.ended(0);
    assert_eq!(figures(&home).await, counted);
    home.run(&["history", "archive", "--before", "2099-01"]).await.refused(&["--before", "present"]);
    home.run(&["history", "archive", "--before", "soon"]).await.refused(&["--before", "2026-01"]);
}

async fn a_program_killed_while_archiving_or_restoring_loses_and_doubles_nothing(db: Db) {
    let home = filled(&db).await;
    let (before, counted) = (rows(&db).await, figures(&home).await);
    let dated = 4_000 - db.count("search_history WHERE created_at IS NULL").await;
    for round in 0..4 {
        // Killed while the first files are written, then at moments further on.
        for moment in 0..3 {
            let mut program = home.command(&["history", "archive", "--before", "2026-06"]).spawn().unwrap();
            let reached = async || match moment {
                0 => std::fs::read_dir(home.path().join("old")).is_ok_and(|mut files| files.next().is_some()),
                1 => db.count("search_history").await < 4_000,
                _ => db.count("gleaner_history_archive WHERE state = 'archived'").await > round,
            };
            while !reached().await && program.try_wait().unwrap().is_none() {
                tokio::task::yield_now().await;
            }
            program.kill().await.unwrap();
            assert_eq!(figures(&home).await["total"], counted["total"], "killed at {moment}");
        }
        home.run(&["history", "archive", "--before", "2026-06"]).await;
        assert_eq!(db.count("search_history WHERE created_at IS NOT NULL").await, 0);
        assert_eq!(db.number("CAST(SUM(row_count) AS BIGINT)", "gleaner_history_archive").await, dated);
        assert_eq!(figures(&home).await, counted);
        assert!(files(&home).iter().all(|file| file.extension().is_some_and(|ending| ending != "part")));

        let mut program = home.command(&["history", "restore"]).spawn().unwrap();
        while db.count("search_history").await < 100 * round && program.try_wait().unwrap().is_none() {
            tokio::task::yield_now().await;
        }
        program.kill().await.unwrap();
        assert_eq!(figures(&home).await["total"], counted["total"]);
        home.run(&["history", "restore"]).await;
        assert_eq!(rows(&db).await, before);
        assert_eq!(figures(&home).await, counted);
    }
}

async fn a_file_that_was_changed_is_not_trusted(db: Db) {
    let home = filled(&db).await;
    home.run(&["history", "archive", "--before", "2026-02"]).await.ended(0);
    let left = rows(&db).await;
    let file = home.path().join("old/search_history-2026-01.csv.zst");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let run = home.run(&["history", "restore"]).await;
    assert!(run.ended(1).stderr.contains("SHA-256"), "{run:?}");
    assert_eq!(rows(&db).await, left);
    std::fs::write(&file, &whole).unwrap();
    home.run(&["history", "restore"]).await.ended(0);
    assert_eq!(db.count("search_history").await, 4_000);
}
