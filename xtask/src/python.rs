//! Programs from `PyPI` that chores call, each set in an environment of its own in the build folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{apt_install, can_apt, must, succeeds};
use crate::workspace;

/// An environment with exactly these packages (`name==version`), and where its programs are.
pub(crate) fn environment(packages: &[&str]) -> Result<PathBuf> {
    let name = packages.join("-").replace(['=', '.'], "_");
    let folder = workspace::target().join("python").join(name);
    let (programs, done) = (folder.join("bin"), folder.join("complete"));
    if done.exists() {
        return Ok(programs);
    }
    create(&folder).context("no Python environment: install python3 with venv")?;
    let pip = programs.join("pip");
    must(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
    fs::write(done, "")?;
    Ok(programs)
}

fn create(folder: &Path) -> Result<()> {
    // Debian keeps the means for it in a package of their own.
    let attempt = || succeeds(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder));
    if attempt().unwrap_or(false) {
        return Ok(());
    }
    if can_apt() {
        apt_install(&["python3", "python3-venv"])?;
    }
    must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
}
