//! Licences, sources and duplicates of the dependencies, by cargo-deny and `deny.toml`.
//!
//! Its check of advisories is left to machines that reach the advisory database: `cargo deny check advisories`.

use std::process::Command;

use anyhow::Result;

use crate::command::succeeds;
use crate::{tools, workspace};

const VERSION: &str = "0.20.2";

pub(super) fn check() -> Result<bool> {
    let program = tools::installed("cargo-deny", VERSION)?;
    succeeds(Command::new(program).current_dir(workspace::root()).args([
        "--workspace",
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))
}
