//! The processes that are measured.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A server process; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    _home: tempfile::TempDir,
    _lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

impl Served {
    /// Starts a command that prints an address at the end of its first line.
    async fn start(mut command: Command, home: tempfile::TempDir) -> Result<Self> {
        let shown = command.as_std().get_program().display().to_string();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let line = lines.next_line().await?.with_context(|| format!("{shown} did not start"))?;
        let address = line.rsplit_once("http://").context("no address")?.1.trim().parse()?;
        Ok(Self { child, address, _home: home, _lines: lines })
    }

    /// Gleaner's server.
    pub(crate) async fn gleaner(variables: &[(&str, &str)]) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let mut command = Command::new(gleaner());
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("HOME", home.path())
            .envs(variables.iter().copied())
            .current_dir(home.path())
            .stderr(Stdio::inherit());
        // A message per start would drown the table.
        command.env("GLEANER_LOG", "warn");
        Self::start(command, home).await
    }

    /// The yardstick, over these bytes.
    pub(crate) async fn bare(body: &[u8]) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let file = home.path().join("body");
        std::fs::write(&file, body)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(&file);
        Self::start(command, home).await
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        memory(self.child.id().context("the server ended")?, "VmRSS:")
    }

    /// Ends it as a signal does, and waits.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.child.id().context("the server ended")?.to_string();
        Command::new("kill").arg(&id).status().await?;
        self.child.wait().await?;
        Ok(())
    }
}

/// A line of `/proc/ID/status`, in KiB.
pub(crate) fn memory(process: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// The program: what `GLEANER_BIN` names, else the one beside this one.
fn gleaner() -> PathBuf {
    let beside = || std::env::current_exe().unwrap_or_default().with_file_name("gleaner");
    std::env::var_os("GLEANER_BIN").map_or_else(beside, PathBuf::from)
}
