//! Figures to look at (`--nocapture`), asserted nowhere: how fast a group of answers is recorded.

use std::time::Instant;

use gleaner_store::Write;
use uuid::Uuid;

use crate::support::{Db, discovery, discovery_hit, history, outcome};

conformance!(group_commits_per_second);

async fn group_commits_per_second(db: Db) {
    const GROUPS: u32 = 100;
    let store = db.open().await;
    let keys: Vec<String> = (0..64).map(|n| format!("discovery:1:{n}:10000-50000")).collect();
    let puts: Vec<Write> = keys.iter().map(|key| Write::PutDiscovery(discovery(key, 0))).collect();
    store.commit(&puts).await.unwrap();
    let group = |outcomes: bool| {
        let mut writes: Vec<Write> = keys.iter().map(|key| discovery_hit(key)).collect();
        for _ in &keys {
            let id = Uuid::now_v7();
            writes.push(Write::History(history(id, 0)));
            if outcomes {
                writes.push(Write::Outcome(outcome(id)));
            }
        }
        writes
    };
    for outcomes in [false, true] {
        let groups: Vec<Vec<Write>> = (0..GROUPS).map(|_| group(outcomes)).collect();
        let began = Instant::now();
        let mut slowest = std::time::Duration::ZERO;
        for writes in &groups {
            let one = Instant::now();
            store.commit(writes).await.unwrap();
            slowest = slowest.max(one.elapsed());
        }
        let each = began.elapsed() / GROUPS;
        println!(
            "{}: a group of 64 hits + 64 history rows{}: {:.2} ms, {:.0} groups/s, {:.0} answers/s, slowest {:.1} ms",
            db.engine.name(),
            if outcomes { " + 64 outcomes" } else { "" },
            each.as_secs_f64() * 1e3,
            1.0 / each.as_secs_f64(),
            64.0 / each.as_secs_f64(),
            slowest.as_secs_f64() * 1e3,
        );
    }
    let began = Instant::now();
    for n in 0..2_000 {
        assert!(store.discovery(&keys[n % 64]).await.unwrap().is_some());
    }
    println!(
        "{}: a discovery is read in {:.0} us",
        db.engine.name(),
        began.elapsed().as_secs_f64() * 1e6 / 2_000.0
    );
}
