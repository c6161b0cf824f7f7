//! Where PostgreSQL's server programs are on this machine.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::output_of;
use crate::workspace;

/// Where Debian and Ubuntu keep the server, one folder per major version, outside `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The first folder that holds both `initdb` and `postgres`, or nothing when no server is installed.
///
/// `PG_BIN` is an order, not a hint: when it is set and holds no server, that is an error.
pub(super) fn installed() -> Result<Option<PathBuf>> {
    if let Some(folder) = workspace::setting("PG_BIN").map(PathBuf::from) {
        if !holds_a_server(&folder) {
            bail!("PG_BIN is {}, which does not hold initdb and postgres", folder.display());
        }
        return Ok(Some(folder));
    }
    let places = Places {
        pg_config: output_of(Command::new("pg_config").arg("--bindir")).map(PathBuf::from),
        versions: fs::read_dir(DEBIAN)
            .map(|entries| entries.flatten().map(|entry| entry.file_name()).collect())
            .unwrap_or_default(),
        path: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(),
    };
    Ok(places.in_order().into_iter().find(|folder| holds_a_server(folder)))
}

/// `pg_config` alone proves nothing: it comes with the client's library too.
pub(super) fn holds_a_server(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

/// What the machine says about where a server may be.
struct Places {
    pg_config: Option<PathBuf>,
    versions: Vec<OsString>,
    path: Vec<PathBuf>,
}

impl Places {
    /// The folders to look into, best first: what `pg_config` names, Debian's from the newest, `PATH`.
    fn in_order(self) -> Vec<PathBuf> {
        let mut versions: Vec<(u32, OsString)> = self
            .versions
            .into_iter()
            .filter_map(|name| Some((name.to_str()?.split('.').next()?.parse().ok()?, name)))
            .collect();
        versions.sort();
        let debian = versions.into_iter().rev().map(|(_, name)| Path::new(DEBIAN).join(name).join("bin"));
        self.pg_config.into_iter().chain(debian).chain(self.path).collect()
    }
}

/// The variables that would lead PostgreSQL's programs and clients away from the private cluster.
pub(crate) fn client_variables() -> impl Iterator<Item = OsString> {
    env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(is_client_variable))
}

/// libpq's variables are `PG` and a word; `PG_BIN` and the like are somebody else's.
fn is_client_variable(name: &str) -> bool {
    name.strip_prefix("PG").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::{Places, holds_a_server, is_client_variable};
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn pg_config_comes_first_then_the_newest_debian_version_then_path() {
        let places = Places {
            pg_config: Some("/opt/pg/bin".into()),
            versions: ["9.6", "15", "17", "common"].into_iter().map(Into::into).collect(),
            path: vec!["/usr/local/bin".into(), "/usr/bin".into()],
        };
        let expected: Vec<PathBuf> = [
            "/opt/pg/bin",
            "/usr/lib/postgresql/17/bin",
            "/usr/lib/postgresql/15/bin",
            "/usr/lib/postgresql/9.6/bin",
            "/usr/local/bin",
            "/usr/bin",
        ]
        .into_iter()
        .map(Into::into)
        .collect();
        assert_eq!(places.in_order(), expected);
    }

    #[test]
    fn a_folder_with_only_the_client_is_not_a_server() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("initdb"), "")?;
        assert!(!holds_a_server(folder.path()));
        fs::write(folder.path().join("postgres"), "")?;
        assert!(holds_a_server(folder.path()));
        Ok(())
    }

    #[test]
    fn settings_of_another_server_do_not_reach_the_private_cluster() {
        for of_libpq in ["PGHOST", "PGPORT", "PGPASSWORD", "PGOPTIONS"] {
            assert!(is_client_variable(of_libpq), "{of_libpq}");
        }
        for other in ["PG_BIN", "PG", "PAGER"] {
            assert!(!is_client_variable(other), "{other}");
        }
    }
}
