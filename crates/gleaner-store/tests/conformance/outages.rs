//! Servers that fall silent or restart: a call ends in the time allowed, and costs no error that can be avoided.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gleaner_store::{ConnectOptions, RollbackTo, Store, StoreError, Write};
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

use crate::support::{Db, discovery, discovery_hit};

/// A server that can be made silent, or to drop every connection: a wire to the real one.
struct Wire {
    url: String,
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, Copy, PartialEq)]
struct State {
    silent: bool,
    /// Connections of earlier lives are cut.
    life: u32,
}

impl Wire {
    async fn to(db: &Db) -> Self {
        let target: PgConnectOptions = db.database.url().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "postgres://{}@127.0.0.1:{}/{}?sslmode=disable",
            target.get_username(),
            listener.local_addr().unwrap().port(),
            target.get_database().unwrap()
        );
        let state = Arc::new(watch::Sender::new(State { silent: false, life: 0 }));
        let states = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (client, target) = (client.into_split(), target.clone());
                let states = (states.subscribe(), states.subscribe());
                tokio::spawn(async move {
                    if let Some(folder) = target.get_socket() {
                        let path = folder.join(format!(".s.PGSQL.{}", target.get_port()));
                        let server = UnixStream::connect(path).await.unwrap().into_split();
                        tokio::join!(
                            carry(client.0, server.1, states.0),
                            carry(server.0, client.1, states.1)
                        );
                    } else {
                        let address = (target.get_host().to_owned(), target.get_port());
                        let server = TcpStream::connect(address).await.unwrap().into_split();
                        tokio::join!(
                            carry(client.0, server.1, states.0),
                            carry(server.0, client.1, states.1)
                        );
                    }
                });
            }
        });
        Self { url, state }
    }

    fn set_silent(&self, silent: bool) {
        self.state.send_modify(|state| state.silent = silent);
    }

    fn cut(&self) {
        self.state.send_modify(|state| state.life += 1);
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut states: watch::Receiver<State>,
) {
    let life = states.borrow().life;
    let mut bytes = vec![0; 8_192];
    loop {
        let count = tokio::select! {
            count = from.read(&mut bytes) => count.unwrap_or(0),
            _ = states.wait_for(|state| state.life != life) => 0,
        };
        if count == 0 || states.wait_for(|state| !state.silent || state.life != life).await.is_err() {
            return;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

async fn open(db: &Db, wire: &Wire) -> Store {
    db.open().await.commit(&[Write::PutDiscovery(discovery("k", 0))]).await.unwrap();
    let options = ConnectOptions {
        url: wire.url.clone(),
        acquire_timeout: Duration::from_secs(2),
        statement_timeout: Duration::from_millis(300),
        ..db.options()
    };
    Store::connect(&options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_fails_a_call_in_the_time_allowed() {
    let Some(db) = Db::postgres() else { return };
    let wire = Wire::to(&db).await;
    let store = open(&db, &wire).await;
    store.commit(&[discovery_hit("k")]).await.unwrap();
    wire.set_silent(true);
    for _ in 0..2 {
        let began = Instant::now();
        let error = store.discovery("k").await.unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }) && error.is_transient(), "{error:?}");
        let error = store.commit(&[discovery_hit("k")]).await.unwrap_err();
        assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
    wire.cut();
    wire.set_silent(false);
    let hits = store.discovery("k").await.unwrap().unwrap().hit_count;
    store.commit(&[discovery_hit("k")]).await.unwrap();
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, hits + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let Some(db) = Db::postgres() else { return };
    let wire = Wire::to(&db).await;
    let store = open(&db, &wire).await;
    let holder = db.hold("LOCK TABLE product_discovery_cache").await;
    let began = Instant::now();
    for error in
        [store.discovery("k").await.unwrap_err(), store.commit(&[discovery_hit("k")]).await.unwrap_err()]
    {
        assert!(matches!(error, StoreError::Busy { .. }) && error.is_transient(), "{error:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    drop(holder);
    store.commit(&[discovery_hit("k")]).await.unwrap();
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_may_take_longer_than_a_statement() {
    let Some(db) = Db::postgres() else { return };
    let wire = Wire::to(&db).await;
    let store = open(&db, &wire).await;
    let holder = db.hold("LOCK TABLE gleaner_flight").await;
    let rollback = tokio::spawn({
        let store = store.clone();
        async move { store.rollback(RollbackTo::Version(12)).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!rollback.is_finished());
    drop(holder);
    let reverted = rollback.await.unwrap().unwrap().reverted;
    assert_eq!(reverted.last().unwrap().1, "gleaner_flight");
    assert_eq!(store.migrate().await.unwrap().applied.len(), reverted.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_costs_nobody_an_error() {
    let Some(db) = Db::postgres() else { return };
    let wire = Wire::to(&db).await;
    let store = open(&db, &wire).await;
    for round in 1..=3 {
        // All connections of the pool are in use once, then idle.
        let busy = || {
            (0..16)
                .map(|_| {
                    tokio::spawn({
                        let store = store.clone();
                        async move { store.discovery("k").await.map(drop) }
                    })
                })
                .collect::<Vec<_>>()
        };
        for reader in busy() {
            reader.await.unwrap().unwrap();
        }
        wire.cut();
        tokio::time::sleep(Duration::from_millis(50)).await;
        if round == 2 {
            // The first to notice may also be one who writes: nothing was sent yet.
            store.commit(&[discovery_hit("k")]).await.unwrap();
        }
        for reader in busy() {
            reader.await.unwrap().unwrap();
        }
    }
    assert_eq!(store.discovery("k").await.unwrap().unwrap().hit_count, 1);
}
