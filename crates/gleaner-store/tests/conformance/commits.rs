//! Nothing lost, nothing doubled, all or nothing.

use gleaner_store::{Engine, Store, Write};
use uuid::Uuid;

use crate::support::{Db, discovery, discovery_hit, history, ledger, outcome, product, score, score_hit};

conformance!(
    a_hundred_tasks_on_ten_keys_lose_no_hit,
    two_programs_on_the_same_keys_lose_no_hit,
    a_null_hit_count_counts_as_zero,
    a_hit_on_a_row_that_is_gone_is_passed_over,
    hits_on_one_key_are_added_up,
    a_failing_write_leaves_nothing_of_its_commit,
    an_abandoned_commit_is_finished_and_harms_nobody,
    a_thousand_writes_are_one_commit,
    the_same_history_row_twice_is_recorded_once,
    what_was_acknowledged_is_in_a_copy_of_the_files,
);

async fn hit_counts(store: &Store, keys: usize) -> Vec<i64> {
    let mut counts = Vec::new();
    for n in 0..keys {
        counts.push(store.discovery(&format!("d{n}")).await.unwrap().unwrap().hit_count);
    }
    counts
}

async fn fill(store: &Store, keys: usize) {
    let puts: Vec<Write> = (0..keys)
        .flat_map(|n| {
            [Write::PutDiscovery(discovery(&format!("d{n}"), 0)), Write::PutScore(score(&format!("s{n}"), 0))]
        })
        .collect();
    store.commit(&puts).await.unwrap();
}

async fn a_hundred_tasks_on_ten_keys_lose_no_hit(db: Db) {
    let store = db.open().await;
    fill(&store, 10).await;
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let id = Uuid::now_v7();
                let (one, other) = (n % 10, (n * 7 + 3) % 10);
                let writes = [
                    discovery_hit(&format!("d{one}")),
                    score_hit(&format!("s{other}")),
                    score_hit(&format!("s{one}")),
                    Write::History(history(id, n)),
                    Write::Outcome(outcome(id)),
                ];
                store.commit(&writes).await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(hit_counts(&store, 10).await, [10; 10]);
    let keys: Vec<String> = (0..10).map(|n| format!("s{n}")).collect();
    let scores: i64 = store.scores(&keys).await.unwrap().iter().map(|row| row.hit_count).sum();
    assert_eq!(scores, 200);
    assert_eq!(db.count("search_history").await, 100);
    assert_eq!(db.count("gleaner_search_outcome").await, 100);
}

/// Each program writes its keys in an order of its own, refreshing rows in between: this deadlocks where locks are
/// taken as they come.
async fn two_programs_on_the_same_keys_lose_no_hit(db: Db) {
    fill(&db.open().await, 20).await;
    let programs: Vec<_> = (0..4)
        .map(|program| {
            let options = db.options();
            tokio::spawn(async move {
                let store = Store::connect(&options).await.unwrap();
                for round in 0..25 {
                    let mut writes: Vec<Write> = (0..20)
                        .map(|n| {
                            let n = if program % 2 == 0 { n } else { 19 - n };
                            discovery_hit(&format!("d{}", (n + round) % 20))
                        })
                        .collect();
                    writes.insert(
                        7,
                        Write::PutScore(score(&format!("s{}", (round * program) % 20), round.into())),
                    );
                    writes.push(score_hit(&format!("s{}", round % 20)));
                    store.commit(&writes).await.unwrap();
                }
            })
        })
        .collect();
    for program in programs {
        program.await.unwrap();
    }
    assert_eq!(hit_counts(&db.connect().await, 20).await, [100; 20]);
}

async fn a_null_hit_count_counts_as_zero(db: Db) {
    let store = db.open().await;
    fill(&store, 1).await;
    db.by_hand("UPDATE product_discovery_cache SET hit_count = NULL; UPDATE product_scoring_cache SET hit_count = NULL;").await;
    assert_eq!(hit_counts(&store, 1).await, [0]);
    store.commit(&[discovery_hit("d0"), score_hit("s0")]).await.unwrap();
    assert_eq!(hit_counts(&store, 1).await, [1]);
    assert_eq!(store.scores(&["s0".to_owned()]).await.unwrap()[0].hit_count, 1);
}

async fn a_hit_on_a_row_that_is_gone_is_passed_over(db: Db) {
    let store = db.open().await;
    fill(&store, 1).await;
    store.commit(&[discovery_hit("gone"), discovery_hit("d0"), score_hit("gone")]).await.unwrap();
    assert_eq!(hit_counts(&store, 1).await, [1]);
    assert_eq!(db.count("product_discovery_cache").await, 1);
}

