//! The ledger adds up, the history tells what happened, and a database knows who filled it.

use gleaner_store::{LedgerPlace, SavedPut, Store, StoreError, Write};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Db, HOUR, at, history, ledger, outcome};

conformance!(
    the_ledger_adds_up_per_day_and_purpose,
    a_reservation_is_settled_under_its_id,
    what_the_cache_saves_adds_up_in_one_row_per_hour_and_purpose,
    savings_of_many_processes_at_once_are_all_counted,
    the_ledger_is_read_page_by_page_without_a_gap_or_a_repetition,
    history_comes_back_newest_first_with_its_outcome,
    the_first_upstream_wins_whoever_asks_at_once,
);

async fn the_ledger_adds_up_per_day_and_purpose(db: Db) {
    let store = db.open().await;
    assert_eq!(store.last_balance().await.unwrap(), None);
    let day = 24 * HOUR;
    let entries = [
        ledger("discovery", 23 * HOUR + 59, Some(11), Some(289)),
        ledger("scoring", day, Some(2), Some(287)),
        ledger("scoring", day + 1, Some(3), Some(284)),
        ledger("scoring", day + 2, None, None),
        ledger("discovery", day + 3, Some(11), Some(273)),
    ];
    store.commit(&entries.clone().map(Write::Ledger)).await.unwrap();
    let summary = store.ledger_summary(at(0)).await.unwrap();
    let lines: Vec<_> = summary
        .iter()
        .map(|line| {
            let day = line.day.to_string();
            (
                day,
                line.purpose.clone(),
                line.calls,
                line.spent,
                line.unsettled,
                line.saved,
                line.products_bought,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("2026-01-06".to_owned(), "discovery".to_owned(), 1, 11, 0, 1, 2),
            ("2026-01-06".to_owned(), "scoring".to_owned(), 3, 5, 1, 3, 6),
            ("2026-01-05".to_owned(), "discovery".to_owned(), 1, 11, 0, 1, 2),
        ]
    );
    assert_eq!(store.ledger_summary(at(day + 3)).await.unwrap().len(), 1);
    assert_eq!(store.last_balance().await.unwrap(), Some((273, at(day + 3))));
    let recent = store.ledger_page(None, None, 2).await.unwrap();
    assert_eq!(
        recent.iter().map(|row| row.id.clone()).collect::<Vec<_>>(),
        [entries[4].id, entries[3].id].map(|id| id.to_string())
    );
    assert_eq!((recent[1].charged, recent[1].balance_after), (None, None));
}

async fn a_reservation_is_settled_under_its_id(db: Db) {
    let store = db.open().await;
    let mut entry = ledger("scoring", 0, None, None);
    store.commit(&[Write::Ledger(entry.clone())]).await.unwrap();
    (entry.charged, entry.balance_after, entry.at) = (Some(2), Some(298), at(1));
    store.commit(&[Write::Ledger(entry)]).await.unwrap();
    let rows = store.ledger_page(None, None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].charged, rows[0].balance_after, rows[0].at), (Some(2), Some(298), at(1)));
}

fn saved(purpose: &'static str, minutes: i64, tokens: i64) -> Write {
    Write::Saved(SavedPut { at: at(minutes), purpose, tokens })
}

async fn what_the_cache_saves_adds_up_in_one_row_per_hour_and_purpose(db: Db) {
    let store = db.open().await;
    store.commit(&[saved("discovery", 1, 11), saved("discovery", 59, 11), saved("job", 2, 3)]).await.unwrap();
    store.commit(&[saved("discovery", 30, 12), saved("discovery", HOUR, 11)]).await.unwrap();
    let rows = store.ledger_page(None, None, 10).await.unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row.at, row.purpose.as_str(), row.charged, row.tokens_saved)).collect();
    assert_eq!(
        told,
        [(at(HOUR), "discovery", Some(0), 11), (at(0), "job", Some(0), 3), (at(0), "discovery", Some(0), 34)]
    );
    let summary = store.ledger_summary(at(0)).await.unwrap();
    let calls: Vec<_> = summary.iter().map(|line| (line.purpose.as_str(), line.calls, line.saved)).collect();
    assert_eq!(calls, [("discovery", 0, 45), ("job", 0, 3)], "nobody called Keepa");
    assert_eq!(store.last_balance().await.unwrap(), None);
}

