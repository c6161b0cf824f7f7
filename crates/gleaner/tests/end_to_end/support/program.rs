//! The built program: run to its end, or as a server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::Http;

/// Nothing here takes this long; a program that hangs fails its test instead of stopping all of them.
const PATIENCE: Duration = Duration::from_mins(1);

/// A home folder, and what the program finds in its environment there: nothing of the caller's.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Its JSON; it must have ended with this code.
    #[track_caller]
    pub(crate) fn json(&self, code: i32) -> Value {
        self.ended(code);
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn ended(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// It must have been refused as the user's mistake, with all of these words.
    #[track_caller]
    pub(crate) fn refused(&self, words: &[&str]) {
        self.ended(2);
        assert_eq!(self.stdout, "", "a refusal prints nothing to be taken for an answer");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

impl Home {
    /// No key, no database address: demo mode, in a small marketplace.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("gleaner-home-").tempdir().unwrap();
        let home = folder.path().display().to_string();
        let variables = [
            ("HOME", home.clone()),
            ("XDG_DATA_HOME", format!("{home}/data")),
            ("XDG_CONFIG_HOME", format!("{home}/config")),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".to_owned()),
            ("GLEANER_DEMO_PRODUCTS", "600".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        Self { folder, variables }
    }

    /// The same with another variable.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where demo data goes by default.
    pub(crate) fn demo_database(&self) -> PathBuf {
        self.path().join("data/gleaner/demo.db")
    }

    /// Whether a database was made by default, of whatever kind.
    pub(crate) fn has_data(&self) -> bool {
        self.path().join("data").exists()
    }

    /// Writes a file into the folder where the program is started.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
        command.args(arguments).current_dir(self.path()).env_clear().envs(&self.variables);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// A shell script in the same surroundings.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-e", "-c", script]).current_dir(self.path()).env_clear().envs(&self.variables);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        let output = tokio::time::timeout(PATIENCE, self.command(arguments).output()).await;
        let output = output.unwrap_or_else(|_| panic!("gleaner {arguments:?} hangs")).unwrap();
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the server on a free port.
    pub(crate) async fn serve(&self, arguments: &[&str]) -> Server {
        let mut words = vec!["serve", "--listen", "127.0.0.1:0"];
        words.extend(arguments);
        self.start(self.command(&words)).await
    }

    /// Starts the server with a disk of its own of so many megabytes, which is gone with it: nobody else sees it, but
    /// [`Server::sees`] tells where it is. `None`, saying so, where the system lets nobody mount.
    pub(crate) async fn serve_on_a_small_disk(&self, folder: &Path, megabytes: u32) -> Option<Server> {
        let mount = format!("mount -t tmpfs -o size={megabytes}m tmpfs {}", folder.display());
        let mut trial = self.shell(&format!("unshare -rm sh -e -c '{mount}'"));
        if !trial.stderr(Stdio::null()).status().await.is_ok_and(|status| status.success()) {
            gleaner_testkit::skip("no small disk: `unshare -rm` and `mount -t tmpfs` are not allowed here");
            return None;
        }
        let program = env!("CARGO_BIN_EXE_gleaner");
        let script = format!("{mount}; exec {program} serve --listen 127.0.0.1:0");
        Some(self.start(self.shell(&format!("exec unshare -rm sh -e -c '{script}'"))).await)
    }

    /// Starts the server by a command of one's own.
    pub(crate) async fn start(&self, mut command: Command) -> Server {
        let log = std::fs::File::create(self.path().join("serve.log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap();
        let said = || std::fs::read_to_string(self.path().join("serve.log")).unwrap();
        let first = first.unwrap_or_else(|| panic!("the server did not start: {}", said()));
        let url =
            first.split_whitespace().last().filter(|url| url.starts_with("http://")).unwrap().to_owned();
        // Nobody reads on; the pipe stays open and the few lines fit into it.
        Server { child, http: Http::new(url), lines }
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) http: Http,
    pub(crate) lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

impl Server {
    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Where a file that it sees is for everybody else.
    pub(crate) fn sees(&self, file: &Path) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.id(), file.display()))
    }

    /// Sends it a signal.
    pub(crate) async fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.id().to_string()]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Asks it to end with a signal, and waits until it has; its exit code.
    pub(crate) async fn stop(&mut self, signal: &str) -> Option<i32> {
        self.signal(signal).await;
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the server ends").unwrap().code()
    }

    /// Ends it as a power cut would end the process.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}