async fn hits_on_one_key_are_added_up(db: Db) {
    let store = db.open().await;
    fill(&store, 1).await;
    let mut writes = vec![discovery_hit("d0"); 64];
    writes.push(Write::DiscoveryHit { key: "d0".to_owned(), by: 36 });
    store.commit(&writes).await.unwrap();
    assert_eq!(hit_counts(&store, 1).await, [100]);
}

async fn a_failing_write_leaves_nothing_of_its_commit(db: Db) {
    let store = db.open().await;
    fill(&store, 1).await;
    // The ledger comes last: by then the rest was sent.
    db.by_hand("DROP TABLE gleaner_token_ledger").await;
    let id = Uuid::now_v7();
    let writes = [
        discovery_hit("d0"),
        Write::PutScore(score("new", 0)),
        Write::PutProduct(product("B000000001", 0)),
        Write::History(history(id, 0)),
        Write::Outcome(outcome(id)),
        Write::Ledger(ledger("scoring", 0, Some(1), None)),
    ];
    for _ in 0..3 {
        assert_eq!(store.commit(&writes).await.unwrap_err().code(), "database_not_migrated");
    }
    assert_eq!(hit_counts(&store, 1).await, [0]);
    for table in ["search_history", "gleaner_search_outcome", "gleaner_product"] {
        assert_eq!(db.count(table).await, 0, "{table}");
    }
    assert_eq!(db.count("product_scoring_cache").await, 1);
    // The next one works.
    store.commit(&writes[..5]).await.unwrap();
    assert_eq!(hit_counts(&store, 1).await, [1]);
}

async fn an_abandoned_commit_is_finished_and_harms_nobody(db: Db) {
    let store = db.open().await;
    fill(&store, 1).await;
    for round in 0..50 {
        let one = [discovery_hit("d0")];
        let commit = store.commit(&one);
        let _ = tokio::time::timeout(std::time::Duration::from_micros(round * 20), commit).await;
    }
    store.commit(&[discovery_hit("d0")]).await.unwrap();
    // A commit that was dropped before it was first polled never began; every other one counts once or not at all.
    let hits = hit_counts(&store, 1).await[0];
    assert!((1..=51).contains(&hits), "{hits}");
    store.commit(&[discovery_hit("d0")]).await.unwrap();
    assert!(hit_counts(&store, 1).await[0] > hits);
}

async fn a_thousand_writes_are_one_commit(db: Db) {
    let store = db.open().await;
    let mut writes = Vec::new();
    for n in 0..250 {
        let id = Uuid::now_v7();
        writes.push(Write::PutDiscovery(discovery(&format!("d{n}"), n)));
        writes.push(discovery_hit(&format!("d{n}")));
        writes.push(Write::History(history(id, n)));
        writes.push(Write::Outcome(outcome(id)));
    }
    assert_eq!(writes.len(), 1_000);
    store.commit(&writes).await.unwrap();
    assert_eq!(hit_counts(&store, 250).await, [1; 250]);
    assert_eq!(db.count("search_history").await, 250);
    assert_eq!(db.count("gleaner_search_outcome").await, 250);
    store.commit(&[]).await.unwrap();
}

async fn the_same_history_row_twice_is_recorded_once(db: Db) {
    let store = db.open().await;
    let id = Uuid::now_v7();
    let writes = [Write::History(history(id, 0)), Write::Outcome(outcome(id))];
    store.commit(&writes).await.unwrap();
    store.commit(&[writes.clone(), writes].concat()).await.unwrap();
    assert_eq!(db.count("search_history").await, 1);
}

async fn what_was_acknowledged_is_in_a_copy_of_the_files(db: Db) {
    let store = db.open().await;
    fill(&store, 3).await;
    for n in 0..40 {
        store.commit(&[discovery_hit("d1"), Write::History(history(Uuid::now_v7(), n))]).await.unwrap();
    }
    let reopened = match db.engine {
        // As a crash would leave it: the log not yet moved into the file, the program still running.
        Engine::Sqlite => {
            let copy = tempfile::tempdir().unwrap();
            for file in ["gleaner.db", "gleaner.db-wal"] {
                std::fs::copy(db.database.folder().unwrap().join(file), copy.path().join(file)).unwrap();
            }
            let url = format!("sqlite:{}", copy.path().join("gleaner.db").display());
            let options = gleaner_store::ConnectOptions { url, create: false, ..db.options() };
            let store = Store::connect(&options).await.unwrap();
            assert_eq!(hit_counts(&store, 3).await, [0, 40, 0]);
            store.close().await;
            drop(copy);
            db.connect().await
        }
        Engine::Postgres => db.connect().await,
    };
    assert_eq!(hit_counts(&reopened, 3).await, [0, 40, 0]);
    assert_eq!(reopened.history_recent(100).await.unwrap().len(), 40);
}
