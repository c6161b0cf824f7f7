//! Accounts change all or nothing, one change after the other; what lets somebody in is found and forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gleaner_store::{ApiTokenRow, AuditPut, SessionPut, UserChange, UserRow};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Db, at};

conformance!(
    a_change_that_is_refused_changes_nothing,
    changes_of_two_processes_see_each_other,
    a_session_and_an_api_token_are_found_with_their_account_until_it_is_gone,
    the_audit_log_is_read_backwards_in_pages,
);

fn user(name: &str) -> UserRow {
    UserRow {
        id: Uuid::now_v7().to_string(),
        name: name.to_owned(),
        role: "member".to_owned(),
        password_hash: Some("hash".to_owned()),
        subject: None,
        created_at: at(0),
        disabled_at: None,
        login_at: None,
    }
}

fn note(action: &str) -> AuditPut {
    AuditPut {
        id: Uuid::now_v7(),
        at: at(1),
        actor_id: None,
        actor: "anna".to_owned(),
        action: action.to_owned(),
        subject: Some("ben".to_owned()),
        detail: Some(json!({"from": "viewer"})),
        source: "manual".to_owned(),
        address: None,
    }
}

async fn a_change_that_is_refused_changes_nothing(db: Db) {
    let store = db.open().await;
    assert!(!store.has_users().await.unwrap());
    let refused: Result<(), &str> =
        store.change_users(|all| Err(if all.is_empty() { "no" } else { "?" })).await.unwrap();
    assert_eq!(refused, Err("no"));
    // The second of two writes is impossible: neither is done.
    let twice =
        |_: &[UserRow]| Ok::<_, ()>((vec![UserChange::Add(user("ben")), UserChange::Add(user("ben"))], ()));
    assert!(store.change_users(twice).await.is_err());
    assert!(!store.has_users().await.unwrap());
    let ben = user("ben");
    let add =
        |_: &[UserRow]| Ok::<_, ()>((vec![UserChange::Add(ben.clone()), UserChange::Note(note("add"))], ()));
    store.change_users(add).await.unwrap().unwrap();
    assert_eq!(store.user_named("ben").await.unwrap(), Some(ben));
    assert_eq!(store.audit(None, 9).await.unwrap().len(), 1);
}

async fn changes_of_two_processes_see_each_other(db: Db) {
    let stores = [db.open().await, db.connect().await];
    let added = Arc::new(AtomicUsize::new(0));
    let askers = (0..10).map(|n| {
        let (store, added) = (stores[n % 2].clone(), added.clone());
        async move {
            let only_the_first = |all: &[UserRow]| {
                let first = all.is_empty().then(|| UserChange::Add(user(&format!("user{n}"))));
                first.map(|change| (vec![change], ())).ok_or(())
            };
            let done = store.change_users(only_the_first).await.unwrap();
            added.fetch_add(usize::from(done.is_ok()), Ordering::SeqCst);
        }
    });
    for task in askers.map(tokio::spawn).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(added.load(Ordering::SeqCst), 1);
    assert_eq!(db.count("gleaner_user").await, 1);
}

async fn a_session_and_an_api_token_are_found_with_their_account_until_it_is_gone(db: Db) {
    let store = db.open().await;
    let ben = user("ben");
    store.change_users(|_| Ok::<_, ()>((vec![UserChange::Add(ben.clone())], ()))).await.unwrap().unwrap();
    let session = SessionPut {
        id: "a".repeat(64),
        user_id: ben.id.clone(),
        created_at: at(1),
        expires_at: at(100),
        address: Some("192.0.2.1".to_owned()),
        client: Some("browser".repeat(100)),
    };
    store.put_session(&session).await.unwrap();
    let token = ApiTokenRow {
        id: Uuid::now_v7().to_string(),
        user_id: ben.id.clone(),
        name: "nightly".to_owned(),
        scope: "viewer".to_owned(),
        hash: "b".repeat(64),
        beginning: "gleaner_abcdef".to_owned(),
        created_at: at(2),
        expires_at: None,
        used_at: None,
    };
    store.put_api_token(&token, &note("token")).await.unwrap();
    let found = store.session_login(&session.id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.scope, found.expires_at), ("ben", None, Some(at(100))));
    store.touch_api_token(&token.id, at(5)).await.unwrap();
    let found = store.api_token_login(&token.hash).await.unwrap().unwrap();
    assert_eq!(
        (found.scope.as_deref(), found.used_at, found.expires_at),
        (Some("viewer"), Some(at(5)), None)
    );
    assert_eq!(store.api_tokens(Some(&ben.id)).await.unwrap()[0].used_at, Some(at(5)));
    assert_eq!(store.user_named("ben").await.unwrap().unwrap().login_at, Some(at(1)));
    assert_eq!(store.purge_sessions(at(99), at(0)).await.unwrap(), 0);
    let gone = vec![
        UserChange::EndSessions { id: ben.id.clone(), but: None },
        UserChange::Remove { id: ben.id.clone() },
    ];
    store.change_users(|_| Ok::<_, ()>((gone, ()))).await.unwrap().unwrap();
    assert_eq!(store.session_login(&session.id).await.unwrap(), None);
    assert_eq!(store.api_token_login(&token.hash).await.unwrap(), None);
    assert_eq!(db.count("gleaner_api_token").await, 0);
}

async fn the_audit_log_is_read_backwards_in_pages(db: Db) {
    let store = db.open().await;
    for n in 0..5 {
        store.put_audit(&note(&format!("act {n}"))).await.unwrap();
    }
    let page = store.audit(None, 2).await.unwrap();
    assert_eq!(page.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["act 4", "act 3"]);
    assert_eq!(page[0].detail.as_deref(), Some(r#"{"from":"viewer"}"#));
    let rest = store.audit(Some(&page[1].id), 9).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["act 2", "act 1", "act 0"]);
}