async fn savings_of_many_processes_at_once_are_all_counted(db: Db) {
    let store = db.open().await;
    let others = [db.connect().await, db.connect().await, store.clone()];
    let writing: Vec<_> = (0..30)
        .map(|n| {
            let store = others[n % 3].clone();
            let (one, two) = if n % 2 == 0 { ("discovery", "scoring") } else { ("scoring", "discovery") };
            tokio::spawn(async move { store.commit(&[saved(one, 0, 1), saved(two, 0, 2)]).await })
        })
        .collect();
    for written in writing {
        written.await.unwrap().unwrap();
    }
    let rows = store.ledger_page(None, None, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.tokens_saved).collect::<Vec<_>>(), [45, 45]);
}

async fn the_ledger_is_read_page_by_page_without_a_gap_or_a_repetition(db: Db) {
    let store = db.open().await;
    // Three at a time have the same moment.
    let entries: Vec<_> =
        (0..20).map(|n| ledger(if n % 4 == 0 { "job" } else { "scoring" }, n / 3, Some(1), None)).collect();
    store.commit(&entries.iter().cloned().map(Write::Ledger).collect::<Vec<_>>()).await.unwrap();
    let whole = store.ledger_page(None, None, 100).await.unwrap();
    assert_eq!(whole.len(), 20);
    assert!(whole.windows(2).all(|pair| (pair[0].at, &pair[0].id) > (pair[1].at, &pair[1].id)));
    for purpose in [None, Some("job")] {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = store.ledger_page(purpose, after.as_ref(), 3).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(LedgerPlace { at: last.at, id: last.id.clone() });
            pages.extend(page);
        }
        let wanted: Vec<_> = whole
            .iter()
            .filter(|row| purpose.is_none_or(|purpose| row.purpose == purpose))
            .cloned()
            .collect();
        assert_eq!(pages, wanted);
    }
}

async fn history_comes_back_newest_first_with_its_outcome(db: Db) {
    let store = db.open().await;
    let ids = [Uuid::now_v7(), Uuid::now_v7()];
    let mut failed = outcome(ids[1]);
    failed.error = Some("no tokens".to_owned());
    failed.verdicts = json!({});
    let mut asked = history(ids[1], 5);
    asked.user_id = Some("ann".to_owned());
    let writes = [
        Write::History(history(ids[0], 0)),
        Write::Outcome(outcome(ids[0])),
        Write::History(asked),
        Write::Outcome(failed),
    ];
    store.commit(&writes).await.unwrap();
    db.by_hand("INSERT INTO search_history (id, search_type, filters, results_count, created_at) VALUES ('old', 'scoring', '[1]', 3, '2020-01-01 00:00:00')").await;
    let rows = store.history_recent(10).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].id, ids[1].to_string());
    assert_eq!((rows[0].user_id.as_deref(), rows[0].created_at), (Some("ann"), Some(at(5))));
    assert_eq!(rows[0].outcome.as_ref().unwrap().error.as_deref(), Some("no tokens"));
    let outcome = rows[1].outcome.as_ref().unwrap();
    assert_eq!((outcome.hits, outcome.tokens_saved, &outcome.verdicts), (1, 11, &json!({"BUY": 2})));
    assert_eq!(
        (rows[1].filters.clone(), rows[1].source.as_deref()),
        (json!({"category": "Books"}), Some("api"))
    );
    assert_eq!(
        (rows[2].id.as_str(), rows[2].filters.clone(), rows[2].outcome.clone()),
        ("old", json!([1]), None)
    );
    assert_eq!(store.history_recent(1).await.unwrap().len(), 1);
}

async fn the_first_upstream_wins_whoever_asks_at_once(db: Db) {
    let store = db.open().await;
    assert_eq!(store.upstream().await.unwrap(), None);
    let claims: Vec<_> = (0..8)
        .map(|n| {
            let options = db.options();
            tokio::spawn(async move {
                let store = Store::connect(&options).await.unwrap();
                let name = format!("upstream-{n}");
                (store.claim_upstream(&name).await, name)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for claim in claims {
        match claim.await.unwrap() {
            (Ok(()), name) => winners.push(name),
            (Err(StoreError::OtherUpstream { wanted, .. }), name) => assert_eq!(wanted, name),
            (Err(error), _) => panic!("{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(store.upstream().await.unwrap().as_ref(), winners.first());
    store.claim_upstream(&winners[0]).await.unwrap();
    let error = store.claim_upstream("demo").await.unwrap_err();
    assert!(error.to_string().contains(&winners[0]) && error.to_string().contains("demo"), "{error}");
}
