//! Nothing computed under old rules is kept, whichever process was just computing it.

use std::collections::BTreeSet;
use std::time::Duration;

use gleaner_store::{Caches, Engine, Group, Store, Write};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Db, at, discovery, discovery_hit, history, ledger, product, score, score_hit};

conformance!(
    a_new_database_begins_at_generation_zero_and_a_bump_counts_one,
    an_answer_of_an_old_generation_is_left_out_while_its_neighbours_are_kept,
    a_bump_counts_for_the_answers_after_it,
    a_bump_that_is_out_of_date_itself_is_left_out,
    clearing_caches_makes_older_answers_stale,
    an_invalid_value_leaves_nothing_of_any_group,
    no_answer_is_kept_across_a_bump_while_fifty_commit,
    a_bump_gets_its_turn_among_many_commits,
    hits_go_on_when_a_score_is_replaced_within_its_life,
    many_products_come_back_byte_by_byte,
    a_listener_hears_of_a_bump_by_another_process,
);

fn group(generation: Option<i64>, writes: impl Into<Vec<Write>>) -> Group {
    Group { generation, writes: writes.into() }
}

fn bump() -> Group {
    group(None, [Write::BumpGeneration])
}

async fn a_new_database_begins_at_generation_zero_and_a_bump_counts_one(db: Db) {
    let (store, other) = (db.open().await, db.connect().await);
    assert_eq!(store.generation().await.unwrap(), 0);
    store.commit(&[Write::BumpGeneration]).await.unwrap();
    assert_eq!(other.generation().await.unwrap(), 1);
    assert_eq!(other.commit_groups(&[bump(), bump()]).await.unwrap(), [true, true]);
    assert_eq!(store.generation().await.unwrap(), 3);
    assert_eq!(store.commit_groups(&[]).await.unwrap(), [true; 0]);
    // Should somebody have emptied the table, counting begins again instead of failing for ever.
    db.by_hand("DELETE FROM gleaner_generation").await;
    store.commit(&[Write::BumpGeneration]).await.unwrap();
    assert_eq!(store.generation().await.unwrap(), 1);
}

async fn an_answer_of_an_old_generation_is_left_out_while_its_neighbours_are_kept(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::BumpGeneration, Write::PutDiscovery(discovery("d", 0))]).await.unwrap();
    let old = Uuid::now_v7();
    let groups = [
        group(Some(1), [Write::PutScore(score("new", 0)), discovery_hit("d")]),
        group(
            Some(0),
            [Write::PutScore(score("old", 0)), discovery_hit("d"), Write::History(history(old, 0))],
        ),
        group(None, [Write::PutProduct(product("B000000001", 0)), discovery_hit("d")]),
        group(Some(7), [Write::PutScore(score("future", 0))]),
        group(Some(1), []),
    ];
    assert_eq!(store.commit_groups(&groups).await.unwrap(), [true, false, true, false, true]);
    assert_eq!(db.column("SELECT cache_key FROM product_scoring_cache").await, ["new"]);
    assert_eq!(db.count("gleaner_score_detail").await, 1);
    assert_eq!(db.count("search_history").await, 0);
    assert_eq!(db.count("gleaner_product").await, 1);
    assert_eq!(store.discovery("d").await.unwrap().unwrap().hit_count, 2);
    assert_eq!(store.generation().await.unwrap(), 1);
    // All of them out of date: nothing is written, nothing fails.
    assert_eq!(store.commit_groups(&groups[1..2]).await.unwrap(), [false]);
    assert_eq!(db.count("search_history").await, 0);
}

async fn a_bump_counts_for_the_answers_after_it(db: Db) {
    let store = db.open().await;
    let put = |key: &str| Write::PutScore(score(key, 0));
    let groups = [
        group(Some(0), [put("before")]),
        group(Some(0), [put("with"), Write::BumpGeneration]),
        group(Some(0), [put("after")]),
        group(Some(1), [put("read after")]),
    ];
    assert_eq!(store.commit_groups(&groups).await.unwrap(), [true, true, false, true]);
    let kept = db.column("SELECT cache_key FROM product_scoring_cache ORDER BY cache_key").await;
    assert_eq!(kept, ["before", "read after", "with"]);
    assert_eq!(store.generation().await.unwrap(), 1);
}

