//! What people are to be told is kept with what it tells about, and told later.

use gleaner_store::{NoticePut, Write};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Db, at, history, ledger};

conformance!(
    a_notice_is_committed_with_what_it_tells_about_or_not_at_all,
    the_same_notice_written_twice_is_one,
);

fn notice(minutes: i64) -> NoticePut {
    NoticePut {
        id: Uuid::now_v7(),
        at: at(minutes),
        kind: "run.done".to_owned(),
        subject: "“Books” found 3 picks".to_owned(),
        text: "ROI 40 %".to_owned(),
        payload: json!({"picks": 3}),
    }
}

async fn a_notice_is_committed_with_what_it_tells_about_or_not_at_all(db: Db) {
    let store = db.open().await;
    let mut unusable = ledger("scoring", 1, Some(2), None);
    unusable.purpose = "x".repeat(51);
    let refused = store.commit(&[Write::Notice(notice(1)), Write::Ledger(unusable)]).await;
    assert_eq!(refused.unwrap_err().code(), "database_value_invalid");
    assert!(store.notices_to_hand_out(9).await.unwrap().is_empty());

    let (late, early) = (notice(5), notice(2));
    let id = Uuid::now_v7();
    store
        .commit(&[Write::History(history(id, 2)), Write::Notice(late.clone()), Write::Notice(early.clone())])
        .await
        .unwrap();
    let waiting = store.notices_to_hand_out(9).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|row| row.id.clone()).collect();
    assert_eq!(ids, [early.id.to_string(), late.id.to_string()]);
    assert_eq!((&waiting[0].subject, &waiting[0].payload), (&early.subject, &early.payload));
    assert_eq!((waiting[0].at, waiting[0].handed_out_at), (at(2), None));
    assert_eq!(store.notices_recent(1).await.unwrap()[0].id, late.id.to_string());
}

async fn the_same_notice_written_twice_is_one(db: Db) {
    let store = db.open().await;
    let one = notice(0);
    let changed = NoticePut { subject: "something else".to_owned(), ..one.clone() };
    store.commit(&[Write::Notice(one.clone()), Write::Notice(one.clone())]).await.unwrap();
    store.commit(&[Write::Notice(changed)]).await.unwrap();
    let rows = store.notices_recent(9).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].subject, one.subject);
}
