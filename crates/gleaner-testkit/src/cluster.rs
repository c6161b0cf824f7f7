//! A private PostgreSQL server: its data and its socket in a temporary folder, no network port, gone with the process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Durability is of no use in a database that lives for a test; the socket is the only way in.
const SETTINGS: &str = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
                        -c max_connections=300";

/// Waits until its standard input is closed, which happens when the process that started it ends, in whatever way;
/// then stops the server and removes the folder.
const WATCHDOG: &str =
    r#"trap '' INT TERM HUP; cat; dir="$1"; shift; "$@" -D "$dir/data" -m immediate stop; rm -rf "$dir""#;

struct Cluster {
    url: String,
    /// Holds the pipe to the watchdog open for as long as this process lives.
    _watchdog: Child,
}

/// The address of the server of this process, started at the first call.
pub(crate) fn url() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let start = || match start() {
        Ok(cluster) => Some(cluster),
        Err(reason) => {
            println!("no private PostgreSQL: {reason}");
            None
        }
    };
    CLUSTER.get_or_init(start).as_ref().map(|cluster| cluster.url.clone())
}

fn start() -> Result<Cluster, String> {
    let bin = programs().ok_or("no initdb was found")?;
    // The path of a socket has at most 107 bytes: the folder's must be short.
    let folder =
        tempfile::Builder::new().prefix("gl-pg-").tempdir_in("/tmp").map_err(|error| error.to_string())?;
    let folder = folder.keep();
    let dir = folder.to_str().ok_or("the folder's name is not UTF-8")?;
    let user = unprivileged()?;
    if let Some((user, group)) = &user {
        run(Command::new("chown").args([&format!("{user}:{group}"), dir]))?;
    }
    let program = |name: &str| {
        let path = bin.join(name).display().to_string();
        match &user {
            None => vec![path],
            Some((user, group)) => [
                "setpriv".to_owned(),
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
                path,
            ]
            .into(),
        }
    };
    let data = folder.join("data").display().to_string();
    let initdb = ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    run(command(&program("initdb"), dir).args(initdb))?;
    let log = folder.join("log").display().to_string();
    let settings = format!("-k {dir} {SETTINGS}");
    run(command(&program("pg_ctl"), dir).args(["-D", &data, "-l", &log, "-w", "-o", &settings, "start"]))?;
    let watchdog = Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog", dir])
        .args(program("pg_ctl"))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("sh: {error}"))?;
    Ok(Cluster { url: format!("postgres:///postgres?host={dir}&user=postgres"), _watchdog: watchdog })
}

/// A command that runs where its user may be.
fn command(words: &[String], dir: &str) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(dir);
    command
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    // `pg_ctl` leaves a server behind that would keep a pipe open: nothing of it is read.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// The folder with `initdb` and `pg_ctl`: what `PG_BIN` names, what `pg_config` says, Debian's newest, or the path.
fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("PG_BIN").map(PathBuf::from);
    let config = output("pg_config", &["--bindir"]).map(PathBuf::from);
    let mut debian: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .collect();
    debian.sort();
    let debian = debian.into_iter().rev().map(|(_, path)| path);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_all = |bin: &Path| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file();
    named.into_iter().chain(config).chain(debian).chain(std::env::split_paths(&path)).find(|bin| has_all(bin))
}

/// PostgreSQL refuses to run as root: the numbers of the user and the group to run it as then, `None` when we are
/// not root.
fn unprivileged() -> Result<Option<(String, String)>, String> {
    if output("id", &["-u"]).as_deref() != Some("0") {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some((output("id", &["-u", name])?, output("id", &["-g", name])?)))
        .map(Some)
        .ok_or_else(|| "running as root, and there is no user postgres or nobody".to_owned())
}

fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
