//! The same thing is worked on once, and by somebody else when its worker dies.

use std::time::Duration;

use uuid::Uuid;

use crate::support::Db;

conformance!(
    of_fifty_callers_one_has_each_key,
    a_lease_that_ran_out_passes_to_exactly_one,
    a_flight_taken_before_the_clock_was_put_back_has_ended,
    renewing_keeps_a_flight,
    releasing_frees_only_ones_own,
    hundreds_of_keys_are_one_call,
    many_keys_in_any_order_never_deadlock,
    a_key_that_does_not_fit_is_refused,
);

const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(200);

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("product:1:B{n:09}")).collect()
}

async fn of_fifty_callers_one_has_each_key(db: Db) {
    let stores = [db.open().await, db.connect().await];
    let callers: Vec<_> = (0..50)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move { store.flights_acquire(&keys(5), Uuid::now_v7(), LONG).await.unwrap() })
        })
        .collect();
    let mut owned = Vec::new();
    for caller in callers {
        owned.extend(caller.await.unwrap());
    }
    owned.sort();
    assert_eq!(owned, keys(5));
    assert_eq!(stores[0].flights_held(&keys(7), LONG).await.unwrap(), keys(5));
}

async fn a_lease_that_ran_out_passes_to_exactly_one(db: Db) {
    let store = db.open().await;
    let dead = Uuid::now_v7();
    assert_eq!(store.flights_acquire(&keys(2), dead, SHORT).await.unwrap(), keys(2));
    tokio::time::sleep(SHORT * 2).await;
    assert!(store.flights_held(&keys(2), LONG).await.unwrap().is_empty());
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.flights_acquire(&keys(2), Uuid::now_v7(), LONG).await.unwrap() })
        })
        .collect();
    let mut owned = Vec::new();
    for caller in callers {
        owned.extend(caller.await.unwrap());
    }
    owned.sort();
    assert_eq!(owned, keys(2));
    // The one who was thought dead finds out, and takes nothing away.
    assert_eq!(store.flights_renew(dead, LONG).await.unwrap(), 0);
    store.flights_release(dead, &keys(2)).await.unwrap();
    assert_eq!(store.flights_held(&keys(2), LONG).await.unwrap(), keys(2));
}

async fn a_flight_taken_before_the_clock_was_put_back_has_ended(db: Db) {
    let store = db.open().await;
    let (dead, other) = (Uuid::now_v7(), Uuid::now_v7());
    // So it looks when the clock was three days ahead.
    let days = Duration::from_hours(72);
    store.flights_acquire(&keys(2), dead, days + LONG).await.unwrap();
    assert!(store.flights_held(&keys(2), LONG).await.unwrap().is_empty());
    assert_eq!(store.flights_acquire(&keys(1), other, LONG).await.unwrap(), keys(1));
    assert_eq!(store.flights_held(&keys(2), LONG).await.unwrap(), keys(1));
    // Some seconds are no reason to take it from somebody.
    store.flights_release(other, &keys(1)).await.unwrap();
    store.flights_acquire(&keys(1), dead, LONG + Duration::from_secs(9)).await.unwrap();
    assert!(store.flights_acquire(&keys(1), other, LONG).await.unwrap().is_empty());
    assert_eq!(store.flights_held(&keys(1), LONG).await.unwrap(), keys(1));
}

async fn renewing_keeps_a_flight(db: Db) {
    let store = db.open().await;
    let (owner, other) = (Uuid::now_v7(), Uuid::now_v7());
    store.flights_acquire(&keys(3), owner, SHORT).await.unwrap();
    assert_eq!(store.flights_renew(owner, LONG).await.unwrap(), 3);
    tokio::time::sleep(SHORT * 2).await;
    assert!(store.flights_acquire(&keys(3), other, LONG).await.unwrap().is_empty());
    // Asking again for what one has is welcome, and lasts as long as asked for last.
    assert_eq!(store.flights_acquire(&keys(4), owner, SHORT).await.unwrap(), keys(4));
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(store.flights_acquire(&keys(4), other, LONG).await.unwrap(), keys(4));
}

async fn releasing_frees_only_ones_own(db: Db) {
    let store = db.open().await;
    let (owner, other) = (Uuid::now_v7(), Uuid::now_v7());
    store.flights_acquire(&keys(3), owner, LONG).await.unwrap();
    store.flights_release(other, &keys(3)).await.unwrap();
    assert_eq!(store.flights_held(&keys(3), LONG).await.unwrap(), keys(3));
    store.flights_release(owner, &keys(2)).await.unwrap();
    assert_eq!(store.flights_held(&keys(3), LONG).await.unwrap(), keys(3)[2..]);
    assert_eq!(store.flights_acquire(&keys(3), other, LONG).await.unwrap(), keys(2));
    assert_eq!(store.flights_renew(owner, LONG).await.unwrap(), 1);
    store.flights_release(owner, &[]).await.unwrap();
    assert!(store.flights_acquire(&[], owner, LONG).await.unwrap().is_empty());
    assert!(store.flights_held(&[], LONG).await.unwrap().is_empty());
}

async fn hundreds_of_keys_are_one_call(db: Db) {
    let store = db.open().await;
    let (owner, other) = (Uuid::now_v7(), Uuid::now_v7());
    let mut twice = keys(333);
    twice.extend(keys(100));
    assert_eq!(store.flights_acquire(&twice, owner, LONG).await.unwrap(), keys(333));
    assert_eq!(store.flights_held(&twice, LONG).await.unwrap(), keys(333));
    assert_eq!(store.flights_acquire(&keys(335), other, LONG).await.unwrap(), keys(335)[333..]);
    assert_eq!(store.flights_renew(owner, LONG).await.unwrap(), 333);
    store.flights_release(owner, &twice).await.unwrap();
    assert_eq!(store.flights_held(&twice, LONG).await.unwrap().len(), 0);
}

async fn many_keys_in_any_order_never_deadlock(db: Db) {
    let stores = [db.open().await, db.connect().await];
    let callers: Vec<_> = (0..8_usize)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                let owner = Uuid::now_v7();
                for round in 0..15 {
                    let mut keys = keys(70);
                    keys.rotate_left((n * 13 + round * 7) % 70);
                    if n % 3 == 0 {
                        keys.reverse();
                    }
                    let lease = if round % 2 == 0 { LONG } else { Duration::from_millis(1) };
                    let mine = store.flights_acquire(&keys, owner, lease).await.unwrap();
                    store.flights_renew(owner, lease).await.unwrap();
                    store.flights_held(&keys, LONG).await.unwrap();
                    store.flights_release(owner, &mine).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(stores[0].flights_held(&keys(70), LONG).await.unwrap().is_empty());
    db.no_deadlock(stores).await;
}

async fn a_key_that_does_not_fit_is_refused(db: Db) {
    let store = db.open().await;
    let error = store.flights_acquire(&["k".repeat(256)], Uuid::now_v7(), LONG).await.unwrap_err();
    assert_eq!(error.code(), "database_value_invalid");
    let longest = ["k".repeat(255)];
    assert_eq!(store.flights_acquire(&longest, Uuid::now_v7(), LONG).await.unwrap(), longest);
}
