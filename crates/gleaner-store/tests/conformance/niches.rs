//! Niches: a change is written only over the version it began from, and a run comes with what it saw.

use gleaner_store::{NicheFindRow, NicheRow, NicheRunRow};

use crate::support::{Db, at};

conformance!(
    a_niche_is_changed_only_from_its_newest_version,
    niches_are_kept_all_or_none,
    a_run_comes_with_what_it_saw,
    a_niche_goes_with_its_runs,
);

fn niche(id: &str, name: &str, version: i64) -> NicheRow {
    NicheRow {
        id: id.to_owned(),
        name: name.to_owned(),
        note: Some("Notiz: größer".to_owned()),
        strategy: "textbook".to_owned(),
        filters: r#"{"category":"Books"}"#.to_owned(),
        cost: None,
        archived: 0,
        version,
        created_at: at(0),
        updated_at: at(version),
    }
}

fn run(id: &str, niche_id: &str, outcome: &str) -> NicheRunRow {
    NicheRunRow {
        id: id.to_owned(),
        niche_id: niche_id.to_owned(),
        niche_version: 1,
        at: at(1),
        milliseconds: 40,
        source: "manual".to_owned(),
        outcome: outcome.to_owned(),
        error: (outcome == "failed").then(|| "tokens_short".to_owned()),
        found: 2,
        scored: 2,
        verdicts: r#"{"BUY":1}"#.to_owned(),
        buys: 1,
        median_roi: Some(31.25),
        tokens_charged: 13,
        tokens_saved: 0,
    }
}

fn find(asin: &str, verdict: Option<&str>) -> NicheFindRow {
    NicheFindRow {
        asin: asin.to_owned(),
        title: Some("A title".to_owned()),
        price: Some(1499),
        bsr: None,
        verdict: verdict.map(str::to_owned),
        roi_percent: verdict.map(|_| 31.25),
        max_cost: None,
    }
}

async fn a_niche_is_changed_only_from_its_newest_version(db: Db) {
    let store = db.open().await;
    store.add_niches(&[niche("a", "Books", 1)]).await.unwrap();
    assert_eq!(store.niche("a").await.unwrap(), Some(niche("a", "Books", 1)));
    assert!(store.replace_niche(&niche("a", "Other books", 2)).await.unwrap());
    assert!(!store.replace_niche(&niche("a", "From the old version", 2)).await.unwrap());
    assert!(!store.replace_niche(&niche("a", "From a version to come", 9)).await.unwrap());
    assert!(!store.replace_niche(&niche("b", "Never made", 2)).await.unwrap());
    assert_eq!(store.niches().await.unwrap(), [niche("a", "Other books", 2)]);
}

async fn niches_are_kept_all_or_none(db: Db) {
    let store = db.open().await;
    store.add_niches(&[niche("a", "zebra", 1)]).await.unwrap();
    assert!(store.add_niches(&[niche("b", "Apple", 1), niche("a", "twice", 1)]).await.is_err());
    assert_eq!(store.niches().await.unwrap().len(), 1);
    store.add_niches(&[niche("c", "Apple", 1)]).await.unwrap();
    let names: Vec<String> = store.niches().await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["zebra", "Apple"], "the oldest first");
}

async fn a_run_comes_with_what_it_saw(db: Db) {
    let store = db.open().await;
    store.add_niches(&[niche("a", "Books", 1), niche("b", "Toys", 1)]).await.unwrap();
    let many: Vec<_> = (0..150).map(|n| find(&format!("B{n:09}"), Some("SKIP"))).collect();
    assert!(store.add_niche_run(&run("1", "a", "done"), &many).await.unwrap());
    let seen =
        [find("B000000001", Some("BUY")), find("B000000900", Some("STRONG_BUY")), find("B000000901", None)];
    assert!(store.add_niche_run(&run("2", "a", "done"), &seen).await.unwrap());
    assert!(store.add_niche_run(&run("3", "a", "failed"), &[]).await.unwrap());
    assert!(store.add_niche_run(&run("4", "b", "done"), &seen[..1]).await.unwrap());
    assert_eq!(store.niche_finds("1").await.unwrap(), many);
    assert_eq!(store.niche_finds("2").await.unwrap(), seen);
    let ids = |rows: Vec<NicheRunRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(store.niche_runs("a", None, 2).await.unwrap()), ["3", "2"]);
    assert_eq!(ids(store.niche_runs("a", Some("failed"), 10).await.unwrap()), ["2", "1"]);
    assert_eq!(store.niche_run("a", "2").await.unwrap(), Some(run("2", "a", "done")));
    assert_eq!(store.niche_run("b", "2").await.unwrap(), None);
    let mut last = ids(store.niche_last_runs().await.unwrap());
    last.sort();
    assert_eq!(last, ["3", "4"]);
    assert_eq!(store.niche_products_with("a", ["BUY", "STRONG_BUY"]).await.unwrap(), 2);
}

async fn a_niche_goes_with_its_runs(db: Db) {
    let store = db.open().await;
    store.add_niches(&[niche("a", "Books", 1), niche("b", "Toys", 1)]).await.unwrap();
    for (id, niche) in [("1", "a"), ("2", "b")] {
        store.add_niche_run(&run(id, niche, "done"), &[find("B000000001", Some("BUY"))]).await.unwrap();
    }
    assert!(store.remove_niche("a").await.unwrap());
    assert!(!store.remove_niche("a").await.unwrap());
    assert_eq!((db.count("gleaner_niche_run").await, db.count("gleaner_niche_find").await), (1, 1));
    // A run that was under way when its niche was removed leaves nothing behind.
    assert!(!store.add_niche_run(&run("3", "a", "done"), &[find("B000000001", None)]).await.unwrap());
    assert_eq!((db.count("gleaner_niche_run").await, db.count("gleaner_niche_find").await), (1, 1));
}
