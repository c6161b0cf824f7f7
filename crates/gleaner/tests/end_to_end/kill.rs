//! A server that is killed under load has lost nothing that it acknowledged.
//!
//! Clients keep a log of what they were told; after the kill it is compared with the database, row by row, by id.
//! The numbers come from `GLEANER_KILL_ROUNDS` and `GLEANER_KILL_ANSWERS`: `cargo xtask soak kill` sets greater ones.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::support::load::{Load, Log, setting};
use crate::support::{Db, Market};

on_each_database!(nothing_that_was_acknowledged_is_lost_when_the_server_is_killed);

async fn nothing_that_was_acknowledged_is_lost_when_the_server_is_killed(db: Db) {
    let (rounds, least) = (setting("GLEANER_KILL_ROUNDS", 2), setting("GLEANER_KILL_ANSWERS", 300));
    let market = Market::now(600, None).await;
    let home = market.home(&db);
    let log = Log::default();
    for round in 0..rounds {
        let mut server = home.serve(&[]).await;
        let load = Load::start(&server, &log).await;
        // At a moment that nobody chose, after enough answers.
        let random = usize::try_from(RandomState::new().hash_one(round) % 200).unwrap();
        load.reaches(least + random).await;
        server.kill().await;
        load.end().await;
        compare(&db, &log, round).await;
    }
    println!("{rounds} kills, {} acknowledged answers, all of them kept", log.lock().unwrap().len());
}

async fn compare(db: &Db, log: &Log, round: usize) {
    let rows = db
        .seen(
            "SELECT h.id, h.search_type, CAST(o.hits AS TEXT), CAST(o.misses AS TEXT), \
             CAST(h.results_count AS TEXT) FROM search_history h \
             LEFT JOIN gleaner_search_outcome o ON o.history_id = h.id",
        )
        .await;
    let kept: HashMap<String, &[String]> = rows.iter().map(|row| (row[0].clone(), &row[1..])).collect();
    assert_eq!(kept.len(), rows.len(), "no row is there twice");
    for (id, told) in log.lock().unwrap().iter() {
        let row = kept.get(id).unwrap_or_else(|| panic!("round {round}: {id} {told:?} is lost"));
        let expected =
            [told.kind.to_owned(), told.hits.to_string(), told.misses.to_string(), told.results.to_string()];
        assert_eq!(**row, expected, "round {round}: {id}");
    }
    // Hits are written with their history: whatever was committed besides what was acknowledged, they agree.
    let hits = |kind: &str| {
        format!(
            "search_history h JOIN gleaner_search_outcome o ON o.history_id = h.id WHERE h.search_type = '{kind}'"
        )
    };
    let of_discovery = db.number("SUM(o.hits)", &hits("discovery")).await;
    assert_eq!(db.number("SUM(hit_count)", "product_discovery_cache").await, of_discovery, "round {round}");
    let of_scoring = db.number("SUM(o.hits)", &hits("scoring")).await;
    let counted = db.number("SUM(hit_count)", "product_scoring_cache").await;
    // A product without an ROI has no row to count on.
    assert!(counted <= of_scoring, "round {round}: {counted} of {of_scoring}");
}
