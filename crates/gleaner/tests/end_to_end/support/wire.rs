//! What may stand between the program and a PostgreSQL server: a wire that can be cut, or a transaction pooler.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::Db;

/// A wire to the real server: it can fall silent, or be cut.
pub(crate) struct Wire {
    pub(crate) url: String,
    state: Arc<watch::Sender<State>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Up,
    /// Nothing is carried; what was sent waits.
    Silent,
    /// Every connection is closed, also new ones.
    Cut,
}

impl Wire {
    pub(crate) async fn to(db: &Db) -> Self {
        let target: PgConnectOptions = db.url().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "postgres://{}@127.0.0.1:{}/{}?sslmode=disable",
            target.get_username(),
            listener.local_addr().unwrap().port(),
            target.get_database().unwrap()
        );
        let state = Arc::new(watch::Sender::new(State::Up));
        let states = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *states.borrow() == State::Cut {
                    continue;
                }
                let (target, states) = (target.clone(), (states.subscribe(), states.subscribe()));
                tokio::spawn(async move {
                    let client = client.into_split();
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

    pub(crate) fn silence(&self) {
        self.state.send_replace(State::Silent);
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Up);
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut states: watch::Receiver<State>,
) {
    let mut cut = states.clone();
    let work = async {
        let mut bytes = vec![0; 8_192];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            if states.wait_for(|state| *state != State::Silent).await.is_err()
                || to.write_all(&bytes[..count]).await.is_err()
            {
                break;
            }
        }
        // The other end is told, also of half a connection.
        let _ = to.shutdown().await;
    };
    tokio::select! {
        () = work => {}
        _ = cut.wait_for(|state| *state == State::Cut) => {}
    }
}

/// Debian's pgbouncer in transaction mode before the server of a database.
pub(crate) struct Pooler {
    pub(crate) url: String,
    _process: Child,
    _folder: tempfile::TempDir,
}

impl Pooler {
    /// `None`, saying so, where there is no pgbouncer.
    pub(crate) async fn before(db: &Db) -> Option<Self> {
        let Some(program) = program() else {
            gleaner_testkit::skip("pgbouncer is not installed");
            return None;
        };
        let target: PgConnectOptions = db.url().parse().unwrap();
        let folder = tempfile::Builder::new().prefix("gleaner-pool-").tempdir().unwrap();
        // It chooses no port by itself: take a free one, and another should somebody else be faster.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
            let host = match target.get_socket() {
                Some(folder) => folder.display().to_string(),
                None => target.get_host().to_owned(),
            };
            let settings = format!(
                "[databases]\n* = host={host} port={} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
                 default_pool_size = 4\nmax_client_conn = 200\n",
                target.get_port(),
                target.get_username()
            );
            let file = folder.path().join("pgbouncer.ini");
            std::fs::write(&file, settings).unwrap();
            let mut process = command(&program, &target, &folder)
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            if listens(port, &mut process).await {
                let database = target.get_database().unwrap();
                let url = format!(
                    "postgres://{}@127.0.0.1:{port}/{database}?sslmode=disable",
                    target.get_username()
                );
                return Some(Self { url, _process: process, _folder: folder });
            }
        }
        panic!("pgbouncer does not start");
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("pgbouncer")).find(|file| file.is_file())
}

/// It does not run as root, and must be let into the folder of the server's socket: root starts it as that folder's
/// owner.
fn command(program: &PathBuf, target: &PgConnectOptions, folder: &tempfile::TempDir) -> Command {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let root = std::fs::metadata(folder.path()).unwrap().uid() == 0;
    let owner = target.get_socket().map(|socket| std::fs::metadata(socket).unwrap());
    let (user, group) = owner.map_or((65_534, 65_534), |owner| (owner.uid(), owner.gid()));
    if !root {
        return Command::new(program);
    }
    chown(folder.path(), Some(user), Some(group)).unwrap();
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups"]).arg(program);
    command
}

async fn listens(port: u16, process: &mut Child) -> bool {
    while process.try_wait().unwrap().is_none() {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
