//! Purging and clearing take what they should and nothing else; statistics tell the truth.

use gleaner_store::{Caches, Purged, Write};
use uuid::Uuid;

use crate::support::{Db, HOUR, at, discovery, discovery_hit, history, product, score, score_hit};

conformance!(
    purging_removes_what_expired_in_batches_and_keeps_what_lives,
    purging_beside_refreshing_keeps_every_fresh_row,
    clearing_empties_one_cache_or_both_and_nothing_else,
    statistics_count_entries_hits_and_ages,
);

async fn purging_removes_what_expired_in_batches_and_keeps_what_lives(db: Db) {
    let store = db.open().await;
    // Scores live 6 hours: the 120 of the first two hours are expired at 8:00, the other 60 live.
    let mut writes: Vec<Write> = (0..180).map(|n| Write::PutScore(score(&format!("s{n}"), n))).collect();
    writes.push(Write::PutDiscovery(discovery("dead", -24 * HOUR)));
    writes.push(Write::PutDiscovery(discovery("live", 0)));
    writes.push(Write::History(history(Uuid::now_v7(), -9_999)));
    writes.push(Write::PutProduct(product("B000000001", -9_999)));
    store.commit(&writes).await.unwrap();
    let purged = store.purge_expired(at(8 * HOUR - 1), 7).await.unwrap();
    assert_eq!(purged, Purged { discovery: 1, scoring: 120 });
    assert_eq!(db.count("product_scoring_cache").await, 60);
    assert_eq!(db.count("gleaner_score_detail").await, 60);
    assert_eq!(db.count("gleaner_discovery_detail").await, 1);
    assert!(store.discovery("live").await.unwrap().is_some());
    assert!(store.discovery("dead").await.unwrap().is_none());
    assert!(store.scores(&["s119".to_owned()]).await.unwrap().is_empty());
    assert_eq!(store.scores(&["s120".to_owned()]).await.unwrap().len(), 1);
    assert_eq!(db.count("search_history").await + db.count("gleaner_product").await, 2);
    assert_eq!(store.purge_expired(at(8 * HOUR - 1), 7).await.unwrap(), Purged::default());
}

async fn purging_beside_refreshing_keeps_every_fresh_row(db: Db) {
    let store = db.open().await;
    let old: Vec<Write> = (0..200).map(|n| Write::PutScore(score(&format!("s{n:03}"), -24 * HOUR))).collect();
    store.commit(&old).await.unwrap();
    let refresh = {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..200 {
                let put = Write::PutScore(score(&format!("s{n:03}"), 0));
                store.commit(&[put, score_hit(&format!("s{n:03}"))]).await.unwrap();
            }
        })
    };
    for _ in 0..20 {
        store.purge_expired(at(0), 10).await.unwrap();
    }
    refresh.await.unwrap();
    let keys: Vec<String> = (0..200).map(|n| format!("s{n:03}")).collect();
    let rows = store.scores(&keys).await.unwrap();
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().all(|row| row.hit_count == 1 && row.detail.is_some()));
}

async fn clearing_empties_one_cache_or_both_and_nothing_else(db: Db) {
    let store = db.open().await;
    let writes = [
        Write::PutDiscovery(discovery("d", 0)),
        Write::PutScore(score("s", 0)),
        Write::PutScore(score("t", 0)),
        Write::History(history(Uuid::now_v7(), 0)),
        Write::PutProduct(product("B000000001", 0)),
    ];
    store.commit(&writes).await.unwrap();
    assert_eq!(store.clear_caches(Caches::Scoring).await.unwrap(), Purged { discovery: 0, scoring: 2 });
    assert!(store.discovery("d").await.unwrap().unwrap().detail.is_some());
    store.commit(&writes).await.unwrap();
    assert_eq!(store.clear_caches(Caches::Discovery).await.unwrap(), Purged { discovery: 1, scoring: 0 });
    store.commit(&writes).await.unwrap();
    assert_eq!(store.clear_caches(Caches::All).await.unwrap(), Purged { discovery: 1, scoring: 2 });
    for table in ["gleaner_discovery_detail", "gleaner_score_detail", "product_scoring_cache"] {
        assert_eq!(db.count(table).await, 0, "{table}");
    }
    assert_eq!(db.count("search_history").await + db.count("gleaner_product").await, 2);
}

async fn statistics_count_entries_hits_and_ages(db: Db) {
    let store = db.open().await;
    let empty = store.cache_stats(at(0)).await.unwrap();
    assert_eq!(
        (empty.discovery.entries, empty.discovery.average_reuse, empty.scoring.oldest),
        (0, None, None)
    );
    let mut writes: Vec<Write> =
        [0, HOUR, 2 * HOUR, 3 * HOUR].map(|n| Write::PutScore(score(&format!("s{n}"), n))).into();
    writes.push(Write::PutDiscovery(discovery("d", 0)));
    writes.extend([score_hit("s0"), score_hit("s60"), score_hit("s0"), discovery_hit("d")]);
    store.commit(&writes).await.unwrap();
    db.by_hand("UPDATE product_scoring_cache SET hit_count = NULL WHERE cache_key = 's120'").await;
    let stats = store.cache_stats(at(7 * HOUR)).await.unwrap();
    let scoring = &stats.scoring;
    assert_eq!((scoring.entries, scoring.live, scoring.expired, scoring.hits), (4, 2, 2, 3));
    assert_eq!(scoring.average_reuse, Some(0.75));
    assert_eq!((scoring.oldest, scoring.newest), (Some(at(0)), Some(at(3 * HOUR))));
    assert!(scoring.size_bytes.unwrap() > 4_096, "{scoring:?}");
    assert_eq!((stats.discovery.entries, stats.discovery.hits), (1, 1));
}
