//! Getting the identity provider that some tests log in through: a package of npm, into the build folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{output_of, succeeds};
use crate::workspace;

/// The folder that the tests are told.
pub(super) const VARIABLE: &str = "GLEANER_TEST_OIDC_PROVIDER";

/// The newest line that runs on Node 20.
const PACKAGE: &str = "oidc-provider@8.8.1";

/// Installs it, unless it is there; `None`, with a word about it, where that is not possible: the tests are skipped then.
pub(super) fn install() -> Option<PathBuf> {
    let folder = workspace::target().join("xtask").join("oidc-provider");
    if folder.join("node_modules/oidc-provider/package.json").exists() {
        return Some(folder);
    }
    if output_of(Command::new("node").arg("--version")).is_none() {
        eprintln!("there is no Node, the tests of logging in through an identity provider are left out");
        return None;
    }
    if npm(&folder).unwrap_or(false) {
        return Some(folder);
    }
    eprintln!("{PACKAGE} could not be installed by npm, the tests of it are left out");
    None
}

fn npm(folder: &Path) -> anyhow::Result<bool> {
    fs::create_dir_all(folder)?;
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(folder).arg(PACKAGE);
    succeeds(&mut command)
}
