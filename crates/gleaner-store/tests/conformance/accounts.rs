//! Tokens are promised once, by however many processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gleaner_store::{AccountRow, Reservation, StoreError, Write};
use uuid::Uuid;

use crate::support::{Db, at, ledger};

conformance!(
    the_account_is_what_keepa_told_last,
    fifty_callers_of_two_processes_never_overdraw,
    a_reservation_that_expired_does_not_count_any_more,
    facts_ledger_and_release_are_one_commit,
    a_reservation_under_the_same_id_replaces_itself,
    reserving_and_settling_at_once_always_ends,
);

fn account(balance: i64, read: i64) -> AccountRow {
    AccountRow { balance, read_at: at(read), refill_rate: Some(20), refill_in_ms: Some(41_000) }
}

fn reservation(amount: i64, made: i64) -> Reservation {
    Reservation {
        id: Uuid::now_v7(),
        purpose: "scoring".to_owned(),
        amount,
        made_at: at(made),
        expires_at: at(made + 10),
    }
}

async fn the_account_is_what_keepa_told_last(db: Db) {
    let (store, other) = (db.open().await, db.connect().await);
    assert_eq!(store.account().await.unwrap(), None);
    store.commit(&[Write::Account(account(300, 5))]).await.unwrap();
    assert_eq!(other.account().await.unwrap(), Some(account(300, 5)));
    // An answer that was overtaken on its way.
    other.commit(&[Write::Account(account(311, 4))]).await.unwrap();
    assert_eq!(store.account().await.unwrap(), Some(account(300, 5)));
    let debt = AccountRow { balance: -12, read_at: at(6), refill_rate: None, refill_in_ms: None };
    store.commit(&[Write::Account(debt), Write::Account(account(400, 3))]).await.unwrap();
    assert_eq!(other.account().await.unwrap(), Some(debt));
    store.commit(&[Write::Account(account(7, 8)), Write::Account(account(8, 8))]).await.unwrap();
    assert_eq!(other.account().await.unwrap(), Some(account(8, 8)));
}

async fn fifty_callers_of_two_processes_never_overdraw(db: Db) {
    let stores = [db.open().await, db.connect().await];
    stores[0].commit(&[Write::Account(account(125, 0))]).await.unwrap();
    let most = Arc::new(AtomicI64::new(0));
    let callers: Vec<_> = (0..50)
        .map(|n| {
            let store = stores[n % 2].clone();
            let most = Arc::clone(&most);
            tokio::spawn(async move {
                // 20 are kept for others: 105 may be promised, in tens.
                let decide = |account: Option<&AccountRow>, reserved: i64| {
                    let yes = reserved + 10 <= account.unwrap().balance - 20;
                    most.fetch_max(reserved + if yes { 10 } else { 0 }, Ordering::Relaxed);
                    yes
                };
                store.reserve(&reservation(10, 0), decide).await.unwrap()
            })
        })
        .collect();
    let mut promised = 0;
    for caller in callers {
        promised += i64::from(caller.await.unwrap());
    }
    assert_eq!((promised, most.load(Ordering::Relaxed)), (10, 100));
    assert_eq!(stores[1].reserved(at(0)).await.unwrap(), 100);
    assert_eq!(db.count("gleaner_token_reservation").await, 10);
}

async fn a_reservation_that_expired_does_not_count_any_more(db: Db) {
    let store = db.open().await;
    let nothing_known = |account: Option<&AccountRow>, reserved| account.is_none() && reserved == 0;
    assert!(store.reserve(&reservation(50, 0), nothing_known).await.unwrap());
    assert_eq!(store.reserved(at(9)).await.unwrap(), 50);
    assert_eq!(store.reserved(at(10)).await.unwrap(), 0);
    assert!(!store.reserve(&reservation(5, 9), |_, reserved| reserved != 50).await.unwrap());
    assert!(store.reserve(&reservation(5, 10), |_, reserved| reserved == 0).await.unwrap());
    assert_eq!(db.column("SELECT CAST(amount AS TEXT) FROM gleaner_token_reservation").await, ["5"]);
    // The hourly purge takes what nobody asked about.
    store.purge_expired(at(20), 100).await.unwrap();
    assert_eq!(db.count("gleaner_token_reservation").await, 0);
    let negative = store.reserve(&reservation(-1, 0), |_, _| true).await.unwrap_err();
    assert!(matches!(negative, StoreError::Invalid { field: "amount", .. }), "{negative}");
}

async fn facts_ledger_and_release_are_one_commit(db: Db) {
    let store = db.open().await;
    let (one, other) = (reservation(11, 0), reservation(30, 0));
    for reservation in [&one, &other] {
        assert!(store.reserve(reservation, |_, _| true).await.unwrap());
    }
    let writes = [
        Write::Release { reservation: one.id },
        Write::Release { reservation: Uuid::now_v7() },
        Write::Account(account(289, 1)),
        Write::Ledger(ledger("discovery", 1, Some(11), Some(289))),
    ];
    // Where it fails, the tokens stay promised.
    db.by_hand("ALTER TABLE gleaner_token_ledger RENAME TO away").await;
    store.commit(&writes).await.unwrap_err();
    assert_eq!((store.reserved(at(1)).await.unwrap(), store.account().await.unwrap()), (41, None));
    db.by_hand("ALTER TABLE away RENAME TO gleaner_token_ledger").await;
    store.commit(&writes).await.unwrap();
    assert_eq!(store.reserved(at(1)).await.unwrap(), 30);
    assert_eq!(store.account().await.unwrap().unwrap().balance, 289);
    assert_eq!(store.last_balance().await.unwrap(), Some((289, at(1))));
}

async fn a_reservation_under_the_same_id_replaces_itself(db: Db) {
    let store = db.open().await;
    let mut mine = reservation(10, 0);
    store.reserve(&mine, |_, _| true).await.unwrap();
    store.reserve(&reservation(7, 0), |_, reserved| reserved == 10).await.unwrap();
    mine.amount = 25;
    assert!(store.reserve(&mine, |_, others| others == 7).await.unwrap());
    assert_eq!(store.reserved(at(0)).await.unwrap(), 32);
}

async fn reserving_and_settling_at_once_always_ends(db: Db) {
    let stores = [db.open().await, db.connect().await];
    let callers: Vec<_> = (0..12)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    // All of the former rounds have expired: whoever reserves removes what others are releasing.
                    let now = round * 20;
                    let held: Vec<_> = (0..3).map(|_| reservation(5, now)).collect();
                    for one in &held {
                        assert!(store.reserve(one, |_, _| true).await.unwrap());
                    }
                    let mut writes = vec![
                        Write::Account(account(100 - round, now)),
                        Write::Ledger(ledger("scoring", now, Some(5), Some(100 - round))),
                    ];
                    writes.extend(held.iter().rev().map(|one| Write::Release { reservation: one.id }));
                    store.commit(&writes).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(stores[0].reserved(at(0)).await.unwrap(), 0);
    assert_eq!(stores[0].account().await.unwrap(), Some(account(91, 180)));
    db.no_deadlock(stores).await;
}