async fn a_bump_that_is_out_of_date_itself_is_left_out(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::BumpGeneration]).await.unwrap();
    let groups = [group(Some(0), [Write::BumpGeneration]), group(Some(1), [Write::PutScore(score("s", 0))])];
    assert_eq!(store.commit_groups(&groups).await.unwrap(), [false, true]);
    assert_eq!(store.generation().await.unwrap(), 1);
}

async fn clearing_caches_makes_older_answers_stale(db: Db) {
    let (store, other) = (db.open().await, db.connect().await);
    for (round, which) in [Caches::Discovery, Caches::Scoring, Caches::All].into_iter().enumerate() {
        let read = store.generation().await.unwrap();
        assert_eq!(read, i64::try_from(round).unwrap());
        other.clear_caches(which).await.unwrap();
        let groups = [group(Some(read), [Write::PutDiscovery(discovery("d", 0))])];
        assert_eq!(store.commit_groups(&groups).await.unwrap(), [false]);
        assert!(store.discovery("d").await.unwrap().is_none());
    }
}

async fn an_invalid_value_leaves_nothing_of_any_group(db: Db) {
    let store = db.open().await;
    store.commit(&[Write::BumpGeneration]).await.unwrap();
    let bad = Write::PutScore(score(&"k".repeat(256), 0));
    let groups =
        [group(Some(1), [Write::PutScore(score("s", 0)), Write::BumpGeneration]), group(None, [bad])];
    let error = store.commit_groups(&groups).await.unwrap_err();
    assert_eq!(error.code(), "database_value_invalid");
    assert_eq!(db.count("product_scoring_cache").await, 0);
    assert_eq!(store.generation().await.unwrap(), 1);
}

/// Every commit says under which generation it was computed, every bump leaves a mark. Read back in the order in which
/// they were written, each answer must lie between the right two marks.
async fn no_answer_is_kept_across_a_bump_while_fifty_commit(db: Db) {
    let stores = [db.open().await, db.connect().await];
    if db.engine == Engine::Postgres {
        db.by_hand("ALTER TABLE search_history ADD COLUMN place BIGSERIAL").await;
    }
    let committers: Vec<_> = (0..50)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                let mut kept = Vec::new();
                for _ in 0..6 {
                    let generation = store.generation().await.unwrap();
                    let id = Uuid::now_v7();
                    let mut put = history(id, 0);
                    put.filters = json!({ "generation": generation });
                    let writes = [score_hit("s"), Write::History(put)];
                    let written = store.commit_groups(&[group(Some(generation), writes)]).await.unwrap();
                    if written == [true] {
                        kept.push(id.to_string());
                    }
                }
                kept
            })
        })
        .collect();
    for n in 1..=5 {
        tokio::time::sleep(Duration::from_millis(15)).await;
        let mut mark = history(Uuid::now_v7(), 0);
        mark.filters = json!({ "bump": n });
        let store: &Store = &stores[n % 2];
        store.commit(&[Write::BumpGeneration, Write::History(mark)]).await.unwrap();
    }
    let mut acknowledged = BTreeSet::new();
    for committer in committers {
        acknowledged.extend(committer.await.unwrap());
    }
    let order = if db.engine == Engine::Postgres { "place" } else { "rowid" };
    let rows =
        db.seen(&format!("SELECT id, CAST(filters AS TEXT) FROM search_history ORDER BY {order}")).await;
    let mut present = BTreeSet::new();
    let mut generation = 0;
    for row in rows {
        let filters: serde_json::Value = serde_json::from_str(row[1].as_ref().unwrap()).unwrap();
        if let Some(bump) = filters["bump"].as_i64() {
            generation += 1;
            assert_eq!(bump, generation);
        } else {
            assert_eq!(filters["generation"].as_i64(), Some(generation));
            present.insert(row[0].clone().unwrap());
        }
    }
    assert_eq!(generation, 5);
    assert!(!acknowledged.is_empty());
    assert_eq!(present, acknowledged);
}

