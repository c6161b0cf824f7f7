//! Channels, deliveries and alerts: what people are told is handed out once, and every attempt is on record.

use gleaner_store::{AlertRow, AttemptRow, ChannelRow, DeliveryRow, NoticePut, Write};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Db, at};

conformance!(
    a_channel_is_kept_changed_and_removed_and_names_are_unique,
    notices_are_handed_out_once_whoever_does_it,
    a_delivery_is_due_in_its_time_and_keeps_its_attempts,
    removing_a_channel_drops_what_waits_and_keeps_its_log,
    an_alert_is_kept_with_what_is_told_about_it,
);

fn channel(name: &str) -> ChannelRow {
    ChannelRow {
        id: Uuid::now_v7().to_string(),
        name: name.to_owned(),
        document: json!({"kind": "ntfy", "url": "https://ntfy.sh/x"}),
        secrets: json!({"token": "tk"}),
        enabled: true,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn delivery(channel: &str, due: i64, notices: &[String]) -> DeliveryRow {
    DeliveryRow {
        id: Uuid::now_v7().to_string(),
        channel_id: channel.to_owned(),
        state: "waiting".to_owned(),
        trial: false,
        notices: notices.to_vec(),
        message: None,
        attempts: 0,
        created_at: at(0),
        due_at: at(due),
        delivered_at: None,
    }
}

fn notice(kind: &str, minutes: i64) -> NoticePut {
    NoticePut {
        id: Uuid::now_v7(),
        at: at(minutes),
        kind: kind.to_owned(),
        subject: "s".to_owned(),
        text: String::new(),
        payload: json!({}),
    }
}

async fn a_channel_is_kept_changed_and_removed_and_names_are_unique(db: Db) {
    let store = db.open().await;
    let (first, second) = (channel("phone"), channel("desk"));
    assert!(store.put_channel(&first).await.unwrap());
    assert!(store.put_channel(&second).await.unwrap());
    assert!(!store.put_channel(&channel("phone")).await.unwrap());
    assert_eq!(store.channels().await.unwrap(), [second.clone(), first.clone()]);
    let changed =
        ChannelRow { enabled: false, name: "mobile".to_owned(), updated_at: at(9), ..first.clone() };
    assert!(store.put_channel(&changed).await.unwrap());
    assert_eq!(store.channels().await.unwrap(), [second.clone(), changed]);
    assert!(store.remove_channel(&first.id).await.unwrap());
    assert!(!store.remove_channel(&first.id).await.unwrap());
    assert_eq!(store.channels().await.unwrap(), [second]);
}

async fn notices_are_handed_out_once_whoever_does_it(db: Db) {
    let store = db.open().await;
    let all = [notice("run.done", 0), notice("alert.raised", 1)];
    store.commit(&all.clone().map(Write::Notice)).await.unwrap();
    let ids = all.map(|one| one.id.to_string()).to_vec();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (store, ids) = (store.clone(), ids.clone());
            tokio::spawn(async move {
                let copies = [delivery("c", 5, &ids), delivery("d", 5, &ids)];
                store.hand_out(&ids, &copies, at(3)).await.unwrap()
            })
        })
        .collect();
    let mut handed = 0;
    for task in tasks {
        handed += u32::from(task.await.unwrap());
    }
    assert_eq!(handed, 1);
    assert_eq!(db.count("gleaner_notify_delivery").await, 2);
    assert!(store.notices_to_hand_out(9).await.unwrap().is_empty());
    assert_eq!(store.notices(&ids).await.unwrap()[0].handed_out_at, Some(at(3)));
    assert_eq!(store.notices_of("run", 9).await.unwrap().len(), 1);
}

async fn a_delivery_is_due_in_its_time_and_keeps_its_attempts(db: Db) {
    let store = db.open().await;
    let mut one = delivery("c", 5, &["n".to_owned()]);
    store.put_deliveries(&[one.clone()], None).await.unwrap();
    assert!(store.deliveries_due(at(4), 9).await.unwrap().is_empty());
    assert_eq!(store.deliveries_due(at(5), 9).await.unwrap(), [one.clone()]);
    assert_eq!(store.deliveries_gathering().await.unwrap(), [one.clone()]);
    let attempt = |minutes, status, error: Option<&str>| AttemptRow {
        id: Uuid::now_v7().to_string(),
        delivery_id: one.id.clone(),
        at: at(minutes),
        status,
        error_code: error.map(str::to_owned),
        error: error.map(str::to_owned),
        milliseconds: 12,
    };
    let (failed, passed) = (attempt(5, None, Some("timeout")), attempt(6, Some(204), None));
    one.attempts = 1;
    one.due_at = at(6);
    one.message = Some(json!({"subject": "s"}));
    store.put_deliveries(&[one.clone()], Some(&failed)).await.unwrap();
    assert!(store.deliveries_gathering().await.unwrap().is_empty(), "its words are fixed");
    one.attempts = 2;
    "delivered".clone_into(&mut one.state);
    one.delivered_at = Some(at(6));
    store.put_deliveries(&[one.clone()], Some(&passed)).await.unwrap();
    assert!(store.deliveries_due(at(60), 9).await.unwrap().is_empty());
    assert_eq!(store.deliveries_of("c", 9).await.unwrap(), [one.clone()]);
    assert_eq!(store.attempts_of(&[one.id.clone()]).await.unwrap(), [failed, passed]);
    assert_eq!(store.delivered_since("c", at(6)).await.unwrap(), 1);
    assert_eq!(store.delivered_since("c", at(7)).await.unwrap(), 0);
    assert_eq!(store.delivered_since("d", at(0)).await.unwrap(), 0);
}

async fn removing_a_channel_drops_what_waits_and_keeps_its_log(db: Db) {
    let store = db.open().await;
    let one = channel("phone");
    store.put_channel(&one).await.unwrap();
    store.put_deliveries(&[delivery(&one.id, 0, &[])], None).await.unwrap();
    store.remove_channel(&one.id).await.unwrap();
    assert!(store.deliveries_due(at(9), 9).await.unwrap().is_empty());
    assert_eq!(store.deliveries_of(&one.id, 9).await.unwrap()[0].state, "dropped");
}

async fn an_alert_is_kept_with_what_is_told_about_it(db: Db) {
    let store = db.open().await;
    let mut alert = AlertRow {
        id: Uuid::now_v7().to_string(),
        kind: "tokens_low".to_owned(),
        subject: String::new(),
        message: "12 tokens left".to_owned(),
        measured: 12.0,
        threshold: 50.0,
        raised_at: at(1),
        seen_at: at(1),
        cleared_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        silenced_until: None,
    };
    store.put_alerts(&[alert.clone()], &[notice("tokens.low", 1)]).await.unwrap();
    assert_eq!(store.alerts_open().await.unwrap(), [alert.clone()]);
    assert_eq!(store.notices_to_hand_out(9).await.unwrap().len(), 1);
    alert.acknowledged_at = Some(at(2));
    alert.acknowledged_by = Some("ann".to_owned());
    alert.silenced_until = Some(at(90));
    alert.cleared_at = Some(at(3));
    alert.measured = 80.0;
    store.put_alerts(&[alert.clone()], &[]).await.unwrap();
    assert!(store.alerts_open().await.unwrap().is_empty());
    assert_eq!(store.alerts_recent(9).await.unwrap(), [alert.clone()]);
    assert_eq!(store.alert(&alert.id).await.unwrap(), Some(alert));
    assert_eq!(store.alert("nobody").await.unwrap(), None);
}