/// Commits that overlap without a gap share the generation's lock all the time; the bump must not wait for a gap.
async fn a_bump_gets_its_turn_among_many_commits(db: Db) {
    let store = db.open().await;
    let committers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    let generation = store.generation().await.unwrap();
                    if generation == 20 {
                        break;
                    }
                    let writes = vec![Write::Ledger(ledger("scoring", 0, None, None)); 20];
                    store.commit_groups(&[group(Some(generation), writes)]).await.unwrap();
                }
            })
        })
        .collect();
    let other = db.connect().await;
    for _ in 0..20 {
        let bumped = tokio::time::timeout(Duration::from_secs(30), other.commit(&[Write::BumpGeneration]));
        bumped.await.expect("the bump gets its turn").unwrap();
    }
    for committer in committers {
        committer.await.unwrap();
    }
}

async fn hits_go_on_when_a_score_is_replaced_within_its_life(db: Db) {
    let store = db.open().await;
    let hits = async |expected: i64| {
        assert_eq!(store.scores(&["s".to_owned()]).await.unwrap()[0].hit_count, expected);
    };
    let first = score("s", 0);
    let mut again = score("s", 5);
    again.expires_at = first.expires_at;
    store.commit(&[Write::PutScore(first), score_hit("s"), score_hit("s")]).await.unwrap();
    hits(2).await;
    store.commit(&[score_hit("s"), Write::PutScore(again.clone()), score_hit("s")]).await.unwrap();
    hits(4).await;
    let writes = [Write::PutScore(again.clone()), score_hit("s"), Write::PutScore(again)];
    store.commit(&writes).await.unwrap();
    hits(5).await;
    // Other facts, another life.
    store.commit(&[score_hit("s"), Write::PutScore(score("s", 10))]).await.unwrap();
    hits(0).await;
}

/// Many facts are compressed elsewhere than few.
async fn many_products_come_back_byte_by_byte(db: Db) {
    let store = db.open().await;
    let puts: Vec<_> = (0..100)
        .map(|n| {
            let mut put = product(&format!("B{n:09}"), n);
            put.json = (0..2_000).flat_map(|k| (k * n).to_string().into_bytes()).collect();
            put
        })
        .collect();
    let writes: Vec<_> = puts.iter().cloned().map(Write::PutProduct).collect();
    let groups = [group(Some(0), &writes[..50]), group(None, &writes[50..])];
    assert_eq!(store.commit_groups(&groups).await.unwrap(), [true, true]);
    let asins: Vec<_> = puts.iter().map(|put| put.asin.clone()).collect();
    let mut rows = store.products(1, &asins).await.unwrap();
    rows.sort_by(|a, b| a.asin.cmp(&b.asin));
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().zip(&puts).all(|(row, put)| row.asin == put.asin && row.json == put.json));
    assert_eq!(rows[99].fetched_at, at(99));
}

async fn a_listener_hears_of_a_bump_by_another_process(db: Db) {
    let (store, other) = (db.open().await, db.connect().await);
    let Some(mut listener) = store.listen_generation().await.unwrap() else {
        let pooler = std::env::var_os("GLEANER_TEST_POOLER").is_some();
        assert!(db.engine == Engine::Sqlite || pooler);
        return;
    };
    assert_eq!(db.engine, Engine::Postgres);
    let soon = Duration::from_secs(20);
    other.commit(&[Write::BumpGeneration]).await.unwrap();
    tokio::time::timeout(soon, listener.changed()).await.unwrap().unwrap();
    // What another listener does to see whether it can hear is no news, and a bump that was undone is none either.
    let mut second = other.listen_generation().await.unwrap().unwrap();
    db.by_hand("DROP TABLE gleaner_token_ledger").await;
    let failing = [Write::BumpGeneration, Write::Ledger(ledger("scoring", 0, None, None))];
    other.commit(&failing).await.unwrap_err();
    assert!(tokio::time::timeout(Duration::from_millis(200), listener.changed()).await.is_err());
    other.clear_caches(Caches::All).await.unwrap();
    tokio::time::timeout(soon, listener.changed()).await.unwrap().unwrap();
    tokio::time::timeout(soon, second.changed()).await.unwrap().unwrap();
    // A lost connection may have missed a bump: it counts as one, and the next is heard again.
    db.by_hand(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    let reconnected = async { while listener.changed().await.is_err() {} };
    tokio::time::timeout(soon, reconnected).await.unwrap();
    other.commit(&[Write::BumpGeneration]).await.unwrap();
    tokio::time::timeout(soon, listener.changed()).await.unwrap().unwrap();
}
